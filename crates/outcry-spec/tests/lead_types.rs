//! The built-in lead types, held against their own examples and the published vectors.

use outcry_core::digest::{Algorithm, PhoneForm, email, keyed};
use outcry_core::field::{Field, PingRule, Privacy, Transform};
use outcry_core::lead::{Lead, Row};
use outcry_core::lead_type::{FieldSet, LeadType};
use outcry_core::leak::scan;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::ping_view::{PingValue, PingView, ViewSpec};
use outcry_core::raw::Raw;
use outcry_core::transform::{AGE_BOUNDS, DAYS_AGO_BOUNDS, DAYS_UNTIL_BOUNDS};
use outcry_core::validate::{Stage, validate};
use outcry_core::value::{Decimal, Value};
use outcry_spec::lead_type::{built_in, examples, read};
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn lead_type(text: &str) -> Arc<LeadType> {
    match read(text) {
        Ok(lead_type) => Arc::new(lead_type),
        Err(problems) => panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn named(name: &str) -> (Arc<LeadType>, Moment, Raw) {
    let (_, text) = built_in().iter().find(|(known, _)| *known == name).expect("a built-in lead type");
    let (now, lead, _) = examples(text).expect("an example");
    (lead_type(text), now, lead)
}

fn vectors(file: &str) -> Json {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../lead-types/schema")
        .join(file);
    serde_json::from_str(&std::fs::read_to_string(path).expect("the file's own shape")).expect("the file's own shape")
}

fn checked(lead_type: &Arc<LeadType>, raw: &Raw, stage: Stage, now: Moment) -> Lead {
    match validate(lead_type, raw, stage, now) {
        Ok(lead) => lead,
        Err(errors) => panic!(
            "{}: {}",
            lead_type.name,
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        ),
    }
}

fn default_ping(lead: &Lead, now: Moment) -> Json {
    view_json(&PingView::build(lead, &ViewSpec::default(), now).expect("the file's own shape"))
}

fn view_json(view: &PingView) -> Json {
    Json::Object(
        view.entries()
            .iter()
            .map(|(name, value)| (name.to_string(), value_json(value)))
            .collect(),
    )
}

fn value_json(value: &PingValue) -> Json {
    match value {
        PingValue::Bool(yes) => json!(yes),
        PingValue::Int(number) => json!(number),
        PingValue::Decimal(number) => Json::Number(number.to_string().parse().expect("the file's own shape")),
        PingValue::Text(text) => json!(**text),
        PingValue::Date(date) => json!(date.to_string()),
        PingValue::Stamp(stamp) => json!(stamp.to_string()),
        PingValue::List(rows) => rows.iter().map(view_json).collect(),
    }
}

fn raw(json: &Json) -> Raw {
    match json {
        Json::Null => Raw::Null,
        Json::Bool(yes) => Raw::Bool(*yes),
        Json::Number(number) => Raw::Number(number.to_string().into()),
        Json::String(text) => Raw::Text(text.as_str().into()),
        Json::Array(items) => Raw::List(items.iter().map(raw).collect()),
        Json::Object(members) => Raw::Object(members.iter().map(|(name, value)| (name.as_str().into(), raw(value))).collect()),
    }
}

fn json_of(raw: &Raw) -> Json {
    match raw {
        Raw::Null => Json::Null,
        Raw::Bool(yes) => json!(yes),
        Raw::Number(text) => Json::Number(text.parse().expect("the file's own shape")),
        Raw::Text(text) => json!(**text),
        Raw::List(items) => items.iter().map(json_of).collect(),
        Raw::Object(members) => members.iter().map(|(name, value)| (name.to_string(), json_of(value))).collect(),
    }
}

fn patched(lead: &Raw, patch: &Json) -> Raw {
    let mut lead = json_of(lead);
    for (name, value) in patch.as_object().expect("the file's own shape") {
        lead[name] = value.clone();
    }
    raw(&lead)
}

#[test]
fn every_built_in_lead_type_is_read_and_carries_its_own_name() {
    assert_eq!(built_in().len(), 12);
    for (name, text) in built_in() {
        assert_eq!(lead_type(text).name.as_str(), *name);
    }
}

#[test]
fn every_example_passes_at_both_stages_and_makes_exactly_its_published_ping() {
    for (name, text) in built_in() {
        let lead_type = lead_type(text);
        let (now, lead, ping) = examples(text).unwrap();
        for stage in [Stage::Ping, Stage::Post] {
            let lead = checked(&lead_type, &lead, stage, now);
            assert_eq!(default_ping(&lead, now), json_of(&ping), "{name} at {stage:?}");
        }
    }
}

#[test]
fn the_published_ping_is_itself_an_acceptable_inbound_ping_and_makes_the_same_ping_again() {
    for (name, text) in built_in() {
        let lead_type = lead_type(text);
        let (now, _, ping) = examples(text).unwrap();
        let lead = checked(&lead_type, &ping, Stage::Ping, now);
        assert_eq!(default_ping(&lead, now), json_of(&ping), "{name}");
    }
}

#[test]
fn a_stored_lead_reads_back_as_the_same_lead() {
    for (name, text) in built_in() {
        let lead_type = lead_type(text);
        let (now, lead, ping) = examples(text).unwrap();
        for (raw, stage) in [(&lead, Stage::Ping), (&lead, Stage::Post), (&ping, Stage::Ping)] {
            let lead = checked(&lead_type, raw, stage, now);
            let back = checked(&lead_type, &lead.to_raw(), stage, now);
            assert_eq!(back.row, lead.row, "{name} at {stage:?}");
        }
    }
}

#[test]
fn a_form_body_that_carries_only_text_makes_the_same_lead() {
    fn as_text(raw: &Raw) -> Raw {
        match raw {
            Raw::Bool(yes) => Raw::Text(if *yes { "Yes" } else { "No" }.into()),
            Raw::Number(text) => Raw::Text(format!(" {text} ").into()),
            Raw::List(items) => Raw::List(items.iter().map(as_text).collect()),
            Raw::Object(members) => Raw::Object(members.iter().map(|(name, value)| (name.clone(), as_text(value))).collect()),
            Raw::Null | Raw::Text(_) => raw.clone(),
        }
    }
    for (name, text) in built_in() {
        let lead_type = lead_type(text);
        let (now, lead, _) = examples(text).unwrap();
        let typed = checked(&lead_type, &lead, Stage::Post, now);
        assert_eq!(checked(&lead_type, &as_text(&lead), Stage::Post, now).row, typed.row, "{name}");
    }
}

#[test]
fn a_bare_birth_date_band_may_stand_in_for_each_driver_at_ping_and_not_at_post() {
    let (lead_type, now, lead) = named("auto_insurance");
    let mut json = json_of(&lead);
    let driver = json["drivers"][0].as_object_mut().unwrap();
    driver.remove("dob");
    driver.insert("age_bracket".into(), json!("35-44"));
    let ping = checked(&lead_type, &raw(&json), Stage::Ping, now);
    assert_eq!(default_ping(&ping, now)["drivers"][0]["age_bracket"], json!("35-44"));
    let errors = validate(&lead_type, &raw(&json), Stage::Post, now).unwrap_err();
    assert_eq!(
        errors.iter().map(|e| (e.code, &*e.path)).collect::<Vec<_>>(),
        [("missing", "drivers[0].dob")]
    );
    json["drivers"][0]["age_bracket"] = json!("37");
    let errors = validate(&lead_type, &raw(&json), Stage::Ping, now).unwrap_err();
    assert_eq!(
        errors.iter().map(|e| (e.code, &*e.path)).collect::<Vec<_>>(),
        [("not_in_list", "drivers[0].age_bracket")]
    );
}

#[test]
fn state_rules_keep_health_answers_home() {
    for case in vectors("transform-vectors.json")["ping_cases"].as_array().unwrap() {
        let (lead_type, now, lead) = named(case["vertical"].as_str().unwrap());
        let lead = checked(&lead_type, &patched(&lead, &case["lead_patch"]), Stage::Post, now);
        assert_eq!(default_ping(&lead, now), case["ping"], "{}", case["why"]);
    }
}

#[test]
fn each_transform_gives_what_its_vectors_say() {
    let vectors = vectors("transform-vectors.json");
    let vectors = vectors["transforms"].as_array().unwrap();
    assert_eq!(vectors.len(), 48);
    for vector in vectors {
        let now = Stamp::parse(vector["as_of"].as_str().unwrap()).unwrap().at;
        let name = vector["transform"].as_str().unwrap();
        let made = transform(name, &vector["params"]).apply(Some(&input(name, &vector["input"])), now);
        assert_eq!(value_json(&made.unwrap()), vector["output"], "{vector}");
    }
}

fn transform(name: &str, params: &Json) -> Transform {
    let bounds = |default: &[i64]| match params["lower_bounds"].as_array() {
        Some(bounds) => bounds.iter().map(|bound| bound.as_i64().expect("the file's own shape")).collect(),
        None => default.to_vec(),
    };
    match name {
        "age_bracket" => Transform::AgeBracket(bounds(&AGE_BOUNDS)),
        "age_at_least" => Transform::AgeAtLeast(params["years"].as_i64().expect("the file's own shape")),
        "year" => Transform::Year,
        "days_ago_bracket" => Transform::DaysAgoBracket(bounds(&DAYS_AGO_BOUNDS)),
        "days_until_bracket" => Transform::DaysUntilBracket(bounds(&DAYS_UNTIL_BOUNDS)),
        "elapsed_bracket" => Transform::ElapsedBracket,
        "zip3" => Transform::Zip3,
        "round_to" => Transform::RoundTo(params["step"].as_i64().expect("the file's own shape")),
        "amount_bracket" => Transform::AmountBracket(bounds(&[])),
        "url_host" => Transform::UrlHost,
        "present" => Transform::Present,
        "text_id" => Transform::TextId,
        "device_class" => Transform::DeviceClass,
        "ip_prefix" => Transform::IpPrefix,
        "count" => Transform::Count,
        _ => panic!("no transform {name}"),
    }
}

fn input(transform: &str, input: &Json) -> Value {
    match input {
        Json::Number(number) => Value::Int(number.as_i64().expect("the file's own shape")),
        Json::Array(items) => Value::List(items.iter().map(|_| Row::empty(&FieldSet::new(Vec::new()))).collect()),
        Json::String(text) if transform == "elapsed_bracket" => Value::Stamp(Stamp::parse(text).expect("the file's own shape")),
        Json::String(text) => match text.parse() {
            Ok(date) if text.len() == 10 => Value::Date(date),
            _ => Value::Text(text.as_str().into()),
        },
        other => panic!("no input {other}"),
    }
}

#[test]
fn digests_agree_with_those_that_others_published() {
    let file = vectors("hash-vectors.json");
    let all = ["published", "computed"]
        .into_iter()
        .flat_map(|part| file[part].as_array().unwrap());
    let mut tried = 0;
    for vector in all {
        let (scheme, input) = (vector["scheme"].as_str().unwrap(), vector["input"].as_str().unwrap());
        let normal = match scheme {
            "trustedform_fingerprint_sha1" | "drop_phone_sha256_base64" => PhoneForm::Last10.of(input).unwrap(),
            _ if scheme.starts_with("phone_us10") => PhoneForm::Us10.of(input).unwrap(),
            _ if scheme.starts_with("phone_us11") => PhoneForm::Us11.of(input).unwrap(),
            _ if scheme.starts_with("phone_e164") => PhoneForm::E164.of(input).unwrap(),
            _ if scheme.contains("email") => email(input).unwrap(),
            _ => input.to_owned(),
        };
        if let Some(expected) = vector["normalized"].as_str() {
            assert_eq!(normal, expected, "{vector}");
        }
        let output = match scheme.rsplit('_').next().unwrap() {
            "base64" => Algorithm::Sha256.base64(&normal),
            "sha1" => Algorithm::Sha1.hex(&normal),
            "sha512" => Algorithm::Sha512.hex(&normal),
            "sha256" if scheme.starts_with("keyed") => keyed(&(0..32).collect::<Vec<u8>>(), &normal),
            "sha256" => Algorithm::Sha256.hex(&normal),
            _ => Algorithm::Md5.hex(&normal),
        };
        assert_eq!(output, vector["output"], "{vector}");
        tried += 1;
    }
    assert!(tried >= 20, "{tried}");
}

/// Every text of the ping, wherever it stands.
fn texts(json: &Json, into: &mut Vec<String>) {
    match json {
        Json::String(text) => into.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Json::Object(members) => members.values().for_each(|value| texts(value, into)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[test]
fn the_leak_scan_lets_every_example_ping_pass() {
    for (name, text) in built_in() {
        let (_, _, ping) = examples(text).unwrap();
        let mut all = Vec::new();
        texts(&json_of(&ping), &mut all);
        for text in all {
            assert_eq!(scan(&text), None, "{name}: {text}");
        }
    }
}

#[test]
fn no_direct_identifier_can_be_opened_and_none_reaches_a_ping_that_opens_all_else() {
    for (name, text) in built_in() {
        let lead_type = lead_type(text);
        let (now, lead, _) = examples(text).unwrap();
        let mut personal = Vec::new();
        let mut open = Vec::new();
        collect(&lead_type.fields, "", &mut personal, &mut open);
        for path in &personal {
            assert!(ViewSpec::resolve(&lead_type, &[path], None).is_err(), "{name}: {path}");
        }
        let open: Vec<&str> = open.iter().map(String::as_str).collect();
        let spec = ViewSpec::resolve(&lead_type, &open, None).unwrap();
        let ping = match PingView::build(&checked(&lead_type, &lead, Stage::Post, now), &spec, now) {
            Ok(view) => view_json(&view).to_string(),
            Err(stopped) => panic!("{name}: {stopped}"),
        };
        for secret in [
            "Avery",
            "Testperson",
            "avery.example@example.com",
            "2025550143",
            "2025550177",
            "100 Sample Street",
        ] {
            assert!(!ping.contains(secret), "{name}: {secret}");
        }
    }
}

fn collect(set: &FieldSet, prefix: &str, personal: &mut Vec<String>, open: &mut Vec<String>) {
    for field in &set.fields {
        let path = format!("{prefix}{}", field.name);
        match field {
            Field {
                privacy: Privacy::DirectIdentifier,
                ..
            }
            | Field {
                ping: PingRule::Deny { hard: true },
                ..
            } => personal.push(path.clone()),
            _ => open.push(path.clone()),
        }
        if let Some(rows) = field.rows() {
            collect(rows, &format!("{path}[]."), personal, open);
        }
    }
}

#[test]
fn a_contract_may_open_a_birth_date_and_narrow_the_rest() {
    let (lead_type, now, lead) = named("auto_insurance");
    let lead = checked(&lead_type, &lead, Stage::Post, now);
    let ping = |opened: &[&str], only: Option<&[&str]>| {
        let spec = ViewSpec::resolve(&lead_type, opened, only).unwrap();
        view_json(&PingView::build(&lead, &spec, now).unwrap())
    };
    let only: &[&str] = &["state", "city", "drivers[].age_bracket", "annual", "vehicles[].annual_mileage"];
    let refused = ViewSpec::resolve(&lead_type, &[], Some(only)).unwrap_err();
    assert_eq!(refused.field, "annual");
    let only: &[&str] = &["state", "city", "lead_age", "drivers[].age_bracket", "vehicles[].annual_mileage"];
    assert_eq!(
        ping(&["city", "drivers[].dob", "vehicles[].annual_mileage"], Some(only)),
        json!({
            "city": "Dallas", "state": "TX", "lead_age": "1-5m",
            "drivers": [{"age_bracket": "35-44", "dob": "1988-04-17"}],
            "vehicles": [{"annual_mileage": 12500}],
        })
    );
    let why = |opened: &[&str]| ViewSpec::resolve(&lead_type, opened, None).unwrap_err().to_string();
    assert_eq!(why(&["phone"]), "phone identifies the person directly and can never be in a ping");
    assert_eq!(
        why(&["drivers[].first_name"]),
        "drivers[].first_name identifies the person directly and can never be in a ping"
    );
    assert_eq!(why(&["citi"]), "citi is not a field of the lead type; did you mean city?");
    assert_eq!(
        why(&["vehicles[].modle"]),
        "vehicles[].modle is not a field of the lead type; did you mean model?"
    );
}

#[test]
fn a_phone_number_typed_into_an_open_field_stops_the_ping_and_names_the_field_only() {
    let (lead_type, now, lead) = named("auto_insurance");
    let mut json = json_of(&lead);
    json["vehicles"][0]["make"] = json!("Toyota, call 202-555-0143");
    let lead = checked(&lead_type, &raw(&json), Stage::Post, now);
    let stopped = PingView::build(&lead, &ViewSpec::default(), now).unwrap_err();
    assert_eq!(stopped.to_string(), "vehicles[0].make looks like a phone number");
}

#[test]
fn amounts_keep_their_decimals_until_they_are_rounded() {
    let half = Value::Decimal(Decimal::parse("2499.5").unwrap());
    let now = Moment::from_unix_ms(0);
    let made = |step| Transform::RoundTo(step).apply(Some(&half), now);
    assert_eq!(made(1), Some(PingValue::Decimal(Decimal::from(2500))));
    assert_eq!(made(1000), Some(PingValue::Decimal(Decimal::from(2000))));
    assert_eq!(
        Transform::AmountBracket(vec![0, 2500]).apply(Some(&half), now),
        Some(PingValue::Text("0-2499".into()))
    );
}
