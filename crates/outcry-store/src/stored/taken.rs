//! The stored shape of what an attempt has taken: the claims and holds that its outcome may free again.
//!
//! Scopes and caps stand here by the numbers of their names.

use super::codec::{Input, Stored, Unreadable, structure};
use crate::standing::AttemptState;
use outcry_core::moment::Moment;

/// Everything one attempt has taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) claims: Vec<TakenClaim>,
    /// Freed when the buyer does not have the lead.
    pub(crate) holds: Vec<TakenHold>,
    /// Freed only when the post was not sent.
    pub(crate) sent: Vec<TakenHold>,
    /// Claims that stay when the buyer rejects the lead, and go only if it never left.
    pub(crate) kept: Vec<TakenClaim>,
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

impl Taken {
    /// What an attempt in this state holds on to.
    pub(crate) fn held(&self, state: AttemptState) -> impl Iterator<Item = &TakenHold> {
        let sold = state.holds();
        let sent = sold || state == AttemptState::Rejected;
        let sold = self.holds.iter().filter(move |_| sold);
        sold.chain(self.sent.iter().filter(move |_| sent))
    }
}

/// What counts posts came later than the rest, and the claims that stay after it: what ends before one of them has none.
impl Stored for Taken {
    fn put(&self, out: &mut Vec<u8>) {
        self.claims.put(out);
        self.holds.put(out);
        if !self.sent.is_empty() || !self.kept.is_empty() {
            self.sent.put(out);
        }
        if !self.kept.is_empty() {
            self.kept.put(out);
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            claims: Stored::take(input)?,
            holds: Stored::take(input)?,
            sent: if input.is_empty() { Vec::new() } else { Stored::take(input)? },
            kept: if input.is_empty() { Vec::new() } else { Stored::take(input)? },
        })
    }
}

structure! {
    TakenClaim { scope, person, until }
    TakenHold { cap, window, amount }
}
