//! The door, with beats as late as a test says.

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
    assert_eq!(door.ask(1, Knock::Lead, 760), (760, None));
    door.leave(1, 760);
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
async fn who_is_within_its_part_is_let_in_while_a_flood_is_still_inside_a_room_that_shrank() {
    let mut door = Door::of(1_000, 2);
    door.ask(1, Knock::Lead, 1);
    assert!(700 < door.ask(0, Knock::Lead, 5_000).0);
    door.beats(SLOW, 2 * 25);
    let room = door.admission.room();
    assert!(room < 650, "{room}");
    assert_eq!(door.ask(0, Knock::Lead, 1).0, 0);
    assert_eq!(door.ask(1, Knock::Lead, room / 3), (room / 3, None));
}

#[tokio::test]
async fn a_flood_leaves_the_others_their_part_of_the_least_room_too() {
    let mut door = Door::of(1_000, 10);
    (0..10).for_each(|source| assert_eq!(door.ask(source, Knock::Lead, 30).0, 30));
    door.beats(SLOW, 5 * 500);
    (0..10).for_each(|source| door.leave(source, 30));
    assert_eq!(door.admission.room(), ROOM_LEAST);
    let flood = door.ask(0, Knock::Lead, 5_000);
    assert_eq!(flood, (ROOM_LEAST * 4 / 5, Some(Full::Yours)));
    (1..10).for_each(|source| assert_eq!(door.ask(source, Knock::Lead, 1), (1, None), "source {source}"));
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
