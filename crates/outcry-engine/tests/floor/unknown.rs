//! When nobody knows whether a buyer has the lead, nobody else gets it.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use outcry_engine::answer::{Answer, Status};
use outcry_engine::outbox;
use outcry_engine::ports::store::LeadState;

/// Two buyers of whom the better one does this with a post, and has one second for it.
async fn open(ann_does: &str) -> Floor {
    let table = format!("ann  bids 15.00, {ann_does}\nbob  bids 14.00, accepts");
    let floor = Exchange::of(&table)
        .contract(
            "ann",
            "post_timeout_ms = 1000\ncaps = [{ count = 'sales', per = 'day', limit = 9 }]",
        )
        .source("postback = 'https://northwind.example/pb?lead={lead_id}&status={status}&payout={payout}'")
        .open()
        .await;
    tokio::spawn(outbox::run(floor.engine.clone()));
    floor
}

/// What the supplier was told by postback, in order.
fn postbacks(floor: &Floor) -> Vec<String> {
    let sent = floor.outbound.sent().into_iter().filter(|sent| sent.path.starts_with("/pb"));
    sent.map(|sent| sent.path.split_once('&').expect("a postback with a status").1.to_owned())
        .collect()
}

async fn sell(floor: &Floor) -> Answer {
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!((answer.status, answer.payout.to_string()), (Status::Pending, "0.00".to_owned()));
    answer
}

const HELD: &str = "pending on ann; bob: held_by_unknown";

#[tokio::test(start_paused = true)]
async fn whatever_leaves_the_outcome_open_holds_the_lead_for_good() {
    for ann_does in [
        "is silent",
        "resets",
        "breaks off",
        "mumbles",
        "fails with 500",
        "fails with 503",
        "accepts at 70000ms",
    ] {
        let floor = open(ann_does).await;
        let answer = sell(&floor).await;
        assert_eq!(floor.told(&answer).await, HELD, "{ann_does}");
        pass(100_000).await;
        assert_eq!(floor.told(&answer).await, HELD, "{ann_does}");
        assert_eq!((floor.count("ann/post"), floor.count("bob/post")), (1, 0), "{ann_does}");
        assert_eq!(floor.used("contract/ann/sales/day").await, 1, "the unit stays taken: {ann_does}");
        assert_eq!(floor.standing(&answer).await.0, LeadState::Uncertain);
        assert!(postbacks(&floor).is_empty(), "there is no final word yet: {ann_does}");
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_yes_sells_the_lead_and_the_supplier_hears_of_it() {
    let floor = open("accepts at 3000ms").await;
    let answer = sell(&floor).await;
    assert_eq!(floor.told(&answer).await, HELD);
    pass(3_500).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 15.00; bob: held_by_unknown");
    assert_eq!(postbacks(&floor), ["status=sold&payout=12.00"]);
    let (state, now) = floor.standing(&answer).await;
    assert_eq!((state, now.map(|answer| answer.status)), (LeadState::Sold, Some(Status::Sold)));
    assert_eq!(
        floor.submit(&floor.lead(1)).await.status,
        Status::Sold,
        "whoever asks again hears it"
    );
    assert_eq!(
        (floor.books().await.price.to_string(), floor.used("contract/ann/sales/day").await),
        ("15.00".to_owned(), 1)
    );
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_late_no_ends_the_lead_and_frees_what_it_held() {
    let floor = open("rejects at 3000ms: bad phone").await;
    let answer = sell(&floor).await;
    pass(3_500).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: held_by_unknown");
    assert_eq!(postbacks(&floor), ["status=unsold&payout=0.00"]);
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
    assert_eq!(floor.count("bob/post"), 0, "the person has gone by now");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_that_says_nothing_changes_nothing() {
    for ann_does in ["resets at 3000ms", "mumbles at 3000ms", "fails with 502 at 3000ms"] {
        let floor = open(ann_does).await;
        let answer = sell(&floor).await;
        pass(5_000).await;
        assert_eq!(floor.told(&answer).await, HELD, "{ann_does}");
        assert!(postbacks(&floor).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_was_lost_between_two_transactions_is_open_after_the_restart() {
    let floor = open("accepts").await;
    floor.disk.faults.settle.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = sell(&floor).await;
    let next = floor.exchange.restarted().open().await;
    assert_eq!((next.recovery.unknown, next.recovery.expired), (1, 0));
    assert_eq!(next.standing(&answer).await.0, LeadState::Uncertain);
    assert_eq!(next.submit(&floor.lead(1)).await.status, Status::Pending, "and sold to nobody else");
    assert!(next.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_nobody_was_posted_is_unsold_after_the_restart() {
    let floor = open("accepts").await;
    floor.disk.faults.intend.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = sell(&floor).await;
    assert_eq!(floor.count("ann/post"), 0, "not a byte leaves before it is written down");
    let next = floor.exchange.restarted().open().await;
    assert_eq!((next.recovery.unknown, next.recovery.expired), (0, 1));
    assert_eq!(next.standing(&answer).await.0, LeadState::Unsold);
    assert_eq!(next.recovery.messages_waiting, 1);
    tokio::spawn(outbox::run(next.engine.clone()));
    pass(2_000).await;
    assert_eq!(
        postbacks(&next),
        ["status=unsold&payout=0.00"],
        "its source has heard nothing but pending so far"
    );
}

#[tokio::test(start_paused = true)]
async fn a_source_without_a_mailbox_can_still_ask_after_the_restart() {
    let floor = Exchange::of("ann  bids 15.00").open().await;
    floor.disk.faults.intend.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = sell(&floor).await;
    let next = floor.exchange.restarted().open().await;
    assert_eq!((next.recovery.expired, next.recovery.messages_waiting), (1, 0));
    assert_eq!(next.standing(&answer).await.1.map(|answer| answer.status), Some(Status::Unsold));
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_cannot_be_kept_is_not_taken() {
    let floor = open("accepts").await;
    floor.disk.faults.accept.store(true, std::sync::atomic::Ordering::Relaxed);
    let denied = floor.sell(&floor.lead(1)).await.unwrap_err();
    assert_eq!((denied.code(), floor.calls().len()), ("store_unavailable", 0));
    floor.disk.faults.accept.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(floor.submit(&floor.lead(1)).await.status, Status::Sold);
}

#[tokio::test(start_paused = true)]
async fn what_became_of_a_post_is_not_forgotten_because_the_disk_was_full() {
    let floor = open("accepts").await;
    floor.disk.faults.settle.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = sell(&floor).await;
    pass(60_000).await;
    assert_eq!(floor.standing(&answer).await.0, LeadState::Selling);
    floor.disk.faults.settle.store(false, std::sync::atomic::Ordering::Relaxed);
    pass(3_000).await;
    assert_eq!(floor.standing(&answer).await.0, LeadState::Sold, "the buyer's yes was kept in mind");
    assert_eq!(postbacks(&floor), ["status=sold&payout=12.00"]);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_written_down_when_the_disk_is_well_again() {
    let floor = open("accepts at 3000ms").await;
    let answer = sell(&floor).await;
    pass(1_000).await;
    floor.disk.faults.settle.store(true, std::sync::atomic::Ordering::Relaxed);
    pass(30_000).await;
    floor.disk.faults.settle.store(false, std::sync::atomic::Ordering::Relaxed);
    pass(3_000).await;
    assert_eq!(floor.standing(&answer).await.0, LeadState::Sold);
}

#[tokio::test(start_paused = true)]
async fn a_post_leaves_soon_after_its_intent_or_never() {
    for (full_ms, posts) in [(1_000, 1), (5_000, 0)] {
        let floor = open("accepts").await;
        floor.disk.faults.intend.store(true, std::sync::atomic::Ordering::Relaxed);
        let lead = floor.lead(1);
        let selling = floor.sell(&lead);
        let well_again = async {
            pass(full_ms).await;
            floor.disk.faults.intend.store(false, std::sync::atomic::Ordering::Relaxed);
        };
        let (answer, ()) = tokio::join!(selling, well_again);
        pass(60_000).await;
        let answer = answer.expect("a lead that was taken");
        assert_eq!(floor.count("ann/post"), posts, "the disk was full for {full_ms} ms");
        let sold = if posts == 1 {
            "sold to ann at 15.00; bob: outbid"
        } else {
            "sold to bob at 14.00; ann: post_not_sent"
        };
        assert_eq!(floor.told(&answer).await, sold);
        floor.audit().await;
    }
}
