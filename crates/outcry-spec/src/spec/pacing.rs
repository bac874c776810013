//! What every level of the trade may keep to: `caps`, `throttles`, `schedule` and `person_hours`, by the clock of its `zone`.

use crate::codes;
use crate::desk::Problem;
use crate::name;
use crate::spec::{cap, filter, schedule};
use crate::specs::{tell_bad_name, tell_duplicate};
use crate::table::Table;
use jiff::tz::TimeZone;
use outcry_core::cap::Window;
use outcry_core::lead_type::LeadType;
use outcry_core::pacing::Pacing;
use outcry_core::throttle::{Paces, Rate, Throttle};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Whose pacing is read, and what it is read with.
pub(crate) struct Level<'a> {
    /// `contract/acme_auto`.
    pub(crate) whose: String,
    /// What the filters of its caps are about; of a level with several lead types each in turn.
    pub(crate) lead_type: Option<&'a Arc<LeadType>>,
    /// Where its clock stands, if nothing else is said.
    pub(crate) zone: &'a TimeZone,
    pub(crate) numbers: &'a Numbers,
}

/// Positions of caps, throttles, clocks and zones in the catalog: the same one for what is the same.
#[derive(Default)]
pub(crate) struct Numbers(RefCell<HashMap<String, usize>>, RefCell<HashMap<&'static str, usize>>);

impl Numbers {
    fn of(&self, kind: &'static str, name: &str) -> usize {
        let mut known = self.0.borrow_mut();
        *known.entry(format!("{kind} {name}")).or_insert_with(|| {
            let mut counts = self.1.borrow_mut();
            let count = counts.entry(kind).or_default();
            *count += 1;
            *count - 1
        })
    }

    pub(crate) fn cap(&self, key: &str) -> usize {
        self.of("cap", key)
    }

    pub(crate) fn clock(&self, window: Window, rolling: bool, zone: &TimeZone) -> usize {
        // A rolling window is the same everywhere.
        let zone = if rolling { "" } else { zone.iana_name().unwrap_or("UTC") };
        self.of("clock", &format!("{} {rolling} {zone}", window.word()))
    }

    pub(crate) fn zone(&self, zone: &TimeZone) -> usize {
        self.of("zone", zone.iana_name().unwrap_or("UTC"))
    }
}

const PACES: [(&str, Paces); 2] = [("posts", Paces::Posts), ("pings", Paces::Pings)];
const LIMIT: RangeInclusive<u32> = 1..=1_000_000;
/// A day: what is slower is a cap.
const PER_SECONDS: RangeInclusive<u32> = 1..=86_400;

/// Reads what a level keeps to.
pub(crate) fn read(level: &Level<'_>, table: &Table<'_>) -> Pacing {
    Pacing {
        caps: cap::read(level, table),
        throttles: throttles(level, table),
        schedules: schedule::read(level, table).into_iter().collect(),
        person_hours: schedule::person(level, table).into_iter().collect(),
    }
}

/// `throttles = [{ count = "posts", limit = 10, per_seconds = 60, burst = 3 }]`
fn throttles(level: &Level<'_>, table: &Table<'_>) -> Vec<Throttle> {
    let mut throttles: Vec<(crate::desk::Spot, Throttle)> = Vec::new();
    for entry in table.tables("throttles", "throttle") {
        let Some(throttle) = throttle(level, &entry) else { continue };
        match throttles.iter().find(|(_, other)| other.key == throttle.key) {
            Some((first, _)) => tell_duplicate(table.desk, "throttle", &throttle.key, entry.spot, *first),
            None => throttles.push((entry.spot, throttle)),
        }
    }
    throttles.into_iter().map(|(_, throttle)| throttle).collect()
}

fn throttle(level: &Level<'_>, entry: &Table<'_>) -> Option<Throttle> {
    let paces = cap::word(entry, "count", &PACES);
    let needed = |key, example| {
        if !entry.has(key) {
            entry.tell_missing(key, example);
        }
    };
    needed("limit", "10");
    let limit = entry.number("limit", &LIMIT);
    needed("per_seconds", "60");
    let seconds = entry.number("per_seconds", &PER_SECONDS);
    let burst = entry.number("burst", &LIMIT);
    let when = if entry.has("when") {
        vec![filter::read(entry, "when", level.lead_type)]
    } else {
        Vec::new()
    };
    let name = entry.text("name");
    match &name {
        Some(name) if !name::is_name(&name.value) => tell_bad_name(entry.desk, "throttle", &name.value, name.spot),
        None if !when.is_empty() && !entry.has("name") => {
            let message = format!("{} counts only some leads and has no `name`", entry.what);
            let problem = Problem::error(codes::CAP_NEEDS_NAME, entry.spot, message);
            entry
                .desk
                .tell(problem.hint("add `name = \"california\"`: its bucket is kept under it"));
        }
        _ => {}
    }
    entry.finish();
    let ((word, paces), limit) = (paces?, limit?);
    let name = name.map_or_else(String::new, |name| format!("/{}", name.value));
    let key: Arc<str> = format!("{}/throttle/{word}{name}", level.whose).into();
    Some(Throttle {
        index: level.numbers.of("throttle", &key),
        key,
        paces,
        rate: Rate::new(limit, seconds?, burst.unwrap_or(limit)),
        when,
    })
}
