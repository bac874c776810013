//! `caps = [{ count = "sales", per = "day", limit = 50, zone = "America/New_York" }]`

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::name;
use crate::spec::{filter, pacing::Level};
use crate::specs::{tell_bad_name, tell_duplicate};
use crate::table::Table;
use jiff::tz::TimeZone;
use outcry_core::cap::{Cap, Clock, Counts, WhenFull, Window};
use outcry_core::filter::Filter;
use std::ops::RangeInclusive;
use std::sync::Arc;

const COUNTS: [(&str, Counts); 5] = [
    (Counts::Sales.word(), Counts::Sales),
    (Counts::Posts.word(), Counts::Posts),
    (Counts::Pings.word(), Counts::Pings),
    (Counts::Price.word(), Counts::Price),
    (Counts::Payout.word(), Counts::Payout),
];

const WINDOWS: [(&str, Window); 6] = [
    (Window::Minute.word(), Window::Minute),
    (Window::Hour.word(), Window::Hour),
    (Window::Day.word(), Window::Day),
    (Window::Week.word(), Window::Week),
    (Window::Month.word(), Window::Month),
    (Window::Total.word(), Window::Total),
];

/// What `full` may be, before it is known for how long a lead is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Full {
    Next,
    Hold,
    Stop,
}

const FULL: [(&str, Full); 3] = [("next", Full::Next), ("hold", Full::Hold), ("stop", Full::Stop)];

/// A cap of nothing would be a contract that is switched off; `paused` says that better.
const UNITS: RangeInclusive<u32> = 1..=1_000_000_000;

/// Thirty days: nobody remembers having asked for longer.
pub(crate) const HOLD_MINUTES: RangeInclusive<u32> = 1..=43_200;
/// A day.
pub(crate) const HOLD_MINUTES_USUAL: u32 = 1_440;

/// What a cap takes from the one it stands in.
#[derive(Clone)]
struct Outer {
    counts: (&'static str, Counts),
    window: (&'static str, Window),
    rolling: bool,
    zone: TimeZone,
    limit: Option<i64>,
    when: Vec<Filter>,
}

/// Reads the caps of a level.
pub(crate) fn read(level: &Level<'_>, table: &Table<'_>) -> Vec<Cap> {
    let mut caps: Vec<(Spot, Cap)> = Vec::new();
    for entry in table.tables("caps", "cap") {
        cap(level, &entry, None, &mut caps);
    }
    caps.into_iter().map(|(_, cap)| cap).collect()
}

/// Reads a cap and those inside of it.
fn cap(level: &Level<'_>, entry: &Table<'_>, outer: Option<&Outer>, caps: &mut Vec<(Spot, Cap)>) {
    let (counts, window, rolling, zone) = measure(level, entry, outer);
    let limit = amount(entry, "limit", counts.map(|(_, counts)| counts), true);
    let over = amount(entry, "over", counts.map(|(_, counts)| counts), false).unwrap_or(0);
    let mut when = outer.map_or_else(Vec::new, |outer| outer.when.clone());
    if entry.has("when") {
        when.push(filter::read(entry, "when", level.lead_type));
    }
    let full = full(entry, window.map(|(_, window)| window));
    let name = named(entry, outer.is_some());
    let inner = entry.tables("caps", "cap");
    entry.finish();
    if rolling && window.is_some_and(|(_, window)| window == Window::Total) {
        let problem = Problem::error(
            codes::BAD_CAP,
            entry.spot_of("rolling"),
            "a total does not roll: nothing ever leaves it",
        );
        entry.desk.tell(problem.hint("leave `rolling` out, or take a shorter `per`"));
    }
    let (Some(counts), Some(window)) = (counts, window) else { return };
    if let (Some(limit), Some(outer)) = (limit, outer) {
        warn_never_binds(entry, (counts, window, rolling, limit), outer);
    }
    let own = Outer {
        counts,
        window,
        rolling,
        zone,
        limit,
        when,
    };
    if let Some(limit) = limit {
        let cap = Cap {
            limit,
            over,
            full,
            ..empty(level, &own, name)
        };
        match caps.iter().find(|(_, other)| other.key == cap.key) {
            Some((first, _)) => tell_duplicate(entry.desk, "cap", &cap.key, entry.spot, *first),
            None => caps.push((entry.spot, cap)),
        }
    }
    for entry in inner {
        self::cap(level, &entry, Some(&own), caps);
    }
}

/// What a cap counts and over which windows. One inside another takes from that what it does not say.
fn measure(level: &Level<'_>, entry: &Table<'_>, outer: Option<&Outer>) -> Measured {
    let inherit = |key: &str| outer.filter(|_| !entry.has_key(key));
    (
        inherit("count").map_or_else(|| word(entry, "count", &COUNTS), |outer| Some(outer.counts)),
        inherit("per").map_or_else(|| word(entry, "per", &WINDOWS), |outer| Some(outer.window)),
        inherit("rolling").map_or_else(|| entry.flag("rolling"), |outer| outer.rolling),
        inherit("zone").map_or_else(|| zone_or(entry, level.zone), |outer| outer.zone.clone()),
    )
}

type Measured = (Option<(&'static str, Counts)>, Option<(&'static str, Window)>, bool, TimeZone);

/// A cap without limits. Counters are kept by its key, so that must not change while the cap is the same.
fn empty(level: &Level<'_>, own: &Outer, name: Option<String>) -> Cap {
    let roll = if own.rolling { "rolling_" } else { "" };
    let name = name.map_or_else(String::new, |name| format!("/{name}"));
    let key: Arc<str> = format!("{}/{}/{roll}{}{name}", level.whose, own.counts.0, own.window.0).into();
    Cap {
        index: level.numbers.cap(&key),
        key,
        counts: own.counts.1,
        clock: Clock {
            index: level.numbers.clock(own.window.1, own.rolling, &own.zone),
            window: own.window.1,
            rolling: own.rolling,
            zone: own.zone.clone(),
        },
        limit: 0,
        over: 0,
        when: own.when.clone(),
        full: WhenFull::Next,
    }
}

/// A cap that counts only some leads is told from others by its name.
fn named(entry: &Table<'_>, inside: bool) -> Option<String> {
    let written = entry.text("name");
    match &written {
        Some(name) if !name::is_name(&name.value) => tell_bad_name(entry.desk, "cap", &name.value, name.spot),
        None if (inside || entry.has("when")) && !entry.has("name") => {
            let message = format!("{} counts only some leads and has no `name`", entry.what);
            let problem = Problem::error(codes::CAP_NEEDS_NAME, entry.spot, message);
            entry
                .desk
                .tell(problem.hint("add `name = \"california\"`: its counter is kept under it"));
        }
        _ => {}
    }
    written.map(|name| name.value)
}

/// What becomes of a lead that finds it full.
fn full(entry: &Table<'_>, window: Option<Window>) -> WhenFull {
    let full = if entry.has("full") { word(entry, "full", &FULL) } else { None };
    let full = full.map_or(Full::Next, |(_, full)| full);
    let minutes = entry.number("hold_minutes", &HOLD_MINUTES);
    let tell = |key: &str, message: &str, hint: &str| {
        let problem = Problem::error(codes::BAD_CAP, entry.spot_of(key), message);
        entry.desk.tell(problem.hint(hint));
    };
    if full == Full::Hold && window == Some(Window::Total) {
        tell(
            "full",
            "a total never opens again, so nothing can be held for it",
            "take \"next\" or \"stop\"",
        );
    }
    if full != Full::Hold && entry.has("hold_minutes") {
        tell(
            "hold_minutes",
            "`hold_minutes` says how long a lead is held, and this cap holds none",
            "add `full = \"hold\"`",
        );
    }
    match full {
        Full::Next => WhenFull::Next,
        Full::Stop => WhenFull::Stop,
        Full::Hold => WhenFull::Hold {
            minutes: minutes.unwrap_or(HOLD_MINUTES_USUAL),
        },
    }
}

type Measure = ((&'static str, Counts), (&'static str, Window), bool, i64);

/// A cap inside another that is no narrower is never reached.
fn warn_never_binds(entry: &Table<'_>, (counts, window, rolling, limit): Measure, outer: &Outer) {
    let alike = counts.1 == outer.counts.1 && window.1 == outer.window.1 && rolling == outer.rolling;
    if alike && outer.limit.is_some_and(|outer| outer <= limit) {
        let message = format!("{} is never reached: the one around it is full before", entry.what);
        let problem = Problem::warning(codes::CAP_NEVER_BINDS, entry.spot_of("limit"), message);
        entry.desk.tell(problem.hint("lower its `limit`, or take it out"));
    }
}

/// One of a list of words, which must be there.
pub(crate) fn word<T: Clone>(table: &Table<'_>, key: &'static str, words: &[(&'static str, T)]) -> Option<(&'static str, T)> {
    let written = table.need_text(key, &format!("\"{}\"", words[0].0))?;
    let found = words.iter().find(|(word, _)| *word == written.value);
    if found.is_none() {
        let known = words.iter().map(|(word, _)| *word);
        let problem = Problem::error(codes::UNKNOWN_WORD, written.spot, format!("`{key}` cannot be `{}`", written.value));
        table.desk.tell(problem.hint_if(name::suggestion(&written.value, known)));
    }
    found.cloned()
}

/// Units, or millionths of the currency unit.
fn amount(entry: &Table<'_>, key: &'static str, counts: Option<Counts>, needed: bool) -> Option<i64> {
    let money = counts.is_some_and(Counts::is_money);
    if needed && !entry.has(key) {
        entry.tell_missing(key, if money { "\"5000.00\"" } else { "50" });
    }
    match counts {
        // What it would be is not known, and was reported.
        None => {
            entry.has(key);
            None
        }
        Some(_) if money => entry.money(key).map(outcry_core::money::Money::micros),
        Some(_) => entry.number(key, &UNITS).map(i64::from),
    }
}

/// The zone whose clocks count; UTC if it is absent.
pub(crate) fn zone(entry: &Table<'_>) -> TimeZone {
    zone_or(entry, &TimeZone::UTC)
}

/// The zone whose clocks count; another level's if it is absent.
///
/// The database still has zones called `EST` and `EST5EDT`. They are refused: the first stays on winter time all year,
/// which nobody means.
pub(crate) fn zone_or(entry: &Table<'_>, usual: &TimeZone) -> TimeZone {
    let Some(written) = entry.text("zone") else { return usual.clone() };
    let is_a_place = written.value == "UTC" || written.value.contains('/');
    let found = TimeZone::get(&written.value).ok().filter(|_| is_a_place);
    if found.is_none() {
        let message = format!("there is no time zone `{}`", written.value);
        let hint = "zones are called after places: \"America/New_York\", \"Europe/London\", or \"UTC\"";
        entry
            .desk
            .tell(Problem::error(codes::UNKNOWN_ZONE, written.spot, message).hint(hint));
    }
    found.unwrap_or(TimeZone::UTC)
}
