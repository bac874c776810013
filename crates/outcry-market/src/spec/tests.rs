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

/// Where a buyer or a service listens.
fn address(exchange: &Exchange, name: &str) -> String {
    let door = if exchange.services.contains(&name) { "v" } else { "b" };
    format!("http://127.0.0.1:9000/{door}/{name}")
}

/// The files of an exchange, and the codes of what is said of them; nothing in it may be an error.
fn compiled(exchange: &Exchange, world: &World) -> (Book, Vec<String>) {
    let files: Vec<_> = exchange
        .spec(world, &|name| address(exchange, name))
        .into_iter()
        .map(|(path, text)| SpecFile { path, text })
        .collect();
    let outcome = compile(&files, &exchange.secrets(world));
    let said = outcome.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>();
    (outcome.book.unwrap_or_else(|| panic!("{}", said.join("\n"))), said)
}

fn book(world: &World) -> Book {
    let (book, said) = compiled(&MARKET, world);
    assert!(said.is_empty(), "{}", said.join("\n"));
    book
}

fn contracts(book: &Book) -> impl Iterator<Item = (&Campaign, &Contract)> {
    book.catalog
        .campaigns
        .iter()
        .flat_map(|campaign| campaign.contracts.iter().map(move |contract| (&**campaign, contract)))
}

/// Every file below a folder, but for notes and what lists are filled with.
fn below(folder: &std::path::Path, under: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{under}{}", entry.file_name().into_string().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true if name == "lists" => {}
            true => below(&entry.path(), &format!("{name}/"), found),
            false if name == "README.md" => {}
            false => drop(found.insert(name)),
        }
    }
}

#[test]
fn the_files_of_the_examples_are_the_ones_that_are_built_in() {
    for exchange in Exchange::ALL {
        let mut lying = BTreeSet::new();
        let folder = format!("{}/../../examples/{}", env!("CARGO_MANIFEST_DIR"), exchange.name);
        below(std::path::Path::new(&folder), "", &mut lying);
        let own = exchange.files.iter().map(|(path, _)| (*path).to_owned());
        let known: BTreeSet<String> = own.chain([exchange.addresses.to_owned()]).collect();
        assert_eq!(lying, known, "{}", exchange.name);
    }
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
                    Pricing::Bids(_) | Pricing::Alone(_) | Pricing::Asked(_) => None,
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
    let known: BTreeSet<_> = MARKET
        .sources
        .iter()
        .map(|source| (source.name.to_owned(), source.lead_type.to_owned()))
        .collect();
    assert_eq!(written, known);
    assert_eq!(
        MARKET.sources.iter().map(|source| source.lead_type).collect::<BTreeSet<_>>().len(),
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

/// The exchange of every rule with its market; of what is said of its files nothing but what it does on purpose.
fn full(seed: u64) -> (World, Book) {
    let world = FULL.world(seed);
    let (book, said) = compiled(&FULL, &world);
    assert!(
        matches!(said.as_slice(), [one] if one.contains("sells to buyers that the person was never told of")),
        "{}",
        said.join("\n")
    );
    (world, book)
}

#[test]
fn the_exchange_of_every_rule_is_as_large_as_a_real_one() {
    let (world, book) = full(1);
    let lead_types: BTreeSet<_> = book
        .catalog
        .campaigns
        .iter()
        .map(|campaign| campaign.lead_type.name.to_string())
        .collect();
    assert_eq!((book.catalog.campaigns.len(), lead_types.len()), (6, 6));
    assert!(12 <= FULL.sources.len(), "sources that send");
    assert!(40 <= contracts(&book).count(), "contracts");
    assert!(20 <= world.buyers.len(), "buyers");
}

#[test]
fn its_contracts_and_its_simulated_buyers_agree() {
    let (world, book) = full(1);
    let mut known = BTreeSet::new();
    for (campaign, contract) in contracts(&book) {
        let name = &contract.name;
        let buyer = world
            .buyer(contract.buyer.as_str())
            .unwrap_or_else(|| panic!("{name} has no simulated buyer"));
        let profile = buyer.profile();
        assert_eq!(&*contract.buyer_label, profile.label, "{name}");
        let own = ["direct_post", profile.dialect.integration()];
        assert!(
            own.contains(&contract.integration.as_str()),
            "{name} speaks {}",
            contract.integration
        );
        let lead_type = campaign.lead_type.name.as_str();
        let appetite = profile.buys.iter().find(|appetite| appetite.lead_type == lead_type);
        let appetite = appetite.unwrap_or_else(|| panic!("{name}: the buyer buys no {lead_type}"));
        let listed = !contract.price.rules.is_empty() || !contract.price.changes.is_empty();
        match (&contract.price.usual, appetite.price) {
            (PriceRule::Bid, Pricing::Bids(_)) => assert!(!listed, "{name}"),
            (PriceRule::Standing(price), Pricing::Standing(cents)) => {
                assert!(!listed, "{name} has a list of prices, so its buyer takes what is asked");
                assert_eq!(*price, Money::from_cents(cents), "{name}");
            }
            (PriceRule::Bid, Pricing::Alone(_))
            | (PriceRule::Standing(_) | PriceRule::Shared(_) | PriceRule::Ladder(_), Pricing::Asked(_)) => {}
            (written, simulated) => panic!("{name}: {written:?} and {simulated:?}"),
        }
        assert_eq!(appetite.buyers_max, campaign.sharing.legs_max, "{name}");
        known.insert((profile.name.clone(), lead_type.to_owned()));
    }
    let simulated: BTreeSet<_> = world
        .buyers
        .iter()
        .map(crate::buyers::BuyerSim::profile)
        .flat_map(|profile| {
            profile
                .buys
                .iter()
                .map(|appetite| (profile.name.clone(), appetite.lead_type.clone()))
        })
        .collect();
    assert_eq!(known, simulated);
}

#[test]
fn its_sources_have_keys_and_feed_every_campaign() {
    let (_, book) = full(1);
    let playing: BTreeSet<_> = FULL.sources.iter().map(|source| source.name).collect();
    for source in &book.catalog.sources {
        let sends = !source.paused && !source.test_only;
        assert_eq!(playing.contains(source.name.as_str()), sends, "{}", source.name);
        if let Some(played) = FULL.sources.iter().find(|played| played.name == source.name.as_str()) {
            let campaign = &book.catalog.campaigns[source.campaign];
            assert_eq!(played.lead_type, campaign.lead_type.name.as_str());
        }
    }
    let fed: BTreeSet<_> = FULL.sources.iter().map(|source| source.lead_type).collect();
    assert_eq!(fed.len(), 6);
}

#[test]
fn its_secrets_lie_beside_it_for_whoever_wants_to_try_it() {
    let path = format!("{}/../../examples/full.secrets.toml", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(path).unwrap();
    let written = file.lines().filter(|line| line.contains(" = "));
    let known = FULL.secrets(&FULL.world(1));
    let known: Vec<String> = known.iter().map(|(name, value)| format!("{name} = \"{value}\"")).collect();
    assert_eq!(written.collect::<Vec<_>>(), known);
}
