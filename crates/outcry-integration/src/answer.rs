//! What a buyer answered, as bytes, and what we understand of it.

use outcry_core::bid::Bid;
use outcry_core::money::Money;
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
    /// The buyer's id for the lead.
    pub reference: Option<Arc<str>>,
    /// Where the person should be sent next.
    pub redirect_url: Option<Arc<str>>,
    /// The buyer's words, shortened.
    pub reason: Option<Arc<str>>,
    /// What was noteworthy.
    pub notes: Vec<String>,
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

impl PostOutcome {
    /// The word used in integration files and by `integration read`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Duplicate => "duplicate",
            Self::Error => "error",
            Self::Queued => "queued",
            Self::Unknown => "unknown",
        }
    }
}
