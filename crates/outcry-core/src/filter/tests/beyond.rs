//! What filters can ask besides the fields: who sent the lead, the hour, the age of the consent, places.

use super::*;
use crate::filter::tests::properties::known;
use crate::id::{SourceName, SupplierName};

fn sent(notes: &str) -> Lead {
    lead(&auto(), notes).sent_by(Origin {
        source: SourceName::new("north_web"),
        supplier: SupplierName::new("north"),
        sub_ids: [Some("banner 7".into()), None, Some("x".into()), None, None],
    })
}

fn asked(filter: &str, notes: &str) -> String {
    let expr = parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let lead = sent(notes);
    let filter = Filter::compile_with(&expr, &lead.lead_type, &known()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let answer = filter.admits(&lead, now());
    assert_eq!(answer.is_ok(), reference::admits_with(&expr, &lead, now(), &known()), "{expr}");
    match answer {
        Ok(()) => "bought".to_owned(),
        Err(Refusal { part, found }) => format!("{part} | {found}"),
    }
}

/// Now is Monday, 23 November 2026, 15:00 in UTC.
const ANSWERS: &str = r#"
    source in ["north_web", "south"]
        bought
    supplier = "south"
        supplier = "south" | "north"
    sub1 starts_with "banner"
        bought
    sub2 = "x"
        sub2 = "x" | nothing
    sub3 != "x"
        sub3 != "x" | "x"
    hour("America/New_York") between 9 and 17
        bought
    hour("America/Los_Angeles") >= 9
        hour("America/Los_Angeles") >= 9 | 7
    weekday("Pacific/Auckland") in ["mon", "wed"]
        weekday("Pacific/Auckland") in ["mon", "wed"] | "tue"
    date("UTC") < "2026-12-24"
        bought
    minutes_since(consent_at) < 15
        bought
    hours_since(consent_at) >= 1
        hours_since(consent_at) >= 1 | 0
    days_since(last_claim) > 30
        days_since(last_claim) > 30 | 22
    days_until(policy_ends) between 0 and 30
        bought
    zip within 5 mi of "90211"
        bought
    zip within 40 km of "10001"
        zip within 40 km of "10001" | "90210"
    county(zip) = "los angeles county, ca"
        bought
    county(zip) != "Los Angeles County, CA"
        county(zip) != "Los Angeles County, CA" | "90210"
"#;

#[test]
fn a_filter_asks_who_sent_the_lead_when_and_from_where() {
    let notes = "zip 90210; consent_at 2026-11-23T14:50:30Z; last_claim 2026-11-01; policy_ends 2026-12-01";
    for (filter, answer) in pairs(ANSWERS) {
        assert_eq!(asked(filter, notes), answer);
    }
}

#[test]
fn what_is_not_known_matches_neither_way() {
    for filter in [
        r#"county(zip) != "New York County, NY""#,
        r#"county(zip) = "New York County, NY""#,
        r#"zip within 3000 mi of "90210""#,
    ] {
        assert_ne!(asked(filter, "zip 99999"), "bought", "{filter}");
        assert_ne!(asked(filter, ""), "bought", "{filter}");
    }
}

const MISFITS: &str = r#"
    zip within 5 mi of "12345"
        `zip within 5 mi of "12345"`: no ZIP code "12345" is known, so there is nothing to measure from
    county(zip) = "Sufolk County, NY"
        `county(zip) = "Sufolk County, NY"`: no county "Sufolk County, NY" is known; did you mean "Suffolk County, NY"?
    hour("EST") > 9
        `hour("EST") > 9`: there is no time zone "EST"; zones are called after places: "America/New_York", or "UTC"
    hour("UTC") > 23
        `hour("UTC") > 23`: no lead can meet this, so the contract would buy nothing by it
    hour("UTC") >= 0
        `hour("UTC") >= 0`: every lead meets this, so it decides nothing
    hour("UTC") < 12 or hour("UTC") >= 12
        `hour("UTC") < 12 or hour("UTC") >= 12`: every lead meets this, so it decides nothing
    weekday("UTC") = "monday"
        `weekday("UTC") = "monday"`: `weekday("UTC")` is one of a list of words and can never be "monday"; did you mean "mon"?
    minutes_since(policy_ends) > 5
        `minutes_since(policy_ends) > 5`: `minutes_since(policy_ends)` cannot be read: it takes a moment; a date has no time of day, so days are all that can be counted
    source = "nroth"
        `source = "nroth"`: `source` is one of a list of words and can never be "nroth"; did you mean "north"?
    state within 5 mi of "90210"
        `state within 5 mi of "90210"`: `state` is a state, which cannot be tested with within; it takes `=`, `!=`, `in` and `not in`
    sub6 = "a"
        `sub6 = "a"`: there is no field `sub6`
"#;

#[test]
fn what_nobody_knows_is_found_when_the_files_are_read() {
    let known = Known {
        sources: vec!["north".into(), "south".into()],
        ..known()
    };
    for (filter, told) in pairs(MISFITS) {
        let problems = Filter::compile_with(&parse(filter).unwrap(), &auto(), &known).unwrap_err();
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    }
    let nowhere = Filter::compile(&parse(r#"zip within 5 mi of "90210""#).unwrap(), &auto()).unwrap_err();
    assert!(nowhere[0].to_string().contains("places.csv"), "{}", nowhere[0]);
}

#[test]
fn a_field_of_the_lead_type_stands_before_a_mark_of_the_sender() {
    let lead_type = lead_type(vec![field("source", words(&["web", "phone"])), field("sub_id", Kind::String)]);
    let filter = Filter::compile(&parse(r#"source = "web" and sub1 = "mine""#).unwrap(), &lead_type).unwrap();
    let lead = lead(&lead_type, "source web; sub_id mine").sent_by(Origin {
        source: SourceName::new("north"),
        ..Origin::default()
    });
    assert_eq!(filter.admits(&lead, now()), Ok(()), "a field `sub_id` is the first of the sub-ids");
}
