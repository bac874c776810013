//! Where values are found: text, pairs, headers, the status, and texts inside of texts.

use crate::floor::{ping, post, view, with_answers};
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_integration::{Asked, Integration, Params, PingReading, PostReading, RawAnswer};
use std::collections::BTreeMap;

fn said(reading: &PingReading) -> String {
    let mut said = reading.outcome.word().to_owned();
    for bid in &reading.bids {
        said += &bid.price.map_or_else(|| " ?".to_owned(), |price| format!(" {price}"));
        said += &bid.id.as_ref().map(|id| format!("@{id}")).unwrap_or_default();
    }
    said += &reading.bid_id.as_ref().map(|id| format!(" #{id}")).unwrap_or_default();
    said + &reading.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default()
}

fn said_of_post(reading: &PostReading) -> String {
    let mut said = reading.outcome.word().to_owned();
    said += &reading.price.map(|price| format!(" {price}")).unwrap_or_default();
    said += &reading.reference.as_ref().map(|id| format!(" #{id}")).unwrap_or_default();
    said += &reading.redirect_url.as_ref().map(|url| format!(" -> {url}")).unwrap_or_default();
    said + &reading.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default()
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> RawAnswer {
    RawAnswer {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// A ping answer read by these lines, and a post that reads nothing.
fn with_ping(lines: &str) -> Integration {
    with_answers(&format!(
        "[ping.answer]\n{lines}\n[post.answer]\nformat = \"none\"\nrules = [{{ outcome = \"unknown\" }}]\n"
    ))
}

/// A post answer read by these lines, and a ping that reads nothing.
fn with_post(lines: &str) -> Integration {
    with_answers(&format!(
        "[ping.answer]\nformat = \"none\"\nrules = [{{ outcome = \"error\" }}]\n[post.answer]\n{lines}\n"
    ))
}

fn check_pings(lines: &str, table: &[(&str, &str)]) {
    let integration = with_ping(lines);
    for (body, expected) in table {
        let reading = ping(&integration, &answer(200, &[], body));
        assert_eq!(said(&reading), *expected, "{body}\n{:?}", reading.notes);
    }
}

fn check_posts(lines: &str, table: &[(&str, &str)]) {
    let integration = with_post(lines);
    for (body, expected) in table {
        let reading = post(&integration, &answer(200, &[], body));
        assert_eq!(said_of_post(&reading), *expected, "{body}\n{:?}", reading.notes);
    }
}

#[test]
fn a_line_of_plain_text() {
    check_posts(
        r#"
format = "text"
reference = { regex = "^Taken (\\d+)" }
reason = { regex = "Refused: (?<value>[^;]+)" }
rules = [
  { when = { regex = "refused: repeat" }, outcome = "duplicate" },
  { when = { raw = true, matches = "^refused\\b" }, outcome = "rejected" },
  { when = { regex = "^Taken \\d+", exact = true }, outcome = "accepted" },
]"#,
        &[
            ("Taken 4711 ;", "accepted #4711"),
            ("taken 4711", "unknown #4711"),
            ("REFUSED: no cover ; trace=1", "rejected (no cover)"),
            ("Refused: repeats; trace=1", "duplicate (repeats)"),
            ("<html>Sign in to the Wi-Fi</html>", "unknown"),
            ("", "unknown"),
        ],
    );
}

#[test]
fn tokens_of_which_all_are_reasons() {
    check_posts(
        r#"
format = "text"
reason = { regex = "__(?!x)?failed__|__(\\w+?)__", every = true, join = ", " }
rules = [{ when = { regex = "(?m)^__ok__$" }, outcome = "accepted" }, { when = { regex = "^__failed__" }, outcome = "rejected" }]"#
            .replace("(?!x)?", "")
            .as_str(),
        &[
            ("__ok__\n__lead_kept__", "accepted"),
            ("__failed__ __zip__ __age__ __zip__", "rejected (zip, age)"),
        ],
    );
}

#[test]
fn pairs() {
    check_pings(
        r#"
format = "form"
id = "ping.id"
reason = "errors[][*]"
bid = { price = "price" }
rules = [{ when = { path = "status", equals = "ok" }, outcome = "bid" }, { when = { path = "status", equals = "no" }, outcome = "no_bid" }]"#,
        &[
            ("status=OK&price=12.5&ping.id=a%2Fb", "bid 12.50 #a/b"),
            ("status=ok\r\nprice=%2412.50\r\n", "bid 12.50"),
            ("status=no&errors[]=too+old&errors[]=zip", "no_bid (too old; zip)"),
            ("status=ok&status=no&price=1", "error"),
            ("ok", "error"),
        ],
    );
    check_pings(
        r#"
format = "form"
separator = ";"
pair = ":"
bid = { price = "Price" }
rules = [{ when = { path = "Verdict", equals = "buy" }, outcome = "bid" }]"#,
        &[("Verdict: BUY; Price: 7.125", "bid 7.125"), ("Verdict: pass", "error")],
    );
}

#[test]
fn headers_and_the_status() {
    let integration = with_post(
        r#"
format = "none"
reference = { header = "Location", regex = "/leads/(\\d+)$" }
reason = [{ header = "X-Reason" }, { status = true }]
rules = [
  { when = { status = "5xx", header = "x-kept", equals = "no" }, outcome = "error" },
  { when = { header = "X-Result", equals = "sold" }, outcome = "accepted" },
  { when = { status = "4xx" }, outcome = "rejected" },
]"#,
    );
    let table: [(u16, &[(&str, &str)], &str); 5] = [
        (
            201,
            &[("x-result", "SOLD"), ("location", "https://b.example/leads/77")],
            "accepted #77",
        ),
        (200, &[("x-result", "kept")], "unknown (200)"),
        (422, &[("x-reason", "no zip")], "rejected (no zip)"),
        (404, &[], "rejected (404)"),
        (503, &[("x-kept", "no")], "error (503)"),
    ];
    for (status, headers, expected) in table {
        let reading = post(&integration, &answer(status, headers, "ignored"));
        assert_eq!(said_of_post(&reading), expected, "{status} {headers:?} {:?}", reading.notes);
    }
}

#[test]
fn a_document_inside_of_a_value() {
    check_posts(
        r#"
format = "xml"
reference = { path = "//PostResult", then = { format = "xml", path = "result/id" } }
rules = [
  { when = { path = "//PostResult", then = { format = "xml", path = "result/word" }, equals = "no" }, outcome = "rejected" },
  { when = { path = "//PostResult", then = { format = "xml", path = "result/word" }, equals = "yes" }, outcome = "accepted" },
  { when = { path = "//Kept", equals = "1" }, outcome = "accepted" },
]"#,
        &[
            (
                r#"<s:Envelope xmlns:s="urn:s"><s:Body><PostResult>&lt;result&gt;&lt;word&gt;yes&lt;/word&gt;&lt;id&gt;5&lt;/id&gt;&lt;/result&gt;</PostResult></s:Body></s:Envelope>"#,
                "accepted #5",
            ),
            (
                "<E><PostResult><![CDATA[ <result><word>no</word></result> ]]></PostResult><Kept>1</Kept></E>",
                "rejected",
            ),
            // The refusal cannot be ruled out, so the later rule may not call it a sale.
            ("<E><PostResult>&lt;result</PostResult><Kept>1</Kept></E>", "unknown"),
        ],
    );
    check_pings(
        r#"
format = "json"
id = { path = "d", then = { format = "json", path = "ping" } }
bids = { each = { path = "d", then = { format = "json", path = "bids" } }, price = "p", id = "i" }
rules = [{ when = { path = "d", then = { format = "json", path = "ok" }, equals = true }, outcome = "bid" }]"#,
        &[
            (
                r#"{"d":"{\"ok\":true,\"ping\":9,\"bids\":[{\"p\":4,\"i\":\"a\"},{\"p\":3.1,\"i\":\"b\"}]}"}"#,
                "bid 4.00@a 3.10@b #9",
            ),
            (r#"{"d":"{\"ok\":true,\"bids\":[]}"}"#, "no_bid"),
            (r#"{"d":"{\"ok\":"}"#, "error"),
        ],
    );
    check_pings(
        r#"
format = "text"
bid = { price = { regex = "done\\((.*)\\)", then = { format = "json", path = "price" } } }
rules = [{ when = { regex = "^done\\(" }, outcome = "bid" }]"#,
        &[("done({\"price\": \"2.50\"})", "bid 2.50")],
    );
}

#[test]
fn an_answer_that_does_not_parse_is_read_by_its_words() {
    let lines = r#"
format = "json"
reference = ["id", { regex = "\\bid: (\\w+)" }]
price = ["price", { regex = "\\bprice: ([0-9.]+)" }]
rules = [
  { when = { path = "ok", equals = false }, outcome = "rejected" },
  { when = { any = [{ path = "ok", equals = true }, { regex = "\\bok: true" }] }, outcome = "accepted" },
  { when = { not = { regex = "ok" } }, outcome = "rejected" },
  { when = { status = 200 }, outcome = "queued" },
]"#;
    check_posts(
        lines,
        &[
            (r#"{"ok":true,"id":1,"price":2}"#, "accepted 2.00 #1"),
            ("{ ok: true, id: a8c7, price: 4.30, code = \"OK\" }", "accepted 4.30 #a8c7"),
            ("{ ok: maybe, id: a8c7 }", "unknown #a8c7"),
            // Neither the status nor an absence may speak for what nobody could read.
            ("<html>busy</html>", "unknown"),
        ],
    );
    let reading = post(&with_post(lines), &answer(200, &[], "{ ok: true }"));
    assert!(
        reading.notes[0].contains("not valid JSON") && reading.notes[0].contains("judged by what could be read"),
        "{:?}",
        reading.notes
    );
    check_pings(
        r#"
format = "xml"
id = "r/id"
bid = { price = "r/price" }
rules = [{ when = { regex = "<status>ok</status>" }, outcome = "bid" }]"#,
        &[
            ("<r><status>ok</status><id>1</id><price>4.50</price></r>", "bid 4.50 #1"),
            // The price stands where nothing can be read: that is not a bid without one.
            ("<r><status>ok</status><id>1</id><price>4.50<price></r>", "error"),
        ],
    );
}

#[test]
fn encodings_and_doctypes() {
    let integration = with_ping(
        r#"
format = "xml"
reason = "r/why"
rules = [{ when = { path = "r/status", equals = "no" }, outcome = "no_bid" }]"#,
    );
    let wide = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .fold(b"\xff\xfe".to_vec(), |mut bytes, byte| {
                bytes.push(byte);
                bytes
            })
    };
    let good = [
        b"\xef\xbb\xbf<r><status>no</status><why>caf\xc3\xa9</why></r>".to_vec(),
        b"<?xml version='1.0' encoding='utf-16'?><r><status>no</status><why>caf\xc3\xa9</why></r>".to_vec(),
        b"\n <?xml version='1.0' encoding='windows-1252'?><r><status>no</status><why>caf\xe9</why></r>".to_vec(),
        b"<?xml version='1.0'?><!-- x --><!DOCTYPE r PUBLIC \"-//a>b\" \"http://dtd.example/r.dtd\"><r><status>no</status><why><![CDATA[ caf\xc3\xa9 ]]></why></r>".to_vec(),
        wide("<r><status>no</status><why>café</why></r>"),
    ];
    for (at, body) in good.into_iter().enumerate() {
        let reading = ping(
            &integration,
            &RawAnswer {
                status: 200,
                headers: Vec::new(),
                body,
            },
        );
        assert_eq!(said(&reading), "no_bid (café)", "{at} {:?}", reading.notes);
    }
}

#[test]
fn forms_of_prices() {
    let price = |form: &str, body: &str| {
        let lines = format!("format = \"json\"\nbid = {{ price = {form} }}\nrules = [{{ outcome = \"bid\" }}]");
        let reading = ping(&with_ping(&lines), &answer(200, &[], body));
        let notes = reading.notes.join("; ");
        format!("{} {notes}", said(&reading)).trim().to_owned()
    };
    let table = [
        (r#""p""#, r#"{"p":21.105}"#, "bid 21.105"),
        (r#"{ path = "p", cents = true }"#, r#"{"p":1250}"#, "bid 12.50"),
        (r#"{ path = "p", divide = 1000 }"#, r#"{"p":12505}"#, "bid 12.505"),
        (
            r#"{ path = "p", divide = 3 }"#,
            r#"{"p":1}"#,
            "error price \"1\": the amount has more than six decimals",
        ),
        (r#"{ path = "p", times = "0.85" }"#, r#"{"p":"25.00"}"#, "bid 21.25"),
        (r#"{ path = "p", decimal = "," }"#, r#"{"p":"1.250,50 €"}"#, "bid 1250.50"),
        (
            r#"{ path = "b[*].p", take = "highest" }"#,
            r#"{"b":[{"p":3},{"p":"4.5"}]}"#,
            "bid 4.50",
        ),
        (
            r#"{ path = "b[*].p", take = "lowest" }"#,
            r#"{"b":[{"p":3},{"p":"4.5"}]}"#,
            "bid 3.00",
        ),
        (r#"{ path = "b[*].p", take = "sum" }"#, r#"{"b":[{"p":3},{"p":"4.5"}]}"#, "bid 7.50"),
        (r#"{ path = "b[*].p", take = "sum" }"#, r#"{"b":[]}"#, "bid ?"),
        (
            r#"{ path = "b[*].p", take = "sum" }"#,
            r#"{"b":[{"p":3},{"p":"x"}]}"#,
            "error price \"x\": the amount is not a plain decimal number",
        ),
        (
            r#""b[*].p""#,
            r#"{"b":[{"p":3},{"p":4}]}"#,
            "error price: there are several different values where one belongs",
        ),
        (
            r#"["p", { path = "best.cents", cents = true }]"#,
            r#"{"best":{"cents":99}}"#,
            "bid 0.99",
        ),
        (r#"["p", { fixed = "12.50" }]"#, "{}", "bid 12.50"),
        ("{ fixed = 9 }", "{}", "bid 9.00"),
        (r#"{ param = "number" }"#, "{}", "bid 7.00"),
        (r#"{ path = "p" }"#, r#"{"p":1000001}"#, "error price: more than a million"),
        (
            r#"{ path = "p" }"#,
            &format!(r#"{{"p":{}}}"#, "9".repeat(100_000)),
            "error price \"9999999999999999999999999999999999999999\": the amount is not a plain decimal number",
        ),
    ];
    for (form, body, expected) in table {
        assert_eq!(price(form, body), expected, "{form} {}", &body[..body.len().min(80)]);
    }
}

#[test]
fn prices_and_reasons_by_table() {
    let integration = with_answers(
        r#"
[tables.by_zip]
60601 = "21.105"
"00501" = 4
[tables.by_state]
il = { refinance = "12", purchase = "9" }
[tables.codes]
105 = "they have this person"
106 = "known"
[ping.answer]
format = "json"
reason = { path = "code", table = "codes" }
bid = { price = [{ table = "by_state", field = ["state", "kind"], else = "1" }] }
bids = { each = "bids", price = { table = "by_zip", key = "zip" } }
rules = [{ when = { path = "why", table = "codes", equals = "known" }, outcome = "duplicate" }, { when = { path = "code", at_least = 100, at_most = 199 }, outcome = "no_bid" }, { when = { path = "ok", equals = true }, outcome = "bid" }]
[post.answer]
format = "none"
rules = [{ outcome = "unknown" }]
"#,
    );
    let text = |text: &str| PingValue::Text(text.into());
    let lead = |state: &str| view(vec![("state", text(state)), ("kind", text("Refinance"))]);
    let params = Params::defaults(&integration);
    let read = |lead: &PingView, body: &str| said(&integration.read_ping(Asked::by(&params).about(lead), &answer(200, &[], body)));
    assert_eq!(read(&lead("IL"), r#"{"ok":true}"#), "bid 12.00");
    assert_eq!(read(&lead("TX"), r#"{"ok":true}"#), "bid 1.00");
    assert_eq!(read(&lead("IL"), r#"{"ok":true,"bids":[{"zip":"60601"}]}"#), "bid 21.105");
    assert_eq!(read(&lead("IL"), r#"{"ok":true,"bids":[{"zip":"60602"}]}"#), "error");
    assert_eq!(read(&lead("IL"), r#"{"code":105}"#), "no_bid (they have this person)");
    assert_eq!(read(&lead("IL"), r#"{"code":"107"}"#), "no_bid (107)");
    assert_eq!(read(&lead("IL"), r#"{"code":200}"#), "error (200)");
    assert_eq!(read(&lead("IL"), r#"{"code":200,"why":106}"#), "duplicate (200)");
}

#[test]
fn a_contract_gives_its_price() {
    let integration = with_ping("format = \"json\"\nbid = { price = { param = \"number\" } }\nrules = [{ outcome = \"bid\" }]");
    let values = BTreeMap::from([("number".to_owned(), "31.5".to_owned())]);
    let params = Params::bind(&integration, &values).unwrap();
    assert_eq!(
        said(&integration.read_ping(Asked::by(&params), &answer(200, &[], "{}"))),
        "bid 31.50"
    );
}

#[test]
fn an_offer_ends_when_it_says() {
    let integration = with_ping("format = \"json\"\nbid = { expires_at = \"till\" }\nrules = [{ outcome = \"bid\" }]");
    let table = [
        ("\"2026-06-17T14:32:05Z\"", Some(1_781_706_725_000)),
        ("1781706725", Some(1_781_706_725_000)),
        ("1781706725123", Some(1_781_706_725_123)),
        ("\"2026-06-17 14:32:05\"", None),
        ("\"soon\"", None),
    ];
    for (till, expected) in table {
        let reading = ping(&integration, &answer(200, &[], &format!("{{\"till\":{till}}}")));
        assert_eq!(reading.bids[0].expires_at.map(Moment::unix_ms), expected, "{till}");
        assert_eq!(reading.notes.is_empty(), expected.is_some(), "{till}");
    }
}

#[test]
fn a_price_in_another_currency_says_so() {
    let lines = "format = \"json\"\nprice = \"p\"\ncurrency = \"c\"\nrules = [{ outcome = \"accepted\" }]";
    let read = |body: &str| {
        let reading = post(&with_post(lines), &answer(200, &[], body));
        let currency = reading.currency.map(|code| code.to_string()).unwrap_or_default();
        format!("{} {currency}", said_of_post(&reading)).trim().to_owned()
    };
    assert_eq!(read(r#"{"p":"£9"}"#), "accepted 9.00 GBP");
    assert_eq!(read(r#"{"p":9,"c":"eur"}"#), "accepted 9.00 EUR");
    assert_eq!(read(r#"{"p":"£9","c":"EUR"}"#), "accepted");
}
