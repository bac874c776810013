//! Terms of money on each level of the trade, and what they come to for one source and one contract.
//!
//! A level may be silent. Of payouts and allowed losses the closest level that speaks counts: route, contract, buyer,
//! source, supplier, campaign. Of floors the highest counts and of ceilings the lowest, wherever they stand: nobody can
//! lower what somebody else has set as a limit.

use super::PayoutRule;
use crate::money::Money;
use crate::pacing::Pacing;

/// What one level says; `None` where it is silent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// What a supplier gets.
    pub payout: Option<PayoutRule>,
    /// The least price.
    pub floor: Option<Money>,
    /// The most believable price.
    pub ceiling: Option<Money>,
    /// How much a sale may lose on purpose.
    pub loss_max: Option<Money>,
}

/// What one source and one contract have between them, beyond what each has by itself.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Terms of money.
    pub rates: Rates,
    /// Takes the place of the contract's handicap, in basis points.
    pub handicap_bp: Option<u32>,
    /// Caps, budgets, throttles and hours of this source with this contract.
    pub pacing: Pacing,
    /// This source's leads do not go to this contract.
    pub paused: bool,
    /// The same person does not go this way again.
    pub duplicates: Vec<crate::duplicate::DuplicateRule>,
}

/// Terms of money with nothing left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// What a supplier gets.
    pub payout: PayoutRule,
    /// The least price.
    pub floor: Money,
    /// The most believable price.
    pub ceiling: Option<Money>,
    /// How much a sale may lose on purpose. Nothing, unless somebody has written it down.
    pub loss_max: Money,
}

impl Rates {
    /// These terms, and where they are silent those of a wider level.
    #[must_use]
    pub fn within(&self, wider: &Self) -> Self {
        Self {
            payout: self.payout.clone().or_else(|| wider.payout.clone()),
            floor: self.floor.max(wider.floor),
            ceiling: lower(self.ceiling, wider.ceiling),
            loss_max: self.loss_max.or(wider.loss_max),
        }
    }
}

impl Deal {
    /// This deal under the terms of a closer level.
    #[must_use]
    pub fn under(&self, closer: &Rates) -> Self {
        Self {
            payout: closer.payout.clone().unwrap_or_else(|| self.payout.clone()),
            floor: closer.floor.map_or(self.floor, |floor| floor.max(self.floor)),
            ceiling: lower(closer.ceiling, self.ceiling),
            loss_max: closer.loss_max.unwrap_or(self.loss_max),
        }
    }
}

/// The lower of two limits of which each may be missing.
fn lower(one: Option<Money>, other: Option<Money>) -> Option<Money> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
