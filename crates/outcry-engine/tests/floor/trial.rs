//! Test leads run the whole path and touch nothing that is real.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, with};
use outcry_core::raw::Raw;
use outcry_engine::answer::{Answer, Status};

const BUYERS: &str = "
    ann  bids 12.00
    bob  bids 11.00
    ";
const CAPPED: &str = "caps = [{ count = 'sales', per = 'day', limit = 1 }]\nduplicate_days = 30";
const TEST_ADDRESS: &str = "test_params = { base_url = 'https://test.ann.example' }";

fn test_lead(floor: &Floor, n: u64) -> Raw {
    with(&floor.lead(n), "is_test", Raw::Bool(true))
}

async fn sold(floor: &Floor, lead: &Raw) -> Answer {
    let answer = floor.submit(lead).await;
    assert_eq!((answer.status, answer.test), (Status::Sold, true));
    answer
}

#[tokio::test(start_paused = true)]
async fn a_test_lead_is_sold_to_simulators_and_nobody_is_called() {
    let floor = Exchange::of(BUYERS)
        .contract("ann", CAPPED)
        .contract("bob", "price = '9.00'")
        .open()
        .await;
    for n in 0..3 {
        sold(&floor, &test_lead(&floor, n)).await;
        assert!(floor.latest().await.starts_with("sold to "));
    }
    assert!(floor.calls().is_empty());
    assert_eq!(floor.books().await, outcry_engine::ports::store::Books::default());
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_test_lead_goes_to_the_test_address_of_a_buyer_that_has_one() {
    let floor = Exchange::of("ann  bids 5000.00")
        .contract("ann", &format!("{CAPPED}\n{TEST_ADDRESS}"))
        .open()
        .await;
    sold(&floor, &test_lead(&floor, 1)).await;
    assert_eq!(floor.calls(), ["test.ann/ping", "test.ann/post"]);
    assert!(floor.outbound.sent().iter().all(|sent| sent.body.contains("\"test\":true")));
    assert_eq!((floor.books().await.leads, floor.used("contract/ann/sales/day").await), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_source_may_send_nothing_but_tests() {
    let floor = Exchange::of(BUYERS).source("test_only = true").open().await;
    sold(&floor, &floor.lead(1)).await;
    assert!(floor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_person_who_was_a_test_can_be_sold_for_real() {
    let floor = Exchange::of(BUYERS)
        .campaign("duplicate_days = 30")
        .contract("ann", CAPPED)
        .open()
        .await;
    sold(&floor, &test_lead(&floor, 1)).await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: outbid");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_test_in_two_calls_is_a_test_in_both() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = test_lead(&floor, 1);
    let quote = floor.ping(&lead).await.unwrap();
    assert!(quote.test);
    let answer = floor.post(&floor.lead(1), &quote.offer.unwrap().token).await.unwrap();
    assert!(answer.test && floor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_broken_test_address_does_not_rest_the_buyer() {
    let floor = Exchange::of("ann  resets").contract("ann", TEST_ADDRESS).open().await;
    for n in 0..12 {
        floor.submit(&test_lead(&floor, n)).await;
    }
    floor.script.change("ann  bids 12.00, accepts");
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00");
}
