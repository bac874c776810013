//! What is in use of one cap, as far as this process knows.

use outcry_core::cap::{Cap, Pace, Ring, Span};
use outcry_core::moment::Moment;

/// How long the store's word that a window is full is believed. It may be about units that were being freed at that
/// very moment, so it must not outlive them.
const FULL_MS: i64 = 1_000;

/// Units in use, and whether the store has called the window full.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Of a calendar window the latest alone; of a rolling one its parts.
    parts: Ring,
    rolling: bool,
    full: Option<(Moment, Moment)>,
    /// When the first unit was used that is still in use, as far as that is known.
    first: Option<Moment>,
}

impl Tally {
    pub(super) const fn set_rolling(&mut self, rolling: bool) {
        self.rolling = rolling;
    }

    /// Adds to what is used under a moment. A calendar window that is over does not come back.
    pub(super) fn add(&mut self, start: Moment, units: i64, at: Option<Moment>) {
        let later = self.parts.latest().is_some_and(|latest| start < latest);
        if !self.rolling && later {
            return;
        }
        if !self.rolling {
            if self.parts.latest() != Some(start) {
                self.first = None;
            }
            self.parts.forget_before(start);
        }
        self.parts.add(start, units);
        self.first = self.first.or(at);
    }

    /// How fast it is being used. In a rolling window what was used first is what has not left it yet.
    pub(super) fn pace(&self, span: &Span) -> Pace {
        let used = if self.rolling {
            self.parts.since(span.since)
        } else {
            self.parts.at(span.start)
        };
        let first = if self.rolling {
            self.parts.first_since(span.since)
        } else {
            self.first
        };
        Pace {
            used,
            first: first.unwrap_or(span.start),
        }
    }

    pub(super) fn full(&mut self, span: &Span, now: Moment) {
        self.full = Some((span.start, now.plus_ms(FULL_MS)));
    }

    pub(super) fn used(&self, cap: &Cap, span: &Span, now: Moment) -> i64 {
        if self.full.is_some_and(|(start, until)| start == span.start && now < until) {
            return cap.limit + cap.over;
        }
        if self.rolling {
            self.parts.since(span.since)
        } else {
            self.parts.at(span.start)
        }
    }

    pub(super) fn opens(&self, cap: &Cap, span: &Span) -> Option<Moment> {
        if self.rolling {
            self.parts.opens(span, cap.least(), cap.limit)
        } else {
            span.end
        }
    }
}
