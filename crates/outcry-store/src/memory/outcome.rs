//! T3 in memory.

use super::counters::add;
use super::{Inside, MessageEntry, bug};
use crate::standing::{self, AttemptState, Step, has_ended, reopens};
use outcry_core::id::AttemptId;
use outcry_core::id::LeadId;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{AttemptOutcome, Hold, Memo, Message, Settle, Settled, StoreFault};

impl Inside {
    pub(super) fn settle(&mut self, settle: Settle) -> Result<Settled, StoreFault> {
        if let Some(split) = settle
            .attempt
            .as_ref()
            .and_then(|outcome| outcome.sale.as_ref())
            .map(|sale| &sale.split)
            && split.payout.checked_add(split.margin) != Some(split.price)
        {
            return bug(format!(
                "a price of {} is not a payout of {} and a margin of {}",
                split.price, split.payout, split.margin
            ));
        }
        let Some(lead) = self.leads.get(&settle.lead) else {
            return bug(format!("an outcome for {}, which was never accepted", settle.lead));
        };
        match &settle.attempt {
            Some(outcome) => {
                let Some(attempt) = lead.attempts.iter().find(|attempt| attempt.id == outcome.attempt) else {
                    return bug(format!("an outcome for {}, which was never intended", outcome.attempt));
                };
                match attempt.state.step(standing::after(outcome)) {
                    Step::Known => return Ok(Settled::Done),
                    Step::Contradicts => return Ok(Settled::AlreadyFinal),
                    Step::Moves => self.end_attempt(settle.lead, settle.at, outcome),
                }
            }
            None if reopens(lead.state, settle.state) => return Ok(Settled::AlreadyFinal),
            None if has_ended(lead.state) && settle.answer.is_some() => return Ok(standing::told(lead.answer == settle.answer)),
            None => {}
        }
        self.write_standing(settle);
        Ok(Settled::Done)
    }

    fn end_attempt(&mut self, lead: LeadId, at: Moment, outcome: &AttemptOutcome) {
        let state = standing::after(outcome);
        if !state.holds() {
            self.free(lead, outcome.attempt, state, at);
        }
        let attempts = self.leads.get_mut(&lead).map(|lead| &mut lead.attempts);
        if let Some(attempt) = attempts.and_then(|attempts| attempts.iter_mut().find(|attempt| attempt.id == outcome.attempt)) {
            attempt.state = state;
            attempt.ended = Some(at);
            attempt.verdict = Some(outcome.verdict.clone());
            attempt.sale = outcome.sale.as_ref().map(|sale| sale.split);
            attempt.memo = match &outcome.memo {
                _ if !state.is_open() => None,
                Some(memo) => Some(Memo::clone(memo)),
                None => attempt.memo.take(),
            };
        }
        if let Some(sale) = &outcome.sale {
            self.sales.push((lead, sale.clone()));
        }
    }

    /// Frees what an attempt took. A claim that another open attempt of the lead holds too stays as long as that one needs it.
    fn free(&mut self, id: LeadId, ended: AttemptId, state: AttemptState, at: Moment) {
        let kept_too = state == AttemptState::NotSent;
        let Some(lead) = self.leads.get(&id) else { return };
        let claimed: Vec<_> = lead
            .attempts
            .iter()
            .filter(|other| other.id != ended && other.state.holds())
            .flat_map(|other| &other.claims)
            .collect();
        let Some(attempt) = lead.attempts.iter().find(|attempt| attempt.id == ended) else {
            return;
        };
        let kept: Vec<&Hold> = attempt.held(state).collect();
        for hold in attempt
            .held(attempt.state)
            .filter(|hold| !kept.iter().any(|kept| std::ptr::eq(*kept, *hold)))
        {
            add(&mut self.counters, hold, -hold.amount, at);
        }
        for claim in attempt.claims.iter().filter(|claim| kept_too || !claim.kept) {
            let key = (claim.person, claim.scope.clone());
            if self.claims.get(&key).is_none_or(|(holder, _)| *holder != id) {
                continue;
            }
            let same = claimed
                .iter()
                .filter(|other| other.scope == claim.scope && other.person == claim.person);
            match same.map(|other| other.until).max() {
                Some(until) => self.claims.insert(key, (id, until)),
                None => self.claims.remove(&key),
            };
        }
    }

    fn write_standing(&mut self, settle: Settle) {
        let Some(lead) = self.leads.get_mut(&settle.lead) else { return };
        match settle.waiting {
            Some(waiting) => self.waiting.insert(settle.lead, waiting),
            None => self.waiting.remove(&settle.lead),
        };
        lead.state = standing::moved(lead.state, settle.state);
        lead.answer = settle.answer.or(lead.answer.take());
        if let Some(record) = settle.record {
            self.records.insert(lead.seq, record);
        }
        for message in settle.messages {
            self.add_message(message, settle.at);
        }
    }

    pub(super) fn add_message(&mut self, message: Message, due: Moment) {
        self.messages.entry(message.id).or_insert(MessageEntry {
            message,
            due: Some(due),
            tried: None,
        });
    }
}
