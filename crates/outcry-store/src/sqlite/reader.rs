//! A look into a data folder from outside: it only reads, so it may run beside the process that trades.

use super::open::{Folder, OpenFault, read_only};
use super::{case, desk, journal, read, writer};
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::moment::Moment;
use outcry_core::record::{Record, Subject};
use outcry_engine::ports::store::{Books, Counter, LeadStanding, ListChange, OpenAttempt, StoreFault};
use rusqlite::Connection;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Longer than a process that lives keeps anything in the journal alone.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads a data folder without taking it.
pub struct Reader(Connection);

impl Reader {
    /// Opens the database of a folder for reading, when it holds everything that was answered before: the process that
    /// trades brings it home in a moment, and for one that was killed this does it.
    ///
    /// # Errors
    /// An [`OpenFault`] if there is no database, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, OpenFault> {
        let reader = Self(read_only(folder)?);
        let Some(last) = reader.away(folder) else { return Ok(reader) };
        let started = Instant::now();
        while reader.home().is_some_and(|(_, home)| home < last) && started.elapsed() < PATIENCE {
            match Folder::lock(folder) {
                Ok(left_behind) => bring_home(&left_behind)?,
                Err(OpenFault::InUse(_)) => wait(),
                // Whoever may not write here sees what there is.
                Err(_) => break,
            }
        }
        Ok(reader)
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.0
    }

    /// The last frame of the journal, if it is not in the database.
    fn away(&self, folder: &Path) -> Option<u64> {
        let (mark, home) = self.home()?;
        let last = journal::last_in(folder, mark, home).ok()?;
        (home < last).then_some(last)
    }

    /// `None` for a database from before there were journals.
    fn home(&self) -> Option<(i64, u64)> {
        desk::home(&self.0).ok()
    }

    /// The record of an auction.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn record(&self, subject: Subject) -> Result<Option<Record>, StoreFault> {
        read::record(&self.0, subject).map_err(|trouble| trouble.fault())
    }

    /// Records of the latest auctions, newest first.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn latest(&self, at_most: usize) -> Result<Vec<Record>, StoreFault> {
        read::latest(&self.0, at_most).map_err(|trouble| trouble.fault())
    }

    /// Shows the records of all auctions that came in since a moment, newest first: a lead before the quote that it
    /// redeemed. They are read one by one, so that a long time may be looked back on.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read, or holds a record that cannot.
    pub fn each_record_since(&self, since: Moment, visit: impl FnMut(Record)) -> Result<(), StoreFault> {
        read::each_since(&self.0, since, visit).map_err(|trouble| trouble.fault())
    }

    /// What is known of a lead.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadStanding>, StoreFault> {
        read::lead(&self.0, id).map_err(|trouble| trouble.fault())
    }

    /// Attempts that are unknown or written off, the oldest first, behind those that were given before.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Result<Vec<OpenAttempt>, StoreFault> {
        case::unknowns(&self.0, after, at_most).map_err(|trouble| trouble.fault())
    }

    /// Every counter in use.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn counters(&self) -> Result<Vec<Counter>, StoreFault> {
        read::counters(&self.0).map_err(|trouble| trouble.fault())
    }

    /// What was put on lists by hand, or taken off them, as digests.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn list_changes(&self) -> Result<Vec<ListChange>, StoreFault> {
        read::list_changes(&self.0).map_err(|trouble| trouble.fault())
    }

    /// The books.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn books(&self) -> Result<Books, StoreFault> {
        read::books(&self.0).map_err(|trouble| trouble.fault())
    }
}

fn bring_home(folder: &Folder) -> Result<(), OpenFault> {
    let (connection, journal) = folder.writer()?;
    writer::bring_home(&connection, journal).map_err(|trouble| folder.unusable(trouble.to_string()))
}

#[allow(
    clippy::disallowed_methods,
    reason = "another process brings it home, and there is nothing of it to wait for"
)]
fn wait() {
    thread::sleep(Duration::from_millis(10));
}
