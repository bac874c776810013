//! Leads that several buyers have: who is posted to, what the source gets, and what late answers change.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use outcry_core::money::Money;
use outcry_engine::answer::Status;
use outcry_engine::asked::Asked;
use outcry_engine::resolve::person::{Decided, Decision, Which, decide};
use outcry_engine::resolve::{Resolved, Way};

fn shared(buyers: &str) -> Exchange {
    Exchange::of(buyers).campaign("sales_max = 2")
}

/// Sells one lead: the story, and what the source is told.
async fn sold(floor: &Floor) -> (String, String) {
    let answer = floor.submit(&floor.lead(1)).await;
    (floor.told(&answer).await, format!("{} {}", answer.status.word(), answer.payout))
}

const THREE: &str = "
    ann  bids 12.00
    bob  bids 10.00
    cid  bids 9.00
    ";

#[tokio::test(start_paused = true)]
async fn the_source_gets_the_sum_of_what_all_legs_pay() {
    let floor = shared(THREE).open().await;
    let (story, told) = sold(&floor).await;
    assert_eq!(story, "sold to ann at 12.00 and bob at 10.00; cid: outbid");
    assert_eq!(told, "sold 17.60");
    let books = floor.books().await;
    assert_eq!(
        (books.sold, books.price, books.payout),
        (1, Money::from_cents(2_200), Money::from_cents(1_760))
    );
}

#[tokio::test(start_paused = true)]
async fn all_legs_are_posted_at_once_and_one_that_rejects_is_replaced() {
    let floor = shared(
        "
        ann  bids 12.00, rejects at 300ms
        bob  bids 10.00, accepts at 900ms
        cid  bids  9.00, accepts at 200ms
        ",
    )
    .open()
    .await;
    let (story, told) = sold(&floor).await;
    assert_eq!(
        (story.as_str(), told.as_str()),
        ("sold to bob at 10.00 and cid at 9.00; ann: post_rejected", "sold 15.20")
    );
}

/// Whoever is selling it would not know, and take it back with its own last word.
#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_leg_while_the_others_are_sold_is_said_again_afterwards() {
    let floor = shared(
        "
        ann  bids 12.00, resets
        bob  bids 10.00, rejects at 300ms
        cid  bids  9.00, accepts at 900ms
        ",
    )
    .open()
    .await;
    let says_accepted = async || {
        let open = floor.engine.store().unknowns(None, 9).await.unwrap();
        let decision = Decision::of("accepted", None, "the buyer says so".into()).unwrap();
        match decide(&floor.engine, Which::Attempt(open[0].attempt), decision, Way::Person).await {
            Ok(Decided::Attempt(_, _, resolved)) => resolved,
            other => panic!("{other:?}"),
        }
    };
    let lead = floor.lead(1);
    let while_it_is_sold = async {
        pass(1_000).await;
        says_accepted().await
    };
    let (answer, resolved) = tokio::join!(floor.submit(&lead), while_it_is_sold);
    assert_eq!((answer.status, resolved), (Status::Sold, Resolved::UnderWay));
    assert!(matches!(says_accepted().await, Resolved::Done { .. }));
    assert_eq!(
        floor.told(&answer).await,
        "sold to ann at 12.00 and cid at 9.00; bob: post_rejected"
    );
}

#[tokio::test(start_paused = true)]
async fn a_leg_nobody_knows_of_keeps_its_place_and_the_others_are_sold() {
    let floor = shared(
        "
        ann  bids 12.00, is silent
        bob  bids 10.00
        cid  bids  9.00
        ",
    )
    .contract("ann", "post_timeout_ms = 500")
    .open()
    .await;
    let (story, told) = sold(&floor).await;
    assert_eq!(story, "sold to bob at 10.00; ann: post_unknown; cid: outbid");
    assert_eq!(told, "sold 8.00");
    assert_eq!(floor.count("cid/post"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_late_yes_is_one_more_sale_and_the_source_hears_the_new_sum() {
    let floor = shared(
        "
        ann  bids 12.00, accepts at 900ms
        bob  bids 10.00
        ",
    )
    .contract("ann", "post_timeout_ms = 500")
    .source("postback = 'https://northwind.example/?s={status}&p={payout}'")
    .open()
    .await;
    let lead = floor.lead(1);
    let answer = floor.submit(&lead).await;
    assert_eq!((answer.status, answer.payout), (Status::Sold, Money::from_cents(800)));
    pass(5_000).await;
    assert_eq!(floor.latest().await, "sold to ann at 12.00 and bob at 10.00");
    let books = floor.books().await;
    assert_eq!((books.sold, books.pending, books.payout), (1, 0, Money::from_cents(1_760)));
    assert_eq!(
        floor.submit(&lead).await.payout,
        Money::from_cents(1_760),
        "whoever asks again hears it too"
    );
}

#[tokio::test(start_paused = true)]
async fn two_late_answers_at_the_same_moment_are_both_counted() {
    let floor = shared(
        "
        ann  bids 12.00, accepts at 900ms
        bob  bids 10.00, accepts at 900ms
        ",
    )
    .contract("ann", "post_timeout_ms = 500")
    .contract("bob", "post_timeout_ms = 500")
    .disk_ms(10)
    .open()
    .await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Pending);
    pass(5_000).await;
    assert_eq!(floor.latest().await, "sold to ann at 12.00 and bob at 10.00");
    assert_eq!(floor.books().await.price, Money::from_cents(2_200));
}

#[tokio::test(start_paused = true)]
async fn a_late_no_takes_nothing_from_what_is_sold() {
    let floor = shared(
        "
        ann  bids 12.00, rejects at 900ms
        bob  bids 10.00
        ",
    )
    .contract("ann", "post_timeout_ms = 500")
    .open()
    .await;
    floor.submit(&floor.lead(1)).await;
    pass(5_000).await;
    assert_eq!(floor.latest().await, "sold to bob at 10.00; ann: post_rejected");
    assert_eq!(floor.books().await.sold, 1);
}

#[tokio::test(start_paused = true)]
async fn the_source_can_ask_for_one_buyer_a_payout_and_without_those_it_sold_to() {
    let floor = shared(THREE).open().await;
    let ask = async |n, asked: Asked| {
        let answer = floor.sell_asking("site", &floor.lead(n), None, asked).await.unwrap();
        floor.told(&answer).await
    };
    let one = Asked {
        sales_max: Some(1),
        ..Asked::default()
    };
    assert_eq!(ask(1, one).await, "sold to ann at 12.00; bob: outbid; cid: outbid");
    let dear = Asked {
        payout_min: Some(Money::from_cents(900)),
        ..Asked::default()
    };
    assert_eq!(ask(2, dear).await, "sold to ann at 12.00; bob: payout_too_low; cid: payout_too_low");
    let elsewhere = Asked {
        exclude_buyers: vec!["ANN".into()],
        ..Asked::default()
    };
    assert_eq!(
        ask(3, elsewhere).await,
        "sold to bob at 10.00 and cid at 9.00; ann: excluded_by_source"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quote_promises_the_best_leg_and_the_others_come_on_top() {
    let floor = shared("ann  bids 12.00, rejects\nbob  bids 12.00 at 20ms\ncid  bids 5.00")
        .open()
        .await;
    let lead = floor.lead(1);
    let offer = floor.ping(&lead).await.unwrap().offer.unwrap();
    assert_eq!(offer.payout, Money::from_cents(960));
    let answer = floor.post(&lead, &offer.token).await.unwrap();
    assert_eq!(
        floor.told(&answer).await,
        "sold to bob at 12.00 and cid at 5.00; ann: post_rejected"
    );
    assert_eq!(answer.payout, Money::from_cents(1_360));
}

#[tokio::test(start_paused = true)]
async fn the_best_set_of_buyers_has_the_lead() {
    let floor = Exchange::of(
        "
        ann  bids 15.00
        bob  bids 10.00
        cid  bids  9.00
        ",
    )
    .campaign("sales_max = 3\ndistribution = 'best_set'\nconflicts = [['ann', 'bob']]")
    .contract("ann", "prices = [{ exclusive = true }]")
    .open()
    .await;
    assert_eq!(sold(&floor).await.0, "sold to bob at 10.00 and cid at 9.00; ann: conflict");
}

#[tokio::test(start_paused = true)]
async fn buyers_take_turns_over_leads_and_starts() {
    let exchange = Exchange::of("ann  bids 5.00\nbob  bids 9.00\ncid  bids 7.00").campaign("distribution = 'round_robin'");
    let floor = exchange.clone().open().await;
    for (n, expected) in [(1, "ann"), (2, "bob"), (3, "cid"), (4, "ann")] {
        let answer = floor.submit(&floor.lead(n)).await;
        assert!(floor.told(&answer).await.starts_with(&format!("sold to {expected} ")), "lead {n}");
    }
    let floor = exchange.restarted().open().await;
    let lead = floor.lead(5);
    let offer = floor.ping(&lead).await.unwrap().offer.unwrap();
    assert_eq!(offer.payout, Money::from_cents(720), "the quote is of the one whose turn it is");
    floor.submit(&floor.lead(6)).await;
    assert!(floor.latest().await.starts_with("sold to bob "), "a ping takes no turn");
    let answer = floor.post(&lead, &offer.token).await.unwrap();
    assert!(
        floor.told(&answer).await.starts_with("sold to bob "),
        "cid does not cover the promise: {}",
        floor.latest().await
    );
}

const TIERS: &str = "distribution = ['tiers', 'highest_bid']\ntiers = [{ name = 'gold', time = '50%' }, { name = 'rest' }]";

fn tiered(buyers: &str) -> Exchange {
    Exchange::of(buyers)
        .campaign(TIERS)
        .campaign("ping_window_ms = 400")
        .contract("ann", "tier = 'gold'")
        .contract("bob", "tier = 'rest'")
}

#[tokio::test(start_paused = true)]
async fn a_tier_with_a_time_is_asked_alone_and_those_behind_it_only_if_it_has_no_bid() {
    let floor = tiered("ann  bids 5.00\nbob  bids 9.00").open().await;
    assert_eq!(sold(&floor).await.0, "sold to ann at 5.00; bob: tier_not_asked");
    assert_eq!(floor.count("bob/ping"), 0);
    let floor = tiered("ann  bids 5.00 at 201ms\nbob  bids 9.00 at 199ms").open().await;
    assert_eq!(sold(&floor).await.0, "sold to bob at 9.00; ann: late");
    let floor = tiered("ann  bids 5.00\nbob  bids 9.00").campaign("floor = '6.00'").open().await;
    assert_eq!(sold(&floor).await.0, "sold to bob at 9.00; ann: below_floor");
}

#[tokio::test(start_paused = true)]
async fn what_buyers_made_of_earlier_posts_ranks_their_bids_and_outlives_a_start() {
    let exchange = Exchange::of("ann  bids 12.00, rejects\nbob  bids 11.00").campaign("distribution = 'expected_value'");
    let floor = exchange.clone().open().await;
    for n in 1..=2 {
        let answer = floor.submit(&floor.lead(n)).await;
        let told = if n == 1 {
            "sold to bob at 11.00; ann: post_rejected"
        } else {
            "sold to bob at 11.00; ann: lower_expected_value"
        };
        assert_eq!(floor.told(&answer).await, told);
    }
    let floor = exchange.restarted().open().await;
    floor.submit(&floor.lead(3)).await;
    assert_eq!(floor.latest().await, "sold to bob at 11.00; ann: lower_expected_value");
}

#[tokio::test(start_paused = true)]
async fn in_shadow_the_bids_decide_and_the_record_says_who_would_have_won() {
    let floor = Exchange::of("ann  bids 12.00, rejects\nbob  bids 11.00")
        .campaign("distribution = 'expected_value'\nexpected_value = { shadow = true }")
        .open()
        .await;
    for n in 1..=2 {
        let answer = floor.submit(&floor.lead(n)).await;
        assert_eq!(floor.told(&answer).await, "sold to bob at 11.00; ann: post_rejected");
    }
    let shadow = floor.records().await.remove(0).shadow.expect("a shadow");
    assert_eq!((shadow.contract.as_str(), shadow.expected > shadow.instead_of), ("bob", true));
}
