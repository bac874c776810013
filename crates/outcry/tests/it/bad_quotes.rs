//! What a source can do wrong with keys and tokens: used twice, used late, used by somebody else.

use crate::bad_input::{is_problem, nothing_is_kept};
use crate::harness::{ACME, Buyer, Heard, KEY, OTHER_KEY, PATIENCE, QUICK_KEY, Reply, Request, lead, market, ping_part, tiny, until};
use serde_json::json;
use std::sync::Mutex;
use std::sync::mpsc::channel;

fn ping(key: &str) -> Request {
    Request::post("/v1/pings", key).json(&ping_part(&lead()))
}

fn post(key: &str, token: &str) -> Request {
    Request::post("/v1/posts", key).header("ping-token", token).json(&lead())
}

#[test]
fn a_token_that_was_not_made_here_is_refused() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    for forged in [
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\u{e4}\u{f6}",
    ] {
        let answer = exchange.send(&post(KEY, "x").json(&json!({"ping_token": forged})));
        is_problem("a forged token", &answer, 400, "token_forged", &["not made here, or was altered"]);
    }
    nothing_is_kept(&exchange, &home);
}

#[test]
fn an_altered_token_is_refused_and_the_true_one_still_stands() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let token = exchange.send(&ping(KEY)).text("ping_token");
    let altered = if token.starts_with("AQ") {
        token.replacen("AQ", "AB", 1)
    } else {
        token.replacen(&token[..1], "_", 1)
    };
    let answer = exchange.send(&post(KEY, &altered));
    is_problem(
        "an altered token",
        &answer,
        400,
        "token_forged",
        &["exactly as the ping's answer gave it"],
    );
    let answer = exchange.send(&post(OTHER_KEY, &token));
    is_problem(
        "another source's token",
        &answer,
        403,
        "token_of_another_source",
        &["post with the key of the source that pinged"],
    );
    let mut other = lead();
    other["zip"] = json!("27602");
    let drifted = Request::post("/v1/posts", KEY).header("ping-token", &token).json(&other);
    is_problem(
        "another ZIP",
        &exchange.send(&drifted),
        422,
        "quote_void",
        &["differs from the ping in zip", "\"fields\":[\"zip\"]"],
    );
    let mut wrong = lead();
    wrong["phone"] = json!("12");
    let invalid = Request::post("/v1/posts", KEY).header("ping-token", &token).json(&wrong);
    is_problem(
        "a wrong phone",
        &exchange.send(&invalid),
        422,
        "invalid_lead",
        &["\"path\":\"phone\""],
    );
    assert_eq!(home.rows("lead"), 0);
    // None of this used the quote up.
    assert_eq!(exchange.send(&post(KEY, &token)).text("status"), "sold");
    let again = exchange.send(&post(KEY, &token).header("idempotency-key", "again"));
    is_problem("a used token", &again, 409, "quote_used", &["can be posted once"]);
    assert_eq!((home.rows("lead"), market.heard("/acme/post").len()), (1, 1));
}

#[test]
fn a_quote_that_is_over_is_refused() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let quoted = exchange.send(&ping(QUICK_KEY));
    let (quote, token) = (quoted.text("quote_id"), quoted.text("ping_token"));
    assert_eq!(quoted.json()["expires_seconds"], 1);
    // The same ping gets the same quote until it is over.
    until("the quote is over", || {
        (exchange.send(&ping(QUICK_KEY)).text("quote_id") != quote).then_some(())
    });
    is_problem(
        "an expired token",
        &exchange.send(&post(QUICK_KEY, &token)),
        410,
        "quote_expired",
        &["this quote expired at 2", "ping again"],
    );
    assert_eq!(home.rows("lead"), 0);
}

#[test]
fn an_idempotency_key_belongs_to_one_body() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let mut other = lead();
    other["first_name"] = json!("Marmaduke");
    for (path, first, second) in [("/v1/leads", lead(), other), ("/v1/pings", ping_part(&lead()), json!({}))] {
        let keyed = |body| exchange.send(&Request::post(path, KEY).header("idempotency-key", "order-7").json(body));
        assert_eq!(keyed(&first).status, 200);
        let mut second = if second == json!({}) { first.clone() } else { second };
        second["project_scope"] = json!("repair");
        is_problem(
            path,
            &keyed(&second),
            422,
            "idempotency_key_reused",
            &["different body; use a new key"],
        );
        // Another source may use the same key.
        assert_eq!(
            exchange
                .send(&Request::post(path, OTHER_KEY).header("idempotency-key", "order-7").json(&first))
                .status,
            200
        );
    }
    assert_eq!(home.rows("lead"), 2);
}

#[test]
fn the_same_request_at_the_same_time_is_answered_once() {
    let (go, wait) = channel();
    let wait = Mutex::new(wait);
    let market = Buyer::start(move |heard: &Heard| {
        if heard.path.ends_with("/ping") {
            wait.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        }
        Reply::json(if heard.path.ends_with("/ping") { ACME[0] } else { ACME[1] })
    });
    let home = tiny(&market);
    home.edit("spec/exchange.toml", "ping_timeout_ms = 8000", "ping_timeout_ms = 10000");
    home.edit("spec/exchange.toml", "ping_window_ms = 8000", "ping_window_ms = 10000");
    let exchange = home.serve(&[]);
    for path in ["/v1/leads", "/v1/pings"] {
        let body = if path == "/v1/leads" { lead() } else { ping_part(&lead()) };
        let request = Request::post(path, KEY).header("idempotency-key", "at-once").json(&body);
        let (address, first) = (exchange.address.clone(), request.clone());
        let before = market.count();
        let first = std::thread::spawn(move || first.send(&address));
        until("both buyers are asked", || (before + 2 <= market.count()).then_some(()));
        let second = exchange.send(&request);
        is_problem(path, &second, 409, "in_flight", &["ask again in a moment"]);
        assert_eq!(second.header("retry-after"), Some("1"));
        assert_eq!(second.json()["lead_id"].is_string(), path == "/v1/leads");
        go.send(()).unwrap();
        go.send(()).unwrap();
        let first = first.join().unwrap();
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!(exchange.send(&request).body, first.body);
    }
    assert_eq!((home.rows("lead"), market.heard("/acme/post").len()), (1, 1));
}
