//! Finds the origin of a URL, without parsing the URL again for every lead.
//!
//! What is remembered is scheme and authority as they are spelled, because nothing of a lead can stand in them: a URL
//! with the lead in its query is found as cheaply as one that never changes.

use super::dial::Dialer;
use super::place::{Place, split};
use super::pool::Origin;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;

/// Spellings remembered; those of origins at rest are forgotten when there are more.
const SPELLINGS_MAX: usize = 4096;
/// How often idle connections are looked through.
const REAP_EVERY: Duration = Duration::from_secs(5);

/// Every origin called so far.
pub(super) struct Origins {
    connections_max: usize,
    dialer: Arc<Dialer>,
    spelled: RwLock<HashMap<Box<str>, Arc<Origin>>>,
    reaping: AtomicBool,
}

impl Origins {
    pub(super) fn new(connections_max: usize, dialer: Arc<Dialer>) -> Self {
        Self {
            connections_max,
            dialer,
            spelled: RwLock::default(),
            reaping: AtomicBool::new(false),
        }
    }

    /// The origin of a URL, and where in the URL the path starts.
    ///
    /// # Errors
    /// If the URL is none that may be called: why, in words.
    pub(super) fn find(self: &Arc<Self>, url: &str) -> Result<(Arc<Origin>, usize), String> {
        let at = split(url)?;
        let known = self
            .spelled
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&url[..at])
            .map(Arc::clone);
        let origin = match known {
            Some(origin) => origin,
            None => self.add(&url[..at], Place::parse(&url[..at], &self.dialer.filter)?),
        };
        Ok((origin, at))
    }

    fn add(self: &Arc<Self>, spelling: &str, place: Place) -> Arc<Origin> {
        self.reap_now_and_then();
        let mut spelled = self.spelled.write().unwrap_or_else(PoisonError::into_inner);
        if spelled.len() >= SPELLINGS_MAX {
            let now = Instant::now();
            spelled.retain(|_, origin| !origin.reap(now));
        }
        // Two spellings of one origin share its connections, and so its limit.
        let canonical = place.canonical().into_boxed_str();
        let fresh = || Arc::new(Origin::new(place, self.connections_max, Arc::clone(&self.dialer)));
        let origin = Arc::clone(spelled.entry(canonical).or_insert_with(fresh));
        Arc::clone(spelled.entry(spelling.into()).or_insert(origin))
    }

    /// Starts the task that closes idle connections; it ends with the last user of the origins.
    fn reap_now_and_then(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        if !self.reaping.swap(true, Ordering::Relaxed) {
            runtime.spawn(reap(Arc::downgrade(self)));
        }
    }
}

async fn reap(origins: Weak<Origins>) {
    loop {
        tokio::time::sleep(REAP_EVERY).await;
        let Some(origins) = origins.upgrade() else { return };
        let now = Instant::now();
        for origin in origins.spelled.read().unwrap_or_else(PoisonError::into_inner).values() {
            origin.reap(now);
        }
    }
}
