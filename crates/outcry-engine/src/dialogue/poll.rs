//! Asks for the final word on a queued post, or on one whose answer was lost, again and again for a while. The source has
//! heard `pending` by then and hears the rest by postback.

use super::handover::Attempt;
use crate::resolve::{self, Way};
use crate::unsaid;
use crate::verdicts;
use outcry_core::record::Run;
use outcry_core::verdict::Verdict;
use outcry_integration::answer::PostOutcome;
use outcry_integration::{Kept, PollCall, PollTimes, StepName};
use std::time::Duration;
use tokio::time::Instant;

/// Begins to ask about a post that was queued, or whose answer was lost, if the integration says how and there is room
/// for one more. Otherwise the attempt stays unknown.
pub(super) fn begin(attempt: &Attempt, kept: Kept, queued: bool) {
    let now = Instant::now();
    let series = Series {
        since: now,
        // Nobody else sends it after this, and what was under way has arrived.
        believed: now.max(attempt.send_by) + attempt.dialogue.settling_time(),
        queued,
    };
    series.begin(attempt.clone(), kept);
}

/// Goes on with what an earlier start has begun so long ago.
pub(crate) fn resume(attempt: Attempt, kept: Kept, ago: Duration) {
    let now = Instant::now();
    let series = Series {
        since: now.checked_sub(ago).unwrap_or(now),
        believed: now + attempt.dialogue.settling_time(),
        queued: !kept.is_empty(),
    };
    series.begin(attempt, kept);
}

/// Questions about one attempt.
#[derive(Clone, Copy)]
struct Series {
    /// When its time began.
    since: Instant,
    /// From when on a buyer that has no such post is believed.
    believed: Instant,
    /// Did the buyer say that the word comes later?
    queued: bool,
}

impl Series {
    fn begin(self, attempt: Attempt, kept: Kept) {
        let dialogue = &attempt.dialogue;
        let Some(times) = dialogue.integration().poll_times().filter(|times| self.queued || times.any_unknown) else {
            return;
        };
        let (engine, lead, id) = (dialogue.engine.clone(), dialogue.terms.lead_id(), attempt.id);
        if !engine.polls.begin(self.until_final(attempt, kept, times)) {
            tracing::warn!(
                lead.id = %lead, attempt.id = %id,
                "a post is not asked about: too many are, or the process is going down; the next start goes on"
            );
        }
    }

    async fn until_final(self, attempt: Attempt, kept: Kept, times: PollTimes) {
        let mut settled = attempt.settled.clone();
        // The lead's own T3 says unknown; the final word is said after it.
        if settled.wait_for(|settled| *settled).await.is_err() {
            return;
        }
        let polls = &attempt.dialogue.engine.polls;
        let end = self.since + times.for_at_most;
        let mut next = self.since + times.every;
        // After a restart many series begin at once, so each waits for its own turn and not for none.
        while next <= Instant::now() {
            next += times.every;
        }
        while next <= end && polls.pause(next.saturating_duration_since(Instant::now())).await {
            if let Some(verdict) = ask(&attempt, &kept, self.believed <= Instant::now()).await {
                let way = if self.queued { Way::Poll } else { Way::StatusQuery };
                return resolve::attempt(&attempt, verdict, way).await;
            }
            // A slow answer skips a turn; it does not bring two questions together.
            while next <= Instant::now() {
                next += times.every;
            }
        }
        tracing::info!(
            lead.id = %attempt.dialogue.terms.lead_id(), attempt.id = %attempt.id,
            "a post is not asked about any longer; it stays unknown"
        );
    }
}

/// One poll; `None` if it brought no final word.
async fn ask(attempt: &Attempt, kept: &Kept, believed: bool) -> Option<Verdict> {
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
    if reading.outcome == PostOutcome::NotFound {
        return believed.then(|| Verdict::Rejected {
            said: "the buyer has no such post".into(),
            duplicate: false,
        });
    }
    let verdict = verdicts::read(reading, answer.status);
    (!matches!(verdict, Verdict::Unknown { .. })).then_some(verdict)
}
