//! Where a lead stands when one of its attempts was resolved, beside what became of the others. Pure.

use super::Fact;
use crate::ports::store::{CaseAttempt, LeadCase};
use outcry_core::attempt::AttemptState;
use outcry_core::price::Split;
use outcry_core::record::{Ending, Sold};
use outcry_core::verdict::Verdict;

/// Sold if anybody has it, pending if anybody may, else unsold. What is written off has been given up.
pub(super) fn ending(case: &LeadCase, known: &CaseAttempt, fact: &Fact, split: Option<Split>) -> Ending {
    let told = case.record.as_ref().map(|record| &record.ending);
    let mut sales = told.map_or_else(Vec::new, |told| told.sales().to_vec());
    let mut redirect_url = match told {
        Some(Ending::Sold { redirect_url, .. }) => redirect_url.clone(),
        _ => case.answer.as_ref().and_then(|answer| answer.redirect_url.clone()),
    };
    // A crash may have come between a sale and the record.
    for attempt in &case.attempts {
        let Some(split) = attempt.sale else { continue };
        if sales.iter().all(|sale| sale.attempt != attempt.id) {
            sales.push(sold(attempt, split));
        }
    }
    if let (Fact::Verdict(Verdict::Accepted(acceptance)), Some(split)) = (fact, split) {
        redirect_url = redirect_url.or_else(|| acceptance.redirect_url.clone());
        sales.push(sold(known, split));
    }
    if !sales.is_empty() {
        return Ending::Sold { sales, redirect_url };
    }
    let mut others = case.attempts.iter().filter(|other| other.id != known.id);
    let open = others.find(|other| matches!(other.state, AttemptState::Unknown | AttemptState::Intent));
    open.map_or(Ending::Unsold, |open| Ending::Pending { attempt: open.id })
}

fn sold(attempt: &CaseAttempt, split: Split) -> Sold {
    Sold {
        contract: attempt.contract.clone(),
        attempt: attempt.id,
        split,
    }
}
