//! Bids as they come in, and the plan that follows from them.

use super::*;
use crate::catalog::Contract;
use crate::consent::tests::lead_type;
use crate::filter::Filter;
use crate::id::{BuyerName, CampaignName, ContractName, IntegrationName};
use crate::money::Currency;
use crate::price::{PayoutRule, PriceRule};
use proptest::prelude::*;
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
        price: PriceRule::Bid,
        floor: None,
        ceiling: None,
        handicap_bp: 0,
        caps: Vec::new(),
        duplicate_days: None,
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
        currency: Currency::USD,
        distribution: Distribution::HighestBid,
        floor: Money::ZERO,
        ceiling: None,
        payout: PayoutRule::Share(8_000),
        duplicate_days: None,
        suppression_lists: Vec::new(),
        ping_window_ms: 800,
        quote_seconds: 60,
        posts_max: 5,
        views: Vec::new(),
        contracts,
    }
}

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// The contracts of a table in order of their names, and its bids.
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
        let (price, currency, at) = match words[1..] {
            [price, currency, "at", at] => (price, Currency::parse(currency), at),
            [price, "at", at] => (price, None, at),
            _ => panic!("{words:?} is no bid"),
        };
        let answered_us = at.strip_suffix("ms").unwrap().parse::<u64>().unwrap() * 1_000;
        let bid = Bid {
            currency,
            price: Money::parse(price).ok(),
            ..Bid::at(Money::ZERO)
        };
        Entry {
            contract: names.iter().position(|name| *name == words[0]).unwrap(),
            bid,
            answered_us,
        }
    };
    let entries = lines.iter().map(entry).collect();
    (campaign(names.into_iter().map(contract).collect()), entries)
}

/// `bob at 12.00, ann at 11.00; cid: below_floor`
fn told(campaign: &Campaign, plan: &Plan) -> String {
    let name = |at: usize| campaign.contracts[at].name.as_str();
    let places: Vec<String> = plan
        .places
        .iter()
        .map(|place| format!("{} at {}", name(place.contract), place.price))
        .collect();
    let mut out: Vec<String> = plan
        .out
        .iter()
        .map(|(at, reason)| format!("{}: {}", name(*at), reason.code()))
        .collect();
    out.sort_unstable();
    std::iter::once(places.join(", ")).chain(out).collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn check(table: &str, expected: &str) {
    check_with(|_| {}, table, expected);
}

#[track_caller]
fn check_with(terms: impl FnOnce(&mut Campaign), table: &str, expected: &str) {
    let (mut campaign, entries) = read(table);
    terms(&mut campaign);
    assert_eq!(told(&campaign, &rank(&campaign, entries, Money::ZERO)), expected);
}

#[test]
fn the_highest_bid_stands_first() {
    check(
        "
        ann  12.00  at 30ms
        bob  15.00  at 20ms
        cid  11.00  at  5ms
        ",
        "bob at 15.00, ann at 12.00, cid at 11.00",
    );
}

#[test]
fn of_equal_bids_the_earlier_answer_wins_and_then_the_earlier_contract() {
    check(
        "
        ann  12.00  at 30ms
        dan  12.00  at 20ms
        cid  12.00  at 20ms
        bob  12.000001  at 600ms
        ",
        "bob at 12.000001, cid at 12.00, dan at 12.00, ann at 12.00",
    );
}

#[test]
fn floors_and_ceilings_include_themselves_and_the_stricter_one_counts() {
    let terms = |campaign: &mut Campaign| {
        (campaign.floor, campaign.ceiling) = (money("10.00"), Some(money("50.00")));
        campaign.contracts[2].floor = Some(money("12.00"));
        campaign.contracts[3].floor = Some(money("1.00"));
        campaign.contracts[4].ceiling = Some(money("20.00"));
        campaign.contracts[5].ceiling = Some(money("99.00"));
    };
    check_with(
        terms,
        "
        ann  10.00  at 1ms
        bob  50.00  at 1ms
        cid  11.99  at 1ms
        dan   9.99  at 1ms
        eve  20.01  at 1ms
        fay  50.01  at 1ms
        ",
        "bob at 50.00, ann at 10.00; cid: below_floor; dan: below_floor; eve: above_ceiling; fay: above_ceiling",
    );
}

#[test]
fn a_bid_needs_a_price_above_nothing_in_the_campaigns_currency() {
    check(
        "
        ann   0.00      at 1ms
        bob  -1.00      at 1ms
        cid  plenty     at 1ms
        dan  12.00 EUR  at 1ms
        eve   2.00 USD  at 1ms
        fay   0.000001  at 1ms
        ",
        "eve at 2.00, fay at 0.000001; ann: below_floor; bob: below_floor; cid: bad_answer; dan: other_currency",
    );
}

#[test]
fn what_the_source_wants_comes_on_top_of_all_floors() {
    let (mut campaign, entries) = read("ann 12.49 at 1ms\nbob 12.50 at 1ms\ncid 19.99 at 1ms");
    campaign.contracts[2].floor = Some(money("20.00"));
    let plan = rank(&campaign, entries, money("12.50"));
    assert_eq!(told(&campaign, &plan), "bob at 12.50; ann: below_floor; cid: below_floor");
    assert_eq!(
        plan.out[1].1,
        Reason::BelowFloor {
            bid: money("12.49"),
            floor: money("12.50")
        }
    );
}

#[test]
fn a_handicap_lowers_the_rank_and_neither_the_price_nor_the_floor() {
    let table = "
        ann  12.00  at 1ms
        bob  13.00  at 1ms
        ";
    let bob = |handicap_bp| move |campaign: &mut Campaign| campaign.contracts[1].handicap_bp = handicap_bp;
    check_with(bob(500), table, "bob at 13.00, ann at 12.00");
    check_with(bob(1_000), table, "ann at 12.00, bob at 13.00");
    let with_a_floor = |campaign: &mut Campaign| {
        campaign.floor = money("13.00");
        campaign.contracts[1].handicap_bp = 5_000;
    };
    check_with(with_a_floor, table, "bob at 13.00; ann: below_floor");
}

#[test]
fn of_several_bids_of_one_contract_the_best_that_may_win_takes_its_one_place() {
    check_with(
        |campaign| campaign.ceiling = Some(money("40.00")),
        "
        ann  41.00      at 1ms
        ann  14.00      at 1ms
        ann  15.00      at 1ms
        bob  16.00 EUR  at 1ms
        bob  90.00      at 1ms
        cid  14.50      at 1ms
        ",
        "ann at 15.00, cid at 14.50; bob: above_ceiling",
    );
}

#[test]
fn whoever_stands_behind_the_sale_was_outbid_or_outranked() {
    let (campaign, entries) = read("ann 15.00 at 9ms\nbob 14.00 at 1ms\ncid 14.00 at 2ms\ndan 13.00 at 1ms");
    let plan = rank(&campaign, entries, Money::ZERO);
    let told = |sold| -> Vec<String> {
        losers(&campaign, &plan, sold)
            .into_iter()
            .map(|(at, reason)| format!("{at}: {reason}"))
            .collect()
    };
    assert_eq!(told(3), [""; 0]);
    assert_eq!(
        told(1),
        [
            "2: the same bid of 14.00 as the winner, later in the tie-break",
            "3: outbid: 13.00 against 14.00"
        ]
    );
    assert_eq!(told(0).len(), 3);
    assert_eq!(told(9), [""; 0], "there is no such place");
}

#[test]
fn a_higher_or_equal_bid_that_lost_by_its_handicap_is_told_so() {
    let (mut campaign, entries) = read("ann 12.00 at 9ms\nbob 13.00 at 1ms\ncid 12.00 at 1ms\ndan 11.00 at 1ms\neve 9.00 at 1ms");
    campaign.contracts[1].handicap_bp = 2_500;
    campaign.contracts[2].handicap_bp = 1_250;
    campaign.contracts[4].handicap_bp = 100;
    let plan = rank(&campaign, entries, Money::ZERO);
    let told: Vec<String> = losers(&campaign, &plan, 0)
        .into_iter()
        .map(|(at, reason)| format!("{}: {reason}", campaign.contracts[at].name))
        .collect();
    assert_eq!(
        told,
        [
            "dan: outbid: 11.00 against 12.00",
            "cid: its bid of 12.00 counts 12.5 % less, and 12.00 won",
            "bob: its bid of 13.00 counts 25 % less, and 12.00 won",
            "eve: outbid: 9.00 against 12.00",
        ]
    );
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let bid = (0_i64..4, prop::option::of(Just(Currency::parse("EUR").unwrap())), prop::bool::ANY);
    let entry = (0_usize..6, bid, 0_u64..3).prop_map(|(contract, (price, currency, priced), answered_us)| {
        let price = priced.then(|| Money::from_cents(price * 500));
        Entry {
            contract,
            bid: Bid {
                price,
                currency,
                ..Bid::at(Money::ZERO)
            },
            answered_us,
        }
    });
    prop::collection::vec(entry, 0..12)
}

proptest! {
    #[test]
    fn every_contract_that_bid_has_one_place_or_one_reason(entries in entries()) {
        let campaign = campaign(["ann", "bob", "cid", "dan", "eve", "fay"].map(contract).into());
        let plan = rank(&campaign, entries.clone(), Money::ZERO);
        let mut found: Vec<usize> = plan.places.iter().map(|place| place.contract).chain(plan.out.iter().map(|(at, _)| *at)).collect();
        found.sort_unstable();
        let mut bid: Vec<usize> = entries.iter().map(|entry| entry.contract).collect();
        bid.sort_unstable();
        bid.dedup();
        prop_assert_eq!(found, bid);
        prop_assert!(plan.places.is_sorted_by(|a, b| a.price >= b.price));
    }

    #[test]
    fn the_order_in_which_answers_are_read_does_not_matter(entries in entries().prop_shuffle(), turn in 0_usize..12) {
        let campaign = campaign(["ann", "bob", "cid", "dan", "eve", "fay"].map(contract).into());
        let mut turned = entries.clone();
        turned.rotate_left(turn.min(entries.len()));
        let (plan, again) = (rank(&campaign, entries, Money::ZERO), rank(&campaign, turned, Money::ZERO));
        let places = |plan: &Plan| plan.places.iter().map(|place| (place.contract, place.price)).collect::<Vec<_>>();
        prop_assert_eq!(places(&plan), places(&again));
    }
}
