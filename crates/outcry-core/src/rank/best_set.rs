//! The set of offers that brings most together.
//!
//! A lead can go to one buyer that wants it alone, or to several that would share it with so many others at most. For
//! each number of buyers *n* the offers that allow *n* are searched for the dearest set of at most *n* of which no two
//! are apart (the same contract, the same buyer, buyers in conflict). Where nobody is in conflict the search is one walk
//! down the prices. Conflicts make it the search for an independent set, which has no quick method in general: it
//! branches, and leaves a branch as soon as the dearest offers left could not beat what was found.
//!
//! The work is bounded by [`STEPS_MAX`]. If that is used up, the best set found so far stands, together with a sum that
//! no set can pass: the two say how much can have been missed.

use crate::money::Money;

/// Most offers taken into a set for one decision; each costs a look at those left.
const STEPS_MAX: u32 = 20_000;

/// One offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What it counts; more than nothing.
    pub(crate) worth: Money,
    /// Most buyers that may have the lead with it, itself included.
    pub(crate) shares_max: usize,
}

/// What the search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Positions of the offers, in their order.
    pub(crate) members: Vec<usize>,
    /// What they bring together.
    pub(crate) worth: Money,
    /// No set brings more than this. The same as `worth` if the search went to its end.
    pub(crate) at_most: Money,
}

/// The best set to add to `have` buyers that have the lead already, so that at most `most` have it in the end. Of sets
/// that bring the same, the one with fewer buyers; of those, the one whose offers stand first.
pub(crate) fn best_set(offers: &[Offer], have: usize, most: usize, apart: impl Fn(usize, usize) -> bool) -> Found {
    let mut search = Search {
        offers,
        apart: &apart,
        steps: 0,
        best: Found::default(),
    };
    for buyers in have + 1..=most.min(have + offers.len()) {
        search.of(buyers, buyers - have);
    }
    search.best.at_most = search.best.at_most.max(search.best.worth);
    search.best.members.sort_unstable();
    search.best
}

struct Search<'a, F> {
    offers: &'a [Offer],
    apart: &'a F,
    steps: u32,
    best: Found,
}

impl<F: Fn(usize, usize) -> bool> Search<'_, F> {
    /// Sets of at most `more` offers that allow `buyers`.
    fn of(&mut self, buyers: usize, more: usize) {
        let mut able: Vec<usize> = (0..self.offers.len()).filter(|at| buyers <= self.offers[*at].shares_max).collect();
        able.sort_by_key(|at| std::cmp::Reverse(self.offers[*at].worth));
        let whole = self.dearest(&able, more);
        self.extend(&able, more, &mut Vec::with_capacity(more), Money::ZERO);
        if self.steps >= STEPS_MAX {
            self.best.at_most = self.best.at_most.max(whole);
        }
    }

    /// Tries each offer of `able`, dearest first, on top of those chosen.
    fn extend(&mut self, able: &[usize], more: usize, chosen: &mut Vec<usize>, worth: Money) {
        if worth > self.best.worth {
            self.best.worth = worth;
            self.best.members.clone_from(chosen);
        }
        for at in 0..able.len() {
            // What follows is cheaper still: if the dearest left cannot beat the best, nothing can.
            if more == 0 || self.steps >= STEPS_MAX || worth + self.dearest(&able[at..], more) <= self.best.worth {
                return;
            }
            self.steps += 1;
            let next = able[at];
            let left: Vec<usize> = able[at + 1..].iter().copied().filter(|other| !(self.apart)(next, *other)).collect();
            chosen.push(next);
            self.extend(&left, more - 1, chosen, worth + self.offers[next].worth);
            chosen.pop();
        }
    }

    fn dearest(&self, able: &[usize], more: usize) -> Money {
        able.iter().take(more).map(|at| self.offers[*at].worth).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All sets, one after the other.
    fn by_hand(offers: &[Offer], most: usize, apart: &impl Fn(usize, usize) -> bool) -> Money {
        let sets = 0_u32..1 << offers.len();
        let worth = |set: u32| {
            let members: Vec<usize> = (0..offers.len()).filter(|at| set & (1 << at) != 0).collect();
            let shared = members.iter().all(|at| members.len() <= offers[*at].shares_max);
            let together = members.iter().all(|a| members.iter().all(|b| a == b || !apart(*a, *b)));
            (members.len() <= most && shared && together).then(|| members.iter().map(|at| offers[*at].worth).sum::<Money>())
        };
        sets.filter_map(worth).max().unwrap_or(Money::ZERO)
    }

    prop_compose! {
        fn market()(offers in prop::collection::vec((1_i64..40, 1_usize..6), 0..11), conflicts in prop::collection::vec((0_usize..11, 0_usize..11), 0..24))
            -> (Vec<Offer>, Vec<(usize, usize)>)
        {
            let offer = |(cents, shares_max)| Offer { worth: Money::from_cents(cents), shares_max };
            (offers.into_iter().map(offer).collect(), conflicts)
        }
    }

    proptest! {
        #[test]
        fn no_other_set_brings_more((offers, conflicts) in market(), most in 1_usize..6) {
            let apart = |a: usize, b: usize| conflicts.contains(&(a, b)) || conflicts.contains(&(b, a));
            let found = best_set(&offers, 0, most, apart);
            prop_assert_eq!(found.worth, by_hand(&offers, most, &apart));
            prop_assert_eq!(found.at_most, found.worth);
            let sum: Money = found.members.iter().map(|at| offers[*at].worth).sum();
            prop_assert_eq!(sum, found.worth);
            prop_assert!(found.members.iter().all(|at| found.members.len() <= offers[*at].shares_max));
        }
    }

    #[test]
    fn however_many_conflicts_there_are_it_ends_and_says_what_can_have_been_missed() {
        let offers: Vec<Offer> = (0..400)
            .map(|at| Offer {
                worth: Money::from_cents(1_000 + (at * 7_919) % 97),
                shares_max: 40,
            })
            .collect();
        let apart = |a: usize, b: usize| (a * 31 + b * 31 + a * b).is_multiple_of(3);
        let found = best_set(&offers, 0, 40, apart);
        assert!(found.worth > Money::ZERO && found.worth < found.at_most, "{found:?}");
    }

    #[test]
    fn thousands_of_offers_without_conflicts_are_one_walk() {
        let offers = vec![
            Offer {
                worth: Money::from_cents(500),
                shares_max: 5
            };
            5_000
        ];
        let found = best_set(&offers, 0, 5, |a, b| a == b);
        assert_eq!(
            (found.members.len(), found.worth, found.at_most),
            (5, Money::from_cents(2_500), Money::from_cents(2_500))
        );
    }
}
