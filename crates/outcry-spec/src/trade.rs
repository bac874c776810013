//! From tables to a book: campaigns first, contracts into their campaigns, sources last.

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::spec::contract::Draft;
use crate::spec::{buyer, campaign, contract, duplicates, list, source, supplier};
use crate::table::Table;
use crate::world::World;
use outcry_core::catalog::{Buyer, Campaign, Catalog, Contract, Source, Supplier};
use outcry_core::duplicate::DuplicateRule;
use outcry_core::lead_type::LeadType;
use outcry_core::list::List;
use outcry_integration::book::{Binding, Book};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Campaigns by name, each with the bindings of its contracts so far.
pub(crate) type Campaigns = BTreeMap<String, (Campaign, Vec<Binding>)>;

/// Reads all tables. What comes back is a book only if nothing was reported.
pub(crate) fn book(world: &World<'_>, version: Arc<str>, checks: Vec<Binding>) -> Book {
    let suppliers: Vec<Supplier> = world
        .specs
        .suppliers
        .iter()
        .map(|(name, table)| supplier::read(world, name, table))
        .collect();
    let buyers: Vec<Buyer> = world
        .specs
        .buyers
        .iter()
        .map(|(name, table)| buyer::read(world, name, table))
        .collect();
    let campaigns = campaigns(world);
    let sources = sources(world, &campaigns);
    let lists: Vec<Arc<List>> = world
        .specs
        .lists
        .iter()
        .filter_map(|(name, table)| list::read(world, name, table).map(Arc::new))
        .collect();
    let (campaigns, bindings) = numbered(campaigns, &lists);
    let duplicates = exchange(world);
    let catalog = Catalog {
        version,
        lead_types: world.lead_types.clone(),
        suppliers,
        sources,
        buyers,
        campaigns,
        duplicates,
        lists,
    };
    Book {
        catalog: Arc::new(catalog),
        bindings,
        checks,
    }
}

fn campaigns(world: &World<'_>) -> Campaigns {
    let mut campaigns = Campaigns::new();
    for (name, table) in &world.specs.campaigns {
        campaigns.extend(campaign::read(world, name, table).map(|campaign| (name.clone(), (campaign, Vec::new()))));
    }
    let mut named = BTreeSet::new();
    for (name, table) in &world.specs.contracts {
        let written = table
            .need_text("campaign", "\"…\"")
            .filter(|written| world.refers("campaign", &world.specs.campaigns, written));
        let campaign = written.as_ref().and_then(|written| campaigns.get_mut(&written.value));
        let draft = contract::read(world, name, table, campaign.as_ref().map(|(campaign, _)| campaign));
        if let (Some((campaign, bindings)), Some(draft)) = (campaign, draft) {
            bindings.push(join(campaign, draft));
        }
        named.extend(written.map(|written| written.value));
    }
    warn_idle(world, &named, "contract", "its leads are sold to nobody");
    campaigns
}

/// Puts a contract into its campaign; contracts that show the same in their pings share a view.
fn join(campaign: &mut Campaign, draft: Draft) -> Binding {
    let Draft { contract, view, binding } = draft;
    let known = campaign.views.iter().position(|other| *other == view);
    let view = known.unwrap_or_else(|| {
        campaign.views.push(view);
        campaign.views.len() - 1
    });
    campaign.contracts.push(Contract { view, ..contract });
    binding
}

/// Numbers the contracts of all campaigns, in the order in which their bindings stand.
fn numbered(campaigns: Campaigns, lists: &[Arc<List>]) -> (Vec<Arc<Campaign>>, Vec<Binding>) {
    let mut numbered = Vec::with_capacity(campaigns.len());
    let mut all = Vec::new();
    for (mut campaign, bindings) in campaigns.into_values() {
        for (at, contract) in campaign.contracts.iter_mut().enumerate() {
            contract.index = all.len() + at;
            contract.lists = its_lists(contract, lists);
        }
        all.extend(bindings);
        campaign.roster();
        numbered.push(Arc::new(campaign));
    }
    (numbered, all)
}

/// Positions of the lists that apply to a contract alone, or to a route to it.
fn its_lists(contract: &Contract, lists: &[Arc<List>]) -> Vec<usize> {
    let applies = |list: &List| {
        let to = &list.applies;
        let routes = to.routes.iter().any(|(_, other)| *other == contract.name);
        routes || to.buyers.contains(&contract.buyer) || to.contracts.contains(&contract.name)
    };
    (0..lists.len()).filter(|at| applies(&lists[*at])).collect()
}

/// What goes for the whole exchange.
fn exchange(world: &World<'_>) -> Vec<DuplicateRule> {
    let lead_types: Vec<&LeadType> = world.lead_types.values().map(AsRef::as_ref).collect();
    let tables = world.specs.exchange.iter();
    let read = |table: &Table<'_>| {
        let rules = duplicates::read(table, &lead_types);
        table.finish();
        rules
    };
    tables.flat_map(read).collect()
}

fn sources(world: &World<'_>, campaigns: &Campaigns) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut keys: HashMap<String, Spot> = HashMap::new();
    let mut named = BTreeSet::new();
    for (name, table) in &world.specs.sources {
        let Some(source) = source::read(world, name, table, campaigns) else {
            continue;
        };
        let campaign = world.specs.campaigns.keys().nth(source.campaign);
        if let Some((campaign, _)) = campaign.and_then(|name| campaigns.get(name)) {
            source::check_payout_min(table, &source, campaign);
        }
        named.extend(campaign.cloned());
        let given = source.key_digests.iter().map(hex::encode);
        for key in given.chain(source.issued_keys.iter().map(|key| key.id.clone())) {
            let spot = table.spot_of("keys");
            if let Some(first) = keys.insert(key, spot) {
                let message = format!(
                    "{} has a key that was given out before, so its leads would count as somebody else's",
                    table.what
                );
                world
                    .desk
                    .tell(Problem::error(codes::KEY_SHARED, spot, message).hint(format!("the other is at {}", world.desk.show(first))));
            }
        }
        sources.push(source);
    }
    warn_idle(world, &named, "source", "nobody can send it a lead");
    sources
}

/// Reports campaigns that nothing of a kind names.
fn warn_idle(world: &World<'_>, named: &BTreeSet<String>, kind: &str, so: &str) {
    if world.desk.incomplete() {
        return;
    }
    for (name, table) in world.specs.campaigns.iter().filter(|(name, _)| !named.contains(*name)) {
        let problem = Problem::warning(codes::CAMPAIGN_IDLE, table.spot, format!("{} has no {kind}: {so}", table.what));
        world
            .desk
            .tell(problem.hint(format!("add a `[{kind}.…]` with `campaign = \"{name}\"`")));
    }
}
