//! What a source is told about its ping.

use outcry_core::id::QuoteId;
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};

/// The answer to a ping.
#[derive(Clone, Debug, PartialEq)]
pub struct QuoteAnswer {
    /// Names the auction; `explain` takes it.
    pub quote: QuoteId,
    /// What is promised, or nothing if nobody wants the lead.
    pub offer: Option<Offer>,
    /// In which currency.
    pub currency: Currency,
    /// Was it a test?
    pub test: bool,
}

/// What is promised for a ping.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What the source gets if the lead is sold.
    pub payout: Money,
    /// Until when.
    pub expires: Moment,
    /// How long that is, in whole seconds.
    pub expires_seconds: u32,
    /// To be sent with the post, once.
    pub token: String,
}
