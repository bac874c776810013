//! Bids as they come in, and the plan that follows from them.

mod ladder;
mod lines;
mod properties;
mod sharing;
mod turns;

use super::*;
use crate::catalog::Contract;
use crate::consent::tests::lead_type;
use crate::consent::{CampaignConsent, ContractConsent};
use crate::filter::Filter;
use crate::id::{BuyerName, CampaignName, ContractName, IntegrationName};
use crate::intake::Intake;
use crate::money::Currency;
use crate::pacing::Pacing;
use crate::price::{Deal, PayoutRule, PriceList, Rates};
use crate::screen::tests::source;
use crate::unknown::UnknownPolicy;
use std::sync::Arc;

/// A contract without terms of its own; the buyer is called like it.
pub(crate) fn contract(name: &str) -> Contract {
    Contract {
        name: ContractName::new(name),
        index: 0,
        buyer: BuyerName::new(name),
        buyer_label: format!("{name} LLC").into(),
        integration: IntegrationName::new("json"),
        filter: Filter::everything(),
        consent: ContractConsent::default(),
        price: PriceList::default(),
        rates: Rates::default(),
        routes: Vec::new(),
        handicap_bp: 0,
        priority: 1,
        weight: 1,
        tier: None,
        sweeper: false,
        returns_bp: 0,
        pacing: Pacing::default(),
        duplicates: Vec::new(),
        lists: Vec::new(),
        view: 0,
        ping_timeout_ms: 600,
        post_timeout_ms: 5_000,
        calls_max: 64,
        tell_winning_price: false,
        paused: false,
    }
}

/// A campaign with these contracts.
pub(crate) fn campaign(contracts: Vec<Contract>) -> Campaign {
    Campaign {
        name: CampaignName::new("auto"),
        lead_type: Arc::new(lead_type(Vec::new())),
        intake: Intake::default(),
        consent: CampaignConsent::default(),
        currency: Currency::USD,
        distribution: vec![Rule::HighestBid],
        sharing: Sharing::default(),
        expected: Expected::default(),
        deal: Deal {
            payout: PayoutRule::Share(8_000),
            floor: Money::ZERO,
            ceiling: None,
            loss_max: Money::ZERO,
        },
        keep_sold_days: None,
        keep_unsold_days: None,
        pacing: Pacing::default(),
        duplicates: Vec::new(),
        ping_window_ms: 800,
        quote_seconds: 60,
        keeps_promises: false,
        posts_max: 5,
        unknown: UnknownPolicy::default(),
        views: Vec::new(),
        contracts,
        roster: std::sync::OnceLock::new(),
    }
}

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// Nothing asked for beyond the standing terms.
pub(crate) const NO_WISHES: Wishes = Wishes {
    payout_min: Money::ZERO,
    sales_max: u32::MAX,
};

/// The contracts of a table in order of their names, and its bids: `ann 12.00 EUR at 30ms alone`, `bob 9.00 at 1ms of 2`.
fn read(table: &str) -> (Campaign, Vec<Entry>) {
    let lines: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<_>| !words.is_empty())
        .collect();
    let mut names: Vec<&str> = lines.iter().map(|words| words[0]).collect();
    names.sort_unstable();
    names.dedup();
    let entry = |words: &Vec<&str>| {
        let (price, currency, at, rest) = match &words[1..] {
            [price, "at", at, rest @ ..] => (price, None, at, rest),
            [price, currency, "at", at, rest @ ..] => (price, Currency::parse(currency), at, rest),
            _ => panic!("{words:?} is no bid"),
        };
        let (exclusive, shares) = match rest {
            [] => (None, None),
            ["alone"] => (Some(true), None),
            ["of", shares] => (None, Some(shares.parse().unwrap())),
            _ => panic!("{rest:?} is no condition"),
        };
        let bid = Bid {
            currency,
            price: Money::parse(price).ok(),
            exclusive,
            shares,
            ..Bid::at(Money::ZERO)
        };
        Entry {
            contract: names.iter().position(|name| *name == words[0]).unwrap(),
            bid,
            answered_us: at.strip_suffix("ms").unwrap().parse::<u64>().unwrap() * 1_000,
        }
    };
    let entries = lines.iter().map(entry).collect();
    (campaign(names.into_iter().map(contract).collect()), entries)
}

/// Ranks under what nobody has asked for or learned.
fn ranked(campaign: &Campaign, entries: Vec<Entry>, wishes: Wishes, wheels: &Wheels) -> Plan {
    let source = source();
    let table = Table {
        campaign,
        source: &source,
        wishes,
        wheels,
        odds: &[],
        explore: false,
        over: &[],
    };
    rank(&table, entries)
}

fn name(campaign: &Campaign, at: usize) -> &str {
    campaign.contracts[at].name.as_str()
}

/// `bob at 12.00, ann at 11.00; cid: below_floor`
fn told(campaign: &Campaign, plan: &Plan) -> String {
    let places: Vec<String> = plan
        .places
        .iter()
        .map(|place| format!("{} at {}", name(campaign, place.contract), place.price))
        .collect();
    let mut out: Vec<String> = plan
        .out
        .iter()
        .map(|(at, reason)| format!("{}: {}", name(campaign, *at), reason.code()))
        .collect();
    out.sort_unstable();
    std::iter::once(places.join(", ")).chain(out).collect::<Vec<_>>().join("; ")
}

/// The order of a table, under terms.
#[track_caller]
fn check_with(terms: impl FnOnce(&mut Campaign), table: &str, expected: &str) {
    let (mut campaign, entries) = read(table);
    terms(&mut campaign);
    let plan = ranked(&campaign, entries, NO_WISHES, &Wheels::default());
    assert_eq!(told(&campaign, &plan), expected);
}

/// Carries a plan out: these contracts reject, all others accept. Gives who was posted to, wave by wave.
fn carried_out(campaign: &Campaign, plan: &Plan, rejecting: &[&str]) -> (Progress, Vec<Vec<usize>>) {
    let (mut progress, mut waves) = (Progress::default(), Vec::new());
    loop {
        let wave = plan.next(campaign, &progress);
        if wave.is_empty() {
            return (progress, waves);
        }
        for at in &wave {
            let rejects = rejecting.contains(&name(campaign, plan.places[*at].contract));
            if rejects { &mut progress.gone } else { &mut progress.open }.push(*at);
        }
        waves.push(wave);
    }
}

/// Who has the lead at which price in the end, and why not the others: `ann at 12.00, bob at 9.00; cid: outbid`.
#[track_caller]
fn check_sale(terms: impl FnOnce(&mut Campaign), table: &str, rejecting: &[&str], expected: &str) {
    let (mut campaign, entries) = read(table);
    terms(&mut campaign);
    let plan = ranked(&campaign, entries, NO_WISHES, &Wheels::default());
    let (mut progress, _) = carried_out(&campaign, &plan, rejecting);
    progress.open.sort_unstable();
    let sold: Vec<String> = progress
        .open
        .iter()
        .map(|at| format!("{} at {}", name(&campaign, plan.places[*at].contract), plan.places[*at].price))
        .collect();
    let lost = plan.losers(&campaign, &progress).into_iter().chain(plan.out.clone());
    let mut lost: Vec<String> = lost.map(|(at, reason)| format!("{}: {reason}", name(&campaign, at))).collect();
    lost.sort_unstable();
    let told = std::iter::once(sold.join(", ")).chain(lost).collect::<Vec<_>>().join("\n");
    let wanted: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(told, wanted.join("\n"), "\n{told}\n");
}
