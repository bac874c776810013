//! Screens contracts: may this contract be pinged for this lead now?
//!
//! Pure, and soft: caps are looked at here so that no useless ping leaves; what counts is the claim that the
//! store makes before a post.

mod roster;

pub use self::roster::Roster;

use crate::cap::{Cap, Window};
use crate::catalog::{Campaign, Contract, Source};
use crate::consent;
use crate::filter::Bits;
use crate::lead::Lead;
use crate::moment::Moment;
use crate::money::Money;
use crate::reason::Reason;
use crate::validate::Stage;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// What is known about contracts outside the catalog: counters in use and the health of buyers' servers.
pub trait Standing {
    /// Units of a cap in use in the window that began at `window`.
    fn used(&self, cap: &Cap, window: Moment) -> i64;

    /// Failures in a row, if the buyer's server is being given a rest at `now`.
    fn resting(&self, contract: &Contract, now: Moment) -> Option<u32>;
}

/// Which contracts may be pinged, as positions in the campaign, and what stands against the others.
#[derive(Debug)]
pub struct Screening {
    /// May be pinged.
    pub open: Vec<usize>,
    paused: Bits,
    excluded: Bits,
    route_paused: Bits,
    filtered: Bits,
    /// By rules that are asked contract by contract, in rising order.
    refused: Vec<(usize, Reason)>,
}

impl Screening {
    /// Each contract that may not be pinged, in rising order, with its reason. What a filter has against the lead is
    /// asked of it here: a campaign of thousands of contracts is screened in less time than its reasons take to write.
    pub fn closed<'a>(&'a self, campaign: &'a Campaign, lead: &'a Lead, now: Moment) -> impl Iterator<Item = (usize, Reason)> + 'a {
        let mut refused = self.refused.iter().peekable();
        (0..campaign.contracts.len()).filter_map(move |at| {
            let reason = if self.filtered.has(at) {
                outside(campaign, at, lead, now)
            } else if self.paused.has(at) {
                Reason::Paused
            } else if self.excluded.has(at) {
                Reason::ExcludedBySource
            } else if self.route_paused.has(at) {
                Reason::RoutePaused
            } else {
                refused.next_if(|(of, _)| *of == at)?.1.clone()
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
/// the reason.
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
        lead,
        stage,
        standing,
        now,
        starts: Vec::new(),
    };
    let (mut open, mut refused) = (Vec::with_capacity(left.count()), Vec::new());
    for at in left.iter() {
        match look.may_ping(&campaign.contracts[at]) {
            Ok(()) => open.push(at),
            Err(reason) => refused.push((at, reason)),
        }
    }
    Screening {
        open,
        paused,
        excluded,
        route_paused,
        filtered,
        refused,
    }
}

/// One lead before all contracts.
struct Look<'a> {
    lead: &'a Lead,
    stage: Stage,
    standing: &'a dyn Standing,
    now: Moment,
    /// When the windows that hold `now` began. Most contracts share a few windows and zones, and a calendar costs
    /// more to ask than everything else here.
    starts: Vec<(Window, &'a TimeZone, Moment)>,
}

impl<'a> Look<'a> {
    /// Of a contract that runs, is not left out and buys such leads.
    fn may_ping(&mut self, contract: &'a Contract) -> Result<(), Reason> {
        if self.stage == Stage::Post {
            let covered = consent::covers(self.lead, &contract.buyer_refs(), self.now);
            covered.map_err(|missing| Reason::Consent {
                missing: missing.to_string().into(),
            })?;
        }
        for cap in &contract.caps {
            // The price is not known yet, so one unit (one millionth, for money) must have room.
            if self.standing.used(cap, self.start(cap)) + cap.amount(Money::from_micros(1)) > cap.limit {
                return Err(Reason::CapFull {
                    cap: cap.key.clone(),
                    limit: cap.limit,
                });
            }
        }
        match self.standing.resting(contract, self.now) {
            Some(failures) => Err(Reason::Resting { failures }),
            None => Ok(()),
        }
    }

    fn start(&mut self, cap: &'a Cap) -> Moment {
        let known = self
            .starts
            .iter()
            .find(|(window, zone, _)| *window == cap.window && **zone == cap.zone);
        if let Some((_, _, start)) = known {
            return *start;
        }
        let start = cap.window.start(self.now, &cap.zone);
        self.starts.push((cap.window, &cap.zone, start));
        start
    }
}

#[cfg(test)]
pub(crate) mod tests;
