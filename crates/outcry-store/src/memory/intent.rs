//! T2 in memory: everything is looked at first and taken afterwards, under the one lock.

use super::counters::{add, full_cap};
use super::{Attempt, Inside, bug};
use crate::standing::AttemptState;
use outcry_engine::ports::store::{Intend, Intended, LeadState, ListCheck, PersonKey, Refusal, StoreFault};

impl Inside {
    pub(super) fn intend(&mut self, intend: Intend) -> Result<Intended, StoreFault> {
        let Some(lead) = self.leads.get(&intend.lead) else {
            return bug(format!("an intent for {}, which was never accepted", intend.lead));
        };
        if lead.attempts.iter().any(|attempt| attempt.id == intend.attempt) {
            return Ok(Intended::Go);
        }
        if let Some(refusal) = self.refusal(&intend) {
            return Ok(Intended::Refused(refusal));
        }
        self.take(intend);
        Ok(Intended::Go)
    }

    fn refusal(&self, intend: &Intend) -> Option<Refusal> {
        let lead = self.leads.get(&intend.lead)?;
        if matches!(lead.state, LeadState::Unsold | LeadState::Review) || is_taken(&lead.attempts, intend) {
            return Some(Refusal::LegTaken);
        }
        if let Some(refusal) = self.unconsented(intend) {
            return Some(refusal);
        }
        if let Some(refusal) = intend.lists.iter().find_map(|check| self.list(check)) {
            return Some(refusal);
        }
        let claimed = intend.claims.iter().find(|claim| {
            let held = self.claims.get(&(claim.person, claim.scope.clone()));
            held.is_some_and(|(holder, until)| *holder != intend.lead && *until > intend.at)
        });
        if let Some(claim) = claimed {
            return Some(Refusal::Duplicate {
                scope: claim.scope.clone(),
            });
        }
        full_cap(&self.counters, &intend.holds).or_else(|| self.tokens(&intend.tokens, intend.at).err())
    }

    pub(super) fn list(&self, check: &ListCheck) -> Option<Refusal> {
        let on = |(entry, in_file): &(PersonKey, bool)| {
            let by_hand = self.listed.get(&(check.list.clone(), *entry));
            by_hand.copied().unwrap_or(*in_file)
        };
        let list = check.list.clone();
        match (check.entries.iter().any(on), check.wanted) {
            (true, false) => Some(Refusal::Suppressed { list }),
            (false, true) => Some(Refusal::NotOnList { list }),
            (true, true) | (false, false) => None,
        }
    }

    fn take(&mut self, intend: Intend) {
        for claim in &intend.claims {
            let held = self
                .claims
                .entry((claim.person, claim.scope.clone()))
                .or_insert((intend.lead, claim.until));
            let until = if held.0 == intend.lead {
                held.1.max(claim.until)
            } else {
                claim.until
            };
            *held = (intend.lead, until);
        }
        for claim in &intend.certificates {
            self.certificates.entry(claim.certificate).or_insert_with(|| claim.people.clone());
        }
        for hold in &intend.holds {
            add(&mut self.counters, hold, hold.amount, intend.at);
        }
        if let Ok(tokens) = self.tokens(&intend.tokens, intend.at) {
            self.buckets.extend(tokens);
        }
        if let Some(lead) = self.leads.get_mut(&intend.lead) {
            let Intend {
                attempt,
                legs_max,
                contract,
                buyer,
                leg,
                price,
                at,
                boot,
                claims,
                holds,
                memo,
                ..
            } = intend;
            lead.attempts.push(Attempt {
                id: attempt,
                contract,
                buyer,
                leg,
                boot,
                state: AttemptState::Intent,
                legs_max,
                price,
                began: at,
                verdict: None,
                sale: None,
                memo: memo.map(|memo| *memo),
                ended: None,
                claims,
                holds,
            });
        }
    }
}

/// Is the leg taken, or are all copies of the lead? All legs of one contract are one copy.
fn is_taken(attempts: &[Attempt], intend: &Intend) -> bool {
    let open: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.state.holds()).collect();
    let own: Vec<&&Attempt> = open.iter().filter(|attempt| attempt.contract == intend.contract).collect();
    if own
        .iter()
        .any(|attempt| attempt.leg == intend.leg || attempt.leg == 0 || intend.leg == 0)
    {
        return true;
    }
    let counted = open.iter().filter(|attempt| !(intend.beside_unknown && attempt.state.is_open()));
    let mut legs_max = intend.legs_max;
    let mut others: Vec<&str> = Vec::new();
    for attempt in counted {
        legs_max = legs_max.min(attempt.legs_max);
        if attempt.contract != intend.contract && !others.contains(&attempt.contract.as_str()) {
            others.push(attempt.contract.as_str());
        }
    }
    others.len() >= legs_max as usize
}
