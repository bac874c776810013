//! What is read back, each from one snapshot, on threads of their own: a slow report holds up neither the writer nor a lead.

use super::accept::replay_of;
use super::desk::bytes;
use super::leads::lead_state;
use super::trouble::{Trouble, unreadable};
use crate::standing::{self, AttemptState};
use crate::stored;
use outcry_core::id::{AttemptId, ContractName, LeadId, MessageId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::record::{Ending, Record, Subject};
use outcry_engine::ports::store::{
    Books, Counter, InReview, LeadStanding, ListChange, Message, PersonKey, Replay, RouteDay, Signed, Waiting,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

/// Work for a reading thread.
pub(super) type Job = Box<dyn FnOnce(&Connection) + Send>;

pub(super) fn replay(connection: &Connection, request: [u8; 16], fingerprint: [u8; 32], since: Moment) -> Result<Replay, Trouble> {
    let mut find = connection.prepare_cached(
        "SELECT request.lead, fingerprint, answer FROM request JOIN lead ON lead.id = request.lead WHERE request.id = ?1 AND ?2 <= at",
    )?;
    let found = find.query_row(params![request, since.unix_ms()], |row| {
        Ok((number(row, 0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, Option<Vec<u8>>>(2)?))
    });
    match found.optional()? {
        Some((lead, kept, answer)) => replay_of(LeadId::from_bits(lead), kept == fingerprint, answer.as_deref()),
        None => Ok(Replay::None),
    }
}

pub(super) fn record(connection: &Connection, subject: Subject) -> Result<Option<Record>, Trouble> {
    let (sql, id) = match subject {
        Subject::Lead(id) => ("SELECT body FROM record JOIN lead USING (seq) WHERE lead.id = ?1", id.bits()),
        Subject::Quote(id) => ("SELECT body FROM record JOIN quote USING (seq) WHERE quote.id = ?1", id.bits()),
    };
    let body: Option<Vec<u8>> = connection
        .prepare_cached(sql)?
        .query_row([bytes(id)], |row| row.get(0))
        .optional()?;
    body.map(|body| stored::read(&body).map_err(unreadable("record"))).transpose()
}

pub(super) fn latest(connection: &Connection, at_most: usize) -> Result<Vec<Record>, Trouble> {
    let mut find = connection.prepare_cached("SELECT body FROM record ORDER BY seq DESC LIMIT ?1")?;
    all(&mut find, [limit(at_most)], |row| row.get::<_, Vec<u8>>(0))?
        .iter()
        .map(|body| stored::read(body).map_err(unreadable("record")))
        .collect()
}

/// Records are numbered when their leads come in. Two that come in together may be numbered either way around, so
/// the look back ends a little beyond its end.
const NUMBERED_LATER_MS: i64 = 3_600_000;

pub(super) fn each_since(connection: &Connection, since: Moment, mut visit: impl FnMut(Record)) -> Result<(), Trouble> {
    let mut find = connection.prepare_cached("SELECT body FROM record ORDER BY seq DESC")?;
    let mut rows = find.query([])?;
    while let Some(row) = rows.next()? {
        let record: Record = stored::read(&row.get::<_, Vec<u8>>(0)?).map_err(unreadable("record"))?;
        if record.received < since.plus_ms(-NUMBERED_LATER_MS) {
            break;
        }
        if since <= record.received {
            visit(record);
        }
    }
    Ok(())
}

/// Leads that wait for review, oldest first. Why they wait stands in their records.
pub(super) fn in_review(connection: &Connection, at_most: usize) -> Result<Vec<InReview>, Trouble> {
    let mut find = connection.prepare_cached(
        "SELECT lead.id, received, body FROM lead JOIN record USING (seq) WHERE lead.state = 5 ORDER BY lead.seq LIMIT ?1",
    )?;
    let found = all(&mut find, [limit(at_most)], |row| {
        Ok((number(row, 0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let waiting = found.into_iter().map(|(lead, received, body)| {
        let record: Record = stored::read(&body).map_err(unreadable("record"))?;
        let why = match record.ending {
            Ending::Review { why, .. } => why,
            _ => "".into(),
        };
        Ok(InReview {
            lead: LeadId::from_bits(lead),
            source: record.source,
            campaign: record.campaign,
            received: Moment::from_unix_ms(received),
            why,
        })
    });
    waiting.collect()
}

pub(super) fn lead(connection: &Connection, id: LeadId) -> Result<Option<LeadStanding>, Trouble> {
    // Lead and attempts from one snapshot: between two statements of their own an outcome could slip in.
    let snapshot = connection.unchecked_transaction()?;
    let mut find =
        snapshot.prepare_cached("SELECT text, state, received, answer FROM lead JOIN name ON name.id = source WHERE lead.id = ?1")?;
    let found = find.query_row([bytes(id.bits())], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get::<_, Option<Vec<u8>>>(3)?,
        ))
    });
    let Some((source, state, received, answer)) = found.optional()? else {
        return Ok(None);
    };
    let answer = answer
        .map(|answer| stored::read(&answer).map_err(unreadable("answer")))
        .transpose()?;
    Ok(Some(LeadStanding {
        lead: id,
        source: SourceName::new(source),
        state: lead_state(state)?,
        received: Moment::from_unix_ms(received),
        attempts: attempts(&snapshot, id)?,
        answer,
    }))
}

fn attempts(connection: &Connection, lead: LeadId) -> Result<Vec<(AttemptId, ContractName, std::sync::Arc<str>)>, Trouble> {
    let mut find = connection.prepare_cached(
        "SELECT attempt.id, text, state FROM attempt JOIN name ON name.id = contract WHERE lead = ?1 ORDER BY began, attempt.id",
    )?;
    let rows = all(&mut find, [bytes(lead.bits())], |row| {
        Ok((number(row, 0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    let word = |state| standing::from_number(state).map_or("damaged", AttemptState::word);
    Ok(rows
        .into_iter()
        .map(|(id, contract, state)| (AttemptId::from_bits(id), ContractName::new(contract), word(state).into()))
        .collect())
}

pub(super) fn sealed(connection: &Connection, id: LeadId) -> Result<Option<Vec<u8>>, Trouble> {
    let mut find = connection.prepare_cached("SELECT sealed FROM contents JOIN lead USING (seq) WHERE lead.id = ?1")?;
    Ok(find.query_row([bytes(id.bits())], |row| row.get(0)).optional()?)
}

pub(super) fn due(connection: &Connection, now: Moment, at_most: usize) -> Result<Vec<Message>, Trouble> {
    let mut find =
        connection.prepare_cached("SELECT message.id, lead, url, tries, text, body FROM message LEFT JOIN name ON name.id = source WHERE state = 0 AND due <= ?1 ORDER BY due, message.id LIMIT ?2")?;
    all(&mut find, params![now.unix_ms(), limit(at_most)], |row| {
        let signed = row.get::<_, Option<String>>(4)?.zip(row.get::<_, Option<String>>(5)?);
        Ok(Message {
            id: MessageId::from_bits(number(row, 0)?),
            lead: LeadId::from_bits(number(row, 1)?),
            url: row.get::<_, String>(2)?.into(),
            tries: row.get(3)?,
            signed: signed.map(|(source, body)| Signed {
                source: SourceName::new(source),
                body: body.into(),
            }),
        })
    })
}

pub(super) fn counters(connection: &Connection) -> Result<Vec<Counter>, Trouble> {
    let mut find = connection
        .prepare_cached("SELECT text, since, used, first FROM counter JOIN name ON name.id = cap WHERE used <> 0 ORDER BY text, since")?;
    all(&mut find, (), |row| {
        Ok(Counter {
            cap: row.get::<_, String>(0)?.into(),
            window: Moment::from_unix_ms(row.get(1)?),
            used: row.get(2)?,
            first: row.get::<_, Option<i64>>(3)?.map(Moment::from_unix_ms),
        })
    })
}

pub(super) fn waiting(connection: &Connection, now: Moment, at_most: usize) -> Result<Vec<Waiting>, Trouble> {
    let mut find = connection.prepare_cached("SELECT body FROM waiting WHERE due <= ?1 ORDER BY lead LIMIT ?2")?;
    all(&mut find, params![now.unix_ms(), limit(at_most)], |row| row.get::<_, Vec<u8>>(0))?
        .iter()
        .map(|body| stored::read(body).map_err(unreadable("waiting lead")))
        .collect()
}

/// What was changed on lists by hand: for each list what is on it, and what is off it.
pub(super) fn list_changes(connection: &Connection) -> Result<Vec<ListChange>, Trouble> {
    let mut find = connection.prepare_cached("SELECT text, is_on, entry FROM listed JOIN name ON name.id = list ORDER BY text, is_on")?;
    let rows = all(&mut find, (), |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, PersonKey(row.get(2)?)))
    })?;
    let same = |one: &(String, bool, PersonKey), other: &(String, bool, PersonKey)| (&one.0, one.1) == (&other.0, other.1);
    let change = |rows: &[(String, bool, PersonKey)]| ListChange {
        list: rows[0].0.as_str().into(),
        entries: rows.iter().map(|(_, _, entry)| *entry).collect(),
        on: rows[0].1,
    };
    Ok(rows.chunk_by(same).map(change).collect())
}

pub(super) fn outcomes(connection: &Connection, since: Moment) -> Result<Vec<RouteDay>, Trouble> {
    // Once a start: it looks at all attempts, for which there is no index by time.
    let mut find = connection.prepare_cached(
        "SELECT source.text, contract.text, ended / 86400000, sum(attempt.state = 2), sum(attempt.state = 3)
         FROM attempt JOIN lead ON lead.id = lead JOIN name source ON source.id = lead.source
         JOIN name contract ON contract.id = contract
         WHERE attempt.run = 0 AND ended >= ?1 AND attempt.state IN (2, 3) GROUP BY 1, 2, 3",
    )?;
    all(&mut find, [since.unix_ms()], |row| {
        Ok(RouteDay {
            source: SourceName::new(row.get::<_, String>(0)?),
            contract: ContractName::new(row.get::<_, String>(1)?),
            day: row.get(2)?,
            accepted: row.get::<_, i64>(3)?.unsigned_abs(),
            rejected: row.get::<_, i64>(4)?.unsigned_abs(),
        })
    })
}

pub(super) fn books(connection: &Connection) -> Result<Books, Trouble> {
    let mut books = Books::default();
    let mut find = connection.prepare_cached("SELECT what, total FROM tally")?;
    for (what, total) in all(&mut find, (), |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))? {
        let count = u64::try_from(total).unwrap_or(0);
        match &*what {
            "leads" => books.leads = count,
            "sold" => books.sold = count,
            "unsold" => books.unsold = count,
            "price" => books.price = Money::from_micros(total),
            "payout" => books.payout = Money::from_micros(total),
            "margin" => books.margin = Money::from_micros(total),
            _ => {}
        }
    }
    books.pending = books.leads.saturating_sub(books.sold + books.unsold);
    Ok(books)
}

pub(super) fn all<T>(
    statement: &mut CachedStatement<'_>,
    params: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Trouble> {
    Ok(statement.query_map(params, read)?.collect::<Result<_, _>>()?)
}

/// An id's 128 bits from its key.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    row.get(column).map(u128::from_be_bytes)
}

pub(super) fn limit(at_most: usize) -> i64 {
    i64::try_from(at_most).unwrap_or(i64::MAX)
}
