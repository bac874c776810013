//! T1: the lead, its sealed contents, its idempotency key and the one use of its quote.

use super::claims::Held;
use super::desk::{Desk, bytes, run_number};
use super::leads::LeadRow;
use super::trouble::{Trouble, unreadable};
use crate::stored::{self, Input, Packed, Stored, Unreadable, structure};
use crate::vault::Vault;
use outcry_core::id::{CampaignName, LeadId, QuoteId, SourceName, SupplierName};
use outcry_core::moment::Moment;
use outcry_core::record::{Door, Run};
use outcry_engine::ports::store::{Accept, Accepted, IdempotencyKey, LeadState, Mark, PersonKey, Replay};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// An `Accept` as it is written: sealed and digested on the caller's thread, because the writer's time is everybody's.
pub(super) struct AcceptRow {
    lead: LeadId,
    door: Door,
    run: Run,
    source: SourceName,
    supplier: SupplierName,
    campaign: CampaignName,
    catalog: Arc<str>,
    received: Moment,
    quote: Option<QuoteId>,
    request: [u8; 16],
    fingerprint: [u8; 32],
    since: Moment,
    people: Packed,
    marks: Vec<Mark>,
    sealed: Packed,
}

structure! {
    AcceptRow { lead, door, run, source, supplier, campaign, catalog, received, quote, request, fingerprint, since, people, marks, sealed }
}

impl AcceptRow {
    pub(super) fn new(accept: Accept, vault: &Vault) -> Self {
        let contents = stored::Contents::of(&accept.contents, accept.door, accept.received);
        Self {
            sealed: Packed(vault.seal(accept.lead, stored::write(&contents))),
            request: request_id(&accept.idempotency),
            fingerprint: accept.idempotency.fingerprint,
            since: accept.idempotency.since,
            people: Packed(accept.people.iter().flat_map(|PersonKey(digest)| *digest).collect()),
            marks: accept.marks,
            lead: accept.lead,
            door: accept.door,
            run: accept.run,
            source: accept.source,
            supplier: accept.supplier,
            campaign: accept.campaign,
            catalog: accept.catalog_version,
            received: accept.received,
            quote: accept.quote,
        }
    }
}

/// Source and key as one number. A source's name cannot hold the NUL between them.
pub(super) fn request_id(key: &IdempotencyKey) -> [u8; 16] {
    let digest = Sha256::new_with_prefix(key.source.as_str())
        .chain_update([0])
        .chain_update(key.key.as_bytes())
        .finalize();
    *digest.first_chunk().expect("a SHA-256 has more than 16 bytes")
}

/// What is saved under an idempotency key, as read from one row.
pub(super) fn replay_of(lead: LeadId, same_body: bool, answer: Option<&[u8]>) -> Result<Replay, Trouble> {
    match answer {
        _ if !same_body => Ok(Replay::OtherBody),
        Some(answer) => Ok(Replay::Answered(stored::read(answer).map_err(unreadable("answer"))?)),
        None => Ok(Replay::InFlight(lead)),
    }
}

impl Desk<'_> {
    /// The key is taken by the first write and the only one that can find itself refused, so there is nothing to undo.
    pub(super) fn accept(&mut self, row: &AcceptRow) -> Result<Accepted, Trouble> {
        if self.quote_is_used(row)? {
            return Ok(self.repeat_of(row)?.unwrap_or(Accepted::QuoteUsed));
        }
        let id = bytes(row.lead.bits());
        let (received, since) = (row.received.unix_ms(), row.since.unix_ms());
        let taken = self
            .sql
            .take_request
            .execute(params![row.request, row.fingerprint, id, received, since])?;
        if taken == 0 {
            let repeat = self.repeat_of(row)?;
            return repeat.ok_or_else(|| Trouble::Bug(format!("the key of {} is taken by nobody", row.lead)));
        }
        if let Some(quote) = row.quote {
            self.sql.redeem.execute(params![bytes(quote.bits()), id])?;
        }
        self.sweep.note(row.since);
        self.write_lead(row)?;
        self.count_lead(row.run);
        self.mark(row)
    }

    /// Takes the claims that a lead has by its coming, and tells whether somebody held the person before.
    fn mark(&mut self, row: &AcceptRow) -> Result<Accepted, Trouble> {
        let mut taken = None;
        for mark in &row.marks {
            let (scope, claims) = (self.name(&mark.scope)?, self.claims(mark.person.0)?);
            if taken.is_none() && claims.taken(scope, row.lead, row.received) {
                taken = Some(mark.scope.clone());
            }
        }
        for mark in row.marks.iter().filter(|mark| taken.is_none() || mark.renews) {
            let (scope, lead, until) = (self.name(&mark.scope)?, row.lead, mark.until);
            let mut claims = self.claims(mark.person.0)?;
            claims.add(Held { scope, lead, until }, row.received);
            self.put_claims(mark.person.0, claims)?;
        }
        Ok(match taken {
            Some(scope) => Accepted::Duplicate { scope },
            None => Accepted::New,
        })
    }

    /// The same lead again: what it was told the first time, which nobody else can have changed but by marks of their own.
    fn marked(&mut self, row: &AcceptRow) -> Result<Accepted, Trouble> {
        for mark in &row.marks {
            let (scope, claims) = (self.name(&mark.scope)?, self.claims(mark.person.0)?);
            if claims.taken(scope, row.lead, row.received) {
                return Ok(Accepted::Duplicate { scope: mark.scope.clone() });
            }
        }
        Ok(Accepted::New)
    }

    fn repeat_of(&mut self, row: &AcceptRow) -> Result<Option<Accepted>, Trouble> {
        let known = self.sql.find_request.query_row(params![row.request, row.since.unix_ms()], |found| {
            Ok((found.get::<_, [u8; 16]>(0)?, found.get::<_, [u8; 32]>(1)?))
        });
        let Some((lead, fingerprint)) = known.optional()? else {
            return Ok(None);
        };
        let lead = LeadId::from_bits(u128::from_be_bytes(lead));
        if lead == row.lead {
            return self.marked(row).map(Some);
        }
        let answer = self.answer(lead)?;
        let same_body = fingerprint == row.fingerprint;
        Ok(match replay_of(lead, same_body, answer.as_deref())? {
            Replay::None => None,
            Replay::Answered(answer) => Some(Accepted::Answered(answer)),
            Replay::InFlight(lead) => Some(Accepted::InFlight(lead)),
            Replay::OtherBody => Some(Accepted::OtherBody),
        })
    }

    fn quote_is_used(&mut self, row: &AcceptRow) -> Result<bool, Trouble> {
        match row.quote {
            Some(quote) => Ok(self.sql.find_redeemed.exists([bytes(quote.bits())])?),
            None => Ok(false),
        }
    }

    fn write_lead(&mut self, row: &AcceptRow) -> Result<(), Trouble> {
        let seq = self.next_seq();
        let (source, supplier) = (self.name(row.source.as_str())?, self.name(row.supplier.as_str())?);
        let (campaign, catalog) = (self.name(row.campaign.as_str())?, self.name(&row.catalog)?);
        self.sql.add_contents.execute(params![seq, row.sealed.0])?;
        self.sql.add_lead.execute(params![
            bytes(row.lead.bits()),
            seq,
            run_number(row.run),
            door_number(row.door),
            source,
            supplier,
            campaign,
            catalog,
            row.received.unix_ms(),
            row.people.0,
            row.quote.map(|quote| bytes(quote.bits())),
        ])?;
        let (state, run, attempts) = (LeadState::Selling, row.run, Vec::new());
        self.remember(row.lead, LeadRow { seq, state, run, attempts });
        Ok(())
    }
}

const fn door_number(door: Door) -> i64 {
    match door {
        Door::Lead => 0,
        Door::Ping => 1,
        Door::Post => 2,
    }
}
