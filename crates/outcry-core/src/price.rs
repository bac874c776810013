//! Price, payout and margin: what the buyer pays, what the supplier gets, what the operator keeps.
//!
//! The buyer's side is a [`PriceList`]: its bid, or what was agreed, by condition and by hour of the week. The
//! supplier's side is a [`PayoutRule`]. Both are bounded by a [`Deal`], which is what all levels of the trade say
//! together: campaign, supplier, source, buyer, contract, route.

mod deal;
mod hours;
mod list;
mod payout;

pub use self::deal::{Deal, Rates, Route};
pub use self::hours::Hours;
pub use self::list::{Change, PriceList, PriceRule, PriceWhen, Priced, When};
pub use self::payout::{Band, Margin, PayoutRule};

use crate::money::Money;

/// One sale in money; `payout + margin == price`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The buyer pays.
    pub price: Money,
    /// The supplier gets.
    pub payout: Money,
    /// The operator keeps; below nothing only where a deal allows a loss or a promise was made.
    pub margin: Money,
}

impl Split {
    /// Books a sale: the price rounded once to the cent, the payout by the deal, the rest is margin.
    pub fn settle(price: Money, deal: &Deal) -> Self {
        let price = price.to_cents_half_even();
        Self::paying(price, deal.payout.of(price, deal.loss_max))
    }

    /// Books a sale at a price that pays no less than what was promised.
    #[must_use]
    pub fn at_least(self, promised: Money) -> Self {
        Self::paying(self.price, self.payout.max(promised))
    }

    fn paying(price: Money, payout: Money) -> Self {
        Self {
            price,
            payout,
            margin: price - payout,
        }
    }
}

#[cfg(test)]
mod tests;
