//! What is told of attempts to whoever comes back to them.

use super::desk::bytes;
use super::leads::lead_state;
use super::read::{all, limit, number};
use super::trouble::{Trouble, unreadable};
use crate::standing;
use crate::stored::{self, Packed, Taken};
use crate::vault::Vault;
use outcry_core::cap::Span;
use outcry_core::id::{AttemptId, BuyerName, CampaignName, ContractName, LeadId, QuoteId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::record::{Door, Run};
use outcry_engine::ports::store::{CaseAttempt, Frees, Hold, LeadCase, Memo, OpenAttempt, StoreFault};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

/// A lead and its attempts, the memos still sealed.
pub(super) struct SealedCase {
    case: LeadCase,
    memos: Vec<Option<Vec<u8>>>,
    record: Option<Vec<u8>>,
}

/// A memo as it lies in the store: like a lead's contents, under the id of its attempt.
pub(super) fn sealed(vault: &Vault, attempt: AttemptId, memo: &Memo) -> Packed {
    Packed(vault.seal(LeadId::from_bits(attempt.bits()), stored::write(memo)))
}

impl SealedCase {
    pub(super) fn opened(mut self, vault: &Vault) -> Result<LeadCase, StoreFault> {
        for (attempt, memo) in self.case.attempts.iter_mut().zip(self.memos) {
            let Some(memo) = memo else { continue };
            let closed = |why: String| StoreFault::Broken(format!("what was kept of {} stays sealed: {why}", attempt.id).into());
            let opened = vault.open(LeadId::from_bits(attempt.id.bits()), &memo);
            let opened = opened.map_err(|fault| closed(fault.to_string()))?;
            attempt.memo = Some(stored::read(&opened).map_err(|why| closed(why.to_string()))?);
        }
        let damaged =
            |why: stored::Unreadable| StoreFault::Broken(format!("the record of {} cannot be read: {why}", self.case.lead).into());
        let record = self.record.map(|record| stored::read(&record).map_err(damaged)).transpose()?;
        self.case.record = record.map(Box::new);
        Ok(self.case)
    }
}

pub(super) fn of(connection: &Connection, id: LeadId) -> Result<Option<SealedCase>, Trouble> {
    let mut find = connection.prepare_cached(
        "SELECT source.text, campaign.text, door, run, received, quote, state, answer FROM lead
         JOIN name source ON source.id = source JOIN name campaign ON campaign.id = campaign WHERE lead.id = ?1",
    )?;
    let found = find.query_row([bytes(id.bits())], |row| {
        let state = row.get::<_, i64>(6)?;
        let answer = row.get::<_, Option<Vec<u8>>>(7)?;
        Ok((standing_of(id, row)?, state, answer))
    });
    let Some((mut case, state, answer)) = found.optional()? else {
        return Ok(None);
    };
    case.state = lead_state(state)?;
    case.answer = answer
        .map(|answer| stored::read(&answer).map_err(unreadable("answer")))
        .transpose()?;
    let mut find = connection.prepare_cached(
        "SELECT attempt.id, text, state, price, began, ended, taken, sale, memo FROM attempt JOIN name ON name.id = contract
         WHERE lead = ?1 ORDER BY began, attempt.id",
    )?;
    let mut rows = find.query([bytes(id.bits())])?;
    let mut memos = Vec::new();
    while let Some(row) = rows.next()? {
        case.attempts.push(attempt(connection, row)?);
        memos.push(row.get(8)?);
    }
    let mut find = connection.prepare_cached("SELECT body FROM record JOIN lead USING (seq) WHERE lead.id = ?1")?;
    let record = find.query_row([bytes(id.bits())], |row| row.get(0)).optional()?;
    Ok(Some(SealedCase { case, memos, record }))
}

fn standing_of(id: LeadId, row: &Row<'_>) -> rusqlite::Result<LeadCase> {
    let door = match row.get::<_, i64>(2)? {
        0 => Door::Lead,
        1 => Door::Ping,
        _ => Door::Post,
    };
    let quote: Option<[u8; 16]> = row.get(5)?;
    Ok(LeadCase {
        lead: id,
        source: SourceName::new(row.get::<_, String>(0)?),
        campaign: CampaignName::new(row.get::<_, String>(1)?),
        door,
        run: run(row.get(3)?),
        received: Moment::from_unix_ms(row.get(4)?),
        quote: quote.map(|bits| QuoteId::from_bits(u128::from_be_bytes(bits))),
        state: outcry_engine::ports::store::LeadState::Selling,
        answer: None,
        attempts: Vec::new(),
        record: None,
    })
}

const fn run(number: i64) -> Run {
    if number == 0 { Run::Live } else { Run::Test }
}

fn attempt(connection: &Connection, row: &Row<'_>) -> Result<CaseAttempt, Trouble> {
    let id = AttemptId::from_bits(number(row, 0)?);
    let state = standing::from_number(row.get(2)?);
    let taken: Taken = stored::read(&row.get::<_, Vec<u8>>(6)?).map_err(unreadable("attempt"))?;
    let mut cap = connection.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
    let sold = taken.holds.iter().map(|hold| (hold, Frees::NotSold));
    let sent = taken.sent.iter().map(|hold| (hold, Frees::NotSent));
    let mut holds = Vec::with_capacity(taken.holds.len() + taken.sent.len());
    for (hold, frees) in sold.chain(sent) {
        holds.push(Hold {
            cap: cap.query_row([hold.cap], |row| row.get::<_, String>(0))?.into(),
            span: Span {
                start: hold.window,
                since: hold.window,
                end: None,
            },
            limit: 0,
            amount: hold.amount,
            frees,
        });
    }
    let sale = row.get::<_, Option<Vec<u8>>>(7)?;
    Ok(CaseAttempt {
        id,
        contract: ContractName::new(row.get::<_, String>(1)?),
        state: state.ok_or_else(|| Trouble::Bug(format!("the stored {id} is in no known state")))?,
        price: Money::from_micros(row.get(3)?),
        began: Moment::from_unix_ms(row.get(4)?),
        ended: row.get::<_, Option<i64>>(5)?.map(Moment::from_unix_ms),
        holds,
        sale: sale.map(|sale| stored::read(&sale).map_err(unreadable("sale"))).transpose()?,
        memo: None,
    })
}

pub(super) fn unknowns(connection: &Connection, after: Option<(Moment, AttemptId)>, at_most: usize) -> Result<Vec<OpenAttempt>, Trouble> {
    let mut find = connection.prepare_cached(
        "SELECT attempt.lead, attempt.id, contract.text, buyer.text, source.text, campaign.text, attempt.run, attempt.state,
                attempt.price, attempt.began, attempt.ended, attempt.verdict
         FROM attempt INDEXED BY attempt_open JOIN lead ON lead.id = attempt.lead
         JOIN name contract ON contract.id = attempt.contract JOIN name buyer ON buyer.id = attempt.buyer
         JOIN name source ON source.id = lead.source JOIN name campaign ON campaign.id = lead.campaign
         WHERE attempt.state IN (1, 5) AND (attempt.began, attempt.id) > (?1, ?2) ORDER BY attempt.began, attempt.id LIMIT ?3",
    )?;
    let (began, id) = after.map_or((i64::MIN, 0), |(began, id)| (began.unix_ms(), id.bits()));
    let rows = all(&mut find, params![began, bytes(id), limit(at_most)], |row| {
        let name = |column| row.get::<_, String>(column).map(Arc::<str>::from);
        let verdict = row.get::<_, Option<Vec<u8>>>(11)?;
        let open = OpenAttempt {
            lead: LeadId::from_bits(number(row, 0)?),
            attempt: AttemptId::from_bits(number(row, 1)?),
            contract: ContractName::new(name(2)?),
            buyer: BuyerName::new(name(3)?),
            source: SourceName::new(name(4)?),
            campaign: CampaignName::new(name(5)?),
            run: run(row.get(6)?),
            state: standing::from_number(row.get(7)?).unwrap_or(standing::AttemptState::Unknown),
            price: Money::from_micros(row.get(8)?),
            began: Moment::from_unix_ms(row.get(9)?),
            ended: row.get::<_, Option<i64>>(10)?.map(Moment::from_unix_ms),
            verdict: None,
        };
        Ok((open, verdict))
    })?;
    let with_verdict = |(open, verdict): (OpenAttempt, Option<Vec<u8>>)| {
        let verdict = verdict
            .map(|bytes| stored::read(&bytes).map_err(unreadable("verdict")))
            .transpose()?;
        Ok(OpenAttempt { verdict, ..open })
    };
    rows.into_iter().map(with_verdict).collect()
}
