//! JSON bodies into raw leads: numbers keep their text, and a name that comes twice is refused.

use outcry_core::raw::Raw;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// `serde_json` hands numbers with their text over as a map with this one name when it keeps arbitrary precision.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Reads one JSON value. Nesting beyond 128 levels, a repeated name and anything after the value are errors.
///
/// # Errors
/// A sentence with the line and column, and never a value of the body.
pub(crate) fn read(body: &[u8]) -> Result<Raw, String> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let raw = RawSeed.deserialize(&mut reader).map_err(|fault| sentence(&fault))?;
    reader.end().map_err(|fault| sentence(&fault))?;
    Ok(raw)
}

/// The parser's own words name positions and names, but may quote a value: only the safe part is kept.
fn sentence(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    let what = if text.starts_with(REPEATED) {
        text.split(" at line").next().unwrap_or(REPEATED).to_owned()
    } else if fault.is_eof() {
        "the body ends in the middle of a value; was it cut off?".to_owned()
    } else if text.starts_with("recursion limit") {
        "the body is nested more than 128 levels deep".to_owned()
    } else if text.starts_with("trailing characters") {
        "there is something after the JSON value".to_owned()
    } else {
        "the body is not valid JSON".to_owned()
    };
    format!("{what} (line {}, column {})", fault.line(), fault.column())
}

const REPEATED: &str = "a name comes twice";

struct RawSeed;

impl<'de> DeserializeSeed<'de> for RawSeed {
    type Value = Raw;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RawSeed {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string().into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Number(number.to_string().into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut members: Vec<(Box<str>, Raw)> = Vec::new();
        while let Some(name) = map.next_key::<Box<str>>()? {
            if &*name == NUMBER_TOKEN {
                return Ok(Raw::Number(map.next_value::<String>()?.into()));
            }
            if members.iter().any(|(taken, _)| *taken == name) {
                return Err(de::Error::custom(format_args!("{REPEATED}: {}", shown(&name))));
            }
            let value = map.next_value_seed(Self)?;
            members.push((name, value));
        }
        Ok(Raw::Object(members))
    }
}

/// A member's name as far as it can be shown: field names are words, anything else is not repeated.
fn shown(name: &str) -> &str {
    let word = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if word { name } else { "(not a field name)" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        let raw = read(br#"{"rate": 6.250, "id": 12345678901234567890123, "ok": true, "none": null}"#).unwrap();
        assert!(raw.get("rate") == Some(&Raw::Number("6.250".into())));
        assert!(raw.get("id") == Some(&Raw::Number("12345678901234567890123".into())));
        assert!(raw.get("none") == Some(&Raw::Null));
    }

    #[test]
    fn what_is_wrong_is_said_without_showing_values() {
        let table: [(&[u8], &str); 6] = [
            (br#"{"phone": "+12025550143", "phone": "x"}"#, "a name comes twice: phone"),
            (br#"{"phone": "+1202"#, "the body ends in the middle of a value"),
            (br#"{"phone": 12025550143x}"#, "the body is not valid JSON"),
            (br"{} {}", "there is something after the JSON value"),
            (b"", "the body ends in the middle"),
            (b"\xff\xfe", "the body is not valid JSON"),
        ];
        for (body, expected) in table {
            let said = read(body).unwrap_err();
            assert!(said.starts_with(expected), "{said}");
            assert!(!said.contains("2025550143"), "{said}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes()).unwrap_err().starts_with("the body is nested"));
    }
}
