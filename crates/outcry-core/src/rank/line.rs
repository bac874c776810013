//! The line: bids in order, rule by rule.

use super::round::{Round, Turning};
use super::rule::{Key, Rule};
use super::{Odds, Place, Table};
use crate::wheel::Charge;
use std::cmp::Reverse;
use std::sync::Arc;

/// A line being made, with the rounds of its wheels.
pub(super) struct Line<'a> {
    table: &'a Table<'a>,
    rounds: Vec<Round>,
}

impl<'a> Line<'a> {
    pub(super) const fn new(table: &'a Table<'a>) -> Self {
        Self { table, rounds: Vec::new() }
    }

    /// Puts places in order, each with when it was answered. Sweepers stand behind all others, whatever the rules.
    pub(super) fn up(&mut self, answered: Vec<(u64, Place)>) -> Vec<Place> {
        let mut line = answered;
        let (contracts, over) = (&self.table.campaign.contracts, self.table.over);
        let sweeps = |contract: usize| contracts[contract].sweeper || over.contains(&contract);
        sort(&mut line, |(_, place)| Key::Sweeper(sweeps(place.contract)));
        let by: Vec<&Rule> = self.table.campaign.distribution.iter().collect();
        for run in runs(&mut line) {
            self.order(&by, run);
        }
        line.into_iter().map(|(_, place)| place).collect()
    }

    /// What the turns of all rounds come to if these contracts get the lead.
    pub(super) fn charges(&self, winners: &[usize]) -> Vec<Charge> {
        self.rounds
            .iter()
            .flat_map(|round| round.charges(self.table.wheels, winners))
            .collect()
    }

    fn order(&mut self, by: &[&Rule], line: &mut [(u64, Place)]) {
        let Some((rule, behind)) = by.split_first() else {
            sort(line, |(answered, _)| Key::Answered(*answered));
            for run in runs(line) {
                sort(run, |(_, place)| Key::Contract(place.contract));
            }
            return;
        };
        let contracts = &self.table.campaign.contracts;
        match rule {
            Rule::HighestBid | Rule::BestSet => sort(line, |(_, place)| Key::Worth(Reverse(place.worth()))),
            Rule::ExpectedValue if self.table.explore => sort(line, |(_, place)| Key::Worth(Reverse(place.worth()))),
            Rule::ExpectedValue => sort(line, |(_, place)| Key::Expected(Reverse(self.table.expected(place)))),
            Rule::Priority => sort(line, |(_, place)| Key::Priority(contracts[place.contract].priority)),
            Rule::Weighted(wheel) => self.in_turn(wheel, Turning::Weighted, line),
            Rule::RoundRobin(wheel) => self.in_turn(wheel, Turning::RoundRobin, line),
            Rule::Tiers(tiers) => {
                sort(line, |(_, place)| Key::Tier(contracts[place.contract].tier.unwrap_or(usize::MAX)));
                for run in runs(line) {
                    let tier = contracts[run[0].1.contract].tier.and_then(|at| tiers.get(at));
                    let own = tier.iter().flat_map(|tier| &tier.by);
                    let by: Vec<&Rule> = own.chain(behind.iter().copied()).collect();
                    self.order(&by, run);
                }
                return;
            }
        }
        for run in runs(line) {
            self.order(behind, run);
        }
    }

    fn in_turn(&mut self, wheel: &Arc<str>, turning: Turning, line: &mut [(u64, Place)]) {
        let contracts = &self.table.campaign.contracts;
        let mut members: Vec<usize> = line.iter().map(|(_, place)| place.contract).collect();
        members.sort_unstable();
        members.dedup();
        let member = |at: usize| (at, contracts[at].name.clone(), contracts[at].weight);
        let round = Round {
            wheel: wheel.clone(),
            turning,
            members: members.into_iter().map(member).collect(),
        };
        let order = round.order(self.table.wheels);
        let turn = |contract| order.iter().position(|at| *at == contract).unwrap_or(usize::MAX);
        sort(line, |(_, place)| Key::Turn(turn(place.contract)));
        self.rounds.push(round);
    }
}

impl Table<'_> {
    /// What a place is expected to bring.
    pub fn expected(&self, place: &Place) -> crate::money::Money {
        let unknown = || Odds::unknown(self.campaign.contracts[place.contract].returns_bp);
        let odds = self.odds.get(place.contract).copied().unwrap_or_else(unknown);
        odds.expected(place.worth())
    }
}

/// Sorts by a key, which each place keeps.
fn sort(line: &mut [(u64, Place)], key: impl Fn(&(u64, Place)) -> Key) {
    for placed in line.iter_mut() {
        let key = key(placed);
        placed.1.keys.push(key);
    }
    line.sort_by(|(_, a), (_, b)| a.keys.last().cmp(&b.keys.last()));
}

/// The runs of places that are equal so far.
fn runs(line: &mut [(u64, Place)]) -> impl Iterator<Item = &mut [(u64, Place)]> {
    line.chunk_by_mut(|(_, a), (_, b)| a.keys.last() == b.keys.last())
}
