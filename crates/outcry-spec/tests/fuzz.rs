//! Spec files, filters and lead types, changed at random: they compile or they are refused with diagnostics, and nothing panics or
//! dawdles. Each target runs for two seconds; `cargo xtask fuzz` runs them for longer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../outcry-integration/tests/fuzz/mutate.rs"]
mod mutate;
#[path = "../../outcry-integration/tests/fuzz/tries.rs"]
mod tries;

use outcry_spec::{SpecFile, compile};
use std::collections::BTreeMap;
use std::fmt::Write;
use tries::run_on;

const EXCHANGE: &str = include_str!("../../../examples/tiny/exchange.toml");
const INTEGRATION: &str = include_str!("../../../examples/tiny/integrations/plain_json.toml");
const LEAD_TYPE: &str = include_str!("../../../lead-types/home_services.json");

fn file(path: &str, text: &str) -> SpecFile {
    SpecFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

/// Compiles these beside the rest of the tiny exchange. Whatever has no book has a diagnostic.
fn check(files: &[SpecFile]) {
    let names = ["northwind_home_key", "acme_key", "blueridge_key"];
    let secrets: BTreeMap<String, String> = names.map(|name| (name.to_owned(), format!("the value of {name}"))).into();
    let outcome = compile(files, &secrets);
    assert!(
        outcome.book.is_some() || !outcome.diagnostics.is_empty(),
        "it was refused without a word"
    );
    outcome.diagnostics.iter().for_each(|diagnostic| drop(diagnostic.to_string()));
}

#[test]
fn spec_files_compile_or_say_why_not() {
    let samples = [EXCHANGE.as_bytes().to_vec(), INTEGRATION.as_bytes().to_vec()];
    run_on("spec files", &samples, |input, _| {
        let text = String::from_utf8_lossy(input);
        check(&[file("exchange.toml", &text), file("integrations/plain_json.toml", INTEGRATION)]);
    });
}

#[test]
fn filters_compile_or_say_why_not() {
    let samples = [
        r#"service = "roofing" and state in ["NC", "VA"] and own_home = "yes""#,
        r#"not (zip in ["27601", "27602"] or project_scope != "repair") and buy_timeframe = "immediately""#,
        r"consent_at >= 2025-01-01 and (zip = '27601' or zip = '27602')",
    ];
    let samples: Vec<Vec<u8>> = samples.iter().map(|sample| sample.as_bytes().to_vec()).collect();
    run_on("filters", &samples, |input, _| {
        let text = toml_text(&String::from_utf8_lossy(input));
        let exchange = EXCHANGE.replace(
            r#"filter = 'service = "roofing" and state in ["NC", "VA"] and own_home = "yes"'"#,
            &format!("filter = {text}"),
        );
        assert!(exchange.contains(&text));
        check(&[file("exchange.toml", &exchange), file("integrations/plain_json.toml", INTEGRATION)]);
    });
}

#[test]
fn lead_types_compile_or_say_why_not() {
    let samples = [LEAD_TYPE.as_bytes().to_vec()];
    run_on("lead types", &samples, |input, _| {
        let text = String::from_utf8_lossy(input);
        check(&[
            file("exchange.toml", EXCHANGE),
            file("integrations/plain_json.toml", INTEGRATION),
            file("lead-types/home_services.json", &text),
        ]);
    });
}

/// Any text as TOML writes it.
fn toml_text(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            c if c.is_control() => write!(written, "\\u{:04x}", u32::from(c)).unwrap(),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}
