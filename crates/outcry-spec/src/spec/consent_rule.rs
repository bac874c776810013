//! `[consent_rule.…]`: a dated rule of a pack, about some lead types, states, campaigns and ways to reach people.
//!
//! The file it stands in is its pack. Packs that come with Outcry are read by the same code.

use crate::codes;
use crate::desk::Problem;
use crate::spec::{consent, span};
use crate::table::Table;
use outcry_core::consent::{Demand, Rule};
use outcry_core::lead_type::LeadType;
use outcry_core::moment::Moment;
use outcry_core::validate::is_state;
use std::sync::Arc;

/// A rule, and which campaigns it can concern.
#[derive(Clone, Debug)]
pub(crate) struct RuleDraft {
    pub(crate) rule: Arc<Rule>,
    lead_types: Vec<String>,
    campaigns: Vec<String>,
    health_data: bool,
}

impl RuleDraft {
    /// Can it ever concern a campaign that sells this?
    pub(crate) fn concerns(&self, campaign: &str, lead_type: &LeadType) -> bool {
        let among = |names: &[String], name: &str| names.is_empty() || names.iter().any(|one| one == name);
        among(&self.campaigns, campaign)
            && among(&self.lead_types, lead_type.name.as_str())
            && (!self.health_data || lead_type.compliance.health_data)
    }
}

/// Reads a rule of a pack; `None` if something essential was reported.
pub(crate) fn read(pack: &str, name: &str, table: &Table<'_>) -> Option<RuleDraft> {
    let source = table.need_text("source", "\"47 CFR 64.1200(f)(9)\"");
    if !table.has("from") {
        table.tell_missing("from", "\"2026-01-01\"");
    }
    let (from, until) = (span::day(table, "from"), span::day(table, "until"));
    let texts = |key| table.texts(key).into_iter().map(|text| text.value).collect::<Vec<_>>();
    let states = states(table);
    let demand = Demand {
        forbidden: table.flag("forbidden"),
        ..consent::demand(table)
    };
    let draft = RuleDraft {
        lead_types: texts("lead_types"),
        campaigns: texts("campaigns"),
        health_data: table.flag("health_data"),
        rule: Arc::new(Rule {
            id: format!("{pack}/{name}").into(),
            source: source.map_or_else(|| "".into(), |source| source.value.into()),
            from: from?,
            until,
            states,
            channels: consent::channels(table),
            demand,
        }),
    };
    // For people only.
    table.text("note");
    table.finish();
    check(table, &draft.rule);
    Some(draft)
}

fn states(table: &Table<'_>) -> Vec<Arc<str>> {
    let known = |state: &crate::text::Text| {
        let is = is_state(&state.value);
        if !is {
            let problem = Problem::error(codes::RULE_PROBLEM, state.spot, format!("`{}` is no state", state.value));
            table.desk.tell(problem.hint("two capital letters: \"WA\""));
        }
        is
    };
    table
        .texts("states")
        .into_iter()
        .filter(known)
        .map(|state| state.value.into())
        .collect()
}

fn check(table: &Table<'_>, rule: &Rule) {
    let tell = |key: &str, why: &str, hint: &str| {
        let problem = Problem::error(codes::RULE_PROBLEM, table.spot_of(key), format!("{} {why}", table.what));
        table.desk.tell(problem.hint(hint));
    };
    if rule.demand == Demand::default() {
        tell(
            "source",
            "asks for nothing",
            "add `sellers`, `max_age`, `opt_in`, `pages`, `certificates` or `forbidden = true`",
        );
    }
    if rule.until.is_some_and(|until: Moment| until <= rule.from) {
        tell(
            "until",
            "is over before it begins",
            "`until` is the first day on which it does not hold any more",
        );
    }
}
