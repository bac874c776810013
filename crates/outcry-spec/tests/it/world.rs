//! A small exchange in which everything is right, so that a test can say the one thing that is not.

use outcry_spec::{Outcome, SpecFile, compile};
use std::collections::BTreeMap;

/// One table after the other; a test's own table of the same name takes the place of one of these.
const TABLES: &str = r#"
[supplier.northwind]
label = "Northwind Media"

[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]

[buyer.acme]
label = "Acme Insurance LLC"

[campaign.auto]
lead_type = "auto_insurance"
payout = "80%"

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
"#;

/// The least integration that pings and posts.
pub(crate) const INTEGRATION: &str = include_str!("world/acme.toml");

/// The path under which a test's own tables stand.
pub(crate) const SPEC: &str = "spec.toml";

/// The secrets that the exchange has.
pub(crate) fn secrets() -> BTreeMap<String, String> {
    let names = ["northwind_auto_key", "northwind_vans_key", "northwind_motorhomes_key", "acme_key"];
    let mut secrets: BTreeMap<String, String> = names.map(|name| (name.to_owned(), format!("the value of {name}"))).into();
    secrets.insert("northwind_postback".to_owned(), format!("whsec_{}", "c2VjcmV0".repeat(4)));
    secrets
}

/// The exchange with these files in it. Tables that they hold, and files that they are, replace its own.
pub(crate) fn with(files: &[(&str, &str)]) -> Vec<SpecFile> {
    let all = files.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n");
    let headers: Vec<&str> = all.lines().filter(|line| line.starts_with('[')).map(str::trim).collect();
    let tables = TABLES
        .trim()
        .split("\n\n")
        .filter(|table| table.lines().next().is_some_and(|header| !headers.contains(&header)));
    let tables = tables.collect::<Vec<_>>().join("\n\n");
    let own = [("world.toml", tables.as_str()), ("integrations/acme.toml", INTEGRATION)];
    let kept = own.into_iter().filter(|(path, _)| files.iter().all(|(other, _)| other != path));
    let chosen = kept.chain(files.iter().copied());
    chosen
        .map(|(path, text)| SpecFile {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .collect()
}

/// Compiles the exchange with a test's own tables in it.
pub(crate) fn compiled(tables: &str) -> Outcome {
    compile(&with(&[(SPEC, tables)]), &secrets())
}

/// Everything that is said of the exchange with these files in it, as it is printed.
pub(crate) fn said(files: &[(&str, &str)]) -> String {
    let outcome = compile(&with(files), &secrets());
    outcome.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Compares what is said of a test's own tables, text by text, with what should be.
#[track_caller]
pub(crate) fn check(tables: &str, expected: &str) {
    let expected = expected
        .trim()
        .lines()
        .map(|line| line.strip_prefix("        ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n");
    let said = said(&[(SPEC, tables.trim_start())]);
    assert_eq!(said, expected.trim(), "\n--- said ---\n{said}\n");
}
