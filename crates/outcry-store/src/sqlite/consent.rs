//! What T2 asks of consent, and what it is told between: withdrawals, certificates, and leads out of review.
//!
//! A withdrawal goes into the database before anybody is answered, on the thread that does every intent. So it is in force
//! for each that comes after it, and none that came before it is undone: that post may have left.

use super::Sqlite;
use super::desk::{Desk, bytes};
use super::leads::lead_state_number;
use super::trouble::Trouble;
use outcry_core::id::LeadId;
use outcry_engine::ports::store::{CertificateClaim, Intend, LeadState, Objections, PersonKey, Refusal, StoreFault, Withdrawal};
use rusqlite::{Connection, params};
use std::collections::HashSet;
use std::sync::Arc;

impl Sqlite {
    /// Ends withdrawals of these people, of one scope or all there are: for an operator who knows that a person was taken for
    /// another one, or has asked for it. How many withdrawals that ended.
    ///
    /// # Errors
    /// The store's fault; then all are in force as before.
    pub async fn lift_withdrawals(&self, people: Vec<PersonKey>, scope: Option<Arc<str>>) -> Result<u64, StoreFault> {
        self.errand(move |desk| desk.lift_withdrawals(&people, scope.as_deref())).await
    }
}

/// Beyond so many digests the table is asked about everybody.
const ENTRIES_MOST: usize = 4_000_000;

/// Short digests of everybody who has withdrawn anything: nearly nobody has, and asking the table costs pages. It may hold
/// too much and never too little. `None` once there are too many to remember.
pub(super) struct Withdrawers(Option<HashSet<u64>>);

impl Withdrawers {
    pub(super) fn load(connection: &Connection) -> Result<Self, Trouble> {
        let mut all = Self(Some(HashSet::new()));
        let mut people = connection.prepare("SELECT person FROM withdrawal")?;
        let mut rows = people.query(())?;
        while let Some(row) = rows.next()? {
            all.add(PersonKey(row.get(0)?));
        }
        Ok(all)
    }

    fn add(&mut self, person: PersonKey) {
        if let Some(digests) = &mut self.0 {
            digests.insert(short(person));
            if digests.len() > ENTRIES_MOST {
                self.0 = None;
            }
        }
    }

    fn may_hold(&self, person: PersonKey) -> bool {
        self.0.as_ref().is_none_or(|digests| digests.contains(&short(person)))
    }
}

/// The keys are digests already, so a part of one is as good as any hash of it.
fn short(person: PersonKey) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|at| person.0[at]))
}

impl Desk<'_> {
    /// What consent has against the intent.
    pub(super) fn unconsented(&mut self, intend: &Intend) -> Result<Option<Refusal>, Trouble> {
        if !intend.covered.proves(&intend.contract, intend.at) {
            return Ok(Some(Refusal::Unproven));
        }
        if let Some(scope) = self.withdrawn(&intend.contacts, &intend.withdrawn_in)? {
            return Ok(Some(Refusal::Withdrawn { scope }));
        }
        for claim in &intend.certificates {
            let owner = self.owner(claim)?;
            if !owner.is_empty() && claim.people.iter().all(|person| !owner.contains(person)) {
                return Ok(Some(Refusal::CertificateTaken {
                    vendor: claim.vendor.clone(),
                }));
            }
        }
        Ok(None)
    }

    /// Every number and address of the person whose the certificate is; none if it is nobody's yet.
    fn owner(&mut self, claim: &CertificateClaim) -> Result<Vec<PersonKey>, Trouble> {
        let rows = self
            .sql
            .find_certificate
            .query_map([claim.certificate.0], |row| row.get(0).map(PersonKey))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is said by now against a person being sold.
    pub(super) fn objection(&mut self, asked: &Objections) -> Result<Option<Refusal>, Trouble> {
        match self.withdrawn(&asked.contacts, &asked.withdrawn_in)? {
            Some(scope) => Ok(Some(Refusal::Withdrawn { scope })),
            None => self.lists(&asked.lists),
        }
    }

    /// One look for each suspect finds everything that was taken back.
    fn withdrawn(&mut self, contacts: &[PersonKey], stopped_in: &[Arc<str>]) -> Result<Option<Arc<str>>, Trouble> {
        let mut scopes: Vec<i64> = Vec::new();
        for contact in contacts.iter().filter(|contact| self.withdrawers.may_hold(**contact)) {
            let mut rows = self.sql.find_withdrawn.query([contact.0])?;
            while let Some(row) = rows.next()? {
                scopes.push(row.get(0)?);
            }
        }
        if scopes.is_empty() {
            return Ok(None);
        }
        for scope in stopped_in {
            if scopes.contains(&self.name(scope)?) {
                return Ok(Some(scope.clone()));
            }
        }
        Ok(None)
    }

    /// The certificates are this person's from now on, whatever comes of the post. What it came with first stays: a second
    /// number would be a way from one person to the next.
    pub(super) fn take_certificates(&mut self, intend: &Intend) -> Result<(), Trouble> {
        for claim in &intend.certificates {
            if !self.owner(claim)?.is_empty() {
                continue;
            }
            for person in &claim.people {
                let (lead, at) = (bytes(intend.lead.bits()), intend.at.unix_ms());
                self.sql
                    .take_certificate
                    .execute(params![claim.certificate.0, person.0, lead, at])?;
            }
        }
        Ok(())
    }

    pub(super) fn withdraw(&mut self, withdrawal: &Withdrawal) -> Result<u64, Trouble> {
        let (scope, from) = (self.name(&withdrawal.scope)?, self.name(&withdrawal.from)?);
        let mut new = 0;
        for person in &withdrawal.people {
            self.withdrawers.add(*person);
            let row = params![person.0, scope, withdrawal.at.unix_ms(), from];
            new += self.sql.withdraw.execute(row)? as u64;
        }
        Ok(new)
    }

    /// Ends withdrawals: of one scope, or whatever each person has withdrawn. How many there were.
    fn lift_withdrawals(&mut self, people: &[PersonKey], scope: Option<&str>) -> Result<u64, Trouble> {
        let scope = scope.map(|scope| self.name(scope)).transpose()?;
        let mut lifted = 0;
        for person in people {
            // The short digests keep the person: they may hold too much.
            lifted += self.sql.lift_withdrawal.execute(params![person.0, scope])? as u64;
        }
        Ok(lifted)
    }

    /// Back on its way, if it waits. This thread alone writes, so of two who call one finds it waiting.
    pub(super) fn take_from_review(&mut self, id: LeadId) -> Result<bool, Trouble> {
        let taken = self.with_lead(id, |desk, lead| {
            if lead.state != LeadState::Review {
                return Ok(false);
            }
            let selling = lead_state_number(LeadState::Selling);
            desk.sql.set_lead.execute(params![bytes(id.bits()), selling, None::<Vec<u8>>])?;
            lead.state = LeadState::Selling;
            Ok(true)
        })?;
        Ok(taken.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_never_withdrew_is_not_looked_up_and_everybody_is_once_there_are_too_many() {
        let (one, other) = (PersonKey([7; 16]), PersonKey([8; 16]));
        let mut all = Withdrawers(Some(HashSet::new()));
        all.add(one);
        assert!(all.may_hold(one) && !all.may_hold(other));
        assert!(Withdrawers(None).may_hold(other));
    }
}
