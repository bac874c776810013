//! Crowds in round after round, and what a careless store makes of them.
//!
//! Few rounds here; `cargo xtask bars B7 B8 B10 B13` asks for many, by a variable each.

use super::naive;
use crate::conformance::crowd::{self, CAPS, Counts, Found, WRITERS};
use crate::{Memory, Sqlite, Vault};
use outcry_engine::ports::store::Store;
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

/// So many as the variable says, or a few.
fn times(variable: &str, few: u64) -> u64 {
    std::env::var(variable).ok().and_then(|times| times.parse().ok()).unwrap_or(few)
}

/// Both stores, by name.
fn stores() -> (TempDir, [(&'static str, Arc<dyn Store>); 2]) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(&folder.path().join("data"), Vault::from_key([3; 32])).unwrap();
    (folder, [("memory", Arc::new(Memory::new())), ("SQLite", Arc::new(sqlite))])
}

async fn many_rounds(counts: Counts, what: &str) {
    let (rounds, each) = (times("OUTCRY_ROUNDS", 1), 20);
    let careless = crowd::caps(naive(), 1, each, counts).await;
    assert!(
        0 < careless.over,
        "a crowd that lets check-then-act through proves nothing: {careless:?}"
    );
    let (_folder, stores) = stores();
    for (name, store) in stores {
        let (mut all, begun) = (Found::default(), Instant::now());
        for round in 1..=rounds {
            all += crowd::caps(store.clone(), round, each, counts).await;
        }
        println!(
            "figure: {name}: {rounds} rounds of {WRITERS} writers at {CAPS} caps, {} posts tried three times, {} went: {what} over 0, left unused 0, \
             counters astray 0; a careless store: {} over; {:.0} s",
            all.posts,
            all.went,
            careless.over,
            begun.elapsed().as_secs_f64()
        );
        assert!(all.exact() && 0 < all.went && all.went < all.posts, "{name}: {all:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn caps_hold_in_every_round_of_a_crowd() {
    many_rounds(Counts::Posts, "units").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn credit_holds_to_the_millionth_in_every_round_of_a_crowd() {
    many_rounds(Counts::Money, "millionths").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_is_sold_once_in_every_window() {
    let rounds = times("OUTCRY_ROUNDS", 5);
    let careless = crowd::windows(naive(), 1, 5).await;
    assert!(0 < careless, "a crowd that lets check-then-act through proves nothing");
    let (_folder, stores) = stores();
    for (name, store) in stores {
        let begun = Instant::now();
        let wrong = crowd::windows(store, 1, rounds).await;
        println!(
            "figure: {name}: {WRITERS} posts of one person at once in each of {rounds} windows, and {WRITERS} again in its last moment: {wrong} \
             windows with other than one sale; a careless store: {careless} of 5; {:.0} s",
            begun.elapsed().as_secs_f64()
        );
        assert_eq!(wrong, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_quote_is_redeemed_once_in_every_round() {
    let rounds = times("OUTCRY_ROUNDS", 5);
    let careless = crowd::quotes(naive(), 1, 5).await;
    assert!(0 < careless, "a crowd that lets check-then-act through proves nothing");
    let (_folder, stores) = stores();
    for (name, store) in stores {
        let begun = Instant::now();
        let wrong = crowd::quotes(store, 1, rounds).await;
        println!(
            "figure: {name}: {rounds} quotes posted by {WRITERS} at once: {wrong} not redeemed exactly once; a careless store: {careless} of 5; {:.0} s",
            begun.elapsed().as_secs_f64()
        );
        assert_eq!(wrong, 0, "{name}");
    }
}
