//! Who wins: `distribution`, `tiers`, `sales_max`, `conflicts` and `expected_value` of a campaign.

use crate::codes;
use crate::desk::Problem;
use crate::name;
use crate::spec::terms;
use crate::specs::tell_bad_name;
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::id::BuyerName;
use outcry_core::rank::{Expected, Rule, Sharing, Tier};
use std::ops::RangeInclusive;
use std::sync::Arc;

const RULES: [&str; 7] = [
    "highest_bid",
    "expected_value",
    "priority",
    "weighted",
    "round_robin",
    "tiers",
    "best_set",
];

/// More copies of one lead than anybody sells.
pub(crate) const SALES_BOUNDS: RangeInclusive<u32> = 1..=20;

/// Reads the rules of a campaign: one word, or a list of which each decides between those that are equal under the one
/// before it.
pub(crate) fn rules(table: &Table<'_>, campaign: &str) -> Vec<Rule> {
    let tiers = tiers(table, campaign);
    let written = table.one_or_more("distribution");
    let mut rules = Vec::new();
    for (at, word) in written.iter().enumerate() {
        match word.value.as_str() {
            "tiers" if table.has("tiers") => rules.push(Rule::Tiers(tiers.clone().into())),
            "tiers" => tell(
                table,
                word,
                "there are no tiers to go by",
                "add `tiers = [{ name = \"gold\" }, { name = \"others\" }]`",
            ),
            "best_set" if at == 0 => rules.push(Rule::BestSet),
            "best_set" => tell(table, word, "`best_set` decides about all bids at once", "put it first"),
            _ => rules.extend(rule(table, word, campaign, "")),
        }
    }
    if table.has("tiers") && !written.iter().any(|word| word.value == "tiers") {
        let message = format!("{} has tiers and does not go by them", table.what);
        let problem = Problem::error(codes::DISTRIBUTION_PROBLEM, table.spot_of("tiers"), message);
        table
            .desk
            .tell(problem.hint("add them: `distribution = [\"tiers\", \"highest_bid\"]`"));
    }
    if let [Rule::BestSet, Rule::Tiers(_), ..] = rules[..] {
        tell(
            table,
            &written[1],
            "a set is chosen from all bids, and tiers keep them apart",
            "take one of the two",
        );
    }
    if rules.is_empty() { vec![Rule::HighestBid] } else { rules }
}

fn tell(table: &Table<'_>, word: &Text, message: &str, hint: &str) {
    table
        .desk
        .tell(Problem::error(codes::DISTRIBUTION_PROBLEM, word.spot, message).hint(hint));
}

/// A rule that stands for itself. Wheels are named after where they stand, so that each has turns of its own.
fn rule(table: &Table<'_>, word: &Text, campaign: &str, tier: &str) -> Option<Rule> {
    let wheel = || -> Arc<str> {
        if tier.is_empty() {
            format!("{campaign}/{}", word.value).into()
        } else {
            format!("{campaign}/{tier}/{}", word.value).into()
        }
    };
    match word.value.as_str() {
        "highest_bid" => Some(Rule::HighestBid),
        "expected_value" => Some(Rule::ExpectedValue),
        "priority" => Some(Rule::Priority),
        "weighted" => Some(Rule::Weighted(wheel())),
        "round_robin" => Some(Rule::RoundRobin(wheel())),
        other => {
            let problem = Problem::error(codes::UNKNOWN_WORD, word.spot, format!("`distribution` cannot be `{other}`"));
            let known = RULES
                .into_iter()
                .filter(|known| tier.is_empty() || !["tiers", "best_set"].contains(known));
            table.desk.tell(problem.hint_if(name::suggestion(other, known)));
            None
        }
    }
}

/// `tiers = [{ name = "gold", distribution = "priority", time = "60%" }, { name = "others" }]`
fn tiers(table: &Table<'_>, campaign: &str) -> Vec<Tier> {
    let mut tiers: Vec<Tier> = Vec::new();
    for entry in table.tables("tiers", "tier") {
        let name = entry.need_text("name", "\"gold\"");
        let written = entry.one_or_more("distribution");
        let time_bp = terms::share(&entry, "time");
        entry.finish();
        let Some(name) = name else { continue };
        if !name::is_name(&name.value) {
            tell_bad_name(table.desk, "tier", &name.value, name.spot);
        }
        if tiers.iter().any(|other| *other.name == name.value) {
            tell(
                table,
                &name,
                "there are two tiers of this name",
                "contracts say by name to which they belong",
            );
        }
        let by = written.iter().filter_map(|word| rule(table, word, campaign, &name.value)).collect();
        tiers.push(Tier {
            name: name.value.into(),
            by,
            time_bp,
        });
    }
    let times: u32 = tiers.iter().filter_map(|tier| tier.time_bp).sum();
    if times > 10_000 {
        let message = format!("the tiers of {} take more than all of the time", table.what);
        let problem = Problem::error(codes::DISTRIBUTION_PROBLEM, table.spot_of("tiers"), message);
        table.desk.tell(problem.hint("their `time` adds up to at most \"100%\""));
    }
    tiers
}

/// `sales_max = 3` and `conflicts = [["acme", "bestco"]]`.
pub(crate) fn sharing(world: &World<'_>, table: &Table<'_>) -> Sharing {
    let pair = |written: Vec<Text>| {
        let known = |buyer: &&Text| world.refers("buyer", &world.specs.buyers, buyer);
        let names: Vec<BuyerName> = written
            .iter()
            .filter(known)
            .map(|buyer| BuyerName::new(buyer.value.clone()))
            .collect();
        <[BuyerName; 2]>::try_from(names).ok()
    };
    Sharing {
        legs_max: table.number("sales_max", &SALES_BOUNDS).unwrap_or(1),
        conflicts: table.pairs("conflicts").into_iter().filter_map(pair).collect(),
    }
}

/// `expected_value = { shadow = true, explore = "2%" }`
pub(crate) fn expected(table: &Table<'_>) -> Expected {
    let Some(entry) = table.table("expected_value") else {
        return Expected::default();
    };
    let expected = Expected {
        shadow: entry.flag("shadow"),
        explore_bp: terms::share(&entry, "explore").unwrap_or(0),
    };
    entry.finish();
    expected
}
