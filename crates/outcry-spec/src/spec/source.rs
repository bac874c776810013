//! `[source.…]`: one inbound feed of a supplier, with its own keys and terms.

use crate::codes;
use crate::desk::Problem;
use crate::spec::pacing::{self, Level};
use crate::spec::{address, cap, distribution, duplicates, supplier, terms};
use crate::table::Table;
use crate::text::Text;
use crate::trade::Campaigns;
use crate::world::World;
use outcry_core::catalog::{Campaign, PostbackKey, Source};
use outcry_core::door_key::{self, Holder, IssuedKey};
use outcry_core::id::{BuyerName, LeadTypeName, SourceName, SupplierName};
use outcry_core::lead_type::LeadType;
use outcry_core::money::Money;
use outcry_core::pacing::Pacing;
use outcry_core::price::Deal;
use sha2::{Digest, Sha256};
use std::ops::RangeInclusive;

/// A source may wait this long for its answer. Ours leaves within two seconds by default; its own counts if shorter.
const DEADLINE_MS: RangeInclusive<u32> = 100..=60_000;

/// What a postback address may have filled in.
const PLACEHOLDERS: [&str; 3] = ["lead_id", "status", "payout"];

/// Reads a source; `None` if it names no campaign that there is.
pub(crate) fn read(world: &World<'_>, name: &str, table: &Table<'_>, campaigns: &Campaigns) -> Option<Source> {
    let supplier = table.need_text("supplier", "\"…\"");
    let supplier = supplier.filter(|supplier| world.refers("supplier", &world.specs.suppliers, supplier));
    let supplier_rates = supplier.as_ref().and_then(|supplier| world.specs.suppliers.get(&supplier.value));
    let supplier_rates = supplier_rates.map(terms::rates).unwrap_or_default();
    let campaign = campaign(world, table);
    let lead_type = campaign.and_then(|at| campaigns.get(world.specs.campaigns.keys().nth(at)?));
    let lead_type = lead_type.map(|(campaign, _)| &campaign.lead_type);
    let suppliers = supplier
        .as_ref()
        .and_then(|supplier| world.specs.suppliers.get(&supplier.value).map(|table| (&supplier.value, table)));
    let suppliers = suppliers.map_or_else(Pacing::default, |(name, table)| supplier::pacing(world, name, table, lead_type));
    let level = Level {
        whose: format!("source/{name}"),
        lead_type,
        zone: &cap::zone(table),
        numbers: &world.numbers,
    };
    let own = pacing::read(&level, table);
    let keys = keys(table);
    let source = Source {
        name: SourceName::new(name),
        supplier: SupplierName::new(supplier.map_or_else(String::new, |supplier| supplier.value)),
        campaign: campaign.unwrap_or_default(),
        key_digests: keys.digests,
        issued_keys: keys.issued,
        rates: terms::rates(table).within(&supplier_rates),
        payout_min: table.money("payout_min").unwrap_or(Money::ZERO),
        sales_max: table.number("sales_max", &distribution::SALES_BOUNDS),
        pacing: own.with(suppliers),
        deadline_ms: table.number("deadline_ms", &DEADLINE_MS),
        excluded_buyers: excluded_buyers(world, table),
        duplicates: duplicates::read(table, &lead_types(world, campaign)),
        hide_duplicates: table.flag("hide_duplicates"),
        postback_url: postback(table).map(|postback| postback.value.into()),
        postback_key: postback_key(table),
        test_only: table.flag("test_only"),
        paused: table.flag("paused"),
    };
    table.finish();
    campaign.map(|_| source)
}

/// The most that any price can be: amounts have nine digits before the point.
const PRICE_MOST: Money = Money::from_cents(99_999_999_999);

/// Reports a source that wants more than its terms can ever bring it. A payout that was reported is no terms.
pub(crate) fn check_payout_min(table: &Table<'_>, source: &Source, campaign: &Campaign) {
    if source.rates.payout.is_none() && terms::has_payout(table) {
        return;
    }
    let of = |deal: Deal| deal.payout.most(deal.ceiling.unwrap_or(PRICE_MOST), deal.loss_max);
    let deals = (0..campaign.contracts.len()).map(|at| campaign.deal(source, at));
    let most = deals.map(of).max().unwrap_or_else(|| of(campaign.deal.under(&source.rates)));
    let wanted = source.payout_min;
    if most < wanted {
        let message = format!(
            "{} can never get its `payout_min` of {wanted}: its payout is {most} at most",
            table.what
        );
        let problem = Problem::error(codes::PAYOUT_OUT_OF_REACH, table.spot_of("payout_min"), message);
        let hint = "raise the `payout` of the source, or else of its campaign, or the campaign's `ceiling`; or lower `payout_min`";
        table.desk.tell(problem.hint(hint));
    }
}

/// Position of its campaign; campaigns stand in the catalog in order of their names.
fn campaign(world: &World<'_>, table: &Table<'_>) -> Option<usize> {
    let campaigns = &world.specs.campaigns;
    let Some(campaign) = table.text("campaign") else {
        if !table.has("campaign") {
            let known = campaigns.keys().map(String::as_str).collect::<Vec<_>>().join("`, `");
            let problem = Problem::error(
                codes::SOURCE_WITHOUT_CAMPAIGN,
                table.spot,
                format!("{} has no `campaign`, so its leads have nowhere to go", table.what),
            );
            table
                .desk
                .tell(problem.hint_if((!known.is_empty()).then(|| format!("add `campaign = \"…\"`; there is `{known}`"))));
        }
        return None;
    };
    world.refers("campaign", campaigns, &campaign);
    campaigns.keys().position(|name| *name == campaign.value)
}

/// The lead type of its campaign, if both are known.
fn lead_types<'w>(world: &'w World<'_>, campaign: Option<usize>) -> Vec<&'w LeadType> {
    let named = campaign.and_then(|at| world.specs.campaigns.values().nth(at)?.text("lead_type"));
    let known = named.and_then(|named| world.lead_types.get(&LeadTypeName::new(named.value.as_str())));
    known.map(AsRef::as_ref).into_iter().collect()
}

fn excluded_buyers(world: &World<'_>, table: &Table<'_>) -> Vec<BuyerName> {
    let named = table.texts("exclude_buyers").into_iter();
    named
        .filter(|buyer| world.refers("buyer", &world.specs.buyers, buyer))
        .map(|buyer| BuyerName::new(buyer.value))
        .collect()
}

/// What opens a door: SHA-256 of each key that the process is given in full, and the lines of those that were issued.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) digests: Vec<[u8; 32]>,
    pub(crate) issued: Vec<IssuedKey>,
}

/// What opens the door to a source. Without a key nobody gets in.
fn keys(table: &Table<'_>) -> Keys {
    let keys = keys_of(table, Holder::Source);
    if keys.digests.is_empty() && keys.issued.is_empty() && !table.has("keys") {
        table.tell_missing("keys", "[\"secret:…\"]");
    }
    keys
}

/// The keys themselves never stand in a file: files are read, copied and kept for ever.
pub(crate) fn keys_of(table: &Table<'_>, holder: Holder) -> Keys {
    let mut keys = Keys::default();
    for key in &table.texts("keys") {
        match secret(table, key) {
            Some(value) if door_key::is_issued(&value) && door_key::presented(&value).is_none() => match IssuedKey::parse(&value, holder) {
                Ok(issued) => keys.issued.push(issued),
                Err(why) => {
                    let message = format!("the secret behind `{}` {why}", key.value);
                    let problem = Problem::error(codes::MISSING_SECRET, key.spot, message);
                    table
                        .desk
                        .tell(problem.hint("`outcry key new` prints the line of a key; put all of it between the quotes"));
                }
            },
            Some(value) => keys.digests.push(Sha256::digest(value.as_bytes()).into()),
            None => {}
        }
    }
    keys
}

fn secret(table: &Table<'_>, key: &Text) -> Option<String> {
    let Some(name) = key.value.strip_prefix("secret:") else {
        let problem = Problem::error(
            codes::LITERAL_KEY,
            key.spot,
            format!("a key of {} stands in the file itself", table.what),
        );
        table
            .desk
            .tell(problem.hint("write \"secret:name\" and give the key to the process under that name"));
        return None;
    };
    resolve_secret(table, name, key)
}

/// The value behind `secret:name`; if there is none, or an empty one, it is reported.
pub(crate) fn resolve_secret(table: &Table<'_>, name: &str, written: &Text) -> Option<String> {
    let value = table.desk.secret(name).filter(|value| !value.is_empty());
    if value.is_none() {
        let variable = format!("OUTCRY_SECRET_{}", name.to_uppercase());
        let problem = Problem::error(codes::MISSING_SECRET, written.spot, format!("the secret `{name}` has no value"));
        table.desk.tell(problem.hint(format!(
            "give it to the process: as `{name}` in the file of `--secrets FILE`, or as the variable {variable}"
        )));
    }
    value
}

fn postback(table: &Table<'_>) -> Option<Text> {
    filled_address(table, "postback", &PLACEHOLDERS)
}

/// An address with places to be filled in.
pub(crate) fn filled_address(table: &Table<'_>, key: &'static str, placeholders: &[&str]) -> Option<Text> {
    let address = table.text(key)?;
    address::check(table.desk, key, &address);
    let mut rest = 0;
    while let Some(open) = address.value[rest..].find(['{', '}']).map(|at| rest + at) {
        let inside = address.value[open..]
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
            .map(|(inside, _)| inside);
        rest = open + 1 + inside.map_or(0, |inside| inside.len() + 1);
        if inside.is_none_or(|inside| !placeholders.contains(&inside)) {
            tell_placeholder(table, &address, open, inside, placeholders);
        }
    }
    Some(address)
}

/// What signs postbacks, if the source wants them signed.
fn postback_key(table: &Table<'_>) -> Option<PostbackKey> {
    let written = table.text("postback_secret")?;
    if !table.has("postback") {
        let problem = Problem::error(
            codes::BAD_POSTBACK_SECRET,
            written.spot,
            "`postback_secret` signs a postback, and there is none",
        );
        table.desk.tell(problem.hint("say where it goes: postback = \"https://…\""));
    }
    let key = outcry_integration::webhook::key(&secret(table, &written)?);
    match key {
        Ok(key) => Some(PostbackKey(key)),
        Err(why) => {
            let message = format!("the `postback_secret` of {} cannot sign: {why}", table.what);
            let problem = Problem::error(codes::BAD_POSTBACK_SECRET, written.spot, message);
            let hint = "give the process one as Standard Webhooks write it: whsec_ and then the base64 of 24 to 64 random bytes";
            table.desk.tell(problem.hint(hint));
            None
        }
    }
}

fn tell_placeholder(table: &Table<'_>, address: &Text, at: usize, inside: Option<&str>, placeholders: &[&str]) {
    let message = match inside {
        Some(inside) => format!("`{{{inside}}}` is nothing that a postback can be filled with"),
        None => "a brace of this postback has no partner".to_owned(),
    };
    let (last, others) = placeholders.split_last().expect("there is something to fill in");
    let known = format!("`{{{}}}` and `{{{last}}}`", others.join("}`, `{"));
    let problem = Problem::error(codes::BAD_PLACEHOLDER, address.spot_at(table.desk, at), message);
    table
        .desk
        .tell(problem.hint(format!("there is {known}; a plain brace is written %7B or %7D")));
}
