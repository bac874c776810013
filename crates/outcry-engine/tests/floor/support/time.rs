//! The time of day and chance of a test: both follow from where it began.

use outcry_core::moment::Moment;
use outcry_engine::ports::chance::Chance;
use outcry_engine::ports::clock::Clock;
use outcry_market::chance as market;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// When every test begins: 2026-11-23T15:00:00Z, a Monday.
pub(crate) const OPENING_MS: i64 = 1_795_446_000_000;

/// A wall clock that goes with the runtime's paused time.
pub(crate) struct PausedClock {
    began: Instant,
}

impl PausedClock {
    /// It is three o'clock now.
    pub(crate) fn start() -> Self {
        Self { began: Instant::now() }
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Moment {
        let passed = i64::try_from(self.began.elapsed().as_millis()).expect("a test is shorter than that");
        Moment::from_unix_ms(OPENING_MS + passed)
    }
}

/// Chance from a seed.
pub(crate) struct SeededChance(Mutex<market::Chance>);

impl SeededChance {
    /// The draws of this seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(Mutex::new(market::Chance::of(&[seed, 0xE9])))
    }
}

impl Chance for SeededChance {
    fn bits(&self) -> u128 {
        let mut chance = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        u128::from(chance.bits()) << 64 | u128::from(chance.bits())
    }
}
