//! Who is behind lead `n`: everything in a lead that must fit together.

use super::people::{FIRST_NAMES, Gender, LAST_NAMES, STREETS};
use super::phone;
use super::places::{PLACES, Place};
use crate::chance::Chance;

/// A person who does not exist, the same in every lead type.
pub(crate) struct Person {
    pub(crate) n: u64,
    pub(crate) seed: u64,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) gender: Gender,
    pub(crate) place: Place,
    /// Years for a birth date, as a share of the ages that a field allows: 0 is the youngest, 999 the oldest.
    pub(crate) maturity: i64,
    street: (u64, &'static str),
}

impl Person {
    /// Lead `n` of a seed.
    pub(crate) fn number(seed: u64, n: u64) -> Self {
        let mut chance = Chance::of(&[seed, n, 0x50]);
        let (first, gender) = FIRST_NAMES[chance.index(FIRST_NAMES.len())];
        Self {
            n,
            seed,
            first,
            gender,
            last: chance.pick(LAST_NAMES),
            place: PLACES[chance.index(PLACES.len())],
            maturity: chance.between(0, 999),
            street: (100 + chance.below(9_800), chance.pick(STREETS)),
        }
    }

    /// In E.164; see [`phone::number`] for why it rings nowhere.
    pub(crate) fn phone(&self) -> String {
        phone::number(self.seed, self.n)
    }

    /// Unique in `n`, at a domain that is set aside for examples.
    pub(crate) fn email(&self) -> String {
        let plain = |name: &str| {
            name.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase())
                .collect::<String>()
        };
        format!("{}.{}.{}@example.com", plain(self.first), plain(self.last), self.n)
    }

    /// House number and street.
    pub(crate) fn street(&self) -> String {
        format!("{} {}", self.street.0, self.street.1)
    }
}
