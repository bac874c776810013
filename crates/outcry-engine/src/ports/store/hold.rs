//! What a post or a ping takes of caps and throttles.

use super::Refusal;
use outcry_core::cap::Span;
use outcry_core::moment::Moment;
use outcry_core::throttle::Rate;
use std::sync::Arc;

/// A unit of a cap, or money of a budget, set aside for one attempt. It ends only with the attempt's outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Key of the cap.
    pub cap: Arc<str>,
    /// Which window.
    pub span: Span,
    /// The limit at this moment.
    pub limit: i64,
    /// How much.
    pub amount: i64,
    /// What gives it back.
    pub frees: Frees,
}

/// What gives a hold back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frees {
    /// That the buyer does not have the lead: the post was rejected or not sent.
    NotSold,
    /// That the post was not sent: it counts posts, whatever the buyer says to them.
    NotSent,
}

/// A token of a throttle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Key of the throttle.
    pub throttle: Arc<str>,
    /// The rate at this moment.
    pub rate: Rate,
}

/// Pings of one lead that are about to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// When.
    pub at: Moment,
    /// What the lead takes, however many are pinged for it. If there is no room for that no ping leaves and nothing is taken.
    pub lead: Drawn,
    /// What each ping takes, all or nothing.
    pub pings: Vec<Drawn>,
}

/// Why pings may not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drew {
    /// Why none of them may.
    pub lead: Option<Refusal>,
    /// Why one may not; none of them is asked if the lead may not.
    pub pings: Vec<Option<Refusal>>,
}

/// What one ping or lead takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Units of caps; nothing gives them back.
    pub holds: Vec<Hold>,
    /// Tokens of throttles.
    pub tokens: Vec<Token>,
}
