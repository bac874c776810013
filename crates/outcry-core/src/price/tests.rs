//! Prices, payouts and margins as a price list would show them.

use super::*;
use crate::bid::Bid;
use crate::consent::tests::{consent_fields, lead, lead_type, now, texts};
use crate::filter::{self, Filter};
use crate::lead::Lead;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::sync::Arc;

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn deal(payout: PayoutRule) -> Deal {
    Deal {
        payout,
        floor: Money::ZERO,
        ceiling: None,
        loss_max: Money::ZERO,
    }
}

#[track_caller]
fn check(price: &str, payout: PayoutRule, expected: &str) {
    let split = Split::settle(money(price), &deal(payout));
    assert_eq!(format!("{} = {} + {}", split.price, split.payout, split.margin), expected);
}

/// 1.00 of what is cheap, a fifth from 10.00 on, a tenth from 50.00 on.
fn bands() -> Margin {
    let band = |from: &str, margin| Band { from: money(from), margin };
    Margin::Bands(Arc::new([
        band("0", Margin::Fixed(money("1.00"))),
        band("10.00", Margin::Share(2_000)),
        band("50.00", Margin::Share(1_000)),
    ]))
}

#[test]
fn a_price_is_split_without_remainder() {
    check("12.00", PayoutRule::Share(8_000), "12.00 = 9.60 + 2.40");
    check("21.105", PayoutRule::Share(8_000), "21.10 = 16.88 + 4.22");
    check("12.00", PayoutRule::Fixed(money("5.00")), "12.00 = 5.00 + 7.00");
}

#[test]
fn a_margin_is_kept_and_the_rest_is_paid_out() {
    check("12.00", PayoutRule::Less(Margin::Fixed(money("2.50"))), "12.00 = 9.50 + 2.50");
    check("2.00", PayoutRule::Less(Margin::Fixed(money("2.50"))), "2.00 = 0.00 + 2.00");
    check("12.00", PayoutRule::Less(Margin::Share(2_500)), "12.00 = 9.00 + 3.00");
    for (price, expected) in [
        ("0.40", "0.40 = 0.00 + 0.40"),
        ("9.99", "9.99 = 8.99 + 1.00"),
        ("10.00", "10.00 = 8.00 + 2.00"),
        ("49.99", "49.99 = 39.99 + 10.00"),
        ("80.00", "80.00 = 72.00 + 8.00"),
    ] {
        check(price, PayoutRule::Less(bands()), expected);
    }
}

#[test]
fn a_fixed_payout_exceeds_the_price_only_by_a_loss_that_somebody_wrote_down() {
    check("3.00", PayoutRule::Fixed(money("5.00")), "3.00 = 3.00 + 0.00");
    let lossy = Deal {
        loss_max: money("1.50"),
        ..deal(PayoutRule::Fixed(money("5.00")))
    };
    assert_eq!(Split::settle(money("3.00"), &lossy).payout, money("4.50"));
    assert_eq!(Split::settle(money("4.00"), &lossy).payout, money("5.00"));
}

#[test]
fn the_most_a_payout_can_be_is_found_below_a_dear_band_too() {
    let rule = PayoutRule::Less(bands());
    assert_eq!(rule.most(money("10.00"), Money::ZERO), money("8.99"));
    assert_eq!(rule.most(money("60.00"), Money::ZERO), money("54.00"));
    assert_eq!(PayoutRule::Fixed(money("5.00")).most(money("60.00"), Money::ZERO), money("5.00"));
}

#[test]
fn the_least_price_for_a_payout_brings_it_and_nothing_below_does() {
    let rules = [
        PayoutRule::Share(8_000),
        PayoutRule::Less(Margin::Fixed(money("2.50"))),
        PayoutRule::Less(Margin::Share(2_500)),
        PayoutRule::Less(bands()),
    ];
    for rule in rules {
        for wanted in ["0.50", "8.00", "8.99", "9.00", "39.99", "44.00", "45.00"].map(money) {
            let price = rule.price_for(wanted);
            let exact = |price| rule.of(price, Money::ZERO);
            assert!(
                wanted <= exact(price) && exact(price - money("0.02")) < wanted,
                "{rule:?} for {wanted}: {price}"
            );
        }
    }
}

#[test]
fn the_closest_level_that_speaks_counts_and_limits_only_grow_tighter() {
    let campaign = Deal {
        floor: money("5.00"),
        ceiling: Some(money("80.00")),
        ..deal(PayoutRule::Share(8_000))
    };
    let supplier = Rates {
        payout: Some(PayoutRule::Share(7_000)),
        floor: Some(money("9.00")),
        ..Rates::default()
    };
    let source = Rates {
        ceiling: Some(money("70.00")),
        ..Rates::default()
    };
    let both = source.within(&supplier);
    let contract = Rates {
        floor: Some(money("6.00")),
        ceiling: Some(money("75.00")),
        ..Rates::default()
    };
    let route = Rates {
        payout: Some(PayoutRule::Fixed(money("4.00"))),
        loss_max: Some(money("1.00")),
        ..Rates::default()
    };
    let without = campaign.under(&both).under(&contract);
    assert_eq!(
        (without.payout.clone(), without.floor, without.ceiling),
        (PayoutRule::Share(7_000), money("9.00"), Some(money("70.00")))
    );
    let with = without.under(&route);
    assert_eq!((with.payout, with.loss_max), (PayoutRule::Fixed(money("4.00")), money("1.00")));
}

fn texan() -> Lead {
    lead(&Arc::new(lead_type(consent_fields())), texts(&[("state", "TX")]))
}

fn when(lead: &Lead, condition: &str, hours: Option<&str>) -> When {
    When {
        filter: Filter::compile(&filter::parse(condition).unwrap(), &lead.lead_type).unwrap(),
        hours: hours.map(|hours| Hours::parse(hours, TimeZone::UTC).unwrap()),
    }
}

fn told(offers: &[Bid]) -> String {
    let offer = |bid: &Bid| {
        let alone = if bid.exclusive == Some(true) { " alone" } else { "" };
        let shares = bid.shares.map(|shares| format!(" of {shares}")).unwrap_or_default();
        format!(
            "{}{shares}{alone}",
            bid.price.map_or_else(|| "-".to_owned(), |price| price.to_string())
        )
    };
    offers.iter().map(offer).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_first_rule_that_holds_takes_the_place_of_the_usual_price() {
    let lead = texan();
    // The moment is a Monday at 15:00.
    let rule = |condition, hours, price, exclusive| PriceWhen {
        when: when(&lead, condition, hours),
        price,
        exclusive,
    };
    let standing = |text| Some(PriceRule::Standing(money(text)));
    let mut list = PriceList {
        usual: PriceRule::Bid,
        rules: vec![
            rule("state = \"OH\"", None, standing("30.00"), false),
            rule("state = \"TX\"", Some("sat-sun"), standing("20.00"), false),
            rule("state = \"TX\"", Some("mon 15-16"), standing("14.00"), true),
            rule("state = \"TX\"", None, standing("9.00"), false),
        ],
        changes: Vec::new(),
    };
    assert_eq!(told(&list.of(&lead, now()).agreed()), "14.00 alone");
    assert_eq!(told(&list.of(&lead, now()).offers(Bid::at(money("99.00")))), "14.00 alone");
    assert!(list.needs_bids());
    list.rules[2].price = None;
    assert_eq!(told(&list.of(&lead, now()).agreed()), "");
    assert_eq!(told(&list.of(&lead, now()).offers(Bid::at(money("11.00")))), "11.00 alone");
}

#[test]
fn changes_that_hold_boost_or_cut_an_agreed_price_one_after_the_other() {
    let lead = texan();
    let change = |condition, share_bp, amount| Change {
        when: when(&lead, condition, None),
        share_bp,
        amount: money(amount),
    };
    let list = PriceList {
        usual: PriceRule::Shared([money("20.00"), money("10.00")].into()),
        rules: Vec::new(),
        changes: vec![
            change("state = \"TX\"", 1_000, "0"),
            change("state = \"OH\"", 5_000, "0"),
            change("state = \"TX\"", 0, "-12.00"),
        ],
    };
    assert_eq!(told(&list.of(&lead, now()).agreed()), "10.00 of 1, 0.00 of 2");
}

/// A thousandth of it here, all of it in `cargo xtask bars B22`, which sets `OUTCRY_SPLITS`.
#[test]
fn however_a_price_is_split_the_parts_are_the_whole() {
    let count = std::env::var("OUTCRY_SPLITS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000_u64);
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: u64| {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        bits % limit
    };
    let (mut prices, mut payouts, mut margins) = (0_i128, 0_i128, 0_i128);
    for number in 0..count {
        // Amounts of every size, from a millionth to a million.
        let size = 10_u64.pow(u32::try_from(number % 13).unwrap());
        let mut amount = || Money::from_micros(i64::try_from(below(size) + 1).unwrap());
        let (price, kept, promised) = (amount(), amount(), amount());
        let points = u32::try_from(below(10_001)).unwrap();
        let payout = match number % 5 {
            0 => PayoutRule::Fixed(kept),
            1 => PayoutRule::Share(points),
            2 => PayoutRule::Less(Margin::Fixed(kept)),
            3 => PayoutRule::Less(Margin::Share(points)),
            _ => PayoutRule::Less(bands()),
        };
        let split = Split::settle(price, &deal(payout));
        assert_eq!(split.payout + split.margin, split.price, "{price}");
        assert!(Money::ZERO <= split.payout && Money::ZERO <= split.margin, "{price}: {split:?}");
        assert_eq!(split.price.micros() % 10_000, 0, "{price} is booked as {}", split.price);
        let kept_promise = split.at_least(promised);
        assert_eq!(kept_promise.payout + kept_promise.margin, kept_promise.price, "{price}");
        prices += i128::from(split.price.micros());
        payouts += i128::from(split.payout.micros());
        margins += i128::from(split.margin.micros());
    }
    assert_eq!(payouts + margins, prices);
    println!("figure: {count} splits by five rules, and as many under a promise: each exact, and all of them together to the millionth");
}

proptest! {
    #[test]
    fn a_buyer_never_pays_more_than_it_bid(bid in 0_i64..100_000, shares in prop::collection::vec((-3_000_i32..3_000, -500_i64..500), 0..4)) {
        let lead = texan();
        let change = |(share_bp, cents): (i32, i64)| Change { when: When::default(), share_bp, amount: Money::from_cents(cents) };
        let list = PriceList { changes: shares.into_iter().map(change).collect(), ..PriceList::default() };
        let bid = Money::from_cents(bid);
        let offers = list.of(&lead, now()).offers(Bid::at(bid));
        prop_assert!(offers.iter().all(|offer| offer.price.is_some_and(|price| Money::ZERO <= price && price <= bid)));
    }

    #[test]
    fn payout_and_margin_add_up_and_nothing_is_lost_unasked(price in 0_i64..10_000_000, kept in 0_i64..2_000, points in 0_u32..=10_000) {
        let price = Money::from_micros(price * 997);
        let rules = [
            PayoutRule::Fixed(Money::from_cents(kept)),
            PayoutRule::Share(points),
            PayoutRule::Less(Margin::Fixed(Money::from_cents(kept))),
            PayoutRule::Less(Margin::Share(points)),
            PayoutRule::Less(bands()),
        ];
        for rule in rules {
            let split = Split::settle(price, &deal(rule));
            prop_assert_eq!(split.payout + split.margin, split.price);
            prop_assert!(Money::ZERO <= split.margin && Money::ZERO <= split.payout);
        }
    }
}
