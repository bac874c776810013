//! One request a hundred times at one moment, the process killed in the middle of it, and the same hundred again.
//!
//! Three kills here, as many as one likes with `OUTCRY_REPEATS`; `cargo xtask bars B11` asks for thirty.

use crate::harness::{Answer, KEY, Request, market, numbered, times, tiny, until};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

const COPIES: usize = 100;

/// All send at once; each gives its answer, or nothing if none came.
fn all_at_once(address: &str, request: &Request, answered: &Arc<AtomicUsize>) -> Vec<JoinHandle<Option<Answer>>> {
    let everybody = Arc::new(Barrier::new(COPIES));
    let send = |_| {
        let (address, request) = (address.to_owned(), request.clone());
        let (everybody, answered) = (everybody.clone(), answered.clone());
        std::thread::spawn(move || {
            let answer = request.send_together(&address, &everybody);
            answered.fetch_add(
                usize::from(answer.as_ref().is_some_and(|answer| answer.status < 300)),
                Ordering::SeqCst,
            );
            answer
        })
    };
    (0..COPIES).map(send).collect()
}

fn heard(copies: Vec<JoinHandle<Option<Answer>>>) -> Vec<Answer> {
    copies.into_iter().filter_map(|copy| copy.join().unwrap()).collect()
}

/// The answers to all copies, each of which comes again as long as it hears that the first is still on its way.
fn all_answered(address: &str, request: &Request) -> Vec<Answer> {
    let mut final_ones = Vec::new();
    until("every copy has its answer", || {
        final_ones = heard(all_at_once(address, request, &Arc::default()));
        let waits = final_ones.iter().any(|answer| answer.status == 409);
        (final_ones.len() == COPIES && !waits).then_some(())
    });
    final_ones
}

fn numbered_lead(round: usize, city: &str) -> Request {
    let mut lead = numbered(round as u64);
    lead["city"] = city.into();
    Request::post("/v1/leads", KEY)
        .header("idempotency-key", &format!("same-{round}"))
        .json(&lead)
}

#[test]
fn a_hundred_copies_and_a_kill_between_make_one_lead_with_one_answer() {
    let rounds = times("OUTCRY_REPEATS", 3);
    let market = market();
    let home = tiny(&market);
    home.edit("spec/exchange.toml", "limit = 50", "limit = 1000000");
    let (mut cut_off, mut before_kill, mut refused, mut leads) = (0, 0, 0, BTreeSet::new());
    for round in 0..rounds {
        let request = numbered_lead(round, "Raleigh");
        let exchange = home.serve(&[]);
        let (answered, calls) = (Arc::<AtomicUsize>::default(), |path: &str| market.heard(path).len());
        let (pings, posts) = (calls("/acme/ping"), calls("/acme/post"));
        let copies = all_at_once(&exchange.address, &request, &answered);
        // Killed when the buyers are asked, when one of them has the lead, and when the first copy is answered.
        until("the auction is so far", || {
            let far = match round % 3 {
                0 => pings < calls("/acme/ping"),
                1 => posts < calls("/acme/post"),
                _ => 0 < answered.load(Ordering::SeqCst),
            };
            far.then_some(())
        });
        let log = exchange.kill();
        assert!(!log.contains("panicked"), "round {round}:\n{log}");
        let early = heard(copies);
        cut_off += COPIES - early.len();

        let exchange = home.serve(&[]);
        let answers = all_answered(&exchange.address, &request);
        let (lead, body) = (answers[0].text("lead_id"), &answers[0].body);
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (answers[0].status, body), "round {round}");
        }
        for answer in early.iter().filter(|answer| answer.status < 300) {
            before_kill += 1;
            assert_eq!(answer.text("lead_id"), lead, "round {round}: another lead than before the kill");
            // What was not the last word may have become one.
            assert!(
                answer.text("status") == "pending" || &answer.body == body,
                "round {round}: {answer:?} and {body}"
            );
        }
        for answer in early.iter().filter(|answer| 300 <= answer.status) {
            assert_eq!(answer.status, 409, "round {round}: {answer:?}");
        }
        for answer in heard(all_at_once(&exchange.address, &numbered_lead(round, "Durham"), &Arc::default())) {
            assert_eq!(answer.status, 422, "round {round}: {answer:?}");
            refused += 1;
        }
        assert!(leads.insert(lead), "round {round}: a lead of another key");
        let log = exchange.stop();
        assert!(!log.contains("panicked"), "round {round}:\n{log}");
    }
    assert_eq!((leads.len(), refused), (rounds, rounds * COPIES));
    assert_eq!(home.rows("lead"), i64::try_from(rounds).unwrap());
    let posts = market.heard("/acme/post").len() + market.heard("/blueridge/post").len();
    assert!(posts <= rounds, "{posts} posts of {rounds} leads");
    println!(
        "figure: {rounds} times {COPIES} copies of one request at once, killed, and {COPIES} again: {rounds} leads, {posts} posts; {before_kill} \
         answered before the kill, {cut_off} cut off; after it the same bytes for all; another body refused {refused} of {refused} times"
    );
}
