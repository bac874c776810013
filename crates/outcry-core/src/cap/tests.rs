//! Windows against the calendar, a ring against what it has seen, and forecasts in words.

use super::*;
use crate::moment::Stamp;
use jiff::tz::TimeZone;

fn at(text: &str) -> Moment {
    Stamp::parse(text).unwrap().at
}

/// `day in America/New_York at NOW: START to END`, all by the clock of Greenwich.
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [window, "in", zone, "at", now, start, "to", end] = words[..] else {
            panic!("{line}")
        };
        let window = Window::ALL.into_iter().find(|known| known.word() == window).unwrap();
        let moment = |text: &str| at(&format!("{}Z", text.trim_end_matches(':')));
        let span = window.calendar(moment(now), &TimeZone::get(zone).unwrap());
        assert_eq!((span.start, span.end), (moment(start), Some(moment(end))), "{line}");
    }
}

#[test]
fn windows_begin_where_the_buyers_calendar_says() {
    check(
        "
        minute in UTC                 at 2026-11-23T15:04:59: 2026-11-23T15:04:00 to 2026-11-23T15:05:00
        hour   in Asia/Kathmandu      at 2026-11-23T15:04:59: 2026-11-23T14:15:00 to 2026-11-23T15:15:00
        day    in America/New_York    at 2026-11-23T04:59:59: 2026-11-22T05:00:00 to 2026-11-23T05:00:00
        week   in America/Chicago     at 2026-11-23T05:00:00: 2026-11-16T06:00:00 to 2026-11-23T06:00:00
        month  in America/Los_Angeles at 2026-11-30T12:00:00: 2026-11-01T07:00:00 to 2026-12-01T08:00:00
        ",
    );
}

#[test]
fn a_day_has_twenty_five_hours_or_twenty_three_and_an_hour_is_cut_where_clocks_are_put_by_half_of_one() {
    check(
        "
        day    in America/New_York    at 2026-11-01T12:00:00: 2026-11-01T04:00:00 to 2026-11-02T05:00:00
        day    in America/New_York    at 2026-03-08T12:00:00: 2026-03-08T05:00:00 to 2026-03-09T04:00:00
        hour   in Australia/Lord_Howe at 2026-04-04T14:45:00: 2026-04-04T14:00:00 to 2026-04-04T15:00:00
        hour   in Australia/Lord_Howe at 2026-04-04T15:10:00: 2026-04-04T15:00:00 to 2026-04-04T15:30:00
        ",
    );
}

#[test]
fn a_day_without_midnight_begins_at_one() {
    check("day in America/Santiago at 2026-09-06T12:00:00: 2026-09-06T04:00:00 to 2026-09-07T03:00:00");
}

/// What a window is, derived slowly and by other means: the offset is added to the time, and the rest is division. Days are
/// counted, Mondays are every seventh, and months are found by walking through them.
fn slowly(window: Window, ms: i64, zone: &TimeZone) -> (i64, i64) {
    let offset_ms = i64::from(zone.to_offset(Moment::from_unix_ms(ms).timestamp()).seconds()) * 1_000;
    let local = ms + offset_ms;
    let day = local.div_euclid(86_400_000);
    match window {
        // An hour that comes twice is two windows, and one in which the clock is put is cut: the offset is part of its name.
        Window::Minute => (local.div_euclid(60_000), offset_ms),
        Window::Hour => (local.div_euclid(3_600_000), offset_ms),
        Window::Day => (day, 0),
        // 1970 began on a Thursday.
        Window::Week => ((day + 3).div_euclid(7), 0),
        Window::Month => {
            let (mut month, mut left) = (0, day);
            loop {
                let year = 1970 + month / 12;
                let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
                let length = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][usize::try_from(month % 12).unwrap()];
                if left < length {
                    return (month, 0);
                }
                (month, left) = (month + 1, left - length);
            }
        }
        Window::Total => (0, 0),
    }
}

#[test]
fn in_every_zone_and_at_every_change_of_clocks_windows_tile_the_time_line() {
    const HOUR: i64 = 3_600_000;
    let around = [
        -25 * HOUR,
        -HOUR - 1,
        -HOUR / 2,
        -1,
        0,
        1,
        HOUR / 2,
        HOUR - 1,
        HOUR,
        2 * HOUR,
        23 * HOUR,
        26 * HOUR,
    ];
    let (from, to) = (at("2024-01-01T00:00:00Z"), at("2031-01-01T00:00:00Z"));
    let (mut zones, mut changes) = (0, 0);
    for name in jiff::tz::db().available() {
        let Ok(zone) = TimeZone::get(name.as_str()) else { continue };
        zones += 1;
        let puts = zone.following(from.timestamp()).map(|put| put.timestamp().as_millisecond());
        let puts: Vec<i64> = puts.take_while(|put| *put < to.unix_ms()).collect();
        changes += puts.len();
        let moments = puts.iter().flat_map(|put| around.map(|off| put + off)).chain([from.unix_ms()]);
        for ms in moments {
            for window in Window::ALL.into_iter().filter(|window| *window != Window::Total) {
                let span = window.calendar(Moment::from_unix_ms(ms), &zone);
                let (start, end) = (span.start.unix_ms(), span.end.unwrap().unix_ms());
                assert!(
                    start <= ms && ms < end,
                    "{window:?} of {ms} in {} is {start} to {end}",
                    name.as_str()
                );
                let own = slowly(window, ms, &zone);
                let found = [start - 1, start, end - 1, end].map(|ms| slowly(window, ms, &zone) == own);
                assert_eq!(
                    found,
                    [false, true, true, false],
                    "{window:?} of {ms} in {} is {start} to {end}",
                    name.as_str()
                );
            }
        }
    }
    assert!(zones > 400 && changes > 1_000, "{zones} zones with {changes} changes");
}

/// Walks from two hours before a change of clocks to two hours after it; tells how many moments it looked at, and how many windows of
/// the shortest kinds it met.
///
/// Each moment lies in the window it is given, and whenever that is another than a step before, it begins where that one ended.
fn walk_around(put: i64, step_ms: i64, zone: &TimeZone, name: &str) -> (u64, u64) {
    const TWO_HOURS: i64 = 2 * 3_600_000;
    let (mut looks, mut met) = (0, 0);
    for window in Window::ALL.into_iter().filter(|window| *window != Window::Total) {
        let mut before: Option<Span> = None;
        let mut ms = put - TWO_HOURS;
        while ms <= put + TWO_HOURS {
            let span = window.calendar(Moment::from_unix_ms(ms), zone);
            let (start, end) = (span.start.unix_ms(), span.end.unwrap().unix_ms());
            assert!(start <= ms && ms < end, "{window:?} of {ms} in {name} is {start} to {end}");
            if before != Some(span) {
                // A long step may pass over windows; it must still not land in one that began before the last one ended.
                let last = before.map_or(start, |before| before.end.unwrap().unix_ms());
                assert!(last == start || 1_000 < step_ms && last < start, "{window:?} at {ms} in {name}");
                assert_eq!(
                    slowly(window, start, zone),
                    slowly(window, ms, zone),
                    "{window:?} at {ms} in {name}"
                );
                assert_ne!(
                    slowly(window, start - 1, zone),
                    slowly(window, ms, zone),
                    "{window:?} at {ms} in {name}"
                );
                met += 1;
                before = Some(span);
            }
            looks += 1;
            ms += step_ms;
        }
    }
    (looks, met)
}

/// In steps of eleven minutes here, of a second in `cargo xtask bars B9`, which sets `OUTCRY_STEP`.
#[test]
fn around_every_change_of_clocks_each_moment_is_in_exactly_one_window() {
    let step = std::env::var("OUTCRY_STEP")
        .ok()
        .and_then(|step| step.parse::<i64>().ok())
        .unwrap_or(661);
    let (from, to) = (at("2024-01-01T00:00:00Z"), at("2031-01-01T00:00:00Z"));
    let (mut zones, mut changes, mut looks, mut met) = (0, 0, 0, 0);
    for name in jiff::tz::db().available() {
        let Ok(zone) = TimeZone::get(name.as_str()) else { continue };
        zones += 1;
        let puts = zone.following(from.timestamp()).map(|put| put.timestamp().as_millisecond());
        for put in puts.take_while(|put| *put < to.unix_ms()) {
            let (looked, windows) = walk_around(put, step * 1_000, &zone, name.as_str());
            (changes, looks, met) = (changes + 1, looks + looked, met + windows);
        }
    }
    println!(
        "figure: {zones} zones, {changes} changes of clocks from 2024 to 2030, {looks} moments in steps of {step} s: each in exactly one of {met} windows"
    );
    assert!(zones > 400 && changes > 1_000, "{zones} zones with {changes} changes");
}

#[test]
fn in_any_stretch_as_long_as_a_rolling_window_no_more_than_the_limit_is_used() {
    let limit = 7;
    for (window, step_ms) in [(Window::Minute, 777), (Window::Hour, 41_003), (Window::Day, 1_234_567)] {
        let (length, part) = window.rolls().unwrap();
        let clock = Clock {
            rolling: true,
            ..Clock::calendar(window, TimeZone::UTC)
        };
        let (mut ring, mut used) = (Ring::default(), Vec::new());
        let mut now = at("2026-11-23T15:00:00.123Z");
        for turn in 0..2_000_i64 {
            now = now.plus_ms(step_ms * (1 + turn * turn % 5));
            let span = clock.span(now);
            let opens = ring.opens(&span, 1, limit);
            let room = ring.since(span.since) < limit;
            assert_eq!(room, opens.is_none(), "it opens exactly if it is full");
            if let Some(opens) = opens {
                assert!(ring.since(clock.span(opens).since) < limit, "when it opens there is room");
                assert!(ring.since(clock.span(opens.plus_ms(-1)).since) >= limit, "and not before");
                continue;
            }
            ring.add(span.start, 1);
            used.push(now);
            ring.forget_before(span.since);
            assert!(ring.len() <= usize::try_from(length / part).unwrap() + 1);
        }
        for (at, first) in used.iter().enumerate() {
            let in_window = used[at..].iter().take_while(|moment| moment.since_ms(*first) < length).count();
            assert!(in_window <= usize::try_from(limit).unwrap(), "{in_window} in a {window:?}");
        }
        assert!(used.len() > 100, "and the limit is used");
    }
}

#[test]
fn a_unit_comes_back_at_most_one_part_after_its_time() {
    let clock = Clock {
        rolling: true,
        ..Clock::calendar(Window::Hour, TimeZone::UTC)
    };
    let mut ring = Ring::default();
    let first = at("2026-11-23T15:00:30Z");
    ring.add(clock.span(first).start, 1);
    let used = |text| ring.since(clock.span(at(text)).since);
    assert_eq!(
        (
            used("2026-11-23T16:00:29Z"),
            used("2026-11-23T16:00:59Z"),
            used("2026-11-23T16:01:00Z")
        ),
        (1, 1, 0)
    );
    // A clock that has been put back does not make room.
    assert_eq!(used("2026-11-23T14:00:00Z"), 1);
}

#[test]
fn a_forecast_says_when_a_cap_is_full_at_this_pace() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let clock = Clock::calendar(Window::Day, zone);
    // It is eleven in New York, and the first lead of the day came at nine.
    let (first, now) = (at("2026-11-23T14:00:00Z"), at("2026-11-23T16:00:00Z"));
    let table = [
        (50, 20, Forecast::FullAt(at("2026-11-23T19:00:00Z"))),
        (
            50,
            50,
            Forecast::Full {
                opens: Some(at("2026-11-24T05:00:00Z")),
            },
        ),
        (
            50,
            51,
            Forecast::Full {
                opens: Some(at("2026-11-24T05:00:00Z")),
            },
        ),
        // Ten an hour for thirteen more hours.
        (500, 20, Forecast::Open { at_end: Some(150) }),
        (50, 0, Forecast::Unknown),
    ];
    for (limit, used, expected) in table {
        assert_eq!(
            Pace { used, first }.forecast(limit, &clock.span(now), now),
            expected,
            "{used} of {limit}"
        );
    }
    let just_begun = Pace {
        used: 3,
        first: now.plus_ms(-59_000),
    };
    assert_eq!(just_begun.forecast(50, &clock.span(now), now), Forecast::Unknown);
    let total = Clock::calendar(Window::Total, TimeZone::UTC);
    let order = Pace { used: 20, first };
    assert_eq!(
        order.forecast(50, &total.span(now), now),
        Forecast::FullAt(at("2026-11-23T19:00:00Z"))
    );
    assert_eq!(order.forecast(20, &total.span(now), now), Forecast::Full { opens: None });
}

#[test]
fn units_are_counted_in_what_the_cap_counts() {
    let split = Split {
        price: Money::from_cents(1_250),
        payout: Money::from_cents(1_000),
        margin: Money::from_cents(250),
    };
    let table = [
        (Counts::Pings, 1),
        (Counts::Posts, 1),
        (Counts::Sales, 1),
        (Counts::Price, 12_500_000),
        (Counts::Payout, 10_000_000),
    ];
    for (counts, amount) in table {
        let cap = Cap {
            key: "contract/ann/x/day".into(),
            index: 0,
            counts,
            clock: Clock::calendar(Window::Day, TimeZone::UTC),
            limit: 1,
            over: 0,
            when: Vec::new(),
            full: WhenFull::Next,
        };
        assert_eq!(cap.amount(&split), amount, "{counts:?}");
    }
}
