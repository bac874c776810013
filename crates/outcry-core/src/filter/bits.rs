//! A set of positions in a list, one bit each.

/// Positions from 0 to a length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Box<[u64]>,
    length: usize,
}

impl Bits {
    /// No position of so many.
    pub fn none(length: usize) -> Self {
        Self {
            words: vec![0; length.div_ceil(64)].into(),
            length,
        }
    }

    /// Every position of so many.
    pub fn all(length: usize) -> Self {
        let mut all = Self {
            words: vec![u64::MAX; length.div_ceil(64)].into(),
            length,
        };
        if let Some(last) = all.words.last_mut().filter(|_| !length.is_multiple_of(64)) {
            *last = (1 << (length % 64)) - 1;
        }
        all
    }

    /// How many positions there could be.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Adds a position.
    pub fn insert(&mut self, at: usize) {
        debug_assert!(at < self.length, "a position is one of the list");
        self.words[at / 64] |= 1 << (at % 64);
    }

    /// Takes a position away.
    pub fn remove(&mut self, at: usize) {
        if let Some(word) = self.words.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    /// Is a position in the set?
    pub fn has(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Keeps what is in both.
    pub fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= other);
    }

    /// Takes away what is in the other.
    pub fn take_away(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own &= !other);
    }

    /// Adds what is in the other.
    pub fn add(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    /// Is any position in both?
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(own, other)| own & other != 0)
    }

    /// What is in both, in rising order.
    pub fn both<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        ones(self.words.iter().zip(&other.words).map(|(own, other)| own & other))
    }

    /// The positions, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        ones(self.words.iter().copied())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

fn ones(words: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    words.enumerate().flat_map(|(at, mut word)| {
        std::iter::from_fn(move || {
            let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
            word &= word - 1;
            Some(at * 64 + bit)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_of_bits_is_a_set(length in 1_usize..300, mine in prop::collection::vec(0_usize..300, 0..40), other in prop::collection::vec(0_usize..300, 0..40)) {
            let of = |list: &[usize]| {
                let mut bits = Bits::none(length);
                list.iter().filter(|at| **at < length).for_each(|at| bits.insert(*at));
                bits
            };
            let (a, b) = (of(&mine), of(&other));
            let both: Vec<usize> = (0..length).filter(|at| a.has(*at) && b.has(*at)).collect();
            prop_assert_eq!(a.both(&b).collect::<Vec<_>>(), both.clone());
            prop_assert_eq!(a.meets(&b), !both.is_empty());
            let mut kept = a.clone();
            kept.keep(&b);
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), both);
            let mut left = a.clone();
            left.take_away(&b);
            prop_assert_eq!(left.iter().collect::<Vec<_>>(), (0..length).filter(|at| a.has(*at) && !b.has(*at)).collect::<Vec<_>>());
            let mut more = a.clone();
            more.add(&b);
            prop_assert_eq!(more.count(), (0..length).filter(|at| a.has(*at) || b.has(*at)).count());
            prop_assert_eq!(Bits::all(length).count(), length);
        }
    }
}
