//! Persons: which leads are about them, and their erasure.
//!
//! What is erased is overwritten in the database (`secure_delete`), the log of SQLite is emptied and so is the journal: after
//! an erasure no file of the folder holds the sealed contents, nor the data key that would open them.

use super::Sqlite;
use super::audit::{Act, AuditKey};
use super::desk::{Desk, bytes};
use super::reader::Reader;
use super::trouble::{Trouble, unreadable};
use crate::standing::{self, AttemptState};
use crate::stored::{self, Taken};
use outcry_core::id::{AttemptId, LeadId, MessageId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{PersonKey, StoreFault};
use rusqlite::{Connection, params};
use std::sync::Arc;

/// A lead about a person, as an operator may see it: nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLead {
    /// Its id.
    pub lead: LeadId,
    /// Where it stands.
    pub state: Arc<str>,
    /// When it came.
    pub received: Moment,
    /// From where.
    pub source: Arc<str>,
    /// Into which campaign.
    pub campaign: Arc<str>,
    /// Who was posted to, and what came of it.
    pub attempts: Vec<FoundAttempt>,
}

/// A post of such a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAttempt {
    /// Its id.
    pub attempt: AttemptId,
    /// To which contract.
    pub contract: Arc<str>,
    /// Of which buyer.
    pub buyer: Arc<str>,
    /// Where it stands, in a word.
    pub state: Arc<str>,
    /// Was the full lead sent, or may it have been?
    pub was_sent: bool,
}

/// What is to be erased.
#[derive(Clone)]
pub struct Erase {
    /// The id of this erasure; the same one again changes nothing more.
    pub id: u128,
    /// When.
    pub at: Moment,
    /// Whom: every lead with one of these digests.
    pub people: Vec<PersonKey>,
    /// The address that tells a buyer, with `{lead_id}` and `{attempt_id}` filled in; `None` if a person has to.
    pub tell: Arc<dyn Fn(&str, LeadId, AttemptId) -> Option<String> + Send + Sync>,
    /// The key of the audit log.
    pub audit: AuditKey,
    /// Who erases, for that log.
    pub actor: Arc<str>,
}

/// What an erasure did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// How many leads.
    pub leads: u64,
    /// Posts whose buyers are told by a message.
    pub told: u64,
    /// Posts whose buyers a person has to tell.
    pub to_tell: u64,
}

/// A notice to a buyer, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Of which erasure.
    pub erasure: u128,
    /// When that was.
    pub at: Moment,
    /// About which lead.
    pub lead: LeadId,
    /// By which attempt the buyer got it.
    pub attempt: AttemptId,
    /// Who.
    pub buyer: Arc<str>,
    /// `waiting`, `arrived`, `given_up`, `by_hand` or `told`.
    pub state: Arc<str>,
}

const FIND: &str = "SELECT lead.id, state, received, source.text, campaign.text FROM lead
    JOIN name source ON source.id = lead.source JOIN name campaign ON campaign.id = lead.campaign
    WHERE (instr(people, ?1) - 1) % 16 = 0 AND instr(people, ?1) > 0 ORDER BY lead.id";

/// Leads with one of these digests, oldest first. It reads every lead: there is no index, because one would cost each lead a
/// page, and this is asked once a month.
fn find(connection: &Connection, people: &[PersonKey]) -> Result<Vec<FoundLead>, Trouble> {
    let mut found: Vec<FoundLead> = Vec::new();
    let mut leads = connection.prepare_cached(FIND)?;
    for person in people {
        let rows = leads.query_map([person.0.as_slice()], |row| {
            Ok(FoundLead {
                lead: LeadId::from_bits(u128::from_be_bytes(row.get(0)?)),
                state: super::leads::lead_state(row.get(1)?).map_or("damaged", |state| state.word()).into(),
                received: Moment::from_unix_ms(row.get(2)?),
                source: row.get::<_, String>(3)?.into(),
                campaign: row.get::<_, String>(4)?.into(),
                attempts: Vec::new(),
            })
        })?;
        for row in rows {
            let row = row?;
            if found.iter().all(|known| known.lead != row.lead) {
                found.push(row);
            }
        }
    }
    found.sort_by_key(|lead| lead.lead);
    for lead in &mut found {
        lead.attempts = attempts(connection, lead.lead)?;
    }
    Ok(found)
}

fn attempts(connection: &Connection, lead: LeadId) -> Result<Vec<FoundAttempt>, Trouble> {
    let mut find = connection.prepare_cached(
        "SELECT attempt.id, contract.text, buyer.text, state FROM attempt JOIN name contract ON contract.id = contract
         JOIN name buyer ON buyer.id = buyer WHERE lead = ?1 ORDER BY began, attempt.id",
    )?;
    let rows = find.query_map([bytes(lead.bits())], |row| {
        let state = standing::from_number(row.get(3)?);
        Ok(FoundAttempt {
            attempt: AttemptId::from_bits(u128::from_be_bytes(row.get(0)?)),
            contract: row.get::<_, String>(1)?.into(),
            buyer: row.get::<_, String>(2)?.into(),
            state: state.map_or("damaged", AttemptState::word).into(),
            was_sent: state != Some(AttemptState::NotSent),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Sqlite {
    /// The leads that are about a person.
    ///
    /// # Errors
    /// A [`StoreFault`] if the store cannot be read.
    pub async fn find_person(&self, people: Vec<PersonKey>) -> Result<Vec<FoundLead>, StoreFault> {
        self.read(move |connection| find(connection, &people)).await
    }

    /// Erases a person: contents, digests, claims and what waits in trays; tells buyers through the outbox; and writes down
    /// that it was done, all in one transaction. `of` says whether a quote in memory is about the person.
    ///
    /// # Errors
    /// A [`StoreFault`]; nothing was erased then, or, if only emptying the files failed, everything that can be asked for again.
    pub async fn erase(&self, erase: Erase, of: impl Fn(&Lead) -> bool) -> Result<Erased, StoreFault> {
        self.quotes.forget(|quote| of(&quote.pinged));
        self.errand_and_after(move |desk| desk.erase(&erase), scrub).await
    }

    /// Erases again, in a restored folder, those who were erased since its backup was made.
    ///
    /// # Errors
    /// A [`StoreFault`].
    pub async fn erase_again(&self, erase: Erase) -> Result<Erased, StoreFault> {
        self.errand_and_after(move |desk| desk.erase(&erase), scrub).await
    }

    /// Erases what these leads say, because their time is over. Tells how many still said something.
    ///
    /// # Errors
    /// A [`StoreFault`].
    pub async fn prune(&self, id: u128, at: Moment, leads: Vec<LeadId>) -> Result<u64, StoreFault> {
        let work = move |desk: &mut Desk<'_>| {
            desk.connection.execute_batch("PRAGMA secure_delete = ON")?;
            let mut pruned = 0;
            for lead in &leads {
                pruned += u64::from(desk.empty(*lead)?);
            }
            desk.connection.execute(
                "INSERT INTO erasure (id, at, why, leads, people) VALUES (?1, ?2, 1, ?3, x'') ON CONFLICT DO NOTHING",
                params![bytes(id), at.unix_ms(), pruned.cast_signed()],
            )?;
            Ok(pruned)
        };
        self.errand_and_after(work, scrub).await
    }

    /// Settled leads of a campaign from before these moments that still say something: sold ones and unsold ones.
    ///
    /// # Errors
    /// A [`StoreFault`] if the store cannot be read.
    pub async fn overdue(
        &self,
        campaign: Arc<str>,
        sold_before: Option<Moment>,
        unsold_before: Option<Moment>,
        at_most: usize,
    ) -> Result<Vec<LeadId>, StoreFault> {
        let before = |moment: Option<Moment>| moment.map_or(i64::MIN, Moment::unix_ms);
        let (sold, unsold) = (before(sold_before), before(unsold_before));
        let look = move |connection: &Connection| {
            let mut find = connection.prepare_cached(
                "SELECT lead.id FROM lead JOIN contents USING (seq) WHERE campaign = (SELECT id FROM name WHERE text = ?1)
                 AND ((state = 1 AND received < ?2) OR (state = 2 AND received < ?3)) AND length(sealed) > 0 LIMIT ?4",
            )?;
            let rows = find.query_map(params![campaign, sold, unsold, super::read::limit(at_most)], |row| {
                row.get(0).map(|id| LeadId::from_bits(u128::from_be_bytes(id)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.read(look).await
    }

    /// Somebody has told a buyer of an erasure. How many notices that were.
    ///
    /// # Errors
    /// A [`StoreFault`].
    pub async fn told(&self, erasure: u128, buyer: Arc<str>, at: Moment) -> Result<u64, StoreFault> {
        let work = move |desk: &mut Desk<'_>| {
            let changed = desk.connection.execute(
                "UPDATE erasure_notice SET told = ?3 WHERE erasure = ?1 AND buyer = (SELECT id FROM name WHERE text = ?2)
                 AND message IS NULL AND told IS NULL",
                params![bytes(erasure), buyer, at.unix_ms()],
            )?;
            Ok(changed as u64)
        };
        self.errand(work).await
    }
}

impl Desk<'_> {
    fn erase(&mut self, erase: &Erase) -> Result<Erased, Trouble> {
        self.connection.execute_batch("PRAGMA secure_delete = ON")?;
        let mut erased = Erased {
            leads: 0,
            told: 0,
            to_tell: 0,
        };
        for lead in find(self.connection, &erase.people)? {
            self.give_up_claims(lead.lead)?;
            self.empty(lead.lead)?;
            erased.leads += 1;
            for attempt in lead.attempts.iter().filter(|attempt| attempt.was_sent) {
                let told = self.write_notice(erase, lead.lead, attempt)?;
                erased.told += u64::from(told);
                erased.to_tell += u64::from(!told);
            }
        }
        let people: Vec<u8> = erase.people.iter().flat_map(|person| person.0).collect();
        self.connection.execute(
            "INSERT INTO erasure (id, at, why, leads, people) VALUES (?1, ?2, 0, ?3, ?4) ON CONFLICT DO NOTHING",
            params![bytes(erase.id), erase.at.unix_ms(), erased.leads.cast_signed(), people],
        )?;
        let act = Act {
            at: erase.at,
            actor: erase.actor.clone(),
            act: "person.erase".into(),
            subject: format!("erasure_{:032x}", erase.id).into(),
            detail: format!(
                "{{\"leads\":{},\"told\":{},\"to_tell\":{}}}",
                erased.leads, erased.told, erased.to_tell
            )
            .into(),
        };
        self.note(&erase.audit, &act)?;
        Ok(erased)
    }

    /// Gives up what a lead claims of its person, under all digests it has.
    fn give_up_claims(&mut self, lead: LeadId) -> Result<(), Trouble> {
        let people: Vec<u8> = self
            .connection
            .query_row("SELECT people FROM lead WHERE id = ?1", [bytes(lead.bits())], |row| row.get(0))?;
        for person in people.as_chunks::<16>().0 {
            let mut claims = self.claims(*person)?;
            claims.0.retain(|held| held.lead != lead);
            self.put_claims(*person, claims)?;
        }
        Ok(())
    }

    /// Erases what a lead says and whom it is about; its money, its verdicts and its record stay. No further post of it may begin.
    fn empty(&mut self, lead: LeadId) -> Result<bool, Trouble> {
        let id = bytes(lead.bits());
        let mut changed = self.connection.execute(
            "UPDATE contents SET sealed = x'' WHERE seq = (SELECT seq FROM lead WHERE id = ?1) AND length(sealed) > 0",
            [id],
        )?;
        changed += self.connection.execute(
            "UPDATE tray SET sealed = NULL, taken = coalesce(taken, placed)
             WHERE attempt IN (SELECT id FROM attempt WHERE lead = ?1) AND sealed IS NOT NULL",
            [id],
        )?;
        self.connection.execute("UPDATE lead SET people = x'' WHERE id = ?1", [id])?;
        // What the request said stood in this digest; its key stays taken, so that a late repeat is no new lead.
        self.connection
            .execute("UPDATE request SET fingerprint = zeroblob(32) WHERE lead = ?1", [id])?;
        self.without_claims(lead)?;
        self.leads.remove(&lead);
        self.erased.insert(lead);
        Ok(changed > 0)
    }

    /// Takes the person out of what attempts have written down of their claims.
    fn without_claims(&mut self, lead: LeadId) -> Result<(), Trouble> {
        let id = bytes(lead.bits());
        let mut find = self.connection.prepare_cached("SELECT id, taken FROM attempt WHERE lead = ?1")?;
        let rows = find.query_map([id], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        for row in rows.collect::<Result<Vec<_>, _>>()? {
            let mut taken: Taken = stored::read(&row.1).map_err(unreadable("attempt"))?;
            taken.claims.clear();
            let taken = stored::write(&taken);
            self.connection.execute(
                "UPDATE attempt SET taken = ?3 WHERE lead = ?1 AND id = ?2",
                params![id, row.0, taken],
            )?;
        }
        Ok(())
    }

    /// Says that a buyer has to be told; with a message, if it has an address for that.
    fn write_notice(&mut self, erase: &Erase, lead: LeadId, attempt: &FoundAttempt) -> Result<bool, Trouble> {
        let buyer = self.name(&attempt.buyer)?;
        let url = (erase.tell)(&attempt.buyer, lead, attempt.attempt);
        // Made of both ids, so that the same erasure done again makes the same message.
        let message = MessageId::from_bits(erase.id ^ attempt.attempt.bits().rotate_left(64));
        if let Some(url) = &url {
            let (id, about) = (bytes(message.bits()), bytes(lead.bits()));
            let (unsigned, no_body) = (None::<String>, None::<String>);
            self.sql
                .add_message
                .execute(params![id, about, url, erase.at.unix_ms(), 0, unsigned, no_body])?;
        }
        self.connection.execute(
            "INSERT INTO erasure_notice (erasure, attempt, lead, buyer, message) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![
                bytes(erase.id),
                bytes(attempt.attempt.bits()),
                bytes(lead.bits()),
                buyer,
                url.is_some().then(|| bytes(message.bits()))
            ],
        )?;
        Ok(url.is_some())
    }
}

/// Empties the files that may still hold what was erased: SQLite's log, and what the journal has brought home.
fn scrub(desk: &mut Desk<'_>) -> Result<(), Trouble> {
    desk.connection.execute_batch("PRAGMA secure_delete = OFF")?;
    desk.journal.clear()?;
    let busy: i64 = desk.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
    if busy != 0 {
        // A reader is in the way, for a moment: the next erasure or an orderly stop empties it.
        tracing::warn!("the log of the database could not be emptied after an erasure; it will be when the exchange stops");
    }
    Ok(())
}

impl Reader {
    /// Erasures that were asked for: their ids, moments, numbers of leads, and the digests.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn erasures(&self) -> Result<Vec<(u128, Moment, u64, Vec<PersonKey>)>, StoreFault> {
        let look = || {
            let mut find = self
                .connection()
                .prepare_cached("SELECT id, at, leads, people FROM erasure WHERE why = 0 ORDER BY at, id")?;
            let rows = find.query_map((), |row| {
                let people = row.get::<_, Vec<u8>>(3)?;
                Ok((
                    u128::from_be_bytes(row.get(0)?),
                    Moment::from_unix_ms(row.get(1)?),
                    row.get::<_, i64>(2)?.cast_unsigned(),
                    people.as_chunks::<16>().0.iter().map(|digest| PersonKey(*digest)).collect(),
                ))
            })?;
            Ok::<_, Trouble>(rows.collect::<Result<_, _>>()?)
        };
        look().map_err(|trouble| trouble.fault())
    }

    /// Notices of erasures, and where they stand.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn erasure_notices(&self) -> Result<Vec<Notice>, StoreFault> {
        let look = || {
            let mut find = self.connection().prepare_cached(
                "SELECT erasure.id, erasure.at, notice.lead, notice.attempt, name.text, notice.message IS NULL, notice.told, message.state
                 FROM erasure_notice notice JOIN erasure ON erasure.id = notice.erasure JOIN name ON name.id = notice.buyer
                 LEFT JOIN message ON message.id = notice.message ORDER BY erasure.at, notice.attempt",
            )?;
            let rows = find.query_map((), |row| {
                let (by_hand, told, message) = (row.get(5)?, row.get::<_, Option<i64>>(6)?, row.get::<_, Option<i64>>(7)?);
                let state = match (by_hand, told, message) {
                    (true, None, _) => "by_hand",
                    (true, Some(_), _) => "told",
                    (false, _, Some(1)) => "arrived",
                    (false, _, Some(2)) => "given_up",
                    (false, ..) => "waiting",
                };
                Ok(Notice {
                    erasure: u128::from_be_bytes(row.get(0)?),
                    at: Moment::from_unix_ms(row.get(1)?),
                    lead: LeadId::from_bits(u128::from_be_bytes(row.get(2)?)),
                    attempt: AttemptId::from_bits(u128::from_be_bytes(row.get(3)?)),
                    buyer: row.get::<_, String>(4)?.into(),
                    state: state.into(),
                })
            })?;
            Ok::<_, Trouble>(rows.collect::<Result<_, _>>()?)
        };
        look().map_err(|trouble| trouble.fault())
    }
}
