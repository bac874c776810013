//! Who a simulated buyer is.

use super::dialect::Dialect;
use super::temperament::{BidCurve, Temperament};

/// A buyer on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// As in the spec files.
    pub name: String,
    /// The legal name, which consent is given to.
    pub label: String,
    /// How it wants to be spoken to.
    pub dialect: Dialect,
    /// How it behaves.
    pub temperament: Temperament,
    /// What it buys. A request says which by a part of its path: `/b/acme/solar/ping`; else it is the first.
    pub buys: Vec<Appetite>,
}

/// What a buyer pays for one lead type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appetite {
    /// The name of the lead type.
    pub lead_type: String,
    /// Where the price comes from.
    pub price: Pricing,
}

/// Where the price of a sale comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pricing {
    /// From a bid.
    Bids(BidCurve),
    /// Agreed beforehand, in cents: the buyer takes posts without a ping, and a ping only learns whether it wants the lead.
    Standing(i64),
}

impl Profile {
    /// What a request to this path is about. A profile that buys nothing has none.
    pub(crate) fn appetite(&self, path: &str) -> Option<&Appetite> {
        let named = self
            .buys
            .iter()
            .find(|appetite| path.split('/').any(|part| part == appetite.lead_type));
        named.or_else(|| self.buys.first())
    }
}
