//! When it is open, and when it opens.

use super::*;
use crate::moment::Stamp;

fn at(text: &str) -> Moment {
    Stamp::parse(text).unwrap().at
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn office() -> Calendar {
    Calendar {
        week: Week::parse("mon-fri 9-17:30, sat 10-14").unwrap(),
        us_federal: true,
        closed: vec![(Date::constant(2026, 12, 28), Date::constant(2026, 12, 31))],
        special: vec![
            (Date::constant(2026, 11, 27), Week::parse_day("9-12").unwrap()),
            (Date::constant(2026, 12, 29), Week::parse_day("10-11").unwrap()),
        ],
    }
}

#[test]
fn exceptions_stand_above_holidays_and_holidays_above_the_week() {
    let new_york = zone("America/New_York");
    let table = [
        ("2026-11-23T08:59:59-05:00", false, "a Monday before nine"),
        ("2026-11-23T09:00:00-05:00", true, "nine o'clock"),
        ("2026-11-23T17:29:59-05:00", true, "the last second"),
        ("2026-11-23T17:30:00-05:00", false, "half past five"),
        ("2026-11-22T12:00:00-05:00", false, "a Sunday"),
        ("2026-11-26T12:00:00-05:00", false, "Thanksgiving"),
        ("2026-11-27T11:00:00-05:00", true, "the short Friday after it"),
        ("2026-11-27T12:00:00-05:00", false, "its afternoon"),
        ("2026-12-28T12:00:00-05:00", false, "closed between the years"),
        ("2026-12-29T10:30:00-05:00", true, "but for one hour"),
        ("2027-01-04T12:00:00-05:00", true, "and open again"),
    ];
    for (now, open, why) in table {
        assert_eq!(office().is_open(&Local::of(at(now), &new_york)), open, "{now}: {why}");
    }
}

#[test]
fn the_next_opening_is_found_over_nights_holidays_and_changes_of_clocks() {
    let new_york = zone("America/New_York");
    let table = [
        ("2026-11-23T12:00:00-05:00", "2026-11-23T12:00:00-05:00"),
        ("2026-11-23T18:00:00-05:00", "2026-11-24T09:00:00-05:00"),
        // Over Thanksgiving into the short Friday.
        ("2026-11-25T18:00:00-05:00", "2026-11-27T09:00:00-05:00"),
        // Over Christmas, kept on a Friday, to a Saturday; then to the one hour between the years.
        ("2026-12-24T18:00:00-05:00", "2026-12-26T10:00:00-05:00"),
        ("2026-12-26T14:00:00-05:00", "2026-12-29T10:00:00-05:00"),
        // Clocks go back on 1 November and forward on 14 March.
        ("2026-10-31T14:00:00-04:00", "2026-11-02T09:00:00-05:00"),
        ("2027-03-13T14:00:00-05:00", "2027-03-15T09:00:00-04:00"),
    ];
    for (now, opens) in table {
        assert_eq!(office().opens(at(now), std::slice::from_ref(&new_york)), Some(at(opens)), "{now}");
    }
    let never = Calendar::weekly(Week::parse_day("closed").map(|_| Week::parse("mon 9-10").unwrap()).unwrap());
    let closed = Calendar {
        closed: vec![(Date::constant(2026, 1, 1), Date::constant(2029, 1, 1))],
        ..never
    };
    assert_eq!(closed.opens(at("2026-11-23T12:00:00Z"), &[new_york]), None);
}

#[test]
fn where_it_may_be_two_times_it_opens_when_it_is_time_in_both() {
    let hours = Calendar::weekly(Week::parse("8-21").unwrap());
    let both = [zone("America/New_York"), zone("America/Chicago")];
    // Eight in New York is seven in Chicago; twenty past nine in New York is twenty past eight there.
    assert_eq!(
        hours.opens(at("2026-11-23T06:30:00-05:00"), &both),
        Some(at("2026-11-23T09:00:00-05:00"))
    );
    assert_eq!(
        hours.opens(at("2026-11-23T21:20:00-05:00"), &both),
        Some(at("2026-11-24T09:00:00-05:00"))
    );
}

#[test]
fn a_moment_found_by_the_search_is_the_first_minute_that_is_open() {
    // The slow way: minute by minute.
    for name in [
        "America/New_York",
        "America/Phoenix",
        "America/Santiago",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
    ] {
        let (zones, calendar) = (
            [zone(name)],
            Calendar::weekly(Week::parse("mon-thu 0-0:30, sat 1:15-2:10, sun 23-1").unwrap()),
        );
        for start in (0..40).map(|step| at("2026-03-25T00:00:30Z").plus_ms(step * 17_777_777)) {
            let open = |at: &Moment| calendar.is_open(&Local::of(*at, &zones[0]));
            let minutes = (0..7 * 24 * 60).map(|minute| start.plus_ms(minute * 60_000 - start.unix_ms().rem_euclid(60_000)).max(start));
            assert_eq!(calendar.opens(start, &zones), minutes.into_iter().find(open), "{start} in {name}");
        }
    }
}
