//! Loops: a lead that left here and comes back through other brokers, who sell to each other and to us.
//!
//! Each ping and post carries a chain of hops in a header, those that the lead came with and one more. A hop is the id under
//! which the lead left, with a mark that only this exchange can make: so a hop of our own is recognised without looking anything up,
//! and two buyers cannot tell by it that they were asked about the same lead.

use crate::people::PeopleKey;
use outcry_core::reason::Reason;
use std::sync::Arc;

/// The header that carries the chain, in lower case.
pub const HEADER: &str = "outcry-chain";
/// A lead that has passed through so many exchanges has been going around.
const HOPS_MAX: usize = 8;
const ID: usize = 32;
const MARK: usize = 16;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The hops in a header, as far as anybody needs them.
pub fn read(header: &str) -> Vec<Arc<str>> {
    let hops = header
        .split(',')
        .map(str::trim)
        .filter(|hop| !hop.is_empty() && hop.len() <= ID + MARK);
    hops.take(HOPS_MAX + 1).map(Into::into).collect()
}

/// The chain that goes out under this id: the hops so far and ours.
pub(crate) fn chain(key: &PeopleKey, before: &[Arc<str>], id: u128) -> Arc<str> {
    let length = before.iter().map(|hop| hop.len() + 1).sum::<usize>() + ID + MARK;
    let mut chain = String::with_capacity(length);
    for hop in before {
        chain.push_str(hop);
        chain.push(',');
    }
    let mut own = [0; ID + MARK];
    let (id_text, mark_text) = own.split_at_mut(ID);
    written(&id.to_be_bytes(), id_text);
    let mark = mark(key, id_text);
    mark_text.copy_from_slice(&mark);
    chain.push_str(str::from_utf8(&own).unwrap_or_default());
    chain.into()
}

/// Has a lead with these hops been here, or in too many places?
pub(crate) fn noticed(key: &PeopleKey, hops: &[Arc<str>]) -> Option<Arc<str>> {
    let own = hops.iter().find_map(|hop| {
        let (id, marked) = hop.split_at_checked(ID)?;
        (marked.as_bytes() == mark(key, id.as_bytes())).then_some(id)
    });
    match own {
        Some(id) => Some(format!("it had left here under the id …{}", &id[ID - 8..]).into()),
        None if HOPS_MAX <= hops.len() => Some(format!("it has passed through {HOPS_MAX} exchanges or more").into()),
        None => None,
    }
}

/// Why nobody is asked about such a lead.
pub(crate) fn reason(how: &Arc<str>) -> Reason {
    Reason::Loop { how: how.clone() }
}

fn mark(key: &PeopleKey, id: &[u8]) -> [u8; MARK] {
    let mut mark = [0; MARK];
    written(&key.of_bytes("hop", id).0[..MARK / 2], &mut mark);
    mark
}

/// Bytes in hexadecimal, two digits for each.
fn written(bytes: &[u8], digits: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(digits.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_of_our_own_is_recognised_among_others_and_nobody_elses_is() {
        let (ours, theirs) = (PeopleKey::new([1; 32]), PeopleKey::new([2; 32]));
        let out = chain(&ours, &[], 0xabcd);
        let further = chain(&theirs, &read(&out), 0x1234);
        assert_eq!(read(&further).len(), 2);
        assert_eq!(
            noticed(&ours, &read(&further)).as_deref(),
            Some("it had left here under the id …0000abcd")
        );
        assert_eq!(noticed(&theirs, &read(&out)), None, "it has never been there");
        let forged = out.replace("abcd", "abce");
        assert_eq!(noticed(&ours, &read(&forged)), None, "a mark goes with its id alone");
        assert_eq!(noticed(&ours, &read("x,\u{e4}\u{e4}, ,")), None);
    }

    #[test]
    fn a_chain_that_is_too_long_is_a_loop_whoever_made_it() {
        let hops = |count: usize| read(&vec!["somebody"; count].join(","));
        let key = PeopleKey::new([1; 32]);
        assert_eq!(noticed(&key, &hops(7)), None);
        assert!(noticed(&key, &hops(8)).is_some());
        assert_eq!(hops(10_000).len(), 9, "no more is read than is needed");
    }
}
