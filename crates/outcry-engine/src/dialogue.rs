//! The dialogue with the buyer of one contract: which step follows which, and what each shows of those before it.
//!
//! Login, a call before the ping, ping ([`ask`]); login, post, completion ([`handover`]); polls after a queued post
//! ([`poll`]); notices ([`notices`]). The path of the lead knows only the first and the last word of each.

pub(crate) mod ask;
pub(crate) mod handover;
pub(crate) mod notices;
pub(crate) mod poll;
mod read;
pub(crate) mod repeat;

use crate::engine::Engine;
use crate::logins::{Granted, Login};
use crate::loops;
use crate::ports::outbound::{Call, CallEnd, Connection};
use crate::terms::Terms;
use outcry_core::catalog::Contract;
use outcry_core::reason::Reason;
use outcry_core::record::Run;
use outcry_integration::{Integration, Kept, LoginCall, Outgoing, Params, RenderError, Request, StepName, StepOutcome};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Of a step that says nothing of its time, and that no term of the contract speaks of.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// A login that says nothing of its end is good for so long.
const LOGIN_GOOD_FOR: Duration = Duration::from_mins(10);
/// Logins are counted apart from the calls of contracts: many share one. Behind the slots of the outbox.
const LOGIN_SLOTS: usize = 64;
const LOGIN_CALLS_MAX: u32 = 8;
/// On top of all times that are known, before a buyer is believed that says it never got a post.
const MARGIN: Duration = Duration::from_secs(10);

/// One contract and the engine, for as long as there is something to say.
#[derive(Clone)]
pub(crate) struct Dialogue {
    pub(crate) engine: Arc<Engine>,
    pub(crate) terms: Terms,
    /// Position of the contract in its campaign.
    pub(crate) at: usize,
}

impl Dialogue {
    pub(crate) fn contract(&self) -> &Contract {
        self.terms.contract(self.at)
    }

    pub(crate) fn integration(&self) -> &Arc<Integration> {
        &self.terms.binding(self.at).integration
    }

    /// The contract's values; for a test lead those of its test address. Without one nothing is said to anybody.
    pub(crate) fn params(&self) -> Option<&Params> {
        let binding = self.terms.binding(self.at);
        match self.terms.run {
            Run::Live => Some(&binding.params),
            Run::Test => binding.test_params.as_ref(),
        }
    }

    /// When a step begun now must have ended.
    fn until(&self, step: StepName, at_most: Duration) -> Instant {
        let own = self.integration().timeout(step);
        Instant::now() + own.map_or(at_most, |own| own.min(at_most))
    }

    /// After this a post that was about to be sent has been, and has arrived or never will.
    fn settling_time(&self) -> Duration {
        let post = Duration::from_millis(self.contract().post_timeout_ms.into());
        handover::SEND_WINDOW + post + self.engine.limits.post_listen + MARGIN
    }

    /// A call of a step, for which nobody listens once its time is up.
    fn call(&self, request: impl Into<Outgoing>, until: Instant) -> Call {
        let contract = self.contract();
        Call {
            request: request.into(),
            contract: contract.index,
            calls_max: contract.calls_max,
            until,
            send_by: None,
            listen_on: self.engine.limits.ping_listen,
            late: None,
            answer_bytes_max: self.engine.limits.answer_bytes_max,
            connection: Connection::Any,
        }
    }

    /// Says a step that hands nobody over, and says it once more if its answer asks for a new login and there is one.
    ///
    /// # Errors
    /// Why nothing was said.
    async fn say(&self, step: StepName, until: Instant, kept: &Kept, write: impl Write) -> Result<CallEnd, Reason> {
        let login = self.login(step, None, until).await?;
        let end = self.say_with(login.as_ref(), until, kept, &write).await?;
        let (CallEnd::Answered { answer, .. }, Some(old)) = (&end, login) else {
            return Ok(end);
        };
        if !self.login_is_over(step, answer).await {
            return Ok(end);
        }
        match self.login(step, Some(old.serial), until).await {
            Ok(login) => self.say_with(login.as_ref(), until, kept, &write).await,
            Err(_) => Ok(end),
        }
    }

    async fn say_with(&self, login: Option<&Login>, until: Instant, kept: &Kept, write: &impl Write) -> Result<CallEnd, Reason> {
        let written = match login {
            None => write(kept),
            Some(login) => write(&kept.clone().and(&login.kept)),
        };
        let request = written.map_err(|fault| unwritable(&fault))?;
        let end = self.engine.outbound.call(self.call(request, until)).await;
        self.heard_from(&end);
        Ok(end)
    }

    /// What a step shows to be let in; nothing if it shows nothing. `over` is the serial of what is no longer taken.
    ///
    /// # Errors
    /// Why there is none by `until`.
    async fn login(&self, step: StepName, over: Option<u64>, until: Instant) -> Result<Option<Login>, Reason> {
        let integration = self.integration();
        let key = self.params().and_then(Params::login);
        let Some(key) = key.filter(|_| integration.shows_login(step)) else {
            return Ok(None);
        };
        let got = self
            .engine
            .logins
            .get(key, over, until, || fetch(self.clone(), key.slot(LOGIN_SLOTS)));
        got.await.map(Some).map_err(|why| Reason::LoginFailed { why })
    }

    /// Writes down in a request where the lead has been, so that it is recognised if it comes back.
    fn chained(&self, mut request: Request, id: u128) -> Request {
        let chain = loops::chain(&self.engine.keys.people, &self.terms.chain, id);
        request.headers.push((loops::HEADER.into(), chain));
        request
    }

    /// Notes what the end of a call says of the buyer's server. Test addresses are other servers.
    fn heard_from(&self, end: &CallEnd) {
        if self.terms.run == Run::Live {
            self.engine.live.ended(self.contract().index, end, self.engine.now());
        }
    }
}

/// Writes the request of a step, given what was kept before it.
trait Write: Fn(&Kept) -> Result<Request, RenderError> + Sync {}

impl<T: Fn(&Kept) -> Result<Request, RenderError> + Sync> Write for T {}

fn unwritable(fault: &RenderError) -> Reason {
    Reason::Unwritable {
        why: fault.to_string().into(),
    }
}

/// Fetches a login, whoever waits for it.
async fn fetch(dialogue: Dialogue, slot: usize) -> Result<Granted, Arc<str>> {
    let engine = &dialogue.engine;
    let params = dialogue.params().ok_or("there is no address for test leads")?;
    let written = dialogue.integration().render_login(params, &LoginCall { now: engine.now() });
    let request = written.map_err(|fault| Arc::from(fault.to_string()))?;
    let call = Call {
        contract: engine.book.catalog.contract_count() + crate::outbox::SLOTS + slot,
        calls_max: LOGIN_CALLS_MAX,
        ..dialogue.call(request, dialogue.until(StepName::Login, STEP_TIMEOUT))
    };
    let answer = match engine.outbound.call(call).await {
        CallEnd::Answered { answer, .. } => answer,
        CallEnd::NotSent(why) => return Err(why.to_string().into()),
        CallEnd::Broken { why, .. } => return Err(why),
        CallEnd::Late => return Err("there was no answer in time".into()),
    };
    let reading = dialogue.read_step(StepName::Login, &answer).await;
    if reading.outcome != StepOutcome::Ok {
        tracing::warn!(contract.id = %dialogue.contract().name, reason = %reading.why(), "a login failed");
        return Err(reading.why());
    }
    let good_for = reading.expires_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    Ok(Granted {
        kept: reading.kept,
        good_for: good_for.unwrap_or(LOGIN_GOOD_FOR),
    })
}
