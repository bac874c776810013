//! The demo exchange: the files of `examples/market`, with the addresses of this market put in.

#[cfg(test)]
mod tests;

use crate::world::World;
use std::collections::BTreeMap;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/market/", $path)))),*]
    };
}

/// Path and text of each file but [`ADDRESSES`], as they lie in `examples/market`.
const FILES: [(&str, &str); 16] = files![
    "buyers.toml",
    "lists.toml",
    "sources.toml",
    "suppliers.toml",
    "campaigns/auto_insurance.toml",
    "campaigns/debt_relief.toml",
    "campaigns/health_insurance.toml",
    "campaigns/home_insurance.toml",
    "campaigns/home_services.toml",
    "campaigns/legal_mass_tort.toml",
    "campaigns/legal_mva.toml",
    "campaigns/life_insurance.toml",
    "campaigns/medicare.toml",
    "campaigns/mortgage.toml",
    "campaigns/personal_loan.toml",
    "campaigns/solar.toml",
];

/// The file of variables: one address for each buyer.
const ADDRESSES: &str = "market.toml";

/// A feed of the demo exchange, for whoever plays its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSource {
    /// Its name in `sources.toml`, and that of the secret its key is kept under.
    pub name: &'static str,
    /// Its campaign, which is called after its lead type.
    pub lead_type: &'static str,
    /// The key it presents.
    pub key: &'static str,
}

/// Every feed; the busiest lead types have two.
pub const DEMO_SOURCES: [DemoSource; 14] = [
    source("northstar_auto", "auto_insurance", "demo-key-northstar-auto"),
    source("northstar_home", "home_insurance", "demo-key-northstar-home"),
    source("harborlight_health", "health_insurance", "demo-key-harborlight-health"),
    source("harborlight_life", "life_insurance", "demo-key-harborlight-life"),
    source("harborlight_medicare", "medicare", "demo-key-harborlight-medicare"),
    source("copperfield_mortgage", "mortgage", "demo-key-copperfield-mortgage"),
    source("copperfield_loans", "personal_loan", "demo-key-copperfield-loans"),
    source("meadow_debt", "debt_relief", "demo-key-meadow-debt"),
    source("tidewater_injury", "legal_mva", "demo-key-tidewater-injury"),
    source("tidewater_torts", "legal_mass_tort", "demo-key-tidewater-torts"),
    source("summit_solar", "solar", "demo-key-summit-solar"),
    source("summit_services", "home_services", "demo-key-summit-services"),
    source("lantern_auto", "auto_insurance", "demo-key-lantern-auto"),
    source("lantern_services", "home_services", "demo-key-lantern-services"),
];

const fn source(name: &'static str, lead_type: &'static str, key: &'static str) -> DemoSource {
    DemoSource { name, lead_type, key }
}

/// Path and text of every spec file of the demo exchange.
///
/// `base_urls` says where each buyer of the world listens, by its position in [`World::buyers`] and without a slash at the
/// end; what follows there is `/<lead type>/ping` or the like. A buyer that is [`crate::buyers::Temperament::Dead`] wants
/// an address at which nobody listens. [`World::answer`] expects paths that begin with `/b/<name>`.
pub fn demo_spec(world: &World, base_urls: &dyn Fn(usize) -> String) -> Vec<(String, String)> {
    let address = |(at, name): (usize, &str)| format!("{name} = {}\n", serde_json::Value::from(base_urls(at)));
    let names = world.buyers.iter().map(|buyer| buyer.profile().name.as_str()).enumerate();
    let addresses = format!(
        "# Where the simulated buyers of this run listen.\n\n[variables]\n{}",
        names.map(address).collect::<String>()
    );
    let files = FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    files.chain([(ADDRESSES.to_owned(), addresses)]).collect()
}

/// The secrets that the demo exchange's files name: keys of sources, and our keys at the buyers.
pub fn demo_secrets(world: &World) -> BTreeMap<String, String> {
    let sources = DEMO_SOURCES.iter().map(|source| (source.name.to_owned(), source.key.to_owned()));
    let names = world.buyers.iter().map(|buyer| &buyer.profile().name);
    sources
        .chain(names.map(|name| (format!("{name}_key"), format!("demo-key-{}", name.replace('_', "-")))))
        .collect()
}
