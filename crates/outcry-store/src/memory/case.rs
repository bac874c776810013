//! What is told of attempts to whoever comes back to them, out of memory.

use super::{Attempt, Inside};
use outcry_core::cap::Span;
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::moment::Moment;
use outcry_core::record::Record;
use outcry_engine::ports::store::{CaseAttempt, Hold, LeadCase, OpenAttempt};

impl Inside {
    pub(super) fn case(&self, id: LeadId) -> Option<LeadCase> {
        let lead = self.leads.get(&id)?;
        let mut attempts: Vec<CaseAttempt> = lead.attempts.iter().map(told).collect();
        attempts.sort_by_key(|attempt| (attempt.began, attempt.id));
        Some(LeadCase {
            lead: id,
            source: lead.source.clone(),
            campaign: lead.campaign.clone(),
            door: lead.door,
            run: lead.run,
            received: lead.received,
            quote: lead.quote,
            state: lead.state,
            answer: lead.answer.clone(),
            attempts,
            record: self.records.get(&lead.seq).map(|record| Box::new(Record::clone(record))),
        })
    }

    pub(super) fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Vec<OpenAttempt> {
        let all = self
            .leads
            .iter()
            .flat_map(|(id, lead)| lead.attempts.iter().map(move |attempt| (id, lead, attempt)));
        let open = all.filter(|(_, _, attempt)| attempt.state.is_open());
        let mut open: Vec<OpenAttempt> = open
            .map(|(id, lead, attempt)| OpenAttempt {
                lead: *id,
                attempt: attempt.id,
                contract: attempt.contract.clone(),
                buyer: attempt.buyer.clone(),
                source: lead.source.clone(),
                campaign: lead.campaign.clone(),
                run: lead.run,
                state: attempt.state,
                price: attempt.price,
                began: attempt.began,
                ended: attempt.ended,
                verdict: attempt.verdict.clone(),
            })
            .collect();
        open.retain(|open| after.is_none_or(|after| after < (open.began, open.attempt)));
        open.sort_by_key(|open| (open.began, open.attempt));
        open.truncate(at_most);
        open
    }
}

fn told(attempt: &Attempt) -> CaseAttempt {
    CaseAttempt {
        id: attempt.id,
        contract: attempt.contract.clone(),
        state: attempt.state,
        price: attempt.price,
        began: attempt.began,
        ended: attempt.ended,
        holds: attempt.holds.iter().map(held).collect(),
        sale: attempt.sale,
        memo: attempt.memo.clone(),
    }
}

/// A hold as it is known when its attempt is over: what it counts in, and what gives it back.
fn held(hold: &Hold) -> Hold {
    let start = hold.span.start;
    Hold {
        span: Span {
            start,
            since: start,
            end: None,
        },
        limit: 0,
        ..hold.clone()
    }
}
