//! Why a request was not taken. Nothing of it is kept; the source hears what to mend.

use crate::ports::store::StoreFault;
use outcry_core::id::LeadId;
use outcry_core::validate::FieldError;

/// A request that never became a lead or a quote.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// Fields are missing or wrong.
    #[error("{} of the lead's fields cannot be accepted", .0.len())]
    Invalid(Vec<FieldError>),
    /// The source is switched off.
    #[error("this source is paused; ask the operator to switch it on")]
    SourcePaused,
    /// The idempotency key came with another body before.
    #[error("this Idempotency-Key was used for a different body; use a new key for a new request")]
    KeyReused,
    /// The same request is being worked on.
    #[error("the same request is being worked on; ask again in a moment")]
    InFlight {
        /// The lead, if it has an id already.
        lead: Option<LeadId>,
    },
    /// The ping token is not one of ours, or was altered.
    #[error("this ping token was not made here, or was altered; send the token exactly as the ping's answer gave it")]
    TokenForged,
    /// The ping token was given to another source.
    #[error("this ping token was given to another source; post with the key of the source that pinged")]
    TokenOfAnotherSource,
    /// The quote is over.
    #[error("this quote expired at {0}; ping again for a new one")]
    QuoteExpired(outcry_core::moment::Moment),
    /// The quote was redeemed.
    #[error("this quote was redeemed before; each ping token can be posted once")]
    QuoteUsed,
    /// The quote is not known any more, after a restart.
    #[error("this quote is no longer known here, perhaps after a restart; ping again for a new one")]
    QuoteLost,
    /// The post says something else than the ping did.
    #[error("the post differs from the ping in {}; a quote holds only for what was pinged", .0.join(", "))]
    QuoteVoid(Vec<String>),
    /// We are going down.
    #[error("the exchange is shutting down; try again in a moment")]
    Draining,
    /// We are full.
    #[error("as many leads as this exchange takes at once are under way; try again in a moment")]
    Overloaded,
    /// The store could not keep it.
    #[error("the lead could not be kept, so it was not taken; try again in a moment")]
    Store(#[from] StoreFault),
}

impl Denied {
    /// The stable code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_lead",
            Self::SourcePaused => "source_paused",
            Self::KeyReused => "idempotency_key_reused",
            Self::InFlight { .. } => "in_flight",
            Self::TokenForged => "token_forged",
            Self::TokenOfAnotherSource => "token_of_another_source",
            Self::QuoteExpired(_) => "quote_expired",
            Self::QuoteUsed => "quote_used",
            Self::QuoteLost => "quote_lost",
            Self::QuoteVoid(_) => "quote_void",
            Self::Draining => "draining",
            Self::Overloaded => "overloaded",
            Self::Store(_) => "store_unavailable",
        }
    }
}
