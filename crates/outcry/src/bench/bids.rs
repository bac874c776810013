//! What stub buyers, load generator and floor agree on: a bid is a pure function of the buyer and a key that each
//! lead carries, so every answer can be checked from outside.

/// States of bench leads. Buyer `i` does not buy in the `i`-th of them, so that filters have something to refuse.
pub(super) const STATES: [&str; 10] = ["TX", "CA", "NY", "FL", "IL", "OH", "GA", "NC", "MI", "PA"];

/// Price in cents that a buyer bids for a lead, from 1.00 to 99.99.
pub(super) fn price_cents(buyer: u32, key: &[u8]) -> i64 {
    // FNV-1a with a final mix: cheap, and the same for ever.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in buyer.to_le_bytes().iter().chain(key) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    100 + i64::try_from(hash % 9_900).unwrap_or(0)
}

/// Does the buyer buy in the state?
pub(super) fn buys_in(buyer: u32, state: &str) -> bool {
    STATES[buyer as usize % STATES.len()] != state
}

/// The best price in cents among buyers `0..buyers`, with or without the rule about states.
pub(super) fn best_cents(buyers: u32, key: &[u8], state: &str, rules: bool) -> Option<i64> {
    (0..buyers)
        .filter(|buyer| !rules || buys_in(*buyer, state))
        .map(|buyer| price_cents(buyer, key))
        .max()
}

/// The key of a lead or ping, found without parsing the whole body: the text behind `"sub_id":` or `"lead_id":`.
pub(super) fn key_of(body: &[u8]) -> &[u8] {
    for name in [b"\"sub_id\"".as_slice(), b"\"lead_id\"".as_slice()] {
        let Some(at) = find(body, name) else { continue };
        let rest = &body[at + name.len()..];
        let Some(open) = rest.iter().position(|byte| *byte == b'"') else {
            continue;
        };
        let text = &rest[open + 1..];
        return &text[..text.iter().position(|byte| *byte == b'"').unwrap_or(text.len())];
    }
    b""
}

/// Where one run of bytes begins in another.
pub(super) fn find(body: &[u8], part: &[u8]) -> Option<usize> {
    body.windows(part.len()).position(|window| window == part)
}
