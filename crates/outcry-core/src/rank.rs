//! Ranks bids into a plan of whom to post to, in which order, and to how many.
//!
//! Pure: the same bids and rules give the same plan, today and in ten years. Time, chance, turns that were taken and
//! buyers' servers belong to the engine; what of them counts is handed in.

mod best_set;
mod eligible;
mod line;
mod losers;
mod next;
mod odds;
mod round;
mod rule;

pub use self::next::Progress;
pub use self::odds::{Counts, Odds};
pub use self::rule::{Expected, Key, Rule, Sharing, Tier};

use self::line::Line;
use crate::bid::Bid;
use crate::catalog::{Campaign, Source};
use crate::money::Money;
use crate::reason::Reason;
use crate::wheel::{Charge, Wheels};
use std::cmp::Reverse;

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

/// What a source asks for with one lead, on top of its standing terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The least payout it wants to hear of.
    pub payout_min: Money,
    /// Most buyers that may have the lead.
    pub sales_max: u32,
}

/// What a ranking is made by.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// Whose contracts bid.
    pub campaign: &'a Campaign,
    /// Who sent the lead.
    pub source: &'a Source,
    /// What it asks for.
    pub wishes: Wishes,
    /// Whose turn it was so far.
    pub wheels: &'a Wheels,
    /// What was learned of each contract, by its position; nothing of those beyond the end.
    pub odds: &'a [Odds],
    /// Rank by the bids for once, so that what is not tried can be learned too.
    pub explore: bool,
    /// Contracts whose cap is full and whose buyers have agreed to more: like sweepers, they take what nobody else has.
    pub over: &'a [usize],
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
    /// Most buyers that may have the lead if this one has it, itself included: 1 is exclusive.
    pub shares_max: u32,
    /// How much less its price counts, in basis points.
    pub handicap_bp: u32,
    /// What it was ranked by: the first key in which two places differ has decided between them.
    pub keys: Vec<Key>,
}

/// Whom to post to, in order, and why not to the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Best first.
    pub places: Vec<Place>,
    /// Bids that may not win, each with its reason.
    pub out: Vec<(usize, Reason)>,
    /// Most buyers that may have the lead.
    pub legs_max: u32,
    /// Those who have it are the set that brings most, and not the first in line.
    pub best_set: bool,
    /// What the plan does to the turns, if it is carried out.
    pub charges: Vec<Charge>,
}

/// Puts bids in order by the campaign's rules.
///
/// Of several bids of one contract the best eligible one takes its place; where a lead may be shared, the best for each
/// number of buyers; on a price ladder, the best for each rung.
pub fn rank(table: &Table<'_>, entries: Vec<Entry>) -> Plan {
    let legs_max = table.campaign.sharing.legs_max.min(table.wishes.sales_max).max(1);
    let mut plan = Plan {
        legs_max,
        best_set: table.campaign.distribution.first() == Some(&Rule::BestSet) && legs_max > 1,
        ..Plan::default()
    };
    let mut answered = Vec::with_capacity(entries.len());
    let mut refused = Vec::new();
    for entry in entries {
        match eligible::place(table, entry.contract, entry.bid, legs_max) {
            Ok(place) => answered.push((entry.answered_us, place)),
            Err((price, reason)) => refused.push((price, entry.contract, reason)),
        }
    }
    // What a buyer pays must not depend on when it answered, so the dearest is taken before anything is ordered.
    answered.sort_by_key(|(at, place): &(u64, Place)| (place.contract, place.shares_max, place.bid.rung, Reverse(place.price), *at));
    answered.dedup_by_key(|(_, place)| (place.contract, place.shares_max, place.bid.rung));
    let mut line = Line::new(table);
    plan.places = line.up(answered);
    // Of a contract that may not win at all, the reason of its highest bid.
    refused.sort_by_key(|(price, contract, _)| (*contract, Reverse(*price)));
    refused.dedup_by_key(|(_, contract, _)| *contract);
    let placed = |contract: &usize| plan.places.iter().any(|place| place.contract == *contract);
    plan.out = refused
        .into_iter()
        .filter(|(_, contract, _)| !placed(contract))
        .map(|(_, contract, reason)| (contract, reason))
        .collect();
    let first = plan.next(table.campaign, &Progress::default());
    let first: Vec<usize> = first.into_iter().map(|at| plan.places[at].contract).collect();
    plan.charges = line.charges(&first);
    plan
}

#[cfg(test)]
pub(crate) mod tests;
