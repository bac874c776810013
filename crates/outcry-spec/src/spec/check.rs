//! `[check.…]`: an outside service that looks at leads: how to speak with it, what it may see, what becomes of a lead.

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::spec::{connection, consent};
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::intake::Policy;
use outcry_integration::book::Binding;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::DeValue;

const TIMEOUT_MS: u32 = 800;
const TIMEOUT_BOUNDS: RangeInclusive<u32> = 20..=10_000;
const CALLS_MAX: u32 = 64;
const CALLS_BOUNDS: RangeInclusive<u32> = 1..=10_000;

/// A check, before a campaign gives it the fields of its lead type.
pub(crate) struct CheckDraft<'a> {
    pub(crate) table: &'a Table<'a>,
    pub(crate) binding: usize,
    pub(crate) sends: Vec<Text>,
    pub(crate) results: Vec<ResultDraft>,
    pub(crate) timeout_ms: u32,
    pub(crate) calls_max: u32,
    pub(crate) at_ping: bool,
    pub(crate) on_fail: Policy,
    pub(crate) on_unknown: Policy,
}

/// A value of the answer, the field it becomes, and what that holds.
#[derive(Clone)]
pub(crate) struct ResultDraft {
    pub(crate) kept: String,
    pub(crate) field: Text,
    pub(crate) kind: &'static str,
}

/// What a result may hold.
pub(crate) const KINDS: [(&str, &str); 5] = [
    ("text", "text"),
    ("int", "int"),
    ("decimal", "decimal"),
    ("bool", "bool"),
    ("date", "date"),
];

/// Reads a check, and how to speak with its service.
pub(crate) fn read<'a>(world: &World<'_>, table: &'a Table<'a>, binding: usize) -> Option<(CheckDraft<'a>, Binding)> {
    let entry = connection::integration(world, table).map(|(_, entry)| entry);
    let bound = connection::bind(table, entry.and_then(|entry| entry.integration.as_ref()));
    let sends = table.texts("sends");
    if sends.is_empty() && !table.is_list("sends") {
        table.tell_missing("sends", "[\"phone\"]");
    }
    let policy = |key, otherwise| consent::word(table, key, &Policy::WORDS).unwrap_or(otherwise);
    let draft = CheckDraft {
        binding,
        sends,
        results: results(table),
        timeout_ms: table.number("timeout_ms", &TIMEOUT_BOUNDS).unwrap_or(TIMEOUT_MS),
        calls_max: table.number("calls_max", &CALLS_BOUNDS).unwrap_or(CALLS_MAX),
        at_ping: table.flag("at_ping"),
        on_fail: policy("on_fail", Policy::Block),
        on_unknown: policy("on_unknown", Policy::Block),
        table,
    };
    // Read by each campaign that names the check, against its lead type.
    table.has("when");
    table.finish();
    Some((draft, bound?))
}

/// `results = { fraud_score = "int" }`, or `{ score = { field = "fraud_score", type = "int" } }`.
fn results(table: &Table<'_>) -> Vec<ResultDraft> {
    let Some(results) = table.table("results") else { return Vec::new() };
    let read = |item: crate::table::Item<'_>| result(&results, &item.key, item.spot, item.value);
    results.items().filter_map(read).collect()
}

fn result(results: &Table<'_>, key: &str, spot: Spot, value: &Spanned<DeValue<'_>>) -> Option<ResultDraft> {
    let kind = results.text_of(key, value, "the type of the value in quotes")?;
    let (kept, field) = key.split_once("__").map_or((key, key), |(kept, field)| (kept, field));
    Some(ResultDraft {
        kept: kept.to_owned(),
        field: Text::name(field, spot),
        kind: consent::one_of(results, key, &kind, &KINDS)?,
    })
}

/// Reports what is wrong with a check for the campaign that names it.
pub(crate) fn tell(draft: &CheckDraft<'_>, spot: Spot, message: String, hint: &str) {
    draft
        .table
        .desk
        .tell(Problem::error(codes::CHECK_PROBLEM, spot, message).hint(hint));
}
