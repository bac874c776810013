//! How far one call has got, as its caller must know it when the time is up.

use std::sync::atomic::{AtomicU8, Ordering};

/// Written by the exchange, read by whoever waits for it.
#[derive(Default)]
pub(super) struct Progress(AtomicU8);

/// The steps that make a difference to a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Every connection is busy.
    Waiting = 0,
    /// A connection is being opened for the call.
    Connecting = 1,
    /// The kernel has taken at least one byte of the request. There is no way back from here but a clear refusal.
    Sent = 2,
}

impl Progress {
    pub(super) fn reach(&self, step: Step) {
        self.0.fetch_max(step as u8, Ordering::Release);
    }

    /// The request was refused before anybody looked at what is in it, and is sent once more.
    pub(super) fn begin_again(&self) {
        self.0.store(Step::Waiting as u8, Ordering::Release);
    }

    pub(super) fn step(&self) -> Step {
        match self.0.load(Ordering::Acquire) {
            0 => Step::Waiting,
            1 => Step::Connecting,
            _ => Step::Sent,
        }
    }
}
