//! Postbacks are tried until they arrive.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use futures_util::future::join_all;
use outcry_core::raw::Raw;
use outcry_engine::outbox;
use tokio::time::Instant;

async fn open(table: &str) -> Floor {
    let floor = Exchange::of(table)
        .source("postback = 'https://northwind.example/pb?lead={lead_id}&status={status}&payout={payout}'")
        .open()
        .await;
    tokio::spawn(outbox::run(floor.engine.clone()));
    floor
}

/// After how many seconds the supplier was called, and with what.
fn postbacks(floor: &Floor, begun: Instant) -> Vec<(u64, String)> {
    let sent = floor.outbound.sent().into_iter().filter(|sent| sent.path.starts_with("/pb"));
    sent.map(|sent| (sent.at.duration_since(begun).as_secs(), sent.path)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_supplier_hears_the_final_word_once() {
    for (table, said) in [
        ("ann  bids 12.00", "&status=sold&payout=9.60"),
        ("ann  passes", "&status=unsold&payout=0.00"),
    ] {
        let floor = open(table).await;
        let begun = Instant::now();
        let answer = floor.submit(&floor.lead(1)).await;
        pass(600_000).await;
        assert_eq!(postbacks(&floor, begun), [(0, format!("/pb?lead={}{said}", answer.lead))]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_postback_that_fails_is_tried_again_until_it_arrives() {
    let floor = open("ann  bids 12.00").await;
    floor.script.mailbox(&[500, 503, 404]);
    let begun = Instant::now();
    floor.submit(&floor.lead(1)).await;
    pass(10_000_000).await;
    let at: Vec<u64> = postbacks(&floor, begun).into_iter().map(|(at, _)| at).collect();
    assert_eq!(at.len(), 4);
    for (at, wanted) in at.into_iter().zip([0, 5, 305, 2_105]) {
        assert!((wanted..wanted + 5).contains(&at), "at {at} s and not at {wanted} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_gone_is_left_alone() {
    let floor = open("ann  bids 12.00").await;
    floor.script.mailbox(&[410]);
    let begun = Instant::now();
    floor.submit(&floor.lead(1)).await;
    pass(1_000_000).await;
    assert_eq!(postbacks(&floor, begun).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_leads_of_one_source_are_all_told_soon() {
    let floor = open("ann  bids 12.00").await;
    let begun = Instant::now();
    let leads: Vec<Raw> = (0..100).map(|n| floor.lead(n)).collect();
    join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    pass(3_000).await;
    assert_eq!(
        postbacks(&floor, begun).len(),
        100,
        "a limit on open calls is no failure of the mailbox"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_not_told_before_a_restart_is_told_after_it() {
    let floor = Exchange::of("ann  bids 12.00")
        .source("postback = 'https://northwind.example/pb?lead={lead_id}&status={status}'")
        .open()
        .await;
    let answer = floor.submit(&floor.lead(1)).await;
    let next = floor.exchange.restarted().open().await;
    assert_eq!(next.recovery.messages_waiting, 1);
    let begun = Instant::now();
    tokio::spawn(outbox::run(next.engine.clone()));
    pass(1_000).await;
    assert_eq!(postbacks(&next, begun), [(0, format!("/pb?lead={}&status=sold", answer.lead))]);
}
