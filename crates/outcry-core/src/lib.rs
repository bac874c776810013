//! What a lead, a contract and an auction *are*: the rules of the trade as pure functions.
//!
//! This crate knows no clock, no chance, no formats, no async and no IO. Whoever calls it brings the
//! moment and the draw; the same arguments give the same decision today and in ten years.

pub mod attempt;
pub mod bid;
pub mod cap;
pub mod catalog;
pub mod check_view;
pub mod consent;
pub mod digest;
pub mod door_key;
pub mod drift;
pub mod duplicate;
pub mod field;
pub mod filter;
pub mod id;
pub mod intake;
pub mod lead;
pub mod lead_type;
pub mod leak;
pub mod list;
pub mod moment;
pub mod money;
pub mod pacing;
pub mod pii;
pub mod ping_view;
pub mod places;
pub mod post_view;
pub mod price;
pub mod rank;
pub mod raw;
pub mod reason;
pub mod record;
pub mod said;
pub mod schedule;
pub mod screen;
pub mod tally;
pub mod throttle;
pub mod transform;
pub mod unknown;
pub mod validate;
pub mod value;
pub mod verdict;
pub mod view;
pub mod wheel;
