//! T2: the right to post to one buyer, with every claim and hold, or none of them.

use super::claims::{Claims, Held, Person};
use super::desk::{Desk, bytes, run_number};
use super::leads::{AttemptRow, LeadRow};
use super::trouble::Trouble;
use crate::standing::AttemptState;
use crate::stored::{self, Taken, TakenClaim, TakenHold};
use outcry_engine::ports::store::{Intend, Intended, LeadState, Refusal};
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
        // Each that is open has its own word on how many may have the lead.
        let legs_max = open
            .clone()
            .map(|attempt| attempt.legs_max)
            .chain([intend.legs_max])
            .min()
            .unwrap_or(0);
        let legs_taken = open.clone().count() >= legs_max as usize;
        if lead.state == LeadState::Unsold || legs_taken || open.any(|attempt| attempt.contract == contract) {
            return Ok(Intended::Refused(Refusal::LegTaken));
        }
        let mut people = Vec::new();
        let refusal = match self.suppression(intend)? {
            None => self.duplicate(intend, &mut people)?,
            suppressed => suppressed,
        };
        let refusal = match refusal {
            None => self.full_cap(intend)?,
            refused => refused,
        };
        if let Some(refusal) = refusal {
            return Ok(Intended::Refused(refusal));
        }
        let taken = self.take(intend, people)?;
        self.write_attempt(intend, contract, &taken)?;
        lead.attempts.push(AttemptRow {
            id: intend.attempt,
            contract,
            state: AttemptState::Intent,
            legs_max: intend.legs_max,
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

    /// Who else claims one of them? Leaves behind the people to be claimed, each with the claims there are.
    fn duplicate(&mut self, intend: &Intend, people: &mut Vec<(Person, Claims)>) -> Result<Option<Refusal>, Trouble> {
        for claim in &intend.claims {
            let person = claim.person.0;
            if people.iter().all(|(known, _)| *known != person) {
                people.push((person, self.claims(person)?));
            }
            let scope = self.name(&claim.scope)?;
            let mut its = people.iter().filter(|(known, _)| *known == person);
            if its.any(|(_, claims)| claims.taken(scope, intend.lead, intend.at)) {
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
    fn take(&mut self, intend: &Intend, people: Vec<(Person, Claims)>) -> Result<Taken, Trouble> {
        let mut taken = Taken::default();
        for (person, mut claims) in people {
            for claim in intend.claims.iter().filter(|claim| claim.person.0 == person) {
                let (scope, lead, until) = (self.name(&claim.scope)?, intend.lead, claim.until);
                claims.add(Held { scope, lead, until }, intend.at);
                taken.claims.push(TakenClaim { scope, person, until });
            }
            self.put_claims(person, &claims)?;
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
            intend.legs_max,
        ])?;
        Ok(())
    }
}
