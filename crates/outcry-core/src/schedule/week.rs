//! Opening hours by the week: `mon-fri 9-17:30, sat 10-14`.

use std::fmt;

/// Stretches of each day of the week, in minutes from midnight, the end not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    days: [Day; 7],
}

/// Stretches of one day, in order and apart.
pub type Day = Vec<(u16, u16)>;

/// Why a text names no hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeekError {
    /// Something that is neither a day nor a span of days.
    #[error("`{0}` is no day: they are mon, tue, wed, thu, fri, sat, sun, or a span such as mon-fri")]
    Day(String),
    /// Something that is no span of times.
    #[error("`{0}` is no span of time: they go from 0 to 24, such as 9-17, 8:30-17:45 or 22-6")]
    Span(String),
    /// Nothing between two commas.
    #[error("there is nothing between two commas")]
    Empty,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MIDNIGHT: u16 = 24 * 60;

impl Week {
    /// Reads `mon-fri 9-17:30, sat 10-14`. Days alone are whole days, times alone those of each day; a span that ends before
    /// it begins goes on over midnight, `22-6`, or over Sunday, `sat-mon`.
    ///
    /// # Errors
    /// The first part that cannot be read.
    pub fn parse(text: &str) -> Result<Self, WeekError> {
        let mut days: [Day; 7] = Default::default();
        for part in text.split(',') {
            let words: Vec<&str> = part.split_whitespace().collect();
            let ((first, last), (from, to)) = match words[..] {
                [] => return Err(WeekError::Empty),
                [one] if one.starts_with(|c: char| c.is_ascii_digit()) => ((0, 6), span(one)?),
                [one] => (span_of_days(one)?, (0, MIDNIGHT)),
                [days, times] => (span_of_days(days)?, span(times)?),
                [_, ..] => return Err(WeekError::Span(words[1..].join(" "))),
            };
            for day in (first..=first + (last + 7 - first) % 7).map(|day| day % 7) {
                if from < to {
                    days[day].push((from, to));
                } else {
                    days[day].push((from, MIDNIGHT));
                    days[(day + 1) % 7].push((0, to));
                }
            }
        }
        Ok(Self { days: days.map(joined) })
    }

    /// Reads the stretches of one day, `10-14, 16-18`; none for `closed`.
    ///
    /// # Errors
    /// The first part that cannot be read.
    pub fn parse_day(text: &str) -> Result<Day, WeekError> {
        if text.trim() == "closed" {
            return Ok(Day::new());
        }
        let parts = text.split(',').map(|part| match part.trim() {
            "" => Err(WeekError::Empty),
            part => span(part).and_then(|(from, to)| {
                if from < to {
                    Ok((from, to))
                } else {
                    Err(WeekError::Span(part.to_owned()))
                }
            }),
        });
        Ok(joined(parts.collect::<Result<Day, _>>()?))
    }

    /// The stretches of a day, Monday being 0.
    pub fn day(&self, weekday: usize) -> &Day {
        &self.days[weekday % 7]
    }

    /// Is the time that a clock shows in one of its stretches?
    pub fn holds(&self, shown: &jiff::Zoned) -> bool {
        let weekday = usize::try_from(shown.weekday().to_monday_zero_offset()).unwrap_or(0);
        let minute = u16::try_from(i32::from(shown.hour()) * 60 + i32::from(shown.minute())).unwrap_or(0);
        holds(self.day(weekday), minute)
    }

    /// None of the week, or all of it: then it decides nothing.
    pub fn is_trivial(&self) -> bool {
        self.days.iter().all(Vec::is_empty) || self.days.iter().all(|day| *day == [(0, MIDNIGHT)])
    }
}

/// Is a minute in one of these stretches?
pub(super) fn holds(day: &Day, minute: u16) -> bool {
    day.iter().any(|(from, to)| (*from..*to).contains(&minute))
}

/// In order, and those that touch or overlap as one.
fn joined(mut day: Day) -> Day {
    day.retain(|(from, to)| from < to);
    day.sort_unstable();
    let mut joined = Day::new();
    for (from, to) in day {
        match joined.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            _ => joined.push((from, to)),
        }
    }
    joined
}

fn span_of_days(text: &str) -> Result<(usize, usize), WeekError> {
    let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    day(first).zip(day(last)).ok_or_else(|| WeekError::Day(text.to_owned()))
}

fn span(text: &str) -> Result<(u16, u16), WeekError> {
    let number = |digits: &str| {
        let plain = matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| plain)
    };
    let time = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap_or((text, "00"));
        let minute = number(minute).filter(|minute| *minute < 60 && text.split_once(':').is_none_or(|(_, minute)| minute.len() == 2))?;
        Some(number(hour)? * 60 + minute).filter(|time| *time <= MIDNIGHT)
    };
    let both = text.split_once('-').and_then(|(from, to)| time(from).zip(time(to)));
    both.filter(|(from, to)| from != to && *from < MIDNIGHT)
        .ok_or_else(|| WeekError::Span(text.to_owned()))
}

impl fmt::Display for Week {
    /// Days that are alike together: `mon-fri 9-17:30, sat 10-14`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        let mut first = 0;
        while first < 7 {
            let same = (first..7).take_while(|day| self.days[*day] == self.days[first]).count();
            let name = if same == 1 {
                DAYS[first].to_owned()
            } else {
                format!("{}-{}", DAYS[first], DAYS[first + same - 1])
            };
            parts.extend(
                self.days[first]
                    .iter()
                    .map(|(from, to)| format!("{name} {}-{}", time(*from), time(*to))),
            );
            first += same;
        }
        f.write_str(&parts.join(", "))
    }
}

/// A time of day as short as it can be written: `9`, `17:30`.
fn time(minute: u16) -> String {
    match (minute / 60, minute % 60) {
        (hour, 0) => hour.to_string(),
        (hour, minute) => format!("{hour}:{minute:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        let table = [
            ("sat 10-14", "sat 10-14"),
            ("mon-fri 9:00-17:30, sat 10-14", "mon-fri 9-17:30, sat 10-14"),
            ("Fri-Sat 8:45-17", "fri-sat 8:45-17"),
            ("sun 22-6", "mon 0-6, sun 22-24"),
            ("sat-mon 0-1", "mon 0-1, sat-sun 0-1"),
            ("8-21", "mon-sun 8-21"),
            ("mon 9-10, mon 10-11, mon 9:30-10:30, mon 13-14", "mon 9-11, mon 13-14"),
            ("fri 22-0", "fri 22-24"),
            ("sun", "sun 0-24"),
            ("sat 22-24", "sat 22-24"),
        ];
        for (text, shown) in table {
            assert_eq!(Week::parse(text).map(|week| week.to_string()), Ok(shown.to_owned()), "{text}");
        }
        assert!(Week::parse("mon-sun").is_ok_and(|week| week.is_trivial()));
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
            "9:5-17",
            "9:60-17",
            "9.30-17",
        ] {
            assert!(Week::parse(text).is_err(), "{text}");
        }
        assert_eq!(Week::parse("mon, tues").unwrap_err(), WeekError::Day("tues".into()));
        assert_eq!(Week::parse_day("closed"), Ok(Day::new()));
        assert_eq!(Week::parse_day("10-14, 13-16"), Ok(vec![(600, 960)]));
        assert!(Week::parse_day("22-6").is_err(), "one day ends at midnight");
    }
}
