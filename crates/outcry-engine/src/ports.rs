//! The ports: what the engine asks of the world. Each method is one sentence of the trade.

pub mod chance;
pub mod clock;
pub mod list;
pub mod outbound;
pub mod store;
pub mod tray;

use std::future::Future;
use std::pin::Pin;

/// A boxed future: ports are trait objects, and a box per call is nothing beside a disk or a network.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
