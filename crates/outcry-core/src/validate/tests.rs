//! Leads that sources really send, and what they are told.

use super::*;
use crate::field::{Bounds, Group, Privacy, Required};
use crate::id::LeadTypeName;
use crate::lead_type::{Compliance, SellerSpecific};
use crate::ping_view::{PingView, ViewSpec};
use crate::value::Decimal;
use proptest::prelude::*;

/// Monday, 23 November 2026, 15:00 UTC.
fn now() -> Moment {
    crate::moment::Stamp::parse("2026-11-23T15:00:00Z").unwrap().at
}

fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.into(),
        label: name.into(),
        kind,
        group: Group::Vertical,
        required: Required { ping: false, post: false },
        applies_if: None,
        privacy: Privacy::None,
        ping: PingRule::Allow { except_states: Vec::new() },
        bounds: Bounds::default(),
        example: None,
    }
}

fn personal(name: &str, kind: Kind) -> Field {
    Field {
        privacy: Privacy::DirectIdentifier,
        ping: PingRule::Deny { hard: true },
        required: Required { ping: false, post: true },
        ..field(name, kind)
    }
}

fn required(field: Field) -> Field {
    Field {
        required: Required { ping: true, post: true },
        ..field
    }
}

fn bounded(field: Field, bounds: Bounds) -> Field {
    Field { bounds, ..field }
}

fn made(field: Field, transform: Transform, name: &str) -> Field {
    Field {
        ping: PingRule::Transform {
            transform,
            name: name.into(),
            except_states: Vec::new(),
        },
        ..field
    }
}

fn lead_type(fields: Vec<Field>) -> Arc<LeadType> {
    Arc::new(LeadType {
        name: LeadTypeName::new("auto"),
        label: "Auto".into(),
        version: 1,
        as_of: now().date_utc(),
        compliance: Compliance {
            consent: "tcpa_pewc".into(),
            seller_specific: SellerSpecific::No,
            opt_in_types_allowed: Vec::new(),
            buyer_licence_filter: "any".into(),
            health_data: false,
            glba_finder: false,
            retention_years: 5,
            prohibited_use_fields: Vec::new(),
        },
        dedupe_keys: Vec::new(),
        routing_keys: Vec::new(),
        fields: Arc::new(FieldSet::new(fields)),
    })
}

fn words(words: &[&str]) -> Kind {
    Kind::Enum(words.iter().map(|word| (*word).into()).collect())
}

fn list(fields: Vec<Field>) -> Kind {
    Kind::List(Arc::new(FieldSet::new(fields)))
}

/// A small auto lead type with one field of each kind.
fn auto() -> Arc<LeadType> {
    let up_to = |most| Bounds {
        max_length: Some(most),
        ..Bounds::default()
    };
    let country = Bounds {
        default: Some(Value::Text("US".into())),
        pattern: Bounds::compile("^[A-Z]{2}$").ok(),
        ..Bounds::default()
    };
    let money = Bounds {
        min: Some(Decimal::from(0)),
        max: Some(Decimal::from(5_000_000)),
        ..Bounds::default()
    };
    let insured = AppliesIf {
        field: "insured".into(),
        any_of: vec![Value::Bool(true)],
    };
    lead_type(vec![
        personal("phone", Kind::Phone),
        Field {
            required: Required { ping: false, post: false },
            ..personal("email", Kind::Email)
        },
        required(field("state", Kind::State)),
        required(field("zip", Kind::Zip)),
        bounded(field("country", Kind::String), country),
        Field {
            applies_if: Some(insured),
            ..required(bounded(field("carrier", Kind::String), up_to(12)))
        },
        field("insured", Kind::Bool),
        field("coverage", words(&["basic", "full"])),
        made(
            bounded(field("income", Kind::Int), money),
            Transform::AmountBracket(vec![0, 25_000, 50_000]),
            "income",
        ),
        field("rate", Kind::Decimal),
        field("consent_at", Kind::DateTime),
        field("page", Kind::Url),
        field("ip", Kind::Ip),
        field("note", Kind::String),
        drivers(),
    ])
}

/// One or two drivers of age, with their violations.
fn drivers() -> Field {
    let grown = Bounds {
        min_age: Some(18),
        max_age: Some(110),
        ..Bounds::default()
    };
    let bracket = Transform::AgeBracket(crate::transform::AGE_BOUNDS.to_vec());
    let dob = required(made(bounded(field("dob", Kind::Date), grown), bracket, "age_bracket"));
    let violation = vec![
        required(field("type", words(&["speeding", "other"]))),
        required(field("date", Kind::Date)),
    ];
    let driver = vec![dob, field("violations", list(violation))];
    bounded(
        field("drivers", list(driver)),
        Bounds {
            min_items: Some(1),
            max_items: Some(2),
            ..Bounds::default()
        },
    )
}

/// JSON of a lead; what serde cannot keep as text is not needed here.
fn raw(json: &str) -> Raw {
    fn of(json: &serde_json::Value) -> Raw {
        match json {
            serde_json::Value::Null => Raw::Null,
            serde_json::Value::Bool(yes) => Raw::Bool(*yes),
            serde_json::Value::Number(number) => Raw::Number(number.to_string().into()),
            serde_json::Value::String(text) => Raw::Text(text.as_str().into()),
            serde_json::Value::Array(items) => Raw::List(items.iter().map(of).collect()),
            serde_json::Value::Object(members) => {
                Raw::Object(members.iter().map(|(name, value)| (name.as_str().into(), of(value))).collect())
            }
        }
    }
    of(&serde_json::from_str(json).expect("the test's own JSON"))
}

/// A lead that lacks nothing, with these members instead of its own.
fn lead_with(members: &str) -> Raw {
    let Raw::Object(mut lead) = raw(r#"{"phone": "2025550143", "state": "TX", "zip": "75201", "insured": false}"#) else {
        unreachable!()
    };
    let Raw::Object(own) = raw(&format!("{{{members}}}")) else {
        unreachable!()
    };
    for (name, value) in own {
        lead.retain(|(taken, _)| *taken != name);
        lead.push((name, value));
    }
    Raw::Object(lead)
}

/// `code path` of every error, in order; `ok` if there is none.
fn told(members: &str, stage: Stage) -> String {
    match validate(&auto(), &lead_with(members), stage, now()) {
        Ok(_) => "ok".to_owned(),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{} {}", error.code, error.path))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// The normal form of a field of a good lead.
fn kept(members: &str, name: &str) -> String {
    let lead = validate(&auto(), &lead_with(members), Stage::Post, now()).unwrap();
    match lead.to_raw().get(name) {
        Some(Raw::Text(text) | Raw::Number(text)) => text.to_string(),
        Some(Raw::Bool(yes)) => yes.to_string(),
        Some(_) => "something else".to_owned(),
        None => "nothing".to_owned(),
    }
}

#[test]
fn a_source_is_told_every_wrong_field_at_once() {
    let members = r#""state": "Texas", "zip": 75201, "phone": "555-0143", "colour": "red", "income": "lots",
        "drivers": [{"dob": "1988-02-30", "violations": [{"type": "speeding", "date": "2025-06-01"}, {"type": "arson"}]}, {}]"#;
    assert_eq!(
        told(members, Stage::Post),
        "unknown_field colour; bad_phone phone; bad_state state; bad_zip zip; wrong_type income; bad_date drivers[0].dob; \
         not_in_list drivers[0].violations[1].type; missing drivers[0].violations[1].date; missing drivers[1].dob"
    );
}

#[test]
fn each_field_is_read_into_its_normal_form() {
    for (members, name, normal) in [
        (r#""phone": "(202) 555-0143""#, "phone", "+12025550143"),
        (r#""phone": "1-202-555-0143""#, "phone", "+12025550143"),
        (r#""phone": 2025550143"#, "phone", "+12025550143"),
        (r#""phone": "+44 20 7946 0958""#, "phone", "+442079460958"),
        (
            r#""email": " Avery.Example+quote@Example.COM ""#,
            "email",
            "avery.example+quote@example.com",
        ),
        (r#""zip": "75201-1234""#, "zip", "75201"),
        (r#""zip": "00501""#, "zip", "00501"),
        (r#""state": "tx""#, "state", "TX"),
        (r#""state": "pr""#, "state", "PR"),
        (r#""insured": "No""#, "insured", "false"),
        (r#""insured": 0"#, "insured", "false"),
        (r#""coverage": " FULL ""#, "coverage", "full"),
        (r#""income": "42000""#, "income", "42000"),
        (r#""income": 42000.0"#, "income", "42000"),
        (r#""rate": "6.50""#, "rate", "6.5"),
        (r#""ip": "2001:DB8:0:0:0:0:0:1""#, "ip", "2001:db8::1"),
        (r#""ip": "::ffff:203.0.113.7""#, "ip", "203.0.113.7"),
        (
            r#""page": "HTTPS://Quotes.example.com:8443/a?b=C""#,
            "page",
            "HTTPS://Quotes.example.com:8443/a?b=C",
        ),
        (
            r#""consent_at": "2026-11-23T09:57:30-05:00""#,
            "consent_at",
            "2026-11-23T09:57:30-05:00",
        ),
        (r#""note": "  two\nlines ""#, "note", "two\nlines"),
        (r#""note": 7"#, "note", "7"),
        (r#""note": null"#, "note", "nothing"),
        (r#""note": "   ""#, "note", "nothing"),
        (r#""country": """#, "country", "US"),
        (r#""country": "CA""#, "country", "CA"),
    ] {
        assert_eq!(kept(members, name), normal, "{members}");
    }
}

#[test]
fn each_field_refuses_what_it_cannot_be() {
    for (members, answer) in [
        (r#""phone": "102-555-0143""#, "bad_phone phone"),
        (r#""phone": "202-155-0143""#, "bad_phone phone"),
        (r#""phone": "202-555-0143 x5""#, "bad_phone phone"),
        (r#""phone": "+1 202 555 014""#, "bad_phone phone"),
        (r#""phone": "+1234567""#, "bad_phone phone"),
        (r#""phone": true"#, "wrong_type phone"),
        (r#""email": "avery@example""#, "bad_email email"),
        (r#""email": "avery..x@example.com""#, "bad_email email"),
        (r#""email": "avery@-example.com""#, "bad_email email"),
        (r#""email": "avery example@example.com""#, "bad_email email"),
        (r#""zip": 501"#, "bad_zip zip"),
        (r#""zip": "7520""#, "bad_zip zip"),
        (r#""zip": "75201-12""#, "bad_zip zip"),
        (r#""state": "ZZ""#, "bad_state state"),
        (r#""country": "usa""#, "pattern country"),
        (r#""insured": "maybe""#, "wrong_type insured"),
        (r#""coverage": "gold""#, "not_in_list coverage"),
        (r#""income": -1"#, "too_small income"),
        (r#""income": 5000001"#, "too_large income"),
        (r#""income": 1e3"#, "wrong_type income"),
        (r#""income": 10.5"#, "wrong_type income"),
        (r#""rate": "6,5""#, "wrong_type rate"),
        (r#""consent_at": "2026-11-23T09:57:30""#, "bad_datetime consent_at"),
        (r#""page": "quotes.example.com""#, "bad_url page"),
        (r#""page": "ftp://quotes.example.com""#, "bad_url page"),
        (r#""page": "https://quotes.example.com/a b""#, "bad_url page"),
        (r#""page": "https://:80/""#, "bad_url page"),
        (r#""page": "https://a.example:99999/""#, "bad_url page"),
        (r#""ip": "203.0.113""#, "bad_ip ip"),
        (r#""note": "bell\u0007""#, "control_character note"),
        (r#""insured": true, "carrier": "two\nlines""#, "control_character carrier"),
        (r#""insured": true, "carrier": "Example Mutual of Dallas""#, "too_long carrier"),
        (r#""drivers": []"#, "too_few_items drivers"),
        (r#""drivers": [{}, {}, {}]"#, "too_many_items drivers"),
        (r#""drivers": "one""#, "wrong_type drivers"),
        (r#""drivers": ["one"]"#, "wrong_type drivers[0]"),
        (r#""drivers": [{"dob": "2008-11-24"}]"#, "too_young drivers[0].dob"),
        (r#""drivers": [{"dob": "1908-11-23"}]"#, "too_old drivers[0].dob"),
        (r#""drivers": [{"dob": "04/17/1988"}]"#, "bad_date drivers[0].dob"),
    ] {
        assert_eq!(told(members, Stage::Post), answer, "{members}");
    }
}

#[test]
fn who_turns_eighteen_today_is_old_enough_and_xml_may_send_one_row_without_a_list() {
    assert_eq!(told(r#""drivers": [{"dob": "2008-11-23"}]"#, Stage::Post), "ok");
    assert_eq!(told(r#""drivers": {"dob": "1988-04-17"}"#, Stage::Post), "ok");
}

#[test]
fn a_ping_needs_less_than_a_post() {
    assert_eq!(told(r#""phone": null"#, Stage::Ping), "ok");
    assert_eq!(told(r#""phone": null"#, Stage::Post), "missing phone");
    assert_eq!(told(r#""zip": """#, Stage::Ping), "missing zip");
}

#[test]
fn a_field_is_asked_for_only_where_it_applies_and_dropped_elsewhere() {
    assert_eq!(told(r#""insured": true"#, Stage::Ping), "missing carrier");
    assert_eq!(told(r#""insured": true, "carrier": "Example""#, Stage::Ping), "ok");
    assert_eq!(kept(r#""insured": false, "carrier": "Example""#, "carrier"), "nothing");
    assert_eq!(told(r#""insured": false, "carrier": ["never read"]"#, Stage::Ping), "ok");
    assert_eq!(told(r#""insured": "maybe""#, Stage::Ping), "wrong_type insured");
}

#[test]
fn an_output_stands_in_for_its_field_in_a_ping_only() {
    let ping = |members: &str| told(members, Stage::Ping);
    assert_eq!(ping(r#""drivers": [{"age_bracket": "35-44"}]"#), "ok");
    assert_eq!(ping(r#""drivers": [{"age_bracket": "under_18"}, {"age_bracket": "75+"}]"#), "ok");
    assert_eq!(
        ping(r#""drivers": [{"age_bracket": "35-45"}]"#),
        "not_in_list drivers[0].age_bracket"
    );
    assert_eq!(ping(r#""income": "25000-49999""#), "ok");
    assert_eq!(ping(r#""income": "25000-49998""#), "wrong_type income");
    assert_eq!(
        told(r#""drivers": [{"age_bracket": "35-44"}]"#, Stage::Post),
        "missing drivers[0].dob"
    );
    assert_eq!(
        told(r#""drivers": [{"age_bracket": "35-44", "dob": "1988-04-17"}]"#, Stage::Post),
        "ok"
    );
}

#[test]
fn where_field_and_output_are_both_sent_the_field_wins() {
    let lead = validate(
        &auto(),
        &lead_with(r#""drivers": [{"age_bracket": "75+", "dob": "1988-04-17"}]"#),
        Stage::Ping,
        now(),
    )
    .unwrap();
    let view = PingView::build(&lead, &ViewSpec::default(), now()).unwrap();
    assert!(format!("{view:?}").contains("35-44") && !format!("{view:?}").contains("75+"));
}

#[test]
fn a_wrong_name_is_met_with_the_name_they_meant() {
    let hint = |name: &str| {
        let errors = validate(&auto(), &lead_with(&format!(r#""{name}": "x""#)), Stage::Ping, now()).unwrap_err();
        errors[0].expected.clone()
    };
    assert_eq!(hint("zipp"), "a field of the lead type; did you mean zip?");
    assert_eq!(hint("zip_code"), "a field of the lead type; did you mean zip?");
    assert_eq!(hint("Phone"), "a field of the lead type; did you mean phone?");
    assert_eq!(hint("consentAt"), "a field of the lead type; did you mean consent_at?");
    assert_eq!(hint("colour"), "only fields of the lead type");
}

#[test]
fn no_message_repeats_what_was_sent() {
    let members = r#""phone": "SECRET1", "email": "SECRET2", "zip": "SECRET3", "state": "SECRET4", "insured": "SECRET5", "coverage": "SECRET6",
        "income": "SECRET7", "page": "SECRET8", "drivers": [{"dob": "SECRET9"}], "SECRET@example.com": 1, "2025550143": 1"#;
    let errors = validate(&auto(), &lead_with(members), Stage::Post, now()).unwrap_err();
    assert_eq!(errors.len(), 11);
    for error in &errors {
        assert!(
            !format!("{error} {error:?}").contains("SECRET") && !error.path.contains("2025550143"),
            "{error}"
        );
    }
    assert_eq!(
        errors[2].to_string(),
        "phone is wrong: expected a phone number of ten digits, or + and a country code"
    );
}

#[test]
fn a_body_of_a_million_unknown_names_gets_a_hundred_answers() {
    let members = (0..5_000).map(|n| (format!("x{n}").into(), Raw::Bool(true))).collect();
    assert_eq!(validate(&auto(), &Raw::Object(members), Stage::Ping, now()).unwrap_err().len(), 100);
    assert_eq!(
        validate(&auto(), &Raw::List(Vec::new()), Stage::Ping, now()).unwrap_err()[0].to_string(),
        "the lead is wrong: expected named fields; a list was sent"
    );
}

#[test]
fn a_personal_value_does_not_show_in_debug_output() {
    let lead = validate(&auto(), &lead_with(""), Stage::Post, now()).unwrap();
    assert!(!format!("{:?}", lead.row).contains("5550143"));
}

/// A mark no rule and no bracket can make by itself.
const MARK: &str = "qxjz";

/// A generated field: is it personal, what may leave, and does the lead have it?
fn some_field() -> impl Strategy<Value = (bool, u8, bool, String)> {
    (any::<bool>(), 0_u8..5, any::<bool>(), "[a-z ]{0,20}")
}

proptest! {
    #[test]
    fn no_personal_value_reaches_a_ping_whatever_is_opened(
        drawn in proptest::collection::vec(some_field(), 1..12), rows in 0_usize..3, opened in proptest::collection::vec(0_usize..14, 0..8),
    ) {
        let make = |(at, (is_personal, rule, _, _)): (usize, &(bool, u8, bool, String))| {
            let plain = Field { privacy: if *is_personal { Privacy::DirectIdentifier } else { Privacy::None }, ..field(&format!("f{at}"), Kind::String) };
            // a hand-made lead type may break the rule of files: the type must hold even then
            match rule {
                0 => plain,
                1 => made(plain, Transform::TextId, &format!("o{at}")),
                2 => made(plain, Transform::Present, &format!("o{at}")),
                3 => Field { ping: PingRule::Deny { hard: false }, ..plain },
                _ => Field { ping: PingRule::Deny { hard: true }, ..plain },
            }
        };
        let inner: Vec<Field> = drawn.iter().enumerate().map(make).collect();
        let mut outer: Vec<Field> = drawn.iter().enumerate().map(make).collect();
        outer.push(field("rows", Kind::List(Arc::new(FieldSet::new(inner)))));
        let members = || drawn.iter().enumerate().filter(|(_, (_, _, sent, _))| *sent).map(|(at, (is_personal, _, _, text))| {
            let mark = if *is_personal { MARK } else { "plain" };
            (format!("f{at}").into(), Raw::Text(format!("{mark} {text}").into()))
        }).collect::<Vec<(Box<str>, Raw)>>();
        let mut lead = members();
        lead.push(("rows".into(), Raw::List((0..rows).map(|_| Raw::Object(members())).collect())));
        let lead_type = lead_type(outer);
        let lead = validate(&lead_type, &Raw::Object(lead), Stage::Ping, now()).unwrap();
        let spec = ViewSpec { rows: vec![(drawn.len(), ViewSpec { opened: opened.clone(), ..ViewSpec::default() })], opened, only: None };
        let ping = PingView::build(&lead, &spec, now()).unwrap();
        let shown = format!("{ping:?}");
        prop_assert!(!shown.contains(MARK));
        let back = validate(&lead_type, &lead.to_raw(), Stage::Ping, now()).unwrap();
        prop_assert_eq!(back.row, lead.row);
    }

    #[test]
    fn no_text_is_too_odd_for_any_field(text in "\\PC{0,40}", at in 0_usize..15) {
        let lead_type = auto();
        let name = lead_type.fields.fields[at].name.to_string();
        let lead = Raw::Object(vec![(name.into(), Raw::Text(text.into()))]);
        let _ = validate(&lead_type, &lead, Stage::Ping, now());
    }

    #[test]
    fn a_phone_has_one_normal_form(number in "[2-9][0-9]{2}[2-9][0-9]{6}") {
        let normal = phone(&number).unwrap();
        prop_assert_eq!(phone(&normal).unwrap(), normal.clone());
        prop_assert_eq!(phone(&format!("({}) {}-{}", &number[..3], &number[3..6], &number[6..])).unwrap(), normal);
    }

    #[test]
    fn a_bracket_holds_its_number(number in -100_i64..100_000, mut bounds in proptest::collection::btree_set(0_i64..90_000, 1..8)) {
        bounds.insert(0);
        let bounds: Vec<i64> = bounds.into_iter().collect();
        let transform = Transform::AmountBracket(bounds);
        let made = transform.apply(Some(&Value::Int(number)), now());
        let Some(crate::ping_view::PingValue::Text(label)) = made else { panic!("a bracket is text") };
        prop_assert!(transform.labels().unwrap().iter().any(|known| **known == *label));
        let holds = match (label.strip_prefix("under_"), label.strip_suffix('+'), label.split_once('-')) {
            (Some(first), _, _) => number < first.parse().unwrap(),
            (_, Some(last), _) => number >= last.parse().unwrap(),
            (_, _, Some((low, high))) => (low.parse().unwrap()..=high.parse().unwrap()).contains(&number),
            _ => number == label.parse::<i64>().unwrap(),
        };
        prop_assert!(holds, "{number} in {label}");
    }
}
