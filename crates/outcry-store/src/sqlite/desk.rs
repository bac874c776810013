//! The writer's desk: its statements, and what it remembers between commands so as not to ask the database again.
//!
//! Whatever is remembered can be forgotten at any moment and is then read again. After a rollback it must be.

use super::counters::Counters;
use super::leads::Leads;
use super::statements::Statements;
use super::suspects::Suspects;
use super::trouble::Trouble;
use outcry_core::record::Run;
use outcry_engine::ports::store::LeadState;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) struct Desk<'c> {
    pub(super) connection: &'c Connection,
    pub(super) sql: Statements<'c>,
    names: HashMap<Arc<str>, i64>,
    tally: Tally,
    pub(super) counters: Counters,
    pub(super) leads: Leads,
    pub(super) suspects: Suspects,
    seq: i64,
}

/// What the commands of one group add to the running totals, written once a group.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) leads: i64,
    pub(super) sold: i64,
    pub(super) unsold: i64,
    pub(super) price: i64,
    pub(super) payout: i64,
    pub(super) margin: i64,
}

impl Tally {
    pub(super) fn parts(&self) -> [(&'static str, i64); 6] {
        [
            ("leads", self.leads),
            ("sold", self.sold),
            ("unsold", self.unsold),
            ("price", self.price),
            ("payout", self.payout),
            ("margin", self.margin),
        ]
    }
}

impl<'c> Desk<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, Trouble> {
        let sql = Statements::prepare(connection)?;
        let mut desk = Self {
            connection,
            sql,
            names: HashMap::new(),
            tally: Tally::default(),
            counters: Counters::default(),
            leads: Leads::new(),
            suspects: Suspects::load(connection)?,
            seq: 0,
        };
        desk.forget()?;
        Ok(desk)
    }

    /// Reads again what a rollback may have undone.
    pub(super) fn forget(&mut self) -> Result<(), Trouble> {
        self.names.clear();
        self.tally = Tally::default();
        self.counters.forget();
        self.leads.clear();
        let last = "SELECT max(ifnull((SELECT max(seq) FROM contents), 0), ifnull((SELECT max(seq) FROM record), 0))";
        self.seq = self.connection.query_row(last, (), |row| row.get(0))?;
        Ok(())
    }

    /// The next place in the order in which leads and quotes came.
    pub(super) fn next_seq(&mut self) -> i64 {
        self.seq += 1;
        self.seq
    }

    /// The number of a name.
    pub(super) fn name(&mut self, text: &str) -> Result<i64, Trouble> {
        if let Some(number) = self.names.get(text) {
            return Ok(*number);
        }
        let known = self.sql.find_name.query_row([text], |row| row.get(0)).optional()?;
        let number = match known {
            Some(number) => number,
            None => self.sql.add_name.insert([text])?,
        };
        self.names.insert(text.into(), number);
        Ok(number)
    }

    /// Counts a new lead.
    pub(super) fn count_lead(&mut self, run: Run) {
        if run == Run::Live {
            self.tally.leads += 1;
        }
    }

    /// Counts a lead that moved from one state to another.
    pub(super) fn count_move(&mut self, run: Run, from: LeadState, to: LeadState) {
        let is = |state: LeadState, wanted: LeadState| i64::from(state == wanted);
        if run == Run::Live {
            self.tally.sold += is(to, LeadState::Sold) - is(from, LeadState::Sold);
            self.tally.unsold += is(to, LeadState::Unsold) - is(from, LeadState::Unsold);
        }
    }

    /// Counts a sale.
    pub(super) fn count_sale(&mut self, split: &outcry_core::price::Split) {
        self.tally.price += split.price.micros();
        self.tally.payout += split.payout.micros();
        self.tally.margin += split.margin.micros();
    }

    /// Writes down what the group has counted; part of its transaction.
    pub(super) fn write_tally(&mut self) -> Result<(), Trouble> {
        for (what, change) in std::mem::take(&mut self.tally).parts() {
            if change != 0 {
                self.sql.add_to_tally.execute(params![what, change])?;
            }
        }
        Ok(())
    }
}

/// An id as a key.
pub(super) const fn bytes(bits: u128) -> [u8; 16] {
    bits.to_be_bytes()
}

/// The number of a run in the store.
pub(super) const fn run_number(run: Run) -> i64 {
    match run {
        Run::Live => 0,
        Run::Test => 1,
    }
}
