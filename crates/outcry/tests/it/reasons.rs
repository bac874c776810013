//! `outcry reasons`: what contracts lost leads by, from the records of a real exchange.

use crate::harness::{Home, KEY, Ran, Request, lead, market, outcry, tiny};
use serde_json::{Value, json};

fn reasons(home: &Home, more: &[&str]) -> Ran {
    Ran::of(outcry().args(["reasons", "--data", &home.arg("data")]).args(more))
}

#[test]
fn losses_are_added_up_by_contract_and_each_reason_is_held_against_its_record() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    for (n, state) in ["NC", "VA", "TX"].into_iter().enumerate() {
        let mut lead = lead();
        lead["state"] = json!(state);
        lead["phone"] = json!(format!("919-555-010{n}"));
        lead["sub1"] = json!(format!("banner {}", n % 2));
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead));
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let ran = reasons(&home, &["--check"]);
    assert!(ran.ok, "{}{}", ran.out, ran.err);
    for said in [
        "3 auctions",
        "acme_home: 3 auctions, 3 pings, 3 with a bid, 3 won for 94.50; 0 lost",
        "bait score 7 %: of 3 posts it rejected 0",
        "blueridge_roofs: 3 auctions, 2 pings, 2 with a bid, 0 won for 0.00; 3 lost",
        "66 %        2  outbid by a median of 9.00",
        "33 %        1  filter on state",
        "6 follow, 0 cannot be derived from the record alone, 0 contradict it",
    ] {
        assert!(ran.out.contains(said), "{said} is not in:\n{}", ran.out);
    }
    let one = reasons(
        &home,
        &["--contract", "blueridge_roofs", "--sub-id", "banner 0", "--since", "2h", "--json"],
    );
    let all: Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!(all["auctions"], 2);
    assert_eq!(all["contracts"].as_array().unwrap().len(), 1);
    assert_eq!(all["contracts"][0]["losses"], 2);
    let nobody = reasons(&home, &["--contract", "nobody"]);
    assert!(
        !nobody.ok && nobody.err.contains("no auction on record had the contract nobody"),
        "{}",
        nobody.err
    );
}
