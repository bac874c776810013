//! Caps, budgets and duplicates: what one buyer may take, and whom nobody may sell again.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass, with_text};
use futures_util::future::join_all;
use outcry_core::raw::Raw;
use outcry_engine::ports::store::LeadState;
use std::collections::BTreeMap;

const BUYERS: &str = "
    ann  bids 12.00 at 30ms, accepts at 40ms
    bob  bids 11.00 at 30ms, accepts at 40ms
    ";

/// Sells leads all at once and counts what became of them: `sold to ann at 12.00; bob: outbid`.
async fn sell(floor: &Floor, leads: &[Raw]) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for answer in join_all(leads.iter().map(|lead| floor.sell(lead))).await {
        *told.entry(floor.told(&answer.expect("a lead that is taken")).await).or_default() += 1;
    }
    floor.audit().await;
    told
}

fn sold_to<'a>(told: &'a BTreeMap<String, usize>, buyer: &'a str) -> usize {
    told.iter()
        .filter(|(story, _)| story.starts_with(&format!("sold to {buyer} ")))
        .map(|(_, count)| count)
        .sum()
}

#[tokio::test(start_paused = true)]
async fn a_cap_of_n_admits_exactly_n_of_many_leads_at_once() {
    for disk_ms in [0, 6] {
        let capped = "caps = [{ count = 'sales', per = 'day', limit = 7, zone = 'America/New_York' }]";
        let floor = Exchange::of(BUYERS).disk_ms(disk_ms).contract("ann", capped).open().await;
        let leads: Vec<Raw> = (0..40).map(|n| floor.lead(n)).collect();
        let told = sell(&floor, &leads).await;
        assert_eq!((sold_to(&told, "ann"), sold_to(&told, "bob")), (7, 33), "{told:?}");
        assert_eq!(floor.used("contract/ann/sales/day").await, 7);
        let pings = floor.count("ann/ping");
        assert_eq!(sold_to(&sell(&floor, &[floor.lead(50)]).await, "bob"), 1);
        assert_eq!(floor.count("ann/ping"), pings, "who is full is not pinged");
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_never_overspent() {
    let capped = "caps = [{ count = 'price', per = 'month', limit = '59.99' }]";
    let floor = Exchange::of(BUYERS).contract("ann", capped).open().await;
    let leads: Vec<Raw> = (0..20).map(|n| floor.lead(n)).collect();
    assert_eq!(sold_to(&sell(&floor, &leads).await, "ann"), 4);
    assert_eq!(floor.used("contract/ann/price/month").await, 48_000_000);
}

#[tokio::test(start_paused = true)]
async fn a_cap_opens_again_with_its_next_window() {
    let capped = "caps = [{ count = 'sales', per = 'minute', limit = 1 }]";
    let floor = Exchange::of(BUYERS).contract("ann", capped).open().await;
    for minute in 0..3 {
        let told = sell(&floor, &[floor.lead(minute * 2), floor.lead(minute * 2 + 1)]).await;
        assert_eq!((sold_to(&told, "ann"), sold_to(&told, "bob")), (1, 1), "minute {minute}");
        pass(60_000).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_was_freed_while_others_were_refused_is_sold_again() {
    let capped = "caps = [{ count = 'sales', per = 'day', limit = 1 }]";
    let floor = Exchange::of(BUYERS).disk_ms(20).contract("ann", capped).open().await;
    floor.script.change("ann  bids 12.00 at 30ms, rejects at 40ms");
    // The second comes to its turn while the first is being rejected, wherever exactly that is.
    let (first, second) = (floor.lead(1), floor.lead(2));
    let offset = async {
        pass(45).await;
        floor.sell(&second).await
    };
    let (first, second) = tokio::join!(floor.sell(&first), offset);
    assert_eq!(floor.told(&first.unwrap()).await, "sold to bob at 11.00; ann: post_rejected");
    assert_eq!(floor.told(&second.unwrap()).await, "sold to bob at 11.00; ann: cap_full");
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
    floor.script.change("ann  bids 12.00, accepts");
    pass(5_000).await;
    assert_eq!(
        sold_to(&sell(&floor, &[floor.lead(3)]).await, "ann"),
        1,
        "ann has room and is pinged"
    );
}

#[tokio::test(start_paused = true)]
async fn caps_are_known_again_after_a_restart() {
    let exchange = Exchange::of(BUYERS).contract("ann", "caps = [{ count = 'sales', per = 'day', limit = 1 }]");
    let floor = exchange.open().await;
    floor.submit(&floor.lead(1)).await;
    let next = floor.exchange.restarted().open().await;
    let answer = next.submit(&floor.lead(2)).await;
    assert_eq!(next.told(&answer).await, "sold to bob at 11.00; ann: cap_full");
    assert_eq!(next.calls(), ["bob/ping", "bob/post"]);
}

/// The same person with another form.
fn again(lead: &Raw) -> Raw {
    with_text(&with_text(lead, "sub_id", "sub_99"), "email", "another@example.com")
}

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

#[tokio::test(start_paused = true)]
async fn a_campaign_does_not_sell_a_person_twice() {
    let floor = Exchange::of(BUYERS).campaign("duplicate_days = 30").open().await;
    let lead = floor.lead(1);
    floor.submit(&lead).await;
    let answer = floor.submit(&again(&lead)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: duplicate; bob: duplicate");
    assert_eq!(sold_to(&sell(&floor, &[floor.lead(2)]).await, "ann"), 1, "others are sold");
    pass(30 * DAY_MS).await;
    let answer = floor.submit(&with_text(&lead, "sub_id", "sub_98")).await;
    assert_eq!(
        floor.told(&answer).await,
        "sold to ann at 12.00; bob: outbid",
        "after thirty days they may be"
    );
}

#[tokio::test(start_paused = true)]
async fn a_contract_does_not_buy_a_person_twice_and_another_may() {
    let floor = Exchange::of(BUYERS).contract("ann", "duplicate_days = 30").open().await;
    let lead = floor.lead(1);
    floor.submit(&lead).await;
    let answer = floor.submit(&again(&lead)).await;
    assert_eq!(floor.told(&answer).await, "sold to bob at 11.00; ann: duplicate");
}

#[tokio::test(start_paused = true)]
async fn of_two_forms_of_one_person_at_once_one_is_sold() {
    let floor = Exchange::of(BUYERS).campaign("duplicate_days = 30").disk_ms(6).open().await;
    let lead = floor.lead(1);
    let told = sell(&floor, &[lead.clone(), again(&lead)]).await;
    assert_eq!(
        told.keys().collect::<Vec<_>>(),
        ["sold to ann at 12.00; bob: outbid", "unsold; ann: duplicate; bob: duplicate"]
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_was_rejected_is_no_duplicate() {
    let floor = Exchange::of("ann  bids 12.00, rejects")
        .campaign("duplicate_days = 30")
        .open()
        .await;
    let lead = floor.lead(1);
    floor.submit(&lead).await;
    floor.script.change("ann  bids 12.00, accepts");
    let answer = floor.submit(&again(&lead)).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00");
}

#[tokio::test(start_paused = true)]
async fn a_person_who_may_have_been_sold_is_a_duplicate() {
    let floor = Exchange::of("ann  bids 12.00, resets").campaign("duplicate_days = 30").open().await;
    let lead = floor.lead(1);
    let first = floor.submit(&lead).await;
    assert_eq!(floor.standing(&first).await.0, LeadState::Uncertain);
    let answer = floor.submit(&again(&lead)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: duplicate");
}
