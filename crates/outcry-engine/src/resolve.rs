//! Resolves a post whose answer came late: a fact about the world is recorded whenever it arrives.

use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::outbound::{CallEnd, LateListener};
use crate::ports::store::{AttemptOutcome, Hold, Settle, StoreFault};
use crate::sell::{settle_and_wake, state_of};
use crate::terms::Terms;
use crate::verdicts;
use outcry_core::id::AttemptId;
use outcry_core::money::Money;
use outcry_core::rank::Place;
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Record};
use outcry_core::verdict::Verdict;
use std::sync::Arc;
use tokio::sync::Notify;

/// An attempt that may still be answered.
struct Open {
    engine: Arc<Engine>,
    terms: Terms,
    attempt: AttemptId,
    contract: usize,
    price: Money,
    holds: Vec<Hold>,
    settled: Arc<Notify>,
}

/// Listens for the late answer to a post.
pub(crate) fn listener(engine: &Arc<Engine>, auction: &Auction, place: &Place, attempt: AttemptId, holds: Vec<Hold>) -> LateListener {
    let open = Open {
        engine: engine.clone(),
        terms: auction.terms.clone(),
        attempt,
        contract: place.contract,
        price: place.price,
        holds,
        settled: auction.settled.clone(),
    };
    Box::new(move |end| {
        tokio::spawn(open.late(end));
    })
}

impl Open {
    async fn late(self, end: CallEnd) {
        // The lead's own T3 says unknown; what came late is said after it.
        self.settled.notified().await;
        let verdict = verdicts::of(&self.terms.binding(self.contract).integration, end);
        let word = verdict.word();
        match self.settle(verdict).await {
            Ok(()) => {
                tracing::info!(lead.id = %self.terms.lead_id(), attempt.id = %self.attempt, verdict = word, "a late answer resolved a post");
            }
            Err(fault) => {
                tracing::error!(lead.id = %self.terms.lead_id(), attempt.id = %self.attempt, error = %fault, "a late answer could not be recorded");
            }
        }
    }

    async fn settle(&self, verdict: Verdict) -> Result<(), StoreFault> {
        let contract = self.terms.contract(self.contract);
        let ending = match &verdict {
            Verdict::Unknown { .. } => return Ok(()),
            Verdict::Accepted(acceptance) => Ending::Sold {
                contract: contract.name.clone(),
                attempt: self.attempt,
                split: self.terms.booked(acceptance, self.price),
                redirect_url: acceptance.redirect_url.clone(),
            },
            Verdict::Rejected { .. } | Verdict::NotSent { .. } => {
                for hold in &self.holds {
                    self.engine.live.free(hold);
                }
                Ending::Unsold
            }
        };
        let sale = match &ending {
            Ending::Sold { split, .. } => self.terms.sale(self.contract, *split),
            Ending::Unsold | Ending::Quoted { .. } | Ending::Pending { .. } => None,
        };
        let record = self
            .engine
            .store
            .record(self.terms.subject)
            .await?
            .map(|record| Arc::new(self.amended(record, &verdict, &ending)));
        let answer = self.terms.answer(&ending);
        let settle = Settle {
            lead: self.terms.lead_id(),
            at: self.engine.now(),
            attempt: Some(AttemptOutcome {
                attempt: self.attempt,
                verdict,
                sale,
            }),
            state: state_of(&ending),
            messages: self.terms.messages(&self.engine, &answer),
            answer: Some(answer),
            record,
        };
        settle_and_wake(&self.engine, settle).await
    }

    fn amended(&self, mut record: Record, verdict: &Verdict, ending: &Ending) -> Record {
        let line = &mut record.lines[self.contract];
        for post in line.posts.iter_mut().filter(|post| post.attempt == self.attempt) {
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
