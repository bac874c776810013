//! How much, how fast and when: caps on every level, throttles, hours, and leads that wait.

use crate::support::exchange::{Exchange, PEOPLE};
use crate::support::floor::{Floor, pass, with, with_text};
use futures_util::future::join_all;
use outcry_core::raw::Raw;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::{LeadState, ListChange};
use outcry_engine::waiting;

const BUYERS: &str = "
    ann  bids 12.00 at 30ms, accepts at 40ms
    bob  bids 11.00 at 30ms, accepts at 40ms
    ";
const ANN: &str = "ann  bids 12.00 at 30ms, accepts at 40ms";

/// Sells leads one after the other and tells of each.
async fn sold(floor: &Floor, leads: std::ops::RangeInclusive<u64>) -> Vec<String> {
    let mut told = Vec::new();
    for n in leads {
        let answer = floor.submit(&floor.lead(n)).await;
        told.push(floor.told(&answer).await);
    }
    floor.audit().await;
    told
}

async fn open_and_waiting(exchange: Exchange) -> Floor {
    let floor = exchange.open().await;
    tokio::spawn(waiting::run(floor.engine.clone()));
    floor
}

#[tokio::test(start_paused = true)]
async fn each_level_keeps_to_its_own_cap() {
    let cap = "caps = [{ count = 'sales', per = 'day', limit = 2 }]";
    let route = "[contract.ann.route.site]\ncaps = [{ count = 'sales', per = 'day', limit = 2 }]";
    let (ann, bob) = ("sold to ann at 12.00; bob: outbid", "sold to bob at 11.00; ann: cap_full");
    let table: [(Exchange, &str); 4] = [
        (Exchange::of(BUYERS).contract("ann", cap), bob),
        (Exchange::of(BUYERS).contract("ann", route), bob),
        (Exchange::of(BUYERS).source(cap), "unsold; ann: cap_full; bob: cap_full"),
        (Exchange::of(BUYERS).campaign(cap), "unsold; ann: cap_full; bob: cap_full"),
    ];
    for (exchange, third) in table {
        assert_eq!(sold(&exchange.open().await, 1..=3).await, [ann, ann, third]);
    }
}

#[tokio::test(start_paused = true)]
async fn of_one_cap_over_several_contracts_no_more_is_sold_than_it_says_however_many_come_at_once() {
    let floor = Exchange::of(BUYERS)
        .disk_ms(6)
        .campaign("sales_max = 2\ncaps = [{ count = 'sales', per = 'day', limit = 7 }]")
        .open()
        .await;
    let leads: Vec<Raw> = (0..20).map(|n| floor.lead(n)).collect();
    join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    assert_eq!(floor.used("campaign/home/sales/day").await, 7);
    let sales: usize = floor.records().await.iter().map(|record| record.ending.sales().len()).sum();
    assert_eq!(sales, 7);
}

#[tokio::test(start_paused = true)]
async fn posts_sales_and_money_are_counted_apart() {
    let caps = "caps = [{ count = 'posts', per = 'day', limit = 9 }, { count = 'sales', per = 'day', limit = 9 },
                        { count = 'price', per = 'day', limit = '99.00' }, { count = 'payout', per = 'day', limit = '99.00' }]";
    let floor = Exchange::of("ann  bids 12.00, rejects").contract("ann", caps).open().await;
    sold(&floor, 1..=3).await;
    floor.script.change("ann  bids 12.00");
    sold(&floor, 4..=5).await;
    let mut used = Vec::new();
    for counted in ["posts", "sales", "price", "payout"] {
        used.push(floor.used(&format!("contract/ann/{counted}/day")).await);
    }
    assert_eq!(used, [5, 2, 24_000_000, 19_200_000]);
}

#[tokio::test(start_paused = true)]
async fn a_cap_on_posts_is_used_up_by_posts_that_were_rejected() {
    let caps = "caps = [{ count = 'posts', per = 'day', limit = 2 }]";
    let floor = Exchange::of("ann  bids 12.00, rejects").contract("ann", caps).open().await;
    let rejected = "unsold; ann: post_rejected";
    assert_eq!(sold(&floor, 1..=3).await, [rejected, rejected, "unsold; ann: cap_full"]);
}

#[tokio::test(start_paused = true)]
async fn a_cap_on_pings_lets_exactly_so_many_out_when_many_come_at_once() {
    for disk_ms in [0, 6] {
        let floor = Exchange::of(BUYERS)
            .disk_ms(disk_ms)
            .contract("ann", "caps = [{ count = 'pings', per = 'hour', rolling = true, limit = 7 }]")
            .open()
            .await;
        let leads: Vec<Raw> = (0..30).map(|n| floor.lead(n)).collect();
        join_all(leads.iter().map(|lead| floor.sell(lead))).await;
        assert_eq!((floor.count("ann/ping"), floor.count("bob/ping")), (7, 30));
        assert_eq!(floor.used("contract/ann/pings/rolling_hour").await, 7);
        assert_eq!(sold(&floor, 40..=40).await, ["sold to bob at 11.00; ann: cap_full"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cap_on_the_pings_of_a_source_counts_leads_and_not_buyers() {
    let floor = Exchange::of(BUYERS)
        .source("caps = [{ count = 'pings', per = 'day', limit = 2 }]")
        .open()
        .await;
    let ann = "sold to ann at 12.00; bob: outbid";
    assert_eq!(sold(&floor, 1..=3).await, [ann, ann, "unsold; ann: cap_full; bob: cap_full"]);
    assert_eq!(floor.used("source/site/pings/day").await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_cap_that_stops_keeps_a_lead_from_everybody_else() {
    let stop = "caps = [{ count = 'sales', per = 'day', limit = 1, full = 'stop' }]";
    let floor = Exchange::of(BUYERS).contract("ann", stop).open().await;
    let stopped = "unsold; ann: cap_full; bob: stopped_at_cap";
    assert_eq!(sold(&floor, 1..=2).await, ["sold to ann at 12.00; bob: outbid", stopped]);
    // The same when the last place goes while the lead is on its way.
    let floor = Exchange::of(BUYERS).disk_ms(20).contract("ann", stop).open().await;
    let leads = [floor.lead(1), floor.lead(2)];
    let answers = join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    let mut told = Vec::new();
    for answer in answers {
        told.push(floor.told(&answer.unwrap()).await);
    }
    told.sort();
    assert_eq!(told, ["sold to ann at 12.00; bob: outbid", stopped]);
    assert_eq!(floor.count("bob/post"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_buyer_that_has_agreed_to_more_takes_what_nobody_else_has() {
    let over = "caps = [{ count = 'sales', per = 'day', limit = 1, over = 2 }]";
    let floor = Exchange::of(BUYERS).contract("ann", over).open().await;
    let ann = "sold to ann at 12.00; bob: outbid";
    assert_eq!(sold(&floor, 1..=2).await, [ann, "sold to bob at 11.00; ann: over_cap"]);
    floor.script.change("bob  passes");
    let over_cap = "sold to ann at 12.00; bob: no_bid";
    assert_eq!(
        sold(&floor, 3..=5).await,
        [over_cap, over_cap, "unsold; ann: cap_full; bob: no_bid"]
    );
    assert_eq!(
        floor.used("contract/ann/sales/day").await,
        3,
        "the limit and what was agreed, and no more"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cap_inside_another_is_full_for_its_own_leads_first() {
    let nested = "caps = [{ count = 'sales', per = 'day', limit = 3, caps = [
        { name = 'texas', when = 'state = \"TX\"', limit = 1 } ] }]";
    let floor = Exchange::of(ANN).contract("ann", nested).open().await;
    let from = |n: u64, state: &str, zip: &str| with_text(&with_text(&floor.lead(n), "state", state), "zip", zip);
    let mut told = Vec::new();
    for lead in [
        from(1, "TX", "78701"),
        from(2, "TX", "78701"),
        from(3, "CA", "90001"),
        from(4, "CA", "90001"),
        from(5, "CA", "90001"),
    ] {
        let answer = floor.submit(&lead).await;
        told.push(floor.told(&answer).await);
    }
    let (sold, full) = ("sold to ann at 12.00", "unsold; ann: cap_full");
    assert_eq!(told, [sold, full, sold, sold, full]);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_lets_so_many_through_and_then_one_after_the_other() {
    let slow = "throttles = [{ count = 'posts', limit = 2, per_seconds = 60 }]";
    let floor = Exchange::of(BUYERS).contract("ann", slow).open().await;
    let (ann, bob) = ("sold to ann at 12.00; bob: outbid", "sold to bob at 11.00; ann: too_fast");
    assert_eq!(sold(&floor, 1..=3).await, [ann, ann, bob]);
    pass(30_000).await;
    assert_eq!(sold(&floor, 4..=5).await, [ann, bob]);
    // All at once: as many as the bucket has tokens.
    pass(120_000).await;
    let leads: Vec<Raw> = (10..30).map(|n| floor.lead(n)).collect();
    let before = floor.count("ann/post");
    join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    assert_eq!(floor.count("ann/post") - before, 2);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_on_pings_holds_pings_back_and_a_source_of_its_own_the_whole_lead() {
    let slow = "throttles = [{ count = 'pings', limit = 3, per_seconds = 3600 }]";
    let floor = Exchange::of(BUYERS).disk_ms(6).contract("ann", slow).open().await;
    let leads: Vec<Raw> = (0..10).map(|n| floor.lead(n)).collect();
    join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    assert_eq!((floor.count("ann/ping"), floor.count("bob/ping")), (3, 10));
    let floor = Exchange::of(BUYERS).source(slow).open().await;
    assert_eq!(sold(&floor, 1..=4).await[3], "unsold; ann: too_fast; bob: too_fast");
}

#[tokio::test(start_paused = true)]
async fn hours_are_those_of_every_level_and_are_asked_again_before_a_post() {
    // It is nine in the morning in Chicago.
    let until = |time: &str| format!("zone = 'America/Chicago'\nschedule = {{ open = 'mon-fri 8-{time}' }}");
    let closed = |exchange: Exchange| async move { sold(&exchange.open().await, 1..=1).await.remove(0) };
    let ann = Exchange::of(BUYERS).contract("ann", &until("8:59"));
    assert_eq!(closed(ann).await, "sold to bob at 11.00; ann: closed");
    let campaign = Exchange::of(BUYERS).campaign(&until("8:59"));
    assert_eq!(closed(campaign).await, "unsold; ann: closed; bob: closed");
    let floor = Exchange::of(ANN).contract("ann", &until("9:01")).open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    pass(59_000).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00");
    let lead = floor.lead(2);
    let token = floor.token(&lead).await;
    pass(2_000).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "unsold; ann: closed");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_disturbed_outside_of_their_own_hours_wherever_they_may_be() {
    // Ten in New York, nine in Chicago, eight in Denver, seven in Los Angeles.
    let floor = Exchange::of(ANN)
        .campaign("person_hours = { open = '8-21', by = 'address' }")
        .open()
        .await;
    let table = [
        ("NY", "10001", "sold to ann at 12.00"),
        ("TX", "79901", "sold to ann at 12.00"),
        ("CA", "90001", "unsold; ann: person_hours"),
        ("OR", "97901", "unsold; ann: person_hours"),
        // The east of Oregon keeps mountain time, and this ZIP code does not say which.
        ("ID", "83201", "sold to ann at 12.00"),
    ];
    for (n, (state, zip, expected)) in (1..).zip(table) {
        let lead = with_text(&with_text(&floor.lead(n), "state", state), "zip", zip);
        let answer = floor.submit(&lead).await;
        assert_eq!(floor.told(&answer).await, expected, "{state} {zip}");
    }
    let floor = Exchange::of(ANN)
        .campaign("person_hours = { open = '8-21', by = 'phone' }")
        .open()
        .await;
    for (n, (phone, expected)) in (1..).zip([
        ("+12125550143", "sold to ann at 12.00"),
        ("+12135550143", "unsold; ann: person_hours"),
    ]) {
        let answer = floor.submit(&with_text(&floor.lead(n), "phone", phone)).await;
        assert_eq!(floor.told(&answer).await, expected, "{phone}");
    }
}

const HELD: &str = "caps = [{ count = 'sales', per = 'minute', limit = 1, full = 'hold', hold_minutes = 5 }]";

/// Sells two leads to a buyer with room for one a minute: the second waits.
async fn two(floor: &Floor) -> Answer {
    let first = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&first).await, "sold to ann at 12.00");
    let second = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&second).await, "waits until 15:01:00; ann: cap_full");
    assert_eq!(
        (second.status, floor.standing(&second).await.0),
        (Status::Pending, LeadState::Waiting)
    );
    second
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_held_is_sold_when_the_window_opens() {
    let floor = open_and_waiting(Exchange::of(ANN).contract("ann", HELD)).await;
    let second = two(&floor).await;
    pass(50_000).await;
    assert_eq!(floor.standing(&second).await.0, LeadState::Waiting);
    pass(15_000).await;
    assert_eq!(floor.told(&second).await, "sold to ann at 12.00");
    let (state, answer) = floor.standing(&second).await;
    assert_eq!((state, answer.map(|answer| answer.status)), (LeadState::Sold, Some(Status::Sold)));
    assert_eq!(floor.books().await.sold, 2);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_held_waits_through_a_restart_and_its_source_hears_the_end() {
    let exchange = Exchange::of(ANN)
        .contract("ann", HELD)
        .source("postback = 'https://northwind.example/pb?lead={lead_id}&status={status}&payout={payout}'");
    let floor = exchange.open().await;
    let second = two(&floor).await;
    let next = open_and_waiting(floor.exchange.restarted()).await;
    tokio::spawn(outcry_engine::outbox::run(next.engine.clone()));
    assert_eq!(next.recovery.expired, 0);
    pass(70_000).await;
    assert_eq!(next.told(&second).await, "sold to ann at 12.00");
    let told = next
        .outbound
        .sent()
        .into_iter()
        .filter(|sent| sent.path.starts_with("/pb"))
        .map(|sent| sent.path);
    let told: Vec<String> = told.filter(|path| path.contains(&second.lead.to_string())).collect();
    assert_eq!(told, [format!("/pb?lead={}&status=sold&payout=9.60", second.lead)]);
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_held_goes_to_somebody_else_if_they_want_it() {
    let floor = open_and_waiting(Exchange::of(BUYERS).contract("ann", HELD)).await;
    assert_eq!(
        sold(&floor, 1..=2).await,
        ["sold to ann at 12.00; bob: outbid", "sold to bob at 11.00; ann: cap_full"]
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_refused_a_lead_before_it_was_held_is_not_asked_again() {
    let floor = open_and_waiting(Exchange::of(BUYERS).contract("ann", HELD)).await;
    floor.script.change("bob  bids 11.00 at 30ms, rejects at 40ms");
    sold(&floor, 1..=1).await;
    let second = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&second).await, "waits until 15:01:00; ann: cap_full; bob: post_rejected");
    pass(65_000).await;
    assert_eq!(floor.told(&second).await, "sold to ann at 12.00; bob: post_rejected");
    assert_eq!(floor.count("bob/post"), 1);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn who_came_onto_a_suppression_list_while_held_is_not_sold() {
    let list = "[list.house]\nentries = 'phone'\nlive = true\neverywhere = true\n";
    let exchange = Exchange::of(ANN).contract("ann", HELD).source(list);
    let floor = open_and_waiting(exchange).await;
    sold(&floor, 1..=1).await;
    let lead = with(&floor.lead(2), "phone", Raw::Text("+12025550143".into()));
    let second = floor.submit(&lead).await;
    let change = ListChange {
        list: "house".into(),
        entries: vec![PEOPLE.of_entry("phone", "+12025550143")],
        on: true,
    };
    floor.engine.change_list(change).await.unwrap();
    pass(65_000).await;
    assert_eq!(floor.told(&second).await, "unsold; ann: suppressed");
    assert_eq!(floor.standing(&second).await.0, LeadState::Unsold);
}

#[tokio::test(start_paused = true)]
async fn a_lead_waits_no_longer_than_it_may() {
    // One a minute, and six come: the sixth would wait for five minutes and more.
    let floor = open_and_waiting(Exchange::of(ANN).contract("ann", &HELD.replace("= 5", "= 3"))).await;
    let leads: Vec<Raw> = (1..=6).map(|n| floor.lead(n)).collect();
    let answers = join_all(leads.iter().map(|lead| floor.sell(lead))).await;
    pass(600_000).await;
    let mut told = Vec::new();
    for answer in answers {
        told.push(floor.told(&answer.unwrap()).await);
    }
    told.sort();
    let (sold, unsold) = ("sold to ann at 12.00", "unsold; ann: cap_full");
    assert_eq!(told, [sold, sold, sold, sold, unsold, unsold]);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_comes_while_a_contract_is_closed_may_wait_until_it_opens() {
    let hours = "schedule = { open = 'mon-fri 15:30-20', when_closed = 'hold', hold_minutes = 60 }";
    let floor = open_and_waiting(Exchange::of(ANN).contract("ann", hours)).await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(floor.told(&answer).await, "waits until 15:30:00; ann: closed");
    pass(31 * 60_000).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00");
}

#[tokio::test(start_paused = true)]
async fn a_quote_keeps_its_promise_though_the_lead_had_to_wait() {
    let floor = open_and_waiting(Exchange::of(ANN).contract("ann", HELD)).await;
    let lead = floor.lead(2);
    let token = floor.token(&lead).await;
    sold(&floor, 1..=1).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(
        (answer.status, floor.told(&answer).await),
        (Status::Pending, "waits until 15:01:00; ann: cap_full".to_owned())
    );
    // Its buyer pays less by then: the promise would not be covered.
    floor.script.change("ann  bids 9.00 at 30ms, accepts at 40ms");
    pass(65_000).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: below_floor");
}

#[tokio::test(start_paused = true)]
async fn without_a_store_nobody_is_pinged_whose_pings_are_counted() {
    let floor = Exchange::of(BUYERS)
        .contract("ann", "caps = [{ count = 'pings', per = 'day', limit = 9 }]")
        .open()
        .await;
    floor.disk.faults.intend.store(true, std::sync::atomic::Ordering::Relaxed);
    floor.sell(&floor.lead(1)).await.unwrap();
    assert_eq!((floor.count("ann/ping"), floor.count("bob/ping")), (0, 1));
}
