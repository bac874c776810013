//! What a new start finds of the starts before it, and what it makes of it.
//!
//! An intent whose owner is gone may have been sent: it becomes unknown and keeps everything it holds. What can be
//! computed twice is computed again, and a difference is mended and loudly reported: it means that we have a bug.

use super::counters::Window;
use super::desk::{Desk, Tally, bytes};
use super::leads::{LeadRow, lead_state_number};
use super::trouble::{Trouble, unreadable};
use crate::standing::{self, AttemptState};
use crate::stored::{self, Taken};
use outcry_core::id::{AttemptId, BootId, LeadId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use outcry_core::record::Run;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{EXPIRED_NAMED_MAX, Expired, LeadState, Recovery, Tell};
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

type Counters = BTreeMap<Window, i64>;

/// Without a sale there is no amount, and its currency does not matter.
const NOTHING: (Money, Currency) = (Money::ZERO, Currency::USD);

impl Desk<'_> {
    pub(super) fn recover(&mut self, boot: BootId, now: Moment, tell: &Tell) -> Result<Recovery, Trouble> {
        let unknown = self.orphan_intents(boot, now)?;
        self.leads.clear();
        let (expired, expired_leads) = self.close_leads(now, tell)?;
        self.write_counters()?;
        self.write_tally()?;
        let counters_mended = self.mend_counters()? + self.mend_tally()?;
        self.check_entries()?;
        let waiting = "SELECT count(*) FROM message WHERE state = 0";
        let messages_waiting = self.connection.query_row(waiting, (), |row| row.get::<_, i64>(0))?.cast_unsigned();
        Ok(Recovery {
            unknown,
            expired,
            expired_leads,
            counters_mended,
            messages_waiting,
        })
    }

    fn orphan_intents(&mut self, boot: BootId, now: Moment) -> Result<u64, Trouble> {
        let changed = self.connection.execute(
            "UPDATE attempt SET state = ?3, ended = ?2 WHERE state = 0 AND boot <> ?1",
            params![bytes(boot.bits()), now.unix_ms(), standing::number(AttemptState::Unknown)],
        )?;
        Ok(changed as u64)
    }

    /// Every lead that was on its way goes where its attempts say: sold, uncertain, still selling by this boot, or unsold. How
    /// many are unsold, and who the first of those are that have come to an end.
    fn close_leads(&mut self, now: Moment, tell: &Tell) -> Result<(u64, Vec<Expired>), Trouble> {
        let (mut expired, mut named) = (0, Vec::new());
        for found in self.selling()? {
            let closed = self.with_lead(found.lead, |desk, lead| desk.close_lead(found.lead, lead))?;
            let Some((state @ (LeadState::Sold | LeadState::Unsold), payout)) = closed else {
                continue;
            };
            expired += u64::from(state == LeadState::Unsold);
            let closed = Expired { state, payout, ..found };
            if let Some(message) = tell(&closed) {
                self.add_message(&message, now)?;
            }
            if named.len() < EXPIRED_NAMED_MAX {
                named.push(closed);
            }
        }
        Ok((expired, named))
    }

    /// Lead ids sort by time, so the earliest come first.
    fn selling(&self) -> Result<Vec<Expired>, Trouble> {
        let selling = "SELECT lead.id, text, run FROM lead JOIN name ON name.id = source WHERE state = 0 ORDER BY lead.id";
        let mut find = self.connection.prepare(selling)?;
        let leads = find.query_map((), |row| {
            Ok(Expired {
                lead: LeadId::from_bits(u128::from_be_bytes(row.get(0)?)),
                source: SourceName::new(row.get::<_, String>(1)?),
                run: if row.get::<_, i64>(2)? == 0 { Run::Live } else { Run::Test },
                state: LeadState::Selling,
                payout: Money::ZERO,
            })
        })?;
        Ok(leads.collect::<Result<_, _>>()?)
    }

    /// Says where a lead has come to. The last word replaces what its source was told before; "pending" replaces nothing.
    fn close_lead(&mut self, id: LeadId, lead: &mut LeadRow) -> Result<(LeadState, Money), Trouble> {
        let has = |state| lead.attempts.iter().any(|attempt| attempt.state == state);
        let (state, status, (payout, currency)) = match () {
            () if has(AttemptState::Intent) => return Ok((lead.state, Money::ZERO)),
            () if has(AttemptState::Accepted) => (LeadState::Sold, Status::Sold, self.payout_of(id)?),
            () if has(AttemptState::Unknown) => (LeadState::Uncertain, Status::Pending, NOTHING),
            () => (LeadState::Unsold, Status::Unsold, NOTHING),
        };
        let told = status == Status::Pending && self.answer(id)?.is_some();
        let answer = Answer {
            lead: id,
            status,
            payout,
            currency,
            redirect_url: None,
            test: lead.run == Run::Test,
        };
        let answer = (!told).then(|| stored::write(&answer));
        self.sql
            .set_lead
            .execute(params![bytes(id.bits()), lead_state_number(state), answer])?;
        self.count_move(lead.run, lead.state, state);
        lead.state = state;
        Ok((state, payout))
    }

    /// What was booked for the supplier of a lead.
    fn payout_of(&self, id: LeadId) -> Result<(Money, Currency), Trouble> {
        let booked = self.connection.query_row(
            "SELECT -sum(micros), currency FROM entry JOIN name ON name.id = account WHERE lead = ?1 AND text LIKE 'supplier/%' GROUP BY currency",
            [bytes(id.bits())],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?)),
        );
        Ok(booked.optional()?.map_or(NOTHING, |(micros, currency)| {
            (Money::from_micros(micros), Currency::parse(&currency).unwrap_or(Currency::USD))
        }))
    }

    /// Counters must be the sum of what open and accepted attempts hold.
    fn mend_counters(&mut self) -> Result<u64, Trouble> {
        let (held, kept) = (self.held()?, self.kept()?);
        let keys: BTreeSet<&Window> = held.keys().chain(kept.keys()).collect();
        let amount = |counters: &Counters, key| counters.get(key).copied().unwrap_or(0);
        let wrong: Vec<&Window> = keys.into_iter().filter(|key| amount(&held, key) != amount(&kept, key)).collect();
        for key in &wrong {
            let (used, found) = (amount(&held, key), amount(&kept, key));
            tracing::error!(
                cap = key.0,
                since = key.1,
                used,
                found,
                "a counter did not match its holds and was set right"
            );
            let set = "INSERT INTO counter (cap, since, used) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET used = ?3";
            self.connection.execute(set, params![key.0, key.1, used])?;
        }
        let mended = wrong.len() as u64;
        self.counters.forget();
        Ok(mended)
    }

    fn held(&self) -> Result<Counters, Trouble> {
        let mut held = Counters::new();
        let mut find = self
            .connection
            .prepare("SELECT taken, state FROM attempt WHERE state IN (0, 1, 2, 3, 5)")?;
        let mut rows = find.query(())?;
        while let Some(row) = rows.next()? {
            let taken = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let taken: Taken = stored::read(taken).map_err(unreadable("attempt"))?;
            let state = standing::from_number(row.get(1)?);
            for hold in state.into_iter().flat_map(|state| taken.held(state)) {
                *held.entry((hold.cap, hold.window.unix_ms())).or_default() += hold.amount;
            }
        }
        Ok(held)
    }

    fn kept(&self) -> Result<Counters, Trouble> {
        let mut find = self.connection.prepare("SELECT cap, since, used FROM counter WHERE pings = 0")?;
        let rows = find.query_map((), |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The running totals must be the count of live leads and the sum of entries.
    fn mend_tally(&mut self) -> Result<u64, Trouble> {
        let mut mended = 0;
        for (what, total) in self.recount()?.parts() {
            let found: i64 = self
                .connection
                .query_row("SELECT total FROM tally WHERE what = ?1", [what], |row| row.get(0))?;
            if found != total {
                tracing::error!(what, total, found, "a running total did not match what it counts and was set right");
                self.connection
                    .execute("UPDATE tally SET total = ?2 WHERE what = ?1", params![what, total])?;
                mended += 1;
            }
        }
        Ok(mended)
    }

    fn recount(&self) -> Result<Tally, Trouble> {
        let leads = "SELECT count(*), ifnull(sum(state = 1), 0), ifnull(sum(state = 2), 0) FROM lead WHERE run = 0";
        let (leads, sold, unsold) = self
            .connection
            .query_row(leads, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let money = "SELECT ifnull(sum(micros) FILTER (WHERE text LIKE 'buyer/%'), 0), ifnull(-sum(micros) FILTER (WHERE text LIKE 'supplier/%'), 0),
                     ifnull(-sum(micros) FILTER (WHERE text = 'margin'), 0) FROM entry JOIN name ON name.id = account";
        let (price, payout, margin) = self
            .connection
            .query_row(money, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Tally {
            leads,
            sold,
            unsold,
            price,
            payout,
            margin,
        })
    }

    /// Entries are only ever added, and add up to nothing. What does not was changed by hand, and only a person can say why.
    fn check_entries(&self) -> Result<(), Trouble> {
        let mut find = self
            .connection
            .prepare("SELECT attempt, sum(micros) FROM entry GROUP BY attempt, currency HAVING sum(micros) <> 0")?;
        let mut rows = find.query(())?;
        while let Some(row) = rows.next()? {
            let attempt = AttemptId::from_bits(u128::from_be_bytes(row.get(0)?));
            tracing::error!(attempt.id = %attempt, left_over = row.get::<_, i64>(1)?, "the entries of a sale do not add up");
        }
        Ok(())
    }
}
