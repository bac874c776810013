//! Sends the same post again, under the same id, to a buyer that takes each id once: where its answer was lost, the answer
//! to the second says what became of the first.

use super::handover::{Attempt, Handover, SEND_WINDOW};
use crate::resolve::{self, Way};
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
        let Some(verdict) = send(&attempt).await else { return };
        if !matches!(verdict, Verdict::Unknown { .. }) {
            return resolve::attempt(&attempt, verdict, Way::SentAgain).await;
        }
    }
}

/// Sends it, if it is still open and its lead can be read; `None` if there is nothing left to do.
async fn send(attempt: &Attempt) -> Option<Verdict> {
    let (engine, lead) = (&attempt.dialogue.engine, attempt.dialogue.terms.lead_id());
    let case = engine.store.case(lead).await.ok()??;
    if !case.attempt(attempt.id)?.state.is_open() {
        return None;
    }
    let contents = match engine.store.reopen(lead, &engine.book.catalog).await {
        Ok(contents) => contents?,
        Err(fault) => {
            tracing::warn!(lead.id = %lead, attempt.id = %attempt.id, error = %fault, "a post cannot be sent again");
            return None;
        }
    };
    let attempt = Attempt {
        send_by: Instant::now() + SEND_WINDOW,
        ..attempt.clone()
    };
    Some(Arc::new(Handover::again(attempt, Arc::new(contents))).repeat().await)
}
