//! Screens contracts: may this contract be pinged for this lead now?
//!
//! Pure, and soft: caps are looked at here so that no useless ping leaves; what counts is the claim that the
//! store makes before a post.

use crate::cap::{Cap, Window};
use crate::catalog::{Campaign, Contract, Source};
use crate::consent;
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

/// Which contracts may be pinged, as positions in the campaign, and why not the others.
#[derive(Debug, Default)]
pub struct Screening {
    /// May be pinged.
    pub open: Vec<usize>,
    /// May not, each with its reason.
    pub closed: Vec<(usize, Reason)>,
}

/// Looks at every contract of the campaign. The checks run from cheap to dear, and the first that says no is
/// the reason.
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
    let mut screening = Screening {
        open: Vec::with_capacity(campaign.contracts.len()),
        closed: Vec::new(),
    };
    let mut look = Look {
        source,
        excluded,
        lead,
        stage,
        standing,
        now,
        starts: Vec::new(),
    };
    for (at, contract) in campaign.contracts.iter().enumerate() {
        match look.may_ping(contract) {
            Ok(()) => screening.open.push(at),
            Err(reason) => screening.closed.push((at, reason)),
        }
    }
    screening
}

/// One lead before all contracts.
struct Look<'a> {
    source: &'a Source,
    excluded: &'a [Arc<str>],
    lead: &'a Lead,
    stage: Stage,
    standing: &'a dyn Standing,
    now: Moment,
    /// When the windows that hold `now` began. Most contracts share a few windows and zones, and a calendar costs
    /// more to ask than everything else here.
    starts: Vec<(Window, &'a TimeZone, Moment)>,
}

impl<'a> Look<'a> {
    fn may_ping(&mut self, contract: &'a Contract) -> Result<(), Reason> {
        if contract.paused {
            return Err(Reason::Paused);
        }
        if self.source.excluded_buyers.contains(&contract.buyer) || contract.is_of(self.excluded) {
            return Err(Reason::ExcludedBySource);
        }
        if contract.route(&self.source.name).is_some_and(|route| route.paused) {
            return Err(Reason::RoutePaused);
        }
        if let Err(refusal) = contract.filter.admits(self.lead, self.now) {
            return Err(Reason::Filter {
                part: refusal.part,
                found: refusal.found,
            });
        }
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
