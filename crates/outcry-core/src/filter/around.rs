//! What a filter looks at besides the values of a lead: who sent it, what the clocks show, how long ago something was.

use super::eval::Seen;
use crate::lead::{Lead, Origin};
use crate::moment::Moment;
use crate::value::Value;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// In what time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    Minutes,
    Hours,
    Days,
}

/// To which side of now time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Since,
    Until,
}

/// What is read off a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Dial {
    Hour,
    Weekday,
    Date,
}

/// A mark that a lead carries of who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    Source,
    Supplier,
    SubId(usize),
}

/// What a filter looks at besides the values of the lead.
pub(super) struct Around<'a> {
    pub(super) now: Moment,
    pub(super) origin: &'a Origin,
}

impl<'a> Around<'a> {
    pub(super) const fn of(lead: &'a Lead, now: Moment) -> Self {
        Self { now, origin: &lead.origin }
    }
}

/// Days of the week, as filters write them.
pub(super) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Direction {
    /// Days are days of the calendar in UTC, since a date has no time of day; hours and minutes are whole ones.
    pub(super) fn count(self, unit: Unit, value: &Value, now: Moment) -> Option<i64> {
        let since = match (unit, value) {
            (Unit::Days, value) => -days_until(date(value)?, now),
            (Unit::Hours, Value::Stamp(stamp)) => now.since_ms(stamp.at).div_euclid(3_600_000),
            (Unit::Minutes, Value::Stamp(stamp)) => now.since_ms(stamp.at).div_euclid(60_000),
            _ => return None,
        };
        Some(match self {
            Self::Since => since,
            Self::Until => -since,
        })
    }
}

impl Dial {
    pub(super) fn read(self, zone: &TimeZone, now: Moment) -> Seen<'static> {
        let shown = zone.to_datetime(now.timestamp());
        match self {
            Self::Hour => Seen::Int(shown.hour().into()),
            Self::Weekday => Seen::Text(WEEKDAYS[usize::from(shown.weekday().to_monday_zero_offset().unsigned_abs())]),
            Self::Date => Seen::Date(shown.date()),
        }
    }
}

impl Origin {
    pub(super) fn mark(&self, mark: Mark) -> Option<&str> {
        let text = match mark {
            Mark::Source => self.source.as_str(),
            Mark::Supplier => self.supplier.as_str(),
            Mark::SubId(at) => self.sub_id(at)?,
        };
        (!text.is_empty()).then_some(text)
    }
}

pub(super) fn date(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::Stamp(stamp) => Some(stamp.at.date_utc()),
        _ => None,
    }
}

/// Days from today, in UTC, to a date; negative when it has passed.
pub(super) fn days_until(date: Date, now: Moment) -> i64 {
    now.date_utc().duration_until(date).as_hours() / 24
}
