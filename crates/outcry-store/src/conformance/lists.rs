//! Lists: whom nobody may be sent, and who alone may be.

use super::intent::leads;
use super::sample::{intend, list_check, person};
use outcry_engine::ports::store::{Intend, Intended, ListChange, ListCheck, Refusal, Store};
use std::sync::Arc;

fn listed(list: &str) -> Intended {
    Intended::Refused(Refusal::Suppressed { list: list.into() })
}

fn change(list: &str, whom: &[u64], on: bool) -> ListChange {
    ListChange {
        list: list.into(),
        entries: whom.iter().map(|number| person(*number)).collect(),
        on,
    }
}

pub(super) async fn a_person_on_a_list_is_not_posted(store: Arc<dyn Store>) {
    leads(&store, 1..=4).await;
    let checked = |number: u64, in_file| Intend {
        lists: vec![list_check("dnc", number, in_file, false), list_check("house", number, false, false)],
        ..intend(number, number * 10, "acme_auto")
    };
    store.change_list(change("house", &[1, 1, 9], true)).await.unwrap();
    store.change_list(change("elsewhere", &[2], true)).await.unwrap();
    assert_eq!(store.intend(checked(1, false)).await.unwrap(), listed("house"));
    assert_eq!(store.intend(checked(4, true)).await.unwrap(), listed("dnc"), "the file says so");
    assert_eq!(
        store.intend(checked(2, false)).await.unwrap(),
        Intended::Go,
        "a list that nobody asked for does not count"
    );
    assert_eq!(
        store.intend(intend(1, 11, "acme_auto")).await.unwrap(),
        Intended::Go,
        "without lists there is nothing to look at"
    );
}

pub(super) async fn only_who_is_on_a_list_of_the_only_ones_allowed_is_posted(store: Arc<dyn Store>) {
    leads(&store, 1..=3).await;
    let checked = |number: u64, in_file| Intend {
        lists: vec![list_check("known", number, in_file, true)],
        ..intend(number, number * 10, "acme_auto")
    };
    let stranger = Intended::Refused(Refusal::NotOnList { list: "known".into() });
    assert_eq!(store.intend(checked(1, true)).await.unwrap(), Intended::Go);
    assert_eq!(store.intend(checked(2, false)).await.unwrap(), stranger);
    store.change_list(change("known", &[2], true)).await.unwrap();
    assert_eq!(store.intend(checked(2, false)).await.unwrap(), Intended::Go);
    let nobody = Intend {
        lists: vec![ListCheck {
            list: "known".into(),
            entries: Vec::new(),
            wanted: true,
        }],
        ..intend(3, 30, "acme_auto")
    };
    assert_eq!(
        store.intend(nobody).await.unwrap(),
        stranger,
        "who has no number is on no list of numbers"
    );
}

pub(super) async fn the_word_of_a_person_stands_above_the_file(store: Arc<dyn Store>) {
    leads(&store, 1..=2).await;
    let checked = |number: u64| Intend {
        lists: vec![list_check("dnc", number, true, false)],
        ..intend(number, number * 10, "acme_auto")
    };
    store.change_list(change("dnc", &[1], false)).await.unwrap();
    assert_eq!(store.intend(checked(1)).await.unwrap(), Intended::Go, "taken off by hand");
    assert_eq!(store.intend(checked(2)).await.unwrap(), listed("dnc"));
    let mut kept = store.list_changes().await.unwrap();
    assert_eq!(kept.pop(), Some(change("dnc", &[1], false)));
    store.change_list(change("dnc", &[1], true)).await.unwrap();
    let again = Intend {
        legs_max: 2,
        ..intend(1, 12, "bolt_auto")
    };
    let again = Intend {
        lists: checked(1).lists,
        ..again
    };
    assert!(
        matches!(store.intend(again).await.unwrap(), Intended::Refused(_)),
        "and put on it again"
    );
    assert_eq!(store.list_changes().await.unwrap(), [change("dnc", &[1], true)]);
}
