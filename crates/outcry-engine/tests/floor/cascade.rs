//! Down the plan: the next best gets the lead when the best does not want it, and nobody below the floor.

use crate::support::exchange::Exchange;
use crate::support::floor::check;

#[tokio::test(start_paused = true)]
async fn a_rejected_post_goes_to_the_next_best() {
    check(
        "
        ann  bids 12.00 at 30ms, accepts
        bob  bids 15.00 at 20ms, rejects: bad phone
        cid  bids 11.00 at  5ms, accepts
        ",
        "sold to ann at 12.00; bob: post_rejected; cid: outbid",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_lead_goes_down_to_the_floor_and_no_further() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects: bad phone
        bob  bids 14.00, knows them
        cid  bids 10.00, rejects: bad phone
        dan  bids  9.99, accepts
        ",
    );
    exchange
        .campaign("floor = '10.00'")
        .check("unsold; ann: post_rejected; bob: post_rejected; cid: post_rejected; dan: below_floor")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_post_that_never_left_goes_to_the_next_best() {
    check(
        "
        ann  bids 15.00, is dead
        bob  bids 14.00, accepts
        ",
        "sold to bob at 14.00; ann: post_not_sent",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_so_many_posts_are_tried() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects
        bob  bids 14.00, rejects
        cid  bids 13.00, accepts
        ",
    );
    exchange
        .campaign("posts_max = 2")
        .check("unsold; ann: post_rejected; bob: post_rejected; cid: out_of_time")
        .await;
}

#[tokio::test(start_paused = true)]
async fn no_post_begins_after_the_leads_time_is_up() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects at 400ms
        bob  bids 14.00, rejects at 400ms
        cid  bids 13.00, accepts
        ",
    );
    exchange
        .limits(|limits| limits.selling = std::time::Duration::from_millis(700))
        .check("unsold; ann: post_rejected; bob: post_rejected; cid: out_of_time")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_rejected_post_frees_what_it_held() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects
        bob  bids 14.00, accepts
        ",
    );
    let floor = exchange
        .contract(
            "ann",
            "caps = [{ count = 'sales', per = 'day', limit = 1 }, { count = 'price', per = 'day', limit = '15.00' }]",
        )
        .contract("bob", "caps = [{ count = 'price', per = 'day', limit = '50.00' }]")
        .open()
        .await;
    for n in 0..3 {
        let answer = floor.submit(&floor.lead(n)).await;
        assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: post_rejected");
    }
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
    assert_eq!(floor.used("contract/ann/price/day").await, 0);
    assert_eq!(floor.used("contract/bob/price/day").await, 42_000_000);
    let answer = floor.submit(&floor.lead(9)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: cap_full");
    floor.audit().await;
}
