//! The rank step: the core puts the bids in order, the store says whose turn it is, the auction's lines keep the reasons.

use super::post::breaks_even;
use super::posts;
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::store;
use crate::terms::Terms;
use outcry_core::rank::{self, Entry, Odds, Place, Plan, Rule, Table};
use outcry_core::reason::Reason;
use outcry_core::record::{Door, Run, Shadow};
use outcry_core::wheel::Wheels;
use std::sync::Arc;

/// Puts the bids in order; those that may not win have their reason.
///
/// A ping only looks at the turns: it is the post that redeems its quote which takes one.
pub(super) async fn plan(engine: &Engine, auction: &mut Auction, entries: Vec<Entry>) -> Plan {
    let takes = auction.terms.door != Door::Ping && auction.terms.run == Run::Live;
    let ranking = Ranking::of(engine, auction, entries);
    let odds = ranking.odds.clone();
    let plan = ranking.made(engine, takes).await;
    if auction.terms.campaign.expected.shadow {
        auction.shadow = shadow(&auction.terms, &odds, &plan);
    }
    note(auction, &plan);
    plan
}

/// Is there a bid that may win?
pub(super) fn anybody(terms: &Terms, entries: &[Entry]) -> bool {
    let table = Table {
        campaign: &terms.campaign,
        source: terms.source(),
        wishes: terms.wishes,
        wheels: &Wheels::default(),
        odds: &[],
        explore: true,
        over: &[],
    };
    !rank::rank(&table, entries.to_vec()).places.is_empty()
}

/// Who would stand first by what the bids are expected to bring, beside who does.
fn shadow(terms: &Terms, odds: &[Odds], plan: &Plan) -> Option<Shadow> {
    let expected = |place: &Place| {
        let unknown = || Odds::unknown(terms.contract(place.contract).returns_bp);
        let odds = odds.get(place.contract).copied().unwrap_or_else(unknown);
        odds.expected(place.worth())
    };
    let best = plan.places.iter().rev().max_by_key(|place| expected(place))?;
    Some(Shadow {
        contract: terms.contract(best.contract).name.clone(),
        expected: expected(best),
        instead_of: expected(plan.places.first()?),
    })
}

/// The plan of a quote as it stands now that it is redeemed: the places are those that were quoted, and of those that go
/// in turns the one whose turn it is now stands first. Buyers that the source has ruled out since are left out.
pub(super) async fn renewed(engine: &Engine, auction: &mut Auction, quoted: &Plan) -> Plan {
    let mut plan = Plan {
        legs_max: auction.terms.wishes.sales_max,
        ..quoted.clone()
    };
    let turns = !wheels(&auction.terms).is_empty() && auction.terms.run == Run::Live;
    for place in std::mem::take(&mut plan.places) {
        let ruled_out = if auction.terms.contract(place.contract).is_of(&auction.terms.excluded) {
            Err(Reason::ExcludedBySource)
        } else if turns && plan.legs_max == 1 {
            // Who does not cover the promise is not offered the lead, and its turn is not used up by that.
            breaks_even(&auction.terms, &posts::first(&auction.terms, &place))
        } else {
            Ok(())
        };
        match ruled_out {
            Ok(()) => plan.places.push(place),
            Err(reason) => {
                auction.lines[place.contract].place = None;
                auction.note(place.contract, reason);
            }
        }
    }
    if !turns {
        return plan;
    }
    let entry = |place: &Place| Entry {
        contract: place.contract,
        bid: place.bid.clone(),
        answered_us: place.answered_us(),
    };
    let entries = plan.places.iter().map(entry).collect();
    // Who stood behind all others in the quote does so still.
    auction.over = plan
        .places
        .iter()
        .filter(|place| place.sweeps())
        .map(|place| place.contract)
        .collect();
    let out = std::mem::take(&mut plan.out);
    let renewed = Ranking::of(engine, auction, entries).made(engine, true).await;
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
    odds: Arc<[Odds]>,
    explore: bool,
    over: Arc<[usize]>,
}

impl Ranking {
    fn of(engine: &Engine, auction: &Auction, entries: Vec<Entry>) -> Self {
        let terms = &auction.terms;
        let expected = terms.campaign.expected;
        let draw = engine.chance.bits() % 10_000;
        Self {
            terms: terms.clone(),
            entries,
            odds: engine.learned.odds(terms, engine.now()),
            explore: expected.shadow || draw < u128::from(expected.explore_bp),
            over: auction.over.as_slice().into(),
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
            over: &self.over,
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
