//! Broken gates. Each forgets one thing that the gate asks for, as a careless change could, and each has to be caught by
//! one case of a table that the true gate passes. A case that no broken gate fails would prove nothing, and neither would
//! a promise without a broken gate.

use super::rules::{no_older_than, rule, selling_to};
use super::*;

/// A name for people, the lead, what is asked of it, and whether it is covered.
type Case = (&'static str, Lead, Setting, bool);

const CERT: &str = "https://cert.trustedform.com/00000000000000000000000000000000000000a1";

fn medicare(asks: &mut Compliance) {
    asks.seller_specific = SellerSpecific::Always;
}

fn health(asks: &mut Compliance) {
    asks.seller_specific = SellerSpecific::InStates(vec!["WA".into()]);
}

fn by_hand(asks: &mut Compliance) {
    asks.opt_in_types_allowed = vec!["manual".into()];
}

fn campaign(demand: Demand) -> Setting {
    Setting {
        campaign: demand,
        ..Setting::default()
    }
}

fn ruled(rule: Rule) -> Setting {
    Setting {
        rules: Rules::new(vec![Arc::new(rule)]),
        ..Setting::default()
    }
}

#[expect(clippy::too_many_lines, reason = "one table; a case is a line")]
fn cases() -> Vec<Case> {
    let plain = Setting::default;
    let no = |changes: &[(&str, &str)]| changed(|_| {}, changes);
    let registry = Setting {
        texts: Texts {
            approved: vec![Arc::new(ApprovedText::of_text("one".into(), "Another text."))],
            unknown: Unknown::Refuse,
        },
        ..plain()
    };
    let texting = Setting {
        channels: Channels::NONE.with(Channel::Sms),
        ..plain()
    };
    let certified = campaign(Demand {
        certificates: vec!["trustedform".into()],
        ..Demand::default()
    });
    let paged = campaign(Demand {
        pages: vec!["example.com".into()],
        ..Demand::default()
    });
    let forbidden = ruled(rule(
        "ops/never",
        "2020-01-01",
        Demand {
            forbidden: true,
            ..Demand::default()
        },
    ));
    let manual = campaign(Demand {
        opt_in: vec!["manual".into()],
        ..Demand::default()
    });
    let contract = Setting {
        contract: no_older_than(0),
        ..plain()
    };
    let mut over = rule("us/over", "2020-01-01", selling_to(SellerPolicy::Selected));
    over.until = Some(rules::day("2026-11-01"));
    let mut texas = rule("us/texas", "2020-01-01", selling_to(SellerPolicy::Selected));
    texas.states = vec!["TX".into()];
    vec![
        ("a whole record", no(&[]), plain(), true),
        ("no agreement", no(&[("consent_given", "false")]), plain(), false),
        ("no word of agreement", no(&[("consent_given", "")]), plain(), false),
        ("no text", no(&[("consent_text", "")]), plain(), false),
        ("no moment", no(&[("consent_at", "")]), plain(), false),
        ("no page", no(&[("consent_page_url", "")]), plain(), false),
        ("tomorrow", no(&[("consent_at", "2026-11-24T15:00:00Z")]), plain(), false),
        (
            "ticked beforehand",
            changed(by_hand, &[("opt_in_type", "pre_selected")]),
            plain(),
            false,
        ),
        ("ticked by a campaign's rule", no(&[("opt_in_type", "pre_selected")]), manual, false),
        ("too old for the campaign", no(&[]), campaign(no_older_than(0)), false),
        ("too old for the contract", no(&[]), contract, false),
        (
            "too old for a rule",
            no(&[]),
            ruled(rule("us/age", "2020-01-01", no_older_than(0))),
            false,
        ),
        ("forbidden", no(&[]), forbidden, false),
        ("a rule of the person's state", no(&[]), ruled(texas), false),
        ("a rule that is over", no(&[]), ruled(over), true),
        (
            "a rule to come",
            no(&[]),
            ruled(rule("us/next", "2027-01-31", no_older_than(0))),
            true,
        ),
        ("texts not granted", no(&[("consent_call", "true")]), texting, false),
        (
            "another page",
            no(&[("consent_page_url", "https://evil.example.net/")]),
            paged,
            false,
        ),
        ("no certificate", no(&[]), certified.clone(), false),
        (
            "a look-alike certificate",
            no(&[(
                "trustedform_cert_url",
                "https://cert.trustedform.com.evil.net/00000000000000000000000000000000000000a1",
            )]),
            certified.clone(),
            false,
        ),
        ("a certificate", no(&[("trustedform_cert_url", CERT)]), certified, true),
        ("another text", no(&[]), registry, false),
        ("shown and left out", no(&[("consent_sellers", "acme: shown")]), plain(), false),
        ("not named", no(&[]), campaign(selling_to(SellerPolicy::Named)), false),
        (
            "only others picked",
            changed(medicare, &[("consent_sellers", "Bluejay Mutual: chosen")]),
            plain(),
            false,
        ),
        (
            "named where picking is asked for",
            changed(medicare, &[("consent_text", "Acme Insurance LLC may call.")]),
            plain(),
            false,
        ),
        ("picked", changed(medicare, &[("consent_sellers", "acme: chosen")]), plain(), true),
        ("in Washington", changed(health, &[("state", "WA")]), plain(), false),
        ("nobody knows where", changed(health, &[("state", "")]), plain(), false),
        ("in Texas", changed(health, &[]), plain(), true),
    ]
}

/// A gate that sees a record which is not the one that came in.
fn with_record(record: &ConsentRecord<'_>, question: &Question<'_>, forge: fn(&mut ConsentRecord<'_>)) -> Result<Covered, Uncovered> {
    let mut forged = ConsentRecord {
        sellers: record.sellers.clone(),
        certificates: record.certificates.clone(),
        normal: std::cell::OnceCell::new(),
        ..*record
    };
    forge(&mut forged);
    covers(&forged, question)
}

fn stamp(text: &str) -> crate::moment::Stamp {
    crate::moment::Stamp::parse(text).unwrap()
}

/// What each forgets.
const BROKEN: [(&str, Ask); 20] = [
    ("takes silence for agreement", |record, question| {
        with_record(record, question, |record| {
            record.given = Some(record.given.unwrap_or(true));
        })
    }),
    ("does not look whether the person agreed", |record, question| {
        with_record(record, question, |record| {
            record.given = Some(true);
        })
    }),
    ("needs no text", |record, question| {
        with_record(record, question, |record| {
            record.text = record.text.or(Some("I agree to be called."));
        })
    }),
    ("needs no moment", |record, question| {
        with_record(record, question, |record| {
            record.given_at = record.given_at.or(Some(stamp("2026-11-23T14:57:30Z")));
        })
    }),
    ("needs no page", |record, question| {
        with_record(record, question, |record| {
            record.page = record.page.or(Some("https://quotes.example.com/"));
        })
    }),
    ("believes every clock", |record, question| {
        let later = record.given_at.is_some_and(|given| question.now < given.at);
        if later {
            with_record(record, question, |record| record.given_at = Some(stamp("2026-11-23T14:57:30Z")))
        } else {
            covers(record, question)
        }
    }),
    ("takes any way of opting in", |record, question| {
        with_record(record, question, |record| {
            record.opt_in = Some("manual");
        })
    }),
    ("knows no rules", |record, question| {
        let none = Holding::default();
        covers(record, &Question { rules: &none, ..*question })
    }),
    ("does not ask the campaign", |record, question| {
        let nothing = Demand::default();
        covers(
            record,
            &Question {
                own: [&nothing, question.own[1]],
                ..*question
            },
        )
    }),
    ("does not ask the contract", |record, question| {
        let nothing = Demand::default();
        covers(
            record,
            &Question {
                own: [question.own[0], &nothing],
                ..*question
            },
        )
    }),
    ("lets consent grow old", |record, question| {
        let now = record.given_at.map_or(question.now, |given| given.at.min(question.now));
        covers(record, &Question { now, ..*question })
    }),
    ("asks for no channel", |record, question| {
        covers(
            record,
            &Question {
                channels: Channels::NONE,
                ..*question
            },
        )
    }),
    ("has no registry of texts", |record, question| {
        let texts = Texts::default();
        covers(
            record,
            &Question {
                text: texts.found(record),
                ..*question
            },
        )
    }),
    ("takes every page", |record, question| {
        with_record(record, question, |record| {
            record.page = record.page.map(|_| "https://example.com/");
        })
    }),
    ("takes every address for a certificate", |record, question| {
        with_record(record, question, |record| {
            record.certificates.push(certificate::Certificate::TrustedForm("a1"));
        })
    }),
    ("takes shown for picked", |record, question| {
        with_record(record, question, |record| {
            record.sellers.iter_mut().for_each(|seller| seller.selected = Some(true));
        })
    }),
    ("takes one seller for another", |record, question| {
        with_record(record, question, |record| {
            record.sellers.iter_mut().for_each(|seller| seller.buyer_ref = Some("acme"));
        })
    }),
    ("takes named for picked", |record, question| {
        let named = record.names(question.buyer);
        match covers(record, question) {
            Err(Uncovered::Seller { .. }) if named => Ok(Covered::from_journal(question.contract.clone(), question.now, question.now)),
            said => said,
        }
    }),
    ("takes every state for an easy one", |record, question| {
        covers(
            record,
            &Question {
                state: Some("TX"),
                ..*question
            },
        )
    }),
    ("takes an unknown state for an easy one", |record, question| {
        covers(
            record,
            &Question {
                state: question.state.or(Some("TX")),
                ..*question
            },
        )
    }),
];

/// Cases that an answer of this gate is wrong about.
fn wrong(ask: Ask) -> Vec<&'static str> {
    let cases = cases();
    let wrong = cases
        .iter()
        .filter(|(_, lead, setting, covered)| said(ask, lead, setting, now()).is_ok() != *covered);
    wrong.map(|(name, ..)| *name).collect()
}

#[test]
fn the_gate_is_right_in_every_case() {
    assert_eq!(wrong(covers), [""; 0]);
}

#[test]
fn every_broken_gate_is_caught() {
    let missed: Vec<&str> = BROKEN
        .iter()
        .filter(|(_, ask)| wrong(*ask).is_empty())
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(missed, [""; 0], "no case tells these from the gate");
}

#[test]
fn every_refusal_of_the_table_is_told_from_some_broken_gate() {
    let idle: Vec<&str> = cases()
        .iter()
        .filter(|(_, _, _, covered)| !covered)
        .map(|(name, ..)| *name)
        .filter(|name| BROKEN.iter().all(|(_, ask)| !wrong(*ask).contains(name)))
        .collect();
    assert_eq!(idle, [""; 0], "no broken gate is wrong about these");
}
