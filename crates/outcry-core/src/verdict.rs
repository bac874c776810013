//! What became of one post.

use crate::money::Money;
use std::sync::Arc;

/// The outcome of handing over a full lead.
///
/// A time-out, a reset, a server error and an unreadable 2xx are [`Verdict::Unknown`], never rejected: the buyer
/// may have the lead. Only what provably never left is [`Verdict::NotSent`].
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The buyer has taken the lead.
    Accepted(Acceptance),
    /// The buyer has read the lead and does not want it.
    Rejected {
        /// The buyer's words, shortened and scanned for personal data.
        said: Arc<str>,
        /// The buyer calls it a duplicate.
        duplicate: bool,
    },
    /// Not one byte reached the buyer.
    NotSent {
        /// What stood in the way.
        why: Arc<str>,
    },
    /// The buyer may or may not have the lead.
    Unknown {
        /// What was seen.
        why: Arc<str>,
    },
}

/// What an accepting buyer said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acceptance {
    /// The price of the post answer, where it names one; it may be lower than the bid.
    pub price: Option<Money>,
    /// The buyer's id for the lead.
    pub reference: Option<Arc<str>>,
    /// Where the person should be sent next.
    pub redirect_url: Option<Arc<str>>,
}

impl Acceptance {
    /// With what a later step said; where it is silent, the earlier word stands.
    #[must_use]
    pub fn amended(self, later: Self) -> Self {
        Self {
            price: later.price.or(self.price),
            reference: later.reference.or(self.reference),
            redirect_url: later.redirect_url.or(self.redirect_url),
        }
    }
}

impl Verdict {
    /// The word used in files, the API and metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Rejected { .. } => "rejected",
            Self::NotSent { .. } => "not_sent",
            Self::Unknown { .. } => "unknown",
        }
    }
}
