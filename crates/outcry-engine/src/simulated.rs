//! The simulator that stands in for a buyer without a test address when a lead is a test: it bids and accepts, and
//! nothing leaves this machine.

use crate::ports::chance::Chance;
use outcry_core::bid::Bid;
use outcry_core::money::Money;
use outcry_core::price::{Deal, Priced};
use outcry_core::verdict::{Acceptance, Verdict};

/// What a contract offers for a test lead: its agreed prices, or a bid above the floor.
pub(crate) fn bids(priced: &Priced<'_>, deal: &Deal, chance: &dyn Chance) -> Vec<Bid> {
    let cents = i64::try_from(chance.bits() % 2_000).unwrap_or(0) + 1;
    let wanted = deal.floor + Money::from_cents(cents);
    let price = deal.ceiling.map_or(wanted, |ceiling| wanted.min(ceiling));
    priced.offers(Bid {
        id: Some("simulated".into()),
        ..Bid::at(price)
    })
}

/// The verdict on a test lead.
pub(crate) fn verdict() -> Verdict {
    Verdict::Accepted(Acceptance {
        price: None,
        reference: Some("simulated".into()),
        redirect_url: None,
    })
}
