//! A look into a data folder from outside: it only reads, so it may run beside the process that trades.

use super::open::{OpenFault, read_only};
use super::read;
use outcry_core::id::LeadId;
use outcry_core::record::{Record, Subject};
use outcry_engine::ports::store::{Books, LeadStanding, StoreFault};
use rusqlite::Connection;
use std::path::Path;

/// Reads a data folder without taking it.
pub struct Reader(Connection);

impl Reader {
    /// Opens the database of a folder for reading.
    ///
    /// # Errors
    /// An [`OpenFault`] if there is no database, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, OpenFault> {
        read_only(folder).map(Self)
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

    /// What is known of a lead.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn lead(&self, id: LeadId) -> Result<Option<LeadStanding>, StoreFault> {
        read::lead(&self.0, id).map_err(|trouble| trouble.fault())
    }

    /// The books.
    ///
    /// # Errors
    /// A [`StoreFault`] if the database cannot be read.
    pub fn books(&self) -> Result<Books, StoreFault> {
        read::books(&self.0).map_err(|trouble| trouble.fault())
    }
}
