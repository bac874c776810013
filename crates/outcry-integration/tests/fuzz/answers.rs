//! Answers of each format.

use crate::run;
use outcry_core::money::Money;
use outcry_integration::{Asked, Integration, PingOutcome, PingReading, PostOutcome, PostReading, RawAnswer};
use serde_json::Value;

const HEAD: &str = r#"
schema = "outcry.integration/1"
label = "Fuzzed"
[tables.codes]
105 = "they have this person"
[ping.request]
url = "https://buyer.example/ping"
[post.request]
url = "https://buyer.example/post"
"#;

const JSON: &str = r#"
[ping.answer]
format = "json"
id = "ping_id"
reason = [{ path = "code", table = "codes" }, "errors[*].text", "note", { regex = "status\\W+(\\w+)" }]
bid = { price = ["payout", { path = "cents", cents = true }, { path = "bids[*].payout", take = "sum" }], id = "ping_id", expires_seconds = "expires" }
bids = { each = "bids", price = "payout", id = "id", buyer_name = "name", group = "group", exclusive = "solo", echo = { ping = "$.ping_id" } }
legs = { max = 3, max_per_group = 1 }
rules = [{ when = { path = "status", equals = "matched" }, outcome = "bid" }, { when = { path = "status", in = ["refused", "no"] }, outcome = "no_bid" }]
[post.answer]
format = "json"
price = ["price", { regex = "price: ([0-9.]+)" }]
reference = ["id", { path = "d", then = { format = "json", path = "id" } }]
redirect_url = "url"
reason = ["errors[*].text", "note"]
rules = [{ when = { path = "errors[*].text", present = true }, outcome = "rejected" }, { when = { path = "status", equals = "accepted" }, outcome = "accepted" }]
"#;

const XML: &str = r#"
[ping.answer]
format = "xml"
id = ["*/id", "*/@lead"]
reason = { path = ["*/errors/error", "//why"], join = " / " }
bid = { price = "*/price", id = "*/id" }
bids = { each = "*/bid", price = "price", id = "@id", group = "@group" }
rules = [{ when = { path = "*/status", equals = "matched" }, outcome = "bid" }, { when = { path = "//error", present = true }, outcome = "no_bid" }]
[post.answer]
format = "xml"
reference = { path = "//Result", then = { format = "xml", path = "response/id" } }
rules = [
  { when = { path = "//error", present = true }, outcome = "rejected" },
  { when = { path = "//Result", then = { format = "xml", path = "response/status" }, equals = "accepted" }, outcome = "accepted" },
  { when = { path = "response/status", equals = "accepted" }, outcome = "accepted" },
]
"#;

const FORM: &str = r#"
[ping.answer]
format = "form"
id = "id"
reason = ["reason", "errors[][*]"]
bid = { price = "price", id = "id" }
rules = [{ when = { path = "status", equals = "accepted" }, outcome = "bid" }, { when = { path = "status", equals = "refused" }, outcome = "no_bid" }]
[post.answer]
format = "form"
reference = "id"
price = "price"
rules = [{ when = { path = "status", equals = "accepted" }, outcome = "accepted" }]
"#;

const TEXT: &str = r#"
[ping.answer]
format = "text"
reason = { regex = "__(\\w+?)__", every = true }
bid = { price = { regex = "price: *([0-9.]+)" }, id = { regex = "accepted (\\d+)" } }
bids = { each = { regex = "(?m)^accepted,.*$", every = true }, price = { regex = "\\$([0-9.]+)" }, id = { regex = ",(\\d+)," } }
rules = [{ when = { regex = "accepted" }, outcome = "bid" }, { when = { regex = "^__failed__" }, outcome = "no_bid" }]
[post.answer]
format = "text"
reference = { regex = "accepted\\W+(\\d+)" }
redirect_url = { regex = "https?://\\S+" }
rules = [{ when = { regex = "failed" }, outcome = "rejected" }, { when = { raw = true, matches = "\\baccepted\\b" }, outcome = "accepted" }]
"#;

/// Is a sale what these bytes can mean? A second, slower opinion.
type Opinion = fn(&[u8]) -> bool;

fn check(answers: &str, may_be_a_sale: Opinion) -> impl Fn(&[u8]) {
    let integration = Integration::read(&format!("{HEAD}{answers}")).unwrap_or_else(|problems| panic!("{problems:?}"));
    move |body| {
        let answer = RawAnswer {
            status: 200,
            headers: Vec::new(),
            body: body.to_vec(),
        };
        let read = || {
            (
                integration.read_ping(Asked::of_nobody(), &answer),
                integration.read_post(Asked::of_nobody(), &answer),
            )
        };
        let (ping, post) = read();
        assert_eq!((&ping, &post), (&read().0, &read().1), "the same answer means the same");
        check_ping(&ping);
        check_post(&post);
        assert!(
            post.outcome != PostOutcome::Accepted || may_be_a_sale(body),
            "this is no sale: {post:?}"
        );
        for status in [302, 404, 500] {
            let elsewhere = RawAnswer { status, ..answer.clone() };
            let (ping, post) = (
                integration.read_ping(Asked::of_nobody(), &elsewhere),
                integration.read_post(Asked::of_nobody(), &elsewhere),
            );
            assert!(
                ping.outcome != PingOutcome::Bid && post.outcome != PostOutcome::Accepted,
                "HTTP {status}"
            );
        }
    }
}

fn check_ping(reading: &PingReading) {
    assert_eq!(reading.bids.is_empty(), reading.outcome != PingOutcome::Bid, "{reading:?}");
    let explained = reading.reason.is_some() || !reading.notes.is_empty();
    assert!(reading.outcome != PingOutcome::Error || explained, "an error without a reason");
    assert!(reading.bids.len() <= 100);
    for bid in &reading.bids {
        assert!(bid.price.is_none_or(|price| Money::ZERO < price), "{bid:?}");
        let legs: Money = bid.legs.iter().map(|leg| leg.price).sum();
        assert!(bid.legs.is_empty() || bid.price == Some(legs), "{bid:?}");
        for id in bid.id.iter().chain(bid.echo.iter().map(|(_, value)| value)) {
            check_whole(id);
        }
    }
    reading.reason.iter().for_each(|reason| check_shown(reason));
    reading.bid_id.iter().for_each(|id| check_whole(id));
}

fn check_post(reading: &PostReading) {
    let explained = reading.reason.is_some() || !reading.notes.is_empty();
    assert!(reading.outcome != PostOutcome::Unknown || explained, "unknown without a reason");
    let good = matches!(reading.outcome, PostOutcome::Accepted | PostOutcome::Queued);
    assert!(good || (reading.price.is_none() && reading.redirect_url.is_none()));
    assert!(reading.price.is_none_or(|price| Money::ZERO <= price));
    let url = reading.redirect_url.as_deref().map(str::to_ascii_lowercase);
    assert!(url.is_none_or(|url| url.starts_with("http://") || url.starts_with("https://")));
    reading.reason.iter().for_each(|reason| check_shown(reason));
    reading.reference.iter().for_each(|id| check_whole(id));
}

fn check_shown(text: &str) {
    assert!(text.chars().count() <= 200 && !text.chars().any(char::is_control), "{text:?}");
}

fn check_whole(text: &str) {
    assert!(
        !text.is_empty() && text.len() <= 2_000 && !text.chars().any(char::is_control),
        "{text:?}"
    );
}

/// By another parser, or by the words where the answer does not parse; the rules know no sale in such a one.
fn json_says_so(body: &[u8]) -> bool {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let value: Option<Value> = serde_json::from_slice(text).ok();
    value.is_some_and(|value| {
        value["status"]
            .as_str()
            .is_some_and(|word| word.trim().eq_ignore_ascii_case("accepted"))
    }) || body.contains(&0)
}

/// Letters can hide in references and in a wide encoding; plain ones must be there.
fn words_say_so(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_lowercase();
    text.contains("accepted") || text.contains("&#") || body.contains(&0)
}

fn form_says_so(body: &[u8]) -> bool {
    words_say_so(body) || body.contains(&b'%')
}

#[test]
fn json_answers() {
    let check = check(JSON, json_says_so);
    run("json answers", "json", |input, _| check(input));
}

#[test]
fn xml_answers() {
    let check = check(XML, words_say_so);
    run("xml answers", "xml", |input, _| check(input));
}

#[test]
fn form_answers() {
    let check = check(FORM, form_says_so);
    run("form answers", "form", |input, _| check(input));
}

#[test]
fn text_answers() {
    let check = check(TEXT, words_say_so);
    run("text answers", "text", |input, _| check(input));
}
