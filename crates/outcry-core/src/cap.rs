//! Caps: a count per window. And budgets: money per window. Both are counters that never pass their limit.

use crate::moment::Moment;
use crate::money::Money;
use jiff::tz::TimeZone;
use jiff::{Unit, ZonedRound};
use std::sync::Arc;

/// A limit on what one contract may take in one window.
#[derive(Clone, Debug)]
pub struct Cap {
    /// Unique in the catalog and stable over versions: `contract/acme_auto/sales/day`. The store counts by it.
    pub key: Arc<str>,
    /// What is counted.
    pub counts: Counts,
    /// Over which window.
    pub window: Window,
    /// Where the window's midnight is.
    pub zone: TimeZone,
    /// Most units: a number of posts or sales, or millionths of the currency unit.
    pub limit: i64,
}

/// What a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Posts under way, unknown or accepted.
    Posts,
    /// Sales, counted like posts and freed when a post is rejected or not sent.
    Sales,
    /// Money of sales.
    Price,
}

/// A calendar window, or all time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// From second 0 of a minute.
    Minute,
    /// From minute 0 of an hour.
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

impl Window {
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

    /// When the window that holds `now` began.
    pub fn start(self, now: Moment, zone: &TimeZone) -> Moment {
        let local = now.timestamp().to_zoned(zone.clone());
        let whole = |unit| local.round(ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Trunc));
        let began = match self {
            Self::Minute => whole(Unit::Minute),
            Self::Hour => whole(Unit::Hour),
            Self::Day => local.start_of_day(),
            Self::Week => {
                let back = i64::from(local.weekday().to_monday_zero_offset());
                local
                    .date()
                    .checked_sub(jiff::Span::new().days(back))
                    .and_then(|monday| monday.to_zoned(zone.clone()))
                    .and_then(|midnight| midnight.start_of_day())
            }
            Self::Month => local.first_of_month().and_then(|first| first.start_of_day()),
            Self::Total => return Moment::from_unix_ms(0),
        };
        // Only the first and last days of representable time can fail; there the window is the moment itself.
        began.map_or(now, |start| Moment::from_unix_ms(start.timestamp().as_millisecond()))
    }
}

impl Cap {
    /// How much one sale at `price` would use.
    pub const fn amount(&self, price: Money) -> i64 {
        match self.counts {
            Counts::Posts | Counts::Sales => 1,
            Counts::Price => price.micros(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Stamp;

    fn check(window: Window, zone: &str, now: &str, start: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let at = |text| Stamp::parse(text).unwrap().at;
        assert_eq!(window.start(at(now), &zone), at(start), "{window:?} at {now}");
    }

    #[test]
    fn windows_begin_where_the_buyers_calendar_says() {
        check(Window::Minute, "UTC", "2026-11-23T15:04:59Z", "2026-11-23T15:04:00Z");
        check(Window::Hour, "Asia/Kathmandu", "2026-11-23T15:04:59Z", "2026-11-23T14:15:00Z");
        check(Window::Day, "America/New_York", "2026-11-23T04:59:59Z", "2026-11-22T05:00:00Z");
        check(Window::Day, "America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z");
        check(Window::Week, "America/Chicago", "2026-11-23T05:00:00Z", "2026-11-16T06:00:00Z");
        check(Window::Month, "America/Los_Angeles", "2026-11-30T12:00:00Z", "2026-11-01T07:00:00Z");
    }

    #[test]
    fn a_day_without_midnight_begins_at_one() {
        check(Window::Day, "America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z");
    }
}
