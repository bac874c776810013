//! Who is let in when more come than there is room for: decided by the head of a request, before its body is read.
//!
//! Room is not a number somebody sets. The process feels its own pulse: how late a timer of its own is served says how
//! long work waits for the processor. While that is short there is room for as many requests as the settings allow; when it
//! grows, room shrinks to a little less than what is inside, and grows back slowly. So what was let in keeps its pace, and the
//! rest hears at once when to come again.
//!
//! Room is shared. A source that takes more than its part leaves a fifth of the room to those that do not, so a flood from one
//! costs the others nothing. A post of a quote is let in before a lead, and a lead before a ping: the more has been done
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
    /// Sources that share the room, at least one.
    active: usize,
    pulse: Pulse,
}

#[derive(Clone, Copy)]
struct Source {
    taken: usize,
    waiting: usize,
    asked: Option<Instant>,
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
                active: 1,
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
        inside.sources[source].asked = Some(now);
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
        inside.sources[source].asked = Some(now);
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
    /// May one more of this source come in? Who has taken its part may fill four fifths of the room.
    fn room_for(&self, source: usize, knock: Knock, most: usize) -> Result<(), Full> {
        let beyond = (self.room / self.active).max(1) <= self.sources[source].taken;
        let room = self.room * knock.percent() / 100;
        let room = if beyond { room * 4 / 5 } else { room };
        if self.taken < room.max(ROOM_LEAST.min(most)) {
            return Ok(());
        }
        Err(self.full(beyond))
    }

    /// May one more of this source wait for its body? There are as many such places as the settings allow requests.
    fn place_to_wait(&self, source: usize, most: usize) -> Result<(), Full> {
        let beyond = (most / self.active).max(1) <= self.sources[source].waiting;
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
        let asked = |source: &&Source| 0 < source.taken + source.waiting || source.asked.is_some_and(|asked| now < asked + ACTIVE);
        self.active = self.sources.iter().filter(asked).count().max(1);
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
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_millis(20);
    const QUICK: Duration = Duration::from_millis(1);

    struct Door {
        admission: Arc<Admission>,
        now: Instant,
        places: Vec<(usize, Place)>,
    }

    impl Door {
        fn of(most: usize, sources: usize) -> Self {
            Self {
                admission: Admission::new(most, sources),
                now: Instant::now(),
                places: Vec::new(),
            }
        }

        /// So many of a source ask; tells how many are let in, and what the last one who was not heard.
        fn ask(&mut self, source: usize, knock: Knock, count: usize) -> (usize, Option<Full>) {
            let (before, mut last) = (self.places.len(), None);
            for _ in 0..count {
                match self.admission.try_enter(source, knock, self.now) {
                    Ok(place) => self.places.push((source, place)),
                    Err(full) => last = Some(full),
                }
            }
            (self.places.len() - before, last)
        }

        fn leave(&mut self, source: usize, mut count: usize) {
            self.places.retain(|(of, _)| {
                let goes = *of == source && 0 < count;
                count -= usize::from(goes);
                !goes
            });
        }

        /// Beats for so long, each this late.
        fn beats(&mut self, late: Duration, count: u32) {
            for _ in 0..count {
                self.now += BEAT;
                self.admission.beat(late, self.now);
            }
        }
    }

    #[tokio::test]
    async fn there_is_room_for_as_many_as_the_settings_say_while_the_pulse_is_quick() {
        let mut door = Door::of(1_000, 1);
        assert_eq!(door.ask(0, Knock::Lead, 1_000), (950, Some(Full::Ours)));
        assert_eq!(door.ask(0, Knock::Post, 1_000), (50, Some(Full::Ours)));
        door.beats(QUICK, 500);
        assert_eq!(door.admission.room(), 1_000);
    }

    #[tokio::test]
    async fn a_slow_pulse_shrinks_the_room_to_less_than_is_inside_and_a_quick_one_gives_it_back() {
        let mut door = Door::of(10_000, 2);
        door.ask(0, Knock::Lead, 200);
        door.ask(1, Knock::Lead, 200);
        door.beats(SLOW, 25);
        let shrunk = door.admission.room();
        assert!((300..400).contains(&shrunk), "{shrunk}");
        assert_eq!(door.ask(0, Knock::Post, 5).0, 0);
        door.beats(QUICK, 5 * 500);
        assert_eq!(door.admission.room(), 10_000);
    }

    #[tokio::test]
    async fn a_quiet_trade_on_a_busy_machine_is_let_in_whatever_the_pulse() {
        let mut door = Door::of(10_000, 1);
        door.beats(SLOW * 10, 1_000);
        assert_eq!(door.ask(0, Knock::Ping, ROOM_LEAST).0, ROOM_LEAST);
        door.beats(SLOW * 10, 1_000);
        assert_eq!(door.admission.room(), ROOM_LEAST);
        door.leave(0, 1);
        assert_eq!(door.ask(0, Knock::Ping, 1).0, 1);
    }

    #[tokio::test]
    async fn a_flood_from_one_source_leaves_the_others_their_part() {
        let mut door = Door::of(1_000, 10);
        (1..10).for_each(|source| assert_eq!(door.ask(source, Knock::Lead, 60).0, 60));
        door.beats(QUICK, BEATS);
        let (flood, heard) = door.ask(0, Knock::Lead, 5_000);
        assert_eq!(
            (flood, heard),
            (220, Some(Full::Yours)),
            "four fifths of 95 per cent, less the others"
        );
        for source in 1..10 {
            assert_eq!(door.ask(source, Knock::Lead, 20), (20, None), "source {source}");
        }
    }

    #[tokio::test]
    async fn bodies_that_stall_take_no_room_from_those_that_have_come() {
        let mut door = Door::of(1_000, 10);
        let stalled: Vec<_> = (0..700)
            .map(|_| door.admission.try_wait(0, Knock::Lead, door.now).unwrap())
            .collect();
        assert_eq!(door.ask(1, Knock::Lead, 950), (950, None));
        door.leave(1, 950);
        door.beats(QUICK, BEATS);
        for source in 2..10 {
            assert!(door.admission.try_wait(source, Knock::Lead, door.now).is_ok(), "source {source}");
        }
        let beyond: Vec<_> = (0..200)
            .map_while(|_| door.admission.try_wait(0, Knock::Lead, door.now).ok())
            .collect();
        assert_eq!(beyond.len(), 100, "a flood of them leaves a fifth of the places to the others");
        drop((stalled, beyond));
        assert_eq!(door.admission.inside().waiting, 0);
    }

    #[tokio::test]
    async fn who_has_waited_for_its_body_is_let_in_only_if_there_is_still_room() {
        let mut door = Door::of(100, 1);
        let waiting = [Knock::Lead, Knock::Lead].map(|knock| door.admission.try_wait(0, knock, door.now).unwrap());
        door.ask(0, Knock::Lead, 94);
        let [first, second] = waiting.map(|waiting| waiting.try_enter(door.now));
        assert!(first.is_ok());
        assert_eq!(second.err(), Some(Full::Ours));
    }

    #[tokio::test]
    async fn when_room_is_short_posts_go_before_leads_and_leads_before_pings() {
        for (knock, inside) in [(Knock::Ping, 900), (Knock::Lead, 950), (Knock::Post, 1_000)] {
            let mut door = Door::of(1_000, 1_000);
            // Many sources, so that nobody is beyond its part.
            for source in 0..1_000 {
                door.ask(source, knock, 1);
            }
            assert_eq!(door.places.len(), inside, "{knock:?}");
        }
    }

    #[tokio::test]
    async fn every_place_is_given_back() {
        let mut door = Door::of(100, 2);
        door.ask(0, Knock::Lead, 300);
        door.ask(1, Knock::Post, 300);
        door.places.clear();
        let inside = door.admission.inside();
        assert_eq!((inside.taken, inside.sources[0].taken, inside.sources[1].taken), (0, 0, 0));
    }
}
