//! The hours of the week at which a price holds, in a zone.

use crate::moment::Moment;
use crate::schedule::{Week, WeekError};
use jiff::tz::TimeZone;
use std::fmt;

/// Some hours of each week, where a zone's clocks show them.
#[derive(Clone, Debug)]
pub struct Hours {
    week: Week,
    zone: TimeZone,
}

impl Hours {
    /// Reads them as [`Week::parse`] does: `mon-fri 9-17:30, sat 10-14`.
    ///
    /// # Errors
    /// The first part that cannot be read.
    pub fn parse(text: &str, zone: TimeZone) -> Result<Self, WeekError> {
        let week = Week::parse(text)?;
        Ok(Self { week, zone })
    }

    /// Is it one of these hours?
    pub fn hold(&self, now: Moment) -> bool {
        self.week.holds(&now.timestamp().to_zoned(self.zone.clone()))
    }

    /// None of the week, or all of it: then the hours decide nothing.
    pub fn is_trivial(&self) -> bool {
        self.week.is_trivial()
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.week.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Stamp;

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
