//! Hands a lead over: login, post, and the call that completes it. What each end means depends on how far it got.
//!
//! Nothing here is sent before T2. A login that fails leaves the lead where it is: not sent. A post that was accepted and
//! whose completion is lost, or was never sent, is unknown: the buyer has the lead, and may think it has bought it.

use super::notices::Notices;
use super::{Dialogue, poll, repeat};
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::Later;
use crate::ports::outbound::{Call, CallEnd, Connection, LateListener, NotSent};
use crate::ports::store::{Hold, Memo};
use crate::resolve::token::CallToken;
use crate::resolve::{self, Way};
use crate::unsaid;
use crate::verdicts;
use outcry_core::consent::{Covered, Gate};
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
use tokio::sync::watch;
use tokio::time::Instant;

/// A post leaves within so long of its intent, or not at all.
pub(crate) const SEND_WINDOW: Duration = Duration::from_secs(2);
const TOO_LATE_TO_SEND: &str = "too much time had passed since the intent was written down";

/// One attempt: to whom, at which place of the plan, and what is held for it. Nothing of the person.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) dialogue: Dialogue,
    pub(crate) id: AttemptId,
    pub(crate) place: Place,
    pub(crate) ping_id: Option<PingId>,
    pub(crate) holds: Vec<Hold>,
    /// No first byte leaves after this: by then somebody else may be looking for what became of it.
    pub(crate) send_by: Instant,
    /// True once T3 of the lead is through.
    pub(crate) settled: watch::Receiver<bool>,
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
                send_by: Instant::now() + SEND_WINDOW,
                settled: auction.settled.subscribe(),
                notices: Notices::of(auction, plan),
            },
            lead: auction.lead.clone(),
        }
    }

    /// An attempt of an earlier hour, with its lead as the store has kept it.
    pub(crate) const fn again(attempt: Attempt, lead: Arc<Lead>) -> Self {
        Self { attempt, lead }
    }

    /// With what T2 holds for it, and since when: what it was asked at is no later than what it was written down at.
    #[must_use]
    pub(crate) fn holding(mut self, holds: &[Hold], since: Instant) -> Self {
        self.attempt.holds = holds.to_vec();
        self.attempt.send_by = since + SEND_WINDOW;
        self
    }

    /// What T2 keeps of it, if anybody may have to come back to it after a restart.
    pub(crate) fn memo(&self) -> Option<Box<Memo>> {
        self.memo_with(&Kept::default())
    }

    /// The same, with what its answer kept.
    pub(crate) fn memo_with(&self, kept: &Kept) -> Option<Box<Memo>> {
        let needed = self.attempt.dialogue.integration().comes_back();
        needed.then(|| Box::new(self.attempt.memo(kept)))
    }

    /// A buyer that may call about the post may do so before the auction is over.
    pub(crate) fn await_calls(&self) {
        let dialogue = &self.attempt.dialogue;
        if dialogue.integration().has_callback() {
            dialogue.engine.awaited.add(dialogue.terms.lead_id(), self.attempt.settled.clone());
        }
    }

    /// Logs in and writes the post, with proof that the consent covers the buyer. No post for a simulated one.
    ///
    /// # Errors
    /// Why it cannot be sent.
    pub(crate) async fn write(&self) -> Result<(Covered, Option<Written>), Reason> {
        let covered = self.covered()?;
        Ok((covered, self.written(&Stage::post(), None).await?))
    }

    /// Does the consent record cover the buyer at this moment?
    fn covered(&self) -> Result<Covered, Reason> {
        let dialogue = &self.attempt.dialogue;
        let gate = Gate::of(&dialogue.terms.campaign, &self.lead, dialogue.engine.now());
        Ok(gate.covers(dialogue.contract())?)
    }

    async fn written(&self, stage: &Stage, over: Option<u64>) -> Result<Option<Written>, Reason> {
        let dialogue = &self.attempt.dialogue;
        let now = dialogue.engine.now();
        let covered = self.covered()?;
        let Some(params) = dialogue.params() else { return Ok(None) };
        let login = dialogue.login(stage.step, over, self.until(stage.step)).await;
        let login = login.map_err(|reason| Reason::PostNotSent {
            why: reason.to_string().into(),
        })?;
        let kept = login.as_ref().map(|login| stage.kept.clone().and(&login.kept));
        let callback = self.attempt.callback_url();
        let call = PostCall {
            attempt: self.attempt.id,
            callback: callback.as_deref(),
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
        let request = match request.map_err(|fault| super::unwritable(&fault))? {
            Outgoing::Http(request) => Outgoing::Http(dialogue.chained(request, self.attempt.id.bits())),
            // What is not sent over HTTP has no place for it.
            other => other,
        };
        Ok(Some(Written {
            request,
            login: login.map(|login| login.serial),
        }))
    }

    /// Sends the post and goes on to the last step. What nobody knows the end of is asked about from then on.
    pub(crate) async fn carry_out(self: &Arc<Self>, post: Written) -> Said {
        let stage = Stage::post();
        let end = self.hand(&stage, post).await;
        let said = self.understood(stage, end).await;
        said.begin_asking(&self.attempt);
        said
    }

    /// Sends the same post once more, under the same id. The final word, if there is one now.
    pub(crate) async fn repeat(self: &Arc<Self>) -> Verdict {
        match self.write().await {
            Ok((_, Some(written))) => self.carry_out_again(written).await,
            Ok((_, None)) => Verdict::Unknown {
                why: "there is no address for test leads".into(),
            },
            Err(reason) => Verdict::Unknown {
                why: reason.to_string().into(),
            },
        }
    }

    async fn carry_out_again(self: &Arc<Self>, post: Written) -> Verdict {
        let stage = Stage::post();
        let end = self.hand(&stage, post).await;
        match self.understood(stage, end).await.verdict {
            // That this one never left says nothing of the first.
            Verdict::NotSent { why } => Verdict::Unknown { why },
            verdict => verdict,
        }
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
        if stage.step == StepName::Post && self.attempt.send_by <= Instant::now() {
            return CallEnd::NotSent(NotSent::Unreachable(TOO_LATE_TO_SEND.into()));
        }
        let (handover, at) = (self.clone(), stage.clone());
        let late: LateListener = Box::new(move |end| {
            tokio::spawn(handover.late(at, end));
        });
        let call = Call {
            send_by: (stage.step == StepName::Post).then_some(self.attempt.send_by),
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
    async fn understood(self: &Arc<Self>, stage: Stage, end: CallEnd) -> Said {
        let said = self.read(&stage, end).await;
        match said.verdict {
            Verdict::Accepted(accepted) if stage.step == StepName::Post && self.completes() => {
                let stage = Stage {
                    step: StepName::Completion,
                    kept: said.kept,
                    accepted,
                };
                self.complete(stage).await
            }
            _ => said,
        }
    }

    async fn complete(self: &Arc<Self>, stage: Stage) -> Said {
        let not_sent = |why: &dyn std::fmt::Display| Said {
            verdict: Verdict::Unknown {
                why: format!("the buyer accepted the post, and the call that completes it was not sent: {why}").into(),
            },
            kept: stage.kept.clone(),
            queued: false,
        };
        match self.written(&stage, None).await {
            Ok(Some(written)) => {
                let end = self.hand(&stage, written).await;
                let said = self.read(&stage, end).await;
                match &said.verdict {
                    Verdict::NotSent { why } => not_sent(why),
                    _ => said,
                }
            }
            Ok(None) => not_sent(&"there is no address for test leads"),
            Err(reason) => not_sent(&reason),
        }
    }

    fn completes(&self) -> bool {
        self.attempt.dialogue.integration().has(StepName::Completion)
    }

    /// What one end says, and what has been kept by then.
    async fn read(&self, stage: &Stage, end: CallEnd) -> Said {
        let answer = match verdicts::answer(end) {
            Ok(answer) => answer,
            Err(verdict) => {
                return Said {
                    kept: stage.kept.clone(),
                    ..Said::of(verdict)
                };
            }
        };
        let mut reading = self.attempt.dialogue.read_verdict(stage.step, &answer).await;
        unsaid::of(&self.lead, &mut reading.reason, &mut reading.notes);
        let kept = stage.kept.clone().and(&reading.kept);
        let queued = reading.outcome == PostOutcome::Queued;
        let verdict = match verdicts::read(reading, answer.status) {
            Verdict::Accepted(last) => Verdict::Accepted(stage.accepted.clone().amended(last)),
            verdict => verdict,
        };
        Said { verdict, kept, queued }
    }

    /// An answer that came when its caller had gone.
    fn late(self: Arc<Self>, stage: Stage, end: CallEnd) -> Later<'static, ()> {
        Box::pin(async move {
            // The lead's own T3 says unknown; what came late is said after it.
            let mut settled = self.attempt.settled.clone();
            if settled.wait_for(|settled| *settled).await.is_err() {
                return;
            }
            let said = self.understood(stage, end).await;
            if said.queued {
                said.begin_asking(&self.attempt);
            }
            resolve::attempt(&self.attempt, said.verdict, Way::LateAnswer).await;
        })
    }
}

/// What the last step said.
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    /// What the steps have kept by then.
    pub(crate) kept: Kept,
    /// Will the buyer say more when it is asked?
    pub(crate) queued: bool,
}

impl Said {
    /// A verdict, and nothing else.
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            kept: Kept::default(),
            queued: false,
        }
    }

    /// What nobody knows the end of is asked about, where the integration says how.
    fn begin_asking(&self, attempt: &Attempt) {
        if let Verdict::Unknown { .. } = self.verdict {
            poll::begin(attempt, self.kept.clone(), self.queued);
            repeat::begin(attempt, self.queued);
        }
    }
}

impl Attempt {
    /// Where the buyer may call with its final word, if it is one that calls and we can be reached.
    fn callback_url(&self) -> Option<String> {
        let dialogue = &self.dialogue;
        dialogue.integration().has_callback().then_some(())?;
        let at = dialogue.engine.reached_at()?;
        let call = CallToken {
            lead: dialogue.terms.lead_id(),
            attempt: self.id,
            price: self.place.price,
        };
        let token = dialogue.engine.keys.token.sign_call(&call, &dialogue.contract().name);
        Some(format!("{at}/v1/callbacks/{token}"))
    }

    /// What it takes to come back to it.
    pub(crate) fn memo(&self, kept: &Kept) -> Memo {
        Memo {
            ping: self.ping_id,
            bid: self.place.bid.clone(),
            kept: kept.entries().to_vec(),
        }
    }

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
