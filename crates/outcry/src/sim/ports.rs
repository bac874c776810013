//! The small ports: a wall clock that jumps, and chance from the seed.

use super::world::World;
use outcry_core::moment::Moment;
use outcry_engine::ports::chance::Chance;
use outcry_engine::ports::clock::Clock;
use outcry_market::chance as market;
use std::sync::{Arc, Mutex, PoisonError};

/// The wall clock of a node.
pub(crate) struct WallClock {
    pub(crate) world: Arc<World>,
    pub(crate) node: usize,
}

impl Clock for WallClock {
    fn now(&self) -> Moment {
        self.world.wall(self.node)
    }
}

/// The draws of one life.
pub(crate) struct Draws(Mutex<market::Chance>);

impl Draws {
    pub(crate) fn of(seed: u64, life: u32) -> Self {
        Self(Mutex::new(market::Chance::of(&[seed, 0xD2, life.into()])))
    }
}

impl Chance for Draws {
    fn bits(&self) -> u128 {
        let mut chance = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        u128::from(chance.bits()) << 64 | u128::from(chance.bits())
    }
}
