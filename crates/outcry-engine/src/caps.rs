//! Where every cap stands, and when it will be full at the pace at which it is being used.

use crate::live::Live;
use crate::ports::store::Counter;
use outcry_core::cap::{Cap, Forecast};
use outcry_core::catalog::Catalog;
use outcry_core::moment::Moment;
use std::collections::BTreeMap;

/// Where a cap stands.
#[derive(Clone, Debug)]
pub struct CapStanding {
    /// The cap.
    pub cap: Cap,
    /// Units in use.
    pub used: i64,
    /// What to expect.
    pub forecast: Forecast,
}

/// Every cap of a catalog in order of their keys, by what a store has counted.
pub fn standings(catalog: &Catalog, counters: Vec<Counter>, now: Moment) -> Vec<CapStanding> {
    of(catalog, &Live::new(counters, catalog), now)
}

pub(crate) fn of(catalog: &Catalog, live: &Live, now: Moment) -> Vec<CapStanding> {
    // What a buyer keeps to is there for each of its contracts.
    let caps: BTreeMap<&str, &Cap> = catalog
        .pacings()
        .flat_map(|pacing| &pacing.caps)
        .map(|cap| (&*cap.key, cap))
        .collect();
    let standing = |cap: &Cap| {
        let span = cap.clock.span(now);
        let (pace, opens) = live.pace(cap, &span);
        let forecast = match pace.forecast(cap.limit, &span, now) {
            Forecast::Full { .. } => Forecast::Full { opens },
            other => other,
        };
        CapStanding {
            cap: cap.clone(),
            used: pace.used,
            forecast,
        }
    };
    caps.into_values().map(standing).collect()
}
