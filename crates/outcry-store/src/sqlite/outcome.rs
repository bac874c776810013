//! T3: what became of an attempt and of its lead, in money, in caps and in words.

use super::desk::{Desk, bytes};
use super::leads::{AttemptRow, LeadRow, lead_state_number};
use super::trouble::Trouble;
use crate::standing::{AttemptState, Step, reopens};
use crate::stored::{self, TakenClaim};
use outcry_core::id::LeadId;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{AttemptOutcome, Sale, Settle, Settled};
use rusqlite::params;

/// A `Settle` as it is written: packed on the caller's thread, because the writer's time is everybody's.
pub(super) struct SettleRow {
    settle: Settle,
    record: Option<Vec<u8>>,
    answer: Option<Vec<u8>>,
}

impl SettleRow {
    pub(super) fn new(mut settle: Settle) -> Self {
        let record = settle.record.take().as_deref().map(stored::write);
        let answer = settle.answer.take().as_ref().map(stored::write);
        Self { settle, record, answer }
    }
}

impl Desk<'_> {
    /// Nothing is written before it is known that everything will be, so there is nothing to undo.
    pub(super) fn settle(&mut self, row: &SettleRow) -> Result<Settled, Trouble> {
        let settle = &row.settle;
        if let Some(sale) = settle.attempt.as_ref().and_then(|outcome| outcome.sale.as_ref()) {
            adds_up(sale)?;
        }
        let settled = self.with_lead(settle.lead, |desk, lead| desk.settle_lead(row, lead))?;
        settled.ok_or_else(|| Trouble::Bug(format!("an outcome for {}, which was never accepted", settle.lead)))
    }

    fn settle_lead(&mut self, row: &SettleRow, lead: &mut LeadRow) -> Result<Settled, Trouble> {
        let settle = &row.settle;
        match &settle.attempt {
            Some(outcome) => {
                let known = lead.attempts.iter().position(|attempt| attempt.id == outcome.attempt);
                let at = known.ok_or_else(|| Trouble::Bug(format!("an outcome for {}, which was never intended", outcome.attempt)))?;
                match lead.attempts[at].state.step(AttemptState::after(&outcome.verdict)) {
                    Step::Known => return Ok(Settled::Done),
                    Step::Contradicts => return Ok(Settled::AlreadyFinal),
                    Step::Moves => self.end_attempt(settle, outcome, lead, at)?,
                }
            }
            None if reopens(lead.state, settle.state) => return Ok(Settled::AlreadyFinal),
            None => {}
        }
        self.write_standing(row, lead)?;
        Ok(Settled::Done)
    }

    fn end_attempt(&mut self, settle: &Settle, outcome: &AttemptOutcome, lead: &mut LeadRow, at: usize) -> Result<(), Trouble> {
        let state = AttemptState::after(&outcome.verdict);
        let verdict = stored::write(&outcome.verdict);
        let (id, attempt) = (bytes(settle.lead.bits()), bytes(outcome.attempt.bits()));
        self.sql
            .end_attempt
            .execute(params![id, attempt, state.number(), settle.at.unix_ms(), verdict])?;
        lead.attempts[at].state = state;
        if !state.holds() {
            self.free(settle.lead, &lead.attempts[at], &lead.attempts)?;
        }
        if let Some(sale) = &outcome.sale {
            self.book(settle, outcome, sale)?;
        }
        Ok(())
    }

    /// Frees what an ended attempt took. A claim that another open attempt of the lead holds too stays as long as that one needs it.
    fn free(&mut self, lead: LeadId, ended: &AttemptRow, all: &[AttemptRow]) -> Result<(), Trouble> {
        for hold in &ended.taken.holds {
            self.use_more((hold.cap, hold.window.unix_ms()), -hold.amount)?;
        }
        let lead = bytes(lead.bits());
        let open = all.iter().filter(|other| other.state.holds());
        let kept: Vec<&TakenClaim> = open.flat_map(|other| &other.taken.claims).collect();
        for claim in &ended.taken.claims {
            let same = kept
                .iter()
                .filter(|other| other.scope == claim.scope && other.person == claim.person);
            match same.map(|other| other.until).max() {
                Some(until) => self
                    .sql
                    .shorten_claim
                    .execute(params![claim.person, claim.scope, lead, until.unix_ms()])?,
                None => self.sql.free_claim.execute(params![claim.person, claim.scope, lead])?,
            };
        }
        Ok(())
    }

    /// Books a sale as entries that add up to nothing.
    fn book(&mut self, settle: &Settle, outcome: &AttemptOutcome, sale: &Sale) -> Result<(), Trouble> {
        let split = &sale.split;
        let buyer = self.name(&format!("buyer/{}", sale.buyer))?;
        let supplier = self.name(&format!("supplier/{}", sale.supplier))?;
        let margin = self.name("margin")?;
        self.sql.add_entries.execute(params![
            bytes(settle.lead.bits()),
            bytes(outcome.attempt.bits()),
            settle.at.unix_ms(),
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
        let settle = &row.settle;
        self.sql
            .set_lead
            .execute(params![bytes(settle.lead.bits()), lead_state_number(settle.state), row.answer])?;
        self.count_move(lead.run, lead.state, settle.state);
        lead.state = settle.state;
        if let Some(record) = &row.record {
            self.sql.put_record.execute(params![lead.seq, record])?;
        }
        for message in &settle.messages {
            let (id, about) = (bytes(message.id.bits()), bytes(message.lead.bits()));
            self.sql
                .add_message
                .execute(params![id, about, &*message.url, due(settle.at), message.tries])?;
        }
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
