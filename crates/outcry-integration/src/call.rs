//! What the engine knows of one ping or post besides the lead.

use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::moment::Moment;

/// What a ping request may speak of.
#[derive(Clone, Copy, Debug)]
pub struct PingCall<'a> {
    /// `{ping.id}`.
    pub ping_id: PingId,
    /// `{ping.wait_ms}`: how long we listen.
    pub wait_ms: u32,
    /// `{test}`.
    pub test: bool,
    /// `{source}`: the name the buyer may know the source by.
    pub source: &'a str,
    /// `{now}`, and the day ages are counted to.
    pub now: Moment,
}

/// What a post request may speak of.
#[derive(Clone, Copy, Debug)]
pub struct PostCall<'a> {
    /// `{attempt.id}`.
    pub attempt: AttemptId,
    /// `{ping.id}`, where there was a ping.
    pub ping_id: Option<PingId>,
    /// `{bid.id}`, `{bid.price}`, `{bid.echo.NAME}` …: the offer that won.
    pub bid: &'a Bid,
    /// `{test}`.
    pub test: bool,
    /// `{source}`.
    pub source: &'a str,
    /// `{now}`.
    pub now: Moment,
}

/// Why a request could not be written. Names the place and the field, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} (line {line}): {message}")]
pub struct RenderError {
    /// Line of the integration file.
    pub line: u32,
    /// The dotted place in the file: `post.request.body.phone`.
    pub what: String,
    /// What stood in the way.
    pub message: String,
}
