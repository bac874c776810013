//! What a person or a source has typed comes out of every format as it went in: rendered, parsed by somebody else's
//! parser, compared whole.

use crate::floor::{ping_with, text_value, view, with_ping};
use crate::hostile::{pairs, value};
use outcry_core::ping_view::{PingValue, PingView};
use outcry_integration::{Integration, Request};
use proptest::prelude::*;
use roxmltree::Node;
use serde_json::{Value, json};
use std::sync::LazyLock;

const XML_BODY: &str = r##"
"@a" = "{a}"
"@both" = "<{a}|{b}>"
A = "{a}"
Both = "<{a}|{b}>"
Owner = { "@b" = "{b}", "#text" = "{a}" }
Cdata = { "#cdata" = "{a}" }
Choice = { when = { field = "a", equals = "nobody says this" }, then = "no", else = "{b}" }
Row = { each = "rows", as = { "@no" = "{number}", Name = "{name}" } }
Flat = { each = "rows", names = "Row{number}_{name}", as = { Name = "{name}" } }
View = "{lead}"
Json = { document = "json", body = { a = "{a}", deep = { document = "form", body = { b = "{b}" } } } }
Xml = { document = "xml", body = { X = { "@a" = "{a}", "#text" = "{b}" } } }
"@doc" = { document = "xml", declaration = false, body = { X = "{a}" } }
InCdata = { "#cdata" = { document = "xml", body = { X = "{b}" } } }
"##;

static XML: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(&format!(
        "[ping.request]\nurl = \"https://buyer.example\"\nformat = \"xml\"\n[ping.request.body.\"n:Root\"]\n\"@xmlns:n\" = \"urn:n\"{XML_BODY}"
    ))
});

static SOAP: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(&format!(
        "[ping.request]\nurl = \"https://buyer.example\"\nformat = \"soap12\"\naction = \"urn:Add\"\nsoap_header = {{ H = \"{{a}}\" }}\n[ping.request.body.Root]{XML_BODY}"
    ))
});

static JSON: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(
        r##"
[ping.request]
url = "https://buyer.example/p"
format = "json"
query = { b = "{b}", j = { document = "json", body = ["{a}"] } }
[[ping.request.body]]
a = "{a}"
json = { document = "json", body = { a = "{a}", deeper = { document = "json", body = ["{b}"] } } }
xml = { document = "xml", body = { X = { "@a" = "{a}", "#text" = "{b}" } } }
form = { document = "form", body = { "a.a" = "{a}", b = "{b}" } }
lines = { document = "text", separator = "|", body = { A = "{a}", B = "{b}" } }
"* more" = { when = { field = "a", present = true }, then = { more = "{a}" }, else = { less = "{b}" } }
"##,
    )
});

static FORM: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(
        r##"
[ping.request]
url = "https://buyer.example/p"
format = "form"
missing = "empty"
[ping.request.body]
gone = "{gone}"
"a[x].y" = "{a}"
xml = { document = "xml", body = { X = { "@a" = "{a}", "#cdata" = "{b}" } } }
json = { document = "json", body = [{ a = "{a}", x = { document = "xml", body = { X = "{b}" } } }] }
"##,
    )
});

static MULTIPART: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(
        r#"
[ping.request]
url = "https://buyer.example/p"
format = "multipart"
[ping.request.body]
a = "{a}"
both = "<{a}|{b}>"
rows = { each = "rows", as = { name = "{name}" } }
file = { document = "json", body = { b = "{b}" }, file_name = "lead.json" }
"#,
    )
});

static TEXT: LazyLock<Integration> =
    LazyLock::new(|| with_ping("[ping.request]\nurl = \"https://buyer.example/p\"\nformat = \"text\"\nbody = \"A={a}\\nB={b};\\nEND\""));

static LINES: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(
        "[ping.request]\nurl = \"https://buyer.example/p\"\nformat = \"text\"\nseparator = \"|\\n\"\npair = \":\"\n[ping.request.body]\nA = \"{a}\"\nB = \"{b}\"\nrows = \"{rows}\"\n",
    )
});

/// A lead in which every value is hostile.
fn lead(a: &str, b: &str, name: &str) -> PingView {
    let row = view(vec![("name", text_value(name))]);
    view(vec![
        ("a", text_value(a)),
        ("b", text_value(b)),
        ("rows", PingValue::List(vec![row.clone(), row])),
    ])
}

/// Can XML 1.0 carry it?
fn is_xml(texts: &[&str]) -> bool {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    texts.iter().all(|text| text.chars().all(fits))
}

/// An element as JSON: its name, attributes, texts and children in order, so that nothing can hide.
fn shape(node: Node<'_, '_>) -> Value {
    let attributes: Vec<Value> = node.attributes().map(|one| json!([one.name(), one.value()])).collect();
    let elements: Vec<Value> = node.children().filter(Node::is_element).map(shape).collect();
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    assert!(!node.children().any(|child| child.is_comment() || child.is_pi()));
    json!([node.tag_name().name(), attributes, text, elements])
}

fn parsed(text: &str) -> Value {
    // The parser refuses a DOCTYPE; comments and instructions beside the root would show as well.
    let document = roxmltree::Document::parse(text).unwrap();
    assert_eq!(document.root().children().count(), 1);
    shape(document.root_element())
}

fn leaf(name: &str, text: &str) -> Value {
    json!([name, [], text, []])
}

/// A small document, parsed: `<X a="…">…</X>`.
fn x(attributes: &[(&str, &str)], text: &str) -> Value {
    json!(["X", attributes, text, []])
}

/// What the body of [`XML_BODY`] must come to; documents inside of it are parsed in their turn.
fn check_xml(root: &Value, a: &str, b: &str, name: &str) -> Result<(), TestCaseError> {
    let Value::Array(parts) = root else {
        unreachable!("an element is a list")
    };
    let attribute = |name: &str| parts[1].as_array().unwrap().iter().find(|one| one[0] == name).unwrap()[1].clone();
    let both = format!("<{a}|{b}>");
    prop_assert_eq!(parts[1].as_array().unwrap().len(), 3);
    prop_assert_eq!((attribute("a"), attribute("both")), (json!(a), json!(both)));
    prop_assert_eq!(parsed(attribute("doc").as_str().unwrap()), x(&[], a));
    let children = parts[3].as_array().unwrap();
    let row = |no: &str| json!(["Row", [["no", no]], "", [leaf("Name", name)]]);
    let rows = json!(["rows", [], "", [leaf("name", name)]]);
    let expected = [
        leaf("A", a),
        leaf("Both", &both),
        json!(["Owner", [["b", b]], a, []]),
        leaf("Cdata", a),
        leaf("Choice", b),
        row("1"),
        row("2"),
        leaf("Row1_Name", name),
        leaf("Row2_Name", name),
        json!(["View", [], "", [leaf("a", a), leaf("b", b), rows.clone(), rows]]),
    ];
    prop_assert_eq!(&children[..10], &expected);
    prop_assert_eq!(children.len(), 13);
    let inside: Value = serde_json::from_str(children[10][2].as_str().unwrap()).unwrap();
    prop_assert_eq!(&inside["a"], a);
    prop_assert_eq!(pairs(inside["deep"].as_str().unwrap()), vec![("b".to_owned(), b.to_owned())]);
    prop_assert_eq!(parsed(children[11][2].as_str().unwrap()), x(&[("a", a)], b));
    prop_assert_eq!(parsed(children[12][2].as_str().unwrap()), x(&[], b));
    Ok(())
}

/// The request, if XML can carry the values, and no request at all if it cannot.
fn written(integration: &Integration, lead: &PingView, fits: bool) -> Result<Option<Request>, TestCaseError> {
    let request = ping_with(integration, &[], lead);
    prop_assert_eq!(request.is_ok(), fits);
    Ok(request.ok())
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

/// The heads and bodies of a multipart body, read as strictly as the standard allows.
fn parts(request: &Request) -> Vec<(String, String)> {
    let content_type = request.headers.iter().find(|(name, _)| &**name == "content-type").unwrap();
    let boundary = content_type.1.strip_prefix("multipart/form-data; boundary=").unwrap();
    let text = body(request).strip_prefix(&format!("--{boundary}")).unwrap();
    let text = text.strip_suffix(&format!("\r\n--{boundary}--\r\n")).unwrap();
    assert!(!text.contains(&format!("--{boundary}--")));
    let between = format!("\r\n--{boundary}");
    let parts = text.split(&between).map(|part| {
        let (head, value) = part.strip_prefix("\r\n").unwrap().split_once("\r\n\r\n").unwrap();
        (head.to_owned(), value.to_owned())
    });
    parts.collect()
}

fn cleaned(text: &str, also: &[char]) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || also.contains(&c);
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn xml_keeps_its_elements_attributes_and_documents(a in value(), b in value(), name in value()) {
        if let Some(request) = written(&XML, &lead(&a, &b, &name), is_xml(&[&a, &b, &name]))? {
            let root = parsed(body(&request));
            prop_assert_eq!(&root[0], "Root");
            check_xml(&root, &a, &b, &name)?;
        }
    }

    #[test]
    fn soap_keeps_its_envelope(a in value(), b in value(), name in value()) {
        if let Some(request) = written(&SOAP, &lead(&a, &b, &name), is_xml(&[&a, &b, &name]))? {
            let envelope = parsed(body(&request));
            prop_assert_eq!(&envelope[0], "Envelope");
            prop_assert_eq!(envelope[3].as_array().unwrap().len(), 2);
            prop_assert_eq!(&envelope[3][0], &json!(["Header", [], "", [leaf("H", &a)]]));
            prop_assert_eq!(&envelope[3][1][0], "Body");
            prop_assert_eq!(envelope[3][1][3].as_array().unwrap().len(), 1);
            check_xml(&envelope[3][1][3][0], &a, &b, &name)?;
        }
    }

    #[test]
    fn json_keeps_the_documents_inside_of_it(a in value(), b in value()) {
        if let Some(request) = written(&JSON, &lead(&a, &b, ""), is_xml(&[&a, &b]))? {
            let Value::Array(list) = serde_json::from_slice(&request.body).unwrap() else { panic!("a list") };
            prop_assert_eq!(list.len(), 1);
            let text = |name: &str| list[0][name].as_str().unwrap();
            prop_assert_eq!(text("a"), &a);
            let inner: Value = serde_json::from_str(text("json")).unwrap();
            prop_assert_eq!(&inner["a"], &a);
            prop_assert_eq!(serde_json::from_str::<Value>(inner["deeper"].as_str().unwrap()).unwrap(), json!([b]));
            prop_assert_eq!(parsed(text("xml")), x(&[("a", &a)], &b));
            let own = [("a.a", &a), ("b", &b)].map(|(name, value)| (name.to_owned(), value.clone()));
            prop_assert_eq!(pairs(text("form")), own);
            prop_assert_eq!(text("lines"), format!("A={}|B={}", cleaned(&a, &['|']), cleaned(&b, &['|'])));
            let (more, less) = (list[0].get("more"), list[0].get("less"));
            prop_assert_eq!(if a.trim().is_empty() { (less, more) } else { (more, less) }, (Some(&json!(if a.trim().is_empty() { &b } else { &a })), None));
            let (_, query) = request.url.split_once('?').unwrap();
            prop_assert_eq!(pairs(query), [("b".to_owned(), b), ("j".to_owned(), json!([a]).to_string())]);
        }
    }

    #[test]
    fn a_form_keeps_the_documents_inside_of_it(a in value(), b in value()) {
        if let Some(request) = written(&FORM, &lead(&a, &b, ""), is_xml(&[&a, &b]))? {
            let pairs = pairs(body(&request));
            let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
            prop_assert_eq!(names, ["gone", "a[x].y", "xml", "json"]);
            prop_assert_eq!((pairs[0].1.as_str(), &pairs[1].1), ("", &a));
            prop_assert_eq!(parsed(&pairs[2].1), x(&[("a", &a)], &b));
            let list: Value = serde_json::from_str(&pairs[3].1).unwrap();
            prop_assert_eq!(&list[0]["a"], &a);
            prop_assert_eq!(parsed(list[0]["x"].as_str().unwrap()), x(&[], &b));
        }
    }

    #[test]
    fn a_multipart_body_keeps_its_parts(a in value(), b in value(), name in value()) {
        let request = ping_with(&MULTIPART, &[], &lead(&a, &b, &name)).unwrap();
        let head = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"");
        let expected = [
            (head("a"), a.clone()),
            (head("both"), format!("<{a}|{b}>")),
            (head("rows[0][name]"), name.clone()),
            (head("rows[1][name]"), name.clone()),
            (format!("{}; filename=\"lead.json\"\r\nContent-Type: application/json", head("file")), json!({ "b": b }).to_string()),
        ];
        prop_assert_eq!(parts(&request), expected);
    }

    #[test]
    fn no_value_adds_a_line(a in value(), b in value(), name in value()) {
        let lead = lead(&a, &b, &name);
        let text = ping_with(&TEXT, &[], &lead).unwrap();
        prop_assert_eq!(body(&text), format!("A={}\nB={};\nEND", cleaned(&a, &[]), cleaned(&b, &[])));
        let lines = ping_with(&LINES, &[], &lead).unwrap();
        let clean = |text: &str| cleaned(text, &['|']);
        let expected = ["A".to_owned() + ":" + &clean(&a), "B:".to_owned() + &clean(&b), "rows[0][name]:".to_owned() + &clean(&name), "rows[1][name]:".to_owned() + &clean(&name)];
        prop_assert_eq!(body(&lines).split("|\n").collect::<Vec<_>>(), expected);
    }
}
