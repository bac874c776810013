//! Who is let in when more come than there is room for: decided by the head of a request, before its body is read.
//!
//! Room is not a number somebody sets. The process feels its own pulse: how late a timer of its own is served says how
//! long work waits for the processor. While that is short there is room for as many requests as the settings allow; when it
//! grows, room shrinks to a little less than what is inside, and grows back slowly. So what was let in keeps its pace, and the
//! rest hears at once when to come again.
//!
//! Room is shared. Who is within its part is let in whatever the others do, also while room shrinks; who takes more leaves a
//! fifth of the room to those that do not. So a flood from one costs the others nothing. A post of a quote is let in before a lead, and a lead before a ping: the more has been done
//! for it, the less it should be turned away.
//!
//! Room is taken when the body is there. A body on its way is no work, and whoever stalls in the middle of one must not keep
//! out those who do not: a thousand such sockets with one good key once did. Bodies on their way have places of their own,
//! shared in the same way.

use super::problem::{self, Problem};
use axum::http::StatusCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// However late the pulse is, so many requests are let in. A busy machine is no reason to turn a quiet trade away.
const ROOM_LEAST: usize = 64;
/// How often the pulse is felt while there are many requests, and while there are few.
const BEAT: Duration = Duration::from_millis(5);
const BEAT_AT_REST: Duration = Duration::from_millis(50);
/// Beats that are judged together.
const BEATS: u32 = 5;
/// A mean delay above this is a queue. A timer is up to a millisecond late by its nature.
const LATE: Duration = Duration::from_millis(5);
/// A mean delay below this is none.
const PROMPT: Duration = Duration::from_millis(3);
/// After the room has shrunk, what is inside needs so long to show it: about an auction.
const PATIENCE: Duration = Duration::from_millis(100);
/// A source that asked within this takes part in sharing the room.
const ACTIVE: Duration = Duration::from_secs(1);

/// Which door a request comes to; the later ones are let in first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knock {
    /// The first of two calls.
    Ping,
    /// A lead in one call.
    Lead,
    /// The second of two calls: somebody has a promise from us.
    Post,
}

impl Knock {
    /// What part of the room it may fill, in per cent.
    const fn percent(self) -> usize {
        match self {
            Self::Ping => 90,
            Self::Lead => 95,
            Self::Post => 100,
        }
    }
}

/// The room, and who is in it.
pub(crate) struct Admission {
    inside: Mutex<Inside>,
    most: usize,
    /// There is no room on the disk, however much there is here.
    shut: AtomicBool,
}

struct Inside {
    room: usize,
    taken: usize,
    /// Requests whose body is on its way.
    waiting: usize,
    sources: Vec<Source>,
    /// Sources that share the room.
    active: usize,
    pulse: Pulse,
}

#[derive(Clone, Copy)]
struct Source {
    taken: usize,
    waiting: usize,
    asked: Option<Instant>,
}

impl Source {
    /// Does it take part in sharing the room?
    fn is_active(&self, now: Instant) -> bool {
        0 < self.taken + self.waiting || self.asked.is_some_and(|asked| now < asked + ACTIVE)
    }
}

struct Pulse {
    beats: u32,
    late: Duration,
    shrunk: Instant,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Full {
    /// There is no room for anybody.
    Ours,
    /// This source has taken its part, and others want theirs.
    Yours,
}

impl Admission {
    /// Room for at most so many requests, shared by so many sources.
    pub(crate) fn new(most: usize, sources: usize) -> Arc<Self> {
        let nobody = Source {
            taken: 0,
            waiting: 0,
            asked: None,
        };
        Arc::new(Self {
            inside: Mutex::new(Inside {
                room: most,
                taken: 0,
                waiting: 0,
                sources: vec![nobody; sources],
                active: 0,
                pulse: Pulse {
                    beats: 0,
                    late: Duration::ZERO,
                    shrunk: Instant::now(),
                },
            }),
            most,
            shut: AtomicBool::new(false),
        })
    }

    /// Lets nobody in, or lets them in again.
    pub(super) fn shut(&self, shut: bool) {
        self.shut.store(shut, Ordering::Relaxed);
    }

    /// Lets a request of this source wait for its body, if there is room for it now.
    pub(super) fn knock(self: &Arc<Self>, source: usize, knock: Knock) -> Result<Waiting, Problem> {
        if self.shut.load(Ordering::Relaxed) {
            return Err(no_disk());
        }
        self.try_wait(source, knock, Instant::now()).map_err(refusal)
    }

    fn try_wait(self: &Arc<Self>, source: usize, knock: Knock, now: Instant) -> Result<Waiting, Full> {
        let mut inside = self.inside();
        inside.asks(source, now);
        inside.room_for(source, knock, self.most)?;
        inside.place_to_wait(source, self.most)?;
        inside.sources[source].waiting += 1;
        inside.waiting += 1;
        drop(inside);
        Ok(Waiting {
            admission: self.clone(),
            source,
            knock,
        })
    }

    fn try_enter(self: &Arc<Self>, source: usize, knock: Knock, now: Instant) -> Result<Place, Full> {
        let mut inside = self.inside();
        inside.asks(source, now);
        inside.room_for(source, knock, self.most)?;
        inside.sources[source].taken += 1;
        inside.taken += 1;
        drop(inside);
        Ok(Place {
            admission: self.clone(),
            source,
        })
    }

    /// Requests that are let in at once now.
    pub(super) fn room(&self) -> usize {
        self.inside().room
    }

    /// Feels the pulse until nobody needs the room any more.
    pub(crate) async fn watch(admission: Weak<Self>) {
        let mut busy = false;
        loop {
            let due = Instant::now() + if busy { BEAT } else { BEAT_AT_REST };
            tokio::time::sleep_until(due).await;
            let Some(admission) = admission.upgrade() else { return };
            let now = Instant::now();
            busy = admission.beat(now - due, now);
        }
    }

    /// One beat, so late. Are there many requests?
    fn beat(&self, late: Duration, now: Instant) -> bool {
        let mut inside = self.inside();
        inside.pulse.beats += 1;
        inside.pulse.late += late;
        if inside.pulse.beats == BEATS {
            inside.judge(self.most, now);
        }
        ROOM_LEAST <= inside.taken
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Takes note that a source asks. Who begins to ask has a part of the room at once, before the next beats are judged.
    fn asks(&mut self, source: usize, now: Instant) {
        let own = &mut self.sources[source];
        self.active += usize::from(!own.is_active(now));
        own.asked = Some(now);
    }

    /// May one more of this source come in? Within its part it may, however many are inside: all parts together are the room. Beyond
    /// it there have to be less than four fifths of the room inside.
    fn room_for(&self, source: usize, knock: Knock, most: usize) -> Result<(), Full> {
        let room = (self.room * knock.percent() / 100).max(ROOM_LEAST.min(most));
        let (own, part) = (self.sources[source].taken, room / self.active.max(1));
        let beyond = part.max(1) <= own;
        let fits = match (own < part, beyond) {
            (true, _) => self.taken < most,
            (false, true) => self.taken < room * 4 / 5,
            // More sources than places: there is no part for each.
            (false, false) => self.taken < room,
        };
        if fits { Ok(()) } else { Err(self.full(beyond)) }
    }

    /// May one more of this source wait for its body? There are as many such places as the settings allow requests.
    fn place_to_wait(&self, source: usize, most: usize) -> Result<(), Full> {
        let beyond = (most / self.active.max(1)).max(1) <= self.sources[source].waiting;
        let places = if beyond { most * 4 / 5 } else { most };
        if self.waiting < places.max(1) {
            return Ok(());
        }
        Err(self.full(beyond))
    }

    const fn full(&self, beyond: bool) -> Full {
        if beyond && 1 < self.active { Full::Yours } else { Full::Ours }
    }

    /// Shrinks or grows the room by what the last beats were like, and counts who shares it.
    fn judge(&mut self, most: usize, now: Instant) {
        let late = self.pulse.late / self.pulse.beats;
        (self.pulse.beats, self.pulse.late) = (0, Duration::ZERO);
        let least = ROOM_LEAST.min(most);
        if LATE < late && least <= self.taken && self.pulse.shrunk + PATIENCE <= now {
            self.room = (self.room.min(self.taken) * 9 / 10).max(least);
            self.pulse.shrunk = now;
        } else if late < PROMPT {
            self.room = (self.room + 1 + self.room / 100).min(most);
        }
        self.active = self.sources.iter().filter(|source| source.is_active(now)).count();
    }
}

/// A request whose body is on its way.
#[must_use]
pub(super) struct Waiting {
    admission: Arc<Admission>,
    source: usize,
    knock: Knock,
}

impl Waiting {
    /// Lets it in, now that it is there in whole, until the place is dropped.
    pub(super) fn enter(self) -> Result<Place, Problem> {
        self.try_enter(Instant::now()).map_err(refusal)
    }

    fn try_enter(self, now: Instant) -> Result<Place, Full> {
        self.admission.try_enter(self.source, self.knock, now)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut inside = self.admission.inside();
        inside.waiting -= 1;
        inside.sources[self.source].waiting -= 1;
    }
}

/// A request's place in the room.
#[must_use]
pub(super) struct Place {
    admission: Arc<Admission>,
    source: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.admission.inside();
        inside.taken -= 1;
        inside.sources[self.source].taken -= 1;
    }
}

fn no_disk() -> Problem {
    let detail =
        "the exchange has no room on its disk for another lead, so this one was not taken; send it again after the time in Retry-After";
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "disk_full",
        "The exchange cannot take this now",
        detail,
    )
    .retry_after(problem::soon())
}

fn refusal(full: Full) -> Problem {
    let problem = match full {
        Full::Ours => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "The exchange cannot take this now",
            "more leads are under way than this exchange can work on at once, so this one was not taken; send it again after the time in Retry-After",
        ),
        Full::Yours => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Too many requests at once",
            "this source has more requests open than its part of what the exchange can work on now, so this one was not taken; send it again after the time in Retry-After",
        ),
    };
    problem.retry_after(problem::soon())
}

#[cfg(test)]
mod tests;
