//! Wheels: the numbers that rules of distribution remember from one lead to the next. What they mean is the rules' affair.

use crate::id::ContractName;
use std::collections::HashMap;
use std::sync::Arc;

/// Where all wheels stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wheels(HashMap<Arc<str>, HashMap<ContractName, i64>>);

/// A number on a wheel that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// On which wheel.
    pub wheel: Arc<str>,
    /// Whose number.
    pub contract: ContractName,
    /// What it is now.
    pub stands: i64,
}

impl Wheels {
    /// A contract's number: nothing if it was never on the wheel.
    pub fn stands(&self, wheel: &str, contract: &ContractName) -> i64 {
        self.0.get(wheel).and_then(|wheel| wheel.get(contract)).copied().unwrap_or(0)
    }

    /// Sets a number.
    pub fn set(&mut self, charge: Charge) {
        self.0.entry(charge.wheel).or_default().insert(charge.contract, charge.stands);
    }

    /// Does it know where this wheel stands, even if nobody was ever on it?
    pub fn knows(&self, wheel: &str) -> bool {
        self.0.contains_key(wheel)
    }

    /// Learns of a wheel, with the numbers on it.
    pub fn learn(&mut self, wheel: Arc<str>, stands: impl IntoIterator<Item = (ContractName, i64)>) {
        self.0.entry(wheel).or_default().extend(stands);
    }

    /// These wheels and no others.
    #[must_use]
    pub fn only(&self, wheels: &[Arc<str>]) -> Self {
        let known = wheels.iter().filter_map(|wheel| Some((wheel.clone(), self.0.get(wheel)?.clone())));
        Self(known.collect())
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The latest turn that anybody had.
    pub fn latest(&self, wheel: &str) -> i64 {
        self.0.get(wheel).and_then(|wheel| wheel.values().max()).copied().unwrap_or(0)
    }
}
