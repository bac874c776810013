//! Several legs of one answer as one bid.

use crate::floor::{answer, ping, with_answers};
use outcry_core::bid::Bid;

/// `15.00 = a 9.00 + b 6.00`, or with `!` an offer that wants the lead for itself.
fn said(bid: &Bid) -> String {
    let legs: Vec<String> = bid
        .legs
        .iter()
        .map(|leg| format!("{} {}", leg.id.as_deref().unwrap_or("?"), leg.price))
        .collect();
    let alone = if bid.exclusive == Some(true) { "!" } else { "" };
    format!(
        "{}{alone} = {}",
        bid.price.map(|price| price.to_string()).unwrap_or_default(),
        legs.join(" + ")
    )
}

/// Reads legs written as `id price group`, one a line, `!` for an exclusive one.
fn choose(limits: &str, legs: &str) -> String {
    let integration = with_answers(&format!(
        r#"
[ping.answer]
format = "json"
id = "ping"
legs = {{ {limits} }}
bids = {{ each = "legs", id = "id", price = "price", group = "group", exclusive = "alone", buyer_name = "name", expires_seconds = "ttl", echo = {{ lot = "lot" }} }}
rules = [{{ outcome = "bid" }}]
[post.answer]
format = "none"
rules = [{{ outcome = "unknown" }}]
"#
    ));
    let legs = legs.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        serde_json::json!({"id": words[0], "price": words[1], "group": words[2], "alone": words.contains(&"!")})
    });
    let body = serde_json::json!({"ping": "p1", "legs": legs.collect::<Vec<_>>()}).to_string();
    let reading = ping(&integration, &answer(200, &body));
    assert!(reading.bids.iter().all(|bid| bid.id.as_deref() == Some("p1")));
    let bids: Vec<String> = reading.bids.iter().map(said).collect();
    format!("{}: {}", reading.outcome.word(), bids.join("; "))
}

#[test]
fn the_best_legs_that_may_be_sold_together_are_one_bid() {
    let legs = "
        a 9.00 north
        b 6.00 north
        c 5.105 south
        d 4.00 west
    ";
    assert_eq!(choose("", legs), "bid: 24.105 = a 9.00 + b 6.00 + c 5.105 + d 4.00");
    assert_eq!(choose("max = 2", legs), "bid: 15.00 = a 9.00 + b 6.00");
    assert_eq!(choose("max = 2, max_per_group = 1", legs), "bid: 14.105 = a 9.00 + c 5.105");
    assert_eq!(choose("max_per_group = 1", legs), "bid: 18.105 = a 9.00 + c 5.105 + d 4.00");
}

#[test]
fn an_exclusive_leg_competes_alone() {
    let legs = "
        a 9.00 north
        x 14.00 north !
        b 6.00 south
    ";
    assert_eq!(choose("", legs), "bid: 15.00 = a 9.00 + b 6.00; 14.00! = x 14.00");
    assert_eq!(choose("max = 1", legs), "bid: 14.00! = x 14.00; 9.00 = a 9.00");
}

#[test]
fn what_cannot_be_added_is_left_out() {
    assert_eq!(choose("", "a free north\nb 6.00 south"), "bid: 6.00 = b 6.00");
    assert_eq!(choose("", "a 0 north\nb -6.00 south"), "no_bid: ");
    assert_eq!(choose("", "a €9 north\nb £6 south"), "error: ");
}

#[test]
fn a_composite_names_its_buyers_and_ends_with_the_first_of_its_legs() {
    let integration = with_answers(
        r#"
[ping.answer]
format = "json"
legs = { max = 4 }
bids = { each = "legs", id = "id", price = "price", buyer_name = "name", expires_seconds = "ttl", echo = { lot = "lot" } }
rules = [{ outcome = "bid" }]
[post.answer]
format = "none"
rules = [{ outcome = "unknown" }]
"#,
    );
    let body = r#"{"legs":[{"id":1,"price":2,"name":"North","ttl":60,"lot":"A"},{"id":2,"price":3,"name":"South","ttl":30,"lot":"B"},{"id":3,"name":"East"}]}"#;
    let reading = ping(&integration, &answer(200, body));
    let bid = &reading.bids[0];
    assert_eq!(
        (said(bid).as_str(), bid.buyer_name.as_deref(), bid.expires_seconds),
        ("5.00 = 2 3.00 + 1 2.00", Some("South, North"), Some(30))
    );
    assert_eq!(bid.legs[0].echo[0].1.as_ref(), "B");
    assert_eq!(reading.notes, ["a leg without a price cannot be added"]);
}

#[test]
fn a_post_names_the_legs_that_were_chosen() {
    let file = |body: &str| {
        format!(
            r#"{}
[ping.request]
url = "https://buyer.example/ping"
[ping.answer]
format = "json"
legs = {{ max = 2 }}
bids = {{ each = "legs", id = "id", price = "price", echo = {{ lot = "lot" }} }}
rules = [{{ outcome = "bid" }}]
[post.request]
url = "https://buyer.example/post"
format = "json"
body = {{ {body} }}
[post.answer]
format = "none"
rules = [{{ outcome = "unknown" }}]
[[examples.post]]
name = "two legs"
bid = {{ id = "p1", price = "15", legs = [{{ id = "a", price = "9", echo = {{ lot = "L1" }} }}, {{ id = "b", price = "6.005" }}] }}
expect = {{ body = '''{{"ids":"a,b","all":["a","b"],"first":"a","legs":[{{"id":"a","price":9.00,"lot":"L1","zip":null}},{{"id":"b","price":6.005,"zip":null}}]}}''' }}
"#,
            crate::floor::head("")
        )
    };
    let body = r#"ids = "{bid.legs[*].id | join ','}", all = "{bid.legs[*].id}", first = "{bid.legs[0].id}", legs = { each = "bid.legs", as = { id = "{id}", price = "{price}", lot = "{lot}", zip = "{lead.zip | null}" } }"#;
    let outcomes = crate::floor::read(&file(body)).run_examples();
    assert!(outcomes.iter().all(|outcome| outcome.passed), "{outcomes:#?}");
    for (body, message) in [
        (r#"x = "{bid.legs[*].lott}""#, "{bid.echo.lott} is not kept"),
        (r#"x = { each = "bid.legs", as = { x = "{lott}" } }"#, "{bid.echo.lott} is not kept"),
        (r#"x = "{bid.legs.id}""#, "is not known"),
    ] {
        let problems = outcry_integration::Integration::read(&file(body)).unwrap_err();
        assert!(problems.iter().any(|problem| problem.message.contains(message)), "{problems:?}");
    }
}
