//! A list from its entries to its answers, and what happens to damaged files.

use super::*;
use std::fs;

fn key() -> ListKey {
    ListKey::new([7; 32])
}

fn about() -> About {
    About::new("phone", "2026-11", 1_790_000_000_000)
}

/// Numbers spread over the plan, the same for the same count.
fn phones(count: u64) -> impl Iterator<Item = u64> + Clone {
    (0..count).map(|at| 2_000_000_000 + at * 7_919 % 8_000_000_000)
}

#[test]
fn an_imported_number_is_found_and_its_neighbour_is_not() {
    let home = tempfile::tempdir().unwrap();
    for held_most in [usize::MAX, 999] {
        let path = home.path().join(format!("national-{held_most}.list"));
        let mut builder = ListBuilder::holding(&path, about(), &key(), held_most);
        for phone in phones(5_000).chain(phones(100)) {
            assert!(builder.add_phone(phone).unwrap());
        }
        assert!(!builder.add_phone(12_025_550_143).unwrap(), "eleven digits are no entry");
        builder.add("phone", "+447700900123").unwrap();
        assert_eq!(builder.finish().unwrap().entries, 5_001);
        let list = List::read(&path, &key()).unwrap();
        assert_eq!((list.about().entries, &*list.about().version), (5_001, "2026-11"));
        assert!(phones(5_000).all(|phone| list.holds_phone(phone)));
        assert!(phones(5_000).all(|phone| !list.holds_phone(phone + 1)));
        assert!(list.holds("phone", "+447700900123") && !list.holds("email", "+447700900123"));
        assert!(!list.holds_phone(12_025_550_143));
        let left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name.to_string_lossy().ends_with(".list")), "{left:?}");
    }
}

#[test]
fn a_list_of_nothing_holds_nothing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("empty.list");
    ListBuilder::new(&path, about(), &key()).finish().unwrap();
    let list = List::read(&path, &key()).unwrap();
    assert!(!list.holds_phone(2_025_550_143) && !list.holds("email", "a@example.com"));
}

#[test]
fn any_changed_or_missing_byte_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("small.list");
    let mut builder = ListBuilder::new(&path, about(), &key());
    for phone in phones(40) {
        builder.add_phone(phone).unwrap();
    }
    builder.finish().unwrap();
    let whole = fs::read(&path).unwrap();
    let damaged = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        matches!(List::read(&path, &key()), Err(ListFault::Damaged(_) | ListFault::File { .. }))
    };
    for cut in 0..whole.len() {
        assert!(damaged(&whole[..cut]), "cut at {cut}");
    }
    // The first eight bytes are covered by the digest as the rest is.
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        assert!(damaged(&changed), "changed at {at}");
    }
    fs::write(&path, &whole).unwrap();
    assert!(List::read(&path, &key()).is_ok());
}

#[test]
fn a_list_of_another_exchange_is_refused_and_not_taken_for_an_empty_one() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("other.list");
    ListBuilder::new(&path, about(), &ListKey::new([8; 32])).finish().unwrap();
    assert!(matches!(List::read(&path, &key()), Err(ListFault::OtherKey(_))));
    assert!(matches!(
        List::read(&home.path().join("none.list"), &key()),
        Err(ListFault::File { .. })
    ));
}
