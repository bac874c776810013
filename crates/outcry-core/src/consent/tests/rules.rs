//! What rules, campaigns and contracts ask on top of the lead type.

use super::*;
use SellerPolicy::{Named, Open, Selected};

/// Midnight in UTC of a day: `2026-11-23`.
pub(super) fn day(text: &str) -> Moment {
    crate::moment::Stamp::parse(&format!("{text}T00:00:00Z")).unwrap().at
}

pub(super) fn rule(id: &str, from: &str, demand: Demand) -> Rule {
    Rule {
        id: id.into(),
        source: "a test".into(),
        from: day(from),
        until: None,
        states: Vec::new(),
        channels: Channels::NONE,
        demand,
    }
}

fn under(rules: Vec<Rule>) -> Setting {
    Setting {
        rules: Rules::new(rules.into_iter().map(Arc::new).collect()),
        ..Setting::default()
    }
}

pub(super) fn selling_to(policy: SellerPolicy) -> Demand {
    Demand {
        sellers: Some(policy),
        ..Demand::default()
    }
}

pub(super) fn no_older_than(hours: i64) -> Demand {
    Demand {
        age_ms_max: Some(hours * 3_600_000),
        ..Demand::default()
    }
}

#[test]
fn a_rule_holds_from_its_day_on_and_until_its_last() {
    let picked = "the consent does not cover this buyer: us/picked asks for a seller that is selected";
    let ruled = |from: &str, until: Option<&str>, expected| {
        let mut rule = rule("us/picked", from, selling_to(SellerPolicy::Selected));
        rule.until = until.map(day);
        check_in(&under(vec![rule]), |_| {}, &[], expected);
    };
    ruled("2026-11-23", None, picked);
    ruled("2026-11-24", None, "covered");
    ruled("2020-01-01", Some("2026-11-24"), picked);
    ruled("2020-01-01", Some("2026-11-23"), "covered");
}

#[test]
fn a_rule_for_some_states_holds_there_and_for_whoever_may_live_there() {
    let mut rule = rule("us/health", "2024-01-01", selling_to(SellerPolicy::Selected));
    rule.states = vec!["WA".into(), "NV".into()];
    let in_state = |state, expected| check_in(&under(vec![rule.clone()]), |_| {}, &[("state", state)], expected);
    let picked = "the consent does not cover this buyer: us/health asks for a seller that is selected";
    in_state("WA", picked);
    in_state("TX", "covered");
    in_state("", picked);
}

#[test]
fn a_rule_for_a_channel_concerns_who_uses_it_and_who_does_not_say() {
    let mut rule = rule("us/texts", "2024-01-01", no_older_than(0));
    rule.channels = Channels::NONE.with(Channel::Sms);
    let by = |channels: Channels, expected| {
        let setting = Setting {
            channels,
            ..under(vec![rule.clone()])
        };
        check_in(&setting, |_| {}, &[("consent_call", "true"), ("consent_sms", "true")], expected);
    };
    let old = "the consent is 2 min 30 s old, and us/texts allows 0 s";
    by(Channels::NONE.with(Channel::Sms), old);
    by(Channels::NONE.with(Channel::Call).with(Channel::Sms), old);
    by(Channels::NONE, old);
    by(Channels::NONE.with(Channel::Call), "covered");
}

#[test]
fn of_all_who_ask_the_strictest_counts() {
    let setting = |campaign, contract| Setting {
        campaign: selling_to(campaign),
        contract: selling_to(contract),
        ..under(vec![rule("us/base", "2020-01-01", selling_to(SellerPolicy::Open))])
    };
    let named = |rule| format!("the consent does not cover this buyer: {rule} asks for a seller that is named");
    let selected = |rule| format!("the consent does not cover this buyer: {rule} asks for a seller that is selected");
    check_in(&setting(Open, Open), |_| {}, &[], "covered");
    check_in(&setting(Named, Open), |_| {}, &[], &named("the campaign"));
    check_in(&setting(Named, Selected), |_| {}, &[], &selected("the contract"));
    check_in(&setting(Selected, Open), |_| {}, &[], &selected("the campaign"));
    let medicare = |asks: &mut Compliance| asks.seller_specific = SellerSpecific::Always;
    check_in(&setting(Open, Open), medicare, &[], &selected("the lead type"));
}

#[test]
fn a_named_seller_stands_in_the_list_or_in_the_text() {
    let setting = Setting {
        campaign: selling_to(SellerPolicy::Named),
        ..Setting::default()
    };
    let named = |changes: &[(&str, &str)], expected| check_in(&setting, |_| {}, changes, expected);
    let missing = "the consent does not cover this buyer: the campaign asks for a seller that is named";
    named(&[("consent_sellers", "Acme Insurance LLC: chosen")], "covered");
    named(
        &[("consent_text", "I agree that Acme  INSURANCE LLC and others may call.")],
        "covered",
    );
    named(&[("consent_text", "I agree that Acme Insurance LLCs may call.")], missing);
    named(&[("consent_text", "I agree that acme and others may call.")], missing);
    named(&[("consent_sellers", "Bluejay Mutual: chosen")], missing);
}

#[test]
fn the_shortest_age_counts_to_the_millisecond() {
    let setting = |campaign, contract| Setting {
        campaign: no_older_than(campaign),
        contract: no_older_than(contract),
        ..Setting::default()
    };
    let at = |setting: &Setting, at, expected| check_in(setting, |_| {}, &[("consent_at", at)], expected);
    at(&setting(24, 720), "2026-11-22T15:00:00Z", "covered");
    at(
        &setting(24, 720),
        "2026-11-22T14:59:59Z",
        "the consent is 1 d old, and the campaign allows 1 d",
    );
    at(
        &setting(720, 1),
        "2026-11-23T13:30:00Z",
        "the consent is 1 h 30 min old, and the contract allows 1 h",
    );
}

#[test]
fn each_way_to_reach_the_person_has_to_be_granted() {
    let by = |channels: Channels, changes: &[(&str, &str)], expected| {
        let setting = Setting {
            channels,
            ..Setting::default()
        };
        check_in(&setting, |_| {}, changes, expected);
    };
    let (call, sms) = (Channels::NONE.with(Channel::Call), Channels::NONE.with(Channel::Sms));
    by(call, &[("consent_call", "true")], "covered");
    by(call, &[], "the person did not agree to be reached by call");
    by(
        call.with(Channel::Sms),
        &[("consent_call", "true"), ("consent_sms", "false")],
        "the person did not agree to be reached by sms",
    );
    by(sms, &[("consent_call", "true")], "the person did not agree to be reached by sms");
    by(Channels::NONE, &[("consent_call", "false")], "covered");
    let nothing = [("consent_call", "false"), ("consent_sms", "false"), ("consent_email", "false")];
    by(Channels::NONE, &nothing, "the person did not agree to be reached by call");
}

#[test]
fn pages_and_certificates_may_be_asked_for() {
    let setting = Setting {
        campaign: Demand {
            pages: vec!["example.com".into()],
            certificates: vec!["trustedform".into(), "leadid".into()],
            ..Demand::default()
        },
        ..Setting::default()
    };
    let with = |page, cert, expected| {
        check_in(
            &setting,
            |_| {},
            &[("consent_page_url", page), ("trustedform_cert_url", cert)],
            expected,
        );
    };
    let cert = "https://cert.trustedform.com/00000000000000000000000000000000000000a1";
    let none = "a certificate of trustedform or leadid is asked for, and the lead has none";
    with("https://quotes.example.com/start", cert, "covered");
    with("https://Example.com/start", cert, "covered");
    with(
        "https://notexample.com/",
        cert,
        "the consent was given on notexample.com, which is not an approved page",
    );
    with(
        "https://example.com.evil.net/",
        cert,
        "the consent was given on example.com.evil.net, which is not an approved page",
    );
    with("https://example.com/", "", none);
    with(
        "https://example.com/",
        "https://cert.trustedform.com.evil.net/00000000000000000000000000000000000000a1",
        none,
    );
    let token = [
        ("jornaya_leadid", "0F2B4C6D-1111-2222-3333-444455556666"),
        ("consent_page_url", "https://example.com/"),
    ];
    check_in(&setting, |_| {}, &token, "covered");
}

#[test]
fn what_a_rule_forbids_nothing_allows() {
    let forbidden = Demand {
        forbidden: true,
        ..Demand::default()
    };
    let setting = under(vec![rule("ops/no_ny", "2026-01-01", forbidden)]);
    check_in(
        &setting,
        |_| {},
        &[("consent_sellers", "acme: chosen")],
        "the rule ops/no_ny forbids to sell such a lead",
    );
}
