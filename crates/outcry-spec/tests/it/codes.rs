//! Every code has a page, and every page tells the truth.

use crate::world::{INTEGRATION, SPEC, said, with};
use outcry_spec::codes::{PAGES, explain};
use outcry_spec::compile;
use std::collections::BTreeSet;
use std::path::Path;

/// Post only, for the page on contracts that wait for bids from it.
const POST_ONLY: &str = include_str!("world/post_only.toml");
const EXAMPLE_WRONG: &str = include_str!("world/example_wrong.toml");
const EXAMPLE_RIGHT: &str = include_str!("world/example_right.toml");

#[test]
fn every_page_is_a_code_and_every_code_a_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/codes");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let codes: BTreeSet<String> = PAGES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(files, codes);
    assert_eq!(codes.len(), PAGES.len(), "no code stands twice");
    for (code, page) in PAGES {
        assert!(page.starts_with(&format!("# {code}: ")), "{code}");
    }
    assert_eq!(explain("oc0101"), explain("OC0101"));
    assert_eq!(explain("OC9999"), None);
}

#[test]
fn the_wrong_example_of_each_page_gives_its_code_and_the_right_one_nothing() {
    for (code, page) in PAGES {
        let (_, examples) = page.split_once("## Wrong").unwrap();
        let (wrong, right) = examples.split_once("## Right").unwrap();
        let said_of = |part: &str| said(&[file(part)].each_ref().map(|(path, text)| (path.as_str(), text.as_str())));
        let of_wrong = said_of(wrong);
        let others: Vec<&str> = of_wrong
            .lines()
            .filter(|line| line.contains(": error[") && !line.contains(code))
            .collect();
        assert!(
            of_wrong.contains(&format!("[{code}]")) && others.is_empty(),
            "{code}, wrong:\n{of_wrong}"
        );
        let of_right = said_of(right);
        let replaces = ["OC0604"].contains(code);
        assert!(
            of_right.is_empty() || replaces && !of_right.contains("error["),
            "{code}, right:\n{of_right}"
        );
    }
}

/// The path and the text of the example in a part of a page.
fn file(part: &str) -> (String, String) {
    let (info, rest) = part
        .split_once("```")
        .and_then(|(_, rest)| rest.split_once('\n'))
        .expect("an example");
    let (text, _) = rest.split_once("```").expect("the end of the example");
    let path = info.split_once(' ').map_or(SPEC, |(_, path)| path);
    let lead_type = include_str!("../../../../lead-types/auto_insurance.json");
    let parts = [
        ("@integration@", INTEGRATION),
        ("@post_only@", POST_ONLY),
        ("@example_wrong@", EXAMPLE_WRONG),
        ("@example_right@", EXAMPLE_RIGHT),
        ("@lead_type@", lead_type),
    ];
    (
        path.to_owned(),
        parts.iter().fold(text.to_owned(), |text, (name, part)| text.replace(name, part)),
    )
}

#[test]
fn the_exchange_of_the_pages_is_right_itself() {
    assert_eq!(compile(&with(&[]), &crate::world::secrets()).diagnostics, []);
}
