//! How a buyer's server is, by what its calls came to.

use crate::ports::outbound::{CallEnd, NotSent};
use outcry_core::moment::Moment;

/// So many failures in a row, and the buyer's server is given a rest.
const FAILURES_BEFORE_REST: u32 = 10;
/// The first rest; it doubles with each further failure.
const REST_MS: i64 = 1_000;
/// The longest rest. After each one call goes through, and its answer decides.
const REST_MS_MAX: i64 = 30_000;

/// Failures in a row, and a rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Health {
    failures: u32,
    rest_until: Moment,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            failures: 0,
            rest_until: Moment::from_unix_ms(0),
        }
    }
}

impl Health {
    /// What the end of a call says of the buyer's server. Limits of our own and patience at its end say nothing.
    pub(super) fn ended(&mut self, end: &CallEnd, now: Moment) {
        match end {
            CallEnd::Answered { .. } => self.failures = 0,
            CallEnd::NotSent(NotSent::Forbidden(_) | NotSent::Unreachable(_)) | CallEnd::Broken { .. } => self.failed(now),
            CallEnd::NotSent(NotSent::Throttled | NotSent::NoConnection) | CallEnd::Late => {}
        }
    }

    fn failed(&mut self, now: Moment) {
        self.failures = self.failures.saturating_add(1);
        let beyond = self.failures.saturating_sub(FAILURES_BEFORE_REST).min(16);
        self.rest_until = now.plus_ms((REST_MS << beyond).min(REST_MS_MAX));
    }

    /// Failures in a row if it is resting. When a rest is over one call goes through as a probe; until it is answered the
    /// others wait.
    pub(super) fn resting(&mut self, now: Moment) -> Option<u32> {
        if self.failures < FAILURES_BEFORE_REST {
            return None;
        }
        if now < self.rest_until {
            return Some(self.failures);
        }
        self.rest_until = now.plus_ms(REST_MS);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment::from_unix_ms(ms)
    }

    #[test]
    fn a_failing_buyer_rests_and_is_probed_once() {
        let mut health = Health::default();
        for _ in 0..FAILURES_BEFORE_REST {
            assert_eq!(health.resting(at(0)), None);
            health.failed(at(0));
        }
        assert_eq!(health.resting(at(500)), Some(10));
        assert_eq!(health.resting(at(1_000)), None, "one probe goes through");
        assert_eq!(health.resting(at(1_001)), Some(10), "and only one");
        health.failures = 0;
        assert_eq!(health.resting(at(1_002)), None);
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
            let mut health = Health::default();
            (0..FAILURES_BEFORE_REST).for_each(|_| health.ended(&end, at(0)));
            assert_eq!(health.resting(at(500)).is_some(), wears_out, "{end:?}");
        }
    }
}
