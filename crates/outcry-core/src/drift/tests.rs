//! What a post may say beside what the ping said, and what it may not.

use super::*;
use crate::consent::tests::{field, lead, lead_type, now};
use crate::field::{Field, Group, Kind, Privacy};
use crate::intake::{Computed, Intake, Recipe};
use crate::lead_type::LeadType;
use crate::raw::Raw;
use std::sync::Arc;

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

fn kept_home(field: Field) -> Field {
    Field {
        ping: PingRule::Deny { hard: false },
        ..field
    }
}

fn auto() -> Arc<LeadType> {
    let dob = || made(field("dob", Kind::Date), Transform::AgeBracket(vec![18, 25, 65]), "age_bracket");
    let first_name = || Field {
        privacy: Privacy::DirectIdentifier,
        ping: PingRule::Deny { hard: true },
        ..field("first_name", Kind::String)
    };
    let drivers = FieldSet::new(vec![dob(), field("sr22", Kind::Bool), first_name()]);
    let pets = FieldSet::new(vec![field("pet", Kind::String), field("age", Kind::Int)]);
    Arc::new(lead_type(vec![
        field("state", Kind::State),
        field("carrier", Kind::String),
        made(field("certificate", Kind::Url), Transform::Present, "has_certificate"),
        made(
            field("income", Kind::Int),
            Transform::AmountBracket(vec![0, 25_000, 50_000]),
            "income",
        ),
        kept_home(field("city", Kind::String)),
        Field {
            group: Group::Derived,
            ..kept_home(field("area", Kind::String))
        },
        Field {
            privacy: Privacy::DirectIdentifier,
            ping: PingRule::Deny { hard: true },
            ..field("phone", Kind::Phone)
        },
        field("drivers", Kind::List(Arc::new(drivers))),
        kept_home(field("pets", Kind::List(Arc::new(pets)))),
    ]))
}

/// `state=TX, drivers=dob 1990-01-01 / dob 1995-01-01 sr22 true` as a lead.
fn said(text: &str) -> Lead {
    let value = |name: &str, value: &str| match name {
        "drivers" | "pets" => Raw::List(value.split(" / ").map(row).collect()),
        _ => Raw::Text(value.into()),
    };
    let members = text.split(", ").filter_map(|member| member.split_once('='));
    lead(&auto(), members.map(|(name, text)| (name, value(name, text))).collect())
}

fn row(text: &str) -> Raw {
    let words: Vec<&str> = text.split(' ').collect();
    Raw::Object(words.chunks(2).map(|pair| (pair[0].into(), Raw::Text(pair[1].into()))).collect())
}

#[track_caller]
fn check(pinged: &str, posted: &str, expected: &str) {
    assert_eq!(
        between(&said(pinged), &said(posted), now()).join(", "),
        expected,
        "{pinged} and then {posted}"
    );
}

#[test]
fn what_was_said_must_be_said_again() {
    check("state=TX, carrier=Acme", "state=TX, carrier=Acme", "");
    check("state=TX, carrier=Acme", "carrier=Acme, state=TX", "");
    check("state=TX, carrier=Acme", "state=OH, carrier=Acme", "state");
    check("state=TX, carrier=Acme", "state=OH, carrier=Other", "state, carrier");
    check("state=TX, carrier=Acme", "state=TX", "carrier");
}

#[test]
fn what_was_computed_of_the_ping_was_not_said_in_it() {
    let lead_type = auto();
    let at = |name| lead_type.fields.position(name).unwrap();
    let intake = Intake {
        computed: vec![Computed {
            field: at("area"),
            recipe: Recipe::Mapped {
                from: at("state"),
                pairs: Vec::new(),
                otherwise: Some(Value::Text("south".into())),
            },
        }],
        ..Intake::default()
    };
    let mut pinged = said("state=TX");
    intake.compute(&mut pinged, now());
    assert_eq!(pinged.open_text("area"), Some("south"));
    assert_eq!(between(&pinged, &said("state=TX"), now()), Vec::<String>::new());
    assert_eq!(between(&pinged, &said("state=OH"), now()), ["state"]);
}

#[test]
fn what_was_not_said_may_be_added() {
    check(
        "state=TX",
        "state=TX, carrier=Acme, city=Dallas, phone=+12025550143, income=30000",
        "",
    );
    check("state=TX, drivers=dob 1990-01-01", "state=TX, drivers=dob 1990-01-01 sr22 true", "");
}

#[test]
fn what_buyers_saw_is_what_counts() {
    check("income=30000", "income=49999", "");
    check("income=30000", "income=50000", "income");
    check("drivers=dob 1990-01-01", "drivers=dob 1991-05-05", "");
    check(
        "drivers=dob 1990-01-01 / dob 2002-01-01",
        "drivers=dob 1990-01-01 / dob 1950-01-01",
        "drivers[1].age_bracket",
    );
}

#[test]
fn what_buyers_did_not_see_counts_too_where_the_ping_said_it() {
    check("state=TX, city=Dallas", "state=TX, city=Houston", "city");
    check("state=TX, phone=+12025550143", "state=TX, phone=+12025550177", "phone");
    check("state=TX, phone=+12025550143", "state=TX, phone=(202) 555-0143", "");
}

#[test]
fn what_rows_kept_home_counts_too_where_the_ping_said_it() {
    check("drivers=dob 1990-01-01 first_name Ann", "drivers=dob 1990-01-01 first_name Ann", "");
    check("drivers=dob 1990-01-01", "drivers=dob 1990-01-01 first_name Ann", "");
    check(
        "drivers=dob 1990-01-01 / dob 1995-01-01 first_name Ann",
        "drivers=dob 1990-01-01 / dob 1995-01-01 first_name Bea",
        "drivers[1].first_name",
    );
    check(
        "drivers=dob 1990-01-01 first_name Ann",
        "drivers=dob 1960-01-01 first_name Bea",
        "drivers[0].age_bracket, drivers[0].first_name",
    );
}

#[test]
fn a_list_that_is_kept_home_may_grow_in_its_rows_and_not_in_their_number() {
    check("pets=pet cat", "pets=pet cat age 3", "");
    check("pets=pet cat", "pets=pet dog", "pets[0].pet");
    check("state=TX", "state=TX, pets=pet cat", "");
    check("pets=pet cat", "pets=pet cat / pet dog", "pets");
    check("pets=pet cat", "state=TX", "pets");
}

#[test]
fn a_certificate_may_come_between_ping_and_post() {
    let certificate = "certificate=https://cert.example.com/a1";
    check("state=TX", &format!("state=TX, {certificate}"), "");
    check(&format!("state=TX, {certificate}"), &format!("state=TX, {certificate}"), "");
}

#[test]
fn rows_may_not_come_or_go() {
    check("drivers=dob 1990-01-01", "drivers=dob 1990-01-01 / dob 1995-01-01", "drivers");
    check("drivers=dob 1990-01-01 / dob 1995-01-01", "drivers=dob 1990-01-01", "drivers");
}

#[test]
fn contact_data_that_appears_in_an_open_field_is_another_lead() {
    check("carrier=Acme", "carrier=call 202-555-0143", "contact data");
}
