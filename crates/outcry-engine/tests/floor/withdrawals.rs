//! Withdrawals and certificates, asked for in the transaction that allows a post.

use crate::support::exchange::{Exchange, PEOPLE};
use crate::support::floor::{Floor, pass, with_text};
use outcry_core::raw::Raw;
use outcry_engine::ports::store::Withdrawal;

const BUYERS: &str = "
    ann  bids 12.00 at 300ms
    bob  bids 15.00 at 300ms
    ";

fn text<'a>(lead: &'a Raw, name: &str) -> &'a str {
    let Raw::Object(members) = lead else {
        panic!("a lead is an object")
    };
    match members.iter().find(|(key, _)| &**key == name) {
        Some((_, Raw::Text(text))) => text,
        _ => panic!("a lead with {name}"),
    }
}

/// The person of this lead takes it back.
async fn withdraw(floor: &Floor, field: &str, value: &str, scope: &str) {
    let withdrawal = Withdrawal {
        people: vec![PEOPLE.of_value(field, value)],
        scope: scope.into(),
        at: floor.engine.now(),
        from: "site".into(),
    };
    floor.engine.store().withdraw(withdrawal).await.expect("a store that takes it");
}

async fn told(floor: &Floor, lead: &Raw) -> String {
    let answer = floor.submit(lead).await;
    floor.told(&answer).await
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_that_lands_between_screening_and_post_stops_the_post() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    let phone = text(&lead, "phone").to_owned();
    let selling = async { told(&floor, &lead).await };
    let withdrawing = async {
        pass(100).await;
        assert_eq!(floor.count("bob/ping"), 1, "the lead was screened and its pings are out");
        withdraw(&floor, "phone", &phone, "all").await;
    };
    let (told, ()) = tokio::join!(selling, withdrawing);
    assert_eq!(told, "unsold; ann: withdrawn; bob: withdrawn");
    assert_eq!(floor.count("bob/post") + floor.count("ann/post"), 0);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn an_address_is_as_good_as_a_number_and_another_persons_says_nothing() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    withdraw(&floor, "email", text(&lead, "email"), "all").await;
    assert_eq!(told(&floor, &lead).await, "unsold; ann: withdrawn; bob: withdrawn");
    assert_eq!(told(&floor, &floor.lead(2)).await, "sold to bob at 15.00; ann: outbid");
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_from_one_buyer_or_one_channel_reaches_no_further() {
    let floor = Exchange::of(BUYERS)
        .contract("ann", "consent = { channels = ['call'] }")
        .contract("bob", "consent = { channels = ['sms'] }")
        .open()
        .await;
    let granted = |n| {
        let lead = crate::support::floor::with(&floor.lead(n), "consent_call", Raw::Bool(true));
        crate::support::floor::with(&lead, "consent_sms", Raw::Bool(true))
    };
    let lead = granted(1);
    withdraw(&floor, "phone", text(&lead, "phone"), "channel/sms").await;
    assert_eq!(told(&floor, &lead).await, "sold to ann at 12.00; bob: withdrawn");
    let lead = granted(2);
    withdraw(&floor, "phone", text(&lead, "phone"), "buyer/ann").await;
    assert_eq!(told(&floor, &lead).await, "sold to bob at 15.00; ann: outbid");
    let lead = granted(3);
    withdraw(&floor, "phone", text(&lead, "phone"), "buyer/bob").await;
    assert_eq!(told(&floor, &lead).await, "sold to ann at 12.00; bob: withdrawn");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_say_how_it_reaches_people_is_stopped_by_any_channel() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    withdraw(&floor, "phone", text(&lead, "phone"), "channel/email").await;
    assert_eq!(told(&floor, &lead).await, "unsold; ann: withdrawn; bob: withdrawn");
}

#[tokio::test(start_paused = true)]
async fn one_certificate_is_one_persons_for_ever() {
    let floor = Exchange::of(BUYERS).open().await;
    let certified = |n| {
        with_text(
            &floor.lead(n),
            "trustedform_cert_url",
            "https://cert.trustedform.com/00000000000000000000000000000000000000a1",
        )
    };
    assert_eq!(told(&floor, &certified(1)).await, "sold to bob at 15.00; ann: outbid");
    assert_eq!(
        told(&floor, &certified(2)).await,
        "unsold; ann: certificate_taken; bob: certificate_taken"
    );
    let again = with_text(
        &certified(1),
        "consent_text",
        "The same person, on another page with other words. I agree to be called.",
    );
    assert_eq!(told(&floor, &again).await, "sold to bob at 15.00; ann: outbid");
    let next = floor.exchange.restarted().open().await;
    let third = with_text(
        &next.lead(3),
        "trustedform_cert_url",
        "https://cert.trustedform.com/00000000000000000000000000000000000000a1",
    );
    assert_eq!(told(&next, &third).await, "unsold; ann: certificate_taken; bob: certificate_taken");
}

#[tokio::test(start_paused = true)]
async fn a_quote_names_the_sellers_and_the_post_brings_the_choice() {
    let floor = Exchange::of(BUYERS).sells("medicare").open().await;
    let lead = floor.lead(1);
    let offer = floor.ping(&lead).await.unwrap().offer.unwrap();
    let names: Vec<(&str, &str)> = offer.sellers.iter().map(|seller| (seller.buyer.as_str(), &*seller.name)).collect();
    assert_eq!(names, [("bob", "Bob LLC"), ("ann", "Ann LLC")], "best first");
    let seller = |(buyer, picked): (&str, bool)| {
        Raw::Object(vec![
            ("name".into(), Raw::Text("As it was shown".into())),
            ("buyer_ref".into(), Raw::Text(buyer.into())),
            ("selected".into(), Raw::Bool(picked)),
        ])
    };
    let choice = Raw::List([("bob", false), ("ann", true)].map(seller).to_vec());
    let chosen = crate::support::floor::with(&lead, "consent_sellers", choice);
    let answer = floor.post(&chosen, &offer.token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: seller_not_covered");
}
