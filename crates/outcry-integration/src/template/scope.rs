//! What a template can see while it is written: the lead, perhaps one row of it, the contract, the call.

use super::path::SentPart;
use crate::call::{Ask, LoginCall, Notice, NoticeCall, PingCall, PollCall, PostCall};
use crate::kept::{self, Kept};
use crate::param::Params;
use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::moment::Moment;
use outcry_core::view::View;

/// Everything in sight.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) lead: &'a dyn View,
    /// The row of the innermost `each`, and its number from zero.
    pub(crate) row: Option<(&'a dyn View, usize)>,
    pub(crate) params: &'a Params,
    pub(crate) call: Call<'a>,
    /// The request, once it is written: what a signature speaks of.
    pub(crate) sent: Option<Sent<'a>>,
}

/// A request as it is sent, in the parts that a signature may speak of.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: &'a str,
    pub(crate) timestamp: &'a str,
    /// Empty until it is made.
    pub(crate) signature: &'a str,
}

impl<'a> Sent<'a> {
    pub(crate) const fn part(self, part: SentPart) -> &'a str {
        match part {
            SentPart::Body => self.body,
            SentPart::Timestamp => self.timestamp,
            SentPart::Method => self.method,
            SentPart::Path => self.path,
            SentPart::Query => self.query,
            SentPart::Url => self.url,
            SentPart::Signature => self.signature,
        }
    }
}

/// The calls of all steps under one roof.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) now: Moment,
    pub(crate) test: bool,
    pub(crate) source: &'a str,
    pub(crate) ping_id: Option<PingId>,
    pub(crate) wait_ms: Option<u32>,
    pub(crate) attempt: Option<AttemptId>,
    pub(crate) callback: Option<&'a str>,
    pub(crate) bid: Option<&'a Bid>,
    pub(crate) kept: Option<&'a Kept>,
    pub(crate) ask: Option<Ask>,
    pub(crate) notice: Option<Notice>,
}

impl<'a> Scope<'a> {
    /// The same, one row deeper.
    pub(crate) const fn in_row(&self, row: &'a dyn View, index: usize) -> Self {
        Self {
            row: Some((row, index)),
            ..*self
        }
    }
}

impl<'a> Call<'a> {
    /// What an earlier step kept, by its full name; what was kept up to the bid travels with it.
    pub(crate) fn kept_value(&self, name: &str) -> Option<&'a str> {
        let with_bid = || kept::find(&self.bid?.kept, name);
        self.kept.and_then(|kept| kept.get(name)).or_else(with_bid)
    }

    /// A call of which nothing is known but when.
    pub(crate) const fn at(now: Moment) -> Self {
        Self {
            now,
            test: false,
            source: "",
            ping_id: None,
            wait_ms: None,
            attempt: None,
            callback: None,
            bid: None,
            kept: None,
            ask: None,
            notice: None,
        }
    }
}

impl From<&LoginCall> for Call<'_> {
    fn from(call: &LoginCall) -> Self {
        Self::at(call.now)
    }
}

impl<'a> From<&PingCall<'a>> for Call<'a> {
    fn from(call: &PingCall<'a>) -> Self {
        Self {
            test: call.test,
            source: call.source,
            ping_id: Some(call.ping_id),
            wait_ms: Some(call.wait_ms),
            kept: Some(call.kept),
            ask: Some(call.ask),
            ..Self::at(call.now)
        }
    }
}

impl<'a> From<&PostCall<'a>> for Call<'a> {
    fn from(call: &PostCall<'a>) -> Self {
        Self {
            test: call.test,
            source: call.source,
            ping_id: call.ping_id,
            attempt: Some(call.attempt),
            callback: call.callback,
            bid: Some(call.bid),
            kept: Some(call.kept),
            ask: Some(call.ask),
            ..Self::at(call.now)
        }
    }
}

impl<'a> From<&PollCall<'a>> for Call<'a> {
    fn from(call: &PollCall<'a>) -> Self {
        Self {
            test: call.test,
            source: call.source,
            ping_id: call.ping_id,
            attempt: Some(call.attempt),
            bid: Some(call.bid),
            kept: Some(call.kept),
            ..Self::at(call.now)
        }
    }
}

impl<'a> From<&NoticeCall<'a>> for Call<'a> {
    fn from(call: &NoticeCall<'a>) -> Self {
        Self {
            test: call.test,
            source: call.source,
            ping_id: call.ping_id,
            attempt: call.attempt,
            bid: Some(call.bid),
            kept: Some(call.kept),
            notice: Some(call.notice),
            ..Self::at(call.now)
        }
    }
}
