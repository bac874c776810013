//! What a source is told about its ping.

use outcry_core::id::{BuyerName, QuoteId};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// The answer to a ping.
#[derive(Clone, Debug, PartialEq)]
pub struct QuoteAnswer {
    /// Names the auction; `explain` takes it.
    pub quote: QuoteId,
    /// What is promised, or nothing if nobody wants the lead.
    pub offer: Option<Offer>,
    /// In which currency.
    pub currency: Currency,
    /// Is there no offer because the person came before?
    pub duplicate: bool,
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
    /// The sellers that would have the lead, best first, to be shown to the person before it consents.
    pub sellers: Vec<Seller>,
}

/// A seller as a page may show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// What the post calls it: `buyer_ref`.
    pub buyer: BuyerName,
    /// Its legal name.
    pub name: Arc<str>,
}
