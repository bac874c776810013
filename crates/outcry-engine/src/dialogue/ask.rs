//! Asks a buyer for a bid: login, the call before the ping, ping. All of them share the time that one ping may take.

use super::Dialogue;
use crate::ports::outbound::CallEnd;
use outcry_core::id::PingId;
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::ping_view::PingView;
use outcry_core::reason::Reason;
use outcry_core::record::Run;
use outcry_integration::answer::PingReading;
use outcry_integration::{Kept, Params, PingCall, Request, StepName, StepOutcome, StepReading};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// One buyer about to be asked.
pub(crate) struct Asking {
    pub(crate) dialogue: Dialogue,
    pub(crate) view: Arc<PingView>,
    /// What the view was made from; no buyer sees it.
    pub(crate) lead: Arc<Lead>,
    pub(crate) id: PingId,
    pub(crate) now: Moment,
    pub(crate) until: Instant,
}

/// What came of it.
pub(crate) enum Asked {
    /// The ping was answered. What was kept before it is with the bids.
    Answered { reading: PingReading, status: u16, took: Duration },
    /// A call ended without an answer: the ping, or one before it.
    Ended(CallEnd),
    /// The buyer was called, and the ping did not follow.
    Stopped(Reason),
    /// The buyer was not called.
    NotBegun(Reason),
}

impl Asking {
    /// Goes through the steps.
    pub(crate) async fn ask(self) -> Asked {
        let dialogue = &self.dialogue;
        let Some(params) = dialogue.params() else {
            return Asked::NotBegun(Reason::NotReached {
                why: "there is no address for test leads".into(),
            });
        };
        let integration = dialogue.integration();
        let begun = integration.has(StepName::PrePing);
        let kept = if begun { self.before(params).await } else { Ok(Kept::default()) };
        let kept = match kept {
            Ok(kept) => kept,
            Err(asked) => return asked,
        };
        let write = |kept: &Kept| {
            let ping = integration.render_ping(params, &self.view, &self.call(kept))?;
            Ok(dialogue.chained(ping, self.id.bits()))
        };
        match dialogue.say(StepName::Ping, self.until(StepName::Ping), &kept, write).await {
            Ok(CallEnd::Answered { answer, took }) => {
                let mut reading = dialogue.read_ping(&answer, &self.view).await;
                reading.bids.iter_mut().for_each(|bid| bid.kept.extend_from_slice(kept.entries()));
                Asked::Answered {
                    reading,
                    status: answer.status,
                    took,
                }
            }
            Ok(end) => Asked::Ended(end),
            Err(reason) if begun => Asked::Stopped(reason),
            Err(reason) => Asked::NotBegun(reason),
        }
    }

    /// The ping as it would leave first; `None` where something has to be asked before it can be written.
    pub(crate) fn written(&self) -> Option<Result<Request, Reason>> {
        let integration = self.dialogue.integration();
        if integration.has(StepName::PrePing) || integration.shows_login(StepName::Ping) {
            return None;
        }
        let params = self.dialogue.params()?;
        let written = integration.render_ping(params, &self.view, &self.call(Kept::NONE));
        Some(written.map_err(|fault| super::unwritable(&fault)))
    }

    /// The call before the ping.
    async fn before(&self, params: &Params) -> Result<Kept, Asked> {
        let dialogue = &self.dialogue;
        let write = |kept: &Kept| dialogue.integration().render_pre_ping(params, &self.view, &self.call(kept));
        let said = dialogue.say(StepName::PrePing, self.until(StepName::PrePing), Kept::NONE, write);
        match said.await.map_err(Asked::NotBegun)? {
            CallEnd::Answered { answer, .. } => {
                let reading = dialogue.read_step(StepName::PrePing, &answer).await;
                after(reading).map_err(Asked::Stopped)
            }
            end => Err(Asked::Ended(end)),
        }
    }

    /// The step's own time, but never longer than all of them have.
    fn until(&self, step: StepName) -> Instant {
        let left = self.until.saturating_duration_since(Instant::now());
        self.dialogue.until(step, left)
    }

    fn call<'a>(&'a self, kept: &'a Kept) -> PingCall<'a> {
        let terms = &self.dialogue.terms;
        let left = self.until.saturating_duration_since(Instant::now());
        PingCall {
            ping_id: self.id,
            wait_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX),
            test: terms.run == Run::Test,
            source: terms.source().name.as_str(),
            now: self.now,
            kept,
            ask: terms.ask(self.dialogue.at),
        }
    }
}

/// May the ping follow?
fn after(reading: StepReading) -> Result<Kept, Reason> {
    let said = || reading.reason.clone().unwrap_or_else(|| "".into());
    match reading.outcome {
        StepOutcome::Ok => Ok(reading.kept),
        StepOutcome::NoBid => Err(Reason::NoBid { said: said() }),
        StepOutcome::Duplicate => Err(Reason::BuyerDuplicate { said: said() }),
        StepOutcome::Error => Err(Reason::BadAnswer { why: reading.why() }),
    }
}
