mod beyond;
mod problems;
mod properties;
mod syntax;
mod together;

use super::reference;
use super::*;
use crate::field::Field;
use crate::field::{Bounds, Group, Kind, PingRule, Privacy, Required, Transform};
use crate::id::LeadTypeName;
use crate::lead::{Origin, Row, Slot};
use crate::lead_type::{Compliance, FieldSet, SellerSpecific};
use crate::moment::Stamp;
use crate::ping_view::PingValue;
use crate::value::{Decimal, Value};

/// 2026-11-23, 15:00 in UTC.
const NOW_MS: i64 = 1_795_446_000_000;

fn now() -> Moment {
    Moment::from_unix_ms(NOW_MS)
}

// ---- a small lead type of auto insurance ----

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

fn with_output(field: Field, name: &str, transform: Transform) -> Field {
    Field {
        ping: PingRule::Transform {
            transform,
            name: name.into(),
            except_states: Vec::new(),
        },
        ..field
    }
}

fn with_bounds(field: Field, min: i64, max: i64) -> Field {
    Field {
        bounds: Bounds {
            min: Some(min.into()),
            max: Some(max.into()),
            ..Bounds::default()
        },
        ..field
    }
}

fn words(words: &[&str]) -> Kind {
    Kind::Enum(words.iter().map(|word| Arc::from(*word)).collect())
}

fn list(name: &str, fields: Vec<Field>, max_items: usize) -> Field {
    let bounds = Bounds {
        max_items: Some(max_items),
        ..Bounds::default()
    };
    Field {
        bounds,
        ..field(name, Kind::List(Arc::new(FieldSet::new(fields))))
    }
}

fn auto() -> Arc<LeadType> {
    let violations = vec![
        field("type", words(&["speeding", "dui_dwi", "reckless"])),
        with_output(field("date", Kind::Date), "days_ago", Transform::DaysAgoBracket(vec![0, 366, 1096])),
    ];
    let drivers = vec![
        with_output(field("dob", Kind::Date), "age_bracket", Transform::AgeBracket(vec![18, 25, 65])),
        field("license_status", words(&["active", "suspended"])),
        Field {
            privacy: Privacy::DirectIdentifier,
            ..field("license_number", Kind::String)
        },
        list("violations", violations, 10),
    ];
    let vehicles = vec![with_bounds(field("year", Kind::Int), 1960, 2028), field("make", Kind::String)];
    lead_type(vec![
        Field {
            privacy: Privacy::DirectIdentifier,
            ..field("phone", Kind::Phone)
        },
        field("state", Kind::State),
        field("zip", Kind::Zip),
        with_output(field("consent_at", Kind::DateTime), "lead_age", Transform::ElapsedBracket),
        with_output(field("certificate", Kind::Url), "has_certificate", Transform::Present),
        field("currently_insured", Kind::Bool),
        field("carrier", Kind::String),
        with_bounds(field("months_covered", Kind::Int), 0, 720),
        field("rate", Kind::Decimal),
        with_output(
            field("income", Kind::Int),
            "income",
            Transform::AmountBracket(vec![25_000, 50_000, 100_000]),
        ),
        field("residence", words(&["own", "rent", "other"])),
        with_output(
            field("policy_ends", Kind::Date),
            "policy_ends_in",
            Transform::DaysUntilBracket(vec![0, 16, 31]),
        ),
        with_output(
            field("last_claim", Kind::Date),
            "claim_days_ago",
            Transform::DaysAgoBracket(vec![0, 10, 31]),
        ),
        with_output(field("dob", Kind::Date), "age_bracket", Transform::AgeBracket(vec![18, 25, 65])),
        list("drivers", drivers, 6),
        list("vehicles", vehicles, 6),
    ])
}

fn lead_type(fields: Vec<Field>) -> Arc<LeadType> {
    Arc::new(LeadType {
        name: LeadTypeName::new("auto"),
        label: "Auto insurance".into(),
        version: 1,
        as_of: "2026-11-23".parse().unwrap(),
        compliance: Compliance {
            consent: "tcpa_pewc".into(),
            seller_specific: SellerSpecific::No,
            opt_in_types_allowed: Vec::new(),
            buyer_licence_filter: "".into(),
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

// ---- leads as somebody who sells them would note them down ----

/// `state NY; drivers [dob 1990-02-03, license_status active] [dob 2005-12-01]; >age_bracket 35-44`, where `>` marks
/// an output that the source gave in place of the field.
fn lead(lead_type: &Arc<LeadType>, notes: &str) -> Lead {
    let row = row(&lead_type.fields, notes.split(';'));
    Lead {
        lead_type: lead_type.clone(),
        row,
        origin: Origin::default(),
    }
}

fn row<'n>(set: &FieldSet, notes: impl Iterator<Item = &'n str>) -> Row {
    let mut row = Row::empty(set);
    for note in notes.map(str::trim).filter(|note| !note.is_empty()) {
        let (name, text) = note.split_once(' ').unwrap_or((note, ""));
        if let Some(output) = name.strip_prefix('>') {
            let value = if let Ok(yes) = text.parse() {
                Value::Bool(yes)
            } else {
                Value::Text(text.into())
            };
            row.give(set.ping_position(output).unwrap(), value);
            continue;
        }
        let at = set.position(name).unwrap();
        row.set(
            at,
            Some(Slot::for_privacy(set.fields[at].privacy, value(&set.fields[at].kind, text))),
        );
    }
    row
}

fn value(kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Bool => Value::Bool(text.parse().unwrap()),
        Kind::Int => Value::Int(text.parse().unwrap()),
        Kind::Decimal => Value::Decimal(Decimal::parse(text).unwrap()),
        Kind::Date => Value::Date(text.parse().unwrap()),
        Kind::DateTime => Value::Stamp(Stamp::parse(text).unwrap()),
        Kind::List(set) => {
            let rows = text.split('[').skip(1).map(|row| row.trim_end().trim_end_matches(']'));
            Value::List(rows.map(|notes| row(set, notes.split(','))).collect())
        }
        _ => Value::Text(text.into()),
    }
}

/// Compiles a filter, asks both the compiled one and the reference, and says what came out.
fn ask(filter: &str, notes: &str) -> String {
    let lead_type = auto();
    let expr = parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let lead = lead(&lead_type, notes);
    let compiled = Filter::compile(&expr, &lead_type).unwrap_or_else(|problems| panic!("{filter}: {problems:?}"));
    let answer = compiled.admits(&lead, now());
    assert_eq!(
        answer.is_ok(),
        reference::admits(&expr, &lead, now()),
        "the reference disagrees on {filter} for {notes}"
    );
    match answer {
        Ok(()) => "bought".to_owned(),
        Err(Refusal { part, found }) => format!("{part} | {found}"),
    }
}

/// A table of two lines a row, the second further in.
fn pairs(table: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = table.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

fn problems(filter: &str, lead_type: &Arc<LeadType>) -> Vec<String> {
    match Filter::compile(&parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}")), lead_type) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_contract_buys_what_its_filter_says() {
    let young = "drivers [dob 2004-05-06, license_status active] [dob 1970-01-01]";
    for (filter, lead, bought) in [
        (r#"state in ["CA", "TX"]"#, "state TX", true),
        (r#"state in ["CA", "TX"]"#, "state NY", false),
        (r#"zip starts_with "902""#, "zip 90210", true),
        (r#"zip starts_with "902""#, "zip 90110", false),
        (r#"zip3(zip) in ["902", "100"]"#, "zip 10001", true),
        (r#"zip between "90001" and "96162""#, "zip 94110", true),
        (r#"zip between "90001" and "96162""#, "zip 96163", false),
        ("currently_insured", "currently_insured true", true),
        ("not currently_insured", "currently_insured false", true),
        ("months_covered >= 12", "months_covered 12", true),
        ("months_covered > 12", "months_covered 12", false),
        ("rate < 6.5", "rate 6.4999", true),
        ("rate = 6.50", "rate 6.5", true),
        (r#"carrier = "GEICO""#, "carrier Geico", true),
        (r#"carrier starts_with "state f""#, "carrier State Farm", true),
        (r#"carrier not in ["Geico", "Progressive"]"#, "carrier PROGRESSIVE", false),
        (r#"residence != "rent""#, "residence own", true),
        (r#"policy_ends < "2026-12-31""#, "policy_ends 2026-12-30", true),
        (
            r#"policy_ends between "2026-12-01" and "2026-12-31""#,
            "policy_ends 2026-12-31",
            true,
        ),
        (
            r#"consent_at >= "2026-11-23T09:00:00-05:00""#,
            "consent_at 2026-11-23T14:00:00Z",
            true,
        ),
        (r#"lead_age in ["0-60s", "1-5m"]"#, "consent_at 2026-11-23T14:57:00Z", true),
        (r#"lead_age in ["0-60s", "1-5m"]"#, "consent_at 2026-11-23T14:50:00Z", false),
        (r#"policy_ends_in = "0-15""#, "policy_ends 2026-12-08", true),
        (r#"policy_ends_in in ["past", "31+"]"#, "policy_ends 2026-12-23", false),
        ("has_certificate", "certificate https://cert.example.com/1", true),
        ("has_certificate", "", false),
        ("has_certificate", ">has_certificate true", true),
        ("any(drivers, age(dob) < 25)", young, true),
        ("all(drivers, age(dob) < 25)", young, false),
        ("count(drivers) >= 2", young, true),
        (r#"any(drivers, age_bracket = "18-24")"#, young, true),
        (r#"any(drivers, age_bracket = "25-64" and license_status = "active")"#, young, false),
        (r#"any(drivers, age_bracket = "65+")"#, "drivers [>age_bracket 65+]", true),
        (r#"income in ["50000-99999", "100000+"]"#, "income 50000", true),
        (r#"income in ["50000-99999", "100000+"]"#, ">income 100000+", true),
        ("income >= 50000", "income 49999", false),
        (r#"not any(drivers, any(violations, type = "dui_dwi"))"#, young, true),
    ] {
        assert_eq!(ask(filter, lead) == "bought", bought, "{filter} for {lead}");
    }
}

#[test]
fn what_the_lead_lacks_never_matches() {
    for (filter, bought) in [
        (r#"state = "CA""#, false),
        (r#"state != "CA""#, false),
        (r#"state not in ["CA"]"#, false),
        (r#"not state = "CA""#, true),
        (r#"not (state != "CA")"#, true),
        ("not currently_insured", true),
        ("currently_insured = false", false),
        ("absent(state)", true),
        ("present(state)", false),
        ("not present(state)", true),
        ("count(drivers) = 0", false),
        ("count(drivers) < 2", false),
        ("any(drivers, age(dob) < 25)", false),
        ("all(drivers, age(dob) < 25)", false),
    ] {
        assert_eq!(ask(filter, "") == "bought", bought, "{filter}");
    }
    assert_eq!(ask("count(drivers) = 0", "drivers"), "bought");
    assert_eq!(ask("all(drivers, age(dob) < 25)", "drivers"), "bought");
    assert_eq!(
        ask("all(drivers, age(dob) < 25)", "drivers [license_status active]"),
        "all(drivers, age(dob) < 25) | row 1: age(dob) nothing"
    );
}

#[test]
fn a_refusal_names_the_deciding_part_and_what_the_lead_has() {
    let family = "state NY; currently_insured true; drivers [dob 1992-01-01, license_status active] [dob 2010-01-01]";
    for (filter, refusal) in [
        (r#"currently_insured and state in ["CA", "TX"]"#, r#"state in ["CA", "TX"] | "NY""#),
        (r#"(present(zip) and currently_insured) and state = "NY""#, "present(zip) | nothing"),
        ("not currently_insured", "not currently_insured | true"),
        (r#"carrier = "Geico""#, r#"carrier = "Geico" | nothing"#),
        (
            r#"state = "CA" or months_covered > 6"#,
            r#"state = "CA" or months_covered > 6 | state "NY", months_covered nothing"#,
        ),
        (
            "any(drivers, age(dob) > 60)",
            "any(drivers, age(dob) > 60) | age(dob) 34; age(dob) 16",
        ),
        (
            r#"any(drivers, age_bracket = "65+")"#,
            r#"any(drivers, age_bracket = "65+") | age_bracket "25-64"; age_bracket "under_18""#,
        ),
        ("all(drivers, age(dob) >= 18)", "all(drivers, age(dob) >= 18) | row 2: age(dob) 16"),
        ("count(drivers) = 1", "count(drivers) = 1 | 2"),
        (
            r#"any(drivers, age(dob) > 60) or any(drivers, license_status = "suspended")"#,
            r#"any(drivers, age(dob) > 60) or any(drivers, license_status = "suspended") | age(dob) 34, license_status "active"; age(dob) 16, license_status nothing"#,
        ),
        (
            r#"any(drivers, age(dob) > 60) or zip = "10001" or any(vehicles, year > 2020)"#,
            r#"any(drivers, age(dob) > 60) or zip = "10001" or any(vehicles, year > 2020) | drivers [age(dob) 34; age(dob) 16], zip nothing, vehicles [nothing]"#,
        ),
    ] {
        assert_eq!(ask(filter, family), refusal);
    }
    assert_eq!(
        ask(r#"policy_ends > "2026-12-31""#, "policy_ends 2026-12-01"),
        r#"policy_ends > "2026-12-31" | "2026-12-01""#
    );
    assert_eq!(ask("rate > 7", "rate 6.125"), "rate > 7 | 6.125");
    assert_eq!(ask(r#"carrier = "Geico""#, r#"carrier O"Neil"#), r#"carrier = "Geico" | "O\"Neil""#);
}

#[test]
fn a_refusal_stays_short() {
    let zips: Vec<String> = (0..40_000).map(|zip| format!("\"{:05}\"", zip * 2)).collect();
    let refusal = ask(&format!("zip in [{}]", zips.join(", ")), "zip 00001");
    let shown = r#"zip in ["00000", "00002", "00004", "00006", "00008", "00010", "00012", "00014", … 39992 more] | "00001""#;
    assert_eq!(refusal, shown);
    let long = ask(r#"carrier = "Geico""#, &format!("carrier {}", "é".repeat(500)));
    let found = long.split_once(" | ").unwrap().1;
    assert!(found.len() <= 160 && found.ends_with('…'), "{found}");
}

/// Brackets are asked of the numbers behind them; what the ping writes must be the same bracket, at each end of it.
#[test]
fn a_bracket_is_the_one_the_ping_would_write() {
    let check = |at: &str, name: &str, value: &dyn Fn(i64) -> Value, numbers: std::ops::Range<i64>| {
        let lead_type = auto();
        let position = lead_type.fields.position(at).unwrap();
        let PingRule::Transform { transform, .. } = &lead_type.fields.fields[position].ping else {
            panic!("{at} has no output")
        };
        for label in transform.labels().unwrap() {
            let filter = Filter::compile(&parse(&format!("{name} = \"{label}\"")).unwrap(), &lead_type).unwrap();
            for number in numbers.clone() {
                let mut lead = lead(&lead_type, "");
                lead.row.set(position, Some(Slot::Open(value(number))));
                let written = transform.apply(Some(&value(number)), now());
                let is_same = written == Some(PingValue::Text(label.as_str().into()));
                assert_eq!(filter.admits(&lead, now()).is_ok(), is_same, "{label} of {number}");
            }
        }
    };
    let day = |days: i64| Value::Date(now().plus_ms(days * 86_400_000).date_utc());
    check("policy_ends", "policy_ends_in", &day, -20..50);
    check("last_claim", "claim_days_ago", &day, -50..20);
    check("dob", "age_bracket", &|weeks: i64| day(-weeks * 7), 900..1_400);
    check("dob", "age_bracket", &|days: i64| day(-days - 23_700), 0..100);
    check("income", "income", &Value::Int, 24_990..25_010);
    check("income", "income", &Value::Int, 99_990..100_010);
}

#[test]
fn a_long_zip_list_is_matched_code_by_code() {
    for step in [1, 3, 7, 60] {
        let zips: Vec<String> = (0..100_000).step_by(step).map(|zip| format!("\"{zip:05}\"")).collect();
        let expr = parse(&format!("zip in [{}]", zips.join(","))).unwrap();
        let lead_type = auto();
        let filter = Filter::compile(&expr, &lead_type).unwrap();
        for zip in (0..100_000).step_by(11) {
            let lead = lead(&lead_type, &format!("zip {zip:05}"));
            assert_eq!(filter.admits(&lead, now()).is_ok(), zip % step == 0, "{zip:05} in every {step}th");
        }
    }
}

#[test]
fn a_long_text_list_is_matched_without_regard_to_case() {
    let carriers: Vec<String> = (0..500).map(|n| format!("\"Carrier {n}\"")).collect();
    let filter = format!("carrier not in [{}]", carriers.join(","));
    assert_eq!(ask(&filter, "carrier CARRIER 500"), "bought");
    assert_ne!(ask(&filter, "carrier CARRIER 499"), "bought");
}

#[test]
fn the_states_a_filter_insists_on_are_known_to_an_index() {
    for (filter, states) in [
        (r#"state in ["CA", "TX"] and currently_insured"#, Some(vec!["CA", "TX"])),
        (
            r#"state in ["CA", "TX", "NY"] and (currently_insured and state != "NY")"#,
            Some(vec!["CA", "TX"]),
        ),
        (r#"state = "CA" or state = "TX""#, Some(vec!["CA", "TX"])),
        (r#"state = "CA" or currently_insured"#, None),
        (r#"not state = "CA""#, None),
        ("currently_insured", None),
    ] {
        let filter = Filter::compile(&parse(filter).unwrap(), &auto()).unwrap();
        assert_eq!(
            filter.required_states().map(|set| set.codes().collect::<Vec<_>>()),
            states,
            "{filter:?}"
        );
    }
}

#[test]
fn without_a_filter_everything_is_bought() {
    let auto = auto();
    assert!(Filter::everything().admits(&lead(&auto, ""), now()).is_ok());
    assert_eq!(Filter::everything().required_states(), None);
}
