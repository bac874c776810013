//! Resolves an attempt whose outcome was open: by a late answer, a poll, or a word from the buyer itself. A fact about
//! the world is recorded whenever it arrives.

use crate::dialogue::handover::Attempt;
use crate::ports::store::{AttemptOutcome, Settle, Settled, StoreFault};
use crate::sell::{settle_and_wake, state_of};
use outcry_core::price::Split;
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Record, Run, Sold};
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
        if matches!(verdict, Verdict::Unknown { .. }) {
            return Ok(None);
        }
        // One after the other: each changes the record that the one before it has written.
        let _turn = self.resolving.lock().await;
        let (engine, terms) = (&self.dialogue.engine, &self.dialogue.terms);
        let record = engine.store.record(terms.subject).await?;
        let before = record.as_ref().map(|record| record.ending.clone());
        let split = match &verdict {
            Verdict::Accepted(acceptance) => {
                let first = before.as_ref().is_none_or(|before| before.sales().is_empty());
                Some(terms.booked(self.dialogue.at, acceptance, self.place.price, first))
            }
            Verdict::Unknown { .. } | Verdict::Rejected { .. } | Verdict::NotSent { .. } => None,
        };
        let ending = self.ending(record.as_ref(), &verdict, split);
        let answer = terms.answer(&ending);
        // A lead that is sold already, and stays so at the same payout, is no news to its source.
        let news = before.as_ref().map(|before| terms.answer(before)).as_ref() != Some(&answer);
        let settle = Settle {
            lead: terms.lead_id(),
            at: engine.now(),
            record: record.map(|record| Arc::new(self.amended(record, &verdict, &ending))),
            attempt: Some(AttemptOutcome {
                attempt: self.id,
                verdict: verdict.clone(),
                sale: split.and_then(|split| terms.sale(self.dialogue.at, split)),
            }),
            state: state_of(&ending),
            messages: if news { terms.messages(engine, &answer) } else { Vec::new() },
            answer: Some(answer),
        };
        let settled = settle_and_wake(engine, settle).await?;
        if settled == Settled::Done {
            self.follow_up(&verdict, before.as_ref(), &ending);
        }
        Ok(Some(settled))
    }

    /// What follows from a late outcome outside of the store.
    fn follow_up(&self, verdict: &Verdict, before: Option<&Ending>, ending: &Ending) {
        let (engine, terms) = (&self.dialogue.engine, &self.dialogue.terms);
        if !matches!(verdict, Verdict::Accepted(_)) {
            self.holds.iter().for_each(|hold| engine.live.free(hold));
        }
        if terms.run == Run::Live {
            engine.learned.ended(terms, self.dialogue.at, verdict, engine.now());
        }
        if let Some(notices) = self.notices.clone() {
            // The others have heard already if the lead was sold before.
            let told = before.is_some_and(|before| !before.sales().is_empty());
            notices.send(engine, ending, |contract| !told || contract == self.dialogue.at);
        }
    }

    /// Where the lead stands with this outcome, beside those of its other legs.
    fn ending(&self, record: Option<&Record>, verdict: &Verdict, split: Option<Split>) -> Ending {
        let mut sales = record.map_or_else(Vec::new, |record| record.ending.sales().to_vec());
        let mut redirect_url = match record.map(|record| &record.ending) {
            Some(Ending::Sold { redirect_url, .. }) => redirect_url.clone(),
            _ => None,
        };
        if let (Verdict::Accepted(acceptance), Some(split)) = (verdict, split) {
            redirect_url = redirect_url.or_else(|| acceptance.redirect_url.clone());
            sales.push(Sold {
                contract: self.dialogue.contract().name.clone(),
                attempt: self.id,
                split,
            });
        }
        if !sales.is_empty() {
            return Ending::Sold { sales, redirect_url };
        }
        let posts = record.iter().flat_map(|record| &record.lines).flat_map(|line| &line.posts);
        let mut open = posts.filter(|post| &*post.verdict == "unknown" && post.attempt != self.id);
        open.next().map_or(Ending::Unsold, |post| Ending::Pending { attempt: post.attempt })
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
