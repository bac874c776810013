//! Turns, and what became of posts: what distributions remember from one lead to the next.

use super::sample::{accept, after_ms, ended, intend, opening, rejected, sold, turn};
use outcry_core::id::{ContractName, SourceName};
use outcry_engine::ports::store::{Intend, LeadState, RouteDay, Store, Turn};
use std::sync::Arc;

pub(super) async fn a_turn_is_remembered_and_wheels_do_not_touch_each_other(store: Arc<dyn Store>) {
    let take = async |wheel: &str, contracts: &[&str]| {
        let turn = turn(wheel, contracts);
        let seen = store.turn(turn.clone()).await.unwrap();
        (turn.decide)(&seen).remove(0).contract.to_string()
    };
    assert_eq!(take("auto", &["ann", "bob"]).await, "ann");
    assert_eq!(take("home", &["ann", "bob"]).await, "ann");
    assert_eq!(take("auto", &["ann", "bob"]).await, "bob");
    assert_eq!(take("auto", &["ann", "bob", "cid"]).await, "cid");
    assert_eq!(take("auto", &["ann", "bob", "cid"]).await, "ann");
}

pub(super) async fn looking_at_a_wheel_does_not_turn_it(store: Arc<dyn Store>) {
    store.turn(turn("auto", &["ann", "bob"])).await.unwrap();
    let look = Turn {
        decide: Arc::new(|_| Vec::new()),
        ..turn("auto", &[])
    };
    for _ in 0..2 {
        let seen = store.turn(look.clone()).await.unwrap();
        assert_eq!(["ann", "bob"].map(|name| seen.stands("auto", &ContractName::new(name))), [1, 0]);
    }
}

pub(super) async fn outcomes_are_counted_by_route_and_day(store: Arc<dyn Store>) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    for number in 1..=4 {
        store.accept(accept(number)).await.unwrap();
        let intent = Intend {
            legs_max: 2,
            ..intend(number, number * 10, "acme_auto")
        };
        store.intend(intent).await.unwrap();
    }
    store.settle(sold(1, 10, 1_200)).await.unwrap();
    store.settle(ended(2, 20, rejected(), LeadState::Unsold)).await.unwrap();
    let mut later = ended(3, 30, rejected(), LeadState::Unsold);
    later.at = after_ms(DAY_MS);
    store.settle(later).await.unwrap();
    let first_day = opening().unix_ms() / DAY_MS;
    let day = |day, accepted, rejected| RouteDay {
        source: SourceName::new("clickmill"),
        contract: ContractName::new("acme_auto"),
        day,
        accepted,
        rejected,
    };
    let mut outcomes = store.outcomes(opening()).await.unwrap();
    outcomes.sort_by_key(|outcome| outcome.day);
    assert_eq!(
        outcomes,
        [day(first_day, 1, 1), day(first_day + 1, 0, 1)],
        "an open post says nothing yet"
    );
    assert_eq!(store.outcomes(after_ms(DAY_MS)).await.unwrap().len(), 1);
}
