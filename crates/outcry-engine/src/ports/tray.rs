//! The tray: what is sold and waits for whoever takes it, a buyer at its inbox or a file that is about to be written.
//!
//! An item is in the tray once, by the id of its attempt. What becomes a file is given the file's id first: after a crash
//! the same file is written again with the same rows, and no row is in two files.

use super::Later;
use super::store::StoreFault;
use outcry_core::id::AttemptId;
use outcry_core::moment::Moment;
use std::sync::Arc;

/// Keeps items until they are taken.
pub trait Tray: Send + Sync {
    /// Puts an item in. Durable when the future resolves; the same attempt again changes nothing.
    fn place(&self, item: TrayItem) -> Later<'_, Result<(), StoreFault>>;

    /// What waits in these slots behind a number, oldest first.
    fn waiting(&self, slots: Vec<Arc<str>>, after: u64, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>>;

    /// The buyer has these of its items: they wait no longer. Tells how many that were; the rest was taken before, or is
    /// not in these slots.
    fn acknowledge(&self, slots: Vec<Arc<str>>, items: Vec<AttemptId>, at: Moment) -> Later<'_, Result<u64, StoreFault>>;

    /// Was an item of this attempt ever put in?
    fn has(&self, attempt: AttemptId) -> Later<'_, Result<bool, StoreFault>>;

    /// The file that is to be written now, if any: one that was gathered and not yet taken, or a new one.
    fn gather(&self, ask: Gather) -> Later<'_, Result<Option<Batch>, StoreFault>>;

    /// The file is where it belongs: its rows wait no longer.
    fn taken(&self, batch: u128, at: Moment) -> Later<'_, Result<(), StoreFault>>;

    /// Erases what was taken before this moment, for good. Tells how many.
    fn forget(&self, before: Moment) -> Later<'_, Result<u64, StoreFault>>;
}

/// Something to be taken.
#[derive(Clone)]
pub struct TrayItem {
    /// By which attempt.
    pub attempt: AttemptId,
    /// Whose: the name of the contract, or that and `/test`.
    pub slot: Arc<str>,
    /// When.
    pub at: Moment,
    /// The line that stands above it in a file. Only rows with the same one share a file.
    pub head: Arc<str>,
    /// What it says. The store seals it.
    pub body: Vec<u8>,
}

/// An item that waits. It is personal data, so it has no `Debug`.
#[derive(Clone)]
pub struct Waiting {
    /// Its place in the order in which all items came.
    pub number: u64,
    /// By which attempt.
    pub attempt: AttemptId,
    /// Whose.
    pub slot: Arc<str>,
    /// Since when.
    pub at: Moment,
    /// What it says.
    pub body: Vec<u8>,
}

/// When a slot has a file to be written.
#[derive(Clone, Debug)]
pub struct Gather {
    /// Which slot.
    pub slot: Arc<str>,
    /// The id of the file, if a new one is begun.
    pub fresh: u128,
    /// Now.
    pub at: Moment,
    /// Rows that came before this moment are due.
    pub due_before: Moment,
    /// So many rows are due at once; a file has no more.
    pub rows_max: u32,
}

/// The rows of one file, in order. The same each time it is asked for.
#[derive(Clone)]
pub struct Batch {
    /// The id of the file.
    pub id: u128,
    /// When it was gathered.
    pub at: Moment,
    /// The line above the rows; empty for none.
    pub head: Arc<str>,
    /// The rows.
    pub rows: Vec<Vec<u8>>,
}
