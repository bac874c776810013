//! The deadline of one answer, on monotonic time: wall clocks jump, this one does not.

use std::time::Duration;
use tokio::time::Instant;

/// When the answer to the source must leave, and what that leaves for the steps before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    started: Instant,
    answer_by: Instant,
}

impl Deadline {
    /// Starts now, for an answer that has left after `total`.
    ///
    /// A timer fires up to a millisecond late, and the answer still has to be written: a twentieth of the total,
    /// at most 20 ms, is kept for that.
    pub(crate) fn after(total: Duration) -> Self {
        let started = Instant::now();
        let to_write = (total / 20).min(Duration::from_millis(20));
        Self {
            started,
            answer_by: started + total - to_write,
        }
    }

    /// When the answer must be ready.
    pub(crate) const fn answer_by(self) -> Instant {
        self.answer_by
    }

    /// When pings close: the campaign's window, but never so late that nothing is left for the post. Of a short
    /// deadline half is kept back, of a long one 300 ms: a post to a healthy buyer takes one round trip and two
    /// commits.
    pub(crate) fn pings_until(self, window: Duration) -> Instant {
        let total = self.answer_by - self.started;
        let kept_back = (total / 2).min(Duration::from_millis(300));
        (Instant::now() + window).min(self.answer_by - kept_back)
    }

    /// Time since the request came in.
    pub(crate) fn elapsed(self) -> Duration {
        self.started.elapsed()
    }
}

/// A duration in whole microseconds, as records keep it.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
