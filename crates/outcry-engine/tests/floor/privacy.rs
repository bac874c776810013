//! What a ping may say of a person: nothing that names or reaches them.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, with_text};
use outcry_core::raw::Raw;
use serde_json::Value;
use std::collections::BTreeSet;

const BUYERS: &str = "
    ann  bids 12.00
    bob  bids 11.00
    cid  bids 10.00
    ";

fn bodies(floor: &Floor, path: &str) -> Vec<Value> {
    let sent = floor.outbound.sent().into_iter().filter(|sent| sent.path == path);
    sent.map(|sent| serde_json::from_str(&sent.body).expect("JSON")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_phone_number_in_an_open_field_stops_every_ping() {
    let floor = Exchange::of(BUYERS).open().await;
    for said in ["call 202-555-0143", "2025550143", "avery@example.com"] {
        let answer = floor.submit(&with_text(&floor.lead(1), "sub_id", said)).await;
        assert_eq!(floor.told(&answer).await, "unsold; ann: leak; bob: leak; cid: leak");
    }
    assert!(floor.calls().is_empty());
    let record = format!("{:?}", floor.records().await);
    assert!(!record.contains("555-0143"), "the record names the field and not what was in it");
}

#[tokio::test(start_paused = true)]
async fn a_leak_stops_only_the_pings_that_would_carry_it() {
    let floor = Exchange::of(BUYERS)
        .contract("bob", "ping = { only = ['state', 'zip', 'service'] }")
        .open()
        .await;
    let answer = floor.submit(&with_text(&floor.lead(1), "sub_id", "call 202-555-0143")).await;
    assert_eq!(floor.told(&answer).await, "sold to bob at 11.00; ann: leak; cid: leak");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_leak_in_a_ping_of_the_source_gets_no_quote() {
    let floor = Exchange::of(BUYERS).open().await;
    let quote = floor.ping(&with_text(&floor.lead(1), "sub_id", "call 202-555-0143")).await.unwrap();
    assert_eq!(quote.offer, None);
    assert!(floor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_buyer_knows_the_ping_by_a_number_of_its_own() {
    let floor = Exchange::of(BUYERS).open().await;
    let answers = [floor.submit(&floor.lead(1)).await, floor.submit(&floor.lead(2)).await];
    let pings = bodies(&floor, "/ping");
    let ids: BTreeSet<&str> = pings.iter().filter_map(|ping| ping["ping_id"].as_str()).collect();
    assert_eq!((pings.len(), ids.len()), (6, 6));
    for (ping, answer) in pings.iter().zip(answers.iter().flat_map(|answer| [answer; 3])) {
        let lead = answer.lead.to_string();
        assert!(
            !ping.to_string().contains(lead.trim_start_matches("lead_")),
            "the lead's own number stays here"
        );
    }
    let posts = bodies(&floor, "/post");
    assert_eq!(posts[0]["ping_id"], pings[0]["ping_id"], "the winner finds its ping again");
}

#[tokio::test(start_paused = true)]
async fn no_word_that_names_the_person_is_in_a_ping_or_a_record() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    floor.submit(&lead).await;
    let record = format!("{:?}", floor.records().await);
    let personal = ["first_name", "last_name", "email", "phone", "address_line1"];
    let posts = bodies(&floor, "/post");
    for field in personal {
        let Some(Raw::Text(value)) = lead.get(field) else {
            panic!("{field} is a text")
        };
        for ping in bodies(&floor, "/ping") {
            assert!(!ping.to_string().contains(&**value), "{field} is in a ping");
        }
        assert!(!record.contains(&**value), "{field} is in the record");
        assert!(!posts[0][field].as_str().unwrap().is_empty(), "{field} is in the post");
    }
}
