//! When a condition on one value holds, as a set: so `and`, `or` and `not` over one value are set algebra, a chain of
//! conditions on one value becomes one test, and a condition that nothing can meet shows as an empty set.

use super::axis::{Axis, measured, states};
use super::eval::{Among, Check, Output, Source, Test};
use super::expr::Subject;
use super::spans::Spans;
use super::state_set::StateSet;
use super::texts::Texts;
use std::sync::Arc;

/// For which values a condition holds, and whether it does where there is none.
#[derive(Clone)]
pub(super) struct Truth {
    pub(super) subject: Subject,
    pub(super) source: Source,
    pub(super) axis: Arc<Axis>,
    pub(super) spans: Spans,
    pub(super) missing: bool,
}

/// How the parts of a condition are put together.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Join {
    And,
    Or,
}

impl Join {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::And => " and ",
            Self::Or => " or ",
        }
    }

    pub(super) fn check(self, parts: Box<[Check]>) -> Check {
        match self {
            Self::And => Check::All(parts),
            Self::Or => Check::Any(parts),
        }
    }
}

impl Truth {
    pub(super) fn is_of_same_value(&self, other: &Self) -> bool {
        self.subject == other.subject && self.source == other.source
    }

    pub(super) fn negated(self) -> Self {
        Self {
            spans: self.spans.complement(),
            missing: !self.missing,
            ..self
        }
    }

    /// Both are of the same value.
    pub(super) fn joined(self, other: &Self, join: Join) -> Self {
        let (spans, missing) = match join {
            Join::And => (self.spans.intersect(&other.spans), self.missing && other.missing),
            Join::Or => (self.spans.union(&other.spans), self.missing || other.missing),
        };
        Self { spans, missing, ..self }
    }

    pub(super) fn is_never(&self) -> bool {
        !self.missing && self.spans.within(self.axis.bounds()).is_empty()
    }

    pub(super) fn is_always(&self) -> bool {
        // There is always an hour.
        let never_lacking = matches!(self.source, Source::Clock(..));
        (self.missing || never_lacking) && self.spans.complement().within(self.axis.bounds()).is_empty()
    }

    /// The states outside of which it cannot hold, if it is about the state of the person.
    pub(super) fn states(&self) -> Option<StateSet> {
        let is_theirs = matches!((&self.subject, &*self.axis), (Subject::Field(name), Axis::States) if **name == *"state");
        (is_theirs && !self.missing).then(|| states(&self.spans))
    }

    pub(super) fn into_test(self, texts: &Texts) -> Test {
        let Self {
            source,
            axis,
            spans,
            missing,
            ..
        } = self;
        if spans.is_empty() || spans == Spans::all() {
            return Test {
                of: source,
                missing,
                among: Among::Whatever(!spans.is_empty()),
            };
        }
        let of = match source {
            Source::Output(output) => Source::Output(Box::new(Output {
                numbers: measured(&output.transform, &spans),
                ..*output
            })),
            other => other,
        };
        Test {
            of,
            missing,
            among: axis.among(&spans, texts),
        }
    }
}
