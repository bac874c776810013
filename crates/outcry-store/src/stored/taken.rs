//! The stored shape of what an attempt has taken: the claims and holds that its outcome may free again.
//!
//! Scopes and caps stand here by the numbers of their names.

use super::codec::{Input, Stored, Unreadable, structure};
use outcry_core::moment::Moment;

/// Everything one attempt has taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) claims: Vec<TakenClaim>,
    pub(crate) holds: Vec<TakenHold>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TakenClaim {
    pub(crate) scope: i64,
    pub(crate) person: [u8; 16],
    pub(crate) until: Moment,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TakenHold {
    pub(crate) cap: i64,
    pub(crate) window: Moment,
    pub(crate) amount: i64,
}

structure! {
    Taken { claims, holds }
    TakenClaim { scope, person, until }
    TakenHold { cap, window, amount }
}
