//! Sweeps out requests whose time is over.
//!
//! An index of their times would cost each lead one more page. Instead a hand goes round the keys as they stand, a few
//! with every homecoming: what is over goes page by page, and nobody waits for a large deletion. A request that is over
//! counts for nothing before it is swept (see `take_request`), so the hand may take its time: it looks at two keys for
//! each new one, and so comes by within half the time that requests are kept.

use super::desk::Desk;
use super::trouble::Trouble;
use outcry_core::moment::Moment;
use rusqlite::{OptionalExtension, params};

/// Looked at in each homecoming, at least.
const FEWEST: i64 = 64;

/// How many keys are looked at for each new one.
const FOR_EACH: i64 = 2;

/// The hand.
#[derive(Default)]
pub(super) struct Sweep {
    /// The last key it has looked at.
    at: [u8; 16],
    /// New keys since it last moved.
    new: i64,
    /// Requests from before this are over.
    since: Option<Moment>,
}

impl Sweep {
    /// A new request was written down, by an exchange that forgets what came before `since`.
    pub(super) fn note(&mut self, since: Moment) {
        self.new += 1;
        self.since = Some(since);
    }
}

impl Desk<'_> {
    /// Moves the hand on.
    pub(super) fn sweep(&mut self) -> Result<(), Trouble> {
        let Some(since) = self.sweep.since else { return Ok(()) };
        let stride = FEWEST + FOR_EACH * std::mem::take(&mut self.sweep.new);
        let end = self.sql.nth_request.query_row(params![self.sweep.at, stride], |row| row.get(0));
        let end: Option<[u8; 16]> = end.optional()?;
        // Past the last key it begins again at the first.
        let (from, to) = (self.sweep.at, end.unwrap_or([0xff; 16]));
        self.sql.forget_requests.execute(params![from, to, since.unix_ms()])?;
        self.sweep.at = end.unwrap_or_default();
        Ok(())
    }
}
