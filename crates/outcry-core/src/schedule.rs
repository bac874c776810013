//! Schedules: when a contract is open, by the clock of a place; and when a person may be disturbed, by their own.

pub mod holiday;
pub mod places;
mod week;

pub use self::places::{Sign, ZoneSet};
pub use self::week::{Day, Week, WeekError};

use crate::moment::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Opening hours of a week, with the days on which they are others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Where nothing else is said.
    pub week: Week,
    /// Closed on the federal holidays of the United States.
    pub us_federal: bool,
    /// Closed from the first to the last of these days.
    pub closed: Vec<(Date, Date)>,
    /// Hours of single days, which stand above all else.
    pub special: Vec<(Date, Day)>,
}

/// When a supplier, source, campaign, buyer or contract is open.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Whose it is: `contract/acme_auto`.
    pub whose: Arc<str>,
    /// Where its clock stands.
    pub zone: Zone,
    /// Its hours.
    pub calendar: Calendar,
    /// The hours of the week as a reason shows them.
    pub shown: Arc<str>,
    /// A lead that comes while it is closed waits until it opens, but no longer than so many minutes, if nobody else takes it.
    pub hold_minutes: Option<u32>,
}

/// Hours by the clock of the person behind a lead.
#[derive(Clone, Debug)]
pub struct PersonHours {
    /// Whose rule it is: `campaign/auto`.
    pub whose: Arc<str>,
    /// The hours.
    pub calendar: Calendar,
    /// The hours of the week as a reason shows them.
    pub shown: Arc<str>,
    /// What tells where the person is. What several tell must all be right.
    pub signs: Vec<Sign>,
    /// A lead that comes outside of them waits, but no longer than so many minutes.
    pub hold_minutes: Option<u32>,
}

/// A time zone of the catalog.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The same for all that keep the same time, so that one look at the calendar answers for all of them.
    pub index: usize,
    /// Its rules.
    pub tz: TimeZone,
}

/// What the clocks of a zone show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The date.
    pub date: Date,
    /// Minutes since its midnight.
    pub minute: u16,
    /// `Mon 21:04 in America/New_York`, as a reason shows it.
    pub shown: Arc<str>,
}

impl Local {
    /// What the clocks of a zone show now.
    pub fn of(now: Moment, tz: &TimeZone) -> Self {
        let local = now.timestamp().to_zoned(tz.clone());
        let zone = tz.iana_name().unwrap_or("UTC");
        Self {
            date: local.date(),
            minute: u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0),
            shown: format!("{} in {zone}", local.strftime("%a %H:%M")).into(),
        }
    }
}

impl Calendar {
    /// Hours of a week without exceptions.
    pub const fn weekly(week: Week) -> Self {
        Self {
            week,
            us_federal: false,
            closed: Vec::new(),
            special: Vec::new(),
        }
    }

    /// The stretches of a date.
    pub fn day(&self, date: Date) -> &Day {
        static NONE: Day = Day::new();
        if let Some((_, day)) = self.special.iter().find(|(special, _)| *special == date) {
            return day;
        }
        let closed = self.closed.iter().any(|(first, last)| (*first..=*last).contains(&date));
        if closed || (self.us_federal && holiday::is_us_federal(date)) {
            return &NONE;
        }
        self.week.day(usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0))
    }

    /// Is it open by these clocks?
    pub fn is_open(&self, local: &Local) -> bool {
        week::holds(self.day(local.date), local.minute)
    }

    /// When it is open next, from now on, in every one of these zones at once; not if that is more than a year ahead.
    pub fn opens(&self, now: Moment, zones: &[TimeZone]) -> Option<Moment> {
        let open = |at: Moment| zones.iter().all(|zone| self.is_open(&Local::of(at, zone)));
        // Only where a stretch begins in one of them can it begin in all, or where clocks are put.
        let mut begins: Vec<Moment> = zones.iter().flat_map(|zone| self.begins(now, zone)).collect();
        begins.push(now);
        begins.sort_unstable();
        begins.into_iter().find(|at| now <= *at && open(*at))
    }

    /// Where stretches begin in a zone during the next year, by its clocks.
    fn begins(&self, now: Moment, zone: &TimeZone) -> Vec<Moment> {
        let moment = |at: jiff::Timestamp| Moment::from_unix_ms(at.as_millisecond());
        let today = now.timestamp().to_zoned(zone.clone()).date();
        let dates = today.series(1.day()).take(366);
        let starts = dates.flat_map(|date| self.day(date).iter().map(move |(from, _)| (date, *from)));
        let begin = |(date, from): (Date, u16)| {
            let civil = date.at(0, 0, 0, 0).checked_add(i64::from(from).minutes()).ok()?;
            Some(moment(zone.to_ambiguous_timestamp(civil).compatible().ok()?))
        };
        let mut begins: Vec<Moment> = starts.filter_map(begin).collect();
        begins.extend(zone.following(now.timestamp()).take(3).map(|put| moment(put.timestamp())));
        begins
    }
}

#[cfg(test)]
mod tests;
