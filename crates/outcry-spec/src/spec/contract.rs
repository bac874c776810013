//! `[contract.…]`: the standing terms of one buyer for one campaign.

use crate::codes;
use crate::desk::Problem;
use crate::spec::pacing::{self, Level};
use crate::spec::ping::{self, Ping};
use crate::spec::{cap, connection, consent, duplicates, filter, price, route, terms};
use crate::table::Table;
use crate::world::World;
use outcry_core::catalog::{Campaign, Contract};
use outcry_core::id::{BuyerName, ContractName, IntegrationName};
use outcry_core::lead_type::LeadType;
use outcry_core::pacing::Pacing;
use outcry_core::ping_view::ViewSpec;
use outcry_core::price::{PriceRule, Rates};
use outcry_integration::book::Binding;
use std::ops::RangeInclusive;
use std::sync::Arc;

const PING_TIMEOUT_MS: u32 = 600;
const PING_TIMEOUT_BOUNDS: RangeInclusive<u32> = 20..=10_000;
const POST_TIMEOUT_MS: u32 = 5_000;
const POST_TIMEOUT_BOUNDS: RangeInclusive<u32> = 100..=30_000;
const PRIORITY: u32 = 100;
const PRIORITY_BOUNDS: RangeInclusive<u32> = 1..=1_000_000;
const WEIGHT_BOUNDS: RangeInclusive<u32> = 1..=1_000_000;
const CALLS_MAX: u32 = 64;
const CALLS_BOUNDS: RangeInclusive<u32> = 1..=10_000;

/// A contract on its way into its campaign.
pub(crate) struct Draft {
    /// Its index and its view are not set yet.
    pub(crate) contract: Contract,
    pub(crate) view: ViewSpec,
    pub(crate) binding: Binding,
}

/// Reads a contract of a campaign, or of none if that could not be made. `None` if something essential is missing,
/// which then has been reported.
pub(crate) fn read(world: &World<'_>, name: &str, table: &Table<'_>, campaign: Option<&Campaign>) -> Option<Draft> {
    let lead_type = campaign.map(|campaign| &campaign.lead_type);
    let known: Vec<&LeadType> = lead_type.iter().map(AsRef::as_ref).collect();
    let buyer = table
        .need_text("buyer", "\"…\"")
        .filter(|buyer| world.refers("buyer", &world.specs.buyers, buyer));
    let integration = connection::integration(world, table);
    let entry = integration.as_ref().map(|(_, entry)| *entry);
    let binding = connection::bind(table, entry.and_then(|entry| entry.integration.as_ref()));
    let view = ping::view(table, lead_type.map(AsRef::as_ref));
    if let (Some((named, entry)), Some(lead_type)) = (&integration, lead_type) {
        ping::check(world, table, (named, entry), &Ping { view: &view, lead_type });
    }
    let zone = cap::zone(table);
    let level = Level {
        whose: format!("contract/{name}"),
        lead_type,
        zone: &zone,
        numbers: &world.numbers,
    };
    let buyers = pacing_of(world, buyer.as_ref().map(|buyer| buyer.value.as_str()), &level);
    let buyer_rates = buyer.as_ref().map_or_else(Rates::default, |buyer| rates_of(world, &buyer.value));
    let contract = Contract {
        name: ContractName::new(name),
        index: 0,
        buyer_label: buyer.as_ref().map_or_else(|| "".into(), |buyer| label(world, &buyer.value)),
        buyer: BuyerName::new(buyer.map_or_else(String::new, |buyer| buyer.value)),
        integration: IntegrationName::new(integration.map_or_else(String::new, |(named, _)| named.value)),
        filter: filter::read(table, "filter", lead_type),
        consent: consent::contract(table),
        price: price::read(table, lead_type, &zone),
        rates: terms::rates(table).within(&buyer_rates),
        routes: route::read(world, table, name, &level, &known),
        handicap_bp: terms::handicap_bp(table).unwrap_or(0),
        priority: table.number("priority", &PRIORITY_BOUNDS).unwrap_or(PRIORITY),
        weight: table.number("weight", &WEIGHT_BOUNDS).unwrap_or(1),
        tier: tier(world, table, campaign),
        sweeper: table.flag("sweeper"),
        returns_bp: terms::share(table, "returns").unwrap_or(0),
        pacing: pacing::read(&level, table).with(buyers),
        duplicates: duplicates::read(table, &known),
        lists: Vec::new(),
        view: 0,
        ping_timeout_ms: table.number("ping_timeout_ms", &PING_TIMEOUT_BOUNDS).unwrap_or(PING_TIMEOUT_MS),
        post_timeout_ms: table.number("post_timeout_ms", &POST_TIMEOUT_BOUNDS).unwrap_or(POST_TIMEOUT_MS),
        calls_max: table.number("calls_max", &CALLS_BOUNDS).unwrap_or(CALLS_MAX),
        tell_winning_price: table.flag("tell_winning_price"),
        paused: table.flag("paused"),
    };
    table.finish();
    tell_no_bid(&contract, binding.as_ref(), table);
    if let Some(campaign) = campaign {
        warn_unreachable(campaign, &contract, table);
    }
    Some(Draft {
        contract,
        view,
        binding: binding?,
    })
}

/// The legal name of a buyer whose table is known to be there.
fn label(world: &World<'_>, buyer: &str) -> Arc<str> {
    let label = world.specs.buyers.get(buyer).and_then(|table| table.text("label"));
    label.map_or_else(|| buyer.into(), |label| label.value.into())
}

/// What a buyer keeps to in all of its contracts.
fn pacing_of(world: &World<'_>, buyer: Option<&str>, contract: &Level<'_>) -> Pacing {
    let Some((buyer, table)) = buyer.and_then(|buyer| Some((buyer, world.specs.buyers.get(buyer)?))) else {
        return Pacing::default();
    };
    let whose = format!("buyer/{buyer}");
    let zone = &cap::zone(table);
    pacing::read(&Level { whose, zone, ..*contract }, table)
}

/// What a buyer says for all of its contracts.
fn rates_of(world: &World<'_>, buyer: &str) -> Rates {
    world.specs.buyers.get(buyer).map(terms::rates).unwrap_or_default()
}

/// Position of its tier: it has one exactly if its campaign has tiers.
fn tier(world: &World<'_>, table: &Table<'_>, campaign: Option<&Campaign>) -> Option<usize> {
    let written = table.text("tier");
    let tiers = campaign?.tiers();
    let names = || tiers.iter().map(|tier| &*tier.name);
    match written {
        None if tiers.is_empty() || table.has("tier") => None,
        None => {
            table.tell_missing("tier", &format!("\"{}\"", tiers[0].name));
            None
        }
        Some(written) => {
            let found = names().position(|name| name == written.value);
            if found.is_none() {
                world.tell_missing(
                    "tier",
                    &written,
                    names(),
                    &format!("`{{ name = \"{}\" }}` to the campaign's `tiers`", written.value),
                );
            }
            found
        }
    }
}

/// A buyer that is not pinged cannot bid.
fn tell_no_bid(contract: &Contract, binding: Option<&Binding>, table: &Table<'_>) {
    if contract.price.needs_bids() && binding.is_some_and(|binding| !binding.integration.has_ping()) {
        let message = format!("{} waits for bids, but its integration does not ping", table.what);
        let spot = table.spot_of(if table.has("price") { "price" } else { "integration" });
        table
            .desk
            .tell(Problem::error(codes::BID_WITHOUT_PING, spot, message).hint("agree a standing price: `price = \"12.00\"`"));
    }
}

fn warn_unreachable(campaign: &Campaign, contract: &Contract, table: &Table<'_>) {
    let deal = campaign.deal.under(&contract.rates);
    let (floor, ceiling) = (deal.floor, deal.ceiling);
    let own_bounds = contract.rates.floor.is_some() || contract.rates.ceiling.is_some();
    let fixed = contract.price.rules.is_empty() && contract.price.changes.is_empty();
    let (key, why) = match (&contract.price.usual, ceiling) {
        (_, Some(ceiling)) if own_bounds && ceiling < floor => (
            if contract.rates.ceiling.is_some() { "ceiling" } else { "floor" },
            format!("its floor {floor} lies above its ceiling {ceiling}"),
        ),
        (PriceRule::Standing(price), _) if fixed && *price < floor => ("price", format!("its price {price} lies below the floor {floor}")),
        (PriceRule::Standing(price), Some(ceiling)) if fixed && *price > ceiling => {
            ("price", format!("its price {price} lies above the ceiling {ceiling}"))
        }
        (PriceRule::Ladder(rungs), _) if fixed && rungs.iter().all(|rung| *rung < floor) => {
            ("price", format!("every rung of its ladder lies below the floor {floor}"))
        }
        (PriceRule::Ladder(rungs), Some(ceiling)) if fixed && rungs.iter().all(|rung| *rung > ceiling) => {
            ("price", format!("every rung of its ladder lies above the ceiling {ceiling}"))
        }
        _ => return,
    };
    let message = format!("{} never buys: {why}", table.what);
    let hint = "of the campaign's and the contract's floor the higher counts, of their ceilings the lower";
    table
        .desk
        .tell(Problem::warning(codes::NEVER_REACHABLE, table.spot_of(key), message).hint(hint));
}
