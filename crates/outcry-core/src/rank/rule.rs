//! The rules of distribution: which of several bids stands first.
//!
//! A distribution is a list of rules. The first puts the bids in order; each further one decides between those that are
//! equal under all before it. What is equal under all of them goes by the earlier answer, then by the earlier contract.

use crate::id::BuyerName;
use crate::money::Money;
use std::cmp::Reverse;
use std::sync::Arc;

/// One rule of distribution.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// The highest price after handicaps.
    HighestBid,
    /// The highest price after handicaps, times the chance that the post is accepted, less what is expected to come
    /// back.
    ExpectedValue,
    /// The lowest number of the contract.
    Priority,
    /// Each contract as often as its weight says, in turns. Names the wheel that its turns are kept on.
    Weighted(Arc<str>),
    /// Who has waited longest. Names the wheel that its turns are kept on.
    RoundRobin(Arc<str>),
    /// Group after group, each by rules of its own.
    Tiers(Arc<[Tier]>),
    /// The set of buyers that brings most together. Only as the first rule; those behind it decide between sets that
    /// bring the same.
    BestSet,
}

/// A group of contracts.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// Its name.
    pub name: Arc<str>,
    /// Its rules.
    pub by: Vec<Rule>,
    /// Its share of the time for pings, in basis points, after which the next tier is asked; `None` if it is asked
    /// together with the tier before it.
    pub time_bp: Option<u32>,
}

/// To how many buyers a lead may go, and who does not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Most buyers: 1 is exclusive.
    pub legs_max: u32,
    /// Buyers that do not share a lead with each other. A buyer never shares one with itself.
    pub conflicts: Vec<[BuyerName; 2]>,
}

/// How the learned value of bids is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Rank by bids, and only note who would have won by expected value.
    pub shadow: bool,
    /// The share of leads ranked by the bids alone, in basis points, so that everybody is tried again.
    pub explore_bp: u32,
}

/// What a place was ranked by. The smaller stands before the larger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Sweepers stand behind all others.
    Sweeper(bool),
    /// Position of the tier.
    Tier(usize),
    /// The price less the handicap.
    Worth(Reverse<Money>),
    /// What the price is expected to bring.
    Expected(Reverse<Money>),
    /// The contract's number.
    Priority(u32),
    /// Place in the turn.
    Turn(usize),
    /// When the answer was complete.
    Answered(u64),
    /// Position of the contract.
    Contract(usize),
}

impl Default for Sharing {
    fn default() -> Self {
        Self {
            legs_max: 1,
            conflicts: Vec::new(),
        }
    }
}

impl Rule {
    /// The word of spec files.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::HighestBid => "highest_bid",
            Self::ExpectedValue => "expected_value",
            Self::Priority => "priority",
            Self::Weighted(_) => "weighted",
            Self::RoundRobin(_) => "round_robin",
            Self::Tiers(_) => "tiers",
            Self::BestSet => "best_set",
        }
    }

    /// The wheels that it and the rules inside of it turn.
    pub fn wheels(&self) -> Vec<Arc<str>> {
        match self {
            Self::Weighted(wheel) | Self::RoundRobin(wheel) => vec![wheel.clone()],
            Self::Tiers(tiers) => tiers.iter().flat_map(|tier| tier.by.iter().flat_map(Self::wheels)).collect(),
            Self::HighestBid | Self::ExpectedValue | Self::Priority | Self::BestSet => Vec::new(),
        }
    }
}
