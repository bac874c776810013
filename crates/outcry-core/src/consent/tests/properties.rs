//! Whatever is set and whatever comes in: a yes of the gate stands on a whole record.
//!
//! The reference asks the lead's raw values one by one, in plain words, and shares no code with the gate.

use super::rules::rule;
use super::*;
use crate::value::Value;
use proptest::prelude::*;

fn any_demand() -> impl Strategy<Value = Demand> {
    (
        prop::option::of(prop::sample::select(vec![
            SellerPolicy::Open,
            SellerPolicy::Named,
            SellerPolicy::Selected,
        ])),
        prop::option::of(0_i64..10_000_000),
        prop::sample::subsequence(vec!["manual", "pre_selected"], 0..=2),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.05),
    )
        .prop_map(|(sellers, age_ms_max, opt_in, paged, certified, forbidden)| Demand {
            sellers,
            age_ms_max,
            opt_in: opt_in.into_iter().map(Into::into).collect(),
            pages: if paged { vec!["example.com".into()] } else { Vec::new() },
            certificates: if certified { vec!["trustedform".into()] } else { Vec::new() },
            forbidden,
        })
}

fn any_channels() -> impl Strategy<Value = Channels> {
    prop::sample::subsequence(Channel::ALL.to_vec(), 0..=3).prop_map(|all| all.into_iter().fold(Channels::NONE, Channels::with))
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let days = prop::sample::select(vec!["2020-01-01", "2026-11-23", "2026-11-24", "2030-01-01"]);
    let states = prop::sample::subsequence(vec!["TX", "WA"], 0..=2);
    (days, any_demand(), states, any_channels()).prop_map(|(from, demand, states, channels)| Rule {
        states: states.into_iter().map(Into::into).collect(),
        channels,
        ..rule("a rule", from, demand)
    })
}

fn any_setting() -> impl Strategy<Value = Setting> {
    let texts = prop::sample::select(vec![None, Some("I agree to be called."), Some("Another {thing}.")]);
    let unknown = prop::sample::select(vec![Unknown::Refuse, Unknown::Flag, Unknown::Review]);
    (
        prop::collection::vec(any_rule(), 0..4),
        any_demand(),
        any_demand(),
        any_channels(),
        texts,
        unknown,
    )
        .prop_map(|(rules, campaign, contract, channels, text, unknown)| Setting {
            rules: Rules::new(rules.into_iter().map(Arc::new).collect()),
            campaign,
            contract,
            channels,
            texts: Texts {
                approved: text
                    .into_iter()
                    .map(|text| Arc::new(ApprovedText::of_text("one".into(), text)))
                    .collect(),
                unknown,
            },
        })
}

/// Values that a source may send, whole ones more often than not.
fn any_changes() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let one = |name: &'static str, values: Vec<&'static str>| {
        prop::option::weighted(0.4, prop::sample::select(values)).prop_map(move |value| value.map(|value| (name, value)))
    };
    (
        one("state", vec!["TX", "WA", ""]),
        one("consent_given", vec!["true", "false", ""]),
        one(
            "consent_text",
            vec!["I agree to be called.", "Acme Insurance LLC may call me, I agree.", ""],
        ),
        one(
            "consent_at",
            vec![
                "2026-11-23T14:59:59Z",
                "2026-11-23T13:00:00Z",
                "2025-01-01T00:00:00Z",
                "2026-11-24T00:00:00Z",
                "",
            ],
        ),
        one(
            "consent_page_url",
            vec!["https://quotes.example.com/a", "https://evil.example.net/", ""],
        ),
        one("opt_in_type", vec!["manual", "pre_selected", ""]),
        one(
            "consent_sellers",
            vec![
                "acme: chosen",
                "acme: shown",
                "Bluejay Mutual: chosen",
                "Acme Insurance LLC: chosen, Bluejay Mutual: shown",
            ],
        ),
        (
            one("consent_call", vec!["true", "false"]),
            one("consent_sms", vec!["true", "false"]),
            one("consent_email", vec!["true", "false"]),
        ),
        one(
            "trustedform_cert_url",
            vec![
                "https://cert.trustedform.com/00000000000000000000000000000000000000a1",
                "https://evil.example.net/x",
            ],
        ),
    )
        .prop_map(|(a, b, c, d, e, f, g, (h, i, j), k)| [a, b, c, d, e, f, g, h, i, j, k].into_iter().flatten().collect())
}

fn text<'a>(lead: &'a Lead, name: &str) -> &'a str {
    lead.open_text(name).unwrap_or("")
}

fn is(lead: &Lead, name: &str, wanted: bool) -> bool {
    lead.open(name) == Some(&Value::Bool(wanted))
}

/// The picked and the shown sellers, as texts.
fn sellers_of(changes: &[(&str, &str)]) -> String {
    changes
        .iter()
        .find(|(name, _)| *name == "consent_sellers")
        .map_or_else(String::new, |(_, text)| text.to_lowercase())
}

/// May a lead of these values be posted? In plain words, and as slowly as it takes.
fn reference(lead: &Lead, setting: &Setting, sellers: &str, always: bool) -> bool {
    let Some(Value::Stamp(given)) = lead.open("consent_at") else {
        return false;
    };
    let whole = is(lead, "consent_given", true) && !text(lead, "consent_text").is_empty() && !text(lead, "consent_page_url").is_empty();
    if !whole || given.at.unix_ms() > now().unix_ms() + 5 * 60_000 {
        return false;
    }
    let state = text(lead, "state");
    let in_force = setting.rules.all().iter().filter(|rule| {
        let there = rule.states.is_empty() || state.is_empty() || rule.states.iter().any(|one| &**one == state);
        let meant = rule.channels.is_empty()
            || setting.channels.is_empty()
            || Channel::ALL.iter().any(|one| rule.channels.has(*one) && setting.channels.has(*one));
        there && meant && rule.from.unix_ms() <= now().unix_ms()
    });
    let mut demands: Vec<&Demand> = in_force.map(|rule| &rule.demand).collect();
    demands.extend([&setting.campaign, &setting.contract]);
    for demand in &demands {
        let host = text(lead, "consent_page_url").contains("example.com/");
        let way = demand.opt_in.is_empty() || demand.opt_in.iter().any(|one| &**one == text(lead, "opt_in_type"));
        let young = demand.age_ms_max.is_none_or(|most| now().unix_ms() - given.at.unix_ms() <= most);
        let paged = demand.pages.is_empty() || host;
        let certified = demand.certificates.is_empty() || text(lead, "trustedform_cert_url").contains("cert.trustedform.com");
        if demand.forbidden || !way || !young || !paged || !certified {
            return false;
        }
    }
    for (channel, field) in Channel::ALL.iter().zip(["consent_call", "consent_sms", "consent_email"]) {
        if setting.channels.has(*channel) && !is(lead, field, true) {
            return false;
        }
    }
    let none_left = ["consent_call", "consent_sms", "consent_email"]
        .iter()
        .all(|field| is(lead, field, false));
    if setting.channels.is_empty() && none_left {
        return false;
    }
    let known = setting.texts.approved.is_empty()
        || (text(lead, "consent_text") == "I agree to be called." && setting.texts.approved[0].of_words("I agree to be called."));
    if setting.texts.unknown == Unknown::Refuse && !known {
        return false;
    }
    let (picked, shown) = (
        sellers.contains("acme: chosen") || sellers.contains("acme insurance llc: chosen"),
        sellers.contains("acme: shown"),
    );
    if shown && !picked {
        return false;
    }
    let wants = |policy| demands.iter().any(|demand| demand.sellers == Some(policy));
    if always || wants(SellerPolicy::Selected) {
        picked
    } else if wants(SellerPolicy::Named) {
        picked || text(lead, "consent_text").contains("Acme Insurance LLC")
    } else {
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_gate_says_yes_exactly_where_the_reference_does(setting in any_setting(), changes in any_changes(), always in any::<bool>()) {
        let specific = |asks: &mut Compliance| if always { asks.seller_specific = SellerSpecific::Always };
        let lead = changed(specific, &changes);
        let said = said(covers, &lead, &setting, now());
        prop_assert_eq!(said.is_ok(), reference(&lead, &setting, &sellers_of(&changes), always), "{:?}", said);
    }

    #[test]
    fn asking_for_more_never_covers_more(setting in any_setting(), changes in any_changes(), more in any_demand()) {
        let lead = changed(|_| {}, &changes);
        let mut stricter = setting.clone();
        let rule = Arc::new(rule("one more", "2020-01-01", more));
        stricter.rules = Rules::new(stricter.rules.all().iter().cloned().chain([rule]).collect());
        if said(covers, &lead, &stricter, now()).is_ok() {
            prop_assert!(said(covers, &lead, &setting, now()).is_ok());
        }
    }
}
