//! The published posting specs: every answer in them is read as its `meaning` says. The specs themselves are not part
//! of this repository; where their folder is missing, the test says so and passes.

use outcry_core::money::Money;
use outcry_integration::{Asked, Integration, Params, RawAnswer};
use serde_json::Value;
use std::path::Path;

/// Each has its file under the same name, with `_` for `-`.
const SPECS: [&str; 15] = [
    "adbuy-hmac-insertion",
    "autobind-auto-json-arrays",
    "boberdoo-parasol-auto",
    "boberdoo-usacoverage-health-xml",
    "cake-leadgenesis-solar",
    "clickdealer-phonexa-gutters",
    "convertr-uk-oauth-grant",
    "efinancial-string-xml",
    "elite-auto-finance",
    "freerateupdate-mortgage",
    "gomedigap",
    "healthplanone-text",
    "hitch-magic-link",
    "inquirly-pingpostconsent",
    "leadprosper-exchange-windows",
];

#[test]
fn published_answers_mean_what_their_owners_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/posting-specs");
    if !folder.is_dir() {
        println!("skipped: the published posting specs are not in ../shared/reference/posting-specs");
        return;
    }
    let mut seen = 0;
    for name in SPECS {
        let spec: Value = serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap();
        let file = format!("published/{}.toml", name.replace('-', "_"));
        let text = std::fs::read_to_string(crate::shipped::folder().join(file)).unwrap();
        let integration = Integration::read(&text).unwrap();
        for step in ["ping", "post"] {
            // Some buyers have no ping.
            for response in spec[step]["responses"].as_array().into_iter().flatten() {
                let (got, expected) = match step {
                    "ping" => (ping(&integration, response), ping_meaning(&response["meaning"])),
                    _ => (post(&integration, response), post_meaning(&response["meaning"])),
                };
                assert_eq!(got, expected, "{name} {step}: {}", response["body"]);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 58, "the specs have changed");
}

fn answer(response: &Value) -> RawAnswer {
    let status = u16::try_from(response["http_status"].as_u64().unwrap()).unwrap();
    RawAnswer {
        status,
        headers: Vec::new(),
        body: response["body"].as_str().unwrap().as_bytes().to_vec(),
    }
}

/// Outcome, top price, its currency, id, reason, and each bid.
fn ping(integration: &Integration, response: &Value) -> Vec<String> {
    let reading = integration.read_ping(Asked::by(&Params::defaults(integration)), &answer(response));
    let price = reading.bids.iter().filter_map(|bid| bid.price).max().map(|price| price.to_string());
    let currency = reading.bids.iter().find_map(|bid| bid.currency);
    let mut said = vec![
        reading.outcome.word().to_owned(),
        shown(price),
        shown(currency),
        shown(reading.bid_id),
        shown(reading.reason),
    ];
    // A single bid has no list in the specs, and stands above.
    if response["meaning"]["bids"].as_array().is_some_and(|bids| !bids.is_empty()) {
        said.extend(
            reading
                .bids
                .iter()
                .map(|bid| format!("{} {}", shown(bid.price), shown(bid.id.clone()))),
        );
    } else {
        assert!(reading.bids.len() <= 1);
        assert_eq!(reading.bids.len() == 1, response["meaning"]["outcome"] == "bid");
    }
    said
}

fn ping_meaning(meaning: &Value) -> Vec<String> {
    let mut said = vec![
        meaning["outcome"].as_str().unwrap().to_owned(),
        price(&meaning["price"]),
        text(&meaning["currency"]),
        text(&meaning["bid_id"]),
        text(&meaning["reason"]),
    ];
    let bids = meaning["bids"].as_array().unwrap();
    said.extend(bids.iter().map(|bid| format!("{} {}", price(&bid["price"]), text(&bid["id"]))));
    said
}

/// Outcome, price, currency, id, redirect, reason.
fn post(integration: &Integration, response: &Value) -> Vec<String> {
    let reading = integration.read_post(Asked::by(&Params::defaults(integration)), &answer(response));
    vec![
        reading.outcome.word().to_owned(),
        shown(reading.price),
        shown(reading.currency),
        shown(reading.reference),
        shown(reading.redirect_url),
        shown(reading.reason),
    ]
}

fn post_meaning(meaning: &Value) -> Vec<String> {
    let words = ["currency", "lead_id", "redirect_url", "reason"].map(|name| text(&meaning[name]));
    let [currency, reference, redirect, reason] = words;
    vec![
        meaning["outcome"].as_str().unwrap().to_owned(),
        price(&meaning["price"]),
        currency,
        reference,
        redirect,
        reason,
    ]
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn text(value: &Value) -> String {
    shown(value.as_str())
}

fn price(value: &Value) -> String {
    shown(value.as_str().map(|text| Money::parse(text).unwrap()))
}
