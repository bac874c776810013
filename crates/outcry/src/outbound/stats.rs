//! Counts what the client does.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the client has done since it was made, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    /// Connections opened.
    pub(crate) opened: u64,
    /// Calls made on a connection that had served before.
    pub(crate) reused: u64,
    /// Connections open now.
    pub(crate) open_now: u64,
    /// Calls not made because the contract had too many open.
    pub(crate) throttled: u64,
    /// Calls whose answer had not come when their caller's time was up.
    pub(crate) late: u64,
    /// Calls that were sent and not answered whole.
    pub(crate) broken: u64,
    /// Calls without a caller that are still listened to.
    pub(crate) listening: u64,
}

/// The counters behind [`Stats`].
#[derive(Default)]
pub(super) struct Counters {
    pub(super) opened: Counter,
    pub(super) closed: Counter,
    pub(super) reused: Counter,
    pub(super) throttled: Counter,
    pub(super) late: Counter,
    pub(super) broken: Counter,
}

/// A number that only grows.
#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
