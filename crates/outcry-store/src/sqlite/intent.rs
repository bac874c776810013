//! T2: the right to post to one buyer, with every claim and hold, or none of them.

use super::claims::{Claims, Held, Person};
use super::counters::Unit;
use super::desk::{Desk, bytes, run_number};
use super::leads::{AttemptRow, LeadRow};
use super::trouble::Trouble;
use crate::standing::AttemptState;
use crate::stored::{self, Input, Packed, Stored, Taken, TakenClaim, TakenHold, Unreadable, structure};
use crate::vault::Vault;
use outcry_engine::ports::store::{Frees, Intend, Intended, LeadState, ListCheck, PersonKey, Refusal};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeSet;

/// An `Intend` as it is written: sealed on the caller's thread, because the writer's time is everybody's.
pub(super) struct IntendRow {
    intend: Intend,
    memo: Option<Packed>,
}

structure! {
    IntendRow { intend, memo }
}

impl IntendRow {
    pub(super) fn new(intend: Intend, vault: &Vault) -> Self {
        let memo = intend.memo.as_deref().map(|memo| super::case::sealed(vault, intend.attempt, memo));
        Self { intend, memo }
    }
}

impl Desk<'_> {
    pub(super) fn intend(&mut self, row: &IntendRow) -> Result<Intended, Trouble> {
        let lead = row.intend.lead;
        let intended = self.with_lead(lead, |desk, lead| desk.intend_lead(row, lead))?;
        intended.ok_or_else(|| Trouble::Bug(format!("an intent for {lead}, which was never accepted")))
    }

    fn intend_lead(&mut self, row: &IntendRow, lead: &mut LeadRow) -> Result<Intended, Trouble> {
        let intend = &row.intend;
        if lead.attempts.iter().any(|attempt| attempt.id == intend.attempt) {
            return Ok(Intended::Go);
        }
        if self.erased.contains(&intend.lead) {
            let list = "erased".into();
            return Ok(Intended::Refused(Refusal::Suppressed { list }));
        }
        let contract = self.name(intend.contract.as_str())?;
        if matches!(lead.state, LeadState::Unsold | LeadState::Review) || is_taken(lead, intend, contract) {
            return Ok(Intended::Refused(Refusal::LegTaken));
        }
        if let Some(refusal) = self.unconsented(intend)? {
            return Ok(Intended::Refused(refusal));
        }
        let mut people = Vec::new();
        let refusal = match self.lists(&intend.lists)? {
            None => self.duplicate(intend, &mut people)?,
            refused => refused,
        };
        let refusal = match refusal {
            None => self.full_cap(&intend.holds)?,
            refused => refused,
        };
        let mut tokens = Vec::new();
        let refusal = match refusal {
            None => self.empty_bucket(&intend.tokens, intend.at, &mut tokens)?,
            refused => refused,
        };
        if let Some(refusal) = refusal {
            return Ok(Intended::Refused(refusal));
        }
        self.take_tokens(tokens);
        self.take_certificates(intend)?;
        let taken = self.take(intend, people)?;
        self.write_attempt(row, contract, &taken)?;
        lead.attempts.push(AttemptRow {
            id: intend.attempt,
            contract,
            leg: intend.leg,
            state: AttemptState::Intent,
            legs_max: intend.legs_max,
            taken,
        });
        Ok(Intended::Go)
    }

    /// What the lists say, with what was changed by hand up to this moment.
    pub(super) fn lists(&mut self, checks: &[ListCheck]) -> Result<Option<Refusal>, Trouble> {
        for check in checks {
            let mut is_on = false;
            for (entry, in_file) in &check.entries {
                is_on |= self.by_hand(&check.list, *entry)?.unwrap_or(*in_file);
            }
            let list = check.list.clone();
            match (is_on, check.wanted) {
                (true, false) => return Ok(Some(Refusal::Suppressed { list })),
                (false, true) => return Ok(Some(Refusal::NotOnList { list })),
                (true, true) | (false, false) => {}
            }
        }
        Ok(None)
    }

    /// Was an entry put on a list by hand, or taken off it?
    fn by_hand(&mut self, list: &str, entry: PersonKey) -> Result<Option<bool>, Trouble> {
        if !self.suspects.may_hold(entry) {
            return Ok(None);
        }
        let list = self.name(list)?;
        let row = self.sql.find_listed.query_row(params![entry.0, list], |row| row.get(0));
        Ok(row.optional()?)
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

    /// Takes everything; that it may was found out before, in the same transaction and by the only thread that writes.
    fn take(&mut self, intend: &Intend, people: Vec<(Person, Claims)>) -> Result<Taken, Trouble> {
        let mut taken = Taken::default();
        for (person, mut claims) in people {
            for claim in intend.claims.iter().filter(|claim| claim.person.0 == person) {
                let (scope, lead, until) = (self.name(&claim.scope)?, intend.lead, claim.until);
                claims.add(Held { scope, lead, until }, intend.at);
                let its = if claim.kept { &mut taken.kept } else { &mut taken.claims };
                its.push(TakenClaim { scope, person, until });
            }
            self.put_claims(person, claims)?;
        }
        for hold in &intend.holds {
            let cap = self.name(&hold.cap)?;
            let window = hold.span.start;
            self.use_more((cap, window.unix_ms()), hold.amount, Unit::Attempt, intend.at)?;
            let kind = match hold.frees {
                Frees::NotSold => &mut taken.holds,
                Frees::NotSent => &mut taken.sent,
            };
            kind.push(TakenHold {
                cap,
                window,
                amount: hold.amount,
            });
        }
        Ok(taken)
    }

    fn write_attempt(&mut self, IntendRow { intend, memo }: &IntendRow, contract: i64, taken: &Taken) -> Result<(), Trouble> {
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
            intend.leg,
            memo.as_ref().map(|Packed(memo)| memo),
        ])?;
        Ok(())
    }
}

/// Is the leg taken, or are all copies of the lead? Each contract that is open has its own word on how many may have it,
/// and is one of them however many of its legs are.
fn is_taken(lead: &LeadRow, intend: &Intend, contract: i64) -> bool {
    let open = || lead.attempts.iter().filter(|attempt| attempt.state.holds());
    let counts = |attempt: &&AttemptRow| !(intend.beside_unknown && attempt.state.is_open());
    let legs_max = open()
        .filter(counts)
        .map(|attempt| attempt.legs_max)
        .fold(intend.legs_max, u32::min);
    let others: BTreeSet<i64> = open()
        .filter(counts)
        .map(|attempt| attempt.contract)
        .filter(|other| *other != contract)
        .collect();
    let same_leg = open().any(|attempt| attempt.contract == contract && attempt.leg == intend.leg);
    // A post of the whole and one of a leg are never both made.
    let whole = open().any(|attempt| attempt.contract == contract && (attempt.leg == 0) != (intend.leg == 0));
    same_leg || whole || others.len() >= legs_max as usize
}
