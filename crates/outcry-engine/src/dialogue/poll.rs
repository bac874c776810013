//! Asks for the final word on a queued post, again and again for a while. The source has heard `pending` by then and
//! hears the rest by postback.

use super::handover::Attempt;
use crate::resolve;
use crate::unsaid;
use crate::verdicts;
use outcry_core::record::Run;
use outcry_core::verdict::Verdict;
use outcry_integration::answer::PostOutcome;
use outcry_integration::{Kept, PollCall, PollTimes, StepName};
use tokio::time::Instant;

/// Begins to ask, if the integration says how and there is room for one more. Otherwise the attempt stays unknown.
pub(super) fn begin(attempt: &Attempt, kept: Kept) {
    let dialogue = &attempt.dialogue;
    let Some(times) = dialogue.integration().poll_times() else {
        return;
    };
    if !dialogue.engine.polls.begin(until_final(attempt.clone(), kept, times)) {
        tracing::warn!(
            lead.id = %dialogue.terms.lead_id(), attempt.id = %attempt.id,
            "a queued post is not asked about: too many are, or the process is going down"
        );
    }
}

async fn until_final(attempt: Attempt, kept: Kept, times: PollTimes) {
    let mut settled = attempt.settled.clone();
    let queued = Instant::now();
    // The lead's own T3 says unknown; the final word is said after it.
    if settled.wait_for(|settled| *settled).await.is_err() {
        return;
    }
    let polls = &attempt.dialogue.engine.polls;
    let mut next = queued + times.every;
    while next <= queued + times.for_at_most && polls.pause(next.saturating_duration_since(Instant::now())).await {
        if let Some(verdict) = ask(&attempt, &kept).await {
            return resolve::attempt(&attempt, verdict, "a poll").await;
        }
        // A slow answer skips a turn; it does not bring two questions together.
        while next <= Instant::now() {
            next += times.every;
        }
    }
    tracing::info!(
        lead.id = %attempt.dialogue.terms.lead_id(), attempt.id = %attempt.id,
        "a queued post is not asked about any longer; it stays unknown"
    );
}

/// One poll; `None` if it brought no final word.
async fn ask(attempt: &Attempt, kept: &Kept) -> Option<Verdict> {
    let dialogue = &attempt.dialogue;
    let params = dialogue.params()?;
    let write = |kept: &Kept| {
        let call = PollCall {
            attempt: attempt.id,
            ping_id: attempt.ping_id,
            bid: &attempt.place.bid,
            kept,
            test: dialogue.terms.run == Run::Test,
            source: dialogue.terms.source().name.as_str(),
            now: dialogue.engine.now(),
        };
        dialogue.integration().render_poll(params, &call)
    };
    let until = dialogue.until(StepName::Poll, super::STEP_TIMEOUT);
    let end = dialogue.say(StepName::Poll, until, kept, write).await.ok()?;
    // A poll that is lost says nothing of the post.
    let answer = verdicts::answer(end).ok()?;
    let mut reading = dialogue.read_verdict(StepName::Poll, &answer).await;
    unsaid::of_anybody(&mut reading.reason, &mut reading.notes);
    if matches!(reading.outcome, PostOutcome::Queued | PostOutcome::Unknown) {
        return None;
    }
    let verdict = verdicts::read(reading, answer.status);
    (!matches!(verdict, Verdict::Unknown { .. })).then_some(verdict)
}
