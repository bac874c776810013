//! The order of bids under each rule, and what keeps a bid out of it.

use super::*;
use crate::price::Route;
use crate::rank::Tier;

#[track_caller]
fn check(table: &str, expected: &str) {
    check_with(|_| {}, table, expected);
}

fn by(rules: &[Rule]) -> impl FnOnce(&mut Campaign) {
    move |campaign: &mut Campaign| campaign.distribution = rules.to_vec()
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
        (campaign.deal.floor, campaign.deal.ceiling) = (money("10.00"), Some(money("50.00")));
        campaign.contracts[2].rates.floor = Some(money("12.00"));
        campaign.contracts[3].rates.floor = Some(money("1.00"));
        campaign.contracts[4].rates.ceiling = Some(money("20.00"));
        campaign.contracts[5].rates.ceiling = Some(money("99.00"));
        let floor = Rates {
            floor: Some(money("30.00")),
            ..Rates::default()
        };
        campaign.contracts[6].routes = vec![(
            source().name,
            Route {
                rates: floor,
                ..Route::default()
            },
        )];
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
        gus  29.99  at 1ms
        ",
        "bob at 50.00, ann at 10.00; cid: below_floor; dan: below_floor; eve: above_ceiling; fay: above_ceiling; gus: below_floor",
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
fn a_bid_has_to_bring_the_payout_that_the_source_asks_for() {
    let (mut campaign, entries) = read("ann 12.48 at 1ms\nbob 12.50 at 1ms\ncid 19.98 at 1ms");
    campaign.contracts[2].rates.payout = Some(PayoutRule::Share(5_000));
    let wishes = Wishes {
        payout_min: money("10.00"),
        ..NO_WISHES
    };
    let plan = ranked(&campaign, entries, wishes, &Wheels::default());
    assert_eq!(told(&campaign, &plan), "bob at 12.50; ann: payout_too_low; cid: payout_too_low");
    assert_eq!(
        plan.out[0].1.to_string(),
        "the bid of 12.48 pays the source 9.98, and it asks for 10.00"
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
        campaign.deal.floor = money("13.00");
        campaign.contracts[1].handicap_bp = 5_000;
    };
    check_with(with_a_floor, table, "bob at 13.00; ann: below_floor");
    let on_this_route = |campaign: &mut Campaign| {
        let route = Route {
            handicap_bp: Some(2_000),
            ..Route::default()
        };
        campaign.contracts[1].routes = vec![(source().name, route)];
    };
    check_with(on_this_route, table, "ann at 12.00, bob at 13.00");
}

#[test]
fn of_several_bids_of_one_contract_the_best_that_may_win_takes_its_one_place() {
    check_with(
        |campaign| campaign.deal.ceiling = Some(money("40.00")),
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

const FOUR: &str = "
    ann  10.00  at 1ms
    bob  12.00  at 2ms
    cid  12.00  at 3ms
    dan   9.00  at 4ms
    ";

#[test]
fn by_priority_the_lowest_number_stands_first_whatever_it_bids() {
    let terms = |campaign: &mut Campaign| {
        campaign.distribution = vec![Rule::Priority, Rule::HighestBid];
        [2, 2, 3, 1]
            .into_iter()
            .zip(&mut campaign.contracts)
            .for_each(|(priority, contract)| contract.priority = priority);
    };
    check_with(terms, FOUR, "dan at 9.00, bob at 12.00, ann at 10.00, cid at 12.00");
}

#[test]
fn a_rule_decides_between_those_that_are_equal_under_the_rule_before_it() {
    let terms = |campaign: &mut Campaign| {
        campaign.distribution = vec![Rule::HighestBid, Rule::Priority];
        campaign.contracts[1].priority = 2;
    };
    check_with(terms, FOUR, "cid at 12.00, bob at 12.00, ann at 10.00, dan at 9.00");
    check_with(by(&[]), FOUR, "ann at 10.00, bob at 12.00, cid at 12.00, dan at 9.00");
}

#[test]
fn tiers_stand_one_behind_the_other_and_have_rules_of_their_own() {
    let tier = |name: &str, by: &[Rule]| Tier {
        name: name.into(),
        by: by.to_vec(),
        time_bp: None,
    };
    let terms = |campaign: &mut Campaign| {
        let tiers = [tier("gold", &[Rule::Priority]), tier("rest", &[Rule::HighestBid])];
        campaign.distribution = vec![Rule::Tiers(tiers.into())];
        [0, 1, 1, 0]
            .into_iter()
            .zip(&mut campaign.contracts)
            .for_each(|(tier, contract)| contract.tier = Some(tier));
        campaign.contracts[0].priority = 7;
    };
    check_sale(
        terms,
        FOUR,
        &[],
        "dan at 9.00
         ann: its priority is 7, and 1 stands before it
         bob: its tier rest stands behind gold
         cid: its tier rest stands behind gold",
    );
}

#[test]
fn what_a_bid_is_expected_to_bring_can_count_instead_of_what_it_says() {
    let (mut campaign, entries) = read("ann 20.00 at 1ms\nbob 15.00 at 1ms\ncid 16.00 at 1ms");
    campaign.distribution = vec![Rule::ExpectedValue];
    campaign.contracts[2].returns_bp = 5_000;
    let mut baiting = Counts::default();
    baiting.add(0, 10, 80, 0);
    let source = source();
    let mut table = Table {
        campaign: &campaign,
        source: &source,
        wishes: NO_WISHES,
        wheels: &Wheels::default(),
        odds: &[baiting.odds(0)],
        explore: false,
        over: &[],
    };
    let plan = rank(&table, entries.clone());
    assert_eq!(told(&campaign, &plan), "bob at 15.00, cid at 16.00, ann at 20.00");
    let (progress, _) = carried_out(&campaign, &plan, &[]);
    let ann = plan.losers(&campaign, &progress).pop().unwrap().1;
    assert_eq!(ann.to_string(), "it is expected to bring 3.80, and the winner 13.50");
    table.explore = true;
    assert_eq!(told(&campaign, &rank(&table, entries)), "ann at 20.00, cid at 16.00, bob at 15.00");
}

#[test]
fn sweepers_take_what_nobody_else_has() {
    let terms = |campaign: &mut Campaign| campaign.contracts[1].sweeper = true;
    let table = "
        ann   2.00  at 1ms
        bob  12.00  at 1ms
        ";
    check_sale(
        terms,
        table,
        &[],
        "ann at 2.00\nbob: it takes what nobody else has, and somebody had it",
    );
    check_sale(terms, table, &["ann"], "bob at 12.00");
}

#[test]
fn a_higher_or_equal_bid_that_lost_by_its_handicap_is_told_so() {
    let terms = |campaign: &mut Campaign| {
        campaign.contracts[1].handicap_bp = 2_500;
        campaign.contracts[2].handicap_bp = 1_250;
        campaign.contracts[4].handicap_bp = 100;
    };
    let table = "
        ann  12.00  at 9ms
        bob  13.00  at 1ms
        cid  12.00  at 1ms
        dan  11.00  at 1ms
        eve   9.00  at 1ms
        fay  12.00  at 10ms
        ";
    check_sale(
        terms,
        table,
        &[],
        "ann at 12.00
         bob: its bid of 13.00 counts 25 % less, and 12.00 won
         cid: its bid of 12.00 counts 12.5 % less, and 12.00 won
         dan: outbid: 11.00 against 12.00
         eve: outbid: 9.00 against 12.00
         fay: the same bid of 12.00 as the winner, later in the tie-break",
    );
}
