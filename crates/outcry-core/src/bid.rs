//! A bid: what one buyer offers for one lead.

use crate::money::{Currency, Money};
use std::sync::Arc;

/// One offer out of one answer; a buyer may make several at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Bid {
    /// The buyer's own id for it, echoed in the post. A secret of the two parties: not shown to sources.
    pub id: Option<Arc<str>>,
    /// What the buyer would pay. `None` where the contract fixes the price.
    pub price: Option<Money>,
    /// The currency the answer names; `None` means the campaign's.
    pub currency: Option<Currency>,
    /// The company the person would be told about, where the answer names one.
    pub buyer_name: Option<Arc<str>>,
    /// Does the buyer want the lead for itself alone? `None` where the answer does not say.
    pub exclusive: Option<bool>,
    /// How long the offer stands, where the answer says.
    pub expires_seconds: Option<u32>,
    /// Further values of the answer that the post must repeat, by name.
    pub echo: Vec<(Arc<str>, Arc<str>)>,
    /// What the steps before the bid kept for those behind it, by step and name: `pre_ping.session`, `ping.answer.lot`.
    pub kept: Vec<(Arc<str>, Arc<str>)>,
}

impl Bid {
    /// An offer at a price, with nothing else said.
    pub fn at(price: Money) -> Self {
        Self {
            id: None,
            price: Some(price),
            currency: None,
            buyer_name: None,
            exclusive: None,
            expires_seconds: None,
            echo: Vec::new(),
            kept: Vec::new(),
        }
    }
}
