//! The connections to one origin: so many and no more, the last used first, and a queue for those who must wait.
//!
//! A library client without these limits does not come back from a stall: every call opens a connection, every
//! deadline closes one, and soon connecting is all it does. Here a deadline closes nothing, a connection that somebody
//! began to open goes to whoever waits, and a burst ends at the limit.

use super::codec::Reader;
use super::connection::{Connection, Outcome};
use super::dial::Dialer;
use super::digest::Sessions;
use super::place::Place;
use super::progress::{Progress, Step};
use outcry_engine::ports::outbound;
use outcry_engine::ports::outbound::NotSent;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long after an answer a connection is as good as new.
const FRESH: Duration = Duration::from_secs(2);
/// Waiting calls whose callers have gone are swept out when the queue has at least this many.
const SWEEP_MIN: usize = 64;

/// One origin and its connections.
pub(super) struct Origin {
    /// Where it is.
    pub(super) place: Place,
    /// What its server asked of those who had to say who they are.
    pub(super) digests: Sessions,
    connections_max: usize,
    dialer: Arc<Dialer>,
    state: Mutex<State>,
}

/// Which connections will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Any that seems alive.
    Any,
    /// New, or answered on just now.
    Fresh,
    /// Not one that lay idle.
    New,
}

#[derive(Default)]
struct State {
    /// The one used last is at the back.
    idle: VecDeque<Connection>,
    waiting: VecDeque<oneshot::Sender<Result<Lease, NotSent>>>,
    /// The length at which `waiting` is swept.
    sweep_at: usize,
    /// Connections open, idle or lent.
    open: usize,
    /// Connections being opened.
    dialing: usize,
}

/// A connection lent. Dropped while it is still good, it goes to the next who waits, or back to the idle ones.
pub(super) struct Lease {
    origin: Arc<Origin>,
    connection: Option<Connection>,
    reusable: bool,
    /// Whether it lay idle, or has served before: it may have died unnoticed.
    pub(super) reused: bool,
}

impl Origin {
    pub(super) fn new(place: Place, connections_max: usize, dialer: Arc<Dialer>) -> Self {
        Self {
            place,
            digests: Sessions::default(),
            connections_max: connections_max.max(1),
            dialer,
            state: Mutex::default(),
        }
    }

    /// Lends a connection; waits for as long as the caller polls.
    ///
    /// # Errors
    /// If none could be opened.
    pub(super) async fn lease(self: &Arc<Self>, want: Want, progress: &Progress) -> Result<Lease, NotSent> {
        let waiting = match self.take(want) {
            Ok(lease) => return Ok(lease),
            Err((waiting, dialing)) => {
                progress.reach(if dialing { Step::Connecting } else { Step::Waiting });
                waiting
            }
        };
        waiting.await.unwrap_or(Err(NotSent::NoConnection))
    }

    /// Connections open or being opened.
    pub(super) fn connections(&self) -> usize {
        let state = self.locked();
        state.open + state.dialing
    }

    /// Closes what has lain idle too long; true if nothing at all goes on here.
    pub(super) fn reap(&self, now: Instant) -> bool {
        let mut state = self.locked();
        let before = state.idle.len();
        state.idle.retain_mut(|connection| connection.is_fit(now));
        state.open -= before - state.idle.len();
        state.open == 0 && state.dialing == 0 && state.waiting.is_empty()
    }

    /// An idle connection, or else a place in the queue, and whether a connection is being opened for it.
    fn take(self: &Arc<Self>, want: Want) -> Result<Lease, (oneshot::Receiver<Result<Lease, NotSent>>, bool)> {
        let mut state = self.locked();
        if let Some(connection) = state.take_idle(want) {
            drop(state);
            return Ok(self.lend(connection, true));
        }
        if state.open + state.dialing >= self.connections_max && state.idle.pop_front().is_some() {
            state.open -= 1; // it would not do, and stands in the way of one that will
        }
        let (sender, receiver) = oneshot::channel();
        state.wait(sender);
        let dialing = self.dial_if_wanted(&mut state);
        Err((receiver, dialing))
    }

    fn lend(self: &Arc<Self>, connection: Connection, reused: bool) -> Lease {
        Lease {
            origin: Arc::clone(self),
            connection: Some(connection),
            reusable: true,
            reused,
        }
    }

    /// Gives a good connection to the first who still waits, or lays it by.
    fn put(self: &Arc<Self>, mut connection: Connection) {
        loop {
            let mut state = self.locked();
            let Some(waiting) = state.waiting.pop_front() else {
                state.idle.push_back(connection);
                return;
            };
            drop(state);
            let reused = connection.has_served();
            match waiting.send(Ok(self.lend(connection, reused))) {
                Err(Ok(Lease {
                    connection: ref mut back, ..
                })) => match back.take() {
                    Some(back) => connection = back,
                    None => return,
                },
                Ok(()) | Err(Err(_)) => return,
            }
        }
    }

    fn close(self: &Arc<Self>, connection: Connection) {
        drop(connection);
        let mut state = self.locked();
        state.open -= 1;
        self.dial_if_wanted(&mut state);
    }

    /// Begins to open a connection if more wait than are being opened, and there is room.
    fn dial_if_wanted(self: &Arc<Self>, state: &mut State) -> bool {
        let wanted = state.dialing < state.waiting.len() && state.open + state.dialing < self.connections_max;
        // No runtime, nobody who could wait: the program is ending.
        let Some(runtime) = wanted.then(Handle::try_current).and_then(Result::ok) else {
            return false;
        };
        state.dialing += 1;
        // A task of its own, so that a caller whose time is up leaves a connection behind and not half of one.
        let (origin, mut dialing) = (
            Arc::clone(self),
            Dialing {
                origin: Arc::clone(self),
                opened: 0,
            },
        );
        runtime.spawn(async move {
            let opened = origin.dialer.open(&origin.place).await;
            dialing.opened = opened.iter().count();
            drop(dialing);
            match opened {
                Ok(connection) => origin.put(connection),
                Err(not_sent) => origin.fail(not_sent),
            }
        });
        true
    }

    /// Tells one who waits that the connection will not come, and tries again for the others.
    fn fail(self: &Arc<Self>, not_sent: NotSent) {
        let mut state = self.locked();
        while state.waiting.front().is_some_and(oneshot::Sender::is_closed) {
            state.waiting.pop_front();
        }
        let waiting = if state.dialing < state.waiting.len() {
            state.waiting.pop_front()
        } else {
            None
        };
        self.dial_if_wanted(&mut state);
        drop(state);
        if let Some(waiting) = waiting {
            // If it has gone meanwhile, nobody is left to be told.
            let _ = waiting.send(Err(not_sent));
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_idle(&mut self, want: Want) -> Option<Connection> {
        if want == Want::New || self.idle.is_empty() {
            return None;
        }
        let now = Instant::now();
        while let Some(mut connection) = self.idle.pop_back() {
            if !connection.is_fit(now) {
                self.open -= 1;
            } else if want == Want::Fresh && now - connection.alive_at() >= FRESH {
                self.idle.push_back(connection);
                return None;
            } else {
                return Some(connection);
            }
        }
        None
    }

    fn wait(&mut self, sender: oneshot::Sender<Result<Lease, NotSent>>) {
        if self.waiting.len() >= self.sweep_at.max(SWEEP_MIN) {
            self.waiting.retain(|waiting| !waiting.is_closed());
            self.sweep_at = 2 * self.waiting.len();
        }
        self.waiting.push_back(sender);
    }
}

/// A connection being opened. In one step it stops counting as such and, if all went well, counts as open.
struct Dialing {
    origin: Arc<Origin>,
    opened: usize,
}

impl Drop for Dialing {
    fn drop(&mut self) {
        let mut state = self.origin.locked();
        state.dialing -= 1;
        state.open += self.opened;
    }
}

impl Lease {
    /// One exchange. To drop this future is to close the connection.
    pub(super) async fn exchange(&mut self, write: impl FnOnce(&mut Vec<u8>), reader: Reader, progress: &Progress) -> Outcome {
        let Some(connection) = &mut self.connection else {
            return Outcome::Unsent("the connection is gone".into());
        };
        self.reusable = false;
        let outcome = connection.exchange(write, reader, progress).await;
        self.reusable = matches!(outcome, Outcome::Answered { reusable: true, .. });
        outcome
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match self.connection.take() {
            Some(connection) if self.reusable => self.origin.put(connection),
            Some(connection) => self.origin.close(connection),
            None => {}
        }
    }
}

impl From<outbound::Connection> for Want {
    fn from(connection: outbound::Connection) -> Self {
        match connection {
            outbound::Connection::Any => Self::Any,
            outbound::Connection::Fresh => Self::Fresh,
        }
    }
}
