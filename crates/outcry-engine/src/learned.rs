//! What became of posts, route by route and day by day: what the expected value of a bid is made of.
//!
//! Kept in memory and read from the store's attempts at each start. It ranks and decides nothing about money, so losing
//! a few outcomes costs nothing but a little knowledge.

use crate::ports::store::RouteDay;
use crate::terms::Terms;
use outcry_core::id::{ContractName, SourceName};
use outcry_core::moment::Moment;
use outcry_core::rank::{Counts, Odds, Rule};
use outcry_core::verdict::Verdict;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Older outcomes weigh less than a thousandth: they are forgotten.
const DAYS: usize = 70;

/// How far back a start reads.
pub(crate) const REACH_MS: i64 = 70 * DAY_MS;

/// A source and a contract.
type Route = (SourceName, ContractName);

/// Accepted and rejected posts, by the day they ended.
type Days = BTreeMap<i64, (u64, u64)>;

/// What was learned so far.
#[derive(Debug, Default)]
pub(crate) struct Learned(Mutex<HashMap<Route, Days>>);

impl Learned {
    /// From what the store remembers.
    pub(crate) fn new(remembered: Vec<RouteDay>) -> Self {
        let learned = Self::default();
        for known in remembered {
            let mut routes = learned.routes();
            let day = routes
                .entry((known.source, known.contract))
                .or_default()
                .entry(known.day)
                .or_default();
            *day = (day.0 + known.accepted, day.1 + known.rejected);
        }
        learned
    }

    /// A live post has ended. What is unknown, or never left, says nothing of what a buyer wants.
    pub(crate) fn ended(&self, terms: &Terms, contract: usize, verdict: &Verdict, now: Moment) {
        let (accepted, rejected) = match verdict {
            Verdict::Accepted(_) => (1, 0),
            Verdict::Rejected { .. } => (0, 1),
            Verdict::NotSent { .. } | Verdict::Unknown { .. } => return,
        };
        let route = (terms.source().name.clone(), terms.contract(contract).name.clone());
        let mut routes = self.routes();
        let days = routes.entry(route).or_default();
        let day = days.entry(day(now)).or_default();
        *day = (day.0 + accepted, day.1 + rejected);
        while days.len() > DAYS {
            days.pop_first();
        }
    }

    /// What to expect of each contract of the campaign for leads of this source; nothing where no rule asks.
    pub(crate) fn odds(&self, terms: &Terms, now: Moment) -> Arc<[Odds]> {
        if !terms.campaign.expected.shadow && !terms.campaign.distribution.iter().any(asks) {
            return Arc::default();
        }
        let today = day(now);
        let routes = self.routes();
        let contracts = terms.campaign.contracts.iter();
        contracts
            .map(|contract| {
                let mut counts = Counts::default();
                let route = (terms.source().name.clone(), contract.name.clone());
                for (day, (accepted, rejected)) in routes.get(&route).into_iter().flatten() {
                    let age = usize::try_from((today - day).max(0)).unwrap_or(usize::MAX);
                    counts.add(age, *accepted, *rejected, 0);
                }
                counts.odds(contract.returns_bp)
            })
            .collect()
    }

    fn routes(&self) -> MutexGuard<'_, HashMap<Route, Days>> {
        self.0.lock().expect("nothing panics while it holds what was learned")
    }
}

/// Does a rule, or one inside of it, go by what is expected?
fn asks(rule: &Rule) -> bool {
    match rule {
        Rule::ExpectedValue => true,
        Rule::Tiers(tiers) => tiers.iter().any(|tier| tier.by.iter().any(asks)),
        Rule::HighestBid | Rule::Priority | Rule::Weighted(_) | Rule::RoundRobin(_) | Rule::BestSet => false,
    }
}

/// Days since 1970 in UTC.
const fn day(now: Moment) -> i64 {
    now.unix_ms().div_euclid(DAY_MS)
}
