//! `outcry try`: one lead decided from the files alone.

use crate::harness::{Home, Ran, lead, market, outcry, ping_part, tiny};
use serde_json::{Value, json};

fn tried(home: &Home, lead: &Value, more: &[&str]) -> Ran {
    home.write("lead.json", &lead.to_string());
    let (lead, spec, secrets) = (home.arg("lead.json"), home.arg("spec"), home.arg("secrets.toml"));
    let own = ["try", &lead, "--spec", &spec, "--secrets", &secrets, "--source", "northwind_home"];
    Ran::of(outcry().args(own).args(more))
}

fn object(ran: &Ran) -> Value {
    assert!(ran.ok, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_lead_is_tried_without_sending_anything_and_every_contract_has_its_reason() {
    let market = market();
    let home = tiny(&market);
    let ran = tried(&home, &lead(), &["--bid", "acme_home=31.50"]);
    assert!(ran.ok, "{}", ran.err);
    for said in [
        "Nothing was sent.",
        "WOULD BE SOLD to acme_home at 31.50 USD: the supplier would get 25.20, 6.30 would stay here.",
        "outbid: 22.50 against 31.50",
        "would have changed it: a bid above 31.50",
        "state=NC",
    ] {
        assert!(ran.out.contains(said), "{said} is not in:\n{}", ran.out);
    }
    assert_eq!((market.heard("/acme/ping").len(), market.heard("/blueridge/ping").len()), (0, 0));
    assert!(!home.path("data").exists(), "a try keeps nothing");
}

#[test]
fn programs_get_the_plan_the_pings_and_the_reasons() {
    let home = tiny(&market());
    let all = object(&tried(&home, &lead(), &["--json", "--requests", "--at", "2026-11-23T15:00:00Z"]));
    // Nobody handed in a bid for Acme; Blue Ridge has its price.
    assert_eq!(all["sold_to"], json!(["blueridge_roofs"]));
    assert_eq!(all["at"], "2026-11-23T15:00:00.000Z");
    assert_eq!(all["plan"][0]["price"], "22.50");
    let acme = &all["contracts"][0];
    assert_eq!(
        (&acme["contract"], &acme["reason"]["code"]),
        (&json!("acme_home"), &json!("no_bid"))
    );
    assert_eq!((&acme["carries"]["state"], &acme["carries"]["phone"]), (&json!("NC"), &Value::Null));
    let request = acme["request"].as_str().unwrap();
    assert!(request.contains("/acme/ping") && request.contains("\"zip\":\"27601\""), "{request}");
    assert!(!request.contains("a-1"), "the key of the contract is a secret: {request}");
    for contract in all["contracts"].as_array().unwrap() {
        let placed = all["sold_to"].as_array().unwrap().contains(&contract["contract"]);
        assert_eq!(placed, contract["reason"].is_null(), "{contract}");
    }
}

#[test]
fn what_a_filter_has_against_a_lead_is_said_and_a_lead_of_the_wrong_shape_is_turned_away() {
    let home = tiny(&market());
    let mut elsewhere = lead();
    elsewhere["state"] = json!("TX");
    let all = object(&tried(&home, &elsewhere, &["--json"]));
    assert_eq!(all["sold_to"], json!([]));
    assert_eq!(
        all["contracts"][1]["reason"]["text"],
        r#"the filter says no: state in ["NC", "VA"] (the lead has "TX")"#
    );
    let ping = tried(&home, &ping_part(&lead()), &["--ping", "--bid", "acme_home=9", "--json"]);
    assert_eq!(object(&ping)["sold_to"], json!(["blueridge_roofs"]));
    let half = tried(&home, &ping_part(&lead()), &[]);
    assert!(!half.ok && half.err.contains("would turn this lead away"), "{}", half.err);
    let typo = tried(&home, &lead(), &["--bid", "acme_hom=9"]);
    assert!(!typo.ok && typo.err.contains("did you mean acme_home?"), "{}", typo.err);
}
