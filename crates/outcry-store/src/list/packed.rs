//! A set of keys, packed so that a quarter of a billion of them lie in memory and one is found with one look at it.
//!
//! The range of keys is cut into equal buckets, and each bucket is one cache line. A bucket is cut into sixteen groups: eight
//! bytes count the keys of each, and behind them stand the rests of the keys in order, in whole bytes. So a look-up adds up
//! counts, compares the two or three rests of one group at once, and has no branch that depends on the keys. Chance fills some
//! buckets beyond the line; what is left over goes to a smaller set of the same kind, and what is left over there to the
//! next. A look-up reads one line, and a second one in a fiftieth of cases. Exact: no key that was not put in is ever found.

use super::ListFault;
use memmap2::{Advice, MmapMut};

/// The fullest a set may be.
pub(super) const KEYS_MOST: u64 = u32::MAX as u64;
/// A bucket is a cache line.
pub(super) const BUCKET: usize = 64;
/// Sixteen counts of four bits come first.
const COUNTS: usize = 8;
const GROUP_BITS: u32 = 4;
const GROUP_MOST: u64 = 15;
/// The last byte says whether keys went on to the next level; all bytes between hold rests.
const MARK_AT: usize = BUCKET - 1;
const PAYLOAD: usize = MARK_AT - COUNTS;
const WENT_ON: u8 = 0x80;
/// Rests are read sixteen bytes at a time; the last bucket's reach over its end.
const BEYOND: usize = 16;

/// How the keys of one level are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bits of a whole key, at most 64.
    pub(super) key_bits: u32,
    /// How many buckets.
    pub(super) buckets: u64,
}

impl Layout {
    /// The layout of a level for about so many keys: of those whose rests take one byte, two, and so on, the smallest.
    fn for_keys(key_bits: u32, keys: u64, first: bool) -> Self {
        let of_bytes = |rest_bytes: u32| {
            let most = PAYLOAD as u64 / u64::from(rest_bytes);
            let filled = match rest_bytes {
                _ if !first => most / 2,
                // Short rests leave memory to spare, and so nearly nobody has to look twice.
                1 => most - 13,
                _ => most - most.isqrt(),
            };
            // So many buckets at least, or the rests would be longer.
            let least = key_bits.saturating_sub(GROUP_BITS + 8 * rest_bytes).min(63);
            let buckets = keys.div_ceil(filled.max(1)).max(1 << least);
            Self { key_bits, buckets }
        };
        (1..=8)
            .map(of_bytes)
            .min_by_key(|layout| layout.buckets)
            .unwrap_or(Self { key_bits, buckets: 1 })
    }

    /// A layout that some list can have.
    pub(super) fn is_sane(self) -> bool {
        (8..=64).contains(&self.key_bits) && (1..=KEYS_MOST).contains(&self.buckets) && self.buckets.ilog2() + GROUP_BITS < self.key_bits
    }

    /// Bytes of all its buckets.
    pub(super) fn bytes(self) -> u64 {
        self.buckets * BUCKET as u64
    }

    const fn range(self) -> u128 {
        1 << self.key_bits
    }

    /// Bits that a key needs beside its bucket.
    const fn rest_bits(self) -> u32 {
        self.key_bits - self.buckets.ilog2()
    }

    /// Bits of a rest beside its group.
    const fn low_bits(self) -> u32 {
        self.rest_bits() - GROUP_BITS
    }

    /// Bytes of them.
    const fn low_bytes(self) -> usize {
        self.low_bits().div_ceil(8) as usize
    }

    /// Keys that fit into a bucket.
    const fn keys_most(self) -> u64 {
        (PAYLOAD / self.low_bytes()) as u64
    }

    /// The bucket of a key, and what is left of the key there.
    ///
    /// A key times the number of buckets has the bucket in its upper bits. In the lower ones two keys of a bucket differ by
    /// that number at least, so as many of the lowest bits as it has tell nothing and go: no division, and the order stays.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "there are fewer buckets than 32 bits count, and a rest is below 64 bits"
    )]
    const fn place(self, key: u64) -> (usize, u64) {
        let product = key as u128 * self.buckets as u128;
        let rest = product & (self.range() - 1);
        ((product >> self.key_bits) as usize, (rest >> self.buckets.ilog2()) as u64)
    }
}

/// One level of a set.
#[derive(Debug)]
pub(super) struct Level {
    layout: Layout,
    low_bits: u32,
    low_bytes: usize,
    buckets: MmapMut,
}

impl Level {
    /// An empty level, whose buckets are then read into it.
    ///
    /// # Errors
    /// If there is not so much memory.
    pub(super) fn new(layout: Layout) -> Result<Self, ListFault> {
        let length = usize::try_from(layout.bytes()).map_err(|_| ListFault::TooMany)? + BEYOND;
        let buckets = MmapMut::map_anon(length).map_err(ListFault::Memory)?;
        // With large pages a look-up does not wait for the table of pages as well; without them it is only slower.
        let _ = buckets.advise(Advice::HugePage);
        Ok(Self {
            layout,
            low_bits: layout.low_bits(),
            low_bytes: layout.low_bytes(),
            buckets,
        })
    }

    /// Where its buckets are.
    pub(super) fn buckets_mut(&mut self) -> &mut [u8] {
        let end = self.buckets.len() - BEYOND;
        &mut self.buckets[..end]
    }

    /// Do the counts make sense? Without that a damaged file could make a look-up reach beyond the end.
    pub(super) fn is_sane(&self) -> bool {
        let most = self.layout.keys_most();
        let (lines, _) = self.buckets[..self.buckets.len() - BEYOND].as_chunks::<BUCKET>();
        lines.iter().all(|line| sum(counts(line)) <= most)
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "counts and groups are small, and what is above a rest is cut off on purpose"
    )]
    fn find(&self, key: u64) -> Found {
        let (bucket, rest) = self.layout.place(key);
        let line = &self.buckets[bucket * BUCKET..(bucket + 1) * BUCKET + BEYOND];
        let (counts, shift) = (counts(line), GROUP_BITS * (rest >> self.low_bits) as u32);
        let (before, here) = (sum(counts & !(u64::MAX << shift)), counts >> shift & GROUP_MOST);
        let (low, from) = (rest & mask(self.low_bits), COUNTS + before as usize * self.low_bytes);
        let here = if self.low_bytes == 1 {
            holds_byte(sixteen(line, from), low, here)
        } else {
            (0..here as usize).any(|at| sixteen(line, from + at * self.low_bytes) as u64 & mask(8 * self.low_bytes as u32) == low)
        };
        match (here, line[MARK_AT] & WENT_ON) {
            (true, _) => Found::Here,
            (false, 0) => Found::Nowhere,
            (false, _) => Found::Further,
        }
    }
}

/// The sixteen counts at the beginning of a bucket.
fn counts(line: &[u8]) -> u64 {
    line.first_chunk().map_or(0, |counts| u64::from_le_bytes(*counts))
}

/// The sum of sixteen counts, all at once.
const fn sum(counts: u64) -> u64 {
    const EVERY_OTHER: u64 = 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (counts & EVERY_OTHER) + (counts >> 4 & EVERY_OTHER);
    pairs.wrapping_mul(0x0101_0101_0101_0101) >> 56
}

/// Sixteen bytes from a place in a bucket, which the room behind it makes sure are there.
fn sixteen(line: &[u8], from: usize) -> u128 {
    line.get(from..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |bytes| u128::from_le_bytes(*bytes))
}

/// Is one of the first so many bytes this one? All are compared at once: subtracting one from each borrows only where the byte
/// was nothing, and above the lowest such place, which is the one that counts.
const fn holds_byte(bytes: u128, byte: u64, first: u64) -> bool {
    const ONES: u128 = u128::MAX / 255;
    let different = bytes ^ (ONES * byte as u128);
    different.wrapping_sub(ONES) & !different & (ONES << 7) & !(u128::MAX << (8 * first)) != 0
}

const fn mask(bits: u32) -> u64 {
    if bits == 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// What one level knows of a key.
enum Found {
    Here,
    Nowhere,
    /// It may be on the next level.
    Further,
}

/// The set itself: level after level.
#[derive(Debug)]
pub(super) struct Packed(Vec<Level>);

impl Packed {
    /// Puts the levels of a set together.
    pub(super) const fn new(levels: Vec<Level>) -> Self {
        Self(levels)
    }

    /// Is the key in the set?
    pub(super) fn contains(&self, key: u64) -> bool {
        for level in &self.0 {
            match level.find(key) {
                Found::Here => return true,
                Found::Nowhere => return false,
                Found::Further => {}
            }
        }
        false
    }

    /// Memory it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|level| level.layout.bytes()).sum()
    }
}

/// Where full buckets go, level after level, each in order.
pub(super) type Sink<'s> = &'s mut dyn FnMut(&[u8; BUCKET]) -> Result<(), ListFault>;

/// Packs keys that come in order, one level at a time.
pub(super) struct Packer {
    layout: Layout,
    last: Option<u64>,
    keys: u64,
    /// The bucket being filled, and which it is.
    bucket: [u8; BUCKET],
    at: usize,
    left_over: Vec<u64>,
}

/// What came of a level.
pub(super) struct Packing {
    /// How it is divided.
    pub(super) layout: Layout,
    /// Different keys that came.
    pub(super) keys: u64,
    /// Keys for the next level, in order.
    pub(super) left_over: Vec<u64>,
}

impl Packer {
    /// A level for about so many keys: the first of a set, or one for what another has left over.
    pub(super) fn new(key_bits: u32, keys: u64, first: bool) -> Self {
        let layout = Layout::for_keys(key_bits, keys, first);
        Self {
            layout,
            last: None,
            keys: 0,
            bucket: [0; BUCKET],
            at: 0,
            left_over: Vec::new(),
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "counts and groups are small")]
    /// Adds a key that is not below the one before. The same key again is nothing new.
    pub(super) fn push(&mut self, key: u64, sink: Sink<'_>) -> Result<(), ListFault> {
        if self.last == Some(key) {
            return Ok(());
        }
        debug_assert!(self.last < Some(key), "keys come in order");
        self.last = Some(key);
        self.keys += 1;
        let (bucket, rest) = self.layout.place(key);
        self.close_buckets(bucket, sink)?;
        let (counts, shift) = (counts(&self.bucket), GROUP_BITS * (rest >> self.layout.low_bits()) as u32);
        let (total, bytes) = (sum(counts), self.layout.low_bytes());
        if total == self.layout.keys_most() || counts >> shift & GROUP_MOST == GROUP_MOST {
            self.bucket[MARK_AT] |= WENT_ON;
            self.left_over.push(key);
            return Ok(());
        }
        self.bucket[..COUNTS].copy_from_slice(&(counts + (1 << shift)).to_le_bytes());
        let (low, from) = (rest & mask(self.layout.low_bits()), COUNTS + total as usize * bytes);
        self.bucket[from..from + bytes].copy_from_slice(&low.to_le_bytes()[..bytes]);
        Ok(())
    }

    /// Ends the last bucket.
    pub(super) fn finish(mut self, sink: Sink<'_>) -> Result<Packing, ListFault> {
        let end = usize::try_from(self.layout.buckets).map_err(|_| ListFault::TooMany)?;
        self.close_buckets(end, sink)?;
        Ok(Packing {
            layout: self.layout,
            keys: self.keys,
            left_over: self.left_over,
        })
    }

    /// Every bucket before this one is full.
    fn close_buckets(&mut self, upto: usize, sink: Sink<'_>) -> Result<(), ListFault> {
        while self.at < upto {
            sink(&self.bucket)?;
            self.bucket = [0; BUCKET];
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};
    use std::collections::BTreeSet;

    fn packed(key_bits: u32, keys: &BTreeSet<u64>) -> Packed {
        let mut levels = Vec::new();
        let mut left: Vec<u64> = keys.iter().copied().collect();
        while levels.is_empty() || !left.is_empty() {
            let mut bytes = Vec::new();
            let mut sink = |bucket: &[u8; BUCKET]| {
                bytes.extend_from_slice(bucket);
                Ok(())
            };
            let mut packer = Packer::new(key_bits, left.len() as u64, levels.is_empty());
            for key in &left {
                packer.push(*key, &mut sink).unwrap();
            }
            let packing = packer.finish(&mut sink).unwrap();
            let mut level = Level::new(packing.layout).unwrap();
            level.buckets_mut().copy_from_slice(&bytes);
            assert!(level.is_sane() && packing.layout.is_sane());
            levels.push(level);
            left = packing.left_over;
        }
        Packed::new(levels)
    }

    #[test]
    fn every_key_that_was_put_in_is_found_and_none_beside_it() {
        let mut chance = StdRng::seed_from_u64(7);
        for key_bits in [34, 40, 64] {
            for count in [0, 1, 2, 31, 1_000, 60_000] {
                let keys: BTreeSet<u64> = (0..count).map(|_| chance.random::<u64>() & mask(key_bits)).collect();
                let set = packed(key_bits, &keys);
                assert!(keys.iter().all(|key| set.contains(*key)), "{key_bits} bits, {count} keys");
                let beside = keys.iter().flat_map(|key| [key.wrapping_add(1), key.wrapping_sub(1)]);
                for other in beside.map(|key| key & mask(key_bits)) {
                    assert_eq!(set.contains(other), keys.contains(&other));
                }
            }
        }
    }

    #[test]
    fn keys_that_crowd_at_the_ends_spill_over_and_are_found_all_the_same() {
        let top = mask(34);
        let keys: BTreeSet<u64> = (0..5_000).chain(top - 3..=top).collect();
        let set = packed(34, &keys);
        assert!(2 < set.0.len(), "a crowd needs many levels");
        assert!(keys.iter().all(|key| set.contains(*key)));
        assert!(!set.contains(5_000) && !set.contains(top - 4));
    }

    #[test]
    fn a_bucket_begins_where_the_one_before_ends() {
        for buckets in [1, 2, 3, 7, 1_000, 6_944_445] {
            let layout = Layout { key_bits: 34, buckets };
            let widest = mask(layout.rest_bits());
            for key in [0, 1, top(buckets) - 1, top(buckets), top(buckets) + 1, mask(34)] {
                let (bucket, rest) = layout.place(key);
                assert!((bucket as u64) < buckets && rest <= widest, "{key} of {buckets}");
            }
        }
    }

    /// About where the second bucket begins.
    fn top(buckets: u64) -> u64 {
        ((1 << 34) / buckets).clamp(1, mask(34) - 1)
    }
}
