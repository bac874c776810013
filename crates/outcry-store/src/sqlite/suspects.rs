//! Whom somebody may have put on a list by hand, or taken off it: short digests of all of them, kept in memory.
//!
//! Nearly nobody is, and asking the table for each entry reads pages from all over it. A digest
//! that is not here is in no row; one that is here may be, and the table decides. So it may hold too much and never
//! too little: entries come in before the table is written, and a rollback leaves them.

use super::trouble::Trouble;
use outcry_engine::ports::store::PersonKey;
use rusqlite::Connection;
use std::collections::HashSet;

/// Beyond so many entries (about 70 MB here) the table is asked for everybody.
const ENTRIES_MOST: usize = 4_000_000;

/// `None` once there are too many to remember: then everybody is a suspect.
pub(super) struct Suspects(Option<HashSet<u64>>);

impl Suspects {
    /// Reads all that are in any row.
    pub(super) fn load(connection: &Connection) -> Result<Self, Trouble> {
        let mut suspects = Self(Some(HashSet::new()));
        let mut people = connection.prepare("SELECT entry FROM listed")?;
        let mut rows = people.query(())?;
        while let Some(row) = rows.next()? {
            suspects.add(PersonKey(row.get(0)?));
        }
        Ok(suspects)
    }

    /// An entry is put on a list, or taken off it.
    pub(super) fn add(&mut self, person: PersonKey) {
        if let Some(digests) = &mut self.0 {
            digests.insert(short(person));
            if digests.len() > ENTRIES_MOST {
                self.0 = None;
            }
        }
    }

    /// Can there be a row at all?
    pub(super) fn may_hold(&self, person: PersonKey) -> bool {
        self.0.as_ref().is_none_or(|digests| digests.contains(&short(person)))
    }
}

/// The keys are digests already, so a part of one is as good as any hash of it.
fn short(person: PersonKey) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|at| person.0[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_never_suspected_and_everybody_is_once_there_are_too_many() {
        let (listed, stranger) = (PersonKey([7; 16]), PersonKey([8; 16]));
        let mut suspects = Suspects(Some(HashSet::new()));
        suspects.add(listed);
        assert!(suspects.may_hold(listed));
        assert!(!suspects.may_hold(stranger));
        assert!(Suspects(None).may_hold(stranger));
    }
}
