//! What a sale brings: the buyer's price, the supplier's payout, the operator's margin.

use crate::support::exchange::Exchange;
use outcry_core::record::Sold;
use outcry_engine::answer::Status;

/// Sells one lead and compares `price = payout + margin`; the answer and the books must say the same.
async fn check(exchange: Exchange, expected: &str) {
    let floor = exchange.open().await;
    let answer = floor.submit(&floor.lead(1)).await;
    let record = floor.records().await.remove(0);
    let [Sold { split, .. }] = *record.ending.sales() else {
        panic!("{}", floor.latest().await)
    };
    assert_eq!(format!("{} = {} + {}", split.price, split.payout, split.margin), expected);
    let books = floor.books().await;
    assert_eq!((books.price, books.payout, books.margin), (split.price, split.payout, split.margin));
    assert_eq!((answer.status, answer.payout), (Status::Sold, split.payout));
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn the_supplier_gets_its_share() {
    let ann = |bid: &str| Exchange::of(&format!("ann  bids {bid}"));
    check(ann("12.00").campaign("payout = '80%'"), "12.00 = 9.60 + 2.40").await;
    check(ann("12.345678").campaign("payout = '82.5%'"), "12.35 = 10.19 + 2.16").await;
    check(ann("12.00").campaign("payout = '100%'"), "12.00 = 12.00 + 0.00").await;
    check(ann("12.00").campaign("payout = '5.00'"), "12.00 = 5.00 + 7.00").await;
    check(ann("3.00").campaign("payout = '5.00'"), "3.00 = 3.00 + 0.00").await;
}

#[tokio::test(start_paused = true)]
async fn a_sources_own_terms_stand_before_the_campaigns() {
    let exchange = Exchange::of("ann  bids 12.00").campaign("payout = '80%'").source("payout = '50%'");
    check(exchange, "12.00 = 6.00 + 6.00").await;
}

#[tokio::test(start_paused = true)]
async fn a_price_lowered_at_the_post_is_booked_lower() {
    check(Exchange::of("ann  bids 12.00, accepts for 10.00"), "10.00 = 8.00 + 2.00").await;
    check(Exchange::of("ann  bids 12.00, accepts for 0.01"), "0.01 = 0.01 + 0.00").await;
}

#[tokio::test(start_paused = true)]
async fn a_price_raised_at_the_post_is_booked_as_it_was_bid() {
    check(Exchange::of("ann  bids 12.00, accepts for 13.00"), "12.00 = 9.60 + 2.40").await;
}

#[tokio::test(start_paused = true)]
async fn a_price_in_another_currency_at_the_post_says_nothing() {
    check(Exchange::of("ann  bids 12.00, accepts for €10.00"), "12.00 = 9.60 + 2.40").await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_too_large_for_the_spot_is_read_and_counts() {
    let exchange = Exchange::of("ann  bids 9.00");
    let floor = exchange.open().await;
    let padding = "x".repeat(60_000);
    let says = |answer: &str| format!("says 200: {{{answer}, \"more\": \"{padding}\"}}");
    floor.script.at("ann", "/ping", &[&says(r#""price": "12.00", "id": "b""#)]);
    floor.script.at("ann", "/post", &[&says(r#""accepted": true, "price": "10.00""#)]);
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!((answer.status, answer.payout.to_string()), (Status::Sold, "8.00".to_owned()));
    assert_eq!(floor.latest().await, "sold to ann at 10.00");
}

#[tokio::test(start_paused = true)]
async fn a_price_of_nothing_or_nonsense_at_the_post_leaves_the_bid() {
    check(Exchange::of("ann  bids 12.00, accepts for 0"), "12.00 = 9.60 + 2.40").await;
    check(Exchange::of("ann  bids 12.00, accepts for -3.00"), "12.00 = 9.60 + 2.40").await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sold_for_less_than_the_source_wants() {
    let buyers = "
        ann  bids 12.49
        bob  bids 12.50, rejects
        ";
    let wants_ten = |terms: &str| Exchange::of(buyers).source("payout_min = '10.00'").source(terms);
    wants_ten("").check("unsold; ann: payout_too_low; bob: post_rejected").await;
    wants_ten("payout = '90%'").check("sold to ann at 12.49; bob: post_rejected").await;
    wants_ten("payout = '12.50'")
        .check("sold to ann at 12.49; bob: post_rejected")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_fixed_payout_that_the_price_cuts_is_enough_if_it_is_what_the_source_wants() {
    let exchange = Exchange::of("ann  bids 3.00").source("payout = '5.00'\npayout_min = '2.00'");
    check(exchange, "3.00 = 3.00 + 0.00").await;
    Exchange::of("ann  bids 1.99")
        .source("payout = '5.00'\npayout_min = '2.00'")
        .check("unsold; ann: payout_too_low")
        .await;
}
