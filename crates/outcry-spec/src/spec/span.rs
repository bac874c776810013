//! Lengths of time (`"90s"`, `"15m"`, `"24h"`, `"30d"`) and days (`"2026-11-23"`) of spec files.

use crate::codes;
use crate::desk::Problem;
use crate::table::Table;
use outcry_core::moment::{Moment, Stamp};

const UNITS: [(char, i64); 4] = [('s', 1_000), ('m', 60_000), ('h', 3_600_000), ('d', 86_400_000)];

/// Ten years: nobody keeps a lead for longer.
const MOST_MS: i64 = 3_650 * 86_400_000;

/// A length of time in milliseconds; `None` if it is absent or was reported.
pub(crate) fn read(table: &Table<'_>, key: &'static str) -> Option<i64> {
    let written = table.text(key)?;
    let span = UNITS.iter().find_map(|(unit, ms)| {
        let digits = written.value.strip_suffix(*unit)?;
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| plain)?.checked_mul(*ms)
    });
    let span = span.filter(|span| (1..=MOST_MS).contains(span));
    if span.is_none() {
        let problem = Problem::error(codes::BAD_SPAN, written.spot, format!("`{key}` is no length of time"));
        table
            .desk
            .tell(problem.hint("a whole number and s, m, h or d, up to ten years: \"24h\", \"30d\""));
    }
    span
}

/// Midnight in UTC of a day; `None` if it is absent or was reported.
pub(crate) fn day(table: &Table<'_>, key: &'static str) -> Option<Moment> {
    let written = table.text(key)?;
    let day = Stamp::parse(&format!("{}T00:00:00Z", written.value)).filter(|_| written.value.len() == 10);
    if day.is_none() {
        let problem = Problem::error(codes::BAD_DAY, written.spot, format!("`{key}` is no day"));
        table.desk.tell(problem.hint("year, month and day in quotes: \"2026-11-23\""));
    }
    day.map(|day| day.at)
}
