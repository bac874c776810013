//! `duplicates = [{ keys = ["phone", ["last_name", "zip"]], days = 30, original = "sold" }]`, and `duplicate_days` for short.

use crate::codes;
use crate::desk::Problem;
use crate::name;
use crate::spec::cap::word;
use crate::table::Table;
use crate::text::Text;
use outcry_core::duplicate::{DuplicateRule, Original};
use outcry_core::lead_type::LeadType;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Ten years: longer than anybody keeps leads.
const DAYS: RangeInclusive<u32> = 1..=3_650;
const HOURS: RangeInclusive<u32> = 1..=87_600;
const HOUR_MS: i64 = 60 * 60 * 1_000;

const ORIGINALS: [(&str, Original); 3] = [
    (Original::Sold.word(), Original::Sold),
    (Original::Accepted.word(), Original::Accepted),
    (Original::Any.word(), Original::Any),
];

/// Reads the duplicate rules of a table. Fields are looked up in the lead type, or in any of several where the rule is about
/// leads of all kinds.
pub(crate) fn read(table: &Table<'_>, lead_types: &[&LeadType]) -> Vec<DuplicateRule> {
    let short = table.number("duplicate_days", &DAYS);
    let mut rules: Vec<DuplicateRule> = table
        .tables("duplicates", "duplicate rule")
        .iter()
        .filter_map(|rule| read_rule(rule, lead_types))
        .collect();
    if table.has("duplicate_days") && table.has("duplicates") {
        let message = format!("{} has `duplicate_days` and `duplicates`", table.what);
        let problem = Problem::error(codes::DUPLICATES_TWICE, table.spot_of("duplicate_days"), message);
        table
            .desk
            .tell(problem.hint("`duplicate_days = 30` is short for `duplicates = [{ days = 30 }]`; say it there"));
    }
    rules.extend(short.map(|days| DuplicateRule {
        keys: None,
        window_ms: i64::from(days) * 24 * HOUR_MS,
        original: Original::Sold,
    }));
    rules
}

fn read_rule(rule: &Table<'_>, lead_types: &[&LeadType]) -> Option<DuplicateRule> {
    let (days, hours) = (rule.number("days", &DAYS), rule.number("hours", &HOURS));
    let original = if rule.has("original") {
        word(rule, "original", &ORIGINALS)?.1
    } else {
        Original::Sold
    };
    let keys = rule.has("keys").then(|| keys(rule, lead_types));
    rule.finish();
    match (rule.has("days"), rule.has("hours")) {
        (false, false) => rule.tell_missing("days", "30"),
        (true, true) => {
            let message = format!("{} has `days` and `hours`", rule.what);
            let problem = Problem::error(codes::DUPLICATES_TWICE, rule.spot_of("hours"), message);
            rule.desk.tell(problem.hint("say one of them: a day has 24 hours here"));
        }
        _ => {}
    }
    Some(DuplicateRule {
        keys: keys.map(Into::into),
        window_ms: days.map(|days| i64::from(days) * 24).or_else(|| hours.map(i64::from))? * HOUR_MS,
        original,
    })
}

/// Each item is a field, or a list of fields that only together are the person.
fn keys(rule: &Table<'_>, lead_types: &[&LeadType]) -> Vec<Vec<Arc<str>>> {
    let keys: Vec<Vec<Text>> = rule.texts_or_lists("keys");
    for field in keys.iter().flatten() {
        tell_unknown(rule, field, lead_types);
    }
    if keys.iter().any(Vec::is_empty) || keys.is_empty() {
        let problem = Problem::error(
            codes::DUPLICATE_FIELD,
            rule.spot_of("keys"),
            format!("{} has a key of no fields", rule.what),
        );
        rule.desk
            .tell(problem.hint("name fields: keys = [\"phone\", [\"last_name\", \"zip\"]]; without `keys` those of the lead type count"));
    }
    keys.into_iter()
        .map(|key| key.into_iter().map(|field| field.value.into()).collect())
        .collect()
}

fn tell_unknown(rule: &Table<'_>, field: &Text, lead_types: &[&LeadType]) {
    let known = |lead_type: &&LeadType| {
        lead_type
            .fields
            .position(&field.value)
            .is_some_and(|at| lead_type.fields.fields[at].rows().is_none())
    };
    if lead_types.is_empty() || lead_types.iter().any(known) {
        return;
    }
    let names = lead_types
        .iter()
        .flat_map(|lead_type| lead_type.fields.fields.iter().map(|field| &*field.name));
    let message = format!("`{}` is no field by which two leads could be one person's", field.value);
    let problem = Problem::error(codes::DUPLICATE_FIELD, field.spot, message);
    rule.desk.tell(problem.hint_if(name::suggestion(&field.value, names)));
}
