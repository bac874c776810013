//! How long a run took: on the clock, and of the processor. On a machine that is shared only the second says anything.

use std::time::Instant;

/// When a run began.
pub(crate) struct Begun {
    at: Instant,
    busy: Option<f64>,
}

/// What it took, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// On the clock.
    pub(crate) seconds: f64,
    /// Of one core; the same as on the clock where the system does not tell.
    pub(crate) core_seconds: f64,
}

impl Begun {
    pub(crate) fn now() -> Self {
        Self {
            at: Instant::now(),
            busy: busy(),
        }
    }

    pub(crate) fn spent(&self) -> Spent {
        let seconds = self.at.elapsed().as_secs_f64();
        let core_seconds = busy().zip(self.busy).map(|(now, then)| now - then);
        Spent {
            seconds,
            core_seconds: core_seconds.unwrap_or(seconds),
        }
    }
}

/// How long this thread has had a core, in seconds: the simulator is one thread.
fn busy() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = told.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
