//! Where an attempt stands, and how it may move: the one rule that every store shares.
//!
//! ```text
//!           T2                first byte           definite answer
//! planned ------> intent ------------------> sent ------------------> accepted | rejected
//!                   |                          |
//!                   | no byte left             | anything else, or a crash
//!                   v                          v
//!                not_sent                   unknown ----> accepted | rejected | not_sent | written_off
//! ```
//!
//! *Planned* and *sent* are known to the process alone that does it: what a crash leaves behind is an intent, and that may
//! have been sent. An intent has one owner, who alone may send it. A fact has none: whoever has it may record it.

use crate::verdict::Verdict;

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttemptState {
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
    /// Nobody will find out any more: it stays sold for everybody else, for caps and for the person, and unsold for money.
    WrittenOff,
}

/// What an outcome does to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is news.
    Moves,
    /// It is known already, or says nothing.
    Known,
    /// It contradicts what is known for certain.
    Contradicts,
}

impl AttemptState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Intent,
        Self::Unknown,
        Self::Accepted,
        Self::Rejected,
        Self::NotSent,
        Self::WrittenOff,
    ];

    /// Where a verdict leaves an attempt.
    pub const fn after(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accepted(_) => Self::Accepted,
            Verdict::Rejected { .. } => Self::Rejected,
            Verdict::NotSent { .. } => Self::NotSent,
            Verdict::Unknown { .. } => Self::Unknown,
        }
    }

    /// Does it keep its leg, its claims and its holds?
    pub const fn holds(self) -> bool {
        matches!(self, Self::Intent | Self::Unknown | Self::Accepted | Self::WrittenOff)
    }

    /// Does nobody know whether the buyer has the lead?
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::WrittenOff)
    }

    /// What it says of the buyer's wish, as accepted and rejected posts; nothing if nobody knows, or it never left.
    pub const fn says(self) -> Option<(u64, u64)> {
        match self {
            Self::Accepted => Some((1, 0)),
            Self::Rejected => Some((0, 1)),
            Self::Intent | Self::Unknown | Self::NotSent | Self::WrittenOff => None,
        }
    }

    /// What an outcome means for an attempt that stands here. Writing off ends the search and not the truth: a buyer
    /// that speaks after it is still heard.
    pub fn step(self, to: Self) -> Step {
        let nothing_new = matches!((self, to), (Self::WrittenOff | Self::Unknown, Self::Unknown | Self::Intent));
        // Who sends an intent may know more than who would write it off.
        let writes_off_an_intent = matches!((self, to), (Self::Intent, Self::WrittenOff));
        let is_final = matches!(self, Self::Accepted | Self::Rejected | Self::NotSent);
        match () {
            () if self == to || nothing_new => Step::Known,
            () if is_final || writes_off_an_intent => Step::Contradicts,
            () => Step::Moves,
        }
    }

    /// The word in answers and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::NotSent => "not_sent",
            Self::WrittenOff => "written_off",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_moves_an_open_attempt_and_nothing_moves_an_ended_one() {
        use AttemptState::{Accepted, Intent, NotSent, Rejected, Unknown, WrittenOff};
        let table = [
            (Intent, Unknown, Step::Moves),
            (Intent, Accepted, Step::Moves),
            (Unknown, Rejected, Step::Moves),
            (Unknown, NotSent, Step::Moves),
            (Unknown, WrittenOff, Step::Moves),
            (Unknown, Unknown, Step::Known),
            (Accepted, Accepted, Step::Known),
            (Accepted, Unknown, Step::Contradicts),
            (Rejected, Accepted, Step::Contradicts),
            (NotSent, Rejected, Step::Contradicts),
            (Accepted, WrittenOff, Step::Contradicts),
        ];
        for (from, to, step) in table {
            assert_eq!(from.step(to), step, "{} then {}", from.word(), to.word());
        }
    }

    #[test]
    fn what_is_written_off_is_given_up_by_us_and_not_by_the_truth() {
        use AttemptState::{Accepted, Intent, Rejected, Unknown, WrittenOff};
        assert!(WrittenOff.holds() && WrittenOff.is_open());
        assert_eq!(WrittenOff.step(Accepted), Step::Moves);
        assert_eq!(WrittenOff.step(Rejected), Step::Moves);
        assert_eq!(WrittenOff.step(Unknown), Step::Known);
        assert_eq!(
            Intent.step(WrittenOff),
            Step::Contradicts,
            "only what nobody knows is written off, and the owner of an intent may know"
        );
    }

    #[test]
    fn words_read_back() {
        for state in AttemptState::ALL {
            assert_eq!(AttemptState::parse(state.word()), Some(state));
        }
    }
}
