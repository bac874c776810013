//! A point in time, as a number that is handed in. Nothing here reads a clock.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// From milliseconds since the epoch, clamped to the years -9999 to 9999.
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond()))
    }

    /// Milliseconds since the epoch.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// This moment, `ms` milliseconds later (earlier when negative).
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar date in UTC.
    pub fn date_utc(self) -> Date {
        self.timestamp().to_zoned(TimeZone::UTC).date()
    }

    /// By the clocks of a zone, to the minute: `2026-11-23 14:10`.
    pub fn shown_in(self, zone: &TimeZone) -> String {
        self.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).expect("a moment is clamped to what a timestamp holds")
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T15:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

/// A moment as somebody wrote it down: with the offset of their wall clock, which is kept because a
/// consent record must be shown as it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// When.
    pub at: Moment,
    /// Minutes the writer's clock was ahead of UTC.
    pub offset_minutes: i16,
}

impl Stamp {
    /// Reads RFC 3339 with an offset or `Z`; a local time without either is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let at: Timestamp = text.parse().ok()?;
        let tail = text.get(10..)?;
        let offset_minutes = match tail.rfind(['+', '-']) {
            Some(sign) => {
                let zone = tail.get(sign..)?;
                let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
                let minutes: i16 = digits.get(..2)?.parse::<i16>().ok()? * 60 + digits.get(2..4).unwrap_or("00").parse::<i16>().ok()?;
                if zone.starts_with('-') { -minutes } else { minutes }
            }
            None => 0,
        };
        Some(Self {
            at: Moment::from_unix_ms(at.as_millisecond()),
            offset_minutes,
        })
    }
}

impl fmt::Display for Stamp {
    /// RFC 3339 with the offset it was written with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = jiff::tz::Offset::from_seconds(i32::from(self.offset_minutes) * 60).unwrap_or(jiff::tz::Offset::UTC);
        write!(f, "{}", self.at.timestamp().display_with_offset(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_its_offset_and_needs_one() {
        let stamp = Stamp::parse("2026-11-23T09:57:30-05:00").unwrap();
        assert_eq!(stamp.offset_minutes, -300);
        assert_eq!(stamp.at.to_string(), "2026-11-23T14:57:30.000Z");
        assert_eq!(stamp.to_string(), "2026-11-23T09:57:30-05:00");
        assert_eq!(Stamp::parse("2026-11-23T14:57:30Z").unwrap().offset_minutes, 0);
        assert_eq!(Stamp::parse("2026-11-23T09:57:30"), None);
        assert_eq!(Stamp::parse("yesterday"), None);
    }
}
