//! The writer's desk: its statements, and what it remembers between commands so as not to ask the database again.
//!
//! Whatever is remembered can be forgotten at any moment and is then read again. After a rollback it must be.

use super::claims::Claimed;
use super::consent::Withdrawers;
use super::counters::Counters;
use super::journal::Journal;
use super::leads::Leads;
use super::statements::Statements;
use super::suspects::Suspects;
use super::sweep::Sweep;
use super::trouble::{Trouble, unreadable};
use super::wheels::Wheels;
use super::writer::Trade;
use crate::stored;
use outcry_core::id::LeadId;
use outcry_core::record::Run;
use outcry_engine::ports::store::LeadState;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::Arc;

pub(super) struct Desk<'c> {
    pub(super) connection: &'c Connection,
    pub(super) sql: Statements<'c>,
    names: HashMap<Arc<str>, i64>,
    tally: Tally,
    pub(super) counters: Counters,
    pub(super) leads: Leads,
    /// The claims on the people of leads on their way, for those who ask twice.
    pub(super) claimed: Claimed,
    pub(super) suspects: Suspects,
    pub(super) withdrawers: Withdrawers,
    pub(super) sweep: Sweep,
    pub(super) wheels: Wheels,
    /// Leads that were erased by this process: no further post of one may begin, though its auction goes on.
    pub(super) erased: HashSet<LeadId>,
    pub(super) journal: Journal,
    /// Number of the last frame of the journal that is in the database.
    home: u64,
    /// How often something was put on the disk.
    pub(super) syncs: u64,
    seq: i64,
}

/// What commands add to the running totals, written when everything goes home.
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
    pub(super) fn new(connection: &'c Connection, journal: File) -> Result<Self, Trouble> {
        let sql = Statements::prepare(connection)?;
        let (mark, home) = home(connection)?;
        let mut desk = Self {
            connection,
            sql,
            names: HashMap::new(),
            tally: Tally::default(),
            counters: Counters::default(),
            leads: Leads::new(),
            claimed: Claimed::new(),
            suspects: Suspects::load(connection)?,
            withdrawers: Withdrawers::load(connection)?,
            sweep: Sweep::default(),
            wheels: Wheels::default(),
            erased: HashSet::new(),
            journal: Journal::new(journal, mark, home)?,
            home,
            syncs: 0,
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
        self.claimed.clear();
        self.wheels.forget();
        let last = "SELECT max(ifnull((SELECT max(seq) FROM contents), 0), ifnull((SELECT max(seq) FROM record), 0))";
        self.seq = self.connection.query_row(last, (), |row| row.get(0))?;
        Ok(())
    }

    /// Opens a transaction, if none is open, and does again what is in the journal and not in the database.
    pub(super) fn begin(&mut self) -> Result<(), Trouble> {
        if !self.connection.is_autocommit() {
            return Ok(());
        }
        self.sql.begin.execute(())?;
        for frame in self.journal.frames(self.home)? {
            for mut trade in stored::read_all::<Trade>(&frame)
                .map_err(unreadable("journal"))
                .map_err(Trouble::again)?
            {
                trade.run(self).map_err(Trouble::again)?;
            }
        }
        Ok(())
    }

    /// Commits everything that was done since the last time; then the journal begins again.
    pub(super) fn go_home(&mut self) -> Result<(), Trouble> {
        self.write_counters()?;
        self.write_wheels()?;
        self.write_tally()?;
        self.sweep()?;
        let last = self.journal.last();
        self.sql.set_home.execute([last.cast_signed()])?;
        self.sql.commit.execute(())?;
        self.home = last;
        self.syncs += 1;
        self.journal.begin_again();
        Ok(())
    }

    /// Puts what was done on the disk without committing it.
    pub(super) fn keep<'t>(&mut self, trades: impl Iterator<Item = &'t Trade>) -> Result<(), Trouble> {
        let mut trades = trades.peekable();
        if trades.peek().is_some() {
            self.journal.append(|frame| stored::write_all(trades, frame))?;
            self.syncs += 1;
        }
        Ok(())
    }

    /// Is everything that was done in the database?
    pub(super) fn is_at_home(&self) -> bool {
        self.connection.is_autocommit() && self.journal.is_empty()
    }

    /// Undoes what is not in the database. What of it is in the journal is done again by the next [`Desk::begin`]. A full
    /// disk may have rolled the transaction back already.
    pub(super) fn roll_back(&mut self) -> Result<(), Trouble> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        self.forget()
    }

    /// The last of a store. If it did not get home, the next start takes the journal there.
    pub(super) fn close(&self) -> Result<(), Trouble> {
        if self.is_at_home() { Ok(self.journal.clear()?) } else { Ok(()) }
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

    /// The name of a number.
    pub(super) fn name_of(&mut self, number: i64) -> Result<Arc<str>, Trouble> {
        let text: String = self.sql.read_name.query_row([number], |row| row.get(0))?;
        Ok(text.into())
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

    /// Writes down what was counted; part of the transaction that goes home.
    pub(super) fn write_tally(&mut self) -> Result<(), Trouble> {
        for (what, change) in std::mem::take(&mut self.tally).parts() {
            if change != 0 {
                self.sql.add_to_tally.execute(params![what, change])?;
            }
        }
        Ok(())
    }
}

/// The mark of a database, and the last frame of the journal that is in it.
pub(super) fn home(connection: &Connection) -> rusqlite::Result<(i64, u64)> {
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()));
    connection.query_row("SELECT mark, frame FROM home", (), row)
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
