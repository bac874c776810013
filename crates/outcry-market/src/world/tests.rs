use super::*;
use crate::buyers::{Dialect, Pricing, ReplyKind, Temperament};
use std::collections::HashSet;

#[test]
fn the_demo_has_every_temperament_and_dialect_and_three_willing_buyers_for_each_type() {
    let world = World::demo(1);
    assert!(world.buyers.len() >= 20);
    let profiles = || world.buyers.iter().map(BuyerSim::profile);
    assert_eq!(
        profiles().map(|profile| &profile.name).collect::<HashSet<_>>().len(),
        world.buyers.len()
    );
    assert_eq!(
        profiles().map(|profile| profile.dialect).collect::<HashSet<_>>().len(),
        Dialect::ALL.len()
    );
    assert_eq!(
        profiles()
            .map(|profile| std::mem::discriminant(&profile.temperament))
            .collect::<HashSet<_>>()
            .len(),
        11
    );
    for (lead_type, _) in outcry_spec::lead_type::built_in() {
        let willing = profiles().filter(|profile| {
            let unwilling = [Temperament::Silent, Temperament::Dead, Temperament::Late, Temperament::Broken].contains(&profile.temperament);
            !unwilling
                && profile
                    .buys
                    .iter()
                    .any(|appetite| appetite.lead_type == *lead_type && matches!(appetite.price, Pricing::Bids(_)))
        });
        assert!(willing.count() >= 3, "{lead_type}");
    }
}

fn call(path: String, body: &serde_json::Value) -> IncomingRequest {
    IncomingRequest {
        path,
        body: body.to_string().into_bytes(),
        ..IncomingRequest::default()
    }
}

/// Pings until the buyer bids and posts for this person; gives the price the answer names.
fn sell(world: &World, buyer: &str, phone: &str) -> Money {
    for n in 0..200 {
        let ping = call(
            format!("/b/{buyer}/auto_insurance/ping"),
            &serde_json::json!({"fields": {"zip": format!("{n}{phone}")}}),
        );
        let Some(Reply {
            kind: ReplyKind::Answer { body, .. },
            ..
        }) = world.answer(&ping)
        else {
            panic!("no answer")
        };
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        let Some(id) = answer["bids"][0]["id"].as_str() else { continue };
        let post = call(
            format!("/b/{buyer}/auto_insurance/post"),
            &serde_json::json!({"bid_id": id, "fields": {"phone": phone}}),
        );
        let Some(Reply {
            kind: ReplyKind::Answer { body, .. },
            ..
        }) = world.answer(&post)
        else {
            panic!("no answer")
        };
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        if let Some(price) = answer["price"].as_str() {
            return Money::parse(price).unwrap();
        }
    }
    panic!("{buyer} never buys")
}

#[test]
fn the_tally_adds_up_what_buyers_paid_and_finds_who_was_sold_twice() {
    let world = World::demo(7);
    assert_eq!(world.tally(), Tally::default());
    let once = sell(&world, "acme_insurance", "+12025550101");
    let first = sell(&world, "wren_exchange", "+12025550102");
    assert_eq!(world.tally().sold_twice, 0);
    let again = sell(&world, "acme_insurance", "(202) 555-0102");
    let tally = world.tally();
    assert_eq!((tally.accepted, tally.sold_twice, tally.anomalies), (3, 1, 0));
    assert_eq!(tally.price_total, once + first + again);
    assert_eq!(tally.bid_total, tally.price_total);
    assert!(tally.posts >= 3 && tally.pings >= tally.posts);
    sell(&world, "acme_insurance", "+12025550101");
    assert_eq!(world.tally().sold_twice, 2, "twice by one buyer counts too");
}

#[test]
fn an_address_of_nobody_has_no_answer() {
    let world = World::demo(7);
    for path in ["/", "/b/", "/b/nobody/solar/ping", "/acme_insurance"] {
        assert_eq!(world.answer(&call(path.to_owned(), &serde_json::json!({}))), None, "{path}");
    }
}

#[test]
fn worlds_and_makers_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<World>();
    shared::<crate::leads::LeadMaker>();
}
