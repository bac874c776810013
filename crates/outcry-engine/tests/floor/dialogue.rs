//! Buyers who want more than a ping and a post: what follows what, who pays for a step that fails, and what a step that
//! is lost leaves open.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use futures_util::future::join_all;
use outcry_core::record::Run;
use outcry_engine::answer::Status;
use outcry_engine::ports::store::LeadState;

mod completion;
mod login;
mod notices;
mod polls;

/// Ann speaks in steps and bids 15.00; Bob pings and posts, and bids 14.00.
async fn open() -> Floor {
    open_with(|exchange| exchange).await
}

async fn open_with(change: impl FnOnce(Exchange) -> Exchange) -> Floor {
    let exchange = Exchange::of("ann  bids 15.00\nbob  bids 14.00, accepts").contract("ann", "integration = 'floor_steps'");
    let floor = change(exchange).open().await;
    let ann = |path: &str, turns: &[&str]| floor.script.at("ann", path, turns);
    ann(
        "/login",
        &[
            r#"says 200: {"token": "t1", "expires_in": 600}"#,
            r#"says 200: {"token": "t2", "expires_in": 600}"#,
        ],
    );
    ann("/session", &[r#"says 200: {"sid": "s/1"}"#]);
    ann("/ping", &[r#"says 200: {"price": 15, "id": "b 1", "lot": "l-1"}"#]);
    ann("/post", &[r#"says 200: {"accepted": true}"#]);
    ann("/won", &["says 204"]);
    ann("/lost", &["says 204"]);
    floor
}

const WON_BY_ANN: &str = "sold to ann at 15.00; bob: outbid";

#[tokio::test(start_paused = true)]
async fn each_step_follows_the_one_before_it_and_shows_what_that_kept() {
    let floor = open().await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, WON_BY_ANN);
    pass(1_000).await;
    let ann: Vec<String> = floor.calls().into_iter().filter(|call| call.starts_with("ann")).collect();
    let expected = [
        "ann/login",
        "ann/session?token=t1",
        "ann/ping/s%2F1?token=t1&least=0.00",
        "ann/post/b%201?token=t1&sid=s%2F1&lot=l-1",
        "ann/won?bid=b%201&price=15.00",
    ];
    assert_eq!(ann, expected);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_is_the_floor_or_what_the_source_must_get() {
    let floor = open_with(|exchange| exchange.campaign("floor = '2.00'").source("payout_min = '4.00'")).await;
    floor.submit(&floor.lead(1)).await;
    let pinged = floor.calls().into_iter().find(|call| call.starts_with("ann/ping"));
    assert_eq!(pinged.unwrap(), "ann/ping/s%2F1?token=t1&least=5.00", "4.00 are 80 % of 5.00");
}

#[tokio::test(start_paused = true)]
async fn all_steps_before_the_bid_share_the_time_of_one_ping() {
    for (session_ms, ping_ms, told) in [(290, 290, WON_BY_ANN), (400, 400, "sold to bob at 14.00; ann: late")] {
        let floor = open().await;
        floor
            .script
            .at("ann", "/session", &[&format!(r#"says 200 at {session_ms}ms: {{"sid": "s1"}}"#)]);
        floor.script.at(
            "ann",
            "/ping",
            &[&format!(r#"says 200 at {ping_ms}ms: {{"price": 15, "id": "b"}}"#)],
        );
        let answer = floor.submit(&floor.lead(1)).await;
        assert_eq!(floor.told(&answer).await, told, "{session_ms} and {ping_ms}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_not_opened_costs_the_ping_with_its_reason() {
    for (does, reason) in [
        (r#"says 200: {"closed": true, "reason": "not today"}"#, "no_bid"),
        (r#"says 200: {"hello": 1}"#, "bad_answer"),
        ("fails with 503", "bad_answer"),
        ("is silent", "late"),
        ("is dead", "not_reached"),
        ("resets", "bad_answer"),
    ] {
        let floor = open().await;
        floor.script.at("ann", "/session", &[does]);
        let answer = floor.submit(&floor.lead(1)).await;
        assert_eq!(floor.told(&answer).await, format!("sold to bob at 14.00; ann: {reason}"), "{does}");
        assert!(!floor.calls().iter().any(|call| call.starts_with("ann/ping")), "{does}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_test_lead_goes_through_all_steps_at_the_test_address() {
    let floor = open_with(|exchange| exchange.contract("ann", "test_params = { base_url = 'https://test.ann.example' }")).await;
    let lead = crate::support::floor::with(&floor.lead(1), "is_test", outcry_core::raw::Raw::Bool(true));
    let answer = floor.submit(&lead).await;
    assert!(answer.test);
    let record = floor.records().await.remove(0);
    assert_eq!(record.run, Run::Test);
    pass(1_000).await;
    let hosts: Vec<String> = floor.outbound.sent().into_iter().map(|sent| sent.host).collect();
    assert!(hosts.len() > 3 && hosts.iter().all(|host| host == "test.ann.example"), "{hosts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bid_that_has_ended_when_its_turn_comes_is_skipped() {
    let floor = open().await;
    floor
        .script
        .at("ann", "/ping", &[r#"says 200: {"price": 13, "id": "b", "stands": 1}"#]);
    floor.script.change("bob  bids 14.00, rejects at 900ms");
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(
        floor.told(&answer).await,
        "sold to ann at 13.00; bob: post_rejected",
        "it stands for a second"
    );
    let floor = open().await;
    floor
        .script
        .at("ann", "/ping", &[r#"says 200: {"price": 13, "id": "b", "stands": 1}"#]);
    floor.script.change("bob  bids 14.00, rejects at 1100ms");
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: bid_expired; bob: post_rejected");
    assert!(!floor.calls().iter().any(|call| call.starts_with("ann/post")));
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_quote_stands_no_longer_than_the_bid_it_rests_on() {
    let floor = open().await;
    floor
        .script
        .at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b", "stands": 20}"#]);
    let lead = floor.lead(1);
    let offer = floor.ping(&lead).await.unwrap().offer.unwrap();
    assert_eq!((offer.payout.to_string(), offer.expires_seconds), ("12.00".to_owned(), 20));
    pass(19_000).await;
    assert_eq!(floor.post(&lead, &offer.token).await.unwrap().status, Status::Sold);
    let lead = floor.lead(2);
    let token = floor.token(&lead).await;
    pass(20_000).await;
    assert_eq!(floor.post(&lead, &token).await.unwrap_err().code(), "quote_expired");
}
