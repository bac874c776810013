//! The outbound port: one call to one buyer, whatever it travels by.
//!
//! What the caller must know afterwards is how far the call got, because a verdict depends on it: of a post that
//! was not sent the next buyer may have the lead, of one that was sent and not answered nobody may.

use super::Later;
use outcry_core::id::AttemptId;
use outcry_integration::answer::RawAnswer;
use outcry_integration::outgoing::Outgoing;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Calls buyers.
pub trait Outbound: Send + Sync {
    /// Makes one call. Resolves at `call.until` at the latest (a scheduling delay aside).
    fn call(&self, call: Call) -> Later<'_, CallEnd>;

    /// Whether the post of an attempt to this contract has arrived, where that can be known without asking anybody:
    /// where it waits on this machine until it is taken. `None` if only the buyer knows.
    fn arrived<'a>(&'a self, contract: &'a str, attempt: AttemptId) -> Later<'a, Option<bool>> {
        let _ = (contract, attempt);
        Box::pin(async { None })
    }
}

/// One call.
pub struct Call {
    /// What is sent.
    pub request: Outgoing,
    /// Whose limit on open calls it counts against: the position of the contract in the catalog.
    pub contract: usize,
    /// Most calls open to this contract at once; over it the call is not made.
    pub calls_max: u32,
    /// When the caller stops waiting.
    pub until: Instant,
    /// The first byte leaves before this, or not at all.
    pub send_by: Option<Instant>,
    /// How long after that the answer is still read in the background, so that the connection stays whole.
    pub listen_on: Duration,
    /// Told of an answer (or its failure) that came after `until`.
    pub late: Option<LateListener>,
    /// Most bytes of the decoded answer.
    pub answer_bytes_max: usize,
    /// Which connections will do.
    pub connection: Connection,
}

/// Told once what became of a call that its caller no longer waits for.
pub type LateListener = Box<dyn FnOnce(CallEnd) + Send>;

/// Which connections will do for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Any open one.
    Any,
    /// A new one, or one that was answered on within the last two seconds: on an older one the peer may have
    /// closed, and a harmless reset would look like an unknown outcome.
    Fresh,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub enum CallEnd {
    /// The buyer answered in full.
    Answered {
        /// What it said.
        answer: RawAnswer,
        /// From the start of the call to the last byte.
        took: Duration,
    },
    /// Not one byte of the request left this machine.
    NotSent(NotSent),
    /// The request, or part of it, left; the answer is broken: reset, truncated, oversized, not HTTP.
    Broken {
        /// What was seen.
        why: Arc<str>,
        /// From the start of the call.
        took: Duration,
    },
    /// The request, or part of it, left; the caller's time is up. The late listener hears the rest.
    Late,
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The contract's limit on open calls was reached.
    Throttled,
    /// Every connection to the origin was busy until the caller's time was up.
    NoConnection,
    /// The address is not one that may be called.
    Forbidden(Arc<str>),
    /// Name look-up, connecting or TLS failed, or took too long.
    Unreachable(Arc<str>),
}

impl std::fmt::Display for NotSent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Throttled => f.write_str("too many calls to this buyer are open"),
            Self::NoConnection => f.write_str("every connection to this buyer was busy"),
            Self::Forbidden(why) | Self::Unreachable(why) => f.write_str(why),
        }
    }
}
