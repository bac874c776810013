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
    /// How many buyers the exchange has promised at most to give a lead of this type to, itself included.
    pub buyers_max: u32,
}

/// Where the price of a sale comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pricing {
    /// From a bid.
    Bids(BidCurve),
    /// The same, for a lead that nobody else has: each bid says so.
    Alone(BidCurve),
    /// Agreed beforehand, in cents: the buyer takes posts without a ping, and a ping only learns whether it wants the lead.
    Standing(i64),
    /// Whatever the post asks, if the lead is worth that much to it: for price lists by condition, by number of buyers, and for
    /// ladders. A ping only learns whether it wants the lead.
    Asked(BidCurve),
}

impl Pricing {
    /// May nobody else have what it buys?
    pub(crate) const fn alone(self) -> bool {
        matches!(self, Self::Alone(_))
    }
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
