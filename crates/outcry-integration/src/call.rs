//! What the engine knows of one call besides the lead.

use crate::kept::Kept;
use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::moment::Moment;
use outcry_core::money::Money;

/// What a login may speak of, besides parameters: it is shared, so nothing of one lead.
#[derive(Clone, Copy, Debug)]
pub struct LoginCall {
    /// `{now}`.
    pub now: Moment,
}

/// The least price asked of a buyer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// `{ask.floor}`: the floor of its contract or campaign, whichever is higher.
    pub floor: Money,
    /// `{ask.price}`: the floor, or more if the source must get more.
    pub price: Money,
}

/// What a ping request, and one before it, may speak of.
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
    /// What the steps before it kept: `{login.token}`, `{pre_ping.session}`.
    pub kept: &'a Kept,
    /// `{ask.floor}` and `{ask.price}`.
    pub ask: Ask,
}

/// What a post request, and one that completes it, may speak of.
#[derive(Clone, Copy, Debug)]
pub struct PostCall<'a> {
    /// `{attempt.id}`.
    pub attempt: AttemptId,
    /// `{callback.url}`: where the buyer may call with its final word.
    pub callback: Option<&'a str>,
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
    /// What the steps before it kept, besides what came with the bid: `{login.token}`, and for a completion `{post.id}`.
    pub kept: &'a Kept,
    /// `{ask.floor}` and `{ask.price}`.
    pub ask: Ask,
}

/// What a poll may speak of: the attempt it is about, and nothing of the person.
#[derive(Clone, Copy, Debug)]
pub struct PollCall<'a> {
    /// `{attempt.id}`.
    pub attempt: AttemptId,
    /// `{ping.id}`, where there was a ping.
    pub ping_id: Option<PingId>,
    /// `{bid.id}` …: the offer that was posted to.
    pub bid: &'a Bid,
    /// What the steps before it kept: `{post.queue}`, `{login.token}`.
    pub kept: &'a Kept,
    /// `{test}`.
    pub test: bool,
    /// `{source}`.
    pub source: &'a str,
    /// `{now}`.
    pub now: Moment,
}

/// What a win or loss notice may speak of.
#[derive(Clone, Copy, Debug)]
pub struct NoticeCall<'a> {
    /// `{attempt.id}`, of the winner.
    pub attempt: Option<AttemptId>,
    /// `{ping.id}`, where there was a ping.
    pub ping_id: Option<PingId>,
    /// `{bid.id}` …: the bid that won or lost.
    pub bid: &'a Bid,
    /// What the steps before it kept.
    pub kept: &'a Kept,
    /// How the auction ended.
    pub notice: Notice,
    /// `{test}`.
    pub test: bool,
    /// `{source}`.
    pub source: &'a str,
    /// `{now}`.
    pub now: Moment,
}

/// How an auction ended for a bidder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Did it win?
    pub won: bool,
    /// `{winning_price}`, where the bidder may know it.
    pub winning_price: Option<Money>,
}

impl Notice {
    /// `{result}`.
    pub const fn result(&self) -> &'static str {
        if self.won { "won" } else { "lost" }
    }
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
