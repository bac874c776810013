//! What a list keeps in place of its entries: keyed, so that a stolen file tells nobody who is in it.
//!
//! A ten-digit phone number is permuted: a three-round Feistel network over 34 bits with SipHash-1-3 as its round function, which
//! under a secret key is a pseudorandom permutation (Luby and Rackoff, 1988). So each number has one key and each
//! key one number: a look-up is exact, and 34 bits are all that has to be kept. Everything else becomes the first 64 bits
//! of its HMAC-SHA-256; with a hundred million entries, one stranger in 180 thousand million is taken for one of them.

use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;

/// Bits of a permuted phone number: 10^10 fits below 2^34.
pub(super) const PHONE_BITS: u32 = 34;
/// Bits of any other entry.
pub(super) const TEXT_BITS: u32 = 64;

const HALF_BITS: u32 = PHONE_BITS / 2;
const HALF: u64 = (1 << HALF_BITS) - 1;
const ROUNDS: u64 = 3;

/// The secret of all lists of one exchange.
#[derive(Clone)]
pub struct ListKey {
    /// The state of `SipHash` under the key, before anything is hashed.
    sip: [u64; 4],
    mac: Hmac<Sha256>,
}

impl ListKey {
    /// From 256 secret bits.
    pub fn new(key: [u8; 32]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
        let mut derived = mac.clone();
        derived.update(b"outcry list of phones");
        let derived = derived.finalize().into_bytes();
        let half = |from: usize| u64::from_le_bytes(std::array::from_fn(|at| derived[from + at]));
        let (k0, k1) = (half(0), half(8));
        let sip = [
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ];
        Self { sip, mac }
    }

    /// The key of a phone number given as its ten digits, below 10^10.
    pub(super) fn phone(&self, us10: u64) -> u64 {
        let (mut left, mut right) = (us10 >> HALF_BITS & HALF, us10 & HALF);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        left << HALF_BITS | right
    }

    /// The key of any other value of a kind, in its normal form.
    pub(super) fn text(&self, kind: &str, value: &str) -> u64 {
        let mut mac = self.mac.clone();
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(value.as_bytes());
        let full = mac.finalize().into_bytes();
        u64::from_be_bytes(std::array::from_fn(|at| full[at]))
    }

    /// A mark of the secret that tells nothing of it: a list that was made with another one is refused.
    pub(super) fn mark(&self) -> String {
        format!("{:016x}", self.text("mark", "list"))
    }

    fn round(&self, round: u64, half: u64) -> u64 {
        sip_1_3(self.sip, round << HALF_BITS | half) & HALF
    }
}

/// SipHash-1-3 of one word of eight bytes. Written out, because a hasher that takes texts of any length costs twice as much,
/// and three of these are the better part of a look-up.
fn sip_1_3(mut state: [u64; 4], word: u64) -> u64 {
    const END: u64 = 8 << 56;
    for part in [word, END] {
        state[3] ^= part;
        sip_round(&mut state);
        state[0] ^= part;
    }
    state[2] ^= 0xff;
    sip_round(&mut state);
    sip_round(&mut state);
    sip_round(&mut state);
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

const fn sip_round([v0, v1, v2, v3]: &mut [u64; 4]) {
    *v0 = v0.wrapping_add(*v1);
    *v2 = v2.wrapping_add(*v3);
    *v1 = v1.rotate_left(13) ^ *v0;
    *v3 = v3.rotate_left(16) ^ *v2;
    *v0 = v0.rotate_left(32).wrapping_add(*v3);
    *v2 = v2.wrapping_add(*v1);
    *v3 = v3.rotate_left(21) ^ *v0;
    *v1 = v1.rotate_left(17) ^ *v2;
    *v2 = v2.rotate_left(32);
}

impl std::fmt::Debug for ListKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_phone_has_its_own_key_and_another_secret_gives_another() {
        let (one, other) = (ListKey::new([1; 32]), ListKey::new([2; 32]));
        let phones = (2_025_550_000..2_025_560_000).chain([0, 1, 9_999_999_999]);
        let keys: HashSet<u64> = phones.clone().map(|phone| one.phone(phone)).collect();
        assert_eq!(keys.len(), 10_003, "a permutation");
        assert!(keys.iter().all(|key| key >> PHONE_BITS == 0), "of 34 bits");
        assert!(phones.filter(|phone| other.phone(*phone) == one.phone(*phone)).count() < 3);
        assert_ne!(one.mark(), other.mark());
    }

    #[test]
    fn a_round_is_the_hash_that_others_call_by_that_name() {
        use siphasher::sip::SipHasher13;
        use std::hash::Hasher as _;
        for seed in [0, 1, 7, 255] {
            let key = ListKey::new([seed; 32]);
            let mut derived = key.mac.clone();
            derived.update(b"outcry list of phones");
            let derived = derived.finalize().into_bytes();
            let peer = SipHasher13::new_with_key(&std::array::from_fn(|at| derived[at]));
            for word in [0, 1, 0x1_ffff, u64::MAX, 2_025_550_143] {
                let mut peer = peer;
                peer.write_u64(word);
                assert_eq!(sip_1_3(key.sip, word), peer.finish(), "{word} under {seed}");
            }
        }
    }

    #[test]
    fn neighbours_do_not_stay_neighbours() {
        let key = ListKey::new([1; 32]);
        let near = (0..1_000).filter(|at| key.phone(2_025_550_000 + at).abs_diff(key.phone(2_025_550_001 + at)) < 1 << 20);
        assert!(near.count() < 5);
    }

    #[test]
    fn the_kind_of_a_value_is_part_of_its_key() {
        let key = ListKey::new([1; 32]);
        assert_ne!(key.text("zip", "43215"), key.text("domain", "43215"));
    }
}
