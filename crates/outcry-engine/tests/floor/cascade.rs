//! Down the plan: the next best gets the lead when the best does not want it, and nobody below the floor.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, check, pass};
use outcry_core::money::Money;

#[tokio::test(start_paused = true)]
async fn a_rejected_post_goes_to_the_next_best() {
    check(
        "
        ann  bids 12.00 at 30ms, accepts
        bob  bids 15.00 at 20ms, rejects: bad phone
        cid  bids 11.00 at  5ms, accepts
        ",
        "sold to ann at 12.00; bob: post_rejected; cid: outbid",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_lead_goes_down_to_the_floor_and_no_further() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects: bad phone
        bob  bids 14.00, knows them
        cid  bids 10.00, rejects: bad phone
        dan  bids  9.99, accepts
        ",
    );
    exchange
        .campaign("floor = '10.00'")
        .check("unsold; ann: post_rejected; bob: post_rejected; cid: post_rejected; dan: below_floor")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_post_that_never_left_goes_to_the_next_best() {
    check(
        "
        ann  bids 15.00, is dead
        bob  bids 14.00, accepts
        ",
        "sold to bob at 14.00; ann: post_not_sent",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_so_many_posts_are_tried() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects
        bob  bids 14.00, rejects
        cid  bids 13.00, accepts
        ",
    );
    exchange
        .campaign("posts_max = 2")
        .check("unsold; ann: post_rejected; bob: post_rejected; cid: out_of_time")
        .await;
}

#[tokio::test(start_paused = true)]
async fn no_post_begins_after_the_leads_time_is_up() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects at 400ms
        bob  bids 14.00, rejects at 400ms
        cid  bids 13.00, accepts
        ",
    );
    exchange
        .limits(|limits| limits.selling = std::time::Duration::from_millis(700))
        .check("unsold; ann: post_rejected; bob: post_rejected; cid: out_of_time")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_rejected_post_frees_what_it_held() {
    let exchange = Exchange::of(
        "
        ann  bids 15.00, rejects
        bob  bids 14.00, accepts
        ",
    );
    let floor = exchange
        .contract(
            "ann",
            "caps = [{ count = 'sales', per = 'day', limit = 1 }, { count = 'price', per = 'day', limit = '15.00' }]",
        )
        .contract("bob", "caps = [{ count = 'price', per = 'day', limit = '50.00' }]")
        .open()
        .await;
    for n in 0..3 {
        let answer = floor.submit(&floor.lead(n)).await;
        assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: post_rejected");
    }
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
    assert_eq!(floor.used("contract/ann/price/day").await, 0);
    assert_eq!(floor.used("contract/bob/price/day").await, 42_000_000);
    let answer = floor.submit(&floor.lead(9)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: cap_full");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_ladder_goes_down_rung_by_rung_and_lets_others_in_between() {
    let exchange = Exchange::of(
        "
        ann  passes, rejects
        bob  bids 80.00, rejects
        cid  bids 60.00, rejects
        ",
    );
    let floor = exchange
        .contract(
            "ann",
            "integration = 'floor_direct'\nprice = { ladder = ['100', '75', '50'] }\nduplicate_days = 30\n\
             caps = [{ count = 'price', per = 'day', limit = '100.00' }]",
        )
        .campaign("duplicate_days = 30")
        .open()
        .await;
    floor
        .script
        .at("ann", "/post", &["rejects: too dear", "rejects: too dear", "accepts"]);
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(
        floor.told(&answer).await,
        "sold to ann at 50.00; bob: post_rejected; cid: post_rejected"
    );
    assert_eq!(posts(&floor), ["ann 100.00", "bob 80.00", "ann 75.00", "cid 60.00", "ann 50.00"]);
    assert_eq!(floor.used("contract/ann/price/day").await, 50_000_000);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_ladder_ends_where_the_floor_is_with_one_reason_for_its_contract() {
    let exchange = Exchange::of("ann  passes, rejects: too dear");
    let floor = exchange
        .contract("ann", "integration = 'floor_direct'\nprice = { ladder = ['100', '75', '50'] }")
        .campaign("floor = '60.00'\nceiling = '90.00'")
        .open()
        .await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected");
    assert_eq!(posts(&floor), ["ann 75.00"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_but_a_clear_refusal_leads_to_the_next_rung() {
    for (said, told) in [
        ("is silent", "pending on ann; bob: held_by_unknown"),
        ("mumbles", "pending on ann; bob: held_by_unknown"),
        ("knows them", "sold to bob at 60.00; ann: post_rejected"),
    ] {
        let floor = Exchange::of(&format!("ann  passes, {said}\nbob  bids 60.00, accepts"))
            .contract("ann", "integration = 'floor_direct'\nprice = { ladder = ['100', '75'] }")
            .open()
            .await;
        let answer = floor.submit(&floor.lead(1)).await;
        pass(6_000).await;
        assert_eq!(floor.told(&answer).await, told, "{said}");
        let anns = posts(&floor).iter().filter(|post| post.starts_with("ann")).count();
        assert_eq!(anns, 1, "{said}");
    }
}

/// Every post in order, with the price it was sent at.
fn posts(floor: &Floor) -> Vec<String> {
    let sent = floor.outbound.sent();
    let posts = sent.iter().filter(|sent| sent.path == "/post");
    let told = posts.map(|sent| {
        let body: serde_json::Value = serde_json::from_str(&sent.body).expect("a post in JSON");
        let price = Money::parse(body["bid_price"].to_string().trim_matches('"')).expect("a price");
        let asked = body.get("ask_price").unwrap_or(&body["bid_price"]);
        assert_eq!(asked, &body["bid_price"], "the price that is asked is that of the rung");
        format!("{} {price}", sent.host.trim_end_matches(".example"))
    });
    told.collect()
}
