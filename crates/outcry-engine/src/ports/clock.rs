//! The wall clock. Deadlines never use it: they run on the runtime's monotonic clock.

use outcry_core::moment::Moment;

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}
