//! What a campaign does with a lead before any contract is asked.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, with_text};
use outcry_core::raw::Raw;
use outcry_market::buyers::{Reply, ReplyKind};

const BUYERS: &str = "
    ann  bids 12.00
    bob  bids 15.00
    ";

fn answer(status: u16, body: &'static str, delay_ms: u32) -> Reply {
    Reply {
        delay_ms,
        kind: ReplyKind::Answer {
            status,
            content_type: "application/json",
            body: body.to_owned(),
        },
    }
}

/// An exchange whose campaign has each lead looked at by a service that answers so.
fn checked(terms: &str, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Exchange {
    let check = format!(
        "[check.look]\nintegration = 'floor_check'\nparams = {{ base_url = 'https://look.example' }}\nsends = ['phone', 'state']\n{terms}\n"
    );
    Exchange::of(BUYERS)
        .campaign("checks = ['look']")
        .tables(&check)
        .service("look.example", move |_| reply())
}

async fn told(floor: &Floor, lead: &Raw) -> String {
    let answer = floor.submit(lead).await;
    floor.audit().await;
    floor.told(&answer).await
}

async fn notes(floor: &Floor) -> String {
    let record = floor.records().await.remove(0);
    record.notes.join("; ")
}

#[tokio::test(start_paused = true)]
async fn a_check_that_passes_lets_the_lead_through_and_stands_in_the_record() {
    let floor = checked("", || answer(200, r#"{"say": "yes"}"#, 40)).open().await;
    assert_eq!(told(&floor, &floor.lead(1)).await, "sold to bob at 15.00; ann: outbid");
    assert_eq!(notes(&floor).await, "check look: pass in 40 ms");
    assert_eq!(floor.calls()[0], "look/check", "before anybody is pinged");
    assert_eq!(floor.count("look/check"), 1, "once a lead and not once a buyer");
}

#[tokio::test(start_paused = true)]
async fn a_check_is_shown_its_fields_and_no_others() {
    let floor = checked("", || answer(200, r#"{"say": "yes"}"#, 0)).open().await;
    told(&floor, &floor.lead(1)).await;
    let seen = floor.outbound.sent()[0].body.clone();
    for name in ["phone", "state"] {
        assert!(seen.contains(name), "{seen}");
    }
    for name in ["email", "first_name", "consent_text", "zip"] {
        assert!(!seen.contains(name), "{name} in {seen}");
    }
}

/// What becomes of a lead under a policy, for each way in which a check may end.
async fn check_policy(policy: &str, reply: fn() -> Reply, expected: &str, noted: &str) {
    let floor = checked(&format!("on_fail = '{policy}'\non_unknown = '{policy}'"), reply)
        .open()
        .await;
    assert_eq!(told(&floor, &floor.lead(1)).await, expected, "{policy}");
    assert_eq!(notes(&floor).await, noted, "{policy}");
}

#[tokio::test(start_paused = true)]
#[expect(clippy::too_many_lines, reason = "one table; each way to end is a line")]
async fn whatever_is_not_a_yes_goes_by_the_policy_and_never_in_silence() {
    let no = || answer(200, r#"{"say": "no", "why": "a landline"}"#, 10);
    let sold = "sold to bob at 15.00; ann: outbid";
    check_policy(
        "block",
        no,
        "unsold; ann: check_failed; bob: check_failed",
        "check look: fail in 10 ms",
    )
    .await;
    check_policy(
        "allow",
        no,
        sold,
        "check look: fail in 10 ms; allowed: the check look says no: a landline",
    )
    .await;
    check_policy(
        "flag",
        no,
        sold,
        "check look: fail in 10 ms; flagged: the check look says no: a landline",
    )
    .await;
    check_policy(
        "review",
        no,
        "in review: the check look says no: a landline; ann: in_review; bob: in_review",
        "check look: fail in 10 ms",
    )
    .await;
    let blocked = "unsold; ann: check_unavailable; bob: check_unavailable";
    check_policy(
        "block",
        || answer(200, r#"{"say": "perhaps"}"#, 10),
        blocked,
        "check look: unknown in 10 ms",
    )
    .await;
    check_policy("block", || answer(503, "down", 10), blocked, "check look: unknown in 10 ms").await;
    check_policy(
        "block",
        || answer(302, r#"{"say": "yes"}"#, 10),
        blocked,
        "check look: unknown in 10 ms",
    )
    .await;
    check_policy(
        "block",
        || answer(200, r#"{"say": "yes"}"#, 60_000),
        blocked,
        "check look: unknown in 800 ms",
    )
    .await;
    let reset = || Reply {
        delay_ms: 5,
        kind: ReplyKind::Reset,
    };
    check_policy("block", reset, blocked, "check look: unknown in 5 ms").await;
    let nobody = || Reply {
        delay_ms: 0,
        kind: ReplyKind::Refused,
    };
    check_policy("block", nobody, blocked, "check look: unknown in 0 ms").await;
}

#[tokio::test(start_paused = true)]
async fn checks_leave_half_of_the_time_to_the_buyers() {
    let floor = checked("timeout_ms = 10000\non_unknown = 'flag'", || {
        answer(200, r#"{"say": "yes"}"#, 60_000)
    })
    .open()
    .await;
    assert_eq!(told(&floor, &floor.lead(1)).await, "sold to bob at 15.00; ann: outbid");
    assert!(
        notes(&floor).await.starts_with("check look: unknown in 990 ms"),
        "{}",
        notes(&floor).await
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_check_says_is_a_field_for_filters_and_the_campaign() {
    let said = |body: &'static str| checked("results = { score__fraud_score = 'int' }", move || answer(200, body, 0));
    let good = said(r#"{"say": "yes", "score": 12}"#).contract("bob", "filter = 'fraud_score > 50'");
    good.check("sold to ann at 12.00; bob: filter").await;
    let bad = said(r#"{"say": "yes", "score": 97}"#).campaign("accept = 'fraud_score < 85'");
    bad.check("unsold; ann: not_accepted; bob: not_accepted").await;
    let none = said(r#"{"say": "yes"}"#).campaign("accept = 'fraud_score < 85'");
    none.check("unsold; ann: not_accepted; bob: not_accepted").await;
    let nonsense = said(r#"{"say": "yes", "score": "high"}"#).campaign("accept = 'absent(fraud_score)'");
    nonsense.check("sold to bob at 15.00; ann: outbid").await;
}

#[tokio::test(start_paused = true)]
async fn a_source_cannot_say_what_is_computed_or_checked_here() {
    let floor = checked("results = { score__fraud_score = 'int' }", || answer(200, r#"{"say": "yes"}"#, 0))
        .open()
        .await;
    let lead = with_text(&floor.lead(1), "fraud_score", "1");
    assert_eq!(floor.sell(&lead).await.unwrap_err().code(), "invalid_lead");
}

#[tokio::test(start_paused = true)]
async fn computed_fields_reach_filters_and_whatever_a_contract_opens() {
    let exchange = Exchange::of(BUYERS)
        .campaign("compute = { area = { from = 'zip', transform = 'zip3' }, place = { from = 'state', map = { TX = 'south' }, else = 'elsewhere' }, dear = { type = 'bool', cases = [{ when = 'present(area)', value = true }], else = false } }")
        .contract("ann", "filter = 'dear and present(area)'\nping = { open = ['area', 'place'] }")
        .contract("bob", "filter = 'not dear'");
    let floor = exchange.open().await;
    assert_eq!(told(&floor, &floor.lead(1)).await, "sold to ann at 12.00; bob: filter");
    let ping = floor.outbound.sent()[0].body.clone();
    assert!(ping.contains("\"area\"") && ping.contains("\"place\""), "{ping}");
}

#[tokio::test(start_paused = true)]
async fn a_campaign_that_computes_takes_the_post_of_its_quote() {
    let exchange = Exchange::of(BUYERS).campaign("compute = { area = { from = 'zip', transform = 'zip3' } }");
    let floor = exchange.contract("ann", "filter = 'present(area)'").open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "sold to bob at 15.00; ann: outbid");
}

#[tokio::test(start_paused = true)]
async fn a_campaign_takes_what_it_says_it_takes() {
    let refusing = Exchange::of(BUYERS).campaign("accept = 'absent(state)'");
    refusing.check("unsold; ann: not_accepted; bob: not_accepted").await;
    let taking = Exchange::of(BUYERS).campaign("accept = 'present(state)'");
    taking.check("sold to bob at 15.00; ann: outbid").await;
}

#[tokio::test(start_paused = true)]
async fn a_check_of_the_second_call_decides_about_a_quote() {
    let floor = checked("", || answer(200, r#"{"say": "no", "why": "a landline"}"#, 0)).open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    assert_eq!(floor.count("look/check"), 0, "a ping has no number to look at");
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "unsold; ann: check_failed; bob: check_failed");
    assert_eq!(floor.count("bob/post") + floor.count("ann/post"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_test_lead_is_no_question_for_a_service_without_an_address_for_tests() {
    let floor = checked("", || answer(200, r#"{"say": "no"}"#, 0))
        .source("test_only = true")
        .open()
        .await;
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status.word(), "sold");
    assert_eq!(floor.count("look/check"), 0);
}
