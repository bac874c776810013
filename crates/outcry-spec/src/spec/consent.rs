//! `consent = { sellers = "named", max_age = "30d" }` of campaigns and contracts: what they ask of the consent record
//! beyond the lead type and the rules that hold anyway.

use crate::codes;
use crate::desk::Problem;
use crate::spec::span;
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::consent::certificate::VENDORS;
use outcry_core::consent::{CampaignConsent, Channel, Channels, ContractConsent, Demand, Rules, SellerPolicy, Texts, Unknown};
use outcry_core::lead_type::LeadType;
use std::sync::Arc;

/// What a campaign asks.
pub(crate) fn campaign(world: &World<'_>, name: &str, table: &Table<'_>, lead_type: Option<&LeadType>) -> CampaignConsent {
    let rules = lead_type.map_or_else(Rules::default, |lead_type| world.shared.rules_for(name, lead_type));
    let Some(entry) = table.table("consent") else {
        return CampaignConsent {
            rules,
            ..CampaignConsent::default()
        };
    };
    let demand = demand(&entry);
    let texts = texts(world, &entry);
    entry.finish();
    if demand.sellers == Some(SellerPolicy::Open) {
        let message = format!("{} sells to buyers that the person was never told of", table.what);
        let problem = Problem::warning(codes::OPEN_CONSENT, entry.spot_of("sellers"), message);
        table
            .desk
            .tell(problem.hint("`sellers = \"named\"` asks that the text or its list of partners names the buyer"));
    }
    CampaignConsent { rules, demand, texts }
}

/// What a contract asks.
pub(crate) fn contract(table: &Table<'_>) -> ContractConsent {
    let Some(entry) = table.table("consent") else {
        return ContractConsent::default();
    };
    let consent = ContractConsent {
        demand: demand(&entry),
        channels: channels(&entry),
    };
    entry.finish();
    consent
}

/// What anybody may ask.
pub(crate) fn demand(entry: &Table<'_>) -> Demand {
    Demand {
        sellers: word(entry, "sellers", &SellerPolicy::WORDS),
        age_ms_max: span::read(entry, "max_age"),
        opt_in: names(entry.texts("opt_in")),
        pages: entry
            .texts("pages")
            .into_iter()
            .map(|page| page.value.to_lowercase().into())
            .collect(),
        certificates: certificates(entry),
        forbidden: false,
    }
}

/// Ways to reach a person.
pub(crate) fn channels(entry: &Table<'_>) -> Channels {
    let words = Channel::ALL.map(|channel| (channel.word(), channel));
    let read = |text: &Text| one_of(entry, "channels", text, &words);
    entry.texts("channels").iter().filter_map(read).fold(Channels::NONE, Channels::with)
}

fn certificates(entry: &Table<'_>) -> Vec<Arc<str>> {
    let words = VENDORS.map(|vendor| (vendor, vendor));
    let written = entry.texts("certificates");
    let read = written.iter().filter_map(|text| one_of(entry, "certificates", text, &words));
    read.map(Into::into).collect()
}

fn texts(world: &World<'_>, entry: &Table<'_>) -> Texts {
    let named = entry.texts("texts");
    let known = |name: &Text| {
        let found = world.shared.texts.get(&name.value);
        if found.is_none() && world.refers("text", &world.specs.texts, name) {
            return None; // it is there, and was reported
        }
        found.cloned()
    };
    Texts {
        approved: named.iter().filter_map(known).collect(),
        unknown: word(entry, "unknown_text", &Unknown::WORDS).unwrap_or_default(),
    }
}

fn names(texts: Vec<Text>) -> Vec<Arc<str>> {
    texts.into_iter().map(|text| text.value.into()).collect()
}

/// One of a list of words, if it is there.
pub(crate) fn word<T: Copy>(table: &Table<'_>, key: &'static str, words: &[(&'static str, T)]) -> Option<T> {
    let written = table.text(key)?;
    one_of(table, key, &written, words)
}

/// The meaning of a word; one that is not in the list is reported.
pub(crate) fn one_of<T: Copy>(table: &Table<'_>, key: &str, written: &Text, words: &[(&'static str, T)]) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == written.value).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let problem = Problem::error(codes::UNKNOWN_WORD, written.spot, format!("`{key}` cannot be `{}`", written.value));
        let hint = crate::name::suggestion(&written.value, words.iter().map(|(word, _)| *word));
        table.desk.tell(problem.hint_if(hint));
    }
    found
}
