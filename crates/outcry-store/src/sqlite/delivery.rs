//! T4: one try at telling somebody. And the two small errands of the writer: suppression entries and quotes' records.

use super::desk::{Desk, bytes};
use super::trouble::Trouble;
use crate::stored::{self, Input, Packed, Stored, Unreadable, structure};
use outcry_core::id::QuoteId;
use outcry_core::record::Record;
use outcry_engine::ports::store::{Delivery, DeliveryResult, PersonKey};
use rusqlite::params;
use std::sync::Arc;

/// The record of a ping that asked for a quote, packed.
pub(super) struct QuoteRow {
    quote: QuoteId,
    record: Packed,
}

structure! {
    QuoteRow { quote, record }
}

impl QuoteRow {
    pub(super) fn new(quote: QuoteId, record: &Record) -> Self {
        Self {
            quote,
            record: Packed(stored::write(record)),
        }
    }
}

/// Digests for a suppression list.
pub(super) struct SuppressRow {
    pub(super) list: Arc<str>,
    pub(super) people: Vec<PersonKey>,
}

impl Desk<'_> {
    pub(super) fn deliver(&mut self, delivery: &Delivery) -> Result<(), Trouble> {
        let (state, due, why) = match &delivery.result {
            DeliveryResult::Arrived => (1, None, None),
            DeliveryResult::Again { due, why } => (0, Some(due.unix_ms()), Some(&**why)),
            DeliveryResult::Dead { why } => (2, None, Some(&**why)),
        };
        self.sql
            .deliver
            .execute(params![bytes(delivery.message.bits()), delivery.at.unix_ms(), state, due, why])?;
        Ok(())
    }

    pub(super) fn suppress(&mut self, row: &SuppressRow) -> Result<(), Trouble> {
        let list = self.name(&row.list)?;
        for person in &row.people {
            self.suspects.add(*person);
            self.sql.suppress.execute(params![person.0, list])?;
        }
        Ok(())
    }

    pub(super) fn keep_quote(&mut self, row: &QuoteRow) -> Result<(), Trouble> {
        let seq = self.next_seq();
        if self.sql.add_quote.execute(params![bytes(row.quote.bits()), seq])? == 1 {
            self.sql.put_record.execute(params![seq, row.record.0])?;
        }
        Ok(())
    }
}
