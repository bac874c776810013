//! A buyer that answers for several brands and takes one post for each: each leg is sold, refused or unknown by itself.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use outcry_core::record::Happened;
use outcry_engine::answer::Status;
use outcry_engine::ports::store::LeadState;

/// Ann offers for three brands, 9.00 and 5.00 and 2.00; Bob bids 14.00, and gets the lead if Ann does not.
async fn open(brands: [&str; 3]) -> Floor {
    open_with(brands, |exchange| exchange).await
}

async fn open_with(brands: [&str; 3], change: impl FnOnce(Exchange) -> Exchange) -> Floor {
    let exchange = Exchange::of("ann  bids 1.00\nbob  bids 14.00, accepts").contract(
        "ann",
        "integration = 'floor_legs'\ncaps = [{ count = 'sales', per = 'day', limit = 9 }]",
    );
    let floor = change(exchange).open().await;
    let bids = r#"says 200: {"id": "p 1", "bids": [{"id": "b1", "price": 5, "key": "post_b"}, {"id": "b2", "price": 9, "key": "post_a"},
                 {"id": "b3", "price": 2, "key": "post_c"}]}"#;
    floor.script.at("ann", "/ping", &[&bids.replace('\n', " ")]);
    for (path, does) in ["/post_a", "/post_b", "/post_c"].into_iter().zip(brands) {
        floor.script.at("ann", path, &[does]);
    }
    floor
}

const YES: &str = r#"says 200: {"ok": true}"#;
const NO: &str = r#"says 200: {"ok": false, "why": "not today"}"#;

fn posts(floor: &Floor) -> Vec<String> {
    let mut posts: Vec<String> = floor.calls().into_iter().filter(|call| call.starts_with("ann/post")).collect();
    posts.sort();
    posts
}

async fn sold(floor: &Floor) -> String {
    let answer = floor.submit(&floor.lead(1)).await;
    format!("{} {}", answer.status.word(), answer.payout)
}

#[tokio::test(start_paused = true)]
async fn each_chosen_leg_gets_a_post_of_its_own() {
    let floor = open([YES, YES, YES]).await;
    assert_eq!(sold(&floor).await, "sold 12.80", "80 % of 9, 5 and 2");
    let expected = [
        "ann/post_a?ping=p%201&leg=b2&price=9.00",
        "ann/post_b?ping=p%201&leg=b1&price=5.00",
        "ann/post_c?ping=p%201&leg=b3&price=2.00",
    ];
    assert_eq!(posts(&floor), expected);
    assert_eq!(
        floor.count("bob/post"),
        0,
        "the lead is exclusive to the contract, whatever its legs"
    );
    assert_eq!(
        (floor.books().await.price.to_string(), floor.used("contract/ann/sales/day").await),
        ("16.00".to_owned(), 3)
    );
    let record = floor.records().await.remove(0);
    assert_eq!((record.ending.sales().len(), record.lines[0].posts.len()), (3, 3));
    assert_eq!(record.lines[0].reason, None);
}

#[tokio::test(start_paused = true)]
async fn a_leg_that_is_refused_costs_its_own_price_and_nothing_else() {
    let floor = open([YES, NO, "is dead"]).await;
    assert_eq!(sold(&floor).await, "sold 7.20");
    assert_eq!(floor.count("bob/post"), 0);
    assert_eq!(floor.used("contract/ann/sales/day").await, 1, "the others gave their units back");
    assert_eq!(floor.records().await.remove(0).lines[0].reason, None, "the contract has the lead");
}

#[tokio::test(start_paused = true)]
async fn the_next_best_is_asked_when_all_legs_are_refused() {
    let floor = open([NO, NO, NO]).await;
    assert_eq!(sold(&floor).await, "sold 11.20");
    assert_eq!((posts(&floor).len(), floor.count("bob/post")), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_leg_nobody_knows_of_holds_the_lead_for_the_contract() {
    let floor = open([NO, "resets", NO]).await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!((answer.status, floor.count("bob/post")), (Status::Pending, 0));
    assert_eq!(floor.standing(&answer).await.0, LeadState::Uncertain);
    assert_eq!(floor.used("contract/ann/sales/day").await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_leg_whose_yes_comes_late_is_one_more_sale() {
    let floor = open_with([YES, r#"says 200 at 2500ms: {"ok": true}"#, NO], |exchange| {
        exchange.contract("ann", "post_timeout_ms = 1000")
    })
    .await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!((answer.status, answer.payout.to_string()), (Status::Sold, "7.20".to_owned()));
    pass(4_000).await;
    let (state, told) = floor.standing(&answer).await;
    assert_eq!(
        (state, told.map(|told| told.payout.to_string())),
        (LeadState::Sold, Some("11.20".to_owned()))
    );
    let record = floor.records().await.remove(0);
    assert!(matches!(&record.events[0].what, Happened::Resolved { state, way, .. } if &**state == "accepted" && &**way == "a late answer"));
}

#[tokio::test(start_paused = true)]
async fn a_quote_promises_the_dearest_leg_and_no_sale_is_made_below_it() {
    let floor = open_with([NO, YES, YES], |exchange| exchange.contract("bob", "paused = true")).await;
    let lead = floor.lead(1);
    let offer = floor.ping(&lead).await.unwrap().offer.unwrap();
    assert_eq!(
        offer.payout.to_string(),
        "7.20",
        "80 % of the dearest leg: that one is certain to be covered by itself"
    );
    let answer = floor.post(&lead, &offer.token).await.unwrap();
    assert_eq!(answer.status, Status::Unsold, "no other leg covers the promise");
    assert_eq!(posts(&floor).len(), 1);
    let floor = open_with([YES, YES, YES], |exchange| exchange.contract("bob", "paused = true")).await;
    let token = floor.token(&lead).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(
        (answer.status, answer.payout.to_string()),
        (Status::Sold, "12.80".to_owned()),
        "what is sold on top comes on top"
    );
}
