//! The rank step: the core puts the bids in order, the store says whose turn it is, the auction's lines keep the reasons.

use super::post::breaks_even;
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::store;
use crate::terms::Terms;
use outcry_core::rank::{self, Entry, Plan, Rule, Table};
use outcry_core::reason::Reason;
use outcry_core::record::{Door, Run};
use outcry_core::wheel::Wheels;
use std::sync::Arc;

/// Puts the bids in order; those that may not win have their reason.
///
/// A ping only looks at the turns: it is the post that redeems its quote which takes one.
pub(super) async fn plan(engine: &Engine, auction: &mut Auction, entries: Vec<Entry>) -> Plan {
    let takes = auction.terms.door != Door::Ping && auction.terms.run == Run::Live;
    let plan = Ranking::of(engine, &auction.terms, entries).made(engine, takes).await;
    note(auction, &plan);
    plan
}

/// The plan of a quote as it stands now that it is redeemed: the places are those that were quoted, and of those that go
/// in turns the one whose turn it is now stands first. Buyers that the source has ruled out since are left out.
pub(super) async fn renewed(engine: &Engine, auction: &mut Auction, quoted: &Plan) -> Plan {
    let mut plan = Plan {
        legs_max: auction.terms.wishes.sales_max,
        ..quoted.clone()
    };
    for place in std::mem::take(&mut plan.places) {
        let ruled_out = match auction.terms.contract(place.contract).is_of(&auction.terms.excluded) {
            true => Err(Reason::ExcludedBySource),
            // Of several legs one has to cover the promise; alone, each has to.
            false if plan.legs_max == 1 => breaks_even(&auction.terms, &place),
            false => Ok(()),
        };
        match ruled_out {
            Ok(()) => plan.places.push(place),
            Err(reason) => {
                auction.lines[place.contract].place = None;
                auction.note(place.contract, reason);
            }
        }
    }
    if wheels(&auction.terms).is_empty() || auction.terms.run == Run::Test {
        return plan;
    }
    let entry = |place: &rank::Place| Entry {
        contract: place.contract,
        bid: place.bid.clone(),
        answered_us: place.answered_us(),
    };
    let entries = plan.places.iter().map(entry).collect();
    let out = std::mem::take(&mut plan.out);
    let renewed = Ranking::of(engine, &auction.terms, entries).made(engine, true).await;
    note(auction, &renewed);
    Plan {
        out,
        legs_max: plan.legs_max,
        ..renewed
    }
}

/// Everything a ranking needs, so that the store can have it made inside of its transaction.
#[derive(Clone)]
struct Ranking {
    terms: Terms,
    entries: Vec<Entry>,
    odds: Arc<[rank::Odds]>,
    explore: bool,
}

impl Ranking {
    fn of(engine: &Engine, terms: &Terms, entries: Vec<Entry>) -> Self {
        let expected = terms.campaign.expected;
        let draw = engine.chance.bits() % 10_000;
        Self {
            terms: terms.clone(),
            entries,
            odds: engine.learned.odds(terms, engine.now()),
            explore: expected.shadow || draw < u128::from(expected.explore_bp),
        }
    }

    /// The plan. Where the campaign goes in turns the store says whose turn it is, and counts it if it is taken.
    async fn made(self, engine: &Engine, takes: bool) -> Plan {
        let wheels = wheels(&self.terms);
        if wheels.is_empty() {
            return self.under(&Wheels::default());
        }
        let ranking = Arc::new(self);
        let decide: store::Decide = if takes {
            let ranking = ranking.clone();
            Arc::new(move |wheels| ranking.under(wheels).charges)
        } else {
            Arc::new(|_| Vec::new())
        };
        let seen = engine.store.turn(store::Turn { wheels, decide }).await.unwrap_or_else(|fault| {
            // The store that cannot say this cannot take an intent either: nobody will be posted to.
            tracing::error!(error = %fault, "nobody knows whose turn it is");
            Wheels::default()
        });
        ranking.under(&seen)
    }

    fn under(&self, wheels: &Wheels) -> Plan {
        let table = Table {
            campaign: &self.terms.campaign,
            source: self.terms.source(),
            wishes: self.terms.wishes,
            wheels,
            odds: &self.odds,
            explore: self.explore,
        };
        rank::rank(&table, self.entries.clone())
    }
}

fn wheels(terms: &Terms) -> Vec<Arc<str>> {
    terms.campaign.distribution.iter().flat_map(Rule::wheels).collect()
}

fn note(auction: &mut Auction, plan: &Plan) {
    for (place, placed) in plan.places.iter().enumerate().rev() {
        auction.lines[placed.contract].place = Some(place);
    }
    for (at, reason) in &plan.out {
        auction.note(*at, reason.clone());
    }
}
