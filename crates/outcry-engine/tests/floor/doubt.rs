//! Every way a post can end in doubt, again and again: it holds the lead and what it took, nobody else is posted to; where the buyer's
//! no is clear the next one is, at once; and most doubt ends by itself.
//!
//! Once each here, twenty times in `cargo xtask bars B12`, which sets `OUTCRY_DOUBTS`.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass};
use outcry_engine::answer::{Answer, Status};
use outcry_engine::ports::store::LeadState;
use outcry_engine::resolve::call::{self, Heard};
use outcry_integration::RawAnswer;

/// A byte has left, and what came back proves nothing.
const DOUBTFUL: [&str; 18] = [
    "is silent",
    "accepts at 70000ms",
    "resets",
    "resets at 700ms",
    "resets at 3000ms",
    "breaks off",
    "breaks off at 1500ms",
    "mumbles",
    "mumbles at 1500ms",
    "fails with 500",
    "fails with 502",
    "fails with 503",
    "fails with 504",
    "says 200: \"\"",
    "says 200: []",
    "says 200: {\"accepted\":",
    "says 204",
    "says 302",
];

/// The buyer has not got it, and that is certain.
const CLEAR: [&str; 8] = [
    "is dead",
    "is dead at 300ms",
    "rejects",
    "rejects at 700ms",
    "rejects: bad phone",
    "knows them",
    "says 200: {\"accepted\": false}",
    "says 200: {\"duplicate\": true}",
];

fn times() -> usize {
    std::env::var("OUTCRY_DOUBTS")
        .ok()
        .and_then(|times| times.parse().ok())
        .unwrap_or(1)
}

async fn open(ann_does: &str) -> Floor {
    let terms = "post_timeout_ms = 1000\ncaps = [{ count = 'sales', per = 'day', limit = 9 }]";
    let buyers = "ann  bids 15.00, accepts\nbob  bids 14.00, accepts";
    let floor = Exchange::of(buyers).contract("ann", terms).open().await;
    floor.script.change(&format!("ann  bids 15.00, {ann_does}"));
    floor
}

#[tokio::test(start_paused = true)]
async fn whatever_is_in_doubt_is_held_and_whatever_is_clear_goes_on_to_the_next() {
    let (mut held, mut passed_on) = (0, 0);
    for _ in 0..times() {
        for ann_does in DOUBTFUL {
            let floor = open(ann_does).await;
            let answer = floor.submit(&floor.lead(1)).await;
            assert_eq!(answer.status, Status::Pending, "{ann_does}");
            pass(100_000).await;
            assert_eq!(floor.told(&answer).await, "pending on ann; bob: held_by_unknown", "{ann_does}");
            assert_eq!((floor.count("ann/post"), floor.count("bob/post")), (1, 0), "{ann_does}");
            assert_eq!(floor.used("contract/ann/sales/day").await, 1, "{ann_does}");
            assert_eq!(floor.standing(&answer).await.0, LeadState::Uncertain, "{ann_does}");
            floor.audit().await;
            held += 1;
        }
        for ann_does in CLEAR {
            let floor = open(ann_does).await;
            let answer = floor.submit(&floor.lead(1)).await;
            assert_eq!(answer.status, Status::Sold, "within the deadline: {ann_does}");
            assert_eq!(floor.count("bob/post"), 1, "{ann_does}");
            assert_eq!(floor.used("contract/ann/sales/day").await, 0, "{ann_does}");
            floor.audit().await;
            passed_on += 1;
        }
    }
    println!(
        "figure: {} ways to leave a post in doubt: {held} of {held} unknown, 0 second posts, holds kept; {} clear failures: {passed_on} of {passed_on} \
         went on to the next within the deadline",
        DOUBTFUL.len(),
        CLEAR.len()
    );
}

/// How doubt ends without a person: what the buyer's file can do, what it does with posts, and what it says when asked.
const ENDS: [(&str, &str, &[&str], &[&str]); 10] = [
    ("a late yes", "floor_json", &["says 200 at 3000ms: {\"accepted\": true}"], &[]),
    ("a late no", "floor_json", &["says 200 at 9000ms: {\"accepted\": false}"], &[]),
    (
        "a yes to a question",
        "floor_calls",
        &["resets"],
        &["says 200: {\"state\": \"sold\"}"],
    ),
    (
        "a yes to the third question",
        "floor_calls",
        &["is silent"],
        &["resets", "fails with 500", "says 200: {\"state\": \"sold\"}"],
    ),
    (
        "a no to a question",
        "floor_calls",
        &["breaks off"],
        &["says 200: {\"state\": \"none\"}"],
    ),
    (
        "a yes to the same post again",
        "floor_once",
        &["resets", "says 200: {\"accepted\": true}"],
        &[],
    ),
    (
        "a no to the same post again",
        "floor_once",
        &["mumbles", "resets", "says 200: {\"accepted\": false}"],
        &[],
    ),
    (
        "a call that says yes",
        "floor_calls",
        &["resets"],
        &["says 200: {\"state\": \"waiting\"}"],
    ),
    (
        "a call that says no",
        "floor_calls",
        &["is silent"],
        &["says 200: {\"state\": \"waiting\"}"],
    ),
    ("nothing at all", "floor_calls", &["resets"], &["resets"]),
];

/// The buyer calls the address it was given.
async fn buyer_calls(floor: &Floor, says: &str) {
    let sent = floor.outbound.sent().into_iter().find(|sent| sent.path == "/post").expect("a post");
    let (_, token) = sent.body.split_once("/v1/callbacks/").expect("an address to call");
    let caller = call::caller(&floor.engine, token.split('"').next().unwrap_or_default()).await;
    let said = RawAnswer {
        status: 200,
        headers: Vec::new(),
        body: says.as_bytes().to_vec(),
    };
    let heard = call::hear(&caller.expect("a genuine token"), said).await;
    assert!(matches!(heard, Ok(Heard::Recorded(_))), "{heard:?}");
}

async fn in_doubt(integration: &str, posts: &[&str], asked: &[&str]) -> (Floor, Answer) {
    let terms = format!("integration = '{integration}'\npost_timeout_ms = 1000");
    let buyers = "ann  bids 15.00\nbob  bids 14.00, accepts";
    let floor = Exchange::of(buyers).contract("ann", &terms).open().await;
    floor.script.at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
    floor.script.at("ann", "/post", posts);
    if !asked.is_empty() {
        floor.script.at("ann", "/status", asked);
    }
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Pending);
    (floor, answer)
}

#[tokio::test(start_paused = true)]
async fn doubt_ends_without_a_person_wherever_anybody_says_anything() {
    let (mut doubts, mut ended, mut mute) = (0, 0, 0);
    for _ in 0..times() {
        for (end, integration, posts, asked) in ENDS {
            let (floor, answer) = in_doubt(integration, posts, asked).await;
            match end {
                "a call that says yes" => buyer_calls(&floor, "status=sold").await,
                "a call that says no" => buyer_calls(&floor, "status=refused").await,
                _ => pass(600_000).await,
            }
            let state = floor.standing(&answer).await.0;
            assert_eq!(floor.count("bob/post"), 0, "{end}: nobody else was posted to");
            if end == "nothing at all" {
                assert_eq!(state, LeadState::Uncertain, "nobody guesses");
                mute += 1;
                continue;
            }
            doubts += 1;
            let expected = if end.contains("yes") { LeadState::Sold } else { LeadState::Unsold };
            assert!([expected, LeadState::Uncertain].contains(&state), "{end}: {}", state.word());
            ended += usize::from(state == expected);
            floor.audit().await;
        }
    }
    println!(
        "figure: {ended} of {doubts} doubts ended without a person: late answers, questions, the same post again, calls; {mute} of {mute} about which \
         nobody says anything stayed unknown"
    );
    assert!(doubts * 95 <= ended * 100, "{ended} of {doubts}");
}
