//! Inbound pings that were answered lately: a repeated ping gets the same quote until it expires, and two copies
//! at once make one auction.

use crate::quote::QuoteAnswer;
use outcry_core::id::SourceName;
use outcry_core::moment::Moment;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Forgets expired entries once there are so many, and again whenever there are twice as many as were left: each
/// entry is looked at once or twice in its life, however many pings there are.
const SWEEP_AT: usize = 4_096;

/// What this process remembers of pings.
#[derive(Debug, Default)]
pub(crate) struct PingMemory {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    entries: HashMap<(SourceName, Arc<str>), Entry>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Entry {
    fingerprint: [u8; 32],
    /// `None` while the auction runs.
    answer: Option<QuoteAnswer>,
    until: Moment,
}

/// What is remembered of a ping.
#[derive(Debug, PartialEq)]
pub(crate) enum Remembered {
    /// Nothing: it is this caller's to answer, by [`PingMemory::answered`] or [`PingMemory::forget`].
    Nothing,
    /// The quote it got.
    Answer(QuoteAnswer),
    /// Its auction is running.
    InFlight,
    /// The key came with another body.
    OtherBody,
}

/// A ping whose auction never ends is not remembered longer than this.
const IN_FLIGHT_MS: i64 = 15_000;

impl PingMemory {
    /// Looks a ping up, and marks it as running if nothing is known.
    pub(crate) fn enter(&self, source: &SourceName, key: &Arc<str>, fingerprint: [u8; 32], now: Moment) -> Remembered {
        let mut inside = self.inside();
        inside.sweep(now);
        let entries = &mut inside.entries;
        let place = (source.clone(), key.clone());
        match entries.get(&place).filter(|entry| now < entry.until) {
            Some(entry) if entry.fingerprint != fingerprint => Remembered::OtherBody,
            Some(Entry { answer: Some(answer), .. }) => Remembered::Answer(answer.clone()),
            Some(_) => Remembered::InFlight,
            None => {
                entries.insert(
                    place,
                    Entry {
                        fingerprint,
                        answer: None,
                        until: now.plus_ms(IN_FLIGHT_MS),
                    },
                );
                Remembered::Nothing
            }
        }
    }

    /// The auction ended with this answer, which stands until then.
    pub(crate) fn answered(&self, source: &SourceName, key: &Arc<str>, answer: QuoteAnswer, until: Moment) {
        if let Some(entry) = self.inside().entries.get_mut(&(source.clone(), key.clone())) {
            entry.answer = Some(answer);
            entry.until = until;
        }
    }

    /// The auction ended without an answer.
    pub(crate) fn forget(&self, source: &SourceName, key: &Arc<str>) {
        self.inside().entries.remove(&(source.clone(), key.clone()));
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nothing panics while it holds the ping memory")
    }
}

impl Inside {
    fn sweep(&mut self, now: Moment) {
        if self.sweep_at.max(SWEEP_AT) <= self.entries.len() {
            self.entries.retain(|_, entry| now < entry.until);
            self.sweep_at = self.entries.len() * 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_expired_is_forgotten_and_what_stands_is_not_looked_through_each_time() {
        let memory = PingMemory::default();
        let site = SourceName::new("site");
        let enter = |n: i64| memory.enter(&site, &format!("k-{n}").into(), [0; 32], Moment::from_unix_ms(n));
        (0..20_000).for_each(|n| assert_eq!(enter(n), Remembered::Nothing));
        let kept = memory.inside().entries.len();
        assert!((15_000..20_000).contains(&kept), "{kept} of them, and 15,000 still stand");
    }
}
