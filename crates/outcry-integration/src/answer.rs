//! What a buyer answered, as bytes, and what we understand of it.

use crate::kept::Kept;
use outcry_core::bid::Bid;
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// An answer as it came over the wire, already decoded and within its size limit.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// Takes headers and body out; the status stays behind.
    #[must_use]
    pub fn take(&mut self) -> Self {
        Self {
            status: self.status,
            headers: std::mem::take(&mut self.headers),
            body: std::mem::take(&mut self.body),
        }
    }

    /// The first header of a name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What a ping answer means.
#[derive(Clone, Debug, PartialEq)]
pub struct PingReading {
    /// In one word.
    pub outcome: PingOutcome,
    /// The offers; not empty exactly when the outcome is [`PingOutcome::Bid`].
    pub bids: Vec<Bid>,
    /// The buyer's id for the ping as a whole; present on some refusals too.
    pub bid_id: Option<Arc<str>>,
    /// The buyer's words, shortened.
    pub reason: Option<Arc<str>>,
    /// What was noteworthy: a fallback taken, an unknown word met.
    pub notes: Vec<String>,
}

/// A ping answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingOutcome {
    /// The buyer offers something.
    Bid,
    /// It does not want the lead.
    NoBid,
    /// It knows the person already.
    Duplicate,
    /// An error, or nothing we can read.
    Error,
}

/// What a post answer means.
#[derive(Clone, Debug, PartialEq)]
pub struct PostReading {
    /// In one word.
    pub outcome: PostOutcome,
    /// The price the answer names.
    pub price: Option<Money>,
    /// The currency it names for that price; `None` means the campaign's.
    pub currency: Option<Currency>,
    /// The buyer's id for the lead.
    pub reference: Option<Arc<str>>,
    /// Where the person should be sent next.
    pub redirect_url: Option<Arc<str>>,
    /// The buyer's words, shortened.
    pub reason: Option<Arc<str>>,
    /// What was noteworthy.
    pub notes: Vec<String>,
    /// What a completion, a poll or a notice may repeat; only of good news.
    pub kept: Kept,
}

/// What the answer of a login, of a step before the ping, or to a notice means.
#[derive(Clone, Debug, PartialEq)]
pub struct StepReading {
    /// In one word.
    pub outcome: StepOutcome,
    /// What later steps may repeat.
    pub kept: Kept,
    /// How long a login is good, where it or the file says so.
    pub expires_seconds: Option<u32>,
    /// The buyer's words, shortened.
    pub reason: Option<Arc<str>>,
    /// What was noteworthy.
    pub notes: Vec<String>,
}

/// The answer of such a step in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// The next step may follow.
    Ok,
    /// Before the ping: the buyer does not want the lead.
    NoBid,
    /// Before the ping: it knows the person already.
    Duplicate,
    /// An error, or nothing we can read.
    Error,
}

/// A post answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostOutcome {
    /// The buyer has taken the lead.
    Accepted,
    /// It has read the lead and does not want it.
    Rejected,
    /// It knows the person already.
    Duplicate,
    /// It could not read the lead, and says so: it does not have it.
    Error,
    /// The final word comes later.
    Queued,
    /// Asked about a post, it knows of none: believed once nothing can be on its way any more.
    NotFound,
    /// Nothing we can read: it may have the lead.
    Unknown,
}

impl PingOutcome {
    /// The word used in integration files and by `integration read`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bid => "bid",
            Self::NoBid => "no_bid",
            Self::Duplicate => "duplicate",
            Self::Error => "error",
        }
    }
}

impl StepOutcome {
    /// The word used in integration files and by `integration read`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoBid => "no_bid",
            Self::Duplicate => "duplicate",
            Self::Error => "error",
        }
    }
}

impl StepReading {
    /// Of a step whose file says nothing of the answer.
    pub(crate) fn by_status(status: u16) -> Self {
        let arrived = (200..300).contains(&status);
        Self {
            outcome: if arrived { StepOutcome::Ok } else { StepOutcome::Error },
            kept: Kept::default(),
            expires_seconds: None,
            reason: None,
            notes: if arrived { Vec::new() } else { vec![format!("HTTP {status}")] },
        }
    }

    /// Why it did not go well: the buyer's words, or what we noted.
    pub fn why(&self) -> Arc<str> {
        let noted = || self.notes.first().map_or("the buyer reported an error", String::as_str).into();
        self.reason.clone().unwrap_or_else(noted)
    }
}

impl PostOutcome {
    /// The word used in integration files and by `integration read`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Duplicate => "duplicate",
            Self::Error => "error",
            Self::Queued => "queued",
            Self::NotFound => "not_found",
            Self::Unknown => "unknown",
        }
    }
}
