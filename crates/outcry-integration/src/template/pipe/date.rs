//! Dates and moments: forms, parts, distances, and the days on which people are paid.

use super::Operand;
use crate::template::value::zoned;
use crate::template::{Scope, Val};
use jiff::civil::{Date, Weekday};
use jiff::fmt::strtime::{BrokenDownTime, parse};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Unit};
use outcry_core::moment::{Moment, Stamp};

/// What is done to a date or moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// In this `strftime` form.
    Form(Box<str>),
    /// Read from text in this form.
    Read(Box<str>),
    Part(Part),
    /// Whole units from it until the other day; below zero if it is later.
    Since(Distance, Day),
    /// Whole units from the other day until it.
    Until(Distance, Day),
    PlusDays(Operand),
    PlusMonths(Operand),
    /// The next day of this name, a week on if it is one.
    Next(Weekday),
    /// The same day, or the working day after or before a weekend.
    Workday(Side),
    /// Of a pay day and how often there is one: the pay day after it.
    NextPay(Operand),
    /// On the clock of this zone.
    Zone(TimeZone),
    /// Seconds, or thousandths, since 1970.
    Unix {
        per_second: i64,
    },
}

/// A part of a date, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Month,
    Day,
}

/// What a distance is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    Years,
    Months,
    Days,
}

/// Which way a weekend is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    After,
    Before,
}

/// The other day of a distance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Day {
    /// The day of the call.
    Now,
    Fixed(Date),
    Of(Operand),
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl Work {
    /// Does its result depend on the moment of the call?
    pub(crate) const fn looks_at_the_clock(&self) -> bool {
        matches!(self, Self::Since(_, Day::Now) | Self::Until(_, Day::Now))
    }

    /// The operand, if it has one that a lead may settle.
    pub(crate) const fn operand(&self) -> Option<&Operand> {
        match self {
            Self::PlusDays(operand)
            | Self::PlusMonths(operand)
            | Self::NextPay(operand)
            | Self::Since(_, Day::Of(operand))
            | Self::Until(_, Day::Of(operand)) => Some(operand),
            _ => None,
        }
    }

    /// What it makes of a value; `None` if that is no date.
    pub(crate) fn of<'a>(&self, value: &Val<'a>, scope: &Scope<'a>) -> Option<Val<'a>> {
        match self {
            Self::Form(form) => return strftime(value, form).map(Val::owned),
            Self::Read(form) => return read(&value.clone().into_text()?, form),
            Self::Zone(zone) => return on_the_clock_of(zone, value),
            Self::Unix { per_second } => return unix_ms(value).map(|ms| Val::Int(ms.div_euclid(1000 / per_second))),
            _ => {}
        }
        let date = value.as_date()?;
        let day = |day: &Day| match day {
            Day::Now => Some(scope.call.now.date_utc()),
            Day::Fixed(date) => Some(*date),
            Day::Of(operand) => operand.value(scope).as_date(),
        };
        let moved = |span: Span| date.checked_add(span).ok().map(Val::Date);
        match self {
            Self::Part(part) => Some(Val::Int(part.of(date))),
            Self::Since(unit, other) => unit.between(date, day(other)?).map(Val::Int),
            Self::Until(unit, other) => unit.between(day(other)?, date).map(Val::Int),
            Self::PlusDays(days) => moved(Span::new().try_days(days.whole(scope)?).ok()?),
            Self::PlusMonths(months) => moved(Span::new().try_months(months.whole(scope)?).ok()?),
            Self::Next(weekday) => date.nth_weekday(1, *weekday).ok().map(Val::Date),
            Self::Workday(side) => workday(date, *side).map(Val::Date),
            Self::NextPay(often) => next_pay(date, &often.value(scope).into_text()?).map(Val::Date),
            Self::Form(_) | Self::Read(_) | Self::Zone(_) | Self::Unix { .. } => None,
        }
    }
}

impl Part {
    fn of(self, date: Date) -> i64 {
        match self {
            Self::Year => i64::from(date.year()),
            Self::Month => i64::from(date.month()),
            Self::Day => i64::from(date.day()),
        }
    }
}

impl Distance {
    /// Completed units. Who was born on 29 February turns a year older on 1 March of a common year.
    fn between(self, from: Date, to: Date) -> Option<i64> {
        let months = |from: Date, to: Date| {
            let whole = (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month()) - i64::from(from.month());
            whole - i64::from(to.day() < from.day())
        };
        let completed = |from, to| match self {
            Self::Years => months(from, to).div_euclid(12),
            Self::Months | Self::Days => months(from, to),
        };
        match self {
            Self::Days => from.until((Unit::Day, to)).ok().map(|span| i64::from(span.get_days())),
            _ if from > to => Some(-completed(to, from)),
            _ => Some(completed(from, to)),
        }
    }
}

/// A day of the week by its name.
pub(crate) fn weekday(name: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, weekday)| *weekday)
}

/// Can this `strftime` form be written at all?
pub(crate) fn is_form(form: &str) -> bool {
    let sample = Val::Date(Date::constant(2026, 3, 1));
    !form.is_empty() && strftime(&sample, form).is_some()
}

/// A date or moment in a `strftime` form. A date alone is midnight UTC.
fn strftime(value: &Val<'_>, form: &str) -> Option<String> {
    let moment = match value {
        Val::Stamp(stamp) => zoned(*stamp)?,
        Val::Text(text) if text.len() > 10 => zoned(Stamp::parse(text)?)?,
        other => other.as_date()?.to_zoned(TimeZone::UTC).ok()?,
    };
    BrokenDownTime::from(&moment).to_string(form).ok()
}

/// A text in a `strptime` form: a moment if the form has a time and an offset, or else a date.
fn read<'a>(text: &str, form: &str) -> Option<Val<'a>> {
    let parsed = parse(form, text.trim()).ok()?;
    if let (Ok(at), Some(offset)) = (parsed.to_timestamp(), parsed.offset()) {
        return Some(stamp(at, offset.seconds()));
    }
    parsed.to_date().ok().map(Val::Date)
}

fn stamp<'a>(at: Timestamp, offset_seconds: i32) -> Val<'a> {
    Val::Stamp(Stamp {
        at: Moment::from_unix_ms(at.as_millisecond()),
        offset_minutes: i16::try_from(offset_seconds / 60).unwrap_or_default(),
    })
}

fn on_the_clock_of<'a>(zone: &TimeZone, value: &Val<'a>) -> Option<Val<'a>> {
    let at = Timestamp::from_millisecond(unix_ms(value)?).ok()?;
    Some(stamp(at, zone.to_offset(at).seconds()))
}

/// A moment; a date alone is midnight UTC.
fn unix_ms(value: &Val<'_>) -> Option<i64> {
    match value {
        Val::Stamp(stamp) => Some(stamp.at.unix_ms()),
        Val::Text(text) if text.len() > 10 => Some(Stamp::parse(text)?.at.unix_ms()),
        other => Some(other.as_date()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()),
    }
}

fn workday(date: Date, side: Side) -> Option<Date> {
    let days: i32 = match (date.weekday(), side) {
        (Weekday::Saturday, Side::After) => 2,
        (Weekday::Sunday, Side::After) => 1,
        (Weekday::Saturday, Side::Before) => -1,
        (Weekday::Sunday, Side::Before) => -2,
        _ => 0,
    };
    date.checked_add(days.days()).ok()
}

/// The pay day after a pay day, on the working day before if it falls on a weekend. Twice a month is half a month on:
/// the 1st and the 16th, the 15th and the last.
fn next_pay(date: Date, often: &str) -> Option<Date> {
    let often: String = often.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let next = match often.as_str() {
        "weekly" | "everyweek" => date.checked_add(1.week()).ok()?,
        "biweekly" | "everytwoweeks" | "everyotherweek" | "fortnightly" => date.checked_add(2.weeks()).ok()?,
        "semimonthly" | "twicemonthly" | "bimonthly" | "twiceamonth" => half_a_month_after(date)?,
        "monthly" | "everymonth" => date.checked_add(1.month()).ok()?,
        _ => return None,
    };
    workday(next, Side::Before)
}

fn half_a_month_after(date: Date) -> Option<Date> {
    let last = date.days_in_month();
    if date.day() == 15 {
        return Date::new(date.year(), date.month(), last).ok();
    }
    if date.day() < 15 {
        return Date::new(date.year(), date.month(), (date.day() + 15).min(last)).ok();
    }
    let day = if date.day() == last { 15 } else { (date.day() - 15).max(1) };
    let next = date.first_of_month().checked_add(1.month()).ok()?;
    Date::new(next.year(), next.month(), day).ok()
}
