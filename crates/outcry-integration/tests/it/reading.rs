//! What answers mean, the hostile and the broken ones among them.

use crate::floor::{answer, ping, post, with_answers};
use outcry_integration::{Integration, PingReading, PostReading};

fn json() -> Integration {
    with_answers(
        r#"
[ping.answer]
format = "json"
id = "id"
reason = ["error", "details", "errors[*].message"]
bid = { price = ["price", "payout"], currency = "currency", id = "bid_id", exclusive = "exclusive", expires_seconds = "ttl", echo = { lot = "lot" } }
bids = { each = "offers", price = { path = "cents", cents = true }, id = "id", buyer_name = "name", exclusive = { path = "kind", yes = "solo" }, echo = { ping = "$.id" } }
rules = [
  { when = { path = "code", greater_than = 499 }, outcome = "error", reason = "their fault" },
  { when = { path = "status", matches = "^dup" }, outcome = "duplicate" },
  { when = { path = "status", in = ["no", "rejected"] }, outcome = "no_bid" },
  { when = { status = 404 }, outcome = "no_bid" },
  { when = { status = 503, path = "status", equals = "busy" }, outcome = "no_bid" },
  { when = { all = [{ path = "status", in = ["Matched", "OK"] }, { not = { path = "error", present = true } }] }, outcome = "bid" },
]
[post.answer]
format = "json"
price = "price"
reference = "id"
redirect_url = "url"
reason = { path = ["message", "errors[*]"], join = " / " }
rules = [
  { when = { path = "result", equals = "no" }, outcome = "rejected" },
  { when = { path = "result", equals = "later" }, outcome = "queued" },
  { when = { path = "result", equals = "yes" }, outcome = "accepted" },
  { when = { status = 409 }, outcome = "duplicate" },
  { when = { status = 200 }, outcome = "unknown", reason = "looked at and not understood" },
]
"#,
    )
}

fn xml() -> Integration {
    with_answers(
        r#"
[ping.answer]
format = "xml"
id = "*/id"
reason = "*/errors/error"
bid = { price = "*/price", id = "*/id" }
bids = { each = "*/bids/bid", price = "@price", id = "id", buyer_name = "company" }
rules = [{ when = { path = "//status", equals = "ok" }, outcome = "bid" }, { when = { path = "//status", equals = "no" }, outcome = "no_bid" }]
[post.answer]
format = "xml"
rules = [{ when = { path = "r/status", equals = "ok" }, outcome = "accepted" }]
"#,
    )
}

fn said(reading: &PingReading) -> String {
    let bids: Vec<String> = reading
        .bids
        .iter()
        .map(|bid| bid.price.map_or_else(|| "?".to_owned(), |price| price.to_string()))
        .collect();
    let id = reading.bid_id.as_deref().map(|id| format!(" #{id}")).unwrap_or_default();
    let reason = reading.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!(
        "{}{}{id}{reason}",
        reading.outcome.word(),
        if bids.is_empty() {
            String::new()
        } else {
            format!(" {}", bids.join(" "))
        }
    )
}

fn said_of_post(reading: &PostReading) -> String {
    let price = reading.price.map(|price| format!(" {price}")).unwrap_or_default();
    let reference = reading.reference.as_deref().map(|id| format!(" #{id}")).unwrap_or_default();
    let redirect = reading.redirect_url.as_deref().map(|url| format!(" -> {url}")).unwrap_or_default();
    let reason = reading.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{price}{reference}{redirect}{reason}", reading.outcome.word())
}

#[test]
fn json_pings() {
    let integration = json();
    let table = [
        (200, r#"{"status":" MATCHED ","price":"12.50","id":7}"#, "bid 12.50 #7"),
        (200, r#"{"status":"ok","price":21.105}"#, "bid 21.105"),
        (200, r#"{"status":"ok","payout":"$1,250.00"}"#, "bid 1250.00"),
        (200, r#"{"status":"ok","price":null,"payout":3}"#, "bid 3.00"),
        (200, r#"{"status":"ok"}"#, "bid ?"),
        (201, "\u{feff}{\"status\":\"ok\",\"price\":1}", "bid 1.00"),
        (200, r#"{"status":"ok","price":"12.50","error":"zip is odd"}"#, "error (zip is odd)"),
        (200, r#"{"status":"ok","price":0}"#, "no_bid"),
        (200, r#"{"status":"ok","price":"-3.00"}"#, "no_bid"),
        (200, r#"{"status":"ok","price":"NaN"}"#, "error"),
        (200, r#"{"status":"ok","price":NaN}"#, "error"),
        (200, r#"{"status":"ok","price":1e3}"#, "error"),
        (200, r#"{"status":"ok","price":"12,50"}"#, "error"),
        (200, r#"{"status":"ok","price":99999999999}"#, "error"),
        (200, r#"{"status":"ok","price":1.0000001}"#, "error"),
        (200, r#"{"status":"ok","price":"5.00 EUR","currency":"USD"}"#, "error"),
        (200, r#"{"status":"ok","price":5,"currency":"dollars"}"#, "error"),
        (200, r#"{"status":"ok","status":"no","price":5}"#, "error"),
        (200, r#"{"status":"ok","price":5,"price":6}"#, "error"),
        (200, r#"{"status":"ok","price":5,"other":1,"other":2}"#, "bid 5.00"),
        (200, r#"{"status":"no","id":"a1","details":"full"}"#, "no_bid #a1 (full)"),
        (
            200,
            r#"{"status":"no","errors":[{"message":"one"},{"message":"two"},{"message":"one"}]}"#,
            "no_bid (one; two)",
        ),
        (200, r#"{"status":"Duplicate of 12"}"#, "duplicate"),
        (200, r#"{"status":"maybe","price":5}"#, "error"),
        (200, r#"{"status":"ok","code":500,"price":5}"#, "error (their fault)"),
        (400, r#"{"status":"rejected","error":"zip"}"#, "no_bid (zip)"),
        (400, r#"{"status":"ok","price":5}"#, "error"),
        (500, r#"{"status":"no"}"#, "error"),
        (500, r#"{"status":"ok","price":5}"#, "error"),
        (503, r#"{"status":"busy"}"#, "no_bid"),
        (404, "<html>not here</html>", "no_bid"),
        (200, "<html>Welcome to our Wi-Fi</html>", "error"),
        (200, "", "error"),
        (200, "{", "error"),
        (200, r#"{"status":"ok"} trailing"#, "error"),
        (200, "[]", "error"),
        (200, "null", "error"),
    ];
    for (status, body, expected) in table {
        let reading = ping(&integration, &answer(status, body));
        assert_eq!(said(&reading), expected, "{status} {body}\n{:?}", reading.notes);
        assert_eq!(reading.bids.is_empty(), !expected.starts_with("bid"), "{body}");
        let plain = ["bid", "no_bid", "duplicate"].iter().any(|word| reading.outcome.word() == *word);
        assert!(
            plain || reading.reason.is_some() || !reading.notes.is_empty(),
            "an error must say why: {body}"
        );
    }
}

#[test]
fn lists_of_bids() {
    let integration = json();
    let reading = ping(
        &integration,
        &answer(
            200,
            r#"{"status":"ok","id":"p1","price":99,"offers":[
            {"cents":1250,"id":"a","name":"Alpha","kind":"SOLO"},{"cents":0,"id":"b"},{"cents":"x","id":"c"},{"cents":1110.5,"id":"d","kind":"shared"}]}"#,
        ),
    );
    assert_eq!(said(&reading), "bid 12.50 11.105 #p1");
    assert_eq!(
        (
            reading.bids[0].buyer_name.as_deref(),
            reading.bids[0].exclusive,
            reading.bids[1].exclusive
        ),
        (Some("Alpha"), Some(true), Some(false))
    );
    assert!(
        reading
            .bids
            .iter()
            .all(|bid| bid.echo[0].0.as_ref() == "ping" && bid.echo[0].1.as_ref() == "p1")
    );
    assert_eq!(reading.notes.len(), 2, "{:?}", reading.notes);
    let empty = |body: &str| said(&ping(&integration, &answer(200, body)));
    assert_eq!(empty(r#"{"status":"ok","offers":[]}"#), "no_bid");
    assert_eq!(empty(r#"{"status":"ok","offers":[{"cents":"?"}]}"#), "error");
    assert_eq!(empty(r#"{"status":"ok","offers":[{"cents":0}]}"#), "no_bid");
    assert_eq!(empty(r#"{"status":"ok","offers":[],"offers":[{"cents":900}]}"#), "error");
}

#[test]
fn the_rest_of_a_bid() {
    let body = r#"{"status":"ok","price":"€ 9","bid_id":"x","exclusive":"Yes","ttl":90000000000,"lot":" L\u00001 "}"#;
    let reading = ping(&json(), &answer(200, body));
    let bid = &reading.bids[0];
    assert_eq!(bid.currency.unwrap().as_str(), "EUR");
    assert_eq!((bid.exclusive, bid.expires_seconds), (Some(true), None));
    assert_eq!(bid.echo[0].1.as_ref(), "L1");
    let body = r#"{"status":"ok","price":9,"ttl":"30"}"#;
    assert_eq!(ping(&json(), &answer(200, body)).bids[0].expires_seconds, Some(30));
}

#[test]
fn posts() {
    let integration = json();
    let table = [
        (
            200,
            r#"{"result":"yes","id":"L1","price":"12.5","url":"https://b.example/x"}"#,
            "accepted 12.50 #L1 -> https://b.example/x",
        ),
        (200, r#"{"result":"yes","price":0}"#, "accepted 0.00"),
        (200, r#"{"result":"yes","price":"free","url":"javascript:alert(1)"}"#, "accepted"),
        (200, r#"{"result":"yes","price":-2,"message":"thanks"}"#, "accepted"),
        (200, r#"{"result":"yes","result":"no"}"#, "unknown"),
        (200, r#"{"result":"yes","price":1,"price":2}"#, "accepted"),
        (
            200,
            r#"{"result":"no","message":"bad","errors":["zip","age"],"price":5,"url":"https://b.example"}"#,
            "rejected (bad / zip / age)",
        ),
        (202, r#"{"result":"later","id":"q7"}"#, "queued #q7"),
        (400, r#"{"result":"no","message":"bad"}"#, "rejected (bad)"),
        (400, r#"{"result":"yes"}"#, "unknown"),
        (500, r#"{"result":"no"}"#, "unknown"),
        (502, r#"{"result":"yes"}"#, "unknown"),
        (302, r#"{"result":"yes"}"#, "unknown"),
        (409, "<html>", "duplicate"),
        (200, "<html>", "unknown (looked at and not understood)"),
        (200, "{}", "unknown (looked at and not understood)"),
        (204, "", "unknown"),
    ];
    for (status, body, expected) in table {
        let reading = post(&integration, &answer(status, body));
        assert_eq!(said_of_post(&reading), expected, "{status} {body}\n{:?}", reading.notes);
    }
}

#[test]
fn xml_pings() {
    let integration = xml();
    let bomb = r#"<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r><status>&b;</status></r>"#;
    let outside = r#"<!DOCTYPE r SYSTEM "file:///etc/passwd"><r><status>ok</status></r>"#;
    let table = [
        (
            "<?xml version='1.0'?>\n<r> <status> OK </status><id>5</id><price>21.105</price></r>",
            "bid 21.105 #5",
        ),
        ("<r xmlns='urn:x'><status>ok</status><price><![CDATA[ 3 ]]></price></r>", "bid 3.00"),
        ("<x:r xmlns:x='urn:x'><x:status>ok</x:status><x:price>4</x:price></x:r>", "bid 4.00"),
        ("<r><status>ok</status><price>4</price><price>5</price></r>", "error"),
        ("<r><status>ok</status><price>4</price><price>4</price></r>", "bid 4.00"),
        ("<r><status>ok</status><price/></r>", "bid ?"),
        ("<r><status>ok</status><price>NaN</price></r>", "error"),
        (
            "<r><status>ok</status><bids><bid price='9'><id>a</id></bid><bid price='8.50'><id>b</id></bid></bids></r>",
            "bid 9.00 8.50 #a",
        ),
        (
            "<r><status>no</status><errors><error>x &amp; y</error><error>z</error></errors></r>",
            "no_bid (x & y; z)",
        ),
        ("<r><status>perhaps</status></r>", "error"),
        ("<r><status>ok</status>", "error"),
        ("<r><status>&undefined;</status></r>", "error"),
        ("{\"status\":\"ok\"}", "error"),
        (bomb, "error"),
        // Nothing is fetched; what the DOCTYPE names is not looked at.
        (outside, "bid ?"),
        ("", "error"),
    ];
    for (body, expected) in table {
        let reading = ping(&integration, &answer(200, body));
        assert_eq!(said(&reading), expected, "{body}\n{:?}", reading.notes);
    }
}

#[test]
fn depth_and_size_harm_nobody() {
    let deep = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
    let (json, xml) = (json(), xml());
    assert_eq!(said(&ping(&json, &answer(200, &deep("[", "]", 100_000)))), "error");
    assert_eq!(said(&ping(&json, &answer(200, &deep("{\"status\":", "}", 100_000)))), "error");
    assert_eq!(said(&ping(&xml, &answer(200, &deep("<a>", "</a>", 100_000)))), "error");
    assert_eq!(
        said(&ping(&xml, &answer(200, &format!("<a>{}</a>", "<b/>".repeat(300_000))))),
        "error"
    );
    assert_eq!(said_of_post(&post(&xml, &answer(200, &deep("<a>", "</a>", 100_000)))), "unknown");
    assert_eq!(
        said_of_post(&post(&json, &answer(200, &deep("[", "]", 100_000)))),
        "unknown (looked at and not understood)"
    );
    let long = format!(
        r#"{{"status":"no","details":"{}","id":"{}"}}"#,
        "é\\n".repeat(5_000),
        "9".repeat(5_000)
    );
    let reading = ping(&json, &answer(200, &long));
    assert_eq!(reading.bid_id, None);
    assert_eq!(reading.notes, ["id: is longer than 2000 bytes"]);
    let invalid = outcry_integration::RawAnswer {
        status: 200,
        headers: Vec::new(),
        body: b"{\"status\":\"\xff\"}".to_vec(),
    };
    assert_eq!(ping(&json, &invalid).outcome.word(), "error");
}

#[test]
fn an_integration_without_a_ping_says_so() {
    let text = format!(
        "{}\n[post.request]\nurl = \"https://buyer.example\"\n[post.answer]\nformat = \"none\"\nrules = [{{ when = {{ status = \"2xx\" }}, outcome = \"accepted\" }}, {{ when = {{ status = [400, \"410-422\"] }}, outcome = \"rejected\" }}]\n",
        crate::floor::head("")
    );
    let integration = crate::floor::read(&text);
    assert!(!integration.has_ping());
    assert_eq!(ping(&integration, &answer(200, "")).outcome.word(), "error");
    let verdicts = [204, 400, 415, 404, 500].map(|status| post(&integration, &answer(status, "anything")).outcome.word());
    assert_eq!(verdicts, ["accepted", "rejected", "rejected", "unknown", "unknown"]);
}
