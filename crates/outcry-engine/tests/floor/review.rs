//! Leads that wait for somebody to look at them.

use crate::support::exchange::{Exchange, PEOPLE};
use crate::support::floor::{Floor, pass};
use outcry_core::id::LeadId;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::asked::Asked;
use outcry_engine::ports::store::{LeadState, Withdrawal};
use outcry_engine::sell::{ReviewFault, refuse, release};
use std::sync::Arc;
use tokio::sync::Barrier;

const BUYERS: &str = "
    ann  bids 12.00
    bob  bids 15.00
    ";

/// A campaign that takes nothing without a look.
fn wary() -> Exchange {
    Exchange::of(BUYERS).campaign("accept = 'absent(state)'\nunaccepted = 'review'")
}

async fn waiting(floor: &Floor) -> Answer {
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Pending);
    assert_eq!(floor.standing(&answer).await.0, LeadState::Review);
    assert!(floor.calls().is_empty(), "nobody hears of a lead that waits");
    answer
}

async fn queue(floor: &Floor) -> Vec<LeadId> {
    let waiting = floor.engine.store().in_review(10).await.expect("a store that reads");
    waiting.into_iter().map(|one| one.lead).collect()
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_let_go_goes_the_whole_path() {
    let floor = wary().open().await;
    let answer = waiting(&floor).await;
    assert_eq!(queue(&floor).await, [answer.lead]);
    release(&floor.engine, answer.lead).await.unwrap();
    floor.engine.drain().await;
    assert_eq!(floor.told(&answer).await, "sold to bob at 15.00; ann: outbid");
    assert_eq!(floor.standing(&answer).await.1.unwrap().status, Status::Sold);
    assert!(queue(&floor).await.is_empty());
    let record = floor.records().await.remove(0);
    assert!(
        record.notes[0].starts_with("released from review: the campaign does not take it"),
        "{:?}",
        record.notes
    );
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_refused_is_unsold_with_the_words() {
    let floor = wary().open().await;
    let answer = waiting(&floor).await;
    refuse(&floor.engine, answer.lead, "a business".into()).await.unwrap();
    assert_eq!(floor.told(&answer).await, "unsold; ann: review_refused; bob: review_refused");
    assert_eq!(floor.standing(&answer).await.1.unwrap().status, Status::Unsold);
    assert!(floor.calls().is_empty());
    assert!(matches!(release(&floor.engine, answer.lead).await, Err(ReviewFault::NotWaiting)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_outlives_a_restart() {
    let floor = wary().open().await;
    let answer = waiting(&floor).await;
    let next = floor.exchange.restarted().open().await;
    assert_eq!(queue(&next).await, [answer.lead]);
    release(&next.engine, answer.lead).await.unwrap();
    next.engine.drain().await;
    assert_eq!(next.told(&answer).await, "sold to bob at 15.00; ann: outbid");
}

#[tokio::test(start_paused = true)]
async fn what_happened_meanwhile_counts_when_it_is_let_go() {
    let floor = wary().campaign("consent = { max_age = '24h' }").open().await;
    let answer = waiting(&floor).await;
    pass(25 * 3_600_000).await;
    release(&floor.engine, answer.lead).await.unwrap();
    floor.engine.drain().await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: consent_too_old; bob: consent_too_old");

    let floor = wary().open().await;
    let answer = waiting(&floor).await;
    let lead = floor
        .engine
        .store()
        .reopen(answer.lead, &floor.engine.book().catalog)
        .await
        .unwrap()
        .unwrap();
    let withdrawal = Withdrawal {
        people: PEOPLE.contacts(&lead),
        scope: "all".into(),
        at: floor.engine.now(),
        from: "operator".into(),
    };
    floor.engine.store().withdraw(withdrawal).await.unwrap();
    release(&floor.engine, answer.lead).await.unwrap();
    floor.engine.drain().await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: withdrawn; bob: withdrawn");
}

#[tokio::test(start_paused = true)]
async fn what_its_source_asked_for_still_counts() {
    let floor = wary().open().await;
    let asked = Asked {
        exclude_buyers: vec!["bob".into()],
        ..Asked::default()
    };
    let answer = floor.sell_asking("site", &floor.lead(1), None, asked).await.unwrap();
    release(&floor.engine, answer.lead).await.unwrap();
    floor.engine.drain().await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: excluded_by_source");
}

#[tokio::test(start_paused = true)]
async fn of_many_who_let_a_lead_go_at_once_one_does() {
    let floor = wary().open().await;
    let answer = waiting(&floor).await;
    let barrier = Arc::new(Barrier::new(32));
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (engine, barrier, lead) = (floor.engine.clone(), barrier.clone(), answer.lead);
            tokio::spawn(async move {
                barrier.wait().await;
                release(&engine, lead).await.is_ok()
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += u32::from(task.await.unwrap());
    }
    floor.engine.drain().await;
    assert_eq!(done, 1);
    assert_eq!(floor.count("bob/post"), 1);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_does_not_wait_is_nobodys_to_decide() {
    let floor = Exchange::of(BUYERS).open().await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert!(matches!(release(&floor.engine, answer.lead).await, Err(ReviewFault::NotWaiting)));
    let unknown = LeadId::from_bits(7);
    assert!(matches!(
        refuse(&floor.engine, unknown, "no".into()).await,
        Err(ReviewFault::NotWaiting)
    ));
}
