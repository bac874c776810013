//! The exchange that uses every rule of the trade: six campaigns in insurance, finance and law.

use super::{DemoList, DemoSource, Exchange, source};
use crate::world::World;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/full/", $path)))),*]
    };
}

macro_rules! list {
    ($name:literal) => {
        DemoList {
            name: $name,
            entries: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/full/lists/", $name, ".csv")),
        }
    };
}

/// `examples/full`.
pub static FULL: Exchange = Exchange {
    name: "full",
    files: files![
        "buyers.toml",
        "checks.toml",
        "exchange.toml",
        "lists.toml",
        "sources.toml",
        "suppliers.toml",
        "campaigns/auto.toml",
        "campaigns/mass_tort.toml",
        "campaigns/medicare.toml",
        "campaigns/mortgage.toml",
        "campaigns/motor_accident.toml",
        "campaigns/personal_loan.toml",
        "consent/house_rules.toml",
        "consent/texts.toml",
        "integrations/direct_post.toml",
        "integrations/phone_check.toml",
        "texts/get_my_quotes.txt",
    ],
    addresses: "addresses.toml",
    sources: &SOURCES,
    services: &["phone_check", "trustedform"],
    lists: &[
        list!("national_dnc"),
        list!("litigators"),
        list!("meridian_customers"),
        list!("granite_customers"),
        list!("homestead_members"),
        list!("oakridge_defaults"),
        list!("throwaway_mail"),
        list!("robot_networks"),
        list!("tallgrass_area"),
    ],
    secrets: &[
        ("granite_list_key", "demo-granite-list-key"),
        ("homestead_inbox", "demo-key-homestead-inbox"),
        ("lantern_auto_next", "demo-key-lantern-auto-next"),
        ("lantern_medicare", "demo-key-lantern-medicare"),
        ("northfork_postback", "whsec_b3V0Y3J5LWRlbW8tcG9zdGJhY2stc2VjcmV0LTAx"),
        ("northfork_sandbox", "demo-key-northfork-sandbox"),
        ("phone_check_key", "demo-key-phone-check"),
        ("trustedform_key", "demo-key-trustedform"),
        ("trustedform_sandbox_key", "demo-key-trustedform-sandbox"),
    ],
    world: World::full,
};

/// Every feed that sends: the sandbox and the one that is paused are not among them.
const SOURCES: [DemoSource; 13] = [
    source("northfork_auto", "auto_insurance", "demo-key-northfork-auto"),
    source("lantern_auto", "auto_insurance", "demo-key-lantern-auto"),
    source("summit_auto", "auto_insurance", "demo-key-summit-auto"),
    source("harborlight_medicare", "medicare", "demo-key-harborlight-medicare"),
    source("summit_medicare", "medicare", "demo-key-summit-medicare"),
    source("copperfield_mortgage", "mortgage", "demo-key-copperfield-mortgage"),
    source("northfork_mortgage", "mortgage", "demo-key-northfork-mortgage"),
    source("copperfield_loans", "personal_loan", "demo-key-copperfield-loans"),
    source("lantern_loans", "personal_loan", "demo-key-lantern-loans"),
    source("tidewater_injury", "legal_mva", "demo-key-tidewater-injury"),
    source("lantern_injury", "legal_mva", "demo-key-lantern-injury"),
    source("tidewater_torts", "legal_mass_tort", "demo-key-tidewater-torts"),
    source("northfork_torts", "legal_mass_tort", "demo-key-northfork-torts"),
];
