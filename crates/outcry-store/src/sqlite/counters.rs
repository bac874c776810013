//! Counters of caps and budgets, as they will stand when everything has gone home.
//!
//! A hot cap is in every auction, so its row is read once and written once a homecoming instead of once an attempt. That loses
//! nothing: this thread alone writes to the database, so nobody can come between the look and the leap, and the row goes to the
//! disk in the same transaction as the attempts that it counts.

use super::desk::Desk;
use super::trouble::Trouble;
use rusqlite::{OptionalExtension, params};
use std::collections::HashMap;

/// A cap, by the number of its key, and the start of a window in milliseconds.
pub(super) type Window = (i64, i64);

/// Counters of windows that are over stay behind; beyond so many everything is forgotten and read again.
const MOST: usize = 65_536;

#[derive(Default)]
pub(super) struct Counters {
    used: HashMap<Window, i64>,
    changed: Vec<Window>,
}

impl Desk<'_> {
    /// What is used of a cap in a window.
    pub(super) fn used(&mut self, window: Window) -> Result<i64, Trouble> {
        if let Some(used) = self.counters.used.get(&window) {
            return Ok(*used);
        }
        let found = self.sql.find_counter.query_row([window.0, window.1], |row| row.get(0));
        let used = found.optional()?.unwrap_or(0);
        self.counters.used.insert(window, used);
        Ok(used)
    }

    /// Adds to a counter; whether there is room was asked before.
    pub(super) fn use_more(&mut self, window: Window, amount: i64) -> Result<(), Trouble> {
        let used = self.used(window)? + amount;
        self.counters.used.insert(window, used);
        self.counters.changed.push(window);
        Ok(())
    }

    /// Writes down what was used and freed; part of the transaction that goes home.
    pub(super) fn write_counters(&mut self) -> Result<(), Trouble> {
        let mut changed = std::mem::take(&mut self.counters.changed);
        changed.sort_unstable();
        changed.dedup();
        for window in changed {
            let used = self.used(window)?;
            self.sql.put_counter.execute(params![window.0, window.1, used])?;
        }
        if self.counters.used.len() > MOST {
            self.counters.forget();
        }
        Ok(())
    }
}

impl Counters {
    /// Everything is read again when it is next needed.
    pub(super) fn forget(&mut self) {
        self.used.clear();
        self.changed.clear();
    }
}
