//! T4: one try at telling somebody. And the two small errands of the writer: changes of lists by hand and quotes' records.

use super::desk::{Desk, bytes};
use super::trouble::Trouble;
use crate::stored::{self, Input, Packed, Stored, Unreadable, structure};
use outcry_core::id::QuoteId;
use outcry_core::record::Record;
use outcry_engine::ports::store::{Delivery, DeliveryResult, ListChange};
use rusqlite::params;

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

    pub(super) fn change_list(&mut self, change: &ListChange) -> Result<(), Trouble> {
        let list = self.name(&change.list)?;
        for entry in &change.entries {
            self.suspects.add(*entry);
            self.sql.put_listed.execute(params![entry.0, list, change.on])?;
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
