//! What is known about contracts while the exchange runs: counters in use and the health of buyers' servers.
//!
//! This is a hint that saves useless pings. What counts is the claim that the store makes in T2.

use crate::ports::outbound::{CallEnd, NotSent};
use crate::ports::store::{Counter, Hold};
use outcry_core::cap::Cap;
use outcry_core::catalog::Contract;
use outcry_core::moment::Moment;
use outcry_core::screen::Standing;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// So many failures in a row, and the buyer's server is given a rest.
const FAILURES_BEFORE_REST: u32 = 10;
/// The first rest; it doubles with each further failure.
const REST_MS: i64 = 1_000;
/// The longest rest. After each one call goes through, and its answer decides.
const REST_MS_MAX: i64 = 30_000;

/// How long the store's word that a window is full is believed. It may be about units that were being freed at that
/// very moment, so it must not outlive them.
const FULL_MS: i64 = 1_000;

/// Counters and health, shared by all auctions of this process.
#[derive(Debug, Default)]
pub(crate) struct Live {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    used: HashMap<Arc<str>, (Moment, i64)>,
    /// Windows that the store has called full, and until when that is believed.
    full: HashMap<Arc<str>, (Moment, Moment)>,
    health: Vec<Health>,
}

#[derive(Clone, Copy, Debug)]
struct Health {
    failures: u32,
    rest_until: Moment,
}

impl Live {
    /// Starts from what the store has counted, for this many contracts.
    pub(crate) fn new(counters: Vec<Counter>, contracts: usize) -> Self {
        let live = Self::default();
        {
            let mut state = live.state();
            state.health = vec![
                Health {
                    failures: 0,
                    rest_until: Moment::from_unix_ms(0)
                };
                contracts
            ];
            for counter in counters {
                let newest = state.used.entry(counter.cap).or_insert((counter.window, 0));
                if newest.0 <= counter.window {
                    *newest = (counter.window, counter.used);
                }
            }
        }
        live
    }

    /// A hold was taken.
    pub(crate) fn take(&self, hold: &Hold) {
        self.add(hold, hold.amount);
    }

    /// A hold was freed.
    pub(crate) fn free(&self, hold: &Hold) {
        self.add(hold, -hold.amount);
    }

    /// The store says that the window is full, whatever was counted here.
    pub(crate) fn full(&self, hold: &Hold, now: Moment) {
        self.state().full.insert(hold.cap.clone(), (hold.window, now.plus_ms(FULL_MS)));
    }

    /// What the end of a call says of the buyer's server. Limits of our own and patience at its end say nothing.
    pub(crate) fn ended(&self, contract: usize, end: &CallEnd, now: Moment) {
        match end {
            CallEnd::Answered { .. } => self.answered(contract),
            CallEnd::NotSent(NotSent::Forbidden(_) | NotSent::Unreachable(_)) | CallEnd::Broken { .. } => self.failed(contract, now),
            CallEnd::NotSent(NotSent::Throttled | NotSent::NoConnection) | CallEnd::Late => {}
        }
    }

    /// What is known at this moment.
    pub(crate) fn at(&self, now: Moment) -> LiveAt<'_> {
        LiveAt { live: self, now }
    }

    fn answered(&self, contract: usize) {
        if let Some(health) = self.state().health.get_mut(contract) {
            health.failures = 0;
        }
    }

    fn failed(&self, contract: usize, now: Moment) {
        if let Some(health) = self.state().health.get_mut(contract) {
            health.failures = health.failures.saturating_add(1);
            let beyond = health.failures.saturating_sub(FAILURES_BEFORE_REST).min(16);
            health.rest_until = now.plus_ms((REST_MS << beyond).min(REST_MS_MAX));
        }
    }

    /// Failures in a row if the contract is resting. When a rest is over one call goes through as a probe; until
    /// it is answered the others wait.
    fn failures_while_resting(&self, contract: usize, now: Moment) -> Option<u32> {
        let mut state = self.state();
        let health = state.health.get_mut(contract)?;
        if health.failures < FAILURES_BEFORE_REST {
            return None;
        }
        if now < health.rest_until {
            return Some(health.failures);
        }
        health.rest_until = now.plus_ms(REST_MS);
        None
    }

    fn add(&self, hold: &Hold, amount: i64) {
        let mut state = self.state();
        let entry = state.used.entry(hold.cap.clone()).or_insert((hold.window, 0));
        if entry.0 < hold.window {
            *entry = (hold.window, 0);
        }
        if entry.0 == hold.window {
            entry.1 += amount;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the live counters")
    }
}

/// What is known at one moment.
pub(crate) struct LiveAt<'a> {
    live: &'a Live,
    now: Moment,
}

impl Standing for LiveAt<'_> {
    fn used(&self, cap: &Cap, window: Moment) -> i64 {
        let state = self.live.state();
        if state
            .full
            .get(&cap.key)
            .is_some_and(|(start, until)| *start == window && self.now < *until)
        {
            return cap.limit;
        }
        state
            .used
            .get(&cap.key)
            .filter(|(start, _)| *start == window)
            .map_or(0, |(_, used)| *used)
    }

    fn resting(&self, contract: &Contract, now: Moment) -> Option<u32> {
        self.live.failures_while_resting(contract.index, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use outcry_core::cap::{Counts, Window};

    fn at(ms: i64) -> Moment {
        Moment::from_unix_ms(ms)
    }

    #[test]
    fn a_failing_buyer_rests_and_is_probed_once() {
        let live = Live::new(Vec::new(), 1);
        let resting = |ms| live.failures_while_resting(0, at(ms));
        for _ in 0..FAILURES_BEFORE_REST {
            assert_eq!(resting(0), None);
            live.failed(0, at(0));
        }
        assert_eq!(resting(500), Some(10));
        assert_eq!(resting(1_000), None, "one probe goes through");
        assert_eq!(resting(1_001), Some(10), "and only one");
        live.answered(0);
        assert_eq!(resting(1_002), None);
    }

    #[test]
    fn a_buyers_server_is_judged_by_what_it_did_and_not_by_our_own_limits() {
        let broken = || CallEnd::Broken {
            why: "reset".into(),
            took: std::time::Duration::ZERO,
        };
        let table = [
            (broken(), true),
            (CallEnd::NotSent(NotSent::Unreachable("refused".into())), true),
            (CallEnd::NotSent(NotSent::Forbidden("a private address".into())), true),
            (CallEnd::NotSent(NotSent::Throttled), false),
            (CallEnd::NotSent(NotSent::NoConnection), false),
            (CallEnd::Late, false),
        ];
        for (end, wears_out) in table {
            let live = Live::new(Vec::new(), 1);
            (0..FAILURES_BEFORE_REST).for_each(|_| live.ended(0, &end, at(0)));
            assert_eq!(live.failures_while_resting(0, at(500)).is_some(), wears_out, "{end:?}");
        }
    }

    #[test]
    fn what_the_store_called_full_is_asked_again_soon() {
        let cap = Cap {
            key: "day".into(),
            counts: Counts::Sales,
            window: Window::Total,
            zone: TimeZone::UTC,
            limit: 5,
        };
        let live = Live::new(Vec::new(), 0);
        let hold = Hold {
            cap: "day".into(),
            window: at(0),
            limit: 5,
            amount: 1,
        };
        live.take(&hold);
        live.full(&hold, at(0));
        assert_eq!([0, 999, 1_000].map(|ms| live.at(at(ms)).used(&cap, at(0))), [5, 5, 1]);
        assert_eq!(live.at(at(0)).used(&cap, at(7)), 0, "another window is another matter");
    }

    #[test]
    fn a_new_window_starts_from_nothing() {
        let live = Live::new(Vec::new(), 0);
        let hold = |window, amount| Hold {
            cap: "day".into(),
            window: at(window),
            limit: 10,
            amount,
        };
        live.take(&hold(0, 3));
        live.take(&hold(100, 1));
        live.free(&hold(0, 3));
        assert_eq!(live.state().used["day"], (at(100), 1));
    }
}
