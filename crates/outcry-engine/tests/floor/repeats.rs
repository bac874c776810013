//! The same request twice is one lead, however often and however fast it comes.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, with_text};
use outcry_engine::answer::Status;
use outcry_engine::denied::Denied;
use std::sync::Arc;
use tokio::sync::Barrier;

async fn open() -> Floor {
    Exchange::of("ann  bids 12.00\nbob  bids 11.00")
        .source_of("other", "")
        .disk_ms(4)
        .open()
        .await
}

#[tokio::test(start_paused = true)]
async fn the_same_key_and_the_same_body_get_the_same_answer() {
    let floor = open().await;
    let lead = floor.lead(1);
    let first = floor.sell_as("site", &lead, Some("k-1")).await.unwrap();
    let again = floor.sell_as("site", &lead, Some("k-1")).await.unwrap();
    assert_eq!((first.status, &again), (Status::Sold, &first));
    assert_eq!(floor.count("ann/post"), 1);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_is_never_used_for_another_body() {
    let floor = open().await;
    floor.sell_as("site", &floor.lead(1), Some("k-1")).await.unwrap();
    let denied = floor.sell_as("site", &floor.lead(2), Some("k-1")).await.unwrap_err();
    assert_eq!(denied.code(), "idempotency_key_reused");
    assert_eq!(floor.books().await.leads, 1);
}

#[tokio::test(start_paused = true)]
async fn two_sources_may_use_the_same_key() {
    let floor = open().await;
    let first = floor.sell_as("site", &floor.lead(1), Some("k-1")).await.unwrap();
    let second = floor.sell_as("other", &floor.lead(2), Some("k-1")).await.unwrap();
    assert_ne!(first.lead, second.lead);
}

#[tokio::test(start_paused = true)]
async fn without_a_key_the_body_is_the_key() {
    let floor = open().await;
    let lead = floor.lead(1);
    let first = floor.submit(&lead).await;
    assert_eq!(floor.submit(&lead).await, first);
    let other = floor.submit(&with_text(&lead, "sub_id", "sub_99")).await;
    assert_ne!(other.lead, first.lead);
    let same_of_another_source = floor.sell_as("other", &lead, None).await.unwrap();
    assert_ne!(same_of_another_source.lead, first.lead);
}

#[tokio::test(start_paused = true)]
async fn an_unsold_lead_is_not_auctioned_again() {
    let floor = Exchange::of("ann  passes").open().await;
    let first = floor.submit(&floor.lead(1)).await;
    floor.script.change("ann  bids 12.00");
    assert_eq!(floor.submit(&floor.lead(1)).await, first);
    assert_eq!(floor.count("ann/ping"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_a_lead_that_is_being_sold_hears_which_lead_it_is() {
    let floor = open().await;
    let lead = floor.lead(1);
    let later = async {
        crate::support::floor::pass(20).await;
        floor.sell(&lead).await
    };
    let (first, second) = tokio::join!(floor.sell(&lead), later);
    let Err(Denied::InFlight { lead: Some(known) }) = second else {
        panic!("the copy was taken")
    };
    assert_eq!(known, first.unwrap().lead);
}

#[tokio::test(start_paused = true)]
async fn sixty_four_copies_at_once_sell_once() {
    for key in [None, Some("k-1")] {
        let floor = Arc::new(open().await);
        let (barrier, lead) = (Arc::new(Barrier::new(64)), floor.lead(1));
        let copies = (0..64).map(|_| {
            let (floor, barrier, lead) = (floor.clone(), barrier.clone(), lead.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                floor.sell_as("site", &lead, key).await
            })
        });
        let answers = futures_util::future::join_all(copies).await;
        let sold = answers.iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
        assert_eq!(
            (sold, floor.count("ann/ping"), floor.count("ann/post"), floor.books().await.sold),
            (1, 1, 1, 1)
        );
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_remembered_over_a_restart() {
    let floor = open().await;
    let first = floor.submit(&floor.lead(1)).await;
    let next = floor.exchange.restarted().open().await;
    assert_eq!(next.submit(&floor.lead(1)).await, first);
    assert!(next.calls().is_empty());
}
