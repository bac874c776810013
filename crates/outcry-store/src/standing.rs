//! Where an attempt stands, and how it may move: the one rule that every store shares.

use outcry_core::verdict::Verdict;
use outcry_engine::ports::store::LeadState;

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AttemptState {
    /// May have been sent.
    Intent,
    /// The buyer may have the lead.
    Unknown,
    /// The buyer has it.
    Accepted,
    /// The buyer does not want it.
    Rejected,
    /// It never left.
    NotSent,
}

/// What an outcome does to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is news.
    Moves,
    /// It is known already.
    Known,
    /// It contradicts what is known for certain.
    Contradicts,
}

impl AttemptState {
    const ALL: [Self; 5] = [Self::Intent, Self::Unknown, Self::Accepted, Self::Rejected, Self::NotSent];

    /// Where a verdict leaves an attempt.
    pub(crate) const fn after(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted(_) => Self::Accepted,
            Verdict::Rejected { .. } => Self::Rejected,
            Verdict::NotSent { .. } => Self::NotSent,
            Verdict::Unknown { .. } => Self::Unknown,
        }
    }

    /// Does it keep its leg, its claims and its holds?
    pub(crate) const fn holds(self) -> bool {
        matches!(self, Self::Intent | Self::Unknown | Self::Accepted)
    }

    /// What it says of the buyer's wish, as accepted and rejected posts; nothing if nobody knows, or it never left.
    pub(crate) const fn says(self) -> Option<(u64, u64)> {
        match self {
            Self::Accepted => Some((1, 0)),
            Self::Rejected => Some((0, 1)),
            Self::Intent | Self::Unknown | Self::NotSent => None,
        }
    }

    /// What an outcome means for an attempt that stands here.
    pub(crate) fn step(self, to: Self) -> Step {
        match self {
            _ if self == to => Step::Known,
            Self::Intent | Self::Unknown => Step::Moves,
            Self::Accepted | Self::Rejected | Self::NotSent => Step::Contradicts,
        }
    }

    /// The word in answers and reports.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::NotSent => "not_sent",
        }
    }

    /// The number in the store; never used again for anything else.
    pub(crate) const fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }
}

/// May a lead's state be set without news of an attempt?
///
/// An answer that was late in the queue must not take a lead back from its end: what is sold stays sold.
pub(crate) const fn reopens(from: LeadState, to: LeadState) -> bool {
    let ended = matches!(from, LeadState::Sold | LeadState::Unsold);
    let open = matches!(to, LeadState::Selling | LeadState::Uncertain);
    ended && open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_moves_an_open_attempt_and_nothing_moves_an_ended_one() {
        use AttemptState::{Accepted, Intent, NotSent, Rejected, Unknown};
        let table = [
            (Intent, Unknown, Step::Moves),
            (Intent, Accepted, Step::Moves),
            (Unknown, Rejected, Step::Moves),
            (Unknown, Unknown, Step::Known),
            (Accepted, Accepted, Step::Known),
            (Accepted, Unknown, Step::Contradicts),
            (Rejected, Accepted, Step::Contradicts),
            (NotSent, Rejected, Step::Contradicts),
        ];
        for (from, to, step) in table {
            assert_eq!(from.step(to), step, "{} then {}", from.word(), to.word());
        }
    }

    #[test]
    fn numbers_in_the_store_read_back() {
        for state in AttemptState::ALL {
            assert_eq!(AttemptState::from_number(state.number()), Some(state));
        }
    }
}
