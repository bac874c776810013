//! The simulator that stands in for a buyer without a test address when a lead is a test: it bids and accepts, and
//! nothing leaves this machine.

use crate::ports::chance::Chance;
use outcry_core::bid::Bid;
use outcry_core::catalog::{Campaign, Contract};
use outcry_core::money::Money;
use outcry_core::price::PriceRule;
use outcry_core::verdict::{Acceptance, Verdict};

/// A bid for a test lead: the agreed price, or something above the floor.
pub(crate) fn bid(campaign: &Campaign, contract: &Contract, chance: &dyn Chance) -> Bid {
    let price = match contract.price {
        PriceRule::Standing(price) => price,
        PriceRule::Bid => {
            let cents = i64::try_from(chance.bits() % 2_000).unwrap_or(0) + 1;
            let wanted = campaign.floor_of(contract) + Money::from_cents(cents);
            campaign.ceiling_of(contract).map_or(wanted, |ceiling| wanted.min(ceiling))
        }
    };
    Bid {
        id: Some("simulated".into()),
        ..Bid::at(price)
    }
}

/// The verdict on a test lead.
pub(crate) fn verdict() -> Verdict {
    Verdict::Accepted(Acceptance {
        price: None,
        reference: Some("simulated".into()),
        redirect_url: None,
    })
}
