//! Caps: a count per window. And budgets: money per window. Both are counters that never pass their limit.

mod forecast;
mod ring;
mod window;

pub use self::forecast::{Forecast, Pace};
pub use self::ring::Ring;
pub use self::window::{Clock, Span, Window};

use crate::filter::Filter;
use crate::lead::Lead;
use crate::moment::Moment;
use crate::money::Money;
use crate::price::Split;
use std::sync::Arc;

/// A limit on what a supplier, a source, a campaign, a buyer, a contract or a route may take in one window.
#[derive(Clone, Debug)]
pub struct Cap {
    /// Unique in the catalog and stable over versions: `contract/acme_auto/sales/day`. The store counts by it.
    pub key: Arc<str>,
    /// Its position among all caps of the catalog, for tables kept outside.
    pub index: usize,
    /// What is counted.
    pub counts: Counts,
    /// Over which windows.
    pub clock: Clock,
    /// Most units: a number of pings, posts or sales, or millionths of the currency unit.
    pub limit: i64,
    /// How many more units the buyer takes rather than that a lead is lost.
    pub over: i64,
    /// Of which leads it counts: all of these filters hold. A cap inside another has that one's here too.
    pub when: Vec<Filter>,
    /// What becomes of a lead that finds it full.
    pub full: WhenFull,
}

/// What a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Pings that left. Of a supplier, source or campaign: leads that somebody was pinged for.
    Pings,
    /// Posts that were sent, whatever the buyer said to them.
    Posts,
    /// Sales, and posts that may become one: freed when a post is rejected or not sent.
    Sales,
    /// Money that buyers pay for sales.
    Price,
    /// Money that suppliers get for sales.
    Payout,
}

/// What becomes of a lead that finds a cap full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// The next best buyer has it.
    #[default]
    Next,
    /// It waits until the window opens, but no longer than so many minutes after it came, if nobody else takes it.
    Hold {
        /// Most minutes.
        minutes: u32,
    },
    /// Nobody else has it.
    Stop,
}

impl Counts {
    /// The word spec files use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pings => "pings",
            Self::Posts => "posts",
            Self::Sales => "sales",
            Self::Price => "price",
            Self::Payout => "payout",
        }
    }

    /// Are its units millionths of the currency unit?
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Price | Self::Payout)
    }
}

impl Cap {
    /// Does it count leads like this one?
    pub fn counts_lead(&self, lead: &Lead, now: Moment) -> bool {
        self.when.iter().all(|filter| filter.admits(lead, now).is_ok())
    }

    /// How much one sale would use.
    pub const fn amount(&self, split: &Split) -> i64 {
        match self.counts {
            Counts::Pings | Counts::Posts | Counts::Sales => 1,
            Counts::Price => split.price.micros(),
            Counts::Payout => split.payout.micros(),
        }
    }

    /// The least that one more lead would use, while no price is known: one unit, or anything at all.
    pub const fn least(&self) -> i64 {
        1
    }

    /// Its limit as people write it.
    pub fn shown(&self, units: i64) -> String {
        if self.counts.is_money() {
            Money::from_micros(units).to_string()
        } else {
            units.to_string()
        }
    }
}

#[cfg(test)]
mod tests;
