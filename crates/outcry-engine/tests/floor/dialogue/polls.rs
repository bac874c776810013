//! A queued post is asked about until there is a final word, or for as long as the file says.

use super::*;
use outcry_engine::outbox;

/// Ann queues what is posted, and answers polls like this.
async fn queues(ann_does: &[&str]) -> Floor {
    let floor = open_with(|exchange| {
        exchange
            .contract("ann", "caps = [{ count = 'sales', per = 'day', limit = 9 }]")
            .source("postback = 'https://northwind.example/pb?status={status}&payout={payout}'")
    })
    .await;
    floor.script.at("ann", "/post", &[r#"says 200: {"queue": "q 7"}"#]);
    floor.script.at("ann", "/queue", ann_does);
    tokio::spawn(outbox::run(floor.engine.clone()));
    floor
}

const WAITING: &str = r#"says 200: {"state": "waiting"}"#;
const SOLD: &str = r#"says 200: {"state": "sold", "price": 13}"#;
const REFUSED: &str = r#"says 200: {"state": "refused", "error": "bad phone"}"#;

fn polls(floor: &Floor) -> usize {
    floor.count("ann/queue/q%207?token=t1") + floor.count("ann/queue/q%207?token=t2")
}

fn postbacks(floor: &Floor) -> Vec<String> {
    let sent = floor.outbound.sent().into_iter().filter(|sent| sent.path.starts_with("/pb"));
    sent.map(|sent| sent.path).collect()
}

#[tokio::test(start_paused = true)]
async fn the_final_word_sells_the_lead_and_reaches_the_source() {
    let floor = queues(&[WAITING, "mumbles", "resets", SOLD]).await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Pending);
    assert_eq!(floor.told(&answer).await, "pending on ann; bob: held_by_unknown");
    pass(29_000).await;
    assert_eq!(polls(&floor), 0);
    pass(2_000).await;
    assert_eq!(polls(&floor), 1);
    assert_eq!(floor.standing(&answer).await.0, LeadState::Uncertain);
    pass(120_000).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 13.00; bob: held_by_unknown");
    assert_eq!(floor.used("contract/ann/sales/day").await, 1);
    assert_eq!(postbacks(&floor), ["/pb?status=sold&payout=10.40"]);
    assert_eq!(polls(&floor), 4, "and no more");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_final_no_frees_what_was_held() {
    let floor = queues(&[WAITING, REFUSED]).await;
    let answer = floor.submit(&floor.lead(1)).await;
    pass(100_000).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: held_by_unknown");
    assert_eq!((floor.used("contract/ann/sales/day").await, polls(&floor)), (0, 2));
    assert_eq!(postbacks(&floor), ["/pb?status=unsold&payout=0.00"]);
    assert!(
        !floor.calls().iter().any(|call| call.starts_with("bob/post")),
        "the person has gone by now"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_final_word_it_stays_unknown_and_the_questions_end() {
    for does in [
        WAITING,
        "is dead",
        "resets",
        "fails with 500",
        "says 401",
        r#"says 200: {"state": "what?"}"#,
    ] {
        let floor = queues(&[does]).await;
        let answer = floor.submit(&floor.lead(1)).await;
        pass(1_000_000).await;
        assert_eq!(floor.told(&answer).await, "pending on ann; bob: held_by_unknown", "{does}");
        let most = if does == "says 401" { 8 } else { 4 };
        assert!(polls(&floor) <= most, "four, each said again where the login is over: {does}");
        assert!(postbacks(&floor).is_empty(), "{does}");
        assert_eq!(floor.used("contract/ann/sales/day").await, 1, "{does}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_goes_down_waits_for_no_queue() {
    let floor = queues(&[WAITING]).await;
    floor.submit(&floor.lead(1)).await;
    pass(5_000).await;
    let begun = tokio::time::Instant::now();
    floor.engine.drain().await;
    assert_eq!(begun.elapsed().as_millis(), 0);
    pass(100_000).await;
    assert_eq!(polls(&floor), 0);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_goes_down_hears_a_poll_under_way_to_its_end() {
    let floor = queues(&[r#"says 200 at 2000ms: {"state": "sold"}"#]).await;
    let answer = floor.submit(&floor.lead(1)).await;
    pass(31_000).await;
    floor.engine.drain().await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 15.00; bob: held_by_unknown");
}
