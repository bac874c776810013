//! May a bid win? Currency, price, floors, ceilings, and what the source asks for.

use super::{Key, Place, Table};
use crate::bid::Bid;
use crate::money::Money;
use crate::price::Split;
use crate::reason::Reason;

/// The place of a bid that may win, still without rank; or what it bid and why it may not.
pub(super) fn place(table: &Table<'_>, at: usize, bid: Bid, legs_max: u32) -> Result<Place, (Option<Money>, Reason)> {
    let price = price(table, at, &bid).map_err(|reason| (bid.price, reason))?;
    let contract = &table.campaign.contracts[at];
    let own = if bid.exclusive == Some(true) {
        1
    } else {
        bid.shares.unwrap_or(u32::MAX)
    };
    Ok(Place {
        contract: at,
        price,
        shares_max: own.clamp(1, legs_max),
        handicap_bp: contract
            .route(&table.source.name)
            .and_then(|route| route.handicap_bp)
            .unwrap_or(contract.handicap_bp),
        keys: Vec::new(),
        bid,
    })
}

fn price(table: &Table<'_>, at: usize, bid: &Bid) -> Result<Money, Reason> {
    let campaign = table.campaign;
    if let Some(currency) = bid.currency.filter(|currency| *currency != campaign.currency) {
        return Err(Reason::OtherCurrency {
            found: currency.as_str().into(),
        });
    }
    let Some(price) = bid.price else {
        return Err(Reason::BadAnswer {
            why: "the bid names no price and the contract has none".into(),
        });
    };
    let deal = campaign.deal(table.source, at);
    let floor = deal.floor.max(Money::from_micros(1));
    if price < floor {
        return Err(Reason::BelowFloor { bid: price, floor });
    }
    if let Some(ceiling) = deal.ceiling.filter(|ceiling| price > *ceiling) {
        return Err(Reason::AboveCeiling { bid: price, ceiling });
    }
    let (wanted, payout) = (table.wishes.payout_min, Split::settle(price, &deal).payout);
    if payout < wanted {
        return Err(Reason::PayoutTooLow {
            bid: price,
            payout,
            wanted,
        });
    }
    Ok(price)
}

impl Place {
    /// What its price counts in the ranking.
    pub fn worth(&self) -> Money {
        self.price - self.price.share(self.handicap_bp)
    }

    /// When its answer was complete, in microseconds after the pings left.
    pub fn answered_us(&self) -> u64 {
        let answered = self.keys.iter().find_map(|key| match key {
            Key::Answered(at) => Some(*at),
            _ => None,
        });
        answered.unwrap_or(0)
    }
}
