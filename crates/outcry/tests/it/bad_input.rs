//! What a source can do wrong in one request: each wrong thing gets a problem with the right status and one sentence
//! that names the thing and its mend, and nothing of it is kept.

use crate::harness::{Answer, Exchange, Home, KEY, Request, lead, market, tiny};
use serde_json::{Value, json};

/// A request, and what comes back: status, code, and words of the sentence.
type Case = (&'static str, Request, u16, &'static str, &'static [&'static str]);

/// Is it a problem as RFC 9457 has it, in one clear sentence, and without a word of the person?
pub(crate) fn is_problem(what: &str, answer: &Answer, status: u16, code: &str, says: &[&str]) {
    assert_eq!((answer.status, answer.text("code").as_str()), (status, code), "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    let body = answer.json();
    assert_eq!(body["status"], status, "{what}");
    assert!(body["type"].as_str().is_some_and(|page| page.ends_with(code)), "{what}: {body}");
    assert!(
        body["title"].as_str().is_some_and(|title| title.starts_with(char::is_uppercase)),
        "{what}: {body}"
    );
    let detail = answer.text("detail");
    assert!((20..200).contains(&detail.len()) && !detail.contains('\n'), "{what}: {detail}");
    for part in says {
        assert!(answer.body.contains(part), "{what}: {part} is not in {}", answer.body);
    }
    for part in ["Quillfeather", "zephyrine", "555-0142", "5550142", "Wrenfield"] {
        assert!(!answer.body.contains(part), "{what}: {part} is in {}", answer.body);
    }
}

fn post() -> Request {
    Request::post("/v1/leads", KEY)
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut lead = lead();
    for (name, value) in changes {
        lead[*name] = value.clone();
    }
    lead
}

fn json_text(text: &str) -> Request {
    post().body("application/json", text)
}

// Tables: one line for each case.
#[rustfmt::skip]
fn doors() -> Vec<Case> {
    let unknown = Request::post("/v1/leads", "not-a-key").json(&lead());
    let nobody = Request::new("POST", "/v1/leads").json(&lead());
    let basic = nobody.clone().header("authorization", "Basic bm9ydGh3aW5kOng=");
    let long = post().header("idempotency-key", &"k".repeat(300)).json(&lead());
    let posts = || Request::post("/v1/posts", KEY);
    vec![
        ("no key", nobody, 401, "unauthorized", &["Authorization: Bearer <key>"]),
        ("a key of nobody", unknown, 401, "unauthorized", &["no source has this key", "ask the operator"]),
        ("another scheme", basic, 401, "unauthorized", &["must read: Bearer <key>"]),
        ("a wrong path", Request::post("/v1/lead", KEY).json(&lead()), 404, "not_found", &["/v1/lead;", "POST /v1/leads"]),
        ("a wrong method", Request::get("/v1/leads"), 405, "method_not_allowed", &["POST to /v1/leads"]),
        ("another wrong method", Request::new("POST", "/metrics"), 405, "method_not_allowed", &["/metrics are read with GET"]),
        ("a key that is too long", long, 400, "bad_idempotency_key", &["1 to 255"]),
        ("no token", posts().json(&lead()), 400, "token_missing", &["ping_token", "Ping-Token"]),
        ("a token that is no text", posts().json(&with(&[("ping_token", json!(7))])), 400, "token_missing", &["as a text member"]),
    ]
}

#[rustfmt::skip]
fn bodies() -> Vec<Case> {
    let whole = lead().to_string();
    let twice = whole.replacen('{', "{\"phone\": \"336-555-0100\", ", 1);
    let cut = &whole[..200];
    let deep = format!("{{\"zip\": {}", "[".repeat(2_000));
    let huge = format!("{{\"zip\": \"{}\"}}", "9".repeat(300_000));
    let form = |body: &str| post().body("application/x-www-form-urlencoded", body);
    vec![
        ("no content type", post().header("x", "y"), 415, "content_type", &["application/json", "Content-Type header"]),
        ("XML", post().body("application/xml", "<lead/>"), 415, "content_type", &["application/x-www-form-urlencoded"]),
        ("nothing", json_text(""), 400, "unreadable_body", &["cut off", "line 1"]),
        ("no JSON", json_text("zip=27601"), 400, "unreadable_body", &["not valid JSON", "line 1, column"]),
        ("JSON that ends too soon", json_text(cut), 400, "unreadable_body", &["was it cut off?"]),
        ("a body that ends too soon", json_text(cut).announcing(whole.len()), 400, "unreadable_body", &["announced length", "send it again in full"]),
        ("a name that comes twice", json_text(&twice), 400, "unreadable_body", &["a name comes twice: phone"]),
        ("two values", json_text("{} {}"), 400, "unreadable_body", &["something after the JSON value"]),
        ("a list", json_text("[]"), 400, "unreadable_body", &["must be an object", "not a list"]),
        ("too deep", json_text(&deep), 400, "unreadable_body", &["more than 128 levels"]),
        ("too large", json_text(&huge), 413, "body_too_large", &["at most 262144 bytes"]),
        ("a form with a name twice", form("zip=27601&zip=27602"), 400, "unreadable_body", &["the field zip comes twice"]),
        ("a form with a strange name", form("a[[b=1"), 400, "unreadable_body", &["drivers[0][gender]"]),
    ]
}

#[test]
fn each_wrong_request_is_a_clear_problem_and_leaves_nothing_behind() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    for (what, request, status, code, says) in doors().into_iter().chain(bodies()) {
        is_problem(what, &exchange.send(&request), status, code, says);
    }
    let unauthorized = exchange.send(&Request::new("POST", "/v1/leads"));
    assert_eq!(unauthorized.header("www-authenticate"), Some("Bearer"));
    assert_eq!(exchange.send(&Request::get("/v1/leads")).header("allow"), Some("POST"));
    assert_eq!(market.count(), 0);
    nothing_is_kept(&exchange, &home);
}

/// No row anywhere, and the exchange works on.
pub(crate) fn nothing_is_kept(exchange: &Exchange, home: &Home) {
    for table in ["lead", "contents", "record", "quote", "request", "attempt", "message"] {
        assert_eq!(home.rows(table), 0, "{table}");
    }
    let sold = exchange.send(&post().header("idempotency-key", "at the end").json(&lead()));
    assert_eq!(sold.text("status"), "sold");
}

/// Pairs of code and path, in order.
fn errors(answer: &Answer) -> Vec<(String, String)> {
    let list = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    list.iter()
        .map(|error| {
            assert!(!text(error, "expected").is_empty(), "{error}");
            (text(error, "code"), text(error, "path"))
        })
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(code, path)| ((*code).to_owned(), (*path).to_owned()))
        .collect()
}

#[test]
fn all_wrong_fields_are_named_at_once_and_no_value_is_repeated() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let mut wrong = with(&[
        ("zip", json!("2760188")),
        ("state", json!("Carolina")),
        ("phone", json!("1234567")),
        ("email", json!("no-address-at-all")),
        ("own_home", json!("perhaps")),
        ("consent_given", json!("certainly")),
        ("consent_at", json!("yesterday-noon")),
        ("service", json!({"name": "roofing"})),
        ("zipp", json!("2760199")),
        ("frist_name", json!("Marmaduke")),
    ]);
    wrong.as_object_mut().unwrap().shift_remove("last_name");
    let expected = pairs(&[
        ("unknown_field", "zipp"),
        ("unknown_field", "frist_name"),
        ("missing", "last_name"),
        ("bad_email", "email"),
        ("bad_phone", "phone"),
        ("bad_state", "state"),
        ("bad_zip", "zip"),
        ("wrong_type", "consent_given"),
        ("bad_datetime", "consent_at"),
        ("wrong_type", "service"),
        ("not_in_list", "own_home"),
    ]);
    for request in [post().json(&wrong), post().form(&wrong)] {
        let answer = exchange.send(&request);
        is_problem(
            "many wrong fields",
            &answer,
            422,
            "invalid_lead",
            &["did you mean zip?", "did you mean first_name?", "five digits", "one of yes, no"],
        );
        // As a form, a group of fields is still a group.
        assert_eq!(errors(&answer), expected);
        for value in [
            "2760188",
            "Carolina",
            "1234567",
            "no-address",
            "perhaps",
            "certainly",
            "yesterday",
            "2760199",
            "Marmaduke",
        ] {
            assert!(!answer.body.contains(value), "{value} is in {}", answer.body);
        }
    }
    nothing_is_kept(&exchange, &home);
}

#[test]
fn a_ping_is_checked_like_a_lead_but_asks_for_less() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let answer = exchange.send(&Request::post("/v1/pings", KEY).json(&json!({"state": "NC", "zip": 7, "colour": "red"})));
    is_problem("a wrong ping", &answer, 422, "invalid_lead", &["only fields of the lead type"]);
    let expected = [
        ("unknown_field", "colour"),
        ("bad_zip", "zip"),
        ("missing", "consent_given"),
        ("missing", "service"),
        ("missing", "project_scope"),
        ("missing", "buy_timeframe"),
        ("missing", "own_home"),
    ];
    assert_eq!(errors(&answer), pairs(&expected));
    nothing_is_kept(&exchange, &home);
}

/// A body of many megabytes is refused while it still comes in, and the answer arrives all the same.
#[test]
fn a_very_large_body_still_gets_its_answer() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let huge = format!("{{\"zip\": \"{}\"}}", "9".repeat(8 << 20));
    for _ in 0..3 {
        is_problem(
            "eight megabytes",
            &exchange.send(&json_text(&huge)),
            413,
            "body_too_large",
            &["at most 262144 bytes"],
        );
        let stranger = Request::post("/v1/leads", "not-a-key").body("application/json", huge.as_str());
        is_problem(
            "eight megabytes of a stranger",
            &exchange.send(&stranger),
            401,
            "unauthorized",
            &["no source has this key"],
        );
    }
    nothing_is_kept(&exchange, &home);
}
