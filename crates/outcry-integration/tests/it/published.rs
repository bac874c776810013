//! The published posting specs: every answer in them is read as its `meaning` says. The specs themselves are not part
//! of this repository; where their folder is missing, the test says so and passes.

use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::Money;
use outcry_integration::{Asked, Integration, Params, RawAnswer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many answers the specs hold: with one more or one fewer this test has to be looked at again.
const ANSWERS: usize = 81;

#[test]
fn published_answers_mean_what_their_owners_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/posting-specs");
    if !folder.is_dir() {
        println!("skipped: the published posting specs are not in ../shared/reference/posting-specs");
        return;
    }
    let (mut seen, mut otherwise) = (0, Vec::new());
    for (name, spec) in specs(&folder) {
        let file = crate::shipped::folder().join(format!("published/{}.toml", name.replace('-', "_")));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} is missing", file.display()));
        let integration = Integration::read(&text).unwrap();
        for step in ["ping", "post"] {
            for response in spec[step]["responses"].as_array().into_iter().flatten() {
                seen += 1;
                let got = said(&integration, step, response);
                if got != meaning(step, response) && !is_honest_about_a_broken_one(&got, response) {
                    otherwise.push(format!(
                        "{name} {step}: {got:?}\n  means {:?}\n  {}",
                        meaning(step, response),
                        response["body"]
                    ));
                }
            }
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    assert_eq!(seen, ANSWERS, "the specs have changed");
}

/// The specs by name, in order.
fn specs(folder: &Path) -> BTreeMap<String, Value> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let specs = files.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    let spec = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())
    };
    specs.map(spec).collect()
}

fn said(integration: &Integration, step: &str, response: &Value) -> Vec<String> {
    match step {
        "ping" => ping(integration, response),
        _ => post(integration, response),
    }
}

fn meaning(step: &str, response: &Value) -> Vec<String> {
    match step {
        "ping" => ping_meaning(&response["meaning"]),
        _ => post_meaning(&response["meaning"]),
    }
}

/// What was printed with an error in it, or is not a whole answer, may be read as nobody knows, and never as a sale.
fn is_honest_about_a_broken_one(got: &[String], response: &Value) -> bool {
    response["sample_kind"] != "wire" && ["error", "unknown"].contains(&&*got[0])
}

fn answer(response: &Value) -> RawAnswer {
    let status = u16::try_from(response["http_status"].as_u64().unwrap()).unwrap();
    RawAnswer {
        status,
        headers: Vec::new(),
        body: response["body"].as_str().unwrap().as_bytes().to_vec(),
    }
}

/// Outcome, top price, id, reason, each bid, the currency, and until when it stands.
fn ping(integration: &Integration, response: &Value) -> Vec<String> {
    let reading = integration.read_ping(Asked::by(&Params::defaults(integration)), &answer(response));
    let price = reading.bids.iter().filter_map(|bid| bid.price).max().map(|price| price.to_string());
    let mut said = vec![
        reading.outcome.word().to_owned(),
        shown(price),
        shown(reading.bid_id),
        shown(reading.reason),
    ];
    // A single bid has no list in the specs, and stands above.
    if response["meaning"]["bids"].as_array().is_some_and(|bids| !bids.is_empty()) {
        said.extend(
            reading
                .bids
                .iter()
                .map(|bid| format!("{} {} {}", shown(bid.price), shown(bid.id.clone()), shown(bid.buyer_name.clone()))),
        );
    } else {
        said.push(format!("{} bids", reading.bids.len()));
    }
    let currency = reading.bids.first().and_then(|bid| bid.currency);
    said.push(if said[1] == "none" { "none".to_owned() } else { shown(currency) });
    let best = reading.bids.iter().max_by_key(|bid| bid.price);
    said.push(shown(best.and_then(|bid| bid.expires_at).map(Moment::unix_ms)));
    said.push(shown(best.and_then(|bid| bid.expires_seconds)));
    said
}

fn ping_meaning(meaning: &Value) -> Vec<String> {
    let mut said = vec![
        meaning["outcome"].as_str().unwrap().to_owned(),
        price(&meaning["price"]),
        text(&meaning["bid_id"]),
        text(&meaning["reason"]),
    ];
    let bids = meaning["bids"].as_array().unwrap();
    if bids.is_empty() {
        said.push(format!("{} bids", u8::from(meaning["outcome"] == "bid")));
    }
    let names = ["id", "buyer_name"];
    said.extend(
        bids.iter()
            .map(|bid| format!("{} {}", price(&bid["price"]), names.map(|name| text(&bid[name])).join(" "))),
    );
    said.push(text(&meaning["currency"]));
    let ends = meaning["expires_at"].as_str().map(|text| Stamp::parse(text).unwrap().at.unix_ms());
    said.push(shown(ends));
    said.push(shown(meaning["expires_seconds"].as_u64()));
    said
}

/// Outcome, price, id, redirect, reason, currency.
fn post(integration: &Integration, response: &Value) -> Vec<String> {
    let reading = integration.read_post(Asked::by(&Params::defaults(integration)), &answer(response));
    vec![
        reading.outcome.word().to_owned(),
        shown(reading.price),
        shown(reading.reference),
        shown(reading.redirect_url),
        shown(reading.reason),
        shown(reading.currency),
    ]
}

fn post_meaning(meaning: &Value) -> Vec<String> {
    let words = ["lead_id", "redirect_url", "reason"].map(|name| text(&meaning[name]));
    let [reference, redirect, reason] = words;
    vec![
        meaning["outcome"].as_str().unwrap().to_owned(),
        price(&meaning["price"]),
        reference,
        redirect,
        reason,
        text(&meaning["currency"]),
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
