//! What the scenarios stand on: paused time, seeded chance, buyers from tables, an exchange around them.

pub(crate) mod disk;
pub(crate) mod exchange;
pub(crate) mod floor;
pub(crate) mod outbound;
pub(crate) mod script;
pub(crate) mod story;
pub(crate) mod time;
