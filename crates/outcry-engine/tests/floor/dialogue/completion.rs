//! A post that has to be completed: sold only by the completion, and unknown whenever that is lost.

use super::*;

/// Ann holds what is posted until it is confirmed, and does this with a confirmation.
async fn completes(ann_does: &[&str]) -> Floor {
    let floor = Exchange::of("ann  bids 15.00, accepts\nbob  bids 14.00, accepts")
        .contract(
            "ann",
            "integration = 'floor_completes'\ncaps = [{ count = 'sales', per = 'day', limit = 9 }]\npost_timeout_ms = 500",
        )
        .open()
        .await;
    floor.script.at("ann", "/post", &[HOLDS]);
    floor.script.at("ann", "/confirm", ann_does);
    floor
}

const HOLDS: &str = r#"says 200: {"accepted": true, "reference": "r-1"}"#;
const HELD: &str = "pending on ann; bob: held_by_unknown";

#[tokio::test(start_paused = true)]
async fn the_completion_has_the_last_word() {
    for (does, told, used) in [
        (r#"says 200: {"sold": true}"#, WON_BY_ANN, 1),
        (
            r#"says 200: {"sold": true, "price": "13.00"}"#,
            "sold to ann at 13.00; bob: outbid",
            1,
        ),
        (r#"says 200: {"error": "too late"}"#, "sold to bob at 14.00; ann: post_rejected", 0),
        ("is silent", HELD, 1),
        ("is dead", HELD, 1),
        ("resets", HELD, 1),
        ("breaks off", HELD, 1),
        ("mumbles", HELD, 1),
        ("fails with 503", HELD, 1),
        ("says 200: {}", HELD, 1),
    ] {
        let floor = completes(&[does]).await;
        let answer = floor.submit(&floor.lead(1)).await;
        assert_eq!(floor.told(&answer).await, told, "{does}");
        assert_eq!(floor.used("contract/ann/sales/day").await, used, "{does}");
        assert_eq!(floor.count("ann/post"), 1, "{does}");
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_accepted_post_nothing_is_completed() {
    let floor = completes(&[r#"says 200: {"sold": true}"#]).await;
    floor.script.at("ann", "/post", &[r#"says 200: {"accepted": false}"#]);
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: post_rejected");
    assert!(!floor.calls().iter().any(|call| call.starts_with("ann/confirm")));
}

#[tokio::test(start_paused = true)]
async fn a_post_without_what_the_completion_needs_is_unknown() {
    let floor = completes(&[r#"says 200: {"sold": true}"#]).await;
    floor.script.at("ann", "/post", &[r#"says 200: {"accepted": true}"#]);
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, HELD);
    assert!(!floor.calls().iter().any(|call| call.starts_with("ann/confirm")));
    floor.audit().await;
}

const HOLDS_LATE: &str = r#"says 200 at 3000ms: {"accepted": true, "reference": "r-1"}"#;

#[tokio::test(start_paused = true)]
async fn a_late_yes_to_the_post_is_completed_and_a_late_completion_counts() {
    for (post, confirm) in [
        (HOLDS_LATE, r#"says 200: {"sold": true}"#),
        (HOLDS, r#"says 200 at 3000ms: {"sold": true}"#),
        (HOLDS_LATE, r#"says 200 at 3000ms: {"sold": true}"#),
    ] {
        let floor = completes(&[confirm]).await;
        floor.script.at("ann", "/post", &[post]);
        let answer = floor.submit(&floor.lead(1)).await;
        assert_eq!(floor.told(&answer).await, HELD, "{post}, {confirm}");
        pass(8_000).await;
        assert_eq!(
            floor.told(&answer).await,
            "sold to ann at 15.00; bob: held_by_unknown",
            "{post}, {confirm}"
        );
        assert_eq!(floor.books().await.price.to_string(), "15.00");
        floor.audit().await;
    }
}
