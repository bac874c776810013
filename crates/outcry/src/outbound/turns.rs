//! Limits how many calls to one contract are open at once, by turning away and never by queueing.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Calls open now, by the position of the contract in the catalog.
#[derive(Default)]
pub(super) struct Turns {
    open: RwLock<Vec<Arc<AtomicU32>>>,
}

/// One open call; it counts until it is dropped.
pub(super) struct Turn(Arc<AtomicU32>);

impl Turns {
    /// A turn, unless `calls_max` are taken.
    pub(super) fn take(&self, contract: usize, calls_max: u32) -> Option<Turn> {
        let open = self.of(contract);
        open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| (open < calls_max).then(|| open + 1))
            .ok()?;
        Some(Turn(open))
    }

    fn of(&self, contract: usize) -> Arc<AtomicU32> {
        if let Some(open) = self.open.read().unwrap_or_else(PoisonError::into_inner).get(contract) {
            return Arc::clone(open);
        }
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.len() <= contract {
            open.resize_with(contract + 1, Arc::default);
        }
        Arc::clone(&open[contract])
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_has_so_many_turns_and_no_more_until_one_ends() {
        let turns = Turns::default();
        let first = turns.take(7, 2);
        let second = turns.take(7, 2);
        assert!(first.is_some() && second.is_some());
        assert!(turns.take(7, 2).is_none(), "a third of two");
        assert!(turns.take(6, 2).is_some(), "another contract is not concerned");
        drop(first);
        assert!(turns.take(7, 2).is_some());
        assert!(turns.take(8, 0).is_none(), "none at all");
    }
}
