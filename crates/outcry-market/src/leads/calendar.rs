//! Dates and moments as text, counted in days since 1970-01-01. A load generator writes millions of them.

use outcry_core::moment::Moment;

const DAY_MS: i64 = 86_400_000;

/// Days since 1970-01-01, in UTC.
pub(crate) fn day_of(now: Moment) -> i64 {
    now.unix_ms().div_euclid(DAY_MS)
}

/// `2026-11-23`, by the proleptic Gregorian calendar (H. Hinnant, `civil_from_days`).
pub(crate) fn date(day: i64) -> String {
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * from_march + 2) / 5 + 1, (from_march + 2) % 12 + 1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-23T14:57:30+00:00`: whole seconds, with an offset.
pub(crate) fn stamp(at: Moment) -> String {
    let seconds = at.unix_ms().rem_euclid(DAY_MS) / 1_000;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}+00:00", date(day_of(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::moment::Stamp;

    #[test]
    fn dates_agree_with_the_calendar_of_the_core() {
        for day in (-40_000..40_000).step_by(37).chain([-1, 0, 59, 60, 11_016, 11_017, 20_780]) {
            let moment = Moment::from_unix_ms(day * DAY_MS);
            assert_eq!(date(day), moment.date_utc().to_string());
            assert_eq!(day_of(moment), day);
        }
    }

    #[test]
    fn a_stamp_reads_back() {
        let text = "2026-11-23T14:57:30+00:00";
        assert_eq!(stamp(Stamp::parse(text).unwrap().at), text);
    }
}
