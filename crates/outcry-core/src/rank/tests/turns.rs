//! Turns: exact in round robin, fair in weighted.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const WHEEL: &str = "auto";

/// Sells one lead after the other to those who bid for it, and gives who had each.
fn leads(campaign: &Campaign, wheels: &mut Wheels, bidding: impl Iterator<Item = Vec<usize>>) -> Vec<String> {
    let entry = |contract: &usize| Entry {
        contract: *contract,
        bid: Bid::at(Money::from_cents(1_000)),
        answered_us: 0,
    };
    let mut sold = Vec::new();
    for bidding in bidding {
        let plan = ranked(campaign, bidding.iter().map(entry).collect(), NO_WISHES, wheels);
        sold.push(name(campaign, plan.places[0].contract).to_owned());
        plan.charges.into_iter().for_each(|charge| wheels.set(charge));
    }
    sold
}

fn of(rule: Rule, names: &[&str]) -> Campaign {
    let mut campaign = campaign(names.iter().map(|name| contract(name)).collect());
    campaign.distribution = vec![rule];
    campaign
}

fn weighted(weights: &[u32]) -> Campaign {
    let names: Vec<String> = (0..weights.len()).map(|at| format!("c{at:02}")).collect();
    let mut campaign = of(Rule::Weighted(WHEEL.into()), &names.iter().map(String::as_str).collect::<Vec<_>>());
    weights
        .iter()
        .zip(&mut campaign.contracts)
        .for_each(|(weight, contract)| contract.weight = *weight);
    campaign
}

#[test]
fn in_round_robin_everybody_has_a_turn_before_anybody_has_two() {
    let campaign = of(Rule::RoundRobin(WHEEL.into()), &["ann", "bob", "cid"]);
    let all = std::iter::repeat_n(vec![0, 1, 2], 4);
    let mut wheels = Wheels::default();
    assert_eq!(leads(&campaign, &mut wheels, all).join(" "), "ann bob cid ann");
    let some = [vec![0, 1], vec![0, 1], vec![0, 1], vec![0, 1, 2], vec![0, 1, 2]];
    assert_eq!(leads(&campaign, &mut wheels, some.into_iter()).join(" "), "bob ann bob cid ann");
}

#[test]
fn a_turn_passes_those_by_who_reject() {
    let mut campaign = of(Rule::RoundRobin(WHEEL.into()), &["ann", "bob", "cid"]);
    campaign.contracts[2].buyer = BuyerName::new("bob");
    let entries: Vec<Entry> = read("ann 1.00 at 1ms\nbob 2.00 at 1ms\ncid 3.00 at 1ms").1;
    let plan = ranked(&campaign, entries, NO_WISHES, &Wheels::default());
    let (progress, waves) = carried_out(&campaign, &plan, &["ann", "bob"]);
    assert_eq!((progress.open, waves.len()), (vec![2], 3));
    assert_eq!(
        plan.charges.len(),
        1,
        "the turn is used by the offer, whatever the buyer makes of it"
    );
}

#[test]
fn weights_spread_a_contracts_turns_evenly() {
    let campaign = weighted(&[5, 2, 1]);
    let sold = leads(&campaign, &mut Wheels::default(), std::iter::repeat_n(vec![0, 1, 2], 16));
    assert_eq!(sold.join(" "), "c00 c01 c00 c00 c02 c00 c01 c00 c00 c01 c00 c00 c02 c00 c01 c00");
}

#[test]
fn who_was_away_has_nothing_to_catch_up_on() {
    let campaign = weighted(&[2, 1, 1]);
    let mut wheels = Wheels::default();
    let without = leads(&campaign, &mut wheels, std::iter::repeat_n(vec![1, 2], 100));
    assert_eq!(
        without.iter().filter(|name| *name == "c01").count(),
        50,
        "the others share what is left by their weights"
    );
    let with = leads(&campaign, &mut wheels, std::iter::repeat_n(vec![0, 1, 2], 100));
    assert_eq!(with.iter().filter(|name| *name == "c00").count(), 50);
}

#[test]
fn those_who_lose_by_turns_are_told_whose_turn_it_was() {
    let round_robin = |campaign: &mut Campaign| campaign.distribution = vec![Rule::RoundRobin(WHEEL.into())];
    check_sale(
        round_robin,
        "ann 1.00 at 9ms\nbob 2.00 at 1ms",
        &[],
        "ann at 1.00\nbob: it was the turn of ann",
    );
}

#[test]
fn a_wheel_as_tie_breaker_turns_among_those_that_are_equal() {
    let mut campaign = of(Rule::HighestBid, &["ann", "bob", "cid"]);
    campaign.distribution.push(Rule::RoundRobin(WHEEL.into()));
    let mut wheels = Wheels::default();
    let mut sell = |table: &str| {
        let plan = ranked(&campaign, read(table).1, NO_WISHES, &wheels);
        plan.charges.iter().cloned().for_each(|charge| wheels.set(charge));
        name(&campaign, plan.places[0].contract).to_owned()
    };
    let equal = "ann 5.00 at 1ms\nbob 5.00 at 1ms\ncid 4.00 at 1ms";
    let sold = [equal, equal, "ann 1.00 at 1ms\nbob 1.00 at 1ms\ncid 4.00 at 1ms", equal].map(&mut sell);
    assert_eq!(sold, ["ann", "bob", "cid", "ann"]);
}

fn shares(sold: &[String]) -> BTreeMap<&str, f64> {
    let mut shares = BTreeMap::new();
    for name in sold {
        *shares.entry(name.as_str()).or_insert(0.0) += 1.0 / f64::from(u32::try_from(sold.len()).unwrap());
    }
    shares
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn shares_hold_over_any_thousand_leads_within_two_points(weights in prop::collection::vec(1_u32..100, 2..12), from in 0_usize..1_500) {
        let campaign = weighted(&weights);
        let all: Vec<usize> = (0..weights.len()).collect();
        let sold = leads(&campaign, &mut Wheels::default(), std::iter::repeat_n(all, from + 1_000));
        let shares = shares(&sold[from..]);
        let sum = f64::from(weights.iter().sum::<u32>());
        for (at, weight) in weights.iter().enumerate() {
            let share = shares.get(format!("c{at:02}").as_str()).copied().unwrap_or(0.0);
            prop_assert!((share - f64::from(*weight) / sum).abs() < 0.02, "{at} of {weights:?} has {share}");
        }
    }

    #[test]
    fn each_has_its_share_of_the_leads_that_it_could_have(
        weights in prop::collection::vec(1_u32..20, 3..7),
        present in prop::collection::vec(prop::collection::vec(prop::bool::weighted(0.7), 7), 1_000),
    ) {
        let campaign = weighted(&weights);
        let bidding = |here: &Vec<bool>| (0..weights.len()).filter(|at| here[*at]).collect::<Vec<_>>();
        let rounds: Vec<Vec<usize>> = present.iter().map(bidding).filter(|round| !round.is_empty()).collect();
        let sold = leads(&campaign, &mut Wheels::default(), rounds.clone().into_iter());
        for (at, weight) in weights.iter().enumerate() {
            let due = |round: &&Vec<usize>| f64::from(*weight) / f64::from(round.iter().map(|at| weights[*at]).sum::<u32>());
            let due: f64 = rounds.iter().filter(|round| round.contains(&at)).map(|round| due(&round)).sum();
            let had = sold.iter().filter(|name| **name == format!("c{at:02}")).count();
            prop_assert!((f64::from(u32::try_from(had).unwrap()) - due).abs() < 20.0, "{at} had {had} of {due}");
        }
    }
}
