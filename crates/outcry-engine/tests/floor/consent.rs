//! No full lead leaves without a consent record that covers the buyer.

use crate::support::exchange::{Exchange, label};
use crate::support::floor::{Floor, with, with_text, without};
use outcry_core::raw::Raw;

const BUYERS: &str = "
    ann  bids 12.00
    bob  bids 15.00
    ";

/// Sellers as a form sends them: the first chosen, the others only shown.
fn sellers(names: &[&str]) -> Raw {
    let seller = |(at, name): (usize, &&str)| {
        Raw::Object(vec![
            ("name".into(), Raw::Text((*name).into())),
            ("selected".into(), Raw::Bool(at == 0)),
        ])
    };
    Raw::List(names.iter().enumerate().map(seller).collect())
}

async fn told(floor: &Floor, lead: &Raw) -> String {
    let answer = floor.submit(lead).await;
    floor.audit().await;
    floor.told(&answer).await
}

#[tokio::test(start_paused = true)]
async fn who_did_not_consent_is_not_sold_and_not_even_pinged() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = with_text(&floor.lead(1), "consent_at", "2026-11-23T15:06:00Z");
    assert_eq!(
        told(&floor, &lead).await,
        "unsold; ann: consent; bob: consent",
        "consent given tomorrow is none"
    );
    assert!(floor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lead_without_the_record_is_not_taken() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    for field in ["consent_given", "consent_at", "consent_text", "consent_page_url"] {
        assert_eq!(
            floor.sell(&without(&lead, field)).await.unwrap_err().code(),
            "invalid_lead",
            "{field}"
        );
    }
    assert!(floor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_says_no_is_never_sold() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = with(&floor.lead(1), "consent_given", Raw::Bool(false));
    if let Ok(answer) = floor.sell(&lead).await {
        assert_eq!(floor.told(&answer).await, "unsold; ann: consent; bob: consent");
    }
    assert!(floor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn medicare_leads_go_only_to_sellers_the_person_chose() {
    let floor = Exchange::of(BUYERS).sells("medicare").open().await;
    let lead = floor.lead(1);
    assert_eq!(told(&floor, &lead).await, "sold to bob at 15.00; ann: outbid", "both are chosen");
    let chose_ann = with(&floor.lead(2), "consent_sellers", sellers(&[&label("ann"), &label("bob")]));
    assert_eq!(told(&floor, &chose_ann).await, "sold to ann at 12.00; bob: consent");
    let chose_another = with(&floor.lead(3), "consent_sellers", sellers(&["Somebody Else LLC"]));
    assert_eq!(told(&floor, &chose_another).await, "unsold; ann: consent; bob: consent");
    assert_eq!(floor.count("bob/ping"), 1, "who could not be posted to is not pinged");
}

#[tokio::test(start_paused = true)]
async fn consent_that_comes_after_the_ping_decides_at_the_post() {
    let floor = Exchange::of(BUYERS).sells("medicare").open().await;
    let lead = with(&floor.lead(1), "consent_sellers", sellers(&[&label("ann")]));
    let token = floor.token(&lead).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: consent");
    assert_eq!(floor.calls(), ["ann/ping", "bob/ping", "ann/post"]);
}

#[tokio::test(start_paused = true)]
async fn medicare_leads_that_opted_in_some_other_way_are_not_sold() {
    let floor = Exchange::of(BUYERS).sells("medicare").open().await;
    let field = floor.maker.lead_type().fields.get("opt_in_type").unwrap().kind.clone();
    let outcry_core::field::Kind::Enum(ways) = field else {
        panic!("a list of ways")
    };
    let other = ways.iter().find(|way| &***way != "manual").unwrap();
    let lead = with_text(&floor.lead(1), "opt_in_type", other);
    assert_eq!(told(&floor, &lead).await, "unsold; ann: consent; bob: consent");
}
