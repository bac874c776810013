use super::*;
use crate::buyers::{Dialect, IncomingRequest, Pricing, Reply, ReplyKind};
use crate::leads::LeadMaker;
use outcry_core::catalog::{Campaign, Contract};
use outcry_core::consent::Gate;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::lead::Lead;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::Money;
use outcry_core::ping_view::PingView;
use outcry_core::post_view::PostView;
use outcry_core::price::PriceRule;
use outcry_core::validate::{Stage, validate};
use outcry_integration::{Ask, Asked, Kept, PingCall, PingOutcome, PostCall, PostOutcome, RawAnswer, Request};
use outcry_spec::{Book, SpecFile, compile};
use std::collections::BTreeSet;

fn now() -> Moment {
    Stamp::parse("2026-11-23T15:00:00Z").unwrap().at
}

fn address(at: usize) -> String {
    format!("http://127.0.0.1:{}/b/{}", 9_000 + at, World::demo(1).buyers[at].profile().name)
}

fn book(world: &World) -> Book {
    let files: Vec<_> = demo_spec(world, &address)
        .into_iter()
        .map(|(path, text)| SpecFile { path, text })
        .collect();
    let outcome = compile(&files, &demo_secrets(world));
    assert!(outcome.diagnostics.is_empty(), "{:#?}", outcome.diagnostics);
    outcome.book.unwrap()
}

fn contracts(book: &Book) -> impl Iterator<Item = (&Campaign, &Contract)> {
    book.catalog
        .campaigns
        .iter()
        .flat_map(|campaign| campaign.contracts.iter().map(move |contract| (&**campaign, contract)))
}

#[test]
fn the_files_of_the_example_are_the_ones_that_are_built_in() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/market");
    let names = |folder: &str| {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect::<Vec<_>>()
    };
    let own = names(folder).into_iter().filter(|name| name != "campaigns");
    let lying: BTreeSet<String> = own
        .chain(
            names(&format!("{folder}/campaigns"))
                .into_iter()
                .map(|name| format!("campaigns/{name}")),
        )
        .collect();
    let known: BTreeSet<String> = FILES
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .chain([ADDRESSES.to_owned()])
        .collect();
    assert_eq!(lying, known);
}

#[test]
fn contracts_and_simulated_buyers_agree() {
    let world = World::demo(1);
    let book = book(&world);
    let integration = |dialect: Dialect| dialect.integration().to_owned();
    let written: BTreeSet<_> = contracts(&book)
        .map(|(campaign, contract)| {
            let price = match contract.price.usual {
                PriceRule::Bid | PriceRule::Shared(_) | PriceRule::Ladder(_) => None,
                PriceRule::Standing(price) => Some(price),
            };
            let buyer = (contract.buyer.to_string(), contract.buyer_label.to_string());
            (buyer, campaign.lead_type.name.to_string(), contract.integration.to_string(), price)
        })
        .collect();
    let simulated: BTreeSet<_> = world
        .buyers
        .iter()
        .map(crate::buyers::BuyerSim::profile)
        .flat_map(|profile| {
            profile.buys.iter().map(move |appetite| {
                let price = match appetite.price {
                    Pricing::Bids(_) => None,
                    Pricing::Standing(cents) => Some(Money::from_cents(cents)),
                };
                let buyer = (profile.name.clone(), profile.label.clone());
                (buyer, appetite.lead_type.clone(), integration(profile.dialect), price)
            })
        })
        .collect();
    assert_eq!(written, simulated);
}

#[test]
fn every_source_has_a_key_and_every_lead_type_a_source() {
    let book = book(&World::demo(1));
    let written: BTreeSet<_> = book
        .catalog
        .sources
        .iter()
        .map(|source| {
            (
                source.name.to_string(),
                book.catalog.campaigns[source.campaign].lead_type.name.to_string(),
            )
        })
        .collect();
    let known: BTreeSet<_> = DEMO_SOURCES
        .iter()
        .map(|source| (source.name.to_owned(), source.lead_type.to_owned()))
        .collect();
    assert_eq!(written, known);
    assert_eq!(
        DEMO_SOURCES.iter().map(|source| source.lead_type).collect::<BTreeSet<_>>().len(),
        12
    );
    assert!(contracts(&book).count() > 50);
}

/// Carries a request to its buyer, as a load generator would.
fn carry(world: &World, request: &Request) -> Reply {
    let path = request.url.splitn(4, '/').nth(3).unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let incoming = IncomingRequest {
        method: request.method.as_str().to_owned(),
        path: format!("/{path}"),
        query: query.to_owned(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        body: request.body.clone(),
    };
    world.answer(&incoming).unwrap()
}

fn raw(reply: Reply) -> Option<RawAnswer> {
    match reply.kind {
        ReplyKind::Answer {
            status,
            content_type,
            body,
        } => Some(RawAnswer {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into_bytes(),
        }),
        _ => None,
    }
}

/// One lead at one contract: `bid`, then `accepted` or `rejected`; or what else the reading says.
fn trade(world: &World, book: &Book, (campaign, contract): (&Campaign, &Contract), lead: &Lead, n: u128) -> Vec<&'static str> {
    let binding = book.binding(contract);
    let view = PingView::build(lead, &campaign.views[contract.view], now()).unwrap();
    let ping_id = PingId::from_bits(n);
    let call = PingCall {
        ping_id,
        wait_ms: 600,
        test: false,
        source: "src_1",
        now: now(),
        kept: Kept::NONE,
        ask: Ask::default(),
    };
    let request = binding
        .integration
        .render_ping(&binding.params, &view, &call)
        .unwrap_or_else(|error| panic!("{}: {error}", contract.name));
    let Some(answer) = raw(carry(world, &request)) else {
        return vec!["nothing"];
    };
    let reading = binding.integration.read_ping(Asked::by(&binding.params), &answer);
    let [bid, ..] = reading.bids.as_slice() else {
        return vec![reading.outcome.word()];
    };
    assert_eq!(reading.outcome, PingOutcome::Bid);
    let attempt = AttemptId::from_bits(n);
    let call = PostCall {
        callback: None,
        attempt,
        ping_id: Some(ping_id),
        bid,
        test: false,
        source: "src_1",
        now: now(),
        kept: Kept::NONE,
        ask: Ask::default(),
    };
    let view = PostView::new(lead, Gate::of(campaign, lead, now()).covers(contract).unwrap());
    let request = binding
        .integration
        .render_post(&binding.params, &view, &call)
        .unwrap_or_else(|error| panic!("{}: {error}", contract.name));
    let Some(answer) = raw(carry(world, request.http().unwrap())) else {
        return vec!["bid", "nothing"];
    };
    let reading = binding.integration.read_post(Asked::by(&binding.params), &answer);
    if reading.outcome == PostOutcome::Accepted {
        let buyer = world.buyer(contract.buyer.as_str()).unwrap();
        let percent = buyer.profile().temperament.manner().post_percent;
        let expected = bid
            .price
            .map(|price| Money::from_micros(price.micros() / 100 * percent / 10_000 * 10_000));
        assert_eq!(reading.price, expected, "{}", contract.name);
        let carries_attempt = matches!(buyer.profile().dialect, Dialect::OutcryJson | Dialect::SimpleForm);
        let times = buyer.with_books(|books| books.attempts.get(&*attempt.to_string()).copied());
        assert_eq!(times, carries_attempt.then_some(1), "{}", contract.name);
    }
    vec!["bid", reading.outcome.word()]
}

#[test]
fn buyers_and_integrations_understand_each_other_in_every_dialect() {
    let world = World::demo(7);
    let book = book(&world);
    let mut seen: BTreeSet<(String, Vec<&str>)> = BTreeSet::new();
    let mut accepted = 0;
    for (at, (campaign, contract)) in contracts(&book).enumerate() {
        let sellers = world.sellers(campaign.lead_type.name.as_str());
        let maker = LeadMaker::new(campaign.lead_type.clone(), 7).with_sellers(sellers);
        for n in 0..40 {
            let n = at as u64 * 1_000 + n;
            let lead = validate(&campaign.lead_type, &maker.lead(n, now()), Stage::Post, now()).unwrap();
            let outcome = trade(&world, &book, (campaign, contract), &lead, u128::from(n));
            accepted += u64::from(outcome == ["bid", "accepted"]);
            seen.insert((contract.buyer.to_string(), outcome));
        }
    }
    for buyer in world.buyers.iter().map(|buyer| &buyer.profile().name) {
        let outcomes: BTreeSet<_> = seen
            .iter()
            .filter(|(name, _)| name == buyer)
            .map(|(_, outcome)| outcome.clone())
            .collect();
        match buyer.as_str() {
            "umbrellabird" | "vireo_group" => assert_eq!(outcomes, BTreeSet::from([vec!["nothing"]]), "{buyer}"),
            "tern_network" => assert!(outcomes.len() >= 5, "{buyer}: {outcomes:?}"),
            _ => {
                let known = [vec!["no_bid"], vec!["bid", "accepted"], vec!["bid", "rejected"]];
                assert!(
                    outcomes.contains(&known[0]) && outcomes.contains(&known[1]),
                    "{buyer}: {outcomes:?}"
                );
                assert!(outcomes.iter().all(|outcome| known.contains(outcome)), "{buyer}: {outcomes:?}");
            }
        }
    }
    let tally = world.tally();
    assert!(tally.accepted >= accepted, "the ruin takes leads without a word");
    assert_eq!((tally.sold_twice, tally.leaks, tally.anomalies), (0, 0, 0));
}

#[test]
fn every_contract_buys_some_leads_and_every_lead_finds_a_buyer() {
    let world = World::demo(1);
    let book = book(&world);
    for campaign in &book.catalog.campaigns {
        let maker = LeadMaker::new(campaign.lead_type.clone(), 7).with_sellers(world.sellers(campaign.lead_type.name.as_str()));
        let lead = |n| validate(&campaign.lead_type, &maker.lead(n, now()), Stage::Post, now()).unwrap();
        let leads: Vec<Lead> = (0..200).map(lead).collect();
        for contract in &campaign.contracts {
            let admitted = leads.iter().filter(|lead| contract.filter.admits(lead, now()).is_ok()).count();
            assert!(admitted >= 20, "{} wants {admitted} of 200", contract.name);
        }
        let stranded = leads.iter().filter(|lead| {
            campaign
                .contracts
                .iter()
                .all(|contract| contract.filter.admits(lead, now()).is_err())
        });
        assert!(stranded.count() < 10, "{}", campaign.name);
    }
}
