//! What is made of a lead at the intake, and what becomes of it.

use super::*;
use crate::consent::tests::{field, lead, lead_type, now, texts};
use crate::field::{Group, Kind, Transform};
use crate::filter;

/// A lead type with a state, a ZIP code and two fields that are made here.
fn made() -> Arc<crate::lead_type::LeadType> {
    let derived = |name: &str, kind: Kind| crate::field::Field {
        group: Group::Derived,
        ..field(name, kind)
    };
    Arc::new(lead_type(vec![
        field("state", Kind::State),
        field("zip", Kind::Zip),
        derived("one", Kind::String),
        derived("two", Kind::Int),
    ]))
}

fn filtered(text: &str, lead_type: &Arc<crate::lead_type::LeadType>) -> Filter {
    Filter::compile(&filter::parse(text).unwrap(), lead_type).unwrap()
}

/// What a recipe makes of a lead for the field `one`.
fn check(recipe: impl FnOnce(&Arc<crate::lead_type::LeadType>) -> Recipe, values: &[(&str, &str)], expected: Option<&str>) {
    let lead_type = made();
    let intake = Intake {
        computed: vec![Computed {
            field: 2,
            recipe: recipe(&lead_type),
        }],
        ..Intake::default()
    };
    let mut lead = lead(&lead_type, texts(values));
    intake.compute(&mut lead, now());
    assert_eq!(lead.open_text("one"), expected, "{values:?}");
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn values_are_made_by_transform_by_map_and_by_case() {
    let zip3 = |_: &_| Recipe::Transformed {
        from: 1,
        transform: Transform::Zip3,
    };
    check(zip3, &[("zip", "78701")], Some("787"));
    check(zip3, &[], None);
    let map = |otherwise: Option<&str>| {
        let otherwise = otherwise.map(text);
        move |_: &_| Recipe::Mapped {
            from: 0,
            pairs: vec![(text("TX"), text("south")), (text("CA"), text("west"))],
            otherwise,
        }
    };
    check(map(None), &[("state", "TX")], Some("south"));
    check(map(None), &[("state", "NY")], None);
    check(map(Some("rest")), &[("state", "NY")], Some("rest"));
    check(map(Some("rest")), &[], Some("rest"));
    let cases = |lead_type: &Arc<_>| Recipe::Cases {
        cases: [("state = \"TX\"", "first"), ("present(state)", "second")]
            .map(|(when, value)| Case {
                when: filtered(when, lead_type),
                value: text(value),
            })
            .into(),
        otherwise: None,
    };
    check(cases, &[("state", "TX")], Some("first"));
    check(cases, &[("state", "NY")], Some("second"));
    check(cases, &[], None);
}

#[test]
fn what_is_made_here_is_not_sealed_and_not_taken_from_a_source() {
    let lead_type = made();
    let mut lead = lead(&lead_type, texts(&[("state", "TX")]));
    lead.row.set(2, Some(Slot::Open(text("made here"))));
    let crate::raw::Raw::Object(members) = lead.to_raw() else {
        panic!("an object")
    };
    assert_eq!(members.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["state"]);
    let sent = crate::raw::Raw::Object(vec![("one".into(), crate::raw::Raw::Text("sent".into()))]);
    let errors = crate::validate::validate(&lead_type, &sent, crate::validate::Stage::Post, now()).unwrap_err();
    assert_eq!(errors[0].code, "unknown_field");
}

fn asked(name: &str, on_fail: Policy, on_unknown: Policy) -> Check {
    Check {
        name: name.into(),
        binding: 0,
        sends: Vec::new(),
        timeout_ms: 800,
        calls_max: 1,
        at_ping: false,
        when: Filter::everything(),
        on_fail,
        on_unknown,
        results: vec![("score".into(), 3)],
    }
}

/// `refused check_failed`, `review …`, and flags, of two checks that ended so.
fn judged(policies: [Policy; 2], findings: &[Finding; 2], reviewed: bool) -> String {
    let [first, second] = policies;
    let intake = Intake {
        checks: vec![asked("a", first, first), asked("b", second, second)],
        ..Intake::default()
    };
    let lead = lead(&made(), texts(&[]));
    let verdict = intake.judge(&lead, findings, reviewed, now());
    let refused = verdict.refused.map(|reason| format!("refused {}", reason.code()));
    let review = verdict.review.map(|why| format!("review: {why}"));
    let parts = refused
        .into_iter()
        .chain(review)
        .chain(verdict.flags.iter().map(ToString::to_string));
    parts.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_refusal_stands_above_a_look_and_a_look_that_was_taken_is_not_asked_for_again() {
    use Finding::{NotAsked, Pass};
    let fail = || Finding::Fail { said: "old".into() };
    let unknown = || Finding::Unknown { why: "late".into() };
    let look = "review: the check a says no: old";
    assert_eq!(judged([Policy::Block; 2], &[Pass, NotAsked], false), "");
    assert_eq!(judged([Policy::Block; 2], &[fail(), Pass], false), "refused check_failed");
    assert_eq!(judged([Policy::Block; 2], &[unknown(), fail()], false), "refused check_unavailable");
    assert_eq!(judged([Policy::Review, Policy::Block], &[fail(), Pass], false), look);
    assert_eq!(
        judged([Policy::Review, Policy::Block], &[fail(), fail()], false),
        format!("refused check_failed; {look}")
    );
    assert_eq!(
        judged([Policy::Review, Policy::Flag], &[fail(), unknown()], true),
        "flagged: the check b could not be made: late; released from review: the check a says no: old"
    );
    assert_eq!(
        judged([Policy::Block; 2], &[fail(), Pass], true),
        "refused check_failed",
        "a look lets no refusal go"
    );
}

#[test]
fn what_a_check_says_has_to_fit_its_field() {
    let lead_type = made();
    let said = |value: &str| {
        let mut lead = lead(&lead_type, texts(&[]));
        let check = asked("a", Policy::Block, Policy::Block);
        take_results(&mut lead, &check, [("score", value), ("other", "1")].into_iter(), now());
        lead.open("two").cloned()
    };
    assert_eq!(said("97"), Some(Value::Int(97)));
    assert_eq!(said("high"), None);
    assert_eq!(said(""), None);
}
