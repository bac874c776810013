//! T2: the right to post to one buyer, with every claim and hold, or none of them.

use super::desk::{Desk, bytes, run_number};
use super::trouble::{Trouble, unreadable};
use crate::standing::AttemptState;
use crate::stored::{self, Taken, TakenClaim, TakenHold};
use outcry_core::id::{AttemptId, LeadId};
use outcry_engine::ports::store::{Intend, Intended, LeadState, Refusal};
use rusqlite::params;

/// What the writer needs of an attempt.
pub(super) struct AttemptRow {
    pub(super) id: AttemptId,
    pub(super) contract: i64,
    pub(super) state: AttemptState,
    taken: Vec<u8>,
}

impl AttemptRow {
    pub(super) fn taken(&self) -> Result<Taken, Trouble> {
        stored::read(&self.taken).map_err(unreadable("attempt"))
    }
}

impl Desk<'_> {
    pub(super) fn intend(&mut self, intend: &Intend) -> Result<Intended, Trouble> {
        let Some(lead) = self.lead(intend.lead)? else {
            return Err(Trouble::Bug(format!("an intent for {}, which was never accepted", intend.lead)));
        };
        let attempts = self.attempts(intend.lead)?;
        if attempts.iter().any(|attempt| attempt.id == intend.attempt) {
            return Ok(Intended::Go);
        }
        let contract = self.name(intend.contract.as_str())?;
        let open = attempts.iter().filter(|attempt| attempt.state.holds());
        let to_same = open.clone().any(|attempt| attempt.contract == contract);
        let legs_open = open.count();
        if lead.state == LeadState::Unsold || to_same || legs_open >= intend.legs_max as usize {
            return Ok(Intended::Refused(Refusal::LegTaken));
        }
        if let Some(refusal) = self.suppression(intend)? {
            return Ok(Intended::Refused(refusal));
        }
        self.take_all(intend, contract)
    }

    /// All attempts of a lead.
    pub(super) fn attempts(&mut self, lead: LeadId) -> Result<Vec<AttemptRow>, Trouble> {
        let mut rows = self.sql.find_attempts.query([bytes(lead.bits())])?;
        let mut attempts = Vec::new();
        while let Some(row) = rows.next()? {
            let id = AttemptId::from_bits(u128::from_be_bytes(row.get(0)?));
            let state = AttemptState::from_number(row.get(2)?);
            let state = state.ok_or_else(|| Trouble::Bug(format!("the stored {id} is in no known state")))?;
            attempts.push(AttemptRow { id, contract: row.get(1)?, state, taken: row.get(3)? });
        }
        Ok(attempts)
    }

    /// One look for each person finds all lists it is on.
    fn suppression(&mut self, intend: &Intend) -> Result<Option<Refusal>, Trouble> {
        let mut on = Vec::new();
        for person in intend.people.iter().filter(|_| !intend.suppression_lists.is_empty()) {
            let mut rows = self.sql.find_suppressed.query([person.0])?;
            while let Some(row) = rows.next()? {
                on.push(row.get::<_, i64>(0)?);
            }
        }
        if on.is_empty() {
            return Ok(None);
        }
        for list in &intend.suppression_lists {
            if on.contains(&self.name(list)?) {
                return Ok(Some(Refusal::Suppressed { list: list.clone() }));
            }
        }
        Ok(None)
    }

    /// A savepoint is needed only where something may be refused when something else was taken already.
    fn take_all(&mut self, intend: &Intend, contract: i64) -> Result<Intended, Trouble> {
        let careful = intend.claims.len() + intend.holds.len() > 1;
        if careful {
            self.sql.save.execute(())?;
        }
        let mut taken = Taken::default();
        let refusal = match self.take_claims(intend, &mut taken)? {
            None => self.take_holds(intend, &mut taken)?,
            refused => refused,
        };
        if let Some(refusal) = refusal {
            if careful {
                self.sql.back.execute(())?;
                self.sql.release.execute(())?;
            }
            return Ok(Intended::Refused(refusal));
        }
        self.write_attempt(intend, contract, &taken)?;
        if careful {
            self.sql.release.execute(())?;
        }
        Ok(Intended::Go)
    }

    fn take_claims(&mut self, intend: &Intend, taken: &mut Taken) -> Result<Option<Refusal>, Trouble> {
        let lead = bytes(intend.lead.bits());
        for claim in &intend.claims {
            let scope = self.name(&claim.scope)?;
            let until = claim.until.unix_ms();
            let rows = self.sql.claim.execute(params![claim.person.0, scope, lead, until, intend.at.unix_ms()])?;
            if rows == 0 {
                return Ok(Some(Refusal::Duplicate { scope: claim.scope.clone() }));
            }
            taken.claims.push(TakenClaim { scope, person: claim.person.0, until: claim.until });
        }
        Ok(None)
    }

    fn take_holds(&mut self, intend: &Intend, taken: &mut Taken) -> Result<Option<Refusal>, Trouble> {
        for hold in &intend.holds {
            let cap = self.name(&hold.cap)?;
            let rows = self.sql.hold.execute(params![cap, hold.window.unix_ms(), hold.amount, hold.limit])?;
            if rows == 0 {
                return Ok(Some(Refusal::CapFull { cap: hold.cap.clone(), limit: hold.limit }));
            }
            taken.holds.push(TakenHold { cap, window: hold.window, amount: hold.amount });
        }
        Ok(None)
    }

    fn write_attempt(&mut self, intend: &Intend, contract: i64, taken: &Taken) -> Result<(), Trouble> {
        let buyer = self.name(intend.buyer.as_str())?;
        self.sql.add_attempt.execute(params![
            bytes(intend.lead.bits()),
            bytes(intend.attempt.bits()),
            run_number(intend.run),
            contract,
            buyer,
            intend.price.micros(),
            bytes(intend.boot.bits()),
            intend.at.unix_ms(),
            stored::write(taken),
        ])?;
        Ok(())
    }
}
