//! Answers that are built to harm: each is a typed error, or read as what it says, in little time.

use crate::floor::{ping, post, with_answers};
use outcry_integration::{Integration, RawAnswer};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// What `limits.answer_bytes_max` lets through.
const BYTES_MAX: usize = 256 * 1024;
/// In an unoptimised build, beside other tests, on a busy machine. Optimised it is some milliseconds.
const TIME_MAX: Duration = Duration::from_secs(4);

fn json() -> Integration {
    with_answers(
        r#"
[ping.answer]
format = "json"
id = "id"
reason = ["why", "errors[*]", "tree.*.*"]
bid = { price = ["price", { regex = "price\\W+([0-9.]+)" }], id = "id" }
bids = { each = "bids", price = "price", id = "id", echo = { all = "$.id" } }
rules = [
  { when = { path = "inner", then = { format = "json", path = "status" }, equals = "no" }, outcome = "no_bid" },
  { when = { path = "status", equals = "ok" }, outcome = "bid" },
  { when = { path = "errors[*]", equals = "dup" }, outcome = "duplicate" },
  { when = { path = "status", equals = "no" }, outcome = "no_bid" },
]
[post.answer]
format = "json"
rules = [{ when = { path = "status", equals = "ok" }, outcome = "accepted" }]
"#,
    )
}

fn xml() -> Integration {
    with_answers(
        r#"
[ping.answer]
format = "xml"
id = "//a//a//a/@id"
reason = { path = ["//why", "//*", "//a//b"], join = " / " }
bids = { each = "//bid", price = "price", id = "id" }
rules = [
  { when = { path = "//a//a//a//b", equals = "no" }, outcome = "no_bid" },
  { when = { path = "//status", equals = "ok" }, outcome = "bid" },
]
[post.answer]
format = "xml"
rules = [{ when = { path = "//status", equals = "ok" }, outcome = "accepted" }]
"#,
    )
}

fn text() -> Integration {
    with_answers(
        r#"
[ping.answer]
format = "text"
reason = { regex = "(\\w+)=(\\w+)", every = true }
bid = { price = { regex = "price: *([0-9.]+)$" } }
rules = [
  { when = { regex = "^(\\w+\\s?)*[!]$" }, outcome = "no_bid" },
  { when = { raw = true, matches = "(x+x+)+y" }, outcome = "no_bid" },
  { when = { regex = "\\bsold\\b" }, outcome = "bid" },
]
[post.answer]
format = "form"
reference = "id"
reason = "e[*]"
rules = [{ when = { path = "status", equals = "ok" }, outcome = "accepted" }]
"#,
    )
}

/// The words of a ping and of a post, read in time.
#[track_caller]
fn read(integration: &Integration, body: impl Into<Vec<u8>>) -> [&'static str; 2] {
    let mut body = body.into();
    body.truncate(BYTES_MAX);
    let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    let answer = RawAnswer {
        status: 200,
        headers: Vec::new(),
        body,
    };
    let begun = Instant::now();
    let (ping, post) = (ping(integration, &answer), post(integration, &answer));
    let took = begun.elapsed();
    assert!(took < TIME_MAX, "{took:?} for {shown}");
    for reason in [&ping.reason, &post.reason].into_iter().flatten() {
        assert!(reason.chars().count() <= 200, "{shown}");
    }
    for note in ping.notes.iter().chain(&post.notes) {
        assert!(note.len() < 400, "{shown}: {note}");
    }
    assert!(
        ping.outcome.word() != "error" || !ping.notes.is_empty(),
        "an error says why: {shown}"
    );
    [ping.outcome.word(), post.outcome.word()]
}

const UNREAD: [&str; 2] = ["error", "unknown"];

#[test]
fn nesting_a_hundred_thousand_deep() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    assert_eq!(read(&json(), deep("[", "]")), UNREAD);
    assert_eq!(read(&json(), deep("{\"status\":", "}")), UNREAD);
    assert_eq!(read(&xml(), deep("<a>", "</a>")), UNREAD);
    assert_eq!(read(&xml(), format!("<a>{}", "<a>".repeat(30_000))), UNREAD);
    assert_eq!(read(&text(), deep("(", ")")), UNREAD);
    let inner = serde_json::json!({"inner": deep("[", "]"), "status": "ok"}).to_string();
    assert_eq!(read(&json(), inner), ["error", "accepted"]);
}

#[test]
fn entities_and_doctypes() {
    let mut bomb = String::from("<!DOCTYPE r [<!ENTITY a0 \"ha\">");
    for level in 1..30 {
        let below = level - 1;
        writeln!(bomb, "<!ENTITY a{level} \"&a{below};&a{below};\">").unwrap();
    }
    bomb += "]><r><status>&a29;</status></r>";
    assert_eq!(read(&xml(), bomb), UNREAD);
    let outside = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r><status>&x;</status></r>";
    assert_eq!(read(&xml(), outside), UNREAD);
    assert_eq!(read(&xml(), "<!DOCTYPE r \"".to_owned() + &"x".repeat(BYTES_MAX)), UNREAD);
    assert_eq!(read(&xml(), "<!--".repeat(60_000)), UNREAD);
    assert_eq!(read(&xml(), "<![CDATA[".repeat(20_000)), UNREAD);
}

#[test]
fn floods_of_attributes_namespaces_and_elements() {
    let many = |from: &str, item: &dyn Fn(usize) -> String, to: &str| {
        let items: String = (0..20_000).map(item).collect();
        format!("{from}{items}{to}")
    };
    assert_eq!(read(&xml(), many("<a", &|at| format!(" a{at}='1'"), "/>")), UNREAD);
    assert_eq!(
        read(&xml(), format!("{}{}", "<a xmlns:b='1'>".repeat(9_000), "</a>".repeat(9_000))),
        UNREAD
    );
    let flat = format!("<r>{}</r>", "<a xmlns:q='1'/>".repeat(14_000));
    assert_eq!(read(&xml(), flat), UNREAD);
    assert_eq!(
        read(
            &xml(),
            format!("<r><status>ok</status>{}</r>", "<bid><price>1</price></bid>".repeat(9_000))
        ),
        ["bid", "accepted"]
    );
}

#[test]
fn paths_that_meet_every_node_many_times() {
    // Each `//` of a path begins anew below every element found: nested ones would be met for ever.
    let nested = format!("{}{}", "<a>".repeat(255), "</a>".repeat(255));
    let wide = format!("<r>{}</r>", nested.repeat(100));
    assert_eq!(read(&xml(), wide), UNREAD);
    let tree = serde_json::json!({"status": "no", "tree": vec![vec!["x"; 100]; 400]}).to_string();
    assert_eq!(read(&json(), tree), ["no_bid", "unknown"]);
    let words: Vec<String> = (0..20_000).map(|at| format!("e{at}")).collect();
    let errors = serde_json::json!({"status": "no", "errors": words}).to_string();
    assert_eq!(read(&json(), errors), ["no_bid", "unknown"]);
    assert_eq!(
        read(&text(), (0..20_000).map(|at| format!("k{at}=v{at}")).collect::<Vec<_>>().join(" ")),
        UNREAD
    );
}

#[test]
fn numbers_without_end() {
    let nines = "9".repeat(200_000);
    for price in [
        nines.clone(),
        format!("0.{nines}"),
        format!("\"{nines}\""),
        format!("1e{nines}"),
        format!("-{nines}"),
        "1e400".to_owned(),
        "NaN".to_owned(),
        "Infinity".to_owned(),
        "1000000.01".to_owned(),
    ] {
        let [ping, _] = read(&json(), format!("{{\"status\":\"ok\",\"price\":{price}}}"));
        assert_eq!(ping, "error", "{}", &price[..price.len().min(40)]);
    }
    assert_eq!(read(&json(), "{\"status\":\"ok\",\"price\":-3}"), ["no_bid", "accepted"]);
    assert_eq!(read(&text(), format!("sold price: {nines}")), UNREAD);
}

#[test]
fn bytes_that_are_no_text() {
    assert_eq!(read(&json(), b"{\"status\":\"ok\",\"id\":\"\xff\"}".to_vec()), UNREAD);
    assert_eq!(read(&json(), b"{\"status\":\"ok\"\0}".to_vec()), UNREAD);
    assert_eq!(
        read(&json(), b"{\"status\":\"ok\",\"price\":1,\"id\":\"a\\u0000b\"}".to_vec()),
        ["bid", "accepted"]
    );
    assert_eq!(read(&json(), b"\xff\xfe{\0".to_vec()), UNREAD);
    assert_eq!(read(&xml(), b"<r><status>ok\0</status></r>".to_vec()), UNREAD);
    assert_eq!(read(&xml(), vec![0; BYTES_MAX]), UNREAD);
    assert_eq!(read(&json(), vec![0xff; BYTES_MAX]), UNREAD);
    // A text is searched all the same; what is no text in it cannot be an id.
    assert_eq!(read(&text(), b"sold price: 2.50".to_vec()), ["bid", "unknown"]);
    assert_eq!(read(&text(), b"sold \xff\xff price: 2.50".to_vec()), ["bid", "unknown"]);
    assert_eq!(read(&text(), b"id=\xff&status=ok".to_vec()), UNREAD);
}

#[test]
fn names_that_stand_twice() {
    let twice = |first: &str, second: &str| format!("{{\"status\":\"{first}\",\"status\":\"{second}\",\"price\":1}}");
    assert_eq!(read(&json(), twice("no", "ok")), UNREAD);
    assert_eq!(read(&json(), twice("ok", "ok")), UNREAD);
    let many = "\"k1\":1,\"k2\":1,\"k3\":1,".repeat(5_000);
    assert_eq!(
        read(&json(), format!("{{{many}\"status\":\"ok\",\"price\":1}}")),
        ["bid", "accepted"]
    );
    assert_eq!(read(&xml(), "<r><status>ok</status><a x='1' x='2'/></r>"), UNREAD);
    assert_eq!(read(&text(), "status=ok&status=no"), UNREAD);
    assert_eq!(read(&text(), "a=1&".repeat(60_000) + "status=ok"), UNREAD);
}

#[test]
fn texts_that_make_an_expression_sweat() {
    assert_eq!(read(&text(), "a ".repeat(BYTES_MAX / 2)), UNREAD);
    assert_eq!(read(&text(), "x".repeat(BYTES_MAX)), UNREAD);
    assert_eq!(read(&text(), "price: ".repeat(BYTES_MAX / 7)), UNREAD);
    // Longer texts come from a larger limit in the settings, and are not searched at all.
    let long = RawAnswer {
        status: 200,
        headers: Vec::new(),
        body: [b"sold price: 1 ".to_vec(), vec![b' '; BYTES_MAX]].concat(),
    };
    let reading = ping(&text(), &long);
    assert_eq!(reading.outcome.word(), "error");
    assert!(
        reading.notes[0].contains("longer than regular expressions look at"),
        "{:?}",
        reading.notes
    );
}
