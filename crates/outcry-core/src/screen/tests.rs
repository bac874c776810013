//! Who may be pinged for a lead, and the first reason of those who may not.

use super::*;
use crate::cap::{Clock, Counts, Span, WhenFull, Window};
use crate::catalog::Contract;
use crate::consent::tests::{AGREED, consent_fields, lead, lead_type, now, texts};
use crate::filter::{self, Filter};
use crate::id::{SourceName, SupplierName};
use crate::lead_type::LeadType;
use crate::money::Money;
use crate::pacing::Pacing;
use crate::price::{Rates, Route};
use crate::rank::tests::{campaign, contract};
use crate::schedule::{Calendar, Schedule, Week, Zone};
use crate::throttle::{Paces, Rate};
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What is in use, who rests, and who was asked for.
#[derive(Default)]
struct Known {
    used: HashMap<&'static str, i64>,
    empty: HashMap<&'static str, i64>,
    resting: HashMap<&'static str, u32>,
    asked: RefCell<Vec<String>>,
}

impl Standing for Known {
    fn used(&self, cap: &Cap, span: &Span) -> i64 {
        assert_eq!(*span, cap.clock.span(now()), "units are asked for in the window of this moment");
        self.used.get(&*cap.key).copied().unwrap_or(0)
    }

    fn wait_ms(&self, throttle: &Throttle, _now: Moment) -> Option<i64> {
        self.empty.get(&*throttle.key).copied()
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
        issued_keys: Vec::new(),
        rates: Rates::default(),
        payout_min: Money::ZERO,
        sales_max: None,
        pacing: Pacing::default(),
        deadline_ms: None,
        excluded_buyers: Vec::new(),
        duplicates: Vec::new(),
        hide_duplicates: false,
        postback_url: None,
        postback_key: None,
        test_only: false,
        paused: false,
    }
}

fn cap(key: &str, counts: Counts, limit: i64) -> Cap {
    Cap {
        key: key.into(),
        index: 0,
        counts,
        clock: Clock::calendar(Window::Day, TimeZone::UTC),
        limit,
        over: 0,
        when: Vec::new(),
        full: WhenFull::Next,
    }
}

fn capped(caps: Vec<Cap>) -> Pacing {
    Pacing { caps, ..Pacing::default() }
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
            pacing: capped(vec![cap("dan/day", Counts::Sales, 5)]),
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
        pacing: capped(vec![cap("ann/day", Counts::Posts, 1)]),
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
            _ => refused.pacing.caps.clear(),
        }
        let closed = Contract {
            pacing: refused.pacing.clone(),
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
            pacing: capped(vec![cap("ann/hour", Counts::Sales, 1), cap("ann/day", counts, limit)]),
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

/// What a campaign, its source and their contracts keep to, in words: who may be pinged, who only takes what nobody else has.
fn screened(campaign: &Campaign, source: &Source, lead: &Lead, known: &Known) -> String {
    let screening = screen(campaign, source, &[], lead, Stage::Post, known, now());
    let name = |at: &usize| campaign.contracts[*at].name.to_string();
    let open = screening.open.iter().map(|at| {
        let over = screening.over.contains(at);
        format!("{}{}", name(at), if over { " over its cap" } else { "" })
    });
    let closed = screening.closed(campaign, lead, now());
    let closed = closed.map(|(at, reason)| format!("{}: {}", name(&at), reason.code()));
    open.chain(closed).collect::<Vec<_>>().join("; ")
}

#[test]
fn every_level_has_its_caps_and_the_full_one_closes_what_stands_under_it() {
    let lead = agreed();
    let full = || capped(vec![cap("full", Counts::Sales, 5)]);
    let known = Known {
        used: HashMap::from([("full", 5)]),
        ..Known::default()
    };
    let contracts = || vec![contract("ann"), contract("bob")];
    let of_source = Source {
        pacing: full(),
        ..source()
    };
    let of_campaign = Campaign {
        pacing: full(),
        ..campaign(contracts())
    };
    let mut of_contract = campaign(contracts());
    of_contract.contracts[1].pacing = full();
    let mut of_route = campaign(contracts());
    let route = Route {
        pacing: full(),
        ..Route::default()
    };
    of_route.contracts[0].routes = vec![(SourceName::new("site"), route.clone()), (SourceName::new("other"), route)];
    let table = [
        (&campaign(contracts()), &of_source, "ann: cap_full; bob: cap_full"),
        (&of_campaign, &source(), "ann: cap_full; bob: cap_full"),
        (&of_contract, &source(), "ann; bob: cap_full"),
        (&of_route, &source(), "bob; ann: cap_full"),
    ];
    for (campaign, source, expected) in table {
        assert_eq!(screened(campaign, source, &lead, &known), expected);
    }
}

#[test]
fn what_becomes_of_a_lead_that_finds_a_cap_full_is_a_choice() {
    let lead = agreed();
    let known = Known {
        used: HashMap::from([("full", 5)]),
        ..Known::default()
    };
    let with = |change: fn(&mut Cap)| {
        let mut campaign = campaign(vec![contract("ann"), contract("bob"), contract("cid")]);
        let mut full = cap("full", Counts::Sales, 5);
        change(&mut full);
        campaign.contracts[1].pacing = capped(vec![full]);
        campaign
    };
    let table: [(fn(&mut Cap), &str); 5] = [
        (|_| {}, "ann; cid; bob: cap_full"),
        (
            |cap| cap.full = WhenFull::Stop,
            "ann: stopped_at_cap; bob: cap_full; cid: stopped_at_cap",
        ),
        (|cap| cap.full = WhenFull::Hold { minutes: 60 }, "ann; cid; bob: cap_full"),
        (|cap| cap.over = 1, "ann; bob over its cap; cid"),
        (|cap| (cap.limit, cap.over) = (3, 2), "ann; cid; bob: cap_full"),
    ];
    for (change, expected) in table {
        assert_eq!(screened(&with(change), &source(), &lead, &known), expected);
    }
    let held = with(|cap| cap.full = WhenFull::Hold { minutes: 60 });
    let screening = screen(&held, &source(), &[], &lead, Stage::Post, &known, now());
    let opens = Window::Day.calendar(now(), &TimeZone::UTC).end.unwrap();
    assert_eq!(screening.waits, [Wait { opens, minutes: 60 }]);
    assert_eq!(screening.waits[0].of(opens.plus_ms(-3_600_000)), Some(opens));
    assert_eq!(
        screening.waits[0].of(opens.plus_ms(-3_600_001)),
        None,
        "that is longer than it may wait"
    );
}

#[test]
fn a_cap_with_a_condition_counts_those_leads_and_a_cap_inside_another_both_conditions() {
    let lead = agreed();
    let known = Known {
        used: HashMap::from([("full", 5)]),
        ..Known::default()
    };
    let when = |text: &str| Filter::compile(&filter::parse(text).unwrap(), &lead.lead_type).unwrap();
    let table = [
        (vec![], "; ann: cap_full"),
        (vec!["present(state)"], "; ann: cap_full"),
        (vec!["state = \"OH\""], "ann"),
        (vec!["present(state)", "state = \"OH\""], "ann"),
    ];
    for (conditions, expected) in table {
        let full = Cap {
            when: conditions.iter().map(|text| when(text)).collect(),
            ..cap("full", Counts::Sales, 5)
        };
        let ann = Contract {
            pacing: capped(vec![full]),
            ..contract("ann")
        };
        assert_eq!(told(vec![ann], &source(), &lead, Stage::Post, &known), expected, "{conditions:?}");
    }
}

#[test]
fn a_throttle_without_a_token_closes_and_says_for_how_long() {
    let throttle = Throttle {
        key: "slow".into(),
        index: 0,
        paces: Paces::Posts,
        rate: Rate::new(1, 60, 1),
        when: Vec::new(),
    };
    let ann = Contract {
        pacing: Pacing {
            throttles: vec![throttle],
            ..Pacing::default()
        },
        ..contract("ann")
    };
    let known = Known {
        empty: HashMap::from([("slow", 4_200)]),
        ..Known::default()
    };
    let campaign = campaign(vec![ann]);
    assert_eq!(
        first_reason(&campaign, &known),
        "the throttle slow has no token for another 5000 ms",
        "a post leaves 800 ms later, and that wait is over by then"
    );
    let free = screen(&campaign, &source(), &[], &agreed(), Stage::Post, &Known::default(), now());
    assert_eq!(free.open, [0]);
}

#[test]
fn who_is_closed_says_what_its_clock_shows_and_when_it_is_open() {
    // It is 2026-11-23 15:00 in UTC: nine in the morning in Chicago.
    let schedule = |hours: &str, hold_minutes| Schedule {
        whose: "contract/ann".into(),
        zone: Zone {
            index: 0,
            tz: TimeZone::get("America/Chicago").unwrap(),
        },
        calendar: Calendar::weekly(Week::parse(hours).unwrap()),
        shown: hours.into(),
        hold_minutes,
    };
    let with = |schedules| Contract {
        pacing: Pacing {
            schedules,
            ..Pacing::default()
        },
        ..contract("ann")
    };
    let known = Known::default();
    let closed = campaign(vec![with(vec![
        schedule("mon-fri 9-17", None),
        schedule("mon-fri 10-17", Some(90)),
    ])]);
    let screening = screen(&closed, &source(), &[], &agreed(), Stage::Post, &known, now());
    assert_eq!(
        first_reason(&closed, &known),
        "contract/ann is closed: it is Mon 09:00 in America/Chicago, and it is open mon-fri 10-17"
    );
    assert_eq!(
        screening.waits,
        [Wait {
            opens: now().plus_ms(3_600_000),
            minutes: 90
        }]
    );
    let open = campaign(vec![with(vec![schedule("mon-fri 9-17", None)])]);
    assert_eq!(screened(&open, &source(), &agreed(), &known), "ann");
}

fn first_reason(campaign: &Campaign, known: &Known) -> String {
    let lead = agreed();
    let screening = screen(campaign, &source(), &[], &lead, Stage::Post, known, now());
    let first = screening.closed(campaign, &lead, now()).next();
    first.map(|(_, reason)| reason.to_string()).unwrap_or_default()
}
