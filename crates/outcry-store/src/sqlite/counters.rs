//! Counters of caps and budgets and buckets of throttles, as they will stand when everything has gone home.
//!
//! A hot cap is in every auction, so its row is read once and written once a homecoming instead of once an attempt. That loses
//! nothing: this thread alone writes to the database, so nobody can come between the look and the leap, and the row goes to the
//! disk in the same transaction as the attempts that it counts.

use super::desk::Desk;
use super::trouble::Trouble;
use outcry_core::cap::{Ring, Span};
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{Hold, Refusal, Token};
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A cap, by the number of its key, and the start of a window in milliseconds.
pub(super) type Window = (i64, i64);

/// Counters of windows that are over stay behind; beyond so many everything is forgotten and read again.
const MOST: usize = 65_536;

#[derive(Default)]
pub(super) struct Counters {
    used: HashMap<Window, Count>,
    /// The parts of rolling windows, by cap.
    rings: HashMap<i64, Ring>,
    /// When the buckets of throttles are full again, in microseconds.
    buckets: HashMap<i64, i64>,
    changed: BTreeSet<Window>,
    changed_buckets: BTreeSet<i64>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    used: i64,
    first: Option<i64>,
    pings: bool,
}

/// What counts a unit: an attempt, which a start adds up again, or a ping.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Attempt,
    Ping,
}

impl Desk<'_> {
    /// Is there no room for one of these? Holds of one attempt may be on the same counter, so each sees what those before it
    /// would take.
    pub(super) fn full_cap(&mut self, holds: &[Hold]) -> Result<Option<Refusal>, Trouble> {
        for (at, hold) in holds.iter().enumerate() {
            let same = holds[..at].iter().filter(|other| other.cap == hold.cap);
            let needed = same.map(|other| other.amount).sum::<i64>() + hold.amount;
            let cap = self.name(&hold.cap)?;
            if self.used_in(cap, &hold.span)? + needed > hold.limit {
                return Ok(Some(Refusal::CapFull {
                    cap: hold.cap.clone(),
                    limit: hold.limit,
                    opens: self.opens(cap, hold, needed),
                }));
            }
        }
        Ok(None)
    }

    fn used_in(&mut self, cap: i64, span: &Span) -> Result<i64, Trouble> {
        if !span.is_rolling() {
            return Ok(self.count((cap, span.start.unix_ms()))?.used);
        }
        if !self.counters.rings.contains_key(&cap) {
            let ring = self.read_ring(cap, span.since)?;
            self.counters.rings.insert(cap, ring);
        }
        let ring = self.counters.rings.get_mut(&cap).map(|ring| {
            ring.forget_before(span.since);
            ring.since(span.since)
        });
        Ok(ring.unwrap_or(0))
    }

    fn opens(&self, cap: i64, hold: &Hold, needed: i64) -> Option<Moment> {
        if hold.span.is_rolling() {
            self.counters.rings.get(&cap)?.opens(&hold.span, needed, hold.limit)
        } else {
            hold.span.end
        }
    }

    /// The parts of a rolling window as they will stand: what is in the database, and what has not gone home.
    fn read_ring(&mut self, cap: i64, since: Moment) -> Result<Ring, Trouble> {
        let mut ring = Ring::default();
        let mut rows = self.sql.find_parts.query([cap, since.unix_ms()])?;
        while let Some(row) = rows.next()? {
            let part: i64 = row.get(0)?;
            if !self.counters.changed.contains(&(cap, part)) {
                ring.add(Moment::from_unix_ms(part), row.get(1)?);
            }
        }
        for window in self.counters.changed.range((cap, since.unix_ms())..=(cap, i64::MAX)) {
            ring.add(
                Moment::from_unix_ms(window.1),
                self.counters.used.get(window).map_or(0, |count| count.used),
            );
        }
        Ok(ring)
    }

    fn count(&mut self, window: Window) -> Result<Count, Trouble> {
        if let Some(count) = self.counters.used.get(&window) {
            return Ok(*count);
        }
        let found = self.sql.find_counter.query_row([window.0, window.1], |row| {
            Ok(Count {
                used: row.get(0)?,
                first: row.get(1)?,
                pings: false,
            })
        });
        let count = found.optional()?.unwrap_or_default();
        self.counters.used.insert(window, count);
        Ok(count)
    }

    /// Adds to a counter; whether there is room was asked before.
    pub(super) fn use_more(&mut self, window: Window, amount: i64, unit: Unit, at: Moment) -> Result<(), Trouble> {
        let count = self.count(window)?;
        let used = count.used + amount;
        let count = Count {
            used,
            // A window that was emptied begins anew.
            first: if used == 0 { None } else { count.first.or(Some(at.unix_ms())) },
            pings: unit == Unit::Ping,
        };
        self.counters.used.insert(window, count);
        self.counters.changed.insert(window);
        if let Some(ring) = self.counters.rings.get_mut(&window.0) {
            ring.add(Moment::from_unix_ms(window.1), amount);
        }
        Ok(())
    }

    /// Does a throttle have no token for one of these? Leaves behind what the buckets come to if all are taken.
    pub(super) fn empty_bucket(&mut self, tokens: &[Token], at: Moment, taken: &mut Vec<(i64, i64)>) -> Result<Option<Refusal>, Trouble> {
        for token in tokens {
            let throttle = self.name(&token.throttle)?;
            let before = taken
                .iter()
                .rev()
                .find(|(other, _)| *other == throttle)
                .map(|(_, full_at)| *full_at);
            let full_at = match before {
                Some(full_at) => full_at,
                None => self.bucket(throttle)?,
            };
            match token.rate.take(full_at, at) {
                Ok(full_at) => taken.push((throttle, full_at)),
                Err(wait_ms) => return Ok(Some(too_fast(&token.throttle, wait_ms))),
            }
        }
        Ok(None)
    }

    fn bucket(&mut self, throttle: i64) -> Result<i64, Trouble> {
        if let Some(full_at) = self.counters.buckets.get(&throttle) {
            return Ok(*full_at);
        }
        let found = self.sql.find_bucket.query_row([throttle], |row| row.get(0));
        let full_at = found.optional()?.unwrap_or(0);
        self.counters.buckets.insert(throttle, full_at);
        Ok(full_at)
    }

    /// Takes the tokens that were found.
    pub(super) fn take_tokens(&mut self, taken: Vec<(i64, i64)>) {
        for (throttle, full_at) in taken {
            self.counters.buckets.insert(throttle, full_at);
            self.counters.changed_buckets.insert(throttle);
        }
    }

    /// Writes down what was used and freed; part of the transaction that goes home.
    pub(super) fn write_counters(&mut self) -> Result<(), Trouble> {
        for window in std::mem::take(&mut self.counters.changed) {
            let count = self.count(window)?;
            let row = params![window.0, window.1, count.used, count.first, count.pings];
            self.sql.put_counter.execute(row)?;
        }
        for throttle in std::mem::take(&mut self.counters.changed_buckets) {
            let full_at = self.bucket(throttle)?;
            self.sql.put_bucket.execute(params![throttle, full_at])?;
        }
        if self.counters.used.len() > MOST {
            self.counters.forget();
        }
        Ok(())
    }
}

/// Why a throttle refuses.
fn too_fast(throttle: &Arc<str>, wait_ms: i64) -> Refusal {
    Refusal::TooFast {
        throttle: throttle.clone(),
        wait_ms: u32::try_from(wait_ms).unwrap_or(u32::MAX),
    }
}

impl Counters {
    /// Everything is read again when it is next needed.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}
