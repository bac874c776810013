//! The record of a sample auction.

use super::{after_ms, attempt, deal, lead, opening, person};
use outcry_core::id::{BuyerName, CampaignName, ContractName, PingId, SourceName};
use outcry_core::money::{Currency, Money};
use outcry_core::ping_view::{PingValue, PingView};
use outcry_core::price::Split;
use outcry_core::reason::Reason;
use outcry_core::record::{Door, Ending, Event, Happened, Line, ListSaid, Pinged, Posted, Record, Run, Shadow, Sold, Subject};
use std::sync::Arc;

/// The record of an auction among so many contracts; the first one bought at 12.00.
pub fn record(of: u64, contracts: usize) -> Record {
    let subject = Subject::Lead(lead(of));
    let split = Split::settle(Money::from_cents(1_200), &deal());
    Record {
        subject,
        quote: None,
        door: Door::Lead,
        run: Run::Live,
        source: SourceName::new("clickmill"),
        campaign: CampaignName::new("auto"),
        catalog_version: "5f1c0c2c6c1b3f0d".into(),
        currency: Currency::USD,
        received: opening(),
        views: vec![Arc::new(view())],
        lines: (0..contracts).map(|at| line(of, at)).collect(),
        ending: Ending::Sold {
            sales: vec![Sold {
                contract: ContractName::new("contract_0"),
                attempt: attempt(of),
                split,
            }],
            redirect_url: None,
        },
        sub_ids: [Some("banner_7".into()), None, Some("x".into()), None, None],
        notes: vec!["flagged: the text is not an approved one".into()],
        shadow: Some(Shadow {
            contract: ContractName::new("contract_1"),
            expected: Money::from_cents(1_010),
            instead_of: Money::from_cents(990),
        }),
        lists: vec![ListSaid {
            list: "dnc".into(),
            version: "2026-11".into(),
            made_at: Some(opening()),
            said: "clear".into(),
        }],
        took_us: 123_456,
        events: vec![Event {
            at: after_ms(900),
            contract: ContractName::new("contract_1"),
            what: Happened::Noticed {
                notice: "loss".into(),
                heard: true,
            },
        }],
    }
}

fn view() -> PingView {
    let entry = |name: &str, value| (Arc::from(name), value);
    PingView::from_entries(vec![
        entry("zip3", PingValue::Text("787".into())),
        entry("state", PingValue::Text("TX".into())),
        entry("age_bracket", PingValue::Text("35-44".into())),
        entry("currently_insured", PingValue::Bool(true)),
        entry("months_insured", PingValue::Int(26)),
        entry(
            "vehicles",
            PingValue::List(vec![PingView::from_entries(vec![
                entry("year", PingValue::Int(2019)),
                entry("make", PingValue::Text("Honda".into())),
            ])]),
        ),
    ])
}

fn line(of: u64, at: usize) -> Line {
    let bid = Money::from_cents(1_200 - i64::try_from(at).unwrap_or(0) * 50);
    let posted = Posted {
        attempt: attempt(of),
        verdict: "accepted".into(),
        took_us: 51_234,
    };
    Line {
        contract: ContractName::new(format!("contract_{at}")),
        buyer: BuyerName::new(format!("buyer_{at}")),
        ping: Some(Pinged {
            id: PingId::from_bits(u128::from_be_bytes(person(of + at as u64).0)),
            view: 0,
            answered_us: Some(48_000 + at as u64 * 1_000),
            status: Some(200),
            bid_id: Some("b-81c3f2".into()),
            notes: Vec::new(),
        }),
        bid: Some(bid),
        place: Some(at),
        posts: if at == 0 { vec![posted] } else { Vec::new() },
        reason: (at > 0).then_some(Reason::Outbid {
            bid,
            best: Money::from_cents(1_200),
        }),
    }
}
