//! How what the core says of attempts and leads stands in a store.

pub(crate) use outcry_core::attempt::{AttemptState, Step};
use outcry_engine::ports::store::{AttemptOutcome, LeadState, Settled};

/// Where an outcome leaves its attempt.
pub(crate) const fn after(outcome: &AttemptOutcome) -> AttemptState {
    if outcome.written_off {
        AttemptState::WrittenOff
    } else {
        AttemptState::after(&outcome.verdict)
    }
}

/// The number in the store; never used again for anything else.
pub(crate) const fn number(state: AttemptState) -> i64 {
    match state {
        AttemptState::Intent => 0,
        AttemptState::Unknown => 1,
        AttemptState::Accepted => 2,
        AttemptState::Rejected => 3,
        AttemptState::NotSent => 4,
        AttemptState::WrittenOff => 5,
    }
}

/// The state of a number.
pub(crate) fn from_number(found: i64) -> Option<AttemptState> {
    AttemptState::ALL.into_iter().find(|state| number(*state) == found)
}

/// May a lead's state be set without news of an attempt?
///
/// An answer that was late in the queue must not take a lead back from its end: what is sold stays sold.
pub(crate) const fn reopens(from: LeadState, to: LeadState) -> bool {
    has_ended(from) && !has_ended(to)
}

/// Where a lead stands after news of an attempt. Whoever brings them may not know yet that the lead has come to its end: a
/// process that stood still, say, while another looked after its leads.
pub(crate) const fn moved(from: LeadState, to: LeadState) -> LeadState {
    if reopens(from, to) { from } else { to }
}

/// Is nothing done with a lead any more, unless there is news of an attempt?
pub(crate) const fn has_ended(state: LeadState) -> bool {
    matches!(state, LeadState::Sold | LeadState::Unsold)
}

/// What an end means for a lead that has come to one already: the same end is that one again, and another end is too late. A start that
/// closes a lead and whoever was still selling it may have two words for it, and its source hears one.
pub(crate) const fn told(same: bool) -> Settled {
    if same { Settled::Done } else { Settled::AlreadyFinal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_the_store_read_back() {
        for state in AttemptState::ALL {
            assert_eq!(from_number(number(state)), Some(state));
        }
    }
}
