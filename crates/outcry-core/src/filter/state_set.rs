//! A set of states, as one number.

use crate::validate::STATES as CODES;
use std::fmt;

/// How many codes there are; a lead has no others.
pub(super) const STATES: usize = CODES.len();

const UNKNOWN: u8 = u8::MAX;

/// Position by letters: a lead is compared with thousands of filters, and a search would cost more than the test.
const POSITIONS: [u8; 26 * 26] = {
    let mut positions = [UNKNOWN; 26 * 26];
    let mut at = 0;
    while at < CODES.len() {
        let code = CODES[at].as_bytes();
        #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 64 codes")]
        let position = at as u8;
        positions[(code[0] - b'A') as usize * 26 + (code[1] - b'A') as usize] = position;
        at += 1;
    }
    positions
};

/// A set of state codes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StateSet(u64);

impl StateSet {
    /// No state.
    pub const NONE: Self = Self(0);
    /// Every state.
    pub const ALL: Self = Self((1 << STATES) - 1);

    /// Adds a code; `false` if there is no such code.
    pub fn insert(&mut self, code: &str) -> bool {
        position(code).map(|at| self.0 |= 1 << at).is_some()
    }

    /// Is the code in the set?
    pub fn contains(self, code: &str) -> bool {
        position(code).is_some_and(|at| self.0 >> at & 1 == 1)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Is nothing in it?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The codes, in alphabetical order.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        CODES
            .into_iter()
            .enumerate()
            .filter(move |(at, _)| self.0 >> at & 1 == 1)
            .map(|(_, code)| code)
    }

    /// Is the code at this position in the set?
    pub(super) const fn has(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    pub(super) fn insert_position(&mut self, at: usize) {
        debug_assert!(at < STATES, "a position comes from the table");
        self.0 |= 1 << at;
    }
}

impl fmt::Debug for StateSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.codes()).finish()
    }
}

/// Position of a code among all codes; small letters are not a code.
pub(super) fn position(code: &str) -> Option<usize> {
    let &[first, second] = code.as_bytes() else { return None };
    let letter = |byte: u8| byte.checked_sub(b'A').filter(|letter| *letter < 26).map(usize::from);
    let at = POSITIONS[letter(first)? * 26 + letter(second)?];
    (at != UNKNOWN).then_some(usize::from(at))
}

/// The code at a position.
pub(super) fn code(at: usize) -> &'static str {
    CODES[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_where_it_stands() {
        assert!(CODES.is_sorted());
        for (at, code) in CODES.into_iter().enumerate() {
            assert_eq!(position(code), Some(at));
        }
        for no_code in ["", "C", "ca", "CAL", "ZZ", "C1", "Ä"] {
            assert_eq!(position(no_code), None, "{no_code}");
        }
    }

    #[test]
    fn a_set_knows_its_states() {
        let mut west = StateSet::NONE;
        assert!(west.insert("WA") && west.insert("CA") && !west.insert("XX"));
        assert!(west.contains("CA") && !west.contains("NY") && !west.contains("XX"));
        assert_eq!(west.codes().collect::<Vec<_>>(), ["CA", "WA"]);
        assert_eq!(StateSet::ALL.codes().count(), STATES);
        assert!(west.intersection(StateSet::NONE).is_empty());
    }
}
