//! Auctions under way whose buyers may call back before the auction has ended: whoever hears of one waits for its end.

use outcry_core::id::LeadId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::watch;

/// Longer than any auction goes on.
const PATIENCE: Duration = Duration::from_secs(40);

/// By their leads.
#[derive(Debug, Default)]
pub(crate) struct Awaited(Mutex<HashMap<LeadId, watch::Receiver<bool>>>);

impl Awaited {
    /// A buyer of this lead may call. True once T3 of the lead is through.
    pub(crate) fn add(&self, lead: LeadId, settled: watch::Receiver<bool>) {
        self.all().insert(lead, settled);
    }

    /// The auction is over.
    pub(crate) fn remove(&self, lead: LeadId) {
        self.all().remove(&lead);
    }

    /// Waits for the end of a lead's auction, if it is under way; false if that takes too long.
    pub(crate) async fn end_of(&self, lead: LeadId) -> bool {
        let settled = self.all().get(&lead).cloned();
        let Some(mut settled) = settled else { return true };
        // An auction that was dropped before it ended leaves the rest to the store.
        tokio::time::timeout(PATIENCE, settled.wait_for(|settled| *settled)).await.is_ok()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<LeadId, watch::Receiver<bool>>> {
        self.0.lock().expect("nothing panics while it holds the table")
    }
}
