//! Rounds: whose turn it is on a wheel, for the rules that go in turns.
//!
//! A [wheel](crate::wheel) has one number for each contract that was ever on it. For **round robin** it is when the contract had its
//! last turn, counted in turns of the wheel; who waited longest is next. For **weighted** it is what the contract is
//! still owed, in parts of a lead: each lead owes every contract that may have it `weight / weights of all who may`, and
//! who is owed most gets it and pays one lead. A contract that may not have a lead (filtered, capped, silent) is neither
//! owed nor charged, so the others' shares grow in proportion, and it has nothing to catch up on when it comes back.
//! What all are owed adds up to nothing at any time; nobody gets ahead or behind by more than a few leads, which is why
//! shares hold over every thousand and not only in the long run.
//!
//! A turn is the offer of a lead. It is used whether or not the buyer then accepts.

use crate::id::ContractName;
use crate::wheel::{Charge, Wheels};
use std::sync::Arc;

/// One lead, in the parts that are owed.
const LEAD: i64 = 1 << 32;

/// How a wheel turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turning {
    RoundRobin,
    Weighted,
}

/// Those between whom a wheel decides for one lead.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) wheel: Arc<str>,
    pub(super) turning: Turning,
    /// Position, name and weight of each, in order of the positions.
    pub(super) members: Vec<(usize, ContractName, u32)>,
}

impl Round {
    /// The members in turn: who is next, who would be next if the first were not there, and so on.
    pub(super) fn order(&self, wheels: &Wheels) -> Vec<usize> {
        let mut order: Vec<(i64, usize)> = self
            .members
            .iter()
            .map(|(at, name, weight)| {
                let stands = wheels.stands(&self.wheel, name);
                let waits = match self.turning {
                    Turning::RoundRobin => stands,
                    Turning::Weighted => -(stands + self.due(*weight)),
                };
                (waits, *at)
            })
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, at)| at).collect()
    }

    /// What changes when these members, and nobody else of the round, have a turn each.
    pub(super) fn charges(&self, wheels: &Wheels, winners: &[usize]) -> Vec<Charge> {
        let here: Vec<usize> = winners.iter().copied().filter(|at| self.member(*at).is_some()).collect();
        if here.is_empty() {
            return Vec::new();
        }
        let charge = |name: &ContractName, stands| Charge {
            wheel: self.wheel.clone(),
            contract: name.clone(),
            stands,
        };
        match self.turning {
            Turning::RoundRobin => {
                let latest = wheels.latest(&self.wheel);
                let names = here.iter().filter_map(|at| self.member(*at));
                (latest + 1..).zip(names).map(|(turn, (_, name, _))| charge(name, turn)).collect()
            }
            Turning::Weighted => {
                let turns = i64::try_from(here.len()).unwrap_or(1);
                let owed: i64 = self.members.iter().map(|(_, _, weight)| self.due(*weight)).sum();
                let stands = |(at, name, weight): &(usize, ContractName, u32)| {
                    // What rounding leaves over is owed to nobody: the winner pays only what the others are owed.
                    let paid = if here.contains(at) { owed } else { 0 };
                    charge(name, wheels.stands(&self.wheel, name) + turns * self.due(*weight) - paid)
                };
                self.members.iter().map(stands).collect()
            }
        }
    }

    /// What one lead owes a member.
    fn due(&self, weight: u32) -> i64 {
        let all: i64 = self.members.iter().map(|(_, _, weight)| i64::from(*weight)).sum();
        let part = i128::from(LEAD) * i128::from(weight) / i128::from(all.max(1));
        i64::try_from(part).unwrap_or(LEAD)
    }

    fn member(&self, at: usize) -> Option<&(usize, ContractName, u32)> {
        self.members.iter().find(|(member, _, _)| *member == at)
    }
}
