//! What a template can see while it is written: the lead, perhaps one row of it, the contract, the call.

use super::path::SentPart;
use crate::call::{PingCall, PostCall};
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

/// A ping's call and a post's call under one roof.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) now: Moment,
    pub(crate) test: bool,
    pub(crate) source: &'a str,
    pub(crate) ping_id: Option<PingId>,
    pub(crate) wait_ms: Option<u32>,
    pub(crate) attempt: Option<AttemptId>,
    pub(crate) bid: Option<&'a Bid>,
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

impl<'a> From<&PingCall<'a>> for Call<'a> {
    fn from(call: &PingCall<'a>) -> Self {
        Self {
            now: call.now,
            test: call.test,
            source: call.source,
            ping_id: Some(call.ping_id),
            wait_ms: Some(call.wait_ms),
            attempt: None,
            bid: None,
        }
    }
}

impl<'a> From<&PostCall<'a>> for Call<'a> {
    fn from(call: &PostCall<'a>) -> Self {
        Self {
            now: call.now,
            test: call.test,
            source: call.source,
            ping_id: call.ping_id,
            wait_ms: None,
            attempt: Some(call.attempt),
            bid: Some(call.bid),
        }
    }
}
