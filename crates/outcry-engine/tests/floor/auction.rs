//! Who wins an auction, and why the others do not.

use crate::support::exchange::Exchange;
use crate::support::floor::{check, with_text};
use outcry_engine::asked::Asked;

#[tokio::test(start_paused = true)]
async fn the_highest_bid_buys() {
    check(
        "
        ann  bids 12.00 at 30ms
        bob  bids 15.00 at 20ms
        cid  bids 11.00 at  5ms
        ",
        "sold to bob at 15.00; ann: outbid; cid: outbid",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn of_equal_bids_the_earlier_answer_wins() {
    check(
        "
        ann  bids 12.00 at 30ms
        bob  bids 12.00 at 20ms
        cid  bids 11.99 at  5ms
        ",
        "sold to bob at 12.00; ann: outranked; cid: outbid",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn of_equal_bids_at_the_same_moment_the_earlier_contract_wins() {
    check(
        "
        cid  bids 12.00 at 20ms
        bob  bids 12.00 at 20ms
        ",
        "sold to bob at 12.00; cid: outranked",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_agreed_price_stands_before_an_equal_bid() {
    Exchange::of(
        "
        ann  bids 12.00 at 1ms
        bob  is silent
        ",
    )
    .contract("bob", "integration = 'floor_direct'\nprice = '12.00'")
    .check("sold to bob at 12.00; ann: outranked")
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_buyer_with_an_agreed_price_may_say_no_and_cannot_say_less() {
    let exchange = Exchange::of(
        "
        ann  bids  3.00 at 10ms
        bob  passes at 10ms: full for today
        ",
    );
    let exchange = exchange.contract("ann", "price = '9.00'").contract("bob", "price = '20.00'");
    exchange.check("sold to ann at 9.00; bob: no_bid").await;
}

#[tokio::test(start_paused = true)]
async fn a_bid_at_the_floor_is_enough_and_a_bid_under_it_is_none() {
    let exchange = Exchange::of(
        "
        ann  bids 10.00
        bob  bids  9.999999
        cid  bids 13.99
        ",
    );
    exchange
        .campaign("floor = '10.00'")
        .contract("cid", "floor = '14.00'")
        .check("sold to ann at 10.00; bob: below_floor; cid: below_floor")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_bid_at_the_ceiling_is_believed_and_a_bid_over_it_is_not() {
    let exchange = Exchange::of(
        "
        ann  bids   150.00
        bob  bids   150.01
        cid  bids 99999.00
        dan  bids    20.01
        ",
    );
    exchange
        .campaign("ceiling = '150.00'")
        .contract("dan", "ceiling = '20.00'")
        .check("sold to ann at 150.00; bob: above_ceiling; cid: above_ceiling; dan: above_ceiling")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_bid_in_another_currency_is_no_bid() {
    check(
        "
        ann  bids 12.00 USD
        bob  bids 15.00 EUR
        ",
        "sold to ann at 12.00; bob: other_currency",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn bids_are_compared_to_the_millionth_and_booked_to_the_cent() {
    check(
        "
        ann  bids 21.105001
        bob  bids 21.105
        ",
        "sold to ann at 21.11; bob: outbid",
    )
    .await;
    check("ann  bids 21.105", "sold to ann at 21.10").await;
}

#[tokio::test(start_paused = true)]
async fn a_handicap_lowers_the_rank_and_not_the_price() {
    let buyers = "
        ann  bids 12.00
        bob  bids 13.00
        ";
    Exchange::of(buyers)
        .contract("bob", "handicap = '5%'")
        .check("sold to bob at 13.00; ann: outbid")
        .await;
    let floor = Exchange::of(buyers).contract("bob", "handicap = '10%'").open().await;
    floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.latest().await, "sold to ann at 12.00; bob: handicapped");
    let reason = floor.records().await.remove(0).lines.remove(1).reason.expect("a reason");
    assert_eq!(reason.to_string(), "its bid of 13.00 counts 10 % less, and 12.00 won");
}

#[tokio::test(start_paused = true)]
async fn nothing_and_less_is_no_bid() {
    check(
        "
        ann  bids 0
        bob  bids -5.00
        cid  bids plenty
        ",
        "unsold; ann: no_bid; bob: no_bid; cid: bad_answer",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_may_not_be_pinged_is_not_pinged() {
    let exchange = Exchange::of(
        "
        ann  bids 30.00
        bob  bids 20.00
        cid  bids 10.00
        dan  bids 5.00
        ",
    );
    let exchange = exchange
        .contract("ann", "paused = true")
        .contract("bob", "filter = 'state = \"TX\"'")
        .source("exclude_buyers = ['cid']");
    let floor = exchange.open().await;
    let answer = floor.submit(&with_text(&floor.lead(1), "state", "OH")).await;
    assert_eq!(
        floor.told(&answer).await,
        "sold to dan at 5.00; ann: paused; bob: filter; cid: excluded_by_source"
    );
    assert_eq!(floor.calls(), ["dan/ping", "dan/post"]);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_nobody_wants_is_unsold() {
    check(
        "
        ann  passes: outside our area
        bob  knows them
        cid  mumbles
        ",
        "unsold; ann: no_bid; bob: buyer_duplicate; cid: bad_answer",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_contract_may_buy_by_source_sub_id_and_age_of_the_consent_and_the_record_keeps_the_marks() {
    let floor = Exchange::of("ann  bids 12.00\nbob  bids 11.00\ncid  bids 10.00\ndan  bids 9.00")
        .contract("ann", "filter = 'sub2 = \"banner\"'")
        .contract("bob", "filter = 'source = \"other\"'")
        .contract("cid", "filter = 'minutes_since(consent_at) > 100000'")
        .source_of("other", "")
        .open()
        .await;
    let marked = |mark: &str| Asked {
        sub_ids: [None, Some(mark.into()), None, None, None],
        ..Asked::default()
    };
    let sell = async |source, n, mark| {
        let answer = floor.sell_asking(source, &floor.lead(n), None, marked(mark)).await.unwrap();
        floor.told(&answer).await
    };
    assert_eq!(
        sell("site", 1, "popup").await,
        "sold to dan at 9.00; ann: filter; bob: filter; cid: filter"
    );
    assert_eq!(
        sell("other", 2, "banner").await,
        "sold to ann at 12.00; bob: outbid; cid: filter; dan: outbid"
    );
    let marks: Vec<_> = floor.records().await.iter().map(|record| record.sub_ids[1].clone()).collect();
    assert!(
        marks.contains(&Some("popup".into())) && marks.contains(&Some("banner".into())),
        "{marks:?}"
    );
}
