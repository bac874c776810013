//! Logins: one for all, renewed once, and nobody else's problem.

use super::*;

#[tokio::test(start_paused = true)]
async fn sixty_four_leads_at_once_log_in_once() {
    let floor = open().await;
    let leads: Vec<_> = (0..64).map(|n| floor.lead(n)).collect();
    for answer in join_all(leads.iter().map(|lead| floor.sell(lead))).await {
        assert_eq!(floor.told(&answer.unwrap()).await, WON_BY_ANN);
    }
    assert_eq!(floor.count("ann/login"), 1);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn contracts_with_the_same_credentials_share_a_login_and_others_have_their_own() {
    let floor = Exchange::of("ann  bids 15.00\nbob  bids 14.00\ncid  bids 13.00")
        .contract("ann", "integration = 'floor_steps'")
        .contract("bob", "integration = 'floor_steps'")
        .contract("cid", "integration = 'floor_steps'")
        .open()
        .await;
    for name in ["ann", "bob", "cid"] {
        floor.script.at(name, "/login", &[r#"says 200: {"token": "t"}"#]);
        floor.script.at(name, "/session", &[r#"says 200: {"sid": "s"}"#]);
        floor.script.at(name, "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
        floor.script.at(name, "/post", &[r#"says 200: {"accepted": true}"#]);
    }
    floor.submit(&floor.lead(1)).await;
    floor.submit(&floor.lead(2)).await;
    assert_eq!(
        ["ann/login", "bob/login", "cid/login"].map(|call| floor.count(call)),
        [1, 1, 1],
        "three addresses"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failing_login_costs_that_contract_its_ping_and_is_not_tried_for_every_lead() {
    for does in [
        "says 401: {\"error\": \"unknown client\"}",
        "is dead",
        "resets",
        "mumbles",
        "says 200: {\"token\": \"\"}",
    ] {
        let floor = open().await;
        floor.script.at("ann", "/login", &[does]);
        for n in 0..5 {
            let answer = floor.submit(&floor.lead(n)).await;
            assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: login_failed", "{does}");
        }
        assert!(floor.count("ann/login") <= 1, "{does}");
        let record = floor.records().await.remove(0);
        assert!(record.lines[0].ping.is_none(), "nobody was pinged: {does}");
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_login_costs_no_more_than_the_time_of_one_ping() {
    let floor = open().await;
    floor.script.at("ann", "/login", &["is silent"]);
    let begun = tokio::time::Instant::now();
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: login_failed");
    assert_eq!(begun.elapsed().as_millis(), 650, "600 for the pings and 50 for the post");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_over_is_renewed_once_and_the_ping_said_again() {
    let floor = open().await;
    floor.submit(&floor.lead(1)).await;
    pass(60_000).await;
    floor
        .script
        .at("ann", "/ping", &["says 401", r#"says 200: {"price": 15, "id": "b"}"#]);
    let answer = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&answer).await, WON_BY_ANN);
    assert_eq!(floor.count("ann/login"), 2);
    floor.script.at("ann", "/ping", &["says 401"]);
    for n in 3..6 {
        let answer = floor.submit(&floor.lead(n)).await;
        assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: bad_answer");
    }
    assert_eq!(floor.count("ann/login"), 2, "what was given a moment ago is not asked for again");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_is_said_again_where_the_buyer_clearly_refused_it_for_its_login() {
    let floor = open().await;
    floor.submit(&floor.lead(1)).await;
    pass(60_000).await;
    floor.script.at(
        "ann",
        "/post",
        &[r#"says 401: {"error": "who are you?"}"#, r#"says 200: {"accepted": true}"#],
    );
    let answer = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&answer).await, WON_BY_ANN);
    let record = floor.records().await.remove(0);
    assert_eq!(record.lines[0].posts.len(), 1, "one attempt, and one intent");
    let posts: Vec<String> = floor.calls().into_iter().filter(|call| call.starts_with("ann/post")).collect();
    assert!(posts[1].contains("token=t1") && posts[2].contains("token=t2"), "{posts:?}");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_that_the_buyer_may_have_is_never_said_again() {
    for does in ["says 401", "says 401: <html>Log in</html>", r#"says 401: {"hello": 1}"#] {
        let floor = open().await;
        floor.submit(&floor.lead(1)).await;
        pass(60_000).await;
        floor.script.at("ann", "/post", &[does, r#"says 200: {"accepted": true}"#]);
        let answer = floor.submit(&floor.lead(2)).await;
        assert_eq!(floor.told(&answer).await, "pending on ann; bob: held_by_unknown", "{does}");
        let posts = floor.calls().into_iter().filter(|call| call.starts_with("ann/post"));
        assert_eq!(posts.count(), 2, "one for each lead: {does}");
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_before_the_post_leaves_the_lead_for_the_next_best() {
    let floor = open_with(|exchange| exchange.contract("ann", "caps = [{ count = 'sales', per = 'day', limit = 9 }]")).await;
    floor.script.at(
        "ann",
        "/login",
        &[r#"says 200: {"token": "t1", "expires_in": 10}"#, "fails with 500"],
    );
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    pass(30_000).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: post_not_sent");
    assert!(!floor.calls().iter().any(|call| call.starts_with("ann/post")));
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_personal_leaves_before_the_intent_is_written_down() {
    let floor = open().await;
    floor.disk.faults.intend.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Pending);
    assert!(!floor.calls().iter().any(|call| call.contains("/post")), "{:?}", floor.calls());
    assert_eq!(floor.count("ann/login"), 1, "a login names nobody, and may go first");
}
