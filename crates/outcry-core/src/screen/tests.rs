//! Who may be pinged for a lead, and the first reason of those who may not.

use super::*;
use crate::cap::{Counts, Window};
use crate::catalog::Contract;
use crate::consent::tests::{AGREED, consent_fields, lead, lead_type, now, texts};
use crate::filter::{self, Filter};
use crate::id::{SourceName, SupplierName};
use crate::lead_type::LeadType;
use crate::price::Rates;
use crate::rank::tests::{campaign, contract};
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What is in use, who rests, and who was asked for.
#[derive(Default)]
struct Known {
    used: HashMap<&'static str, i64>,
    resting: HashMap<&'static str, u32>,
    asked: RefCell<Vec<String>>,
}

impl Standing for Known {
    fn used(&self, cap: &Cap, window: Moment) -> i64 {
        assert_eq!(
            window,
            cap.window.start(now(), &cap.zone),
            "units are asked for in the window of this moment"
        );
        self.used.get(&*cap.key).copied().unwrap_or(0)
    }

    fn resting(&self, contract: &Contract, _now: Moment) -> Option<u32> {
        self.asked.borrow_mut().push(contract.name.to_string());
        self.resting.get(contract.name.as_str()).copied()
    }
}

pub(crate) fn source() -> Source {
    Source {
        name: SourceName::new("site"),
        supplier: SupplierName::new("northwind"),
        campaign: 0,
        key_digests: Vec::new(),
        rates: Rates::default(),
        payout_min: Money::ZERO,
        sales_max: None,
        deadline_ms: None,
        excluded_buyers: Vec::new(),
        postback_url: None,
        postback_key: None,
        test_only: false,
        paused: false,
    }
}

fn cap(key: &str, counts: Counts, limit: i64) -> Cap {
    Cap {
        key: key.into(),
        counts,
        window: Window::Day,
        zone: TimeZone::UTC,
        limit,
    }
}

fn in_ohio(lead_type: &Arc<LeadType>) -> Filter {
    Filter::compile(&filter::parse("state = \"OH\"").unwrap(), lead_type).unwrap()
}

fn agreed() -> Lead {
    lead(&Arc::new(lead_type(consent_fields())), texts(&AGREED))
}

/// `ann, bob; cid: paused`
fn told(contracts: Vec<Contract>, source: &Source, lead: &Lead, stage: Stage, known: &Known) -> String {
    let campaign = campaign(contracts);
    let screening = screen(&campaign, source, &[], lead, stage, known, now());
    let name = |at: &usize| campaign.contracts[*at].name.to_string();
    let open: Vec<String> = screening.open.iter().map(name).collect();
    let closed = screening
        .closed(&campaign, lead, now())
        .map(|(at, reason)| format!("{}: {}", name(&at), reason.code()));
    std::iter::once(open.join(", ")).chain(closed).collect::<Vec<_>>().join("; ")
}

#[test]
fn whoever_has_nothing_against_it_may_be_pinged() {
    let known = Known::default();
    assert_eq!(
        told(vec![contract("ann"), contract("bob")], &source(), &agreed(), Stage::Post, &known),
        "ann, bob"
    );
    assert_eq!(told(Vec::new(), &source(), &agreed(), Stage::Post, &known), "");
}

#[test]
fn each_rule_closes_a_contract_with_its_own_reason() {
    let lead = agreed();
    let contracts = vec![
        Contract {
            paused: true,
            ..contract("ann")
        },
        contract("bob"),
        Contract {
            filter: in_ohio(&lead.lead_type),
            ..contract("cid")
        },
        Contract {
            caps: vec![cap("dan/day", Counts::Sales, 5)],
            ..contract("dan")
        },
        contract("eve"),
        contract("fay"),
    ];
    let source = Source {
        excluded_buyers: vec![contracts[1].buyer.clone()],
        ..source()
    };
    let known = Known {
        used: HashMap::from([("dan/day", 5)]),
        resting: HashMap::from([("eve", 12)]),
        ..Known::default()
    };
    let expected = "fay; ann: paused; bob: excluded_by_source; cid: filter; dan: cap_full; eve: resting";
    assert_eq!(told(contracts, &source, &lead, Stage::Post, &known), expected);
}

#[test]
fn the_first_rule_that_says_no_is_the_reason() {
    let lead_type = Arc::new(lead_type(consent_fields()));
    let mut refused = Contract {
        paused: true,
        filter: in_ohio(&lead_type),
        caps: vec![cap("ann/day", Counts::Posts, 1)],
        ..contract("ann")
    };
    let mut source = Source {
        excluded_buyers: vec![refused.buyer.clone()],
        ..source()
    };
    let known = Known {
        used: HashMap::from([("ann/day", 1)]),
        resting: HashMap::from([("ann", 10)]),
        ..Known::default()
    };
    let mut values = texts(&AGREED[..1]);
    let mut reasons = Vec::new();
    for step in 0..6 {
        match step {
            0 => {}
            1 => refused.paused = false,
            2 => source.excluded_buyers.clear(),
            3 => refused.filter = Filter::everything(),
            4 => values = texts(&AGREED),
            _ => refused.caps.clear(),
        }
        let closed = Contract {
            caps: refused.caps.clone(),
            filter: refused.filter.clone(),
            paused: refused.paused,
            ..contract("ann")
        };
        reasons.push(told(vec![closed], &source, &lead(&lead_type, values.clone()), Stage::Post, &known));
    }
    let order = ["paused", "excluded_by_source", "filter", "consent", "cap_full", "resting"];
    assert_eq!(reasons, order.map(|code| format!("; ann: {code}")));
}

#[test]
fn a_cap_has_room_while_one_more_unit_fits_and_a_budget_while_anything_is_left() {
    let dollars = |amount: i64| Money::from_cents(amount * 100).micros();
    let table = [
        (Counts::Sales, 5, 4, "ann"),
        (Counts::Sales, 5, 5, "; ann: cap_full"),
        (Counts::Posts, 5, 9, "; ann: cap_full"),
        (Counts::Price, dollars(50), dollars(50) - 1, "ann"),
        (Counts::Price, dollars(50), dollars(50), "; ann: cap_full"),
    ];
    for (counts, limit, used, expected) in table {
        let known = Known {
            used: HashMap::from([("ann/day", used)]),
            ..Known::default()
        };
        let capped = Contract {
            caps: vec![cap("ann/hour", Counts::Sales, 1), cap("ann/day", counts, limit)],
            ..contract("ann")
        };
        assert_eq!(
            told(vec![capped], &source(), &agreed(), Stage::Post, &known),
            expected,
            "{used} of {limit} {counts:?}"
        );
    }
}

#[test]
fn an_inbound_ping_is_not_asked_for_its_consent_and_a_full_lead_is() {
    let lead = lead(&Arc::new(lead_type(consent_fields())), texts(&AGREED[..1]));
    let screened = |stage| told(vec![contract("ann")], &source(), &lead, stage, &Known::default());
    assert_eq!(
        (screened(Stage::Ping).as_str(), screened(Stage::Post).as_str()),
        ("ann", "; ann: consent")
    );
}

#[test]
fn whoever_is_refused_for_another_reason_is_not_asked_how_they_are() {
    // Asking uses up the one ping that a resting buyer gets when its rest is over.
    let known = Known {
        resting: HashMap::from([("ann", 10), ("bob", 10)]),
        ..Known::default()
    };
    told(
        vec![
            Contract {
                paused: true,
                ..contract("ann")
            },
            contract("bob"),
        ],
        &source(),
        &agreed(),
        Stage::Post,
        &known,
    );
    assert_eq!(*known.asked.borrow(), ["bob"]);
}
