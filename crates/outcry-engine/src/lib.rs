//! The path of one lead under a deadline, and the ports it needs: a store, an outbound client, a clock, chance.
//!
//! This crate knows no HTTP library and no SQL. [`sell`] holds the path and nothing else.

pub mod answer;
pub mod asked;
mod auction;
mod awaited;
mod background;
pub mod caps;
mod deadline;
pub mod denied;
mod dialogue;
pub mod engine;
mod insist;
mod learned;
pub mod listed;
pub mod lists;
mod live;
mod logins;
pub mod loops;
pub mod outbox;
pub mod people;
mod ping_memory;
pub mod ports;
pub mod quote;
mod recovered;
pub mod resolve;
pub mod sell;
mod simulated;
mod terms;
pub mod token;
mod unsaid;
mod verdicts;
pub mod waiting;
pub mod withdraw;
