//! Holidays of the United States, computed: 5 U.S.C. 6103.

use jiff::civil::{Date, Weekday};

/// Is it a federal holiday, on its date or, where that is a Saturday or Sunday, on the weekday it is kept?
///
/// Whoever is closed on holidays is closed on both.
pub fn is_us_federal(date: Date) -> bool {
    us_federal(date.year()).into_iter().any(|holiday| holiday == date || kept(holiday) == date)
        // New Year's Day of a year that begins on a Saturday is kept in the year before.
        || date.tomorrow().is_ok_and(|next| next.year() != date.year() && kept(next) == date)
}

/// The eleven holidays of a year, by their dates. Inauguration Day, kept in and around Washington alone, is not among them.
pub fn us_federal(year: i16) -> [Date; 11] {
    let on = |month, day| Date::constant(year, month, day);
    let nth = |month, nth, weekday| on(month, 1).nth_weekday_of_month(nth, weekday).unwrap_or_else(|_| on(month, 1));
    [
        on(1, 1),
        nth(1, 3, Weekday::Monday),
        nth(2, 3, Weekday::Monday),
        nth(5, -1, Weekday::Monday),
        on(6, 19),
        on(7, 4),
        nth(9, 1, Weekday::Monday),
        nth(10, 2, Weekday::Monday),
        on(11, 11),
        nth(11, 4, Weekday::Thursday),
        on(12, 25),
    ]
}

/// On which weekday a holiday is kept: Friday for a Saturday, Monday for a Sunday.
fn kept(date: Date) -> Date {
    let moved = match date.weekday() {
        Weekday::Saturday => date.yesterday(),
        Weekday::Sunday => date.tomorrow(),
        _ => return date,
    };
    moved.unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the Office of Personnel Management publishes them: the days on which federal offices are closed.
    #[test]
    fn the_days_are_those_on_which_federal_offices_are_closed() {
        let table = [
            (2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
            (2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
            (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
            (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
            (2028, "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
        ];
        for (year, days) in table {
            let weekday = |date: &Date| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
            let all = Date::constant(year, 1, 1)
                .series(jiff::ToSpan::days(1))
                .take_while(|date| date.year() == year);
            let found: Vec<String> = all
                .filter(|date| is_us_federal(*date) && weekday(date))
                .map(|date| date.strftime("%m-%d").to_string())
                .collect();
            assert_eq!(found.join(" "), days, "{year}");
        }
    }

    #[test]
    fn a_holiday_on_a_weekend_closes_both_days() {
        // 4 July 2026 is a Saturday.
        let closed = |day| is_us_federal(Date::constant(2026, 7, day));
        assert_eq!([2, 3, 4, 5, 6].map(closed), [false, true, true, false, false]);
    }
}
