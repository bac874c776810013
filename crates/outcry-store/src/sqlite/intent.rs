//! T2: the right to post to one buyer, with every claim and hold, or none of them.

use super::desk::{Desk, bytes, run_number};
use super::leads::{AttemptRow, LeadRow};
use super::trouble::Trouble;
use crate::standing::AttemptState;
use crate::stored::{self, Taken, TakenClaim, TakenHold};
use outcry_engine::ports::store::{Intend, Intended, LeadState, PersonKey, Refusal};
use rusqlite::params;

impl Desk<'_> {
    pub(super) fn intend(&mut self, intend: &Intend) -> Result<Intended, Trouble> {
        let intended = self.with_lead(intend.lead, |desk, lead| desk.intend_lead(intend, lead))?;
        intended.ok_or_else(|| Trouble::Bug(format!("an intent for {}, which was never accepted", intend.lead)))
    }

    fn intend_lead(&mut self, intend: &Intend, lead: &mut LeadRow) -> Result<Intended, Trouble> {
        if lead.attempts.iter().any(|attempt| attempt.id == intend.attempt) {
            return Ok(Intended::Go);
        }
        let contract = self.name(intend.contract.as_str())?;
        let mut open = lead.attempts.iter().filter(|attempt| attempt.state.holds());
        let legs_taken = open.clone().count() >= intend.legs_max as usize;
        if lead.state == LeadState::Unsold || legs_taken || open.any(|attempt| attempt.contract == contract) {
            return Ok(Intended::Refused(Refusal::LegTaken));
        }
        let checks = [Self::suppression, Self::duplicate, Self::full_cap];
        for check in checks {
            if let Some(refusal) = check(self, intend)? {
                return Ok(Intended::Refused(refusal));
            }
        }
        let taken = self.take(intend)?;
        self.write_attempt(intend, contract, &taken)?;
        lead.attempts.push(AttemptRow {
            id: intend.attempt,
            contract,
            state: AttemptState::Intent,
            taken,
        });
        Ok(Intended::Go)
    }

    /// One look for each suspect finds all lists it is on.
    fn suppression(&mut self, intend: &Intend) -> Result<Option<Refusal>, Trouble> {
        let mut on = Vec::new();
        let checked = intend.people.iter().filter(|_| !intend.suppression_lists.is_empty());
        for person in checked.filter(|person| self.suspects.may_hold(**person)) {
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

    /// Who else claims the person? All claims on one person are found in one look.
    fn duplicate(&mut self, intend: &Intend) -> Result<Option<Refusal>, Trouble> {
        let mut taken: Vec<(PersonKey, i64)> = Vec::new();
        let mut asked: Option<PersonKey> = None;
        for claim in &intend.claims {
            if asked != Some(claim.person) {
                let mut rows = self
                    .sql
                    .find_claims
                    .query(params![claim.person.0, intend.at.unix_ms(), bytes(intend.lead.bits())])?;
                while let Some(row) = rows.next()? {
                    taken.push((claim.person, row.get(0)?));
                }
                asked = Some(claim.person);
            }
            if taken.contains(&(claim.person, self.name(&claim.scope)?)) {
                return Ok(Some(Refusal::Duplicate {
                    scope: claim.scope.clone(),
                }));
            }
        }
        Ok(None)
    }

    /// Holds of one attempt may be on the same counter, so each sees what those before it would take.
    fn full_cap(&mut self, intend: &Intend) -> Result<Option<Refusal>, Trouble> {
        for (at, hold) in intend.holds.iter().enumerate() {
            let same = intend.holds[..at]
                .iter()
                .filter(|other| other.cap == hold.cap && other.window == hold.window);
            let before: i64 = same.map(|other| other.amount).sum();
            let window = (self.name(&hold.cap)?, hold.window.unix_ms());
            if self.used(window)? + before + hold.amount > hold.limit {
                return Ok(Some(Refusal::CapFull {
                    cap: hold.cap.clone(),
                    limit: hold.limit,
                }));
            }
        }
        Ok(None)
    }

    /// Takes everything; that it may was found out before, in the same transaction and by the only thread that writes.
    fn take(&mut self, intend: &Intend) -> Result<Taken, Trouble> {
        let mut taken = Taken::default();
        let lead = bytes(intend.lead.bits());
        for claim in &intend.claims {
            let (scope, until) = (self.name(&claim.scope)?, claim.until.unix_ms());
            if self
                .sql
                .claim
                .execute(params![claim.person.0, scope, lead, until, intend.at.unix_ms()])?
                != 1
            {
                return Err(Trouble::Bug(format!(
                    "the claim of {} in {} was free and then was not",
                    intend.attempt, claim.scope
                )));
            }
            taken.claims.push(TakenClaim {
                scope,
                person: claim.person.0,
                until: claim.until,
            });
        }
        for hold in &intend.holds {
            let cap = self.name(&hold.cap)?;
            self.use_more((cap, hold.window.unix_ms()), hold.amount)?;
            taken.holds.push(TakenHold {
                cap,
                window: hold.window,
                amount: hold.amount,
            });
        }
        Ok(taken)
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
