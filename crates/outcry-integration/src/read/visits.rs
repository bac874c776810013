//! How much an answer may be searched. One can be built so that a harmless path meets each of its nodes many times.

use super::document::Doubt;
use std::cell::Cell;

/// Nodes that all the paths of a file may visit in one answer: some milliseconds.
const VISITS_MAX: u32 = 4_000_000;

/// Counts the nodes that were visited in one answer.
#[derive(Debug, Default)]
pub(crate) struct Visits(Cell<u32>);

impl Visits {
    /// Counts some more.
    ///
    /// # Errors
    /// They are too many: the answer is built to keep us busy.
    pub(crate) fn add(&self, nodes: usize) -> Result<(), Doubt> {
        let nodes = u32::try_from(nodes).unwrap_or(u32::MAX);
        self.0.set(self.0.get().saturating_add(nodes));
        if self.0.get() > VISITS_MAX {
            return Err(Doubt::Twice("the answer takes too long to search".to_owned()));
        }
        Ok(())
    }
}
