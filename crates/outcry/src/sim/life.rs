//! One node from a start to its crash. Everything it wants of the world goes through its gate: who is dead never comes
//! through, who stands still comes through later.
//!
//! A crash cannot take a future back out of the engine's tasks, and need not: an engine whose ports never answer again has
//! no effect on anything, which is what it means to be dead.

use outcry_core::id::BootId;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// A silence after which the others think a node dead.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);

/// One node from a start to its crash.
pub(crate) struct Life {
    pub(crate) node: usize,
    /// Counts the lives of all nodes.
    pub(crate) number: u32,
    dead: AtomicBool,
    /// Wakes who waits in the order in which they came; a channel that is watched draws that order.
    death: Notify,
    still: Mutex<Option<(Instant, Instant)>>,
    boot: Mutex<Option<BootId>>,
}

impl Life {
    pub(crate) fn new(node: usize, number: u32) -> Self {
        Self {
            node,
            number,
            dead: AtomicBool::new(false),
            death: Notify::new(),
            still: Mutex::default(),
            boot: Mutex::default(),
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    pub(crate) fn die(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.death.notify_waiters();
    }

    /// Resolves when it is dead.
    pub(crate) async fn died(&self) {
        let death = self.death.notified();
        if !self.is_dead() {
            death.await;
        }
    }

    /// Stands still until then.
    pub(crate) fn pause(&self, until: Instant) {
        *lock(&self.still) = Some((Instant::now(), until));
    }

    /// Goes on at once.
    pub(crate) fn wake(&self) {
        *lock(&self.still) = None;
    }

    /// Do the others take it for dead?
    pub(crate) fn is_silent(&self) -> bool {
        let still = *lock(&self.still);
        still.is_some_and(|(since, until)| Instant::now() < until && since + SILENCE <= Instant::now())
    }

    /// Lets through who lives and does not stand still.
    pub(crate) async fn gate(&self) {
        loop {
            if self.is_dead() {
                pending::<()>().await;
            }
            let until = lock(&self.still).map(|(_, until)| until).filter(|until| Instant::now() < *until);
            match until {
                None => return,
                Some(until) => sleep_until(until).await,
            }
        }
    }

    pub(crate) fn set_boot(&self, boot: BootId) {
        *lock(&self.boot) = Some(boot);
    }

    pub(crate) fn boot(&self) -> Option<BootId> {
        *lock(&self.boot)
    }
}

fn lock<T>(inside: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}
