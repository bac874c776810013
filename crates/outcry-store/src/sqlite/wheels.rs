//! Wheels of distributions that go in turns, as they will stand when the group is committed.
//!
//! Like counters they are read once and written once a group. This thread alone writes, so nobody can come between the look
//! at a wheel and the turn that is taken on it.

use super::desk::Desk;
use super::trouble::Trouble;
use crate::stored::{Input, Stored, Unreadable};
use outcry_core::id::ContractName;
use outcry_core::wheel::{Charge, Wheels as Stands};
use outcry_engine::ports::store::Turn;
use rusqlite::params;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Wheels {
    stands: Stands,
    changed: BTreeMap<(Arc<str>, ContractName), i64>,
}

/// A turn, and what it came to: that is what the journal keeps, since a decision cannot be written down.
pub(super) struct TurnRow {
    turn: Option<Turn>,
    charges: Vec<Charge>,
}

impl TurnRow {
    pub(super) const fn new(turn: Turn) -> Self {
        Self {
            turn: Some(turn),
            charges: Vec::new(),
        }
    }
}

impl Stored for TurnRow {
    fn put(&self, out: &mut Vec<u8>) {
        self.charges.put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            turn: None,
            charges: Stored::take(input)?,
        })
    }
}

impl Desk<'_> {
    /// Lets the caller decide on the wheels as they stand, and notes what it changes.
    pub(super) fn turn(&mut self, row: &mut TurnRow) -> Result<Stands, Trouble> {
        let seen = match &row.turn {
            Some(turn) => {
                self.know(&turn.wheels)?;
                let seen = self.wheels.stands.only(&turn.wheels);
                row.charges = (turn.decide)(&seen);
                seen
            }
            None => Stands::default(),
        };
        for charge in &row.charges {
            self.know(std::slice::from_ref(&charge.wheel))?;
            let place = (charge.wheel.clone(), charge.contract.clone());
            self.wheels.changed.insert(place, charge.stands);
            self.wheels.stands.set(charge.clone());
        }
        Ok(seen)
    }

    fn know(&mut self, wheels: &[Arc<str>]) -> Result<(), Trouble> {
        for wheel in wheels {
            if !self.wheels.stands.knows(wheel) {
                let found = self.read_wheel(wheel)?;
                self.wheels.stands.learn(wheel.clone(), found);
            }
        }
        Ok(())
    }

    /// Writes down what the group has turned; part of its transaction.
    pub(super) fn write_wheels(&mut self) -> Result<(), Trouble> {
        for ((wheel, contract), stands) in std::mem::take(&mut self.wheels.changed) {
            let (wheel, contract) = (self.name(&wheel)?, self.name(contract.as_str())?);
            self.sql.put_wheel.execute(params![wheel, contract, stands])?;
        }
        Ok(())
    }

    fn read_wheel(&mut self, wheel: &str) -> Result<Vec<(ContractName, i64)>, Trouble> {
        let number = self.name(wheel)?;
        let rows = self
            .sql
            .find_wheel
            .query_map([number], |row| Ok((ContractName::new(row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Wheels {
    /// Everything is read again when it is next needed.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}
