//! Going down: no new lead is taken, and those under way end.

use crate::support::exchange::Exchange;
use crate::support::floor::pass;
use outcry_engine::answer::Status;
use std::sync::Arc;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_draining_exchange_takes_nothing_new_and_ends_what_it_has() {
    let exchange = Exchange::of("ann  bids 12.00 at 100ms, accepts at 300ms").disk_ms(40);
    let floor = Arc::new(exchange.open().await);
    let begun = Instant::now();
    let selling = tokio::spawn({
        let floor = floor.clone();
        async move { floor.sell(&floor.lead(1)).await }
    });
    pass(50).await;
    let drained = tokio::spawn({
        let floor = floor.clone();
        async move {
            floor.engine.drain().await;
            floor.books().await.sold
        }
    });
    pass(1).await;
    let lead = floor.lead(2);
    assert_eq!(floor.sell(&lead).await.unwrap_err().code(), "draining");
    assert_eq!(floor.ping(&lead).await.unwrap_err().code(), "draining");
    assert_eq!(drained.await.unwrap(), 1, "what was under way is settled when the drain ends");
    assert!(begun.elapsed().as_millis() >= 500);
    assert_eq!(selling.await.unwrap().unwrap().status, Status::Sold);
    assert_eq!(floor.engine.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_idle_exchange_drains_at_once() {
    let floor = Exchange::of("ann  bids 12.00").open().await;
    floor.submit(&floor.lead(1)).await;
    floor.ping(&floor.lead(2)).await.unwrap();
    let begun = Instant::now();
    floor.engine.drain().await;
    assert_eq!(begun.elapsed().as_millis(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_a_lead_whose_source_has_its_answer_already() {
    let floor = Exchange::of("ann  bids 12.00, accepts at 4000ms").open().await;
    assert_eq!(floor.submit(&floor.lead(1)).await.status, Status::Pending);
    floor.engine.drain().await;
    assert_eq!(floor.latest().await, "sold to ann at 12.00");
}

#[tokio::test(start_paused = true)]
async fn more_leads_than_fit_are_refused_at_the_door() {
    let floor = Exchange::of("ann  bids 12.00")
        .limits(|limits| limits.auctions_max = 2)
        .open()
        .await;
    let leads = [floor.lead(1), floor.lead(2), floor.lead(3)];
    let answers = futures_util::future::join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    let words: Vec<&str> = answers
        .iter()
        .map(|answer| {
            answer
                .as_ref()
                .map_or_else(outcry_engine::denied::Denied::code, |answer| answer.status.word())
        })
        .collect();
    assert_eq!(words, ["sold", "sold", "overloaded"]);
    assert_eq!(floor.submit(&leads[2]).await.status, Status::Sold, "and there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_paused_source_sells_nothing() {
    let floor = Exchange::of("ann  bids 12.00").source("paused = true").open().await;
    assert_eq!(floor.sell(&floor.lead(1)).await.unwrap_err().code(), "source_paused");
    assert_eq!(floor.ping(&floor.lead(1)).await.unwrap_err().code(), "source_paused");
}
