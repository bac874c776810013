//! Pacing: how much, how fast, and when, of one level of the trade. Caps, throttles and hours of all levels hold together.

use crate::cap::Cap;
use crate::schedule::{PersonHours, Schedule};
use crate::throttle::Throttle;

/// What one supplier, source, campaign, buyer, contract or route keeps to. Nothing of it is nothing to keep to.
///
/// A source has its supplier's beside its own, and a contract its buyer's.
#[derive(Clone, Debug, Default)]
pub struct Pacing {
    /// How much.
    pub caps: Vec<Cap>,
    /// How fast.
    pub throttles: Vec<Throttle>,
    /// When, by the clock of a place.
    pub schedules: Vec<Schedule>,
    /// When, by the person's clock.
    pub person_hours: Vec<PersonHours>,
}

impl Pacing {
    /// This and what a wider level keeps to.
    #[must_use]
    pub fn with(mut self, wider: Self) -> Self {
        self.caps.extend(wider.caps);
        self.throttles.extend(wider.throttles);
        self.schedules.extend(wider.schedules);
        self.person_hours.extend(wider.person_hours);
        self
    }

    /// Is there anything to keep to?
    pub const fn is_empty(&self) -> bool {
        self.caps.is_empty() && self.throttles.is_empty() && self.schedules.is_empty() && self.person_hours.is_empty()
    }
}
