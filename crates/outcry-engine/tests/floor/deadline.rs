//! The answer leaves in time, whatever buyers do.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use outcry_engine::answer::Status;
use outcry_engine::ports::store::LeadState;
use std::ops::RangeInclusive;
use tokio::time::Instant;

/// Sells one lead, which must be answered so within so many milliseconds.
async fn check(floor: &Floor, status: Status, answered_ms: RangeInclusive<u128>) {
    let begun = Instant::now();
    let answer = floor.submit(&floor.lead(1)).await;
    let took = begun.elapsed().as_millis();
    assert!(
        answer.status == status && answered_ms.contains(&took),
        "{} after {took} ms",
        answer.status.word()
    );
}

#[tokio::test(start_paused = true)]
async fn a_source_in_a_hurry_gets_the_best_of_what_came_in_time() {
    let exchange = Exchange::of(
        "
        ann  bids 10.00 at 140ms, accepts at 100ms
        bob  bids 20.00 at 151ms
        cid  is silent
        ",
    );
    let floor = exchange.source("deadline_ms = 300").open().await;
    check(&floor, Status::Sold, 240..=250).await;
    assert_eq!(floor.latest().await, "sold to ann at 10.00; bob: late; cid: late");
}

#[tokio::test(start_paused = true)]
async fn a_post_that_takes_longer_than_the_source_waits_is_pending_and_goes_on() {
    let floor = Exchange::of("ann  bids 10.00 at 100ms, accepts at 900ms")
        .source("deadline_ms = 300")
        .open()
        .await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!((answer.status, floor.told(&answer).await.as_str()), (Status::Pending, "pending"));
    pass(1_000).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 10.00");
    assert_eq!(
        floor.submit(&floor.lead(1)).await.status,
        Status::Sold,
        "whoever asks again hears it"
    );
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn with_silent_buyers_only_the_answer_leaves_when_the_pings_close() {
    let floor = Exchange::of("ann  is silent").source("deadline_ms = 300").open().await;
    check(&floor, Status::Unsold, 140..=150).await;
    let floor = Exchange::of("ann  is silent").open().await;
    check(&floor, Status::Unsold, 600..=600).await;
}

#[tokio::test(start_paused = true)]
async fn our_own_limit_counts_where_the_sources_is_longer() {
    let floor = Exchange::of("ann  bids 10.00, is silent")
        .source("deadline_ms = 60000")
        .open()
        .await;
    check(&floor, Status::Pending, 1_900..=2_000).await;
}

#[tokio::test(start_paused = true)]
async fn long_pings_leave_time_for_a_post() {
    let exchange = Exchange::of(
        "
        ann  bids 10.00 at 1670ms, accepts at 200ms
        bob  bids 20.00 at 1701ms
        ",
    );
    let exchange = exchange.campaign("ping_window_ms = 9000");
    let floor = exchange
        .contract("ann", "ping_timeout_ms = 9000")
        .contract("bob", "ping_timeout_ms = 9000")
        .open()
        .await;
    check(&floor, Status::Sold, 1_870..=1_900).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_disk_costs_time_and_not_the_deadline() {
    let floor = Exchange::of("ann  bids 10.00 at 100ms, accepts at 50ms")
        .disk_ms(40)
        .source("deadline_ms = 400")
        .open()
        .await;
    check(&floor, Status::Sold, 270..=270).await;
    let floor = Exchange::of("ann  bids 10.00 at 100ms, accepts at 50ms")
        .disk_ms(80)
        .source("deadline_ms = 400")
        .open()
        .await;
    check(&floor, Status::Pending, 370..=400).await;
    pass(1_000).await;
    assert_eq!(floor.latest().await, "sold to ann at 10.00");
}

#[tokio::test(start_paused = true)]
async fn a_quote_leaves_in_time_too() {
    let floor = Exchange::of("ann  bids 10.00 at 140ms\nbob  is silent")
        .source("deadline_ms = 300")
        .open()
        .await;
    let begun = Instant::now();
    assert!(floor.ping(&floor.lead(1)).await.unwrap().offer.is_some());
    assert!((140..=150).contains(&begun.elapsed().as_millis()));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_up_does_not_stop_the_sale() {
    for waits_ms in [1, 5, 30] {
        let floor = Exchange::of("ann  bids 10.00, accepts").disk_ms(10).open().await;
        let lead = floor.lead(1);
        let hung_up = tokio::time::timeout(std::time::Duration::from_millis(waits_ms), floor.sell(&lead)).await;
        assert!(hung_up.is_err());
        pass(1_000).await;
        let answer = floor.submit(&lead).await;
        assert_eq!(
            (answer.status, floor.standing(&answer).await.0),
            (Status::Sold, LeadState::Sold),
            "after {waits_ms} ms"
        );
        assert_eq!(floor.count("ann/post"), 1);
    }
}
