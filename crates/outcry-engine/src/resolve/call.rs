//! A buyer calls with its final word on a post. The address it calls holds a token that names the post, so that nobody
//! else can speak for it; what it says is read by the integration's `[callback]`.

use super::token::CallToken;
use super::{Fact, Resolved, Way, fact};
use crate::dialogue::Dialogue;
use crate::engine::Engine;
use crate::ports::store::StoreFault;
use crate::terms::Terms;
use crate::unsaid;
use crate::verdicts;
use outcry_core::attempt::AttemptState;
use outcry_core::verdict::Verdict;
use outcry_integration::answer::{PostOutcome, RawAnswer};
use outcry_integration::{Carried, StepName};
use std::sync::Arc;

/// Why a call is not heard.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unheard {
    /// The token is not ours, or was altered.
    #[error("the token in the address is not genuine; call the address of the post as it was sent, to its last letter")]
    Forged,
    /// The token is genuine, and the post is another contract's, or not in this exchange.
    #[error("the token in the address belongs to no post of this contract")]
    Foreign,
    /// The contract is not traded any more, or its integration hears no calls.
    #[error("calls about this contract are not heard any more; tell the operator of the exchange what became of {0}")]
    Gone(Arc<str>),
    /// The auction of the lead has not ended.
    #[error("the post is still being made; call again in a moment")]
    Early,
    /// What was said means nothing to the integration.
    #[error("what was said is no final word: {0}")]
    NotUnderstood(Arc<str>),
    /// It contradicts what the buyer has said before.
    #[error("the post was {was} before, and a final word stands; tell the operator of the exchange if that is wrong")]
    Contradicts {
        /// What is known for certain.
        was: &'static str,
    },
    /// It cannot be booked.
    #[error("{0}")]
    Unbookable(Arc<str>),
    /// The store's fault.
    #[error("nothing can be written down at the moment; call again")]
    Store(#[from] StoreFault),
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is recorded.
    Recorded(AttemptState),
    /// The same was said before.
    KnownBefore(AttemptState),
    /// The buyer is not done with it; it may call again.
    NotYet,
}

/// Where a call's words are, found out before its body is read.
#[derive(Clone)]
pub struct Caller {
    call: CallToken,
    dialogue: Dialogue,
    /// Body or query.
    pub carried: Carried,
}

/// Who calls, about which post.
///
/// # Errors
/// Why it is not heard.
pub async fn caller(engine: &Arc<Engine>, token: &str) -> Result<Caller, Unheard> {
    let genuine = engine.keys.token.verify_call(token).ok_or(Unheard::Forged)?;
    let call = genuine.call;
    if !engine.awaited.end_of(call.lead).await {
        return Err(Unheard::Early);
    }
    let case = engine.store.case(call.lead).await?.ok_or(Unheard::Foreign)?;
    let known = case.attempt(call.attempt).ok_or(Unheard::Foreign)?;
    if !genuine.belongs_to(&known.contract) || known.price != call.price {
        return Err(Unheard::Foreign);
    }
    let gone = || Unheard::Gone(call.attempt.to_string().into());
    let terms = Terms::of_case(engine, &case).await?.ok_or_else(gone)?;
    let at = terms.campaign.contract(known.contract.as_str()).ok_or_else(gone)?;
    let carried = terms.binding(at).integration.callback().ok_or_else(gone)?;
    let dialogue = Dialogue {
        engine: engine.clone(),
        terms,
        at,
    };
    Ok(Caller { call, dialogue, carried })
}

/// Records what the buyer says. The same again changes nothing.
///
/// # Errors
/// Why it is not recorded.
pub async fn hear(caller: &Caller, said: RawAnswer) -> Result<Heard, Unheard> {
    let Caller { call, dialogue, .. } = caller;
    let mut reading = dialogue.read_verdict(StepName::Callback, &said).await;
    unsaid::of_anybody(&mut reading.reason, &mut reading.notes);
    match reading.outcome {
        PostOutcome::Queued => return Ok(Heard::NotYet),
        PostOutcome::Unknown | PostOutcome::NotFound => {
            let note = reading.notes.first().map_or("no rule of the integration knows it", String::as_str);
            return Err(Unheard::NotUnderstood(note.into()));
        }
        PostOutcome::Accepted | PostOutcome::Rejected | PostOutcome::Duplicate | PostOutcome::Error => {}
    }
    let verdict = verdicts::read(reading, said.status);
    let state = AttemptState::after(&verdict);
    if let Verdict::Unknown { why } = verdict {
        return Err(Unheard::NotUnderstood(why));
    }
    match fact(&dialogue.engine, call.lead, call.attempt, Fact::Verdict(verdict), Way::Callback).await? {
        Resolved::Done { .. } => Ok(Heard::Recorded(state)),
        Resolved::Known(state) => Ok(Heard::KnownBefore(state)),
        Resolved::Contradicts(was) => Err(Unheard::Contradicts { was: was.word() }),
        Resolved::NoSuchAttempt => Err(Unheard::Foreign),
        Resolved::UnderWay => Err(Unheard::Early),
        Resolved::Unbookable { why } => Err(Unheard::Unbookable(why)),
    }
}
