//! What an operator is told who gets a lead type file wrong.

use super::{built_in, examples, read};
use outcry_core::field::{PingRule, Transform};

fn auto() -> &'static str {
    built_in().iter().find(|(name, _)| *name == "auto_insurance").unwrap().1
}

/// The built-in auto lead type with one text put in place of another, the first time it stands there.
fn with(from: &str, to: &str) -> String {
    assert!(auto().contains(from), "{from}");
    auto().replacen(from, to, 1)
}

/// Every problem without its line, one a row.
fn told(text: &str) -> String {
    match read(text) {
        Ok(_) => "ok".to_owned(),
        Err(problems) => {
            let shown = problems.iter().map(|problem| {
                let all = problem.to_string();
                all.split_once(": ").map_or(all.clone(), |(_, rest)| rest.to_owned())
            });
            shown.collect::<Vec<_>>().join("\n")
        }
    }
}

fn check(from: &str, to: &str, expected: &str) {
    assert_eq!(told(&with(from, to)), expected, "{from} -> {to}");
}

#[test]
fn a_slip_in_a_word_is_met_with_the_right_one() {
    for (from, to, expected) in [
        (
            r#""glba_finder": false"#,
            r#""glba_findr": false"#,
            "compliance: `glba_finder` is missing\ncompliance: unknown key `glba_findr` (did you mean `glba_finder`?)",
        ),
        (
            r#""type": "email""#,
            r#""type": "emial""#,
            "email: there is no type `emial` (did you mean `email`?)",
        ),
        (
            r#""pii": "quasi_identifier""#,
            r#""pii": "quasi""#,
            "city: `pii` cannot be `quasi` (did you mean `quasi_identifier`?)",
        ),
        (
            r#"  "email","#,
            r#"  "emaill","#,
            "dedupe_keys: `emaill` is not a field (did you mean `email`?)",
        ),
        (
            "drivers[].age_bracket",
            "drivers[].age_braket",
            "routing_keys: no ping carries `age_braket` (did you mean `age_bracket`?)",
        ),
        (
            r#""transform": "elapsed_bracket""#,
            r#""transform": "elapsd_bracket""#,
            "consent_at: there is no transform `elapsd_bracket` (did you mean `elapsed_bracket`?)",
        ),
    ] {
        check(from, to, expected);
    }
    let source = told(&with(r#""id": "px_auto","#, r#""id": "px_autos","#));
    assert!(
        source.contains("`px_auto` is not among the `sources` of the file (did you mean `px_autos`?)"),
        "{source}"
    );
}

#[test]
fn an_unknown_key_is_an_error_with_the_keys_there_are() {
    let text = with(r#""label": "First name""#, r#""label": "First name", "colour": "red""#);
    assert!(told(&text).starts_with("first_name: unknown key `colour` (known keys: name, label, type,"));
    assert_eq!(
        told(&with(r#""health_data": false"#, r#""health_data": false, "bar_rules": "a note""#)),
        "ok"
    );
}

#[test]
fn what_would_let_a_person_be_named_in_a_ping_is_refused_in_its_line() {
    let text = with("\"mode\": \"deny\",\n    \"hard\": true", "\"mode\": \"allow\"");
    assert_eq!(
        told(&text),
        r#"first_name: a direct identifier must be hard-denied to pings ("ping": {"mode": "deny", "hard": true})"#
    );
    let ping_line = text.lines().position(|line| line.contains(r#""ping": {"#)).unwrap() + 1;
    assert_eq!(usize::try_from(read(&text).unwrap_err()[0].line).unwrap(), ping_line);
}

#[test]
fn a_field_must_make_sense_by_itself() {
    for (from, to, expected) in [
        (
            r#""transform": "elapsed_bracket""#,
            r#""transform": "age_bracket""#,
            "consent_at: `age_bracket` cannot read a field of type datetime (it reads date)",
        ),
        (
            r#""step": 2500"#,
            r#""step": 0"#,
            "vehicles[].annual_mileage: `step` must be a whole number, at least 1",
        ),
        (
            r#""step": 2500"#,
            r#""years": 2500"#,
            "vehicles[].annual_mileage: `step` is missing\nvehicles[].annual_mileage: unknown key `years` (known keys: step)",
        ),
        (
            r#""max_length": 254"#,
            r#""max_items": 254"#,
            "email: `max_items` does not bound a field of type email (it bounds list)",
        ),
        (
            r#""default": "US""#,
            r#""default": "usa""#,
            "country: the default is refused by the field itself (expected text that matches ^[A-Z]{2}$)",
        ),
        (
            r#""example": "manual""#,
            r#""example": "by hand""#,
            "opt_in_type: the example is refused by the field itself (expected one of manual, pre_selected, non_interactive)",
        ),
        (
            r#""pre_selected","#,
            r#""Manual","#,
            "opt_in_type: the value `Manual` stands here twice (keep one of them)",
        ),
        (
            r#""min_items": 1,"#,
            r#""min_items": 9,"#,
            "drivers: `min_items` is above its `max`: no value can fit\ndrivers: the example is refused by the field itself (expected at least 9 rows)",
        ),
    ] {
        check(from, to, expected);
    }
}

#[test]
fn a_rule_must_fit_its_mode_and_a_condition_its_field() {
    for (from, to, expected) in [
        (
            r#""mode": "allow""#,
            r#""mode": "allow", "hard": true"#,
            "state: `hard` has no meaning with this `mode` (take it out, or change the mode)",
        ),
        (
            r#""mode": "allow""#,
            r#""mode": "allow", "deny_in_states": ["Texas"]"#,
            "state: `Texas` is not a state (two capital letters)",
        ),
        (
            r#""equals": true"#,
            r#""equals": "perhaps""#,
            "current_carrier: `currently_insured` can never have this value (expected true or false; text was sent)",
        ),
        (
            r#""field": "currently_insured""#,
            r#""field": "current_carrier""#,
            "current_carrier: `applies_if` leads back to the field itself\ncurrent_carrier: `current_carrier` can never have this value (expected text; a boolean was sent)",
        ),
        (
            r#""as": "lead_age""#,
            r#""as": "language""#,
            "consent_at: its ping would go by `language`, which `language` has taken (choose another `as`)",
        ),
    ] {
        check(from, to, expected);
    }
    let pattern = told(&with(r#""pattern": "^[0-9]{5}$""#, r#""pattern": "^(?=9)[0-9]{5}$""#));
    assert!(pattern.starts_with("zip: `pattern` does not compile: look-around"), "{pattern}");
}

#[test]
fn names_are_unique_and_keys_reach_what_a_ping_carries() {
    assert!(
        told(&with(r#""name": "phone_alt""#, r#""name": "phone""#))
            .starts_with("phone: two fields are called `phone` (the first stands in line ")
    );
    assert!(told(&with(r#""name": "phone_alt""#, r#""name": "Phone-2""#)).starts_with("Phone-2: the name `Phone-2` is not snake_case"));
    check(
        r#""drivers[].age_bracket""#,
        r#""drivers[].occupation""#,
        "routing_keys: `occupation` stays home, so nobody can price by it (allow it, or give it a transform)",
    );
    assert!(
        told(&with(r#""name": "consent_given""#, r#""name": "consent_was_given""#))
            .contains("the field `consent_given` of type bool is missing")
    );
}

#[test]
fn an_example_that_does_not_hold_is_told_with_what_would() {
    check(
        "\"lead_age\": \"1-5m\"",
        "\"lead_age\": \"0-60s\"",
        "examples.ping.lead_age: the rules make something else of the example lead (expected \"1-5m\")",
    );
    check(
        "\"lead_age\": \"1-5m\"",
        "\"city\": \"Dallas\"",
        "examples.ping.lead_age: the rules put this into the ping, the example does not (expected \"1-5m\")\n\
         examples.ping.city: the rules keep this home, the example has it (take it out)",
    );
    let lead = with(
        "\"lead\": {\n   \"first_name\": \"Avery\"",
        "\"lead\": {\n   \"first_name\": 7, \"shoe_size\": 43",
    );
    assert!(told(&lead).contains("examples.lead.shoe_size: the example lead is refused: shoe_size is not a field of this lead type"));
}

#[test]
fn a_file_that_is_not_json_says_where_it_stops_being_so() {
    let problems = read("{\n \"schema\": \"outcry.lead-type/1\",\n oops\n}").map(|_| ()).unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, 3));
    for text in [
        "",
        "[]",
        "null",
        "{}",
        "{\"fields\": 1}",
        "{\"fields\": [1, {}, {\"name\": []}], \"compliance\": [], \"examples\": {\"as_of\": 3}}",
    ] {
        assert!(read(text).is_err(), "{text}");
        assert!(examples(text).is_none(), "{text}");
    }
}

#[test]
fn all_problems_come_at_once_in_the_order_of_lines() {
    let text = with(r#""version": 1"#, r#""version": 0"#)
        .replace(r#""type": "email""#, r#""type": "post""#)
        .replace(r#""as": "lead_age""#, r#""as": "Lead age""#);
    let problems = read(&text).map(|_| ()).unwrap_err();
    assert!(
        problems.len() >= 3 && problems.is_sorted_by_key(|problem| problem.line),
        "{problems:?}"
    );
}

#[test]
fn a_file_is_read_to_the_letter() {
    let auto = read(auto()).unwrap();
    assert_eq!((auto.version, auto.as_of.to_string()), (1, "2026-11-23".to_owned()));
    assert_eq!(
        auto.dedupe_keys,
        [
            vec!["phone".into()],
            vec!["email".into()],
            vec!["address_line1".into(), "zip".into()]
        ] as [Vec<std::sync::Arc<str>>; 3]
    );
    let mileage = auto
        .fields
        .get("vehicles")
        .and_then(|field| field.rows())
        .and_then(|rows| rows.get("annual_mileage"))
        .unwrap();
    assert!(matches!(
        &mileage.ping,
        PingRule::Transform {
            transform: Transform::RoundTo(2500),
            ..
        }
    ));
    assert_eq!(auto.fields.get("consent_text").unwrap().bounds.max_length, Some(10_000));
}
