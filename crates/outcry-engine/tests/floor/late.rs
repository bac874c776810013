//! Late, silent, dead and broken buyers cost their own bid and nothing else.

use crate::support::exchange::Exchange;
use crate::support::floor::{check, pass};
use outcry_core::reason::Reason;

#[tokio::test(start_paused = true)]
async fn an_answer_counts_until_the_pings_close() {
    check(
        "
        ann  bids 10.00 at 599ms
        bob  bids 20.00 at 600ms
        cid  bids 30.00 at 601ms
        ",
        "sold to bob at 20.00; ann: outbid; cid: late",
    )
    .await;
    check("ann  bids 10.00 at 599ms", "sold to ann at 10.00").await;
    check("ann  bids 10.00 at 601ms", "unsold; ann: late").await;
}

#[tokio::test(start_paused = true)]
async fn the_campaigns_window_closes_before_a_contracts_own_time_is_up() {
    Exchange::of(
        "
        ann  bids 10.00 at 300ms
        bob  bids 20.00 at 301ms
        ",
    )
    .campaign("ping_window_ms = 300")
    .check("sold to ann at 10.00; bob: late")
    .await;
}

#[tokio::test(start_paused = true)]
async fn each_late_buyer_is_told_how_long_it_was_waited_for() {
    let floor = Exchange::of(
        "
        ann  bids 10.00 at 400ms
        bob  bids 20.00 at 900ms
        cid  is silent
        ",
    )
    .contract("bob", "ping_timeout_ms = 100")
    .open()
    .await;
    floor.submit(&floor.lead(1)).await;
    let record = floor.records().await.remove(0);
    assert_eq!(record.lines[1].reason, Some(Reason::Late { after_ms: 100 }));
    assert_eq!(record.lines[2].reason, Some(Reason::Late { after_ms: 600 }));
}

#[tokio::test(start_paused = true)]
async fn a_late_bid_is_never_posted_to_however_high_it_is() {
    let floor = Exchange::of(
        "
        ann  bids  10.00 at 100ms, rejects
        bob  bids 900.00 at 601ms, accepts
        ",
    )
    .open()
    .await;
    let answer = floor.submit(&floor.lead(1)).await;
    pass(10_000).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: late");
    assert_eq!(floor.count("bob/post"), 0);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_failing_buyer_costs_only_its_own_bid() {
    check(
        "
        ann  bids 10.00 at 50ms
        bob  is silent
        cid  is dead
        dan  resets at 20ms
        eve  breaks off at 20ms
        fay  mumbles
        gus  fails with 500
        hal  fails with 404
        ian  passes
        ",
        "sold to ann at 10.00; bob: late; cid: not_reached; dan: bad_answer; eve: bad_answer; fay: bad_answer; gus: bad_answer; \
         hal: bad_answer; ian: no_bid",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_once_everybody_has_answered() {
    let floor = Exchange::of(
        "
        ann  bids 10.00 at 40ms, accepts at 60ms
        bob  resets at 20ms
        ",
    )
    .open()
    .await;
    let begun = tokio::time::Instant::now();
    floor.submit(&floor.lead(1)).await;
    assert_eq!(begun.elapsed().as_millis(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_buyer_is_called_only_so_often_at_once() {
    let floor = Exchange::of(
        "
        ann  bids 10.00 at 100ms
        bob  bids 20.00 at 100ms
        ",
    )
    .contract("bob", "calls_max = 2")
    .open()
    .await;
    let leads: Vec<_> = (0..5).map(|n| floor.lead(n)).collect();
    let answers = futures_util::future::join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    let mut told = Vec::new();
    for answer in answers {
        told.push(floor.told(&answer.unwrap()).await);
    }
    told.sort();
    let (throttled, sold) = ("sold to ann at 10.00; bob: throttled", "sold to bob at 20.00; ann: outbid");
    assert_eq!(told, [throttled, throttled, throttled, sold, sold]);
    floor.audit().await;
}
