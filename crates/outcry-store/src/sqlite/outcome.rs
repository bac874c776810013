//! T3: what became of an attempt and of its lead, in money, in caps and in words.

use super::counters::Unit;
use super::desk::{Desk, bytes};
use super::leads::{AttemptRow, LeadRow, lead_state_number};
use super::trouble::Trouble;
use crate::standing::{self, AttemptState, Step, has_ended, reopens};
use crate::stored::{self, Input, Packed, Stored, TakenClaim, Unreadable, structure};
use crate::vault::Vault;
use outcry_core::id::LeadId;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{AttemptOutcome, LeadState, Message, Sale, Settle, Settled, Waiting};
use rusqlite::params;

/// A `Settle` as it is written: packed on the caller's thread, because the writer's time is everybody's.
pub(super) struct SettleRow {
    lead: LeadId,
    at: Moment,
    attempt: Option<AttemptOutcome>,
    state: LeadState,
    answer: Option<Packed>,
    record: Option<Packed>,
    messages: Vec<Message>,
    memo: Option<Packed>,
    waiting: Option<Waiting>,
}

structure! {
    SettleRow { lead, at, attempt, state, answer, record, messages, memo, waiting }
}

impl SettleRow {
    pub(super) fn new(settle: Settle, vault: &Vault) -> Self {
        let memo = settle.attempt.as_ref().and_then(|outcome| {
            let memo = outcome.memo.as_deref()?;
            Some(super::case::sealed(vault, outcome.attempt, memo))
        });
        Self {
            memo,
            lead: settle.lead,
            at: settle.at,
            attempt: settle.attempt,
            state: settle.state,
            answer: settle.answer.as_ref().map(|answer| Packed(stored::write(answer))),
            record: settle.record.as_deref().map(|record| Packed(stored::write(record))),
            messages: settle.messages,
            waiting: settle.waiting,
        }
    }
}

impl Desk<'_> {
    /// Nothing is written before it is known that everything will be, so there is nothing to undo.
    pub(super) fn settle(&mut self, row: &SettleRow) -> Result<Settled, Trouble> {
        if let Some(sale) = row.attempt.as_ref().and_then(|outcome| outcome.sale.as_ref()) {
            adds_up(sale)?;
        }
        let settled = self.with_lead(row.lead, |desk, lead| desk.settle_lead(row, lead))?;
        settled.ok_or_else(|| Trouble::Bug(format!("an outcome for {}, which was never accepted", row.lead)))
    }

    fn settle_lead(&mut self, row: &SettleRow, lead: &mut LeadRow) -> Result<Settled, Trouble> {
        match &row.attempt {
            Some(outcome) => {
                let known = lead.attempts.iter().position(|attempt| attempt.id == outcome.attempt);
                let at = known.ok_or_else(|| Trouble::Bug(format!("an outcome for {}, which was never intended", outcome.attempt)))?;
                match lead.attempts[at].state.step(standing::after(outcome)) {
                    Step::Known => return Ok(Settled::Done),
                    Step::Contradicts => return Ok(Settled::AlreadyFinal),
                    Step::Moves => self.end_attempt(row, outcome, lead, at)?,
                }
            }
            None if reopens(lead.state, row.state) => return Ok(Settled::AlreadyFinal),
            None if has_ended(lead.state) && row.answer.is_some() => {
                let told = self.answer(row.lead)?;
                return Ok(standing::told(told.as_ref() == row.answer.as_ref().map(|Packed(answer)| answer)));
            }
            None => {}
        }
        self.write_standing(row, lead)?;
        Ok(Settled::Done)
    }

    fn end_attempt(&mut self, row: &SettleRow, outcome: &AttemptOutcome, lead: &mut LeadRow, at: usize) -> Result<(), Trouble> {
        let state = standing::after(outcome);
        let verdict = stored::write(&outcome.verdict);
        self.sql.end_attempt.execute(params![
            bytes(row.lead.bits()),
            bytes(outcome.attempt.bits()),
            standing::number(state),
            row.at.unix_ms(),
            verdict,
            outcome.sale.as_ref().map(|sale| stored::write(&sale.split)),
            row.memo.as_ref().map(|Packed(memo)| memo),
        ])?;
        let before = std::mem::replace(&mut lead.attempts[at].state, state);
        if !state.holds() {
            self.free(row, before, &lead.attempts[at], &lead.attempts)?;
        }
        if let Some(sale) = &outcome.sale {
            self.book(row, outcome, sale)?;
        }
        Ok(())
    }

    /// Frees what an ended attempt took. A claim that another open attempt of the lead holds too stays as long as that one needs it.
    fn free(&mut self, row: &SettleRow, before: AttemptState, ended: &AttemptRow, all: &[AttemptRow]) -> Result<(), Trouble> {
        let (lead, kept) = (row.lead, ended.taken.held(ended.state).collect::<Vec<_>>());
        for hold in ended
            .taken
            .held(before)
            .filter(|hold| !kept.iter().any(|kept| std::ptr::eq(*kept, *hold)))
        {
            self.use_more((hold.cap, hold.window.unix_ms()), -hold.amount, Unit::Attempt, row.at)?;
        }
        let open = all.iter().filter(|other| other.state.holds());
        let kept: Vec<&TakenClaim> = open.flat_map(|other| other.taken.claims.iter().chain(&other.taken.kept)).collect();
        self.free_claims(lead, &ended.taken.claims, &kept)?;
        if ended.state == AttemptState::NotSent {
            self.free_claims(lead, &ended.taken.kept, &kept)?;
        }
        Ok(())
    }

    /// Claims on one person stand side by side, as they were taken.
    fn free_claims(&mut self, lead: LeadId, ended: &[TakenClaim], kept: &[&TakenClaim]) -> Result<(), Trouble> {
        for of_one in ended.chunk_by(|one, other| one.person == other.person) {
            let person = of_one[0].person;
            let mut claims = self.claims(person)?;
            for claim in of_one {
                let same = kept.iter().filter(|other| other.scope == claim.scope && other.person == person);
                claims.free(claim.scope, lead, same.map(|other| other.until).max());
            }
            self.put_claims(person, claims)?;
        }
        Ok(())
    }

    /// Books a sale as entries that add up to nothing.
    fn book(&mut self, row: &SettleRow, outcome: &AttemptOutcome, sale: &Sale) -> Result<(), Trouble> {
        let split = &sale.split;
        let buyer = self.name(&format!("buyer/{}", sale.buyer))?;
        let supplier = self.name(&format!("supplier/{}", sale.supplier))?;
        let margin = self.name("margin")?;
        self.sql.add_entries.execute(params![
            bytes(row.lead.bits()),
            bytes(outcome.attempt.bits()),
            row.at.unix_ms(),
            sale.currency.as_str(),
            buyer,
            split.price.micros(),
            supplier,
            -split.payout.micros(),
            margin,
            -split.margin.micros(),
        ])?;
        self.count_sale(split);
        Ok(())
    }

    fn write_standing(&mut self, row: &SettleRow, lead: &mut LeadRow) -> Result<(), Trouble> {
        let state = standing::moved(lead.state, row.state);
        self.sql.set_lead.execute(params![
            bytes(row.lead.bits()),
            lead_state_number(state),
            row.answer.as_ref().map(|Packed(answer)| answer)
        ])?;
        self.count_move(lead.run, lead.state, state);
        if let Some(waiting) = &row.waiting {
            let (id, due) = (bytes(row.lead.bits()), waiting.due.unix_ms());
            self.sql.put_waiting.execute(params![id, due, stored::write(waiting)])?;
        } else if lead.state == LeadState::Waiting {
            self.sql.end_waiting.execute([bytes(row.lead.bits())])?;
        }
        lead.state = state;
        if let Some(Packed(record)) = &row.record {
            self.sql.put_record.execute(params![lead.seq, record])?;
        }
        for message in &row.messages {
            self.add_message(message, row.at)?;
        }
        Ok(())
    }

    pub(super) fn add_message(&mut self, message: &Message, at: Moment) -> Result<(), Trouble> {
        let (id, about) = (bytes(message.id.bits()), bytes(message.lead.bits()));
        let signed = message.signed.as_ref();
        let source = signed.map(|signed| self.name(signed.source.as_str())).transpose()?;
        let body = signed.map(|signed| &*signed.body);
        self.sql
            .add_message
            .execute(params![id, about, &*message.url, due(at), message.tries, source, body])?;
        Ok(())
    }
}

/// A message is due as soon as it exists.
const fn due(at: Moment) -> i64 {
    at.unix_ms()
}

fn adds_up(sale: &Sale) -> Result<(), Trouble> {
    let split = &sale.split;
    if split.payout.checked_add(split.margin) == Some(split.price) {
        return Ok(());
    }
    Err(Trouble::Bug(format!(
        "a price of {} is not a payout of {} and a margin of {}",
        split.price, split.payout, split.margin
    )))
}
