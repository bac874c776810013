//! Resolves an attempt whose outcome was open: by a late answer, a poll, or a word from the buyer itself. A fact about
//! the world is recorded whenever it arrives.

use crate::dialogue::handover::Attempt;
use crate::ports::store::{AttemptOutcome, Settle, Settled, StoreFault};
use crate::sell::{settle_and_wake, state_of};
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Record};
use outcry_core::verdict::Verdict;
use std::sync::Arc;

/// Records the verdict that came from there. Unknown says nothing new.
pub(crate) async fn attempt(attempt: &Attempt, verdict: Verdict, from: &'static str) {
    let (lead, word) = (attempt.dialogue.terms.lead_id(), verdict.word());
    match attempt.settle(verdict).await {
        Ok(Some(Settled::Done)) => {
            tracing::info!(lead.id = %lead, attempt.id = %attempt.id, verdict = word, from, "an open post was resolved");
        }
        Ok(_) => {}
        Err(fault) => {
            tracing::error!(lead.id = %lead, attempt.id = %attempt.id, error = %fault, from, "the outcome of a post could not be recorded");
        }
    }
}

impl Attempt {
    /// T3 for the attempt and its lead.
    async fn settle(&self, verdict: Verdict) -> Result<Option<Settled>, StoreFault> {
        let (engine, terms) = (&self.dialogue.engine, &self.dialogue.terms);
        let ending = match &verdict {
            Verdict::Unknown { .. } => return Ok(None),
            Verdict::Accepted(acceptance) => Ending::Sold {
                contract: self.dialogue.contract().name.clone(),
                attempt: self.id,
                split: terms.booked(acceptance, self.place.price),
                redirect_url: acceptance.redirect_url.clone(),
            },
            Verdict::Rejected { .. } | Verdict::NotSent { .. } => Ending::Unsold,
        };
        let sale = match &ending {
            Ending::Sold { split, .. } => terms.sale(self.dialogue.at, *split),
            Ending::Unsold | Ending::Quoted { .. } | Ending::Pending { .. } => None,
        };
        let record = engine.store.record(terms.subject).await?;
        let answer = terms.answer(&ending);
        let settle = Settle {
            lead: terms.lead_id(),
            at: engine.now(),
            record: record.map(|record| Arc::new(self.amended(record, &verdict, &ending))),
            attempt: Some(AttemptOutcome {
                attempt: self.id,
                verdict,
                sale,
            }),
            state: state_of(&ending),
            messages: terms.messages(engine, &answer),
            answer: Some(answer),
        };
        let settled = settle_and_wake(engine, settle).await?;
        if settled == Settled::Done {
            if ending == Ending::Unsold {
                self.holds.iter().for_each(|hold| engine.live.free(hold));
            }
            if let Some(notices) = self.notices.clone() {
                notices.send(engine, &ending);
            }
        }
        Ok(Some(settled))
    }

    fn amended(&self, mut record: Record, verdict: &Verdict, ending: &Ending) -> Record {
        let line = &mut record.lines[self.dialogue.at];
        for post in line.posts.iter_mut().filter(|post| post.attempt == self.id) {
            post.verdict = verdict.word().into();
        }
        line.reason = match verdict {
            Verdict::Accepted(_) => None,
            Verdict::Rejected { said, .. } => Some(Reason::PostRejected { said: said.clone() }),
            Verdict::NotSent { why } => Some(Reason::PostNotSent { why: why.clone() }),
            Verdict::Unknown { why } => Some(Reason::PostUnknown { why: why.clone() }),
        };
        record.ending = ending.clone();
        record
    }
}
