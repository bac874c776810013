//! Sample leads, posts and outcomes, each named by a small number: lead 7, its attempt 70, person 7.

mod record;

pub use record::record;

use jiff::civil::date;
use outcry_core::bid::Bid;
use outcry_core::cap::Span;
use outcry_core::catalog::Catalog;
use outcry_core::consent::Covered;
use outcry_core::field::{Bounds, Field, Group, Kind, PingRule, Privacy, Required};
use outcry_core::id::{
    AttemptId, BootId, BuyerName, CampaignName, ContractName, LeadId, LeadTypeName, MessageId, PingId, QuoteId, SourceName, SupplierName,
};
use outcry_core::lead::Lead;
use outcry_core::lead_type::{Compliance, FieldSet, LeadType, SellerSpecific};
use outcry_core::moment::Moment;
use outcry_core::money::{Currency, Money};
use outcry_core::price::{Deal, PayoutRule, Split};
use outcry_core::raw::Raw;
use outcry_core::record::{Door, Ending, Held, Record, Run, Subject};
use outcry_core::validate::{Stage, validate};
use outcry_core::verdict::{Acceptance, Verdict};
use outcry_core::wheel::Charge;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{
    Accept, AttemptOutcome, Claim, Frees, Hold, IdempotencyKey, Intend, LeadState, ListCheck, Mark, Memo, Message, PersonKey, Quote, Sale,
    Settle, Turn,
};
use std::sync::{Arc, LazyLock};

/// 2026-11-23T15:00:00Z, when everything here begins.
pub fn opening() -> Moment {
    Moment::from_unix_ms(1_795_446_000_000)
}

/// Milliseconds after the opening.
pub fn after_ms(ms: i64) -> Moment {
    opening().plus_ms(ms)
}

/// A lead by its number; a later number sorts later.
pub fn lead(number: u64) -> LeadId {
    LeadId::from_bits((1_795_446_000_000_u128 << 80) | u128::from(number))
}

/// An attempt by its number.
pub fn attempt(number: u64) -> AttemptId {
    AttemptId::from_bits((1_795_446_000_000_u128 << 80) | u128::from(number))
}

/// A quote by its number.
pub fn quote_id(number: u64) -> QuoteId {
    QuoteId::from_bits(u128::from(number))
}

/// A start of the process.
pub fn boot(number: u64) -> BootId {
    BootId::from_bits(u128::from(number))
}

/// A digest as random as real ones, so that tables grow as real ones do.
pub fn person(number: u64) -> PersonKey {
    let mixed = u128::from(number)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .rotate_left(41);
    PersonKey(mixed.to_be_bytes())
}

fn text(value: &str) -> Raw {
    Raw::Text(value.into())
}

fn field(name: &str, kind: Kind, privacy: Privacy) -> Field {
    Field {
        name: name.into(),
        label: name.into(),
        kind,
        group: Group::Contact,
        required: Required { ping: false, post: false },
        applies_if: None,
        privacy,
        ping: PingRule::Deny {
            hard: privacy == Privacy::DirectIdentifier,
        },
        bounds: Bounds::default(),
        example: None,
    }
}

static LEAD_TYPE: LazyLock<Arc<LeadType>> = LazyLock::new(|| {
    let drivers = FieldSet::new(vec![
        field("age", Kind::Int, Privacy::QuasiIdentifier),
        field("sr22", Kind::Bool, Privacy::None),
    ]);
    let fields = vec![
        field("first_name", Kind::String, Privacy::DirectIdentifier),
        field("last_name", Kind::String, Privacy::DirectIdentifier),
        field("phone", Kind::Phone, Privacy::DirectIdentifier),
        field("email", Kind::Email, Privacy::DirectIdentifier),
        field("address", Kind::String, Privacy::DirectIdentifier),
        field("zip", Kind::Zip, Privacy::QuasiIdentifier),
        field("state", Kind::State, Privacy::QuasiIdentifier),
        field("dob", Kind::Date, Privacy::QuasiIdentifier),
        field("income", Kind::Decimal, Privacy::Sensitive),
        field("consent_given", Kind::Bool, Privacy::None),
        field("consent_at", Kind::DateTime, Privacy::None),
        field("consent_text", Kind::String, Privacy::None),
        field("drivers", Kind::List(Arc::new(drivers)), Privacy::None),
    ];
    let compliance = Compliance {
        consent: "tcpa_pewc".into(),
        seller_specific: SellerSpecific::No,
        opt_in_types_allowed: Vec::new(),
        buyer_licence_filter: "none".into(),
        health_data: false,
        glba_finder: false,
        retention_years: 5,
        prohibited_use_fields: Vec::new(),
    };
    Arc::new(LeadType {
        name: LeadTypeName::new("auto"),
        label: "Auto insurance".into(),
        version: 1,
        as_of: date(2026, 11, 23),
        compliance,
        dedupe_keys: vec![vec!["phone".into()], vec!["email".into()]],
        routing_keys: Vec::new(),
        fields: Arc::new(FieldSet::new(fields)),
    })
});

/// A catalog that knows the sample lead type.
pub fn catalog() -> Catalog {
    Catalog {
        lead_types: [(LEAD_TYPE.name.clone(), LEAD_TYPE.clone())].into(),
        ..Catalog::default()
    }
}

/// What the lead of a number says. Its phone is `+1512555` and four digits, its e-mail `avery.N@example.com`.
///
/// # Panics
/// Never: the sample is valid.
pub fn contents(number: u64) -> Arc<Lead> {
    let driver = |age: &str| Raw::Object(vec![("age".into(), Raw::Number(age.into())), ("sr22".into(), Raw::Bool(false))]);
    let members = [
        ("first_name", text("Avery")),
        ("last_name", text("Quillfeather")),
        ("phone", text(&format!("+1512555{:04}", number % 10_000))),
        ("email", text(&format!("avery.{number}@example.com"))),
        ("address", text("1 Larkspur Lane")),
        ("zip", text("78701")),
        ("state", text("TX")),
        ("dob", text("1984-02-29")),
        ("income", Raw::Number("61500.50".into())),
        ("consent_given", Raw::Bool(true)),
        ("consent_at", text("2026-11-23T09:57:30-05:00")),
        (
            "consent_text",
            text(&"By pressing the button I agree to be called about quotes. ".repeat(6)),
        ),
        ("drivers", Raw::List(vec![driver("42"), driver("17")])),
    ];
    let raw = Raw::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect());
    Arc::new(validate(&LEAD_TYPE, &raw, Stage::Post, opening()).expect("the sample lead is valid"))
}

/// T1 of a lead, with a key of its own.
pub fn accept(number: u64) -> Accept {
    static CONTENTS: LazyLock<Arc<Lead>> = LazyLock::new(|| contents(1));
    Accept {
        lead: lead(number),
        door: Door::Lead,
        run: Run::Live,
        source: SourceName::new("clickmill"),
        supplier: SupplierName::new("mill_media"),
        campaign: CampaignName::new("auto"),
        received: opening(),
        contents: CONTENTS.clone(),
        people: vec![person(number), person(number + (1 << 40))],
        marks: Vec::new(),
        idempotency: key(number),
        quote: None,
        catalog_version: "5f1c0c2c6c1b3f0d".into(),
    }
}

/// An idempotency key; the same number is the same key and body.
pub fn key(number: u64) -> IdempotencyKey {
    let mut fingerprint = [7; 32];
    fingerprint[..16].copy_from_slice(&person(number).0);
    IdempotencyKey {
        source: SourceName::new("clickmill"),
        key: format!("request-{number}").into(),
        fingerprint,
        since: opening().plus_ms(-1),
    }
}

/// T2 of a lead's attempt to a contract, exclusive, at 12.00, of the first boot, with nothing to claim or hold.
pub fn intend(of: u64, number: u64, contract: &str) -> Intend {
    Intend {
        attempt: attempt(number),
        lead: lead(of),
        legs_max: 1,
        contract: ContractName::new(contract),
        leg: 0,
        beside_unknown: false,
        buyer: BuyerName::new("acme"),
        price: Money::from_cents(1_200),
        run: Run::Live,
        boot: boot(1),
        at: after_ms(100),
        covered: covered(contract),
        contacts: vec![person(of)],
        withdrawn_in: vec!["all".into()],
        certificates: Vec::new(),
        claims: Vec::new(),
        holds: Vec::new(),
        tokens: Vec::new(),
        lists: Vec::new(),
        memo: None,
    }
}

/// A hold on a cap in the window that began with the opening.
pub fn hold(cap: &str, amount: i64, limit: i64) -> Hold {
    Hold {
        cap: cap.into(),
        span: Span {
            start: opening(),
            since: opening(),
            end: Some(after_ms(86_400_000)),
        },
        limit,
        amount,
        frees: Frees::NotSold,
    }
}

/// A claim on a person that ends so long after the opening.
pub fn claim(scope: &str, whom: u64, until_ms: i64) -> Claim {
    Claim {
        scope: scope.into(),
        person: person(whom),
        until: after_ms(until_ms),
        kept: false,
    }
}

/// A mark on a person that ends so long after the opening.
pub fn mark(scope: &str, whom: u64, until_ms: i64) -> Mark {
    Mark {
        scope: scope.into(),
        person: person(whom),
        until: after_ms(until_ms),
        renews: scope.ends_with(":any"),
    }
}

/// A list that a person's entry is held against: is it in the file, and must it be on the list?
pub fn list_check(list: &str, whom: u64, in_file: bool, wanted: bool) -> ListCheck {
    ListCheck {
        list: list.into(),
        entries: vec![(person(whom), in_file)],
        wanted,
    }
}

/// A buyer that takes the lead.
pub fn accepted() -> Verdict {
    Verdict::Accepted(Acceptance {
        price: None,
        reference: Some("acme-4711".into()),
        redirect_url: None,
    })
}

/// A buyer that does not want it.
pub fn rejected() -> Verdict {
    Verdict::Rejected {
        said: "not today".into(),
        duplicate: false,
    }
}

/// A post that never left.
pub fn not_sent() -> Verdict {
    Verdict::NotSent {
        why: "connection refused".into(),
    }
}

/// A post nobody knows the end of.
pub fn unknown() -> Verdict {
    Verdict::Unknown {
        why: "no answer within 5000 ms".into(),
    }
}

/// A sale at a price in cents; the supplier gets 80 %.
pub fn sale(cents: i64) -> Sale {
    Sale {
        buyer: BuyerName::new("acme"),
        supplier: SupplierName::new("mill_media"),
        currency: Currency::USD,
        split: Split::settle(Money::from_cents(cents), &deal()),
    }
}

/// T3 that leaves a lead in a state and says nothing else.
pub fn settle(of: u64, state: LeadState) -> Settle {
    Settle {
        lead: lead(of),
        at: after_ms(200),
        attempt: None,
        state,
        answer: None,
        record: None,
        messages: Vec::new(),
        waiting: None,
    }
}

/// T3 of an attempt that did not sell.
pub fn ended(of: u64, number: u64, verdict: Verdict, state: LeadState) -> Settle {
    Settle {
        attempt: Some(AttemptOutcome {
            attempt: attempt(number),
            verdict,
            sale: None,
            written_off: false,
            memo: None,
        }),
        ..settle(of, state)
    }
}

/// T3 of a lead that has to wait for somebody to look at it.
pub fn in_review(of: u64, why: &str) -> Settle {
    let held = Held {
        excluded: vec!["acme".into()],
        sales_max: 1,
        payout_min: Money::ZERO,
    };
    let ending = Ending::Review { why: why.into(), held };
    Settle {
        record: Some(Arc::new(Record { ending, ..record(of, 1) })),
        ..settle(of, LeadState::Review)
    }
}

/// T3 of an attempt that sold at a price in cents, with the answer to the source.
pub fn sold(of: u64, number: u64, cents: i64) -> Settle {
    sold_as(of, number, sale(cents))
}

/// T3 of an attempt that sold like this, with the answer to the source.
pub fn sold_as(of: u64, number: u64, sale: Sale) -> Settle {
    let answer = answer(of, Status::Sold, sale.split.payout);
    Settle {
        attempt: Some(AttemptOutcome {
            attempt: attempt(number),
            verdict: accepted(),
            sale: Some(sale),
            written_off: false,
            memo: None,
        }),
        answer: Some(answer),
        ..settle(of, LeadState::Sold)
    }
}

/// What a source is told.
pub fn answer(of: u64, status: Status, payout: Money) -> Answer {
    Answer {
        lead: lead(of),
        status,
        payout,
        currency: Currency::USD,
        redirect_url: None,
        test: false,
    }
}

/// Four fifths of the price are paid out.
fn deal() -> Deal {
    Deal {
        payout: PayoutRule::Share(8_000),
        floor: Money::ZERO,
        ceiling: None,
        loss_max: Money::ZERO,
    }
}

/// A message about a lead.
pub fn message(of: u64, number: u64) -> Message {
    let url = format!("https://clickmill.example/postback?lead={of}&status=sold");
    Message {
        id: MessageId::from_bits(number.into()),
        lead: lead(of),
        url: url.into(),
        tries: 0,
        signed: None,
    }
}

/// What it takes to come back to an attempt whose post was queued.
pub fn memo() -> Memo {
    Memo {
        ping: Some(PingId::from_bits(7)),
        bid: Bid {
            id: Some("b 1".into()),
            echo: vec![("lot".into(), "l-1".into())],
            ..Bid::at(Money::from_cents(1_200))
        },
        kept: vec![("post.queue".into(), "q 7".into())],
    }
}

/// A quote that stands for a minute.
pub fn quote(number: u64) -> Quote {
    let record = Record {
        subject: Subject::Quote(quote_id(number)),
        quote: Some(quote_id(number)),
        door: Door::Ping,
        ..record(number, 2)
    };
    Quote {
        id: quote_id(number),
        source: SourceName::new("clickmill"),
        campaign: CampaignName::new("auto"),
        run: Run::Live,
        payout: Money::from_cents(960),
        expires: after_ms(60_000),
        pinged: contents(number),
        plan: Arc::default(),
        record: Arc::new(record),
    }
}

/// A turn in which, of these contracts, the one that has waited longest is next.
pub fn turn(wheel: &str, contracts: &[&str]) -> Turn {
    let (wheel, contracts): (Arc<str>, Vec<ContractName>) = (wheel.into(), contracts.iter().map(|name| ContractName::new(*name)).collect());
    let name = wheel.clone();
    Turn {
        wheels: vec![wheel],
        decide: Arc::new(move |wheels| {
            let stands = |contract: &&ContractName| wheels.stands(&name, contract);
            let latest = contracts.iter().map(|contract| stands(&contract)).max().unwrap_or(0);
            let next = contracts.iter().min_by_key(stands);
            let charge = |contract: &ContractName| Charge {
                wheel: name.clone(),
                contract: contract.clone(),
                stands: latest + 1,
            };
            next.map(charge).into_iter().collect()
        }),
    }
}

/// Proof at the opening that the sample person's consent covers a contract.
pub fn covered(contract: &str) -> Covered {
    covered_at(contract, opening())
}

/// Proof at a moment.
pub fn covered_at(contract: &str, at: Moment) -> Covered {
    Covered::from_journal(ContractName::new(contract), opening(), at)
}
