//! Requests with changed values in them, parsed back; and changed integration files.

use crate::mutate::Chance;
use crate::run;
use outcry_core::id::PingId;
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_integration::{Ask, Integration, Kept, Params, PingCall, Request};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// An integration whose ping has this request.
fn with_request(request: &str) -> Integration {
    let file = format!(
        r#"
schema = "outcry.integration/1"
label = "Fuzzed"
[ping.request]
url = "https://buyer.example/ping"
{request}
[ping.answer]
format = "none"
rules = [{{ outcome = "error" }}]
[post.request]
url = "https://buyer.example/post"
[post.answer]
format = "none"
rules = [{{ outcome = "unknown" }}]
"#
    );
    Integration::read(&file).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Two values out of one input.
fn values(input: &[u8], chance: &mut Chance) -> (String, String) {
    let (one, other) = input.split_at(chance.below(input.len() + 1));
    (
        String::from_utf8_lossy(one).into_owned(),
        String::from_utf8_lossy(other).into_owned(),
    )
}

/// The ping with these values; `None` if it is refused.
fn written(integration: &Integration, a: &str, b: &str) -> Option<Request> {
    let text = |text: &str| PingValue::Text(text.into());
    let rows = PingValue::List(vec![PingView::from_entries(vec![("name".into(), text(a))])]);
    let lead = PingView::from_entries(vec![("a".into(), text(a)), ("b".into(), text(b)), ("rows".into(), rows)]);
    let params = Params::bind(integration, &BTreeMap::new()).unwrap();
    let call = PingCall {
        ping_id: PingId::from_bits(1),
        wait_ms: 250,
        test: false,
        source: "north",
        now: Moment::from_unix_ms(1_772_366_400_000),
        kept: Kept::NONE,
        ask: Ask::default(),
    };
    integration.render_ping(&params, &lead, &call).ok()
}

#[test]
fn json_bodies() {
    let integration = with_request(
        r#"format = "json"
body = { a = "{a}", both = "<{a}|{b}>", rows = { each = "rows", as = { name = "{name}" } }, xml = { document = "json", body = { b = "{b}" } } }"#,
    );
    run("json bodies", "values", |input, chance| {
        let (a, b) = values(input, chance);
        let request = written(&integration, &a, &b).unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["a"], *a);
        assert_eq!(body["both"], format!("<{a}|{b}>"));
        assert_eq!(body["rows"][0]["name"], *a);
        let inner: Value = serde_json::from_str(body["xml"].as_str().unwrap()).unwrap();
        assert_eq!(inner["b"], *b);
        assert_eq!(body.as_object().unwrap().len(), 4);
    });
}

#[test]
fn xml_bodies() {
    let integration = with_request(
        r##"format = "xml"
body = { Lead = { "@b" = "{b}", A = "{a}", C = { "#cdata" = "{b}" }, Row = { each = "rows", as = { Name = "{name}" } } } }"##,
    );
    run("xml bodies", "values", |input, chance| {
        let (a, b) = values(input, chance);
        // A character that XML cannot carry refuses the request.
        let Some(request) = written(&integration, &a, &b) else { return };
        let text = std::str::from_utf8(&request.body).unwrap();
        let document = roxmltree::Document::parse(text).unwrap();
        let root = document.root_element();
        let child = |name: &str| root.children().find(|node| node.has_tag_name(name)).unwrap();
        let all = |node: roxmltree::Node<'_, '_>| -> String { node.children().map(|child| child.text().unwrap_or_default()).collect() };
        // XML makes one line break of every kind of it, unless it is written as a reference.
        let same = |got: &str, sent: &str| assert_eq!(plain(got), plain(sent));
        same(root.attribute("b").unwrap(), &b);
        same(&all(child("A")), &a);
        same(&all(child("C")), &b);
        same(&all(child("Row").first_element_child().unwrap()), &a);
        assert_eq!(root.children().filter(roxmltree::Node::is_element).count(), 3);
    });
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[test]
fn form_bodies() {
    let integration = with_request("format = \"form\"\nbody = { a = \"{a}\", \"b.c[d]\" = \"<{b}>\" }");
    run("form bodies", "values", |input, chance| {
        let (a, b) = values(input, chance);
        let request = written(&integration, &a, &b).unwrap();
        let body = String::from_utf8(request.body).unwrap();
        let pairs: Vec<(String, String)> = body
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        assert_eq!(pairs, [("a".to_owned(), a), ("b.c[d]".to_owned(), format!("<{b}>"))]);
    });
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            plain => bytes.push(plain),
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn integration_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let file = std::fs::read_to_string(folder.join("boberdoo_form.toml")).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    run("integration files", "values", |input, chance| {
        // The file with a piece of the input somewhere in a line, and a line lost.
        let (at, lost) = (chance.below(lines.len()), chance.below(lines.len()));
        let piece = String::from_utf8_lossy(&input[..input.len().min(200)]).into_owned();
        let changed = lines.iter().enumerate().filter(|(line, _)| *line != lost).map(|(line, text)| {
            let cut = text.floor_char_boundary(chance.below(text.len() + 1));
            if line == at {
                format!("{}{piece}{}", &text[..cut], &text[cut..])
            } else {
                (*text).to_owned()
            }
        });
        let changed: Vec<String> = changed.collect();
        if let Err(problems) = Integration::read(&changed.join("\n")) {
            assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.message.is_empty()));
        }
    });
}
