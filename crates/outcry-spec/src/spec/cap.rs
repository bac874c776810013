//! `caps = [{ count = "sales", per = "day", limit = 50, zone = "America/New_York" }]`

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::name;
use crate::specs::tell_duplicate;
use crate::table::Table;
use jiff::tz::TimeZone;
use outcry_core::cap::{Cap, Counts, Window};
use std::ops::RangeInclusive;

const COUNTS: [(&str, Counts); 3] = [("posts", Counts::Posts), ("sales", Counts::Sales), ("price", Counts::Price)];

const WINDOWS: [(&str, Window); 6] = [
    (Window::Minute.word(), Window::Minute),
    (Window::Hour.word(), Window::Hour),
    (Window::Day.word(), Window::Day),
    (Window::Week.word(), Window::Week),
    (Window::Month.word(), Window::Month),
    (Window::Total.word(), Window::Total),
];

/// A cap of nothing would be a contract that is switched off; `paused` says that better.
const UNITS: RangeInclusive<u32> = 1..=1_000_000_000;

/// Reads the caps of a contract.
pub(crate) fn read(contract: &str, table: &Table<'_>) -> Vec<Cap> {
    let mut caps: Vec<(Spot, Cap)> = Vec::new();
    for entry in table.tables("caps", "cap") {
        let Some(cap) = cap(contract, &entry) else { continue };
        match caps.iter().find(|(_, other)| other.key == cap.key) {
            Some((first, _)) => tell_duplicate(table.desk, "cap", &cap.key, entry.spot, *first),
            None => caps.push((entry.spot, cap)),
        }
    }
    caps.into_iter().map(|(_, cap)| cap).collect()
}

fn cap(contract: &str, entry: &Table<'_>) -> Option<Cap> {
    let counts = word(entry, "count", &COUNTS);
    let window = word(entry, "per", &WINDOWS);
    let limit = limit(entry, counts.map(|(_, counts)| counts));
    let zone = zone(entry);
    entry.finish();
    let ((counted, counts), (per, window)) = (counts?, window?);
    // Counters are kept by this key, so it must not change while the cap is the same.
    let key = format!("contract/{contract}/{counted}/{per}").into();
    Some(Cap {
        key,
        counts,
        window,
        zone,
        limit: limit?,
    })
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
fn limit(entry: &Table<'_>, counts: Option<Counts>) -> Option<i64> {
    if !entry.has("limit") {
        entry.tell_missing("limit", if counts == Some(Counts::Price) { "\"5000.00\"" } else { "50" });
    }
    match counts? {
        Counts::Posts | Counts::Sales => entry.number("limit", &UNITS).map(i64::from),
        Counts::Price => entry.money("limit").map(outcry_core::money::Money::micros),
    }
}

/// The zone whose clocks count; UTC if it is absent.
///
/// The database still has zones called `EST` and `EST5EDT`. They are refused: the first stays on winter time all year,
/// which nobody means.
pub(crate) fn zone(entry: &Table<'_>) -> TimeZone {
    let Some(written) = entry.text("zone") else { return TimeZone::UTC };
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
