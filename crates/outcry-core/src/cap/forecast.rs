//! When a cap will be full, at the pace at which it is being used.

use super::Span;
use crate::moment::Moment;

/// How fast a cap is used: so much since its first unit in this window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Units so far.
    pub used: i64,
    /// When the first of them was used.
    pub first: Moment,
}

/// What to expect of a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// It has no room.
    Full {
        /// When it has again; never after a total.
        opens: Option<Moment>,
    },
    /// It will be full at this pace.
    FullAt(Moment),
    /// The window ends before, with so many units used.
    Open {
        /// Units at its end; nothing is said of a total.
        at_end: Option<i64>,
    },
    /// Too little was used, or for too short a time, to tell.
    Unknown,
}

/// A pace of less than a minute is none.
const SHORTEST_MS: i64 = 60_000;

impl Pace {
    /// What to expect of a cap with this limit in this window. A rolling window is asked for what it has used since its
    /// beginning; its end is not the end of anything, so of it is only said when it would be full.
    pub fn forecast(self, limit: i64, span: &Span, now: Moment) -> Forecast {
        if limit <= self.used {
            return Forecast::Full {
                opens: span.end.filter(|_| !span.is_rolling()),
            };
        }
        let took = now.since_ms(self.first.max(span.since));
        if self.used <= 0 || took < SHORTEST_MS {
            return Forecast::Unknown;
        }
        let (used, took, room) = (i128::from(self.used), i128::from(took), i128::from(limit - self.used));
        // Rounded up: it is full when the last unit is used, not before.
        let wait = (room * took + used - 1) / used;
        let full = i64::try_from(wait).ok().map(|wait| now.plus_ms(wait));
        let end = span.end.filter(|_| !span.is_rolling());
        match full {
            Some(full) if end.is_none_or(|end| full < end) => Forecast::FullAt(full),
            _ => Forecast::Open {
                at_end: end.and_then(|end| i64::try_from(used + used * i128::from(end.since_ms(now)) / took).ok()),
            },
        }
    }
}
