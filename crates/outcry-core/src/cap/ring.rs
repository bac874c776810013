//! What was used in the parts of a rolling window.

use super::Span;
use crate::moment::Moment;

/// Units by the part they were used in, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    parts: Vec<(Moment, i64)>,
}

impl Ring {
    /// Adds units to a part, or takes some back.
    pub fn add(&mut self, part: Moment, units: i64) {
        match self.parts.binary_search_by_key(&part, |(start, _)| *start) {
            Ok(at) => self.parts[at].1 += units,
            Err(at) => self.parts.insert(at, (part, units)),
        }
    }

    /// Units used since then. What was used later than now, by a clock that has been put back since, counts too.
    pub fn since(&self, since: Moment) -> i64 {
        self.parts
            .iter()
            .rev()
            .take_while(|(start, _)| since <= *start)
            .map(|(_, units)| units)
            .sum()
    }

    /// When so many units fit again below a limit, if nothing more is used before.
    pub fn opens(&self, span: &Span, units: i64, limit: i64) -> Option<Moment> {
        let length = span.start.since_ms(span.since) + span.end?.since_ms(span.start);
        let mut used = self.since(span.since);
        let counted = self.parts.iter().filter(|(start, _)| span.since <= *start);
        for (start, part) in counted {
            if used + units <= limit {
                break;
            }
            used -= part;
            if used + units <= limit {
                return Some(start.plus_ms(length));
            }
        }
        None
    }

    /// Units used in one part.
    pub fn at(&self, part: Moment) -> i64 {
        self.parts
            .binary_search_by_key(&part, |(start, _)| *start)
            .map_or(0, |at| self.parts[at].1)
    }

    /// The first part since then in which anything was used.
    pub fn first_since(&self, since: Moment) -> Option<Moment> {
        let counted = self.parts.iter().find(|(start, units)| since <= *start && *units > 0);
        counted.map(|(start, _)| *start)
    }

    /// The latest part in which anything was used.
    pub fn latest(&self) -> Option<Moment> {
        self.parts.last().map(|(start, _)| *start)
    }

    /// Forgets what was used before then.
    pub fn forget_before(&mut self, moment: Moment) {
        self.parts.retain(|(start, _)| moment <= *start);
    }

    /// How many parts it remembers.
    pub const fn len(&self) -> usize {
        self.parts.len()
    }

    /// Was nothing used?
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}
