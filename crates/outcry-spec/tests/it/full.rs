//! `examples/full` uses every rule: each key, and each word that a key may take, of the page on spec files, and each condition
//! of the page on filters.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What the example may leave out, and why.
const EXCEPTIONS: [(&str, &str, &str); 6] = [
    (
        "campaign when_unknown",
        "treat_as_rejected",
        "it breaks the promise to sell once, which nobody should copy",
    ),
    (
        "exchange duplicate_days",
        "",
        "the short form of duplicates, which campaigns and sources use",
    ),
    (
        "computed type",
        "text",
        "the type of a value is no rule; it is what is meant if nothing is said",
    ),
    ("computed type", "int", "the type of a value is no rule"),
    ("computed type", "decimal", "the type of a value is no rule"),
    (
        "contract price",
        "bid",
        "it is what is meant if nothing is said, as in most contracts here",
    ),
];

/// Headings of the page, and what the tables under them are about.
const HEADINGS: [(&str, &[&str]); 25] = [
    ("`[supplier.NAME]`", &["supplier"]),
    ("Terms of money", &[]),
    ("Pacing", &[]),
    ("`[source.NAME]`", &["source"]),
    ("`[buyer.NAME]`", &["buyer"]),
    ("`[campaign.NAME]`", &["campaign"]),
    ("Computed fields", &["computed"]),
    ("`consent`", &[]),
    ("`[consent_rule.NAME]`", &["consent_rule"]),
    ("`[text.NAME]`", &["text"]),
    ("`[check.NAME]`", &["check"]),
    ("`[contract.NAME]`", &["contract"]),
    ("A price or a change by condition", &["price"]),
    ("A price ladder", &[]),
    ("A route: `[contract.NAME.route.SOURCE]`", &["route"]),
    ("A cap", &["cap"]),
    ("A throttle", &["throttle"]),
    ("A schedule", &["schedule"]),
    ("Hours of the person", &["person_hours"]),
    ("Duplicate rules", &["duplicate"]),
    ("`[exchange]`", &["exchange"]),
    ("`[list.NAME]`", &["list"]),
    ("The folder", &[]),
    ("How values are written", &[]),
    ("`[variables]`", &[]),
];

/// Where terms of money and pacing may stand.
const LEVELS: [&str; 6] = ["campaign", "supplier", "source", "buyer", "contract", "route"];

/// What stands on the page in sentences and not in tables: of what, keys, and words that they take.
const SENTENCES: [(&str, &[&str], &[&str]); 12] = [
    ("tier", &["name", "distribution", "time"], &[]),
    ("expected_value", &["shadow", "explore"], &[]),
    ("ping", &["open", "only"], &[]),
    ("ladder", &["ladder"], &[]),
    ("band", &["from", "margin"], &[]),
    ("case", &["when", "value"], &[]),
    ("exchange", &["duplicates", "duplicate_days"], &[]),
    ("campaign.consent", &["sellers"], &["open", "named", "selected"]),
    ("campaign.consent", &["unknown_text"], &["refuse", "flag", "review"]),
    ("campaign.consent", &["certificates"], &["trustedform", "leadid"]),
    ("contract.consent", &["channels"], &["call", "sms", "email"]),
    (
        "campaign",
        &["distribution"],
        &[
            "highest_bid",
            "priority",
            "weighted",
            "round_robin",
            "tiers",
            "best_set",
            "expected_value",
        ],
    ),
];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Pieces of a line that stand between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Rows of the tables of a page: heading, first cell, second cell.
fn rows(page: &str) -> Vec<(String, String, String)> {
    let (mut heading, mut rows, mut fenced) = (String::new(), Vec::new(), false);
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        if let Some(title) = line.strip_prefix('#').filter(|_| !fenced) {
            title.trim_start_matches('#').trim().clone_into(&mut heading);
        }
        let cells: Vec<&str> = line.split(" | ").collect();
        if let Some(first) = cells[0].strip_prefix("| ").filter(|_| !fenced && !line.starts_with("|---")) {
            let second = cells.get(1).copied().unwrap_or_default();
            rows.push((heading.clone(), first.to_owned(), second.to_owned()));
        }
    }
    rows
}

/// Every key that the page has, by what it is of, with the words that it may take.
fn asked() -> BTreeMap<String, BTreeSet<String>> {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut shared: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut add = |kind: &str, first: &str, second: &str| {
        let keys: Vec<String> = code(first).into_iter().filter(|key| !key.contains('"')).collect();
        let words = code(second)
            .into_iter()
            .filter_map(|word| Some(word.strip_prefix('"')?.strip_suffix('"')?.to_owned()))
            .filter(|word| !word.contains(':'));
        // Keys of one row share their words: it does when one of them takes a word.
        let whose = keys.first().map_or_else(String::new, |key| format!("{kind} {key}"));
        asked.entry(whose).or_default().extend(words);
        for key in keys {
            asked.entry(format!("{kind} {key}")).or_default();
        }
    };
    for (heading, first, second) in rows(&read("docs/reference/spec-files.md")) {
        let known = HEADINGS.iter().find(|(title, _)| *title == heading);
        let Some((title, kinds)) = known else {
            panic!("the page has a heading `{heading}`: say in this test what its keys are of")
        };
        match *title {
            "Terms of money" | "Pacing" => shared.entry(title).or_default().extend(code(&first)),
            "`consent`" => {
                let both = second.contains("both");
                for kind in ["campaign", "contract"] {
                    if both || second.contains(kind) {
                        for key in code(&first) {
                            add(&format!("{kind}.consent"), &format!("`{key}`"), "");
                        }
                    }
                }
            }
            "How values are written" | "`[variables]`" | "The folder" => {}
            _ => kinds.iter().for_each(|kind| add(kind, &first, &second)),
        }
    }
    for key in shared.into_values().flatten() {
        for level in LEVELS.iter().filter(|level| !(**level == "route" && key == "zone")) {
            asked.entry(format!("{level} {key}")).or_default();
        }
    }
    for (kind, keys, words) in SENTENCES {
        for key in keys {
            let known = asked.entry(format!("{kind} {key}")).or_default();
            known.extend(words.iter().map(|word| (*word).to_owned()));
        }
    }
    asked.remove("");
    asked
}

/// What a table inside of another is.
fn inside(kind: &str, key: &str) -> Option<&'static str> {
    let inside = match (kind, key) {
        (_, "caps") => "cap",
        (_, "throttles") => "throttle",
        (_, "schedule") => "schedule",
        (_, "person_hours") => "person_hours",
        (_, "duplicates") => "duplicate",
        (_, "margin") => "band",
        ("campaign", "consent") => "campaign.consent",
        ("contract", "consent") => "contract.consent",
        ("campaign", "tiers") => "tier",
        ("campaign", "expected_value") => "expected_value",
        ("computed", "cases") => "case",
        ("contract", "ping") => "ping",
        ("contract" | "price", "price") => "ladder",
        ("contract", "prices" | "changes") => "price",
        _ => return None,
    };
    Some(inside)
}

#[derive(Default)]
struct Used(BTreeMap<String, BTreeSet<String>>);

impl Used {
    fn table(&mut self, kind: &str, table: &Table) {
        for (key, value) in table {
            self.value(kind, key, value);
        }
    }

    fn value(&mut self, kind: &str, key: &str, value: &Value) {
        let words = self.0.entry(format!("{kind} {key}")).or_default();
        match value {
            Value::String(word) => drop(words.insert(word.clone())),
            Value::Array(items) => items.iter().for_each(|item| self.value(kind, key, item)),
            Value::Table(table) => match (kind, key) {
                ("campaign", "compute") => table.values().for_each(|one| self.named("computed", one)),
                ("contract", "route") => table.values().for_each(|one| self.named("route", one)),
                _ => {
                    if let Some(inside) = inside(kind, key) {
                        self.table(inside, table);
                    }
                }
            },
            _ => {}
        }
    }

    fn named(&mut self, kind: &str, value: &Value) {
        self.table(kind, value.as_table().expect("a table"));
    }
}

/// Every TOML file of the example but its integrations.
fn files(folder: &Path, found: &mut Vec<Table>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("integrations") {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") && !path.ends_with("integrations") {
            let text = fs::read_to_string(&path).expect("a text");
            found.push(text.parse().unwrap_or_else(|fault| panic!("{}: {fault}", path.display())));
        }
    }
}

fn used() -> BTreeMap<String, BTreeSet<String>> {
    let (mut tables, mut used) = (Vec::new(), Used::default());
    files(&repository("examples/full"), &mut tables);
    for (kind, value) in tables.iter().flatten() {
        match kind.as_str() {
            "variables" => {}
            "exchange" => used.named("exchange", value),
            _ => value.as_table().expect("a table").values().for_each(|one| used.named(kind, one)),
        }
    }
    used.0
}

#[test]
fn every_key_and_every_word_of_the_page_is_used() {
    let (asked, used) = (asked(), used());
    assert!(150 < asked.len(), "the page was read: {} keys", asked.len());
    let excepted = |key: &str, word: &str| EXCEPTIONS.iter().any(|(of, one, _)| *of == key && *one == word);
    let mut missing = Vec::new();
    for (key, words) in &asked {
        match used.get(key) {
            None if !excepted(key, "") => missing.push(key.clone()),
            _ => {}
        }
        // Keys of one row share their words, so a word may stand under any key of the same kind.
        let kind = key.split(' ').next().unwrap_or_default();
        let of_kind = |word: &str| {
            used.iter()
                .any(|(key, words)| key.starts_with(&format!("{kind} ")) && words.contains(word))
        };
        missing.extend(
            words
                .iter()
                .filter(|word| !of_kind(word) && !excepted(key, word))
                .map(|word| format!("{key} = \"{word}\"")),
        );
    }
    assert!(missing.is_empty(), "examples/full does not show\n  {}", missing.join("\n  "));
    for (key, word, why) in EXCEPTIONS {
        assert!(
            asked.get(key).is_some_and(|words| word.is_empty() || words.contains(word)),
            "{key} {word} is not on the page"
        );
        let shown = used.get(key).is_some_and(|words| word.is_empty() || words.contains(word));
        assert!(!shown, "{key} {word} is used, so it is no exception: {why}");
    }
    let unknown: Vec<&String> = used
        .keys()
        .filter(|key| !asked.contains_key(*key) && *key != "contract route")
        .collect();
    assert!(unknown.is_empty(), "examples/full uses what the page does not have: {unknown:?}");
}

/// Conditions as the page writes them, and how they look in a filter.
const CONDITIONS: [(&str, &str); 38] = [
    ("a and b", " and "),
    ("a or b", " or "),
    ("not a", "not "),
    ("state = \"CA\"", "state = \""),
    ("!=", " != "),
    ("months_covered >= 12", " >= "),
    ("<", " < "),
    ("<=", " <= "),
    (">", " > "),
    ("zip between \"90001\" and \"96162\"", "zip between \""),
    ("state in [\"CA\", \"TX\"]", " in ["),
    ("not in […]", " not in ["),
    ("carrier starts_with \"state\"", " starts_with \""),
    ("currently_insured", "currently_insured and"),
    ("zip within 25 mi of \"90210\"", "zip within 25 mi of \""),
    ("40 km", " km of \""),
    ("present(dob)", "present("),
    ("absent(dob)", "absent("),
    ("any(drivers, …)", "any(drivers, "),
    ("all(drivers, …)", "all(drivers, "),
    ("age(dob)", "age(dob)"),
    ("zip3(zip)", "zip3(zip)"),
    ("count(drivers)", "count(drivers)"),
    ("days_since(consent_at)", "days_since("),
    ("days_until(policy_ends)", "days_until("),
    ("hours_since(consent_at)", "hours_since(consent_at)"),
    ("minutes_since(consent_at)", "minutes_since(consent_at)"),
    ("hour(\"America/New_York\")", "hour(\"America/"),
    ("weekday(\"America/New_York\")", "weekday(\"America/"),
    ("date(\"America/New_York\")", "date(\"America/New_York\")"),
    ("county(zip)", "county("),
    ("source", "source = \""),
    ("supplier", "supplier != \""),
    ("sub1", "sub1 "),
    ("sub5", "sub5 "),
    ("age_bracket", "device != "),
    ("lead_age", "device != "),
    ("…", "sub3 "),
];

/// Code on the page that is an example of a condition or a value, and not another condition.
const EXAMPLES: [&str; 9] = [
    "not",
    "and",
    "or",
    "( )",
    "\"mon\"",
    "\"sun\"",
    "date(\"UTC\") between \"2026-12-24\" and \"2026-12-26\"",
    "\"Travis County, TX\"",
    "sub_id",
];

#[test]
fn every_condition_of_the_language_is_used() {
    let mut filters = String::new();
    for (key, words) in used() {
        if ["filter", "when", "accept"].iter().any(|name| key.ends_with(&format!(" {name}"))) {
            for filter in words {
                filters = filters + &filter + "\n";
            }
        }
    }
    let page = rows(&read("docs/reference/filters.md"));
    let tables = page.iter().filter(|(heading, ..)| heading == "Conditions");
    let mut seen = 0;
    for condition in tables.flat_map(|(_, first, _)| code(first)) {
        if EXAMPLES.contains(&condition.as_str()) {
            continue;
        }
        let known = CONDITIONS.iter().find(|(written, _)| *written == condition);
        let (_, needle) = known.unwrap_or_else(|| panic!("`{condition}` is new: say in this test how a filter shows it"));
        assert!(filters.contains(needle), "no filter of examples/full has `{condition}`");
        seen += 1;
    }
    assert!(30 < seen, "the page was read: {seen} conditions");
}
