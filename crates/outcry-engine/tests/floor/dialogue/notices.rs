//! Bidders who wish to hear how the auction ended.

use super::*;

fn told(floor: &Floor) -> Vec<String> {
    let calls = floor.calls().into_iter();
    calls.filter(|call| call.contains("/won") || call.contains("/lost")).collect()
}

#[tokio::test(start_paused = true)]
async fn the_winner_hears_its_price_and_a_loser_only_with_leave() {
    let floor = open().await;
    floor.submit(&floor.lead(1)).await;
    pass(100).await;
    assert_eq!(told(&floor), ["ann/won?bid=b%201&price=15.00"]);
    for (terms, expected) in [
        ("", "ann/lost?bid=b%201&price="),
        ("tell_winning_price = true", "ann/lost?bid=b%201&price=20.00"),
    ] {
        let floor = open_with(|exchange| exchange.contract("ann", terms)).await;
        floor.script.change("bob  bids 20.00, accepts");
        floor.submit(&floor.lead(1)).await;
        pass(100).await;
        assert_eq!(told(&floor), [expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_while_the_outcome_is_open() {
    let floor = open().await;
    floor.script.at("ann", "/post", &[r#"says 200 at 7000ms: {"accepted": true}"#]);
    floor.submit(&floor.lead(1)).await;
    pass(4_000).await;
    assert!(told(&floor).is_empty());
    pass(4_000).await;
    assert_eq!(told(&floor), ["ann/won?bid=b%201&price=15.00"], "the late answer settled it");
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_nobody_took_was_lost_by_all() {
    let floor = open().await;
    floor.script.at("ann", "/post", &[r#"says 200: {"error": "no"}"#]);
    floor.script.change("bob  bids 14.00, rejects");
    floor.submit(&floor.lead(1)).await;
    pass(100).await;
    assert_eq!(told(&floor), ["ann/lost?bid=b%201&price="]);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_of_a_notice_changes_nothing() {
    for does in ["is silent", "is dead", "resets", "fails with 500"] {
        let floor = open().await;
        floor.script.at("ann", "/won", &[does]);
        let begun = tokio::time::Instant::now();
        let answer = floor.submit(&floor.lead(1)).await;
        assert!(begun.elapsed().as_millis() < 200, "nobody waits for it: {does}");
        pass(20_000).await;
        assert_eq!(floor.told(&answer).await, WON_BY_ANN, "{does}");
        assert!(told(&floor).len() <= 1, "it is tried once: {does}");
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_goes_down_tells_those_it_has_begun_to_tell() {
    let floor = open().await;
    floor.script.at("ann", "/won", &["says 204 at 3000ms"]);
    floor.submit(&floor.lead(1)).await;
    let begun = tokio::time::Instant::now();
    floor.engine.drain().await;
    assert_eq!(begun.elapsed().as_millis(), 3_000);
}

#[tokio::test(start_paused = true)]
async fn a_quote_tells_nobody_and_its_post_does() {
    let floor = open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    pass(1_000).await;
    assert!(told(&floor).is_empty());
    floor.post(&lead, &token).await.unwrap();
    pass(1_000).await;
    assert_eq!(told(&floor), ["ann/won?bid=b%201&price=15.00"]);
}
