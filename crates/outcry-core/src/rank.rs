//! Ranks bids into a plan of whom to post to, in which order.
//!
//! Pure: the same bids and rules give the same plan, today and in ten years. Time, chance and buyers' servers
//! belong to the engine.

use crate::bid::Bid;
use crate::catalog::Campaign;
use crate::money::Money;
use crate::reason::Reason;
use std::cmp::Ordering;

/// Who wins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Distribution {
    /// The highest bid after handicaps. Of equal ones the earlier answer, then the earlier contract.
    #[default]
    HighestBid,
}

/// One bid as it entered the ranking.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Position of the contract in its campaign.
    pub contract: usize,
    /// What was offered.
    pub bid: Bid,
    /// When the answer was complete, in microseconds after the pings left. Standing prices answer at 0.
    pub answered_us: u64,
}

/// One place in the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Position of the contract in its campaign.
    pub contract: usize,
    /// What was offered.
    pub bid: Bid,
    /// What the buyer pays if it accepts.
    pub price: Money,
}

/// Whom to post to, in order, and why not to the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Best first.
    pub places: Vec<Place>,
    /// Bids that may not win, each with its reason.
    pub out: Vec<(usize, Reason)>,
}

/// Puts bids in order by the campaign's rule. `price_min` is what the sale must bring so that the source gets
/// what it asked for; it comes on top of all floors.
///
/// Of several bids of one contract the best eligible one takes its place; one lead goes to one contract once.
pub fn rank(campaign: &Campaign, mut entries: Vec<Entry>, price_min: Money) -> Plan {
    let mut plan = Plan::default();
    match campaign.distribution {
        Distribution::HighestBid => entries.sort_by(|a, b| {
            let worth = |entry: &Entry| worth(campaign, entry.contract, entry.bid.price.unwrap_or(Money::ZERO));
            worth(b)
                .cmp(&worth(a))
                .then(a.answered_us.cmp(&b.answered_us))
                .then(a.contract.cmp(&b.contract))
        }),
    }
    for entry in entries {
        match eligible(campaign, &entry, price_min) {
            Ok(price) if plan.places.iter().all(|place| place.contract != entry.contract) => {
                plan.out.retain(|(contract, _)| *contract != entry.contract);
                plan.places.push(Place {
                    contract: entry.contract,
                    bid: entry.bid,
                    price,
                });
            }
            Ok(_) => {}
            Err(reason) => {
                let placed = plan.places.iter().any(|place| place.contract == entry.contract);
                let named = plan.out.iter().any(|(contract, _)| *contract == entry.contract);
                if !placed && !named {
                    plan.out.push((entry.contract, reason));
                }
            }
        }
    }
    plan
}

/// What a price counts in the ranking: less by the contract's handicap.
fn worth(campaign: &Campaign, contract: usize, price: Money) -> Money {
    price - price.share(campaign.contracts[contract].handicap_bp)
}

fn eligible(campaign: &Campaign, entry: &Entry, price_min: Money) -> Result<Money, Reason> {
    let contract = &campaign.contracts[entry.contract];
    if let Some(currency) = entry.bid.currency.filter(|currency| *currency != campaign.currency) {
        return Err(Reason::OtherCurrency {
            found: currency.as_str().into(),
        });
    }
    let Some(bid) = entry.bid.price else {
        return Err(Reason::BadAnswer {
            why: "the bid names no price and the contract has none".into(),
        });
    };
    let floor = campaign.floor_of(contract).max(price_min).max(Money::from_micros(1));
    if bid < floor {
        return Err(Reason::BelowFloor { bid, floor });
    }
    match campaign.ceiling_of(contract).filter(|ceiling| bid > *ceiling) {
        Some(ceiling) => Err(Reason::AboveCeiling { bid, ceiling }),
        None => Ok(bid),
    }
}

/// Why the places behind the one that sold did not win.
pub fn losers(campaign: &Campaign, plan: &Plan, sold: usize) -> Vec<(usize, Reason)> {
    let Some(winner) = plan.places.get(sold) else { return Vec::new() };
    let counts = |place: &Place| worth(campaign, place.contract, place.price);
    let reason = |place: &Place| {
        let (bid, best) = (place.price, winner.price);
        match bid.cmp(&best) {
            Ordering::Less => Reason::Outbid { bid, best },
            Ordering::Equal if counts(place) == counts(winner) => Reason::Outranked { bid },
            Ordering::Equal | Ordering::Greater => {
                let handicap_bp = campaign.contracts[place.contract].handicap_bp;
                Reason::Handicapped { bid, handicap_bp, best }
            }
        }
    };
    plan.places
        .iter()
        .skip(sold + 1)
        .map(|place| (place.contract, reason(place)))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
