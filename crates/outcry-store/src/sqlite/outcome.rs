//! T3: what became of an attempt and of its lead, in money, in caps and in words.

use super::desk::{Desk, LeadRow, bytes, lead_state_number};
use super::intent::AttemptRow;
use super::trouble::Trouble;
use crate::standing::{AttemptState, Step, reopens};
use crate::stored;
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
    pub(super) fn new(settle: Settle) -> Self {
        Self { record: settle.record.as_deref().map(stored::write), answer: settle.answer.as_ref().map(stored::write), settle }
    }
}

impl Desk<'_> {
    /// Nothing is written before it is known that everything will be, so there is nothing to undo.
    pub(super) fn settle(&mut self, row: &SettleRow) -> Result<Settled, Trouble> {
        let settle = &row.settle;
        if let Some(sale) = settle.attempt.as_ref().and_then(|outcome| outcome.sale.as_ref()) {
            adds_up(sale)?;
        }
        let Some(lead) = self.lead(settle.lead)? else {
            return Err(Trouble::Bug(format!("an outcome for {}, which was never accepted", settle.lead)));
        };
        match &settle.attempt {
            Some(outcome) => {
                let attempts = self.attempts(settle.lead)?;
                match attempts.iter().find(|attempt| attempt.id == outcome.attempt) {
                    None => return Err(Trouble::Bug(format!("an outcome for {}, which was never intended", outcome.attempt))),
                    Some(attempt) => match attempt.state.step(AttemptState::after(&outcome.verdict)) {
                        Step::Known => return Ok(Settled::Done),
                        Step::Contradicts => return Ok(Settled::AlreadyFinal),
                        Step::Moves => self.end_attempt(settle, outcome, attempt, &attempts)?,
                    },
                }
            }
            None if reopens(lead.state, settle.state) => return Ok(Settled::AlreadyFinal),
            None => {}
        }
        self.write_standing(row, &lead)?;
        Ok(Settled::Done)
    }

    fn end_attempt(&mut self, settle: &Settle, outcome: &AttemptOutcome, attempt: &AttemptRow, all: &[AttemptRow]) -> Result<(), Trouble> {
        let state = AttemptState::after(&outcome.verdict);
        let verdict = stored::write(&outcome.verdict);
        let (lead, id) = (bytes(settle.lead.bits()), bytes(attempt.id.bits()));
        self.sql.end_attempt.execute(params![lead, id, state.number(), settle.at.unix_ms(), verdict])?;
        if !state.holds() {
            self.free(settle.lead, attempt, all)?;
        }
        if let Some(sale) = &outcome.sale {
            self.book(settle, outcome, sale)?;
        }
        Ok(())
    }

    /// Frees what an attempt took. A claim that another open attempt of the lead holds too stays as long as that one needs it.
    fn free(&mut self, lead: LeadId, ended: &AttemptRow, all: &[AttemptRow]) -> Result<(), Trouble> {
        let taken = ended.taken()?;
        for hold in &taken.holds {
            self.sql.free_hold.execute(params![hold.cap, hold.window.unix_ms(), hold.amount])?;
        }
        let mut kept = Vec::new();
        for other in all.iter().filter(|other| other.id != ended.id && other.state.holds()) {
            kept.extend(other.taken()?.claims);
        }
        let lead = bytes(lead.bits());
        for claim in &taken.claims {
            let same = kept.iter().filter(|other| other.scope == claim.scope && other.person == claim.person);
            match same.map(|other| other.until).max() {
                Some(until) => self.sql.shorten_claim.execute(params![claim.person, claim.scope, lead, until.unix_ms()])?,
                None => self.sql.free_claim.execute(params![claim.person, claim.scope, lead])?,
            };
        }
        Ok(())
    }

    /// Books a sale as entries that add up to nothing.
    fn book(&mut self, settle: &Settle, outcome: &AttemptOutcome, sale: &Sale) -> Result<(), Trouble> {
        let split = &sale.split;
        let entries = [
            (format!("buyer/{}", sale.buyer), split.price),
            (format!("supplier/{}", sale.supplier), -split.payout),
            ("margin".to_owned(), -split.margin),
        ];
        for (account, amount) in entries {
            let account = self.name(&account)?;
            let (lead, attempt) = (bytes(settle.lead.bits()), bytes(outcome.attempt.bits()));
            let row = params![account, lead, attempt, settle.at.unix_ms(), sale.currency.as_str(), amount.micros()];
            self.sql.add_entry.execute(row)?;
        }
        self.count_sale(split);
        Ok(())
    }

    fn write_standing(&mut self, row: &SettleRow, lead: &LeadRow) -> Result<(), Trouble> {
        let settle = &row.settle;
        self.sql.set_lead.execute(params![bytes(settle.lead.bits()), lead_state_number(settle.state), row.answer])?;
        self.count_move(lead.run, lead.state, settle.state);
        if let Some(record) = &row.record {
            self.sql.put_record.execute(params![lead.seq, record])?;
        }
        for message in &settle.messages {
            let (id, about) = (bytes(message.id.bits()), bytes(message.lead.bits()));
            self.sql.add_message.execute(params![id, about, &*message.url, due(settle.at), message.tries])?;
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
    Err(Trouble::Bug(format!("a price of {} is not a payout of {} and a margin of {}", split.price, split.payout, split.margin)))
}
