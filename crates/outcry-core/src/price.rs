//! Price, payout and margin: what the buyer pays, what the supplier gets, what the operator keeps.

use crate::money::Money;

/// Where the price of a contract comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceRule {
    /// From the buyer's bid.
    Bid,
    /// Agreed beforehand: the contract bids this on every lead it may have, with or without a ping.
    Standing(Money),
}

/// What a supplier gets of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutRule {
    /// The same for every sold lead, but never more than the price.
    Fixed(Money),
    /// A share of the price in basis points (8000 is 80 %), rounded half to even to the cent.
    Share(u32),
}

impl PayoutRule {
    /// The payout for a price, in whole cents, between nothing and the price.
    ///
    /// A fixed payout above the price is cut to the price: a deliberate loss needs a switch of its own.
    #[must_use]
    pub fn of(self, price: Money) -> Money {
        let full = match self {
            Self::Fixed(amount) => amount,
            Self::Share(basis_points) => price.share(basis_points),
        };
        let rounded = full.to_cents_half_even();
        if rounded > price { price } else { rounded.max(Money::ZERO) }
    }
}

/// One sale in money; `payout + margin == price`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The buyer pays.
    pub price: Money,
    /// The supplier gets.
    pub payout: Money,
    /// The operator keeps.
    pub margin: Money,
}

impl Split {
    /// Books a sale: the price rounded once to the cent, the payout by its rule, the rest is margin.
    pub fn settle(price: Money, payout: PayoutRule) -> Self {
        let price = price.to_cents_half_even();
        let payout = payout.of(price);
        Self {
            price,
            payout,
            margin: price - payout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(price: &str, rule: PayoutRule, expected: &str) {
        let split = Split::settle(Money::parse(price).unwrap(), rule);
        assert_eq!(format!("{} = {} + {}", split.price, split.payout, split.margin), expected);
    }

    #[test]
    fn a_price_is_split_without_remainder() {
        check("12.00", PayoutRule::Share(8_000), "12.00 = 9.60 + 2.40");
        check("21.105", PayoutRule::Share(8_000), "21.10 = 16.88 + 4.22");
        check("12.00", PayoutRule::Fixed(Money::from_cents(500)), "12.00 = 5.00 + 7.00");
    }

    #[test]
    fn a_fixed_payout_never_exceeds_the_price() {
        check("3.00", PayoutRule::Fixed(Money::from_cents(500)), "3.00 = 3.00 + 0.00");
    }
}
