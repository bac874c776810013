//! How to speak with a buyer: a lead into its request, its answer into bids or a verdict.
//!
//! This crate knows no sockets, no async and no other buyers. An integration is a file, compiled once at load.

pub mod answer;
mod body;
pub mod book;
pub mod call;
pub mod example;
mod file;
mod format;
pub mod integration;
pub mod param;
pub mod problem;
mod read;
mod render;
pub mod request;
mod template;

pub use answer::{PingOutcome, PingReading, PostOutcome, PostReading, RawAnswer};
pub use call::{PingCall, PostCall, RenderError};
pub use example::{Example, ExampleOutcome};
pub use integration::{Integration, SCHEMA};
pub use param::{ParamDef, ParamKind, Params};
pub use problem::Problem;
pub use request::{Method, Request};
