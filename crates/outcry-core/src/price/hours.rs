//! Hours of the week: `mon-fri 9-17, sat 10-14`, in a zone.

use crate::moment::Moment;
use jiff::tz::TimeZone;
use std::fmt;

/// Some hours of each week, where a zone's clocks show them.
#[derive(Clone, Debug)]
pub struct Hours {
    /// One bit an hour, Monday first.
    days: [u32; 7],
    zone: TimeZone,
}

/// Why a text names no hours of the week.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Something that is neither a day nor a span of days.
    #[error("`{0}` is no day: they are mon, tue, wed, thu, fri, sat, sun, or a span such as mon-fri")]
    Day(String),
    /// Something that is no span of hours.
    #[error("`{0}` is no span of hours: they go from 0 to 24, such as 9-17 or 22-6")]
    Span(String),
    /// Nothing between two commas.
    #[error("there is nothing between two commas")]
    Empty,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ALL_DAY: u32 = (1 << 24) - 1;

impl Hours {
    /// Reads `mon-fri 9-17, sat 10-14`. Days alone are whole days, hours alone are those of each day; a span that ends
    /// before it begins goes on over midnight, `22-6`, or over Sunday, `sat-mon`.
    ///
    /// # Errors
    /// The first part that cannot be read.
    pub fn parse(text: &str, zone: TimeZone) -> Result<Self, HoursError> {
        let mut hours = Self { days: [0; 7], zone };
        for part in text.split(',') {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (days, span) = match words[..] {
                [] => return Err(HoursError::Empty),
                [one] if one.starts_with(|c: char| c.is_ascii_digit()) => ((0, 6), one),
                [one] => (days(one)?, "0-24"),
                [days_of, span] => (days(days_of)?, span),
                [_, _, ..] => return Err(HoursError::Span(words[1..].join(" "))),
            };
            hours.open(days, self::span(span)?);
        }
        Ok(hours)
    }

    /// Is it one of these hours?
    pub fn hold(&self, now: Moment) -> bool {
        let local = now.timestamp().to_zoned(self.zone.clone());
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.days[day] & (1 << local.hour()) != 0
    }

    /// None of the week, or all of it: then the hours decide nothing.
    pub fn is_trivial(&self) -> bool {
        self.days == [0; 7] || self.days == [ALL_DAY; 7]
    }

    fn open(&mut self, (first, last): (usize, usize), (from, to): (u32, u32)) {
        let count = (last + 7 - first) % 7 + 1;
        for day in (first..first + count).map(|day| day % 7) {
            if from < to {
                self.days[day] |= bits(from, to);
            } else {
                self.days[day] |= bits(from, 24);
                self.days[(day + 1) % 7] |= bits(0, to);
            }
        }
    }
}

/// One bit for each hour from the first up to, and not with, the second.
const fn bits(from: u32, to: u32) -> u32 {
    ((1_u32 << to) - 1) & !((1_u32 << from) - 1)
}

fn days(text: &str) -> Result<(usize, usize), HoursError> {
    let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    day(first).zip(day(last)).ok_or_else(|| HoursError::Day(text.to_owned()))
}

fn span(text: &str) -> Result<(u32, u32), HoursError> {
    let hour = |digits: &str| {
        let plain = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|hour| plain && *hour <= 24)
    };
    let both = text.split_once('-').and_then(|(from, to)| hour(from).zip(hour(to)));
    both.filter(|(from, to)| from != to && *from < 24)
        .ok_or_else(|| HoursError::Span(text.to_owned()))
}

impl fmt::Display for Hours {
    /// Day by day, as they are kept: `mon 9-17, tue 9-17`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (name, hours) in DAYS.iter().zip(self.days) {
            let mut hour = 0;
            while hour < 24 {
                let from = hour + (hours >> hour).trailing_zeros();
                if from >= 24 {
                    break;
                }
                hour = from + (hours >> from).trailing_ones();
                write!(f, "{}{name} {from}-{hour}", if first { "" } else { ", " })?;
                first = false;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Stamp;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let table = [
            ("sat 10-14", "sat 10-14"),
            ("Fri-Sat 9-17", "fri 9-17, sat 9-17"),
            ("sat-mon 0-1", "mon 0-1, sat 0-1, sun 0-1"),
            ("sun 22-6", "mon 0-6, sun 22-24"),
            ("sun", "sun 0-24"),
            ("mon 9-10, mon 10-11, mon 13-14", "mon 9-11, mon 13-14"),
            ("sat 22-24", "sat 22-24"),
            ("fri 22-0", "fri 22-24"),
        ];
        for (text, shown) in table {
            assert_eq!(
                Hours::parse(text, TimeZone::UTC).map(|hours| hours.to_string()),
                Ok(shown.to_owned()),
                "{text}"
            );
        }
        assert!(Hours::parse("0-24", TimeZone::UTC).is_ok_and(|hours| hours.is_trivial()));
    }

    #[test]
    fn what_names_no_hours_is_told_with_its_part() {
        for text in [
            "",
            "mon,",
            "monday",
            "mon 9",
            "mon 9-25",
            "mon 9-9",
            "mon 24-3",
            "mon 9-17 pm",
            "mon +9-17",
            "9:00-17:00",
        ] {
            assert!(Hours::parse(text, TimeZone::UTC).is_err(), "{text}");
        }
        assert_eq!(
            Hours::parse("mon, tues", TimeZone::UTC).unwrap_err(),
            HoursError::Day("tues".into())
        );
    }

    #[test]
    fn the_zones_clock_counts_on_the_days_when_it_is_changed_too() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let hours = Hours::parse("sun 1-3", zone).unwrap();
        let holds = |text| hours.hold(Stamp::parse(text).unwrap().at);
        // Clocks go back at 2 on 1 November 2026 and forward at 2 on 14 March 2027: three hours, then one.
        let november = [
            "2026-11-01T04:59:00Z",
            "2026-11-01T05:00:00Z",
            "2026-11-01T06:59:00Z",
            "2026-11-01T07:59:00Z",
            "2026-11-01T08:00:00Z",
        ];
        assert_eq!(november.map(holds), [false, true, true, true, false]);
        let march = [
            "2027-03-14T05:59:00Z",
            "2027-03-14T06:00:00Z",
            "2027-03-14T06:59:00Z",
            "2027-03-14T07:00:00Z",
        ];
        assert_eq!(march.map(holds), [false, true, true, false]);
    }
}
