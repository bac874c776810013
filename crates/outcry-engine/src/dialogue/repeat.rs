//! Sends the same post again, under the same id, to a buyer that takes each id once: where its answer was lost, the answer
//! to the second says what became of the first.

use super::Dialogue;
use super::handover::{Attempt, Handover, SEND_WINDOW};
use crate::listed::{self, Listed};
use crate::ports::store::{Objections, StoreFault, scope};
use crate::resolve::{self, Way};
use outcry_core::lead::Lead;
use outcry_core::record::Run;
use outcry_core::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// When it is sent again, after the first; then it is left to others to find out.
const AGAIN_AFTER: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(3),
    Duration::from_mins(15),
    Duration::from_hours(1),
];

/// Begins, if the integration says that the buyer takes each id once. A queued post has arrived.
pub(super) fn begin(attempt: &Attempt, queued: bool) {
    if !queued {
        resume(attempt.clone(), Duration::ZERO);
    }
}

/// Goes on with what an earlier start has begun so long ago.
pub(crate) fn resume(attempt: Attempt, ago: Duration) {
    let dialogue = &attempt.dialogue;
    if !dialogue.integration().is_idempotent() {
        return;
    }
    let (engine, lead, id) = (dialogue.engine.clone(), dialogue.terms.lead_id(), attempt.id);
    let now = Instant::now();
    if !engine.polls.begin(until_final(attempt, now.checked_sub(ago).unwrap_or(now))) {
        tracing::warn!(lead.id = %lead, attempt.id = %id, "a post is not sent again: too many are, or the process is going down");
    }
}

async fn until_final(attempt: Attempt, since: Instant) {
    let mut settled = attempt.settled.clone();
    // The lead's own T3 says unknown; the final word is said after it.
    if settled.wait_for(|settled| *settled).await.is_err() {
        return;
    }
    let polls = &attempt.dialogue.engine.polls;
    for after in AGAIN_AFTER {
        let at = since + after;
        if at < Instant::now() {
            continue;
        }
        if !polls.pause(at.saturating_duration_since(Instant::now())).await {
            return;
        }
        match send(&attempt).await {
            Again::Said(Verdict::Unknown { .. }) | Again::NotNow => {}
            Again::Said(verdict) => return resolve::attempt(&attempt, verdict, Way::SentAgain).await,
            Again::NoMore => return,
        }
    }
}

/// What came of sending it again.
enum Again {
    Said(Verdict),
    /// The store could not be asked; the next turn may be better.
    NotNow,
    /// There is nothing left to do.
    NoMore,
}

/// Sends it, if it is still open, its lead can be read, and nobody has said meanwhile that the person must not be sold.
async fn send(attempt: &Attempt) -> Again {
    match readied(attempt).await {
        Ok(Some(handover)) => Again::Said(Arc::new(handover).repeat().await),
        Ok(None) => Again::NoMore,
        Err(fault) => {
            let lead = attempt.dialogue.terms.lead_id();
            tracing::warn!(lead.id = %lead, attempt.id = %attempt.id, error = %fault, "a post cannot be sent again for the moment");
            Again::NotNow
        }
    }
}

/// The post as it leaves once more; nothing if it must not.
async fn readied(attempt: &Attempt) -> Result<Option<Handover>, StoreFault> {
    let (engine, lead) = (&attempt.dialogue.engine, attempt.dialogue.terms.lead_id());
    let case = engine.store.case(lead).await?;
    let known = case.as_ref().and_then(|case| case.attempt(attempt.id));
    if known.is_none_or(|known| !known.state.is_open()) {
        return Ok(None);
    }
    let Some(contents) = engine.store.reopen(lead, &engine.book.catalog).await? else {
        return Ok(None);
    };
    if let Some(why) = stopped(attempt, &contents).await? {
        tracing::info!(lead.id = %lead, attempt.id = %attempt.id, why = %why, "a post is not sent again; it stays unknown");
        return Ok(None);
    }
    let attempt = Attempt {
        send_by: Instant::now() + SEND_WINDOW,
        ..attempt.clone()
    };
    Ok(Some(Handover::again(attempt, Arc::new(contents))))
}

/// What was said since its intent against the person being sold: the buyer may never have seen the first.
async fn stopped(attempt: &Attempt, lead: &Lead) -> Result<Option<String>, StoreFault> {
    let Dialogue { engine, terms, at } = &attempt.dialogue;
    let contract = terms.contract(*at);
    let lists = match terms.run {
        Run::Live => listed::checks(engine, (&mut Listed::default(), terms, lead), *at),
        Run::Test => Ok(Vec::new()),
    };
    let lists = match lists {
        Ok(lists) => lists,
        Err(reason) => return Ok(Some(reason.to_string())),
    };
    let objections = Objections {
        contacts: engine.keys.people.contacts(lead),
        withdrawn_in: scope::stopping(&contract.buyer, contract.consent.channels),
        lists,
    };
    let refusal = engine.store.objection(objections).await?;
    Ok(refusal.map(|refusal| format!("{refusal:?}")))
}
