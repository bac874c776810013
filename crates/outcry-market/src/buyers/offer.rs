//! An offer, written into its own id: a buyer that must judge a post need not remember a million pings.
//!
//! The id says the number of the ping, the price and the draw that the post will be decided by, and ends in a check that
//! only this buyer's seed gives. An id of another buyer, or one that was tampered with, is told at once.

use crate::chance::mix;

/// What was offered in one ping answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Counts this buyer's pings.
    pub(crate) serial: u64,
    pub(crate) cents: i64,
    /// Decides what becomes of a post. Comes from what the ping said, not from its number.
    pub(crate) draw: u64,
}

impl Offer {
    pub(crate) fn id(&self, seed: u64) -> String {
        format!("{:x}-{:x}-{:016x}-{:08x}", self.serial, self.cents, self.draw, self.check(seed))
    }

    /// `None` if this buyer did not make it.
    pub(crate) fn read(id: &str, seed: u64) -> Option<Self> {
        let mut parts = id.trim().split('-').map(|part| u64::from_str_radix(part, 16).ok());
        let mut next = || parts.next().flatten();
        let offer = Self {
            serial: next()?,
            cents: i64::try_from(next()?).ok()?,
            draw: next()?,
        };
        let check = next()?;
        (check == offer.check(seed) && parts.next().is_none()).then_some(offer)
    }

    fn check(&self, seed: u64) -> u64 {
        mix(mix(mix(seed) ^ self.serial) ^ mix(self.draw) ^ self.cents.unsigned_abs()) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_understood_by_its_own_buyer_alone() {
        let offer = Offer {
            serial: 17,
            cents: 2_150,
            draw: 0xDEAD_BEEF,
        };
        let id = offer.id(5);
        assert_eq!(Offer::read(&id, 5), Some(offer));
        assert_eq!(Offer::read(&id, 6), None);
        let tampered = id.replacen("866", "867", 1);
        assert_ne!(tampered, id);
        for wrong in ["", "17", "abc-def", &format!("{id}-0"), &tampered] {
            assert_eq!(Offer::read(wrong, 5), None, "{wrong}");
        }
    }
}
