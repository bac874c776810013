//! I6: money. Counted from the prices of attempts, and not from what the engine says that they hold.

use super::{Facts, Intend};
use outcry_core::money::Money;
use outcry_engine::ports::store::Hold;

impl Facts {
    /// What was sold, what may have been and this post together are within each budget that it is counted in.
    pub(super) fn within_budgets(&mut self, intend: &Intend) {
        let budgets = intend.holds.iter().filter(|hold| is_budget(hold));
        let over: Vec<String> = budgets
            .filter_map(|budget| {
                let (spent, limit) = (self.spent(budget) + intend.price, Money::from_micros(budget.limit));
                (spent > limit).then(|| format!("{} brings {} to {spent} of {limit}", intend.attempt, budget.cap))
            })
            .collect();
        for what in over {
            self.violate("I6", what);
        }
    }

    /// What the attempts cost that are counted in the same window of a budget: an accepted one what it was booked at, an open one what
    /// it was offered at.
    fn spent(&self, budget: &Hold) -> Money {
        let same = |hold: &Hold| hold.cap == budget.cap && hold.span.start == budget.span.start;
        let counted = self
            .attempts
            .values()
            .filter(|fact| fact.stand.holds() && fact.holds.iter().any(same));
        counted
            .map(|fact| fact.sale.as_ref().map_or(fact.price, |sale| sale.split.price))
            .sum()
    }
}

/// Does it count what buyers pay? By its name, and not by how much it holds.
pub(crate) fn is_budget(hold: &Hold) -> bool {
    hold.cap.contains("/price/")
}
