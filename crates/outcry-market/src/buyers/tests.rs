use super::*;
use crate::chance::Share;
use outcry_core::money::Money;
use std::collections::BTreeMap;

fn profile(temperament: Temperament) -> Profile {
    let price = Pricing::Bids(BidCurve {
        min_cents: 1_000,
        max_cents: 2_000,
    });
    Profile {
        name: "acme".to_owned(),
        label: "Acme Insurance LLC".to_owned(),
        dialect: Dialect::OutcryJson,
        temperament,
        buys: vec![Appetite {
            lead_type: "solar".to_owned(),
            price,
            buyers_max: 1,
        }],
    }
}

fn buyer(temperament: Temperament) -> BuyerSim {
    BuyerSim::new(profile(temperament), 7)
}

fn request(step: &str, body: &serde_json::Value) -> IncomingRequest {
    IncomingRequest {
        method: "POST".into(),
        path: format!("/b/acme/solar/{step}"),
        body: body.to_string().into_bytes(),
        ..IncomingRequest::default()
    }
}

fn ping(buyer: &BuyerSim, n: u32) -> Reply {
    buyer.answer(&request(
        "ping",
        &serde_json::json!({"ping_id": format!("ping_{n}"), "fields": {"zip": n}}),
    ))
}

fn post(buyer: &BuyerSim, bid: &str, attempt: &str, phone: &str) -> Reply {
    buyer.answer(&request(
        "post",
        &serde_json::json!({"bid_id": bid, "attempt_id": attempt, "fields": {"phone": phone}}),
    ))
}

fn body(reply: &Reply) -> serde_json::Value {
    match &reply.kind {
        ReplyKind::Answer { status: 200, body, .. } => serde_json::from_str(body).unwrap(),
        other => panic!("{other:?} is no whole answer"),
    }
}

/// Id and price of the first bid this buyer makes, from ping `n` on.
fn bid(buyer: &BuyerSim, from: u32) -> (String, String) {
    let answers = (from..from + 100).map(|n| body(&ping(buyer, n)));
    let bid = answers.map(|answer| answer["bids"][0].clone()).find(|bid| !bid.is_null()).unwrap();
    let text = |name: &str| bid[name].as_str().unwrap().to_owned();
    (text("id"), text("price"))
}

#[test]
fn the_same_lead_is_worth_the_same_on_every_day() {
    let replies = |buyer: &BuyerSim| (0..50).map(|n| ping(buyer, n)).collect::<Vec<_>>();
    assert_eq!(replies(&buyer(Temperament::Steady)), replies(&buyer(Temperament::Steady)));
    let (first, other) = (buyer(Temperament::Steady), buyer(Temperament::Steady));
    (50..60).for_each(|n| drop(ping(&other, n)));
    let price = |buyer: &BuyerSim| {
        (0..50)
            .map(|n| body(&ping(buyer, n))["bids"][0]["price"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(price(&first), price(&other), "whatever was asked before");
}

#[test]
fn a_posted_bid_is_bought_at_its_price() {
    let buyer = buyer(Temperament::QuickAndLow);
    let (id, price) = bid(&buyer, 0);
    let answer = body(&post(&buyer, &id, "attempt_1", "+12025550143"));
    assert_eq!(
        (answer["status"].as_str(), answer["price"].as_str()),
        (Some("accepted"), Some(price.as_str()))
    );
    let counts = buyer.counts();
    assert_eq!((counts.posts, counts.accepted, counts.anomalies), (1, 1, 0));
    assert_eq!(counts.price_total, Money::parse(&price).unwrap());
    let bought = buyer.with_books(|books| books.people[&2_025_550_143]);
    assert_eq!(
        bought,
        Bought {
            times: 1,
            owed: counts.owed_total,
            buyers_max: 1
        }
    );
}

#[test]
fn a_post_that_is_sent_again_is_not_bought_again() {
    let buyer = buyer(Temperament::QuickAndLow);
    let (id, _) = bid(&buyer, 0);
    let first = post(&buyer, &id, "attempt_1", "+12025550143");
    assert_eq!(body(&post(&buyer, &id, "attempt_1", "+12025550143")), body(&first));
    let counts = buyer.counts();
    assert_eq!((counts.posts, counts.repeats, counts.accepted, counts.anomalies), (2, 1, 1, 0));
    assert_eq!(buyer.with_books(|books| books.attempts["attempt_1"]), 2);
}

#[test]
fn posts_without_a_bid_of_this_buyer_are_anomalies() {
    let (acme, other) = (buyer(Temperament::QuickAndLow), BuyerSim::new(profile(Temperament::QuickAndLow), 8));
    let (own, _) = bid(&acme, 0);
    let (foreign, _) = bid(&other, 0);
    for (attempt, id) in [("a", "nonsense"), ("b", foreign.as_str())] {
        assert_eq!(body(&post(&acme, id, attempt, "+12025550143"))["status"], "rejected");
    }
    post(&acme, &own, "c", "+12025550143");
    assert_eq!(acme.counts().anomalies, 2);
    post(&acme, &own, "d", "+12025550144");
    assert_eq!(acme.counts().anomalies, 3, "two attempts on one bid");
    let broken = IncomingRequest {
        path: "/b/acme/solar/ping".into(),
        body: b"{\"fields\":".to_vec(),
        ..IncomingRequest::default()
    };
    assert!(matches!(acme.answer(&broken).kind, ReplyKind::Answer { status: 400, .. }));
    assert_eq!(acme.counts().anomalies, 4);
}

#[test]
fn contact_data_in_a_ping_is_noticed() {
    let buyer = buyer(Temperament::Steady);
    ping(&buyer, 1);
    assert_eq!(buyer.counts().leaks, 0);
    buyer.answer(&request(
        "ping",
        &serde_json::json!({"fields": {"zip": "75201", "carrier": "call 202-555-0143", "phone": "2025550143"}}),
    ));
    assert_eq!(buyer.counts().leaks, 1);
}

/// What 400 pings come to: `bid`, `no_bid`, `silence`, `refused` and so on; and the slowest answer.
fn temper(temperament: Temperament) -> (BTreeMap<&'static str, u32>, u32) {
    let buyer = buyer(temperament);
    let mut seen = BTreeMap::new();
    let mut slowest = 0;
    for n in 0..400 {
        let reply = ping(&buyer, n);
        slowest = slowest.max(reply.delay_ms);
        let what = match reply.kind {
            ReplyKind::Answer { status: 200, body, .. } => match serde_json::from_str::<serde_json::Value>(&body) {
                Ok(answer) if answer["bids"][0].is_null() => "no_bid",
                Ok(_) => "bid",
                Err(_) => "garbled",
            },
            ReplyKind::Answer { .. } => "error",
            ReplyKind::Silence => "silence",
            ReplyKind::Reset | ReplyKind::HalfThenReset { .. } => "reset",
            ReplyKind::Refused => "refused",
        };
        *seen.entry(what).or_default() += 1;
    }
    (seen, slowest)
}

#[test]
fn temperaments_are_what_they_are_called() {
    let share = |temperament, what| temper(temperament).0.get(what).copied().unwrap_or(0) / 4;
    assert!((85..99).contains(&share(Temperament::QuickAndLow, "bid")));
    assert!((3..25).contains(&share(Temperament::Choosy, "bid")));
    assert_eq!(share(Temperament::Silent, "silence"), 100);
    assert_eq!(share(Temperament::Dead, "refused"), 100);
    for what in ["bid", "garbled", "error", "reset", "silence"] {
        assert!(share(Temperament::Broken, what) > 3, "{what}");
    }
    assert!(temper(Temperament::QuickAndLow).1 < 50 && temper(Temperament::Late).1 > 1_000);
}

#[test]
fn some_buyers_change_their_mind_at_the_post() {
    let outcome = |temperament| {
        let buyer = buyer(temperament);
        let mut sum = (0_u32, 0_u32, 0_i32);
        for n in 0..200 {
            let answer = body(&ping(&buyer, n));
            let (Some(id), Some(bid)) = (answer["bids"][0]["id"].as_str(), answer["bids"][0]["price"].as_str()) else {
                continue;
            };
            let answer = body(&post(&buyer, id, &format!("attempt_{n}"), &format!("+1202555{n:04}")));
            match answer["price"]
                .as_str()
                .map(|price| Money::parse(price).unwrap().cmp(&Money::parse(bid).unwrap()))
            {
                Some(order) => sum = (sum.0 + 1, sum.1, sum.2 + order as i32),
                None => sum.1 += 1,
            }
        }
        sum
    };
    let (taken, sent_back, _) = outcome(Temperament::RejectsAtPost(Share::percent(50)));
    assert!(taken.abs_diff(sent_back) < 40, "{taken} taken, {sent_back} sent back");
    let (taken, _, lower) = outcome(Temperament::LowersAtPost);
    assert_eq!(lower.unsigned_abs(), taken, "every one at less than was bid");
    assert!(lower < 0 && outcome(Temperament::RaisesAtPost).2 > 0);
}

#[test]
fn a_lost_answer_leaves_the_lead_in_the_books() {
    let buyer = buyer(Temperament::Broken);
    let (mut unheard, mut heard) = (0, 0);
    for n in 0..600 {
        let ReplyKind::Answer { status: 200, body, .. } = ping(&buyer, n).kind else {
            continue;
        };
        let Ok(answer) = serde_json::from_str::<serde_json::Value>(&body) else {
            continue;
        };
        let Some(id) = answer["bids"][0]["id"].as_str() else { continue };
        let before = buyer.counts().accepted;
        let reply = post(&buyer, id, &format!("attempt_{n}"), &format!("+1202{:07}", 5_550_000 + n));
        let whole = matches!(&reply.kind, ReplyKind::Answer { status: 200, body, .. } if body.contains("accepted") && body.ends_with('}'));
        heard += u64::from(whole);
        unheard += u64::from(!whole && buyer.counts().accepted > before);
    }
    assert!(unheard > 10, "only {unheard} leads were taken without a word");
    assert_eq!(buyer.counts().accepted, heard + unheard);
}

#[test]
fn a_standing_price_needs_no_ping() {
    let mut standing = profile(Temperament::QuickAndLow);
    standing.buys[0].price = Pricing::Standing(450);
    let buyer = BuyerSim::new(standing, 7);
    let answer = body(&post(&buyer, "", "attempt_1", "+12025550143"));
    assert_eq!(answer["price"], "4.50");
    assert_eq!(buyer.counts().anomalies, 0);
    let (id, price) = bid(&buyer, 0);
    assert_eq!(price, "4.50", "a ping learns whether it wants the lead");
    assert_eq!(body(&post(&buyer, &id, "attempt_2", "+12025550144"))["price"], "4.50");
}

#[test]
fn a_test_lead_is_answered_and_not_entered() {
    let buyer = buyer(Temperament::QuickAndLow);
    let (id, price) = bid(&buyer, 0);
    let fields = serde_json::json!({"phone": "+12025550143"});
    let test = request(
        "post",
        &serde_json::json!({"bid_id": id, "attempt_id": "attempt_1", "test": true, "fields": fields}),
    );
    assert_eq!(body(&buyer.answer(&test))["price"], price.as_str());
    let counts = buyer.counts();
    assert_eq!((counts.tests, counts.accepted, counts.price_total), (1, 0, Money::ZERO));
}

#[test]
fn a_buyer_can_be_asked_what_became_of_a_post() {
    let buyer = buyer(Temperament::Steady);
    let ask = |attempt: &str| body(&buyer.answer(&request(&format!("status/{attempt}"), &serde_json::json!({}))))["status"].clone();
    let (id, _) = bid(&buyer, 1);
    assert_eq!(ask("attempt_1"), "not_found");
    let said = body(&post(&buyer, &id, "attempt_1", "+12025550143"))["status"].clone();
    assert_eq!(ask("attempt_1"), said);
    assert_eq!(ask("attempt_2"), "not_found");
    let price = buyer.with_books(|books| books.word_on("attempt_1").map(|word| word.price().is_some()));
    assert_eq!(price, Some(said == "accepted"));
}
