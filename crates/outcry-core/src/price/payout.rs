//! What a supplier gets of a price.

use crate::money::Money;
use std::sync::Arc;

/// What a supplier gets of a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutRule {
    /// The same for every sold lead, but never more than the price and the loss that is allowed.
    Fixed(Money),
    /// A share of the price in basis points (8000 is 80 %).
    Share(u32),
    /// The price less what the operator keeps.
    Less(Margin),
}

/// What the operator keeps of a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Margin {
    /// The same for every sold lead, and all of a price that is lower.
    Fixed(Money),
    /// A share of the price in basis points.
    Share(u32),
    /// By price: the last band that begins at or below it counts. The first begins at nothing.
    Bands(Arc<[Band]>),
}

/// Prices from here on, up to where the next band begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// The lowest price in it.
    pub from: Money,
    /// What is kept of it; never bands again.
    pub margin: Margin,
}

impl PayoutRule {
    /// The payout for a price: rounded half to even to the cent, and between nothing and the price plus the loss that
    /// is allowed on purpose.
    #[must_use]
    pub fn of(&self, price: Money, loss_max: Money) -> Money {
        let full = match self {
            Self::Fixed(amount) => *amount,
            Self::Share(basis_points) => price.share(*basis_points),
            Self::Less(margin) => price - margin.of(price),
        };
        full.to_cents_half_even().min(price + loss_max).max(Money::ZERO)
    }

    /// The least price that pays out so much. A price below a fixed payout cuts it to the price, and that may still be
    /// enough.
    #[must_use]
    pub fn price_for(&self, payout: Money) -> Money {
        match self {
            Self::Fixed(_) => payout,
            Self::Share(basis_points) => before_share(payout, *basis_points),
            Self::Less(margin) => margin.price_for(payout),
        }
    }

    /// The most that it can bring of prices up to `ceiling`.
    ///
    /// More than the rule at the ceiling only where a higher band keeps so much that a lower price pays better.
    #[must_use]
    pub fn most(&self, ceiling: Money, loss_max: Money) -> Money {
        let edges = match self {
            Self::Less(Margin::Bands(bands)) => bands.iter().map(|band| band.from - Money::from_cents(1)).collect(),
            Self::Fixed(_) | Self::Share(_) | Self::Less(_) => Vec::new(),
        };
        let prices = edges.into_iter().chain([ceiling]).map(|price| price.min(ceiling));
        prices.map(|price| self.of(price, loss_max)).max().unwrap_or(Money::ZERO)
    }
}

impl Margin {
    fn price_for(&self, payout: Money) -> Money {
        match self {
            Self::Fixed(amount) => payout + *amount,
            Self::Share(basis_points) => before_share(payout, 10_000_u32.saturating_sub(*basis_points)),
            Self::Bands(bands) => {
                let ends = bands.iter().skip(1).map(|band| Some(band.from)).chain([None]);
                let price = |band: &Band| band.margin.price_for(payout).max(band.from);
                let in_band = bands.iter().zip(ends).map(|(band, end)| (price(band), end));
                let found = in_band
                    .filter(|(price, end)| end.is_none_or(|end| *price < end))
                    .map(|(price, _)| price);
                found.min().unwrap_or(payout)
            }
        }
    }

    fn of(&self, price: Money) -> Money {
        match self {
            Self::Fixed(amount) => *amount,
            Self::Share(basis_points) => price.share(*basis_points),
            Self::Bands(bands) => {
                let band = bands.iter().rev().find(|band| band.from <= price);
                band.map_or(Money::ZERO, |band| band.margin.of(price))
            }
        }
    }
}

/// The least price of which a share is so much.
fn before_share(part: Money, basis_points: u32) -> Money {
    let exact = (u128::from(part.micros().unsigned_abs()) * 10_000).div_ceil(u128::from(basis_points.max(1)));
    Money::from_micros(i64::try_from(exact).unwrap_or(i64::MAX))
}
