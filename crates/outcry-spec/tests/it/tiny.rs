//! `examples/tiny`: the smallest exchange that really works.

use outcry_core::filter::Filter;
use outcry_core::price::PriceRule;
use outcry_spec::{Book, SpecFile, compile_with};
use std::collections::BTreeMap;

/// The files of the example, as the program would find them.
fn files() -> Vec<SpecFile> {
    let file = |path: &str, text: &str| SpecFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    vec![
        file("exchange.toml", include_str!("../../../../examples/tiny/exchange.toml")),
        file(
            "integrations/plain_json.toml",
            include_str!("../../../../examples/tiny/integrations/plain_json.toml"),
        ),
    ]
}

fn book(variables: &BTreeMap<String, String>) -> Book {
    let names = ["northwind_home_key", "acme_key", "blueridge_key"];
    let secrets: BTreeMap<String, String> = names.map(|name| (name.to_owned(), format!("the value of {name}"))).into();
    let outcome = compile_with(&files(), &secrets, variables);
    assert_eq!(outcome.diagnostics, []);
    outcome.book.expect("no diagnostics")
}

#[test]
fn the_tiny_exchange_compiles_without_a_word() {
    let book = book(&BTreeMap::new());
    let campaign = &book.catalog.campaigns[0];
    let names: Vec<&str> = campaign.contracts.iter().map(|contract| contract.name.as_str()).collect();
    assert_eq!(names, ["acme_home", "blueridge_roofs"]);
    assert_eq!(campaign.contracts[0].price.usual, PriceRule::Bid);
    assert_ne!(format!("{:?}", campaign.contracts[1].filter), format!("{:?}", Filter::everything()));
    assert!(
        campaign
            .contracts
            .iter()
            .all(|contract| book.binding(contract).integration.has_ping())
    );
}

#[test]
fn whoever_starts_it_says_where_its_buyers_are() {
    let elsewhere = BTreeMap::from([("market".to_owned(), "http://127.0.0.1:9999".to_owned())]);
    assert_ne!(book(&elsewhere).catalog.version, book(&BTreeMap::new()).catalog.version);
}
