//! A step rehearsed: its request written for a lead that nobody sent, outside of any auction.
//!
//! For examples, for the command line and for documentation. The engine rehearses nothing: its posts take a
//! [`outcry_core::post_view::PostView`], and with it the proof of consent.

use crate::call::{Ask, Notice, RenderError};
use crate::integration::Integration;
use crate::kept::Kept;
use crate::outgoing::Outgoing;
use crate::param::Params;
use crate::step::StepName;
use crate::template::Call;
use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::ping_view::PingView;
use std::collections::BTreeMap;

/// The id of every ping that is not real, so that an expectation can name it.
pub const PING_ID: PingId = PingId::from_bits(0x11);
/// The id of every attempt that is not real.
pub const ATTEMPT_ID: AttemptId = AttemptId::from_bits(0x22);
/// Where a buyer of a post that is not real may call.
pub const CALLBACK_URL: &str = "https://exchange.example/v1/callbacks/example";
/// How long a ping that is not real is listened to.
pub const WAIT_MS: u32 = 600;

/// What a rehearsed request may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Rehearsal<'a> {
    /// The lead. A ping view serves for every step here: it holds values, and nobody is behind them.
    pub fields: &'a PingView,
    /// `{bid.id}`, `{bid.price}`, `{bid.echo.NAME}` …
    pub bid: &'a Bid,
    /// `{ping.id}`.
    pub ping_id: PingId,
    /// `{attempt.id}`.
    pub attempt: AttemptId,
    /// `{test}`.
    pub test: bool,
    /// `{source}`.
    pub source: &'a str,
    /// `{now}`.
    pub now: Moment,
    /// What the steps before it kept.
    pub kept: &'a Kept,
    /// `{ask.floor}` and `{ask.price}`.
    pub ask: Ask,
    /// `{winning_price}` of a notice.
    pub winning_price: Option<Money>,
}

impl<'a> Rehearsal<'a> {
    pub(crate) fn call(&self, step: StepName) -> Call<'a> {
        Call {
            test: self.test,
            source: self.source,
            ping_id: Some(self.ping_id),
            wait_ms: step.is_before_bid().then_some(WAIT_MS),
            attempt: step.sees_attempt().then_some(self.attempt),
            callback: (step.sees_lead() && step.sees_attempt()).then_some(CALLBACK_URL),
            bid: step.sees_bid().then_some(self.bid),
            kept: Some(self.kept),
            ask: Some(self.ask),
            notice: step.is_notice().then_some(Notice {
                won: step == StepName::Win,
                winning_price: self.winning_price,
            }),
            ..Call::at(self.now)
        }
    }
}

impl Integration {
    /// The names of its steps, in the order they are taken: `ping`, `post`.
    pub fn step_names(&self) -> Vec<&'static str> {
        let requests = self.requests().map(|request| request.step.word());
        let heard = self.has_callback().then_some(StepName::Callback.word());
        requests
            .chain(self.has_delivery().then_some(StepName::Post.word()))
            .chain(heard)
            .collect()
    }

    /// Writes a step by its name.
    ///
    /// # Errors
    /// A required value that is missing, one that its place cannot carry, or a step that the file does not have.
    pub fn rehearse(&self, step: &str, params: &Params, rehearsal: &Rehearsal<'_>) -> Result<Outgoing, RenderError> {
        let requests = self.requests().map(|request| request.step);
        let mut known = requests.chain(self.has_delivery().then_some(StepName::Post));
        let absent = || RenderError {
            line: 0,
            what: step.to_owned(),
            message: format!("the integration has no such step, only {}", self.step_names().join(" and ")),
        };
        let step = known.find(|name| name.word() == step).ok_or_else(absent)?;
        self.outgoing(step, params, rehearsal.fields, rehearsal.call(step))
    }

    /// The parameters that the first request example of a step gives; those of any other step where it has none.
    pub fn example_params(&self, step: &str) -> BTreeMap<String, String> {
        let given = |only: Option<&str>| {
            let of_step = self.examples().iter().filter_map(|example| example.given());
            let mut given = of_step.filter(|(name, _)| only.is_none_or(|only| name.word() == only));
            given.find_map(|(_, example)| Some(example.params()).filter(|params| !params.is_empty()))
        };
        given(Some(step)).or_else(|| given(None)).cloned().unwrap_or_default()
    }

    /// What earlier steps kept, in the first example of a step that says so.
    pub fn example_kept(&self, step: &str) -> Kept {
        let given = self.examples().iter().filter_map(|example| example.given());
        let kept = given.filter(|(name, _)| name.word() == step).map(|(_, example)| example.kept());
        kept.into_iter().find(|kept| !kept.is_empty()).cloned().unwrap_or_default()
    }

    /// The bid that the first example of a post gives.
    pub fn example_bid(&self) -> Option<&Bid> {
        let given = self.examples().iter().filter_map(|example| example.given());
        given
            .filter(|(step, _)| *step == StepName::Post)
            .map(|(_, example)| example.bid())
            .find(|bid| bid.id.is_some() || bid.price.is_some() || !bid.echo.is_empty())
    }
}
