//! The real clock and real chance: the one place where the program asks the machine for either.

use outcry_core::moment::Moment;
use outcry_engine::ports::chance::Chance;
use outcry_engine::ports::clock::Clock;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock; everything else is handed the moment"
    )]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Moment::from_unix_ms(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// The thread's cryptographic generator, seeded by the machine.
pub(crate) struct SystemChance;

impl Chance for SystemChance {
    fn bits(&self) -> u128 {
        rand::random()
    }
}
