//! What holds of every plan, whatever is bid and by whatever rules.

use super::*;
use crate::rank::Tier;
use proptest::prelude::*;

const NAMES: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "fay"];

prop_compose! {
    fn entry()(contract in 0_usize..6, cents in prop::option::of(0_i64..5), euro in prop::bool::weighted(0.1), answered_us in 0_u64..3,
        exclusive in prop::option::of(prop::bool::ANY), shares in prop::option::of(1_u32..4)) -> Entry
    {
        let bid = Bid {
            price: cents.map(|cents| Money::from_cents(cents * 500)),
            currency: euro.then(|| Currency::parse("EUR").unwrap()),
            exclusive,
            shares,
            ..Bid::at(Money::ZERO)
        };
        Entry { contract, bid, answered_us }
    }
}

prop_compose! {
    fn terms()(rules in prop::collection::vec(0_usize..6, 1..4), best_set in prop::bool::ANY, legs_max in 1_u32..4,
        contracts in prop::collection::vec((0_u32..3, 1_u32..4, 0_usize..2, prop::bool::weighted(0.2), 0_u32..3), 6),
        conflicts in prop::collection::vec((0_usize..6, 0_usize..6), 0..4)) -> Campaign
    {
        let tier = |name: &str, rule: Rule| Tier { name: name.into(), by: vec![rule], time_bp: None };
        let rule = |at: &usize| match at {
            0 => Rule::HighestBid,
            1 => Rule::ExpectedValue,
            2 => Rule::Priority,
            3 => Rule::Weighted("weighted".into()),
            4 => Rule::RoundRobin("robin".into()),
            _ => Rule::Tiers([tier("gold", Rule::Weighted("gold".into())), tier("rest", Rule::HighestBid)].into()),
        };
        let mut campaign = campaign(NAMES.map(contract).into());
        campaign.distribution = best_set.then_some(Rule::BestSet).into_iter().chain(rules.iter().map(rule)).collect();
        campaign.sharing.legs_max = legs_max;
        campaign.sharing.conflicts = conflicts.into_iter().map(|(a, b)| [NAMES[a], NAMES[b]].map(BuyerName::new)).collect();
        for ((priority, weight, tier, sweeper, handicap), contract) in contracts.into_iter().zip(&mut campaign.contracts) {
            (contract.priority, contract.weight, contract.tier) = (priority, weight, Some(tier));
            (contract.sweeper, contract.handicap_bp) = (sweeper, handicap * 1_000);
        }
        campaign
    }
}

proptest! {
    #[test]
    fn every_contract_that_bid_has_the_lead_or_one_reason(
        campaign in terms(), entries in prop::collection::vec(entry(), 0..14), rejecting in prop::collection::vec(0_usize..6, 0..3),
    ) {
        let plan = ranked(&campaign, entries.clone(), NO_WISHES, &Wheels::default());
        let rejecting: Vec<&str> = rejecting.into_iter().map(|at| NAMES[at]).collect();
        let (progress, _) = carried_out(&campaign, &plan, &rejecting);
        let posted = progress.open.iter().chain(&progress.gone).map(|at| plan.places[*at].contract);
        let reasons = plan.losers(&campaign, &progress).into_iter().chain(plan.out.clone()).map(|(at, _)| at);
        let mut found: Vec<usize> = posted.chain(reasons).collect();
        found.sort_unstable();
        let mut bid: Vec<usize> = entries.iter().map(|entry| entry.contract).collect();
        bid.sort_unstable();
        bid.dedup();
        if progress.open.is_empty() {
            // Sold to nobody: all with a place were posted to and rejected it.
            prop_assert!(plan.places.iter().all(|place| found.contains(&place.contract)));
        }
        prop_assert_eq!(found, bid);
    }

    #[test]
    fn a_plan_never_beats_its_inputs(campaign in terms(), entries in prop::collection::vec(entry(), 0..14)) {
        let plan = ranked(&campaign, entries.clone(), NO_WISHES, &Wheels::default());
        let offered = |place: &Place| entries.iter().any(|entry| entry.contract == place.contract && entry.bid.price == Some(place.price));
        prop_assert!(plan.places.iter().all(offered));
        let (progress, _) = carried_out(&campaign, &plan, &[]);
        let have: Vec<&Place> = progress.open.iter().map(|at| &plan.places[*at]).collect();
        prop_assert!(have.len() <= campaign.sharing.legs_max as usize);
        for place in &have {
            prop_assert!(have.len() <= place.shares_max as usize);
            prop_assert!(have.iter().all(|other| other.contract == place.contract || !campaign.apart(other.contract, place.contract)));
        }
    }

    #[test]
    fn the_order_in_which_answers_are_read_changes_nothing(
        campaign in terms(), entries in prop::collection::vec(entry(), 0..14).prop_shuffle(), turn in 0_usize..14,
    ) {
        let mut turned = entries.clone();
        turned.rotate_left(turn.min(entries.len()));
        let (plan, again) = (ranked(&campaign, entries, NO_WISHES, &Wheels::default()), ranked(&campaign, turned, NO_WISHES, &Wheels::default()));
        let places = |plan: &Plan| plan.places.iter().map(|place| (place.contract, place.price, place.shares_max)).collect::<Vec<_>>();
        prop_assert_eq!(places(&plan), places(&again));
        prop_assert_eq!(plan.charges, again.charges);
    }

    #[test]
    fn what_a_buyer_pays_does_not_depend_on_when_anybody_answered(campaign in terms(), mut entries in prop::collection::vec(entry(), 0..14), swap in 0_u64..5) {
        let prices = |entries: &[Entry]| {
            let plan = ranked(&campaign, entries.to_vec(), NO_WISHES, &Wheels::default());
            let mut prices: Vec<(usize, u32, Money)> = plan.places.iter().map(|place| (place.contract, place.shares_max, place.price)).collect();
            prices.sort_unstable();
            prices
        };
        let before = prices(&entries);
        for entry in &mut entries {
            entry.answered_us = (entry.answered_us * 7 + swap) % 5;
        }
        prop_assert_eq!(before, prices(&entries));
    }
}
