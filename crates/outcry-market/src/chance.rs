//! Chance that can be repeated: the same seed gives the same draws for ever.
//!
//! No crate for random numbers, on purpose: they promise good numbers, not the same numbers after an upgrade, and a
//! failing seed must still fail in two years. The generator is `SplitMix64` (Steele, Lea, Flood, "Fast splittable
//! pseudorandom number generators", 2014): one addition and one mixing function, good enough to make up a market
//! and never to be used for a secret.

/// The step of `SplitMix64`: 2^64 divided by the golden ratio, odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A stream for one purpose: the parts name it (a seed, a number, a purpose) and their order counts.
    pub fn of(parts: &[u64]) -> Self {
        Self(
            parts
                .iter()
                .fold(0, |state, part| mix(state.wrapping_add(STEP) ^ mix(part.wrapping_add(STEP)))),
        )
    }

    /// 64 fresh bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `end`; zero when `end` is zero. The bias is below one in four billion for any `end` of a market.
    pub fn below(&mut self, end: u64) -> u64 {
        let scaled = (u128::from(self.bits()) * u128::from(end)) >> 64;
        u64::try_from(scaled).expect("a product of two 64 bit numbers, shifted by 64 bits, fits again")
    }

    /// A number from `low` to `high`, both included; `low` when they are the wrong way round.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add_unsigned(self.below(width))
    }

    /// A position in a list of so many; zero for an empty one.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("a number below a length fits a position")
    }

    /// One of several. `choices` must not be empty.
    pub fn pick<'a, T: ?Sized>(&mut self, choices: &'a [&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    /// Does a thing happen that happens so often?
    pub fn happens(&mut self, share: Share) -> bool {
        self.below(1_000) < share.thousandths()
    }
}

/// How often something happens, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u16);

impl Share {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Always.
    pub const ALWAYS: Self = Self(1_000);

    /// So many in a hundred; more than a hundred is always.
    pub const fn percent(percent: u16) -> Self {
        if percent >= 100 { Self::ALWAYS } else { Self(percent * 10) }
    }

    /// Out of a thousand.
    pub const fn thousandths(self) -> u64 {
        self.0 as u64
    }
}

/// Spreads every bit of a number over all 64: the output function of `SplitMix64`.
pub const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// 64 bits of a text, the same for ever: FNV-1a, mixed once more because its high bits are weak. Not for secrets.
pub fn digest(text: &[u8]) -> u64 {
    mix(text.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_these_numbers_for_ever() {
        let mut chance = Chance::of(&[7, 1]);
        let drawn: Vec<u64> = (0..4).map(|_| chance.below(1_000)).collect();
        assert_eq!(drawn, FIRST_DRAWS, "a change here changes every market anybody has noted down");
        assert_eq!(digest(b"outcry"), DIGEST);
    }

    const FIRST_DRAWS: [u64; 4] = [493, 48, 219, 666];
    const DIGEST: u64 = 7_232_130_118_801_074_376;

    #[test]
    fn shares_come_out_about_right() {
        let mut chance = Chance::of(&[1]);
        for percent in [0, 5, 50, 95, 100] {
            let hits = (0..20_000).filter(|_| chance.happens(Share::percent(percent))).count();
            assert!(hits.abs_diff(usize::from(percent) * 200) < 400, "{percent} %: {hits} of 20,000");
        }
    }

    #[test]
    fn a_number_stays_between_its_bounds() {
        let mut chance = Chance::of(&[2]);
        assert!((0..1_000).all(|_| (-3..=5).contains(&chance.between(-3, 5))));
        assert_eq!(chance.between(5, 5), 5);
        assert_eq!(chance.between(5, 1), 5);
        assert_eq!(chance.below(0), 0);
    }
}
