//! The demo exchange: every lead type, buyers of every temper.

use super::{DemoSource, Exchange, source};
use crate::world::World;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/market/", $path)))),*]
    };
}

/// `examples/market`.
pub static MARKET: Exchange = Exchange {
    name: "market",
    files: files![
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
    ],
    addresses: "market.toml",
    sources: &SOURCES,
    services: &[],
    lists: &[],
    secrets: &[],
    world: World::demo,
};

/// Every feed; the busiest lead types have two.
const SOURCES: [DemoSource; 14] = [
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
