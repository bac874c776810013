//! No value can change the shape of what is sent, whatever a person or a source has typed.

use crate::floor::{ping_with, text_value, texts, view, with_ping};
use outcry_core::ping_view::PingValue;
use outcry_integration::{Integration, Params, Request};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What an attacker would try first, and anything else.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let tricks = [
        "\"",
        "\\",
        "\n",
        "\r\n",
        "{param.key}",
        "{{zip}}",
        "}",
        "{",
        "&a=b",
        "=",
        "%00",
        "%2e%2e",
        "../..",
        "#",
        "?x=1",
        "@evil.example",
        "//evil.example",
        "\u{0}",
        "\u{1f}",
        "\u{7f}",
        "\u{2028}",
        "\u{202e}",
        "é",
        "😀",
        "<script>",
        "]]>",
        "'",
        ";",
        "+",
        " ",
        "\t",
        "\",\"admin\":true,\"x\":\"",
        "\r",
        "&amp;",
        "&#10;",
        "<![CDATA[",
        "</a>",
        "<!-- ",
        " -->",
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE x [<!ENTITY e \"e\">]>&e;",
        "\" admin=\"true",
        "\r\n--outcry-",
        "\"; filename=\"x",
        "|",
        "\u{85}",
        "\u{feff}",
        "\u{fffe}",
    ];
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(
            prop_oneof![proptest::sample::select(tricks.to_vec()).prop_map(str::to_owned), any::<String>()],
            0..6
        )
        .prop_map(|parts| parts.concat()),
    ]
}

static JSON: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(
        r#"
[ping.request]
url = "{param.url}/ping/{a | default x}?q={b}&r=1"
format = "json"
[ping.request.body]
alone = "{a}"
mixed = "<{a}|{b}>"
secret = "{param.key}"
"{odd \" name" = { "a.b[c]" = ["{b}", "{a | upper}"] }
rows = { each = "rows", as = { name = "{name}", outer = "{lead.a}" } }
view = "{lead}"
"#,
    )
});

static FORM: LazyLock<Integration> = LazyLock::new(|| {
    with_ping(
        r#"
[ping.request]
url = "https://buyer.example/ping"
format = "form"
[ping.request.body]
alone = "{a}"
"mixed & more" = "<{a}|{b}>"
"a.b[c]" = { d = ["{b}"] }
rows = { each = "rows", names = "Row{number}_{name}", as = { name = "{name}" } }
"#,
    )
});

static HEADER: LazyLock<Integration> =
    LazyLock::new(|| with_ping("[ping.request]\nurl = \"https://buyer.example/p/{a}/end\"\nheaders = { X-Value = \"v {b}\" }\n"));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_json_body_keeps_its_shape(a in value(), b in value(), name in value(), key in value()) {
        let rows = PingValue::List(vec![view(vec![("name", text_value(&name))])]);
        let lead = view(vec![("a", text_value(&a)), ("b", text_value(&b)), ("rows", rows)]);
        prop_assume!(!key.trim().is_empty() && !["", ".", ".."].contains(&a.trim()));
        let request = ping_with(&JSON, &[("key", &key)], &lead).unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let expected = json!({
            "alone": a, "mixed": format!("<{a}|{b}>"), "secret": key,
            "{odd \" name": {"a.b[c]": [b, a.to_uppercase()]},
            "rows": [{"name": name, "outer": a}],
            "view": {"a": a, "b": b, "rows": [{"name": name}]},
        });
        prop_assert_eq!(body, expected);
        prop_assert_eq!(request.masked(key.trim()), "[secret]");
        let masked = request.masked(&String::from_utf8(request.body.clone()).unwrap());
        // A secret of one letter is everywhere; a longer one must not be readable in the masked text.
        prop_assert!(key.len() < 4 || !serde_json::from_str::<Value>(&masked).is_ok_and(|body| body["secret"] == *key));
        check_address(&request, &a, &b)?;
    }

    #[test]
    fn a_form_keeps_its_names_and_values(a in value(), b in value(), name in value()) {
        let rows = PingValue::List(vec![view(vec![("name", text_value(&name))]), view(vec![("name", text_value(&a))])]);
        let lead = view(vec![("a", text_value(&a)), ("b", text_value(&b)), ("rows", rows)]);
        let request = ping_with(&FORM, &[], &lead).unwrap();
        let expected = [
            ("alone", a.clone()), ("mixed & more", format!("<{a}|{b}>")), ("a.b[c][d][0]", b.clone()), ("Row1_name", name.clone()), ("Row2_name", a.clone()),
        ];
        let expected: Vec<(String, String)> = expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        prop_assert_eq!(pairs(std::str::from_utf8(&request.body).unwrap()), expected);
    }

    #[test]
    fn a_value_leads_to_no_other_address_and_ends_no_header(a in value(), b in value()) {
        let written = ping_with(&HEADER, &[], &texts(&[("a", &a), ("b", &b)]));
        let printable = b.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
        let path_ok = !["", ".", ".."].contains(&a.trim());
        prop_assert_eq!(written.is_ok(), printable && path_ok);
        if let Ok(request) = written {
            let middle = request.url.strip_prefix("https://buyer.example/p/").and_then(|rest| rest.strip_suffix("/end")).unwrap();
            prop_assert!(!middle.contains(['/', '?', '#', '@', ':', '\\']));
            prop_assert_eq!(decode(middle), a);
            let header = request.headers.iter().find(|(name, _)| &**name == "x-value").unwrap();
            let expected = format!("v {b}");
            prop_assert_eq!(&*header.1, expected.trim());
        }
    }

    #[test]
    fn a_parameter_of_kind_url_is_an_address_or_nothing(text in value()) {
        let params = BTreeMap::from([("url".to_owned(), format!("https://{text}"))]);
        if Params::bind(&JSON, &params).is_ok() {
            let harmless = !text.contains(['@', '#', '\\', ' ', '\n', '\r', '"', '<', '{']);
            prop_assert!(harmless);
            prop_assert!(text.chars().next().is_some_and(|first| first.is_ascii_alphanumeric() || matches!(first, '[' | '.' | '-' | '_')));
        }
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "[a-z\\[\\]{}=\"'.|# \n]{0,200}", hole in value()) {
        let _ = Integration::read(&text);
        let request = format!("[ping.request]\nurl = \"https://buyer.example\"\nformat = \"json\"\n[ping.request.body]\nx = {}\n", json!(hole));
        let _ = Integration::read(&format!("{}\n{request}", crate::floor::head("")));
    }
}

fn check_address(request: &Request, a: &str, b: &str) -> Result<(), TestCaseError> {
    let (path, query) = request.url.split_once('?').unwrap();
    let segment = path.strip_prefix("https://buyer.example/base/ping/").unwrap();
    prop_assert_eq!(decode(segment), a);
    prop_assert_eq!(pairs(query), vec![("q".to_owned(), b.to_owned()), ("r".to_owned(), "1".to_owned())]);
    prop_assert!(request.url.is_ascii());
    Ok(())
}

pub(crate) fn pairs(form: &str) -> Vec<(String, String)> {
    form.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Strict: every byte that is not a letter, a digit or `-._~` must be escaped.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => bytes.push(byte),
            other => panic!("{other} is not escaped in {text}"),
        }
    }
    String::from_utf8(bytes).unwrap()
}
