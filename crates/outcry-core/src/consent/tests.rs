//! Which records cover whom, and why the others do not.

mod broken;
mod properties;
mod rules;
mod texts;

use super::*;
use crate::field::{Bounds, Field, Group, Kind, PingRule, Privacy, Required};
use crate::id::LeadTypeName;
use crate::lead::Lead;
use crate::lead_type::{Compliance, FieldSet, LeadType};
use crate::raw::Raw;
use crate::validate::{Stage, validate};
use std::sync::Arc;

/// Monday, 23 November 2026, 15:00 UTC.
pub(crate) fn now() -> Moment {
    Moment::from_unix_ms(1_795_446_000_000)
}

/// A field that may be sent or not, and may leave in a ping.
pub(crate) fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.into(),
        label: name.into(),
        kind,
        group: Group::Consent,
        required: Required { ping: false, post: false },
        applies_if: None,
        privacy: Privacy::None,
        ping: PingRule::Allow { except_states: Vec::new() },
        bounds: Bounds::default(),
        example: None,
    }
}

/// A lead type of these fields, whose consent need not name anybody.
pub(crate) fn lead_type(fields: Vec<Field>) -> LeadType {
    LeadType {
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
    }
}

/// The fields of a consent record, and the state.
pub(crate) fn consent_fields() -> Vec<Field> {
    let sellers = FieldSet::new(vec![
        field("name", Kind::String),
        field("buyer_ref", Kind::String),
        field("selected", Kind::Bool),
    ]);
    vec![
        field("state", Kind::State),
        field("consent_given", Kind::Bool),
        field("consent_text", Kind::String),
        field("consent_at", Kind::DateTime),
        field("consent_page_url", Kind::Url),
        field("opt_in_type", Kind::String),
        field("consent_call", Kind::Bool),
        field("consent_sms", Kind::Bool),
        field("consent_email", Kind::Bool),
        field("trustedform_cert_url", Kind::Url),
        field("jornaya_leadid", Kind::String),
        field("consent_sellers", Kind::List(Arc::new(sellers))),
    ]
}

/// What a person who agreed leaves behind.
pub(crate) const AGREED: [(&str, &str); 5] = [
    ("state", "TX"),
    ("consent_given", "true"),
    ("consent_text", "I agree to be called."),
    ("consent_at", "2026-11-23T14:57:30Z"),
    ("consent_page_url", "https://quotes.example.com/start"),
];

/// A lead of these values.
pub(crate) fn lead(lead_type: &Arc<LeadType>, values: Vec<(&str, Raw)>) -> Lead {
    let raw = Raw::Object(values.into_iter().map(|(name, value)| (name.into(), value)).collect());
    validate(lead_type, &raw, Stage::Ping, now()).unwrap()
}

/// Texts as they come in.
pub(crate) fn texts<'a>(values: &[(&'a str, &str)]) -> Vec<(&'a str, Raw)> {
    values.iter().map(|(name, value)| (*name, Raw::Text((*value).into()))).collect()
}

/// `Acme LLC: chosen, acme: shown` as the sellers of a form; a name in small letters is a reference.
fn sellers(text: &str) -> Raw {
    let seller = |one: &str| {
        let (name, chosen) = one.split_once(": ").unwrap();
        let key = if name.starts_with(char::is_lowercase) {
            "buyer_ref"
        } else {
            "name"
        };
        Raw::Object(vec![
            (key.into(), Raw::Text(name.into())),
            ("selected".into(), Raw::Bool(chosen == "chosen")),
        ])
    };
    Raw::List(text.split(", ").map(seller).collect())
}

/// What is asked of a record beside its lead type: by rules, the campaign, the contract.
#[derive(Clone, Debug, Default)]
pub(super) struct Setting {
    pub(super) rules: Rules,
    pub(super) campaign: Demand,
    pub(super) contract: Demand,
    pub(super) channels: Channels,
    pub(super) texts: Texts,
}

/// The gate, or a broken one.
pub(super) type Ask = fn(&ConsentRecord<'_>, &Question<'_>) -> Result<Covered, Uncovered>;

/// What the gate says of the buyer `acme`, called Acme Insurance LLC, at a moment.
pub(super) fn said(ask: Ask, lead: &Lead, setting: &Setting, now: Moment) -> Result<Covered, Uncovered> {
    let record = ConsentRecord::of(lead);
    let question = Question {
        contract: &ContractName::new("acme_auto"),
        buyer: ["acme", "Acme Insurance LLC"],
        channels: setting.channels,
        lead_type: &lead.lead_type,
        state: lead.state(),
        rules: &setting.rules.holding(lead.state(), now),
        own: [&setting.campaign, &setting.contract],
        text: setting.texts.found(&record),
        now,
    };
    ask(&record, &question)
}

/// The lead of somebody who agreed, with these changes. An empty value is none.
pub(super) fn changed(compliance: impl FnOnce(&mut Compliance), changes: &[(&str, &str)]) -> Lead {
    let mut lead_type = lead_type(consent_fields());
    compliance(&mut lead_type.compliance);
    let kept = AGREED.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let values = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    let values = values.map(|(name, value)| {
        (
            *name,
            if *name == "consent_sellers" {
                sellers(value)
            } else {
                Raw::Text((*value).into())
            },
        )
    });
    lead(&Arc::new(lead_type), values.collect())
}

/// Is the buyer covered by that record, where nothing but the lead type asks for anything?
fn check(compliance: impl FnOnce(&mut Compliance), changes: &[(&str, &str)], expected: &str) {
    check_in(&Setting::default(), compliance, changes, expected);
}

/// The same where others ask for something.
pub(super) fn check_in(setting: &Setting, compliance: impl FnOnce(&mut Compliance), changes: &[(&str, &str)], expected: &str) {
    let lead = changed(compliance, changes);
    let said = said(covers, &lead, setting, now()).map_or_else(|why| why.to_string(), |_| "covered".to_owned());
    assert_eq!(said, expected, "{changes:?}");
}

#[test]
fn a_whole_record_covers_and_a_part_of_one_does_not() {
    let base = |changes: &[(&str, &str)], expected| check(|_| {}, changes, expected);
    base(&[], "covered");
    base(&[("consent_given", "false")], "the person did not consent");
    base(&[("consent_given", "")], "the person did not consent");
    base(&[("consent_text", "")], "the consent record lacks its text");
    base(&[("consent_at", "")], "the consent record lacks its moment");
    base(&[("consent_page_url", "")], "the consent record lacks its page");
    base(&[("consent_given", "false"), ("consent_text", "")], "the person did not consent");
}

#[test]
fn consent_lies_in_the_past_give_or_take_a_wrong_clock() {
    let at = |at, expected| check(|_| {}, &[("consent_at", at)], expected);
    at("2026-11-23T15:05:00Z", "covered");
    at("2026-11-23T09:05:00-06:00", "covered");
    at("2026-11-23T15:05:01Z", "the consent is dated in the future");
}

#[test]
fn a_lead_type_may_ask_for_a_way_of_opting_in() {
    let by_hand = |way, expected| {
        check(
            |asks| asks.opt_in_types_allowed = vec!["manual".into()],
            &[("opt_in_type", way)],
            expected,
        );
    };
    by_hand("manual", "covered");
    by_hand(
        "prechecked",
        "the person opted in by prechecked, and the lead type asks for another way",
    );
    by_hand("", "the person opted in by nothing, and the lead type asks for another way");
    check(|_| {}, &[("opt_in_type", "prechecked")], "covered");
}

#[test]
fn where_the_buyer_must_be_chosen_being_shown_is_not_enough() {
    let always = |named, expected| {
        check(
            |asks| asks.seller_specific = SellerSpecific::Always,
            &[("consent_sellers", named)],
            expected,
        );
    };
    let missing = "the consent does not cover this buyer: the lead type asks for a seller that is selected";
    let declined = "the consent does not cover this buyer: the person was shown it and left it out";
    always("Acme Insurance LLC: chosen", "covered");
    always("ACME INSURANCE llc: chosen", "covered");
    always("acme: chosen", "covered");
    always("Bluejay Mutual: chosen, acme: chosen", "covered");
    always("Acme Insurance LLC: shown", declined);
    always("Bluejay Mutual: chosen, acme: shown", declined);
    always("Acme Insurance: chosen", missing);
    always("", missing);
    check(|_| {}, &[("consent_sellers", "Bluejay Mutual: chosen")], "covered");
    check(|_| {}, &[("consent_sellers", "Bluejay Mutual: chosen, acme: shown")], declined);
}

#[test]
fn some_states_ask_for_it_and_others_do_not() {
    let in_nevada = |state, expected| {
        check(
            |asks| asks.seller_specific = SellerSpecific::InStates(vec!["NV".into(), "WA".into()]),
            &[("state", state)],
            expected,
        );
    };
    let missing = "the consent does not cover this buyer: the lead type asks for a seller that is selected";
    in_nevada("TX", "covered");
    in_nevada("WA", missing);
    in_nevada("", missing);
}

#[test]
fn a_proof_is_for_one_contract_and_a_short_while() {
    let proof = said(covers, &changed(|_| {}, &[]), &Setting::default(), now()).unwrap();
    let own = ContractName::new("acme_auto");
    assert!(proof.proves(&own, now()) && proof.proves(&own, now().plus_ms(PROOF_MS)));
    assert!(!proof.proves(&ContractName::new("other"), now()), "another contract");
    assert!(!proof.proves(&own, now().plus_ms(PROOF_MS + 1)), "too long ago");
    assert!(!proof.proves(&own, now().plus_ms(-1)), "from the future");
}
