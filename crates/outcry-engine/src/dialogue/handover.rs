//! Hands a lead over: login, post, and the call that completes it. What each end means depends on how far it got.
//!
//! Nothing here is sent before T2. A login that fails leaves the lead where it is: not sent. A post that was accepted and
//! whose completion is lost, or was never sent, is unknown: the buyer has the lead, and may think it has bought it.

use super::notices::Notices;
use super::{Dialogue, poll};
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::Later;
use crate::ports::outbound::{Call, CallEnd, Connection, LateListener};
use crate::ports::store::Hold;
use crate::resolve;
use crate::unsaid;
use crate::verdicts;
use outcry_core::consent;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::lead::Lead;
use outcry_core::post_view::PostView;
use outcry_core::rank::{Place, Plan};
use outcry_core::reason::Reason;
use outcry_core::record::Run;
use outcry_core::verdict::{Acceptance, Verdict};
use outcry_integration::answer::{PostOutcome, RawAnswer};
use outcry_integration::{Ask, Kept, Outgoing, PostCall, StepName};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// One attempt: to whom, at which place of the plan, and what is held for it. Nothing of the person.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) dialogue: Dialogue,
    pub(crate) id: AttemptId,
    pub(crate) place: Place,
    pub(crate) ping_id: Option<PingId>,
    pub(crate) holds: Vec<Hold>,
    /// True once T3 of the lead is through.
    pub(crate) settled: watch::Receiver<bool>,
    /// Held by whoever records a late outcome of the lead.
    pub(crate) resolving: Arc<Mutex<()>>,
    /// Whom to tell when a late word settles it.
    pub(crate) notices: Option<Notices>,
}

/// An attempt with the lead it is about.
pub(crate) struct Handover {
    pub(crate) attempt: Attempt,
    lead: Arc<Lead>,
}

/// A step that is ready to be sent, and the serial of the login it shows.
pub(crate) struct Written {
    request: Outgoing,
    login: Option<u64>,
}

/// A step that gives a verdict, and what those before it gave.
#[derive(Clone)]
struct Stage {
    step: StepName,
    kept: Kept,
    accepted: Acceptance,
}

impl Handover {
    /// For one place of the plan.
    pub(crate) fn of(engine: &Arc<Engine>, auction: &Auction, plan: &Plan, place: &Place, id: AttemptId) -> Self {
        let dialogue = Dialogue {
            engine: engine.clone(),
            terms: auction.terms.clone(),
            at: place.contract,
        };
        Self {
            attempt: Attempt {
                dialogue,
                id,
                place: place.clone(),
                ping_id: auction.lines[place.contract].ping.as_ref().map(|ping| ping.id),
                holds: Vec::new(),
                settled: auction.settled.subscribe(),
                resolving: auction.resolving.clone(),
                notices: Notices::of(auction, plan),
            },
            lead: auction.lead.clone(),
        }
    }

    /// With what T2 holds for it.
    #[must_use]
    pub(crate) fn holding(mut self, holds: &[Hold]) -> Self {
        self.attempt.holds = holds.to_vec();
        self
    }

    /// Logs in and writes the post, with proof that the consent covers the buyer. `None` for a simulated one.
    ///
    /// # Errors
    /// Why it cannot be sent.
    pub(crate) async fn write(&self) -> Result<Option<Written>, Reason> {
        self.written(&Stage::post(), None).await
    }

    async fn written(&self, stage: &Stage, over: Option<u64>) -> Result<Option<Written>, Reason> {
        let dialogue = &self.attempt.dialogue;
        let now = dialogue.engine.now();
        let covered = consent::covers(&self.lead, &dialogue.contract().buyer_refs(), now);
        let covered = covered.map_err(|missing| Reason::Consent {
            missing: missing.to_string().into(),
        })?;
        let Some(params) = dialogue.params() else { return Ok(None) };
        let login = dialogue.login(stage.step, over, self.until(stage.step)).await;
        let login = login.map_err(|reason| Reason::PostNotSent {
            why: reason.to_string().into(),
        })?;
        let kept = login.as_ref().map(|login| stage.kept.clone().and(&login.kept));
        let call = PostCall {
            attempt: self.attempt.id,
            ping_id: self.attempt.ping_id,
            bid: &self.attempt.place.bid,
            test: dialogue.terms.run == Run::Test,
            source: dialogue.terms.source().name.as_str(),
            now,
            kept: kept.as_ref().unwrap_or(&stage.kept),
            ask: self.attempt.ask(),
        };
        let (integration, view) = (dialogue.integration(), PostView::new(&self.lead, covered));
        let request = match stage.step {
            StepName::Completion => integration.render_completion(params, &view, &call).map(Outgoing::Http),
            _ => integration.render_post(params, &view, &call),
        };
        Ok(Some(Written {
            request: request.map_err(|fault| super::unwritable(&fault))?,
            login: login.map(|login| login.serial),
        }))
    }

    /// Sends the post and goes on to the last step.
    pub(crate) async fn carry_out(self: &Arc<Self>, post: Written) -> Verdict {
        let stage = Stage::post();
        let end = self.hand(&stage, post).await;
        self.understood(stage, end).await
    }

    /// Sends a step; once more with a new login if the buyer refuses it for that, and so does not have it.
    async fn hand(self: &Arc<Self>, stage: &Stage, written: Written) -> CallEnd {
        let end = self.send(stage, written.request).await;
        let (CallEnd::Answered { answer, .. }, Some(old)) = (&end, written.login) else {
            return end;
        };
        if !self.is_refused_for_login(stage.step, answer).await {
            return end;
        }
        match self.written(stage, Some(old)).await {
            Ok(Some(again)) => self.send(stage, again.request).await,
            Ok(None) | Err(_) => end,
        }
    }

    async fn is_refused_for_login(&self, step: StepName, answer: &RawAnswer) -> bool {
        let dialogue = &self.attempt.dialogue;
        dialogue.login_is_over(step, answer).await && {
            let verdict = verdicts::read(dialogue.read_verdict(step, answer).await, answer.status);
            matches!(verdict, Verdict::Rejected { duplicate: false, .. })
        }
    }

    async fn send(self: &Arc<Self>, stage: &Stage, request: Outgoing) -> CallEnd {
        let dialogue = &self.attempt.dialogue;
        let (handover, at) = (self.clone(), stage.clone());
        let late: LateListener = Box::new(move |end| {
            tokio::spawn(handover.late(at, end));
        });
        let call = Call {
            listen_on: dialogue.engine.limits.post_listen,
            late: Some(late),
            connection: Connection::Fresh,
            ..dialogue.call(request, self.until(stage.step))
        };
        let end = dialogue.engine.outbound.call(call).await;
        dialogue.heard_from(&end);
        end
    }

    fn until(&self, step: StepName) -> Instant {
        let dialogue = &self.attempt.dialogue;
        dialogue.until(step, Duration::from_millis(dialogue.contract().post_timeout_ms.into()))
    }

    /// What the end of a step means, after the steps that follow from it.
    async fn understood(self: &Arc<Self>, stage: Stage, end: CallEnd) -> Verdict {
        let (verdict, kept) = self.read(&stage, end).await;
        match verdict {
            Verdict::Accepted(accepted) if stage.step == StepName::Post && self.completes() => {
                let stage = Stage {
                    step: StepName::Completion,
                    kept,
                    accepted,
                };
                self.complete(stage).await
            }
            verdict => verdict,
        }
    }

    async fn complete(self: &Arc<Self>, stage: Stage) -> Verdict {
        let not_sent = |why: &dyn std::fmt::Display| Verdict::Unknown {
            why: format!("the buyer accepted the post, and the call that completes it was not sent: {why}").into(),
        };
        match self.written(&stage, None).await {
            Ok(Some(written)) => {
                let end = self.hand(&stage, written).await;
                match self.read(&stage, end).await.0 {
                    Verdict::NotSent { why } => not_sent(&why),
                    verdict => verdict,
                }
            }
            Ok(None) => not_sent(&"there is no address for test leads"),
            Err(reason) => not_sent(&reason),
        }
    }

    fn completes(&self) -> bool {
        self.attempt.dialogue.integration().has(StepName::Completion)
    }

    /// The verdict of one end, and what has been kept by then. A queued lead is asked about from now on.
    async fn read(&self, stage: &Stage, end: CallEnd) -> (Verdict, Kept) {
        let answer = match verdicts::answer(end) {
            Ok(answer) => answer,
            Err(verdict) => return (verdict, Kept::default()),
        };
        let mut reading = self.attempt.dialogue.read_verdict(stage.step, &answer).await;
        unsaid::of(&self.lead, &mut reading.reason, &mut reading.notes);
        let kept = stage.kept.clone().and(&reading.kept);
        if reading.outcome == PostOutcome::Queued {
            poll::begin(&self.attempt, kept.clone());
        }
        let verdict = match verdicts::read(reading, answer.status) {
            Verdict::Accepted(last) => Verdict::Accepted(stage.accepted.clone().amended(last)),
            verdict => verdict,
        };
        (verdict, kept)
    }

    /// An answer that came when its caller had gone.
    fn late(self: Arc<Self>, stage: Stage, end: CallEnd) -> Later<'static, ()> {
        Box::pin(async move {
            // The lead's own T3 says unknown; what came late is said after it.
            let mut settled = self.attempt.settled.clone();
            if settled.wait_for(|settled| *settled).await.is_err() {
                return;
            }
            let verdict = self.understood(stage, end).await;
            resolve::attempt(&self.attempt, verdict, "a late answer").await;
        })
    }
}

impl Attempt {
    /// The least price asked: that of its rung where the contract has a ladder, and nothing less.
    fn ask(&self) -> Ask {
        let ask = self.dialogue.terms.ask(self.dialogue.at);
        match self.place.bid.rung {
            Some(_) => Ask {
                price: self.place.price,
                ..ask
            },
            None => ask,
        }
    }
}

impl Stage {
    fn post() -> Self {
        Self {
            step: StepName::Post,
            kept: Kept::default(),
            accepted: Acceptance::default(),
        }
    }
}
