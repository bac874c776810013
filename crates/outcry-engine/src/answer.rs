//! What a source is told about its lead or ping, in the trade's words; HTTP gives it a shape.

use outcry_core::id::LeadId;
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// The answer to a lead or a post. It is saved with the outcome and replayed word for word.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The lead.
    pub lead: LeadId,
    /// What became of it.
    pub status: Status,
    /// What the source gets: zero unless sold.
    pub payout: Money,
    /// In which currency.
    pub currency: Currency,
    /// Where the person should be sent next.
    pub redirect_url: Option<Arc<str>>,
    /// Was it a test?
    pub test: bool,
}

/// What became of a lead, as its source sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Sold.
    Sold,
    /// Not sold, and will not be.
    Unsold,
    /// Not sold: the person came before.
    Duplicate,
    /// Not known yet; the final word follows by postback.
    Pending,
}

impl Status {
    /// The word of the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::Unsold => "unsold",
            Self::Duplicate => "duplicate",
            Self::Pending => "pending",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Sold, Self::Unsold, Self::Duplicate, Self::Pending]
            .into_iter()
            .find(|status| status.word() == word)
    }
}
