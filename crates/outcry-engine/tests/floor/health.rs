//! A buyer whose server keeps failing is given a rest, and is asked now and then whether it is well again.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use futures_util::future::join_all;
use outcry_core::raw::Raw;

const RESTING: &str = "sold to bob at 11.00; ann: resting";
const FAILING: &str = "sold to bob at 11.00; ann: bad_answer";

async fn told(floor: &Floor, n: u64) -> String {
    let answer = floor.submit(&floor.lead(n)).await;
    floor.told(&answer).await
}

/// An exchange whose better buyer has just failed ten times.
async fn worn_out() -> Floor {
    let floor = Exchange::of("ann  resets at 10ms\nbob  bids 11.00").open().await;
    for n in 0..10 {
        assert_eq!(told(&floor, n).await, FAILING);
    }
    assert_eq!(told(&floor, 10).await, RESTING);
    floor
}

#[tokio::test(start_paused = true)]
async fn after_ten_failures_a_buyer_rests_and_after_each_rest_one_ping_asks() {
    let floor = worn_out().await;
    pass(1_000).await;
    assert_eq!(told(&floor, 20).await, FAILING, "the one that asks");
    assert_eq!(told(&floor, 21).await, RESTING, "the next rest is longer");
    pass(1_000).await;
    assert_eq!(told(&floor, 22).await, RESTING);
    pass(1_000).await;
    floor.script.change("ann  bids 12.00");
    assert_eq!(told(&floor, 23).await, "sold to ann at 12.00; bob: outbid");
    assert_eq!(told(&floor, 24).await, "sold to ann at 12.00; bob: outbid");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn of_many_leads_at_the_end_of_a_rest_only_one_asks() {
    let floor = worn_out().await;
    pass(1_000).await;
    let leads: Vec<Raw> = (30..40).map(|n| floor.lead(n)).collect();
    join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    assert_eq!(floor.count("ann/ping"), 11);
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_the_row_of_failures() {
    let floor = Exchange::of("ann  resets\nbob  bids 11.00").open().await;
    for n in 0..30 {
        floor.script.change(if n % 10 == 9 { "ann  passes" } else { "ann  resets" });
        assert!(!told(&floor, n).await.contains("resting"), "lead {n}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_buyer_that_is_only_slow_is_not_given_a_rest() {
    let floor = Exchange::of("ann  bids 12.00 at 700ms\nbob  bids 11.00").open().await;
    for n in 0..15 {
        assert_eq!(told(&floor, n).await, "sold to bob at 11.00; ann: late");
    }
}

#[tokio::test(start_paused = true)]
async fn failing_posts_wear_a_buyer_out_as_well() {
    let floor = Exchange::of("ann  bids 12.00, is dead\nbob  bids 11.00").open().await;
    for n in 0..40 {
        told(&floor, n).await;
    }
    assert!(
        !floor.latest().await.contains("resting"),
        "each bid is an answer, so the row never gets long"
    );
}
