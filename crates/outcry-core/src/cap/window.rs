//! Windows: the stretches of time that caps count over. Calendar windows tile the time line: each moment is in exactly
//! one. A rolling window moves along with the clock.

use crate::moment::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Over which windows a cap counts.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The same for all clocks of a catalog that go alike, so that one look answers for all of them.
    pub index: usize,
    /// How long a window is.
    pub window: Window,
    /// The window ends at every moment, instead of where the calendar says.
    pub rolling: bool,
    /// Where a calendar window's midnight is.
    pub zone: TimeZone,
}

/// How long a window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// From second 0 of a minute.
    Minute,
    /// From minute 0 of an hour. Where clocks are put by less than an hour, the hour is cut in two there.
    Hour,
    /// From midnight in the cap's zone; 23 or 25 hours long twice a year in many zones.
    Day,
    /// From Monday's midnight.
    Week,
    /// From midnight of the first of the month.
    Month,
    /// For ever.
    Total,
}

/// The window that a moment falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// What is used now is counted under this moment: the start of a calendar window, or of a rolling one's last part.
    pub start: Moment,
    /// From when on units count against the limit. Earlier than the start exactly in a rolling window.
    pub since: Moment,
    /// When the next one begins; never after a total.
    pub end: Option<Moment>,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Window {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Total];

    /// The word spec files use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    /// Length of a rolling window, and of the parts it moves by, in milliseconds: 60 seconds by the second, 60 minutes by
    /// the minute, 24 hours by the quarter, 7 days by two hours, 30 days by eight hours. A total does not roll.
    pub const fn rolls(self) -> Option<(i64, i64)> {
        match self {
            Self::Minute => Some((MINUTE_MS, 1_000)),
            Self::Hour => Some((HOUR_MS, MINUTE_MS)),
            Self::Day => Some((DAY_MS, 15 * MINUTE_MS)),
            Self::Week => Some((7 * DAY_MS, 2 * HOUR_MS)),
            Self::Month => Some((30 * DAY_MS, 8 * HOUR_MS)),
            Self::Total => None,
        }
    }

    /// The calendar window that holds `now`.
    pub fn calendar(self, now: Moment, zone: &TimeZone) -> Span {
        let found = match self {
            Self::Minute => Some(clock_window(now, zone, MINUTE_MS)),
            Self::Hour => Some(clock_window(now, zone, HOUR_MS)),
            Self::Day | Self::Week | Self::Month => self.days(now, zone),
            Self::Total => Some((Moment::from_unix_ms(0), None)),
        };
        // Only the first and last days of representable time can fail; there the window is the moment itself.
        let (start, end) = found.unwrap_or((now, None));
        Span { start, since: start, end }
    }

    fn days(self, now: Moment, zone: &TimeZone) -> Option<(Moment, Option<Moment>)> {
        let today = now.timestamp().to_zoned(zone.clone()).date();
        let (first, next) = match self {
            Self::Week => {
                let back = i64::from(today.weekday().to_monday_zero_offset());
                let monday = today.checked_sub(back.days()).ok()?;
                (monday, monday.checked_add(1.week()).ok()?)
            }
            Self::Month => {
                let first = today.first_of_month();
                (first, first.checked_add(1.month()).ok()?)
            }
            _ => (today, today.tomorrow().ok()?),
        };
        Some((midnight(first, zone)?, Some(midnight(next, zone)?)))
    }
}

/// The first moment of a date: one o'clock where midnight is skipped, the earlier midnight where there are two.
fn midnight(date: Date, zone: &TimeZone) -> Option<Moment> {
    let start = date.to_zoned(zone.clone()).ok()?.start_of_day().ok()?;
    Some(Moment::from_unix_ms(start.timestamp().as_millisecond()))
}

/// The minute or hour that a zone's clocks show, cut where they are put.
fn clock_window(now: Moment, zone: &TimeZone, length_ms: i64) -> (Moment, Option<Moment>) {
    let at = now.timestamp();
    let offset_ms = i64::from(zone.to_offset(at).seconds()) * 1_000;
    let start = now.plus_ms(-(now.unix_ms() + offset_ms).rem_euclid(length_ms));
    let end = start.plus_ms(length_ms);
    let put = |found: Option<jiff::tz::TimeZoneTransition<'_>>| found.map(|found| Moment::from_unix_ms(found.timestamp().as_millisecond()));
    let last = put(zone.preceding(now.plus_ms(1).timestamp()).next());
    let next = put(zone.following(at).next());
    (
        last.map_or(start, |last| last.max(start)),
        Some(next.map_or(end, |next| next.min(end))),
    )
}

impl Clock {
    /// A calendar window's clock.
    pub const fn calendar(window: Window, zone: TimeZone) -> Self {
        Self {
            index: 0,
            window,
            rolling: false,
            zone,
        }
    }

    /// The window that holds `now`.
    pub fn span(&self, now: Moment) -> Span {
        let Some((length, step)) = self.window.rolls().filter(|_| self.rolling) else {
            return self.window.calendar(now, &self.zone);
        };
        let start = now.plus_ms(-now.unix_ms().rem_euclid(step));
        Span {
            start,
            since: start.plus_ms(-length),
            end: Some(start.plus_ms(step)),
        }
    }

    /// `day in America/New_York`, `rolling hour`.
    pub fn shown(&self) -> String {
        match (self.rolling, self.zone.iana_name()) {
            (true, _) => format!("rolling {}", self.window.word()),
            (false, Some(zone)) if zone != "UTC" && self.window != Window::Total => format!("{} in {zone}", self.window.word()),
            (false, _) => self.window.word().to_owned(),
        }
    }
}

impl Span {
    /// Does it move along with the clock?
    pub fn is_rolling(&self) -> bool {
        self.since < self.start
    }
}
