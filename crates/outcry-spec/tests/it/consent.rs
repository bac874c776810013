//! What files say of consent, and what a campaign does with a lead before anybody is asked.

use crate::world::{said, secrets, with};
use outcry_core::consent::{Rules, SellerPolicy};
use outcry_core::field::Group;
use outcry_core::moment::Stamp;
use outcry_spec::{Book, compile};

fn book(files: &[(&str, &str)]) -> Book {
    let outcome = compile(&with(files), &secrets());
    outcome.book.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
}

fn selling(lead_type: &str) -> String {
    format!("[campaign.auto]\nlead_type = \"{lead_type}\"\npayout = \"80%\"\n")
}

/// `us_federal/medicare_each_seller: selected`, of the rules that hold in a state on a day.
fn holding(rules: &Rules, state: &str, day: &str) -> String {
    let now = Stamp::parse(&format!("{day}T00:00:00Z")).expect("a day is a day").at;
    let holding = rules.holding(Some(state), now);
    let all: Vec<String> = holding
        .iter()
        .map(|rule| format!("{}: {}", rule.id, rule.demand.sellers.map_or("", SellerPolicy::word)))
        .collect();
    all.join("; ")
}

#[test]
fn packs_that_come_along_hold_from_their_day_for_their_lead_types_and_states() {
    let rules = |lead_type: &str| {
        book(&[("spec.toml", &selling(lead_type))]).catalog.campaigns[0]
            .consent
            .rules
            .clone()
    };
    let medicare = "us_federal/medicare_each_seller: selected";
    assert_eq!(holding(&rules("medicare"), "TX", "2026-11-23"), medicare);
    assert_eq!(holding(&rules("medicare"), "TX", "2024-09-30"), "");
    let washington = format!("{medicare}; us_states/washington_health: selected");
    assert_eq!(holding(&rules("medicare"), "WA", "2026-11-23"), washington);
    assert_eq!(
        holding(&rules("health_insurance"), "WA", "2026-11-23"),
        "us_states/washington_health: selected"
    );
    assert_eq!(holding(&rules("health_insurance"), "TX", "2026-11-23"), "");
    assert_eq!(holding(&rules("auto_insurance"), "WA", "2026-11-23"), "");
}

#[test]
fn every_rule_that_comes_along_names_its_source() {
    let medicare = book(&[("spec.toml", &selling("medicare"))]);
    let rules = medicare.catalog.campaigns[0].consent.rules.all();
    assert_eq!(rules.len(), 3);
    for rule in rules {
        assert!(rule.source.len() > 40, "{}: {}", rule.id, rule.source);
    }
}

#[test]
fn an_operators_rule_is_called_by_its_file_and_concerns_whom_it_says() {
    let rule = r#"
[consent_rule.named_texts]
source = "our counsel"
from = "2026-12-01"
until = "2027-01-01"
states = ["TX", "FL"]
campaigns = ["auto"]
channels = ["sms"]
sellers = "named"
max_age = "24h"
"#;
    let ours = book(&[("consent-rules/house.toml", rule)]);
    let rules = &ours.catalog.campaigns[0].consent.rules;
    assert_eq!(holding(rules, "TX", "2026-12-01"), "house/named_texts: named");
    assert_eq!(holding(rules, "TX", "2026-11-30"), "");
    assert_eq!(holding(rules, "TX", "2027-01-01"), "");
    assert_eq!(holding(rules, "CA", "2026-12-01"), "");
    let elsewhere = rule.replace("\"auto\"", "\"another\"");
    let others = book(&[("consent-rules/house.toml", &elsewhere)]);
    assert_eq!(holding(&others.catalog.campaigns[0].consent.rules, "TX", "2026-12-01"), "");
}

#[test]
fn a_file_of_the_name_of_a_pack_stands_in_its_place_and_is_told() {
    let rule = "[consent_rule.ours]\nsource = \"our counsel\"\nfrom = \"2026-01-01\"\nsellers = \"named\"\n";
    let files = [
        ("spec.toml", selling("medicare")),
        ("consent-rules/us_federal.toml", rule.to_owned()),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let rules = book(&files).catalog.campaigns[0].consent.rules.clone();
    assert_eq!(holding(&rules, "TX", "2026-11-23"), "us_federal/ours: named");
    assert!(
        said(&files).contains("this file replaces the built-in consent pack `us_federal`"),
        "{}",
        said(&files)
    );
}

#[test]
fn an_approved_text_may_lie_in_a_file_of_its_own() {
    let spec = format!(
        "{}consent = {{ texts = [\"quotes\"] }}\n\n[text.quotes]\nfile = \"texts/quotes.txt\"\nsellers = [\"acme\"]\n",
        selling("auto_insurance")
    );
    let ours = book(&[("spec.toml", &spec), ("texts/quotes.txt", "I agree that {sellers} may call me.\n")]);
    let texts = &ours.catalog.campaigns[0].consent.texts;
    assert_eq!(texts.approved.len(), 1);
    assert_eq!(&*texts.approved[0].sellers[0], "acme");
    let missing = spec.replace("quotes.txt", "other.txt");
    assert!(said(&[("spec.toml", &missing)]).contains("there is no file `texts/other.txt`"));
}

#[test]
fn computed_fields_and_results_of_checks_stand_behind_those_of_the_lead_type() {
    let spec = format!(
        r#"{}checks = ["look"]
accept = 'score < 85 and region != "rest"'
compute = {{ region = {{ from = "state", map = {{ CA = "west" }}, else = "rest" }}, drivers_count = {{ from = "drivers", transform = "count" }} }}

[check.look]
integration = "acme"
sends = ["phone", "email"]
when = 'present(zip)'
results = {{ risk__score = "int" }}
on_unknown = "flag"
"#,
        selling("auto_insurance")
    );
    let ours = book(&[("spec.toml", &spec)]);
    let campaign = &ours.catalog.campaigns[0];
    let derived: Vec<&str> = campaign
        .lead_type
        .fields
        .fields
        .iter()
        .filter(|field| field.group == Group::Derived)
        .map(|field| &*field.name)
        .collect();
    assert_eq!(derived, ["score", "drivers_count", "region"]);
    assert_eq!(campaign.intake.checks.len(), 1);
    assert_eq!(ours.checks.len(), 1);
    let base = &ours.catalog.lead_types[&campaign.lead_type.name];
    assert!(base.fields.get("score").is_none(), "the lead type itself stays as it is");
}

#[test]
fn everything_that_is_wrong_with_an_intake_is_told_at_once() {
    let spec = format!(
        r#"{}checks = ["look", "nobody"]
accept = 'shoe_size > 9'
unaccepted = "burn"
consent = {{ sellers = "all", max_age = "soon", texts = ["none"], certificates = ["gold"] }}
compute = {{ zip = {{ from = "state", transform = "zip3" }}, name = {{ from = "first_name", transform = "present" }}, nothing = {{}} }}

[check.look]
integration = "acme"
sends = ["phone", "shoe_size"]
on_fail = "shrug"

[consent_rule.empty]
source = "nobody"
from = "yesterday"
states = ["ZZ"]
"#,
        selling("auto_insurance")
    );
    let told = said(&[("spec.toml", &spec)]);
    for part in [
        "there is no check `nobody`",
        "shoe_size",
        "`unaccepted` cannot be `burn`",
        "`sellers` cannot be `all`",
        "`max_age` is no length of time",
        "there is no text `none`",
        "`certificates` cannot be `gold`",
        "makes nothing of a field of type state",
        "no open field `first_name`",
        "does not say how it is made",
        "has no field `shoe_size` to send",
        "`on_fail` cannot be `shrug`",
        "`from` is no day",
        "`ZZ` is no state",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn open_consent_is_said_out_loud() {
    let open = format!("{}consent = {{ sellers = \"open\" }}\n", selling("auto_insurance"));
    assert!(said(&[("spec.toml", &open)]).contains("[OC0962]"));
}
