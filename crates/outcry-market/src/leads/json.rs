//! A lead as JSON, for sending.

use outcry_core::raw::Raw;
use std::fmt::Write as _;

/// Writes a lead as JSON, members in their order and numbers with their digits.
pub fn to_json(raw: &Raw) -> String {
    let mut json = String::with_capacity(3_072);
    write(&mut json, raw);
    json
}

fn write(json: &mut String, raw: &Raw) {
    match raw {
        Raw::Null => json.push_str("null"),
        Raw::Bool(true) => json.push_str("true"),
        Raw::Bool(false) => json.push_str("false"),
        Raw::Number(number) => json.push_str(number),
        Raw::Text(words) => text(json, words),
        Raw::List(items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                separate(json, at);
                write(json, item);
            }
            json.push(']');
        }
        Raw::Object(members) => {
            json.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                separate(json, at);
                text(json, name);
                json.push(':');
                write(json, value);
            }
            json.push('}');
        }
    }
}

fn separate(json: &mut String, at: usize) {
    if at > 0 {
        json.push(',');
    }
}

fn text(json: &mut String, words: &str) {
    json.push('"');
    for c in words.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c.is_control() => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(json, "\\u{unit:04x}").expect("writing to a string cannot fail");
                }
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let texts = ["plain", "quote \" and \\ slash", "line\nbreak\u{85}", "O'Dwyer", "Núñez 🚗"];
        let list = Raw::List(texts.iter().map(|text| Raw::Text((*text).into())).collect());
        let raw = Raw::Object(vec![
            ("a b".into(), list),
            ("n".into(), Raw::Number("12.50".into())),
            ("x".into(), Raw::Null),
        ]);
        let read: serde_json::Value = serde_json::from_str(&to_json(&raw)).unwrap();
        assert_eq!(read["a b"], serde_json::json!(texts));
        assert_eq!(read["n"].to_string(), "12.50");
        assert!(read["x"].is_null());
    }
}
