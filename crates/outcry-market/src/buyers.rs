//! Simulated buyers: pure functions of a request and a seed, and books.

mod books;
mod call;
mod dialect;
mod heard;
mod offer;
mod profile;
mod sim;
mod temperament;
#[cfg(test)]
mod tests;
mod weather;

pub use books::{Books, Bought, Counts, Word};
pub use call::{IncomingRequest, Reply, ReplyKind};
pub use dialect::Dialect;
pub use profile::{Appetite, Pricing, Profile};
pub use sim::BuyerSim;
pub use temperament::{BidCurve, Delay, Manner, Temperament};
