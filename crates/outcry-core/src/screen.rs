//! Screens contracts: may this contract be pinged for this lead now?
//!
//! Pure, and soft: caps and throttles are looked at here so that no useless ping leaves; what counts is the claim that the
//! store makes before a ping or a post.

mod pace;
mod roster;

pub use self::pace::{Wait, levels};
pub use self::roster::Roster;

use self::pace::{Pacer, Room, Shut};
use crate::cap::{Cap, Span};
use crate::catalog::{Campaign, Contract, Source};
use crate::consent::Gate;
use crate::filter::Bits;
use crate::lead::Lead;
use crate::moment::Moment;
use crate::pacing::Pacing;
use crate::reason::Reason;
use crate::throttle::Throttle;
use crate::validate::Stage;
use std::sync::Arc;

/// What is known about contracts outside the catalog: counters in use and the health of buyers' servers.
pub trait Standing {
    /// Units of a cap in use in a window.
    fn used(&self, cap: &Cap, span: &Span) -> i64;

    /// When a full cap has room again, as far as that is known.
    fn opens(&self, cap: &Cap, span: &Span) -> Option<Moment> {
        let _ = cap;
        span.end.filter(|_| !span.is_rolling())
    }

    /// In how many milliseconds a throttle has a token again, if it has none at `now`.
    fn wait_ms(&self, throttle: &Throttle, now: Moment) -> Option<i64>;

    /// Failures in a row, if the buyer's server is being given a rest at `now`.
    fn resting(&self, contract: &Contract, now: Moment) -> Option<u32>;
}

/// Which contracts may be pinged, as positions in the campaign, and what stands against the others.
#[derive(Debug, Default)]
pub struct Screening {
    /// May be pinged.
    pub open: Vec<usize>,
    /// Of those, whose cap is full and whose buyer has agreed to more: they take what nobody else has.
    pub over: Vec<usize>,
    /// What a lead that nobody takes may wait for.
    pub waits: Vec<Wait>,
    paused: Bits,
    excluded: Bits,
    route_paused: Bits,
    filtered: Bits,
    /// By rules that are asked contract by contract, in rising order.
    refused: Vec<(usize, Reason)>,
    /// For all of them: what holds for the whole lead says no.
    whole: Option<Reason>,
    /// For those against whom nothing else is said: a full cap lets nobody else have the lead.
    stopped: Option<Reason>,
}

impl Screening {
    /// Each contract that may not be pinged, in rising order, with its reason. What a filter has against the lead is
    /// asked of it here: a campaign of thousands of contracts is screened in less time than its reasons take to write.
    pub fn closed<'a>(&'a self, campaign: &'a Campaign, lead: &'a Lead, now: Moment) -> impl Iterator<Item = (usize, Reason)> + 'a {
        let mut refused = self.refused.iter().peekable();
        (0..campaign.contracts.len()).filter_map(move |at| {
            let reason = if let Some(whole) = &self.whole {
                whole.clone()
            } else if self.filtered.has(at) {
                outside(campaign, at, lead, now)
            } else if self.paused.has(at) {
                Reason::Paused
            } else if self.excluded.has(at) {
                Reason::ExcludedBySource
            } else if self.route_paused.has(at) {
                Reason::RoutePaused
            } else {
                let refused = refused.next_if(|(of, _)| *of == at).map(|(_, reason)| reason);
                refused.or(self.stopped.as_ref())?.clone()
            };
            Some((at, reason))
        })
    }
}

/// What the filter of a contract that the index has closed says for itself.
fn outside(campaign: &Campaign, at: usize, lead: &Lead, now: Moment) -> Reason {
    match campaign.contracts[at].filter.admits(lead, now) {
        Err(refusal) => Reason::Filter {
            part: refusal.part,
            found: refusal.found,
        },
        Ok(()) => panic!("the index closes contract {at} for a lead that its filter admits"),
    }
}

/// Looks at every contract of the campaign. The checks run from cheap to dear, and the first that says no is
/// the reason. What holds for the whole lead, the pacing of its source and campaign, is looked at once.
///
/// What is known of all contracts together (paused, left out, what they buy) is asked of the campaign's [`Roster`]; the
/// rest contract by contract, of those that are left.
///
/// A full lead is screened for consent here already, so that nobody is pinged who could not be posted to; of an
/// inbound ping the consent record is not known yet.
///
/// `excluded` are buyers that the source named with this lead, by name or label.
pub fn screen(
    campaign: &Campaign,
    source: &Source,
    excluded: &[Arc<str>],
    lead: &Lead,
    stage: Stage,
    standing: &dyn Standing,
    now: Moment,
) -> Screening {
    let roster = campaign.roster();
    let mut left = Bits::all(campaign.contracts.len());
    let mut without = |mut those: Bits| {
        those.keep(&left);
        left.take_away(&those);
        those
    };
    let paused = without(roster.paused.clone());
    let excluded = without(roster.excluded(source, excluded));
    let route_paused = without(roster.paused_routes(source));
    let mut filtered = left.clone();
    roster.filters.sift(|at| &campaign.contracts[at].filter, lead, now, &mut left);
    filtered.take_away(&left);
    let mut look = Look {
        source,
        gate: (stage == Stage::Post).then(|| Gate::of(campaign, lead, now)),
        pacer: Pacer::new(lead, now, standing, i64::from(campaign.ping_window_ms)),
    };
    let whole = [&source.pacing, &campaign.pacing].map(|pacing| look.pacer.room(pacing));
    let over = match whole {
        [Ok(one), Ok(other)] => one == Room::Over || other == Room::Over,
        [Err(shut), _] | [_, Err(shut)] => {
            return Screening {
                waits: shut.wait.into_iter().collect(),
                whole: Some(shut.reason),
                ..Screening::default()
            };
        }
    };
    let mut screening = Screening {
        open: Vec::with_capacity(left.count()),
        paused,
        excluded,
        route_paused,
        filtered,
        ..Screening::default()
    };
    for at in left.iter() {
        match look.may_ping(&campaign.contracts[at]) {
            Ok(room) => {
                screening.open.push(at);
                if over || room == Room::Over {
                    screening.over.push(at);
                }
            }
            Err(shut) => {
                screening.waits.extend(shut.wait);
                screening.refused.push((at, shut.reason));
                if shut.stop {
                    return stopped(campaign, screening, at);
                }
            }
        }
    }
    screening
}

/// A contract has said that nobody else gets what it has no room for.
fn stopped(campaign: &Campaign, screening: Screening, by: usize) -> Screening {
    let contract = campaign.contracts[by].name.as_str().into();
    Screening {
        open: Vec::new(),
        over: Vec::new(),
        waits: Vec::new(),
        stopped: Some(Reason::StoppedAtCap { contract }),
        ..screening
    }
}

/// Is it still a time at which this contract may be posted to? The hours of all levels, asked again before a post.
///
/// # Errors
/// The first that says no, and what a lead that nobody takes may wait for.
pub fn may_post(campaign: &Campaign, source: &Source, contract: usize, lead: &Lead, now: Moment) -> Result<(), (Reason, Option<Wait>)> {
    struct Nobody;
    impl Standing for Nobody {
        fn used(&self, _: &Cap, _: &Span) -> i64 {
            0
        }
        fn wait_ms(&self, _: &Throttle, _: Moment) -> Option<i64> {
            None
        }
        fn resting(&self, _: &Contract, _: Moment) -> Option<u32> {
            None
        }
    }
    let mut pacer = Pacer::new(lead, now, &Nobody, 0);
    let hours = |pacing| pacer.hours(pacing).map_err(|shut| (shut.reason, shut.wait));
    levels(campaign, source, contract).try_for_each(hours)
}

/// What it means that a store found a cap full after all: the reason, whether nobody else may have the lead, and what a lead
/// that nobody takes may wait for. A cap that has left the catalog says no more than that it is full.
pub fn found_full<'a>(
    levels: impl Iterator<Item = &'a Pacing>,
    key: &Arc<str>,
    limit: i64,
    opens: Option<Moment>,
) -> (Reason, bool, Option<Wait>) {
    let reason = Reason::CapFull {
        cap: key.clone(),
        limit,
        opens,
    };
    match levels.flat_map(|pacing| &pacing.caps).find(|cap| cap.key == *key) {
        Some(cap) => {
            let shut = pace::full(cap, opens);
            (reason, shut.stop, shut.wait)
        }
        None => (reason, false, None),
    }
}

/// One lead before all contracts.
struct Look<'a> {
    source: &'a Source,
    /// Of a ping the consent record is not known yet.
    gate: Option<Gate<'a>>,
    pacer: Pacer<'a>,
}

impl Look<'_> {
    /// Of a contract that runs, is not left out and buys such leads.
    fn may_ping(&mut self, contract: &Contract) -> Result<Room, Shut> {
        if let Some(gate) = &self.gate {
            gate.covers(contract).map_err(|uncovered| Shut::from(Reason::from(uncovered)))?;
        }
        let mut room = self.pacer.room(&contract.pacing)?;
        if let Some(route) = contract.route(&self.source.name)
            && self.pacer.room(&route.pacing)? == Room::Over
        {
            room = Room::Over;
        }
        match self.pacer.standing.resting(contract, self.pacer.now) {
            Some(failures) => Err(Shut::from(Reason::Resting { failures })),
            None => Ok(room),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
