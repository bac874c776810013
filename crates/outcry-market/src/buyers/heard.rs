//! What a buyer makes of a request: names and values, whatever the body is written in.

use super::call::IncomingRequest;
use crate::chance::{digest, mix};
use outcry_core::id::AttemptId;
use serde_json::Value;

/// A request taken apart.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Names with their path (`lead.drivers.0.gender`) and values, in the order they came.
    pairs: Vec<(String, String)>,
}

impl Heard {
    /// Query and body; `None` if the body is neither JSON nor a form.
    pub(crate) fn of(request: &IncomingRequest) -> Option<Self> {
        let mut heard = Self {
            pairs: form(&request.query),
        };
        let body = std::str::from_utf8(&request.body).ok()?.trim();
        match body.as_bytes().first() {
            None => {}
            Some(b'{') => heard.json("", &serde_json::from_str(body).ok()?),
            Some(b'[' | b'<' | b'"') => return None,
            Some(_) => heard.pairs.extend(form(body)),
        }
        Some(heard)
    }

    fn json(&mut self, path: &str, value: &Value) {
        let below = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.json(&below(name), value)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(at, item)| self.json(&below(&at.to_string()), item)),
            Value::String(text) => self.pairs.push((path.to_owned(), text.clone())),
            Value::Number(number) => self.pairs.push((path.to_owned(), number.to_string())),
            Value::Bool(yes) => self.pairs.push((path.to_owned(), yes.to_string())),
            Value::Null => {}
        }
    }

    /// The first value under one of these full names that is not empty.
    pub(crate) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            self.pairs
                .iter()
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value.as_str())
        })
    }

    /// The number of the attempt, under whatever name it goes: numbers say what they are by how they begin.
    pub(crate) fn attempt(&self) -> Option<&str> {
        self.pairs
            .iter()
            .map(|(_, value)| value.as_str())
            .find(|value| value.starts_with(AttemptId::PREFIX))
    }

    /// Does the sender say that this is only a test?
    pub(crate) fn is_test(&self) -> bool {
        matches!(self.get(&["test", "Test_Lead", "lp_action"]), Some("true" | "1" | "test"))
    }

    /// A digest of what is said of the lead. Numbers and keys that name this one call are left out, so that the same
    /// lead is worth the same to a buyer whenever and by whomever it is brought. The order of names does not count.
    pub(crate) fn content(&self) -> u64 {
        let said = self.pairs.iter().filter(|(name, _)| !is_about_the_call(name));
        said.fold(0, |sum: u64, (name, value)| {
            sum.wrapping_add(mix(digest(name.as_bytes()) ^ digest(value.as_bytes()).rotate_left(32)))
        })
    }

    /// Who the lead is: the last ten digits of the phone, else a digest of the e-mail address, else of everything.
    pub(crate) fn person(&self) -> u64 {
        let named = |is: &dyn Fn(&str) -> bool| self.pairs.iter().find(|(name, _)| is(&plain(last(name)))).map(|(_, value)| value);
        let phone = named(&|name| name.contains("phone"))
            .map(|phone| digits(phone))
            .filter(|digits| digits.len() >= 10);
        let email = named(&|name| name.starts_with("email")).map(|email| digest(email.to_lowercase().as_bytes()));
        match phone {
            Some(digits) => digits[digits.len() - 10..].parse().unwrap_or(0),
            None => email.unwrap_or_else(|| self.content()),
        }
    }

    /// Is there contact data in it? By the names of fields, and by what values look like.
    pub(crate) fn has_contact_data(&self) -> bool {
        self.pairs
            .iter()
            .any(|(name, value)| !value.is_empty() && (names_contact(last(name)) || looks_like_contact(value)))
    }
}

fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Plus signs and percent escapes; what is no escape stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (_, Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
                continue;
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(*byte),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last part of `fields.drivers.0.gender` or `drivers[0][gender]` that is not a number.
fn last(name: &str) -> &str {
    let mut parts = name.rsplit(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.find(|part| !part.bytes().all(|b| b.is_ascii_digit())).unwrap_or(name)
}

/// Letters and digits in lower case: `First_Name` and `firstName` are one.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Ids, keys, prices and switches of the call itself, which stand beside the lead and never inside of it.
fn is_about_the_call(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "pingid",
        "attemptid",
        "bidid",
        "leadid",
        "waitms",
        "test",
        "testlead",
        "source",
        "src",
        "type",
        "key",
        "apikey",
        "mode",
        "price",
        "apiaction",
        "returnbestprice",
    ];
    let is_nested = name.contains(['.', '[']);
    !is_nested && (name.starts_with("lp_") || NAMES.contains(&plain(name).as_str()))
}

fn names_contact(name: &str) -> bool {
    let name = plain(name);
    let exact = [
        "firstname",
        "lastname",
        "fname",
        "lname",
        "email",
        "emailaddress",
        "phone",
        "address",
        "address1",
        "addressline1",
        "street",
    ];
    exact.contains(&name.as_str())
        || ["homephone", "cellphone", "mobilephone", "primaryphone", "phonehome", "phonecell"].contains(&name.as_str())
}

/// An e-mail address, or a value that is a telephone number and nothing else.
fn looks_like_contact(value: &str) -> bool {
    let is_email = value
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let only_phone = value.chars().all(|c| c.is_ascii_digit() || " +-.()".contains(c));
    let digits = digits(value);
    let national = digits.strip_prefix('1').filter(|_| digits.len() == 11).unwrap_or(&digits);
    let is_phone = only_phone && national.len() == 10 && matches!(national.as_bytes(), [b'2'..=b'9', _, _, b'2'..=b'9', ..]);
    is_email || is_phone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(body: &str) -> Heard {
        Heard::of(&IncomingRequest {
            body: body.as_bytes().to_vec(),
            ..IncomingRequest::default()
        })
        .unwrap()
    }

    #[test]
    fn json_and_forms_say_the_same() {
        let json = heard(r#"{"state":"TX","bedrooms":4,"own":true,"none":null}"#);
        let form = heard("bedrooms=4&state=TX&own=true");
        assert_eq!(json.content(), form.content());
        assert_eq!(heard("a=x%26y+z%2&b=").get(&["b", "a"]), Some("x&y z%2"));
    }

    #[test]
    fn the_worth_of_a_lead_does_not_hang_on_the_number_of_the_ping() {
        let first = heard(r#"{"ping_id":"ping_1","fields":{"state":"TX","type":"a"}}"#);
        assert_eq!(
            first.content(),
            heard(r#"{"ping_id":"ping_2","fields":{"state":"TX","type":"a"}}"#).content()
        );
        assert_ne!(
            first.content(),
            heard(r#"{"ping_id":"ping_1","fields":{"state":"TX","type":"b"}}"#).content()
        );
    }

    #[test]
    fn contact_data_is_seen_by_name_and_by_shape() {
        let leaking = [
            "First_Name=Avery",
            r#"{"lead":{"contact":{"lastName":"Barlow"}}}"#,
            "email=a",
            "note=avery%40example.com",
            "carrier=%28202%29+555-0143",
            r#"{"x":["+12025550143"]}"#,
            "Address=1+Quillmoor+Lane",
            "drivers%5B0%5D%5Bfirst_name%5D=Avery",
        ];
        for body in leaking {
            assert!(heard(body).has_contact_data(), "{body}");
        }
        let clean = [
            "state=TX&zip=75201",
            "amount=35000-49999",
            r#"{"start":"2026-09-01","phone":"","lead_age":"0-60s"}"#,
            "n=0000000000",
        ];
        for body in clean {
            assert!(!heard(body).has_contact_data(), "{body}");
        }
    }

    #[test]
    fn a_person_is_known_by_the_last_ten_digits() {
        assert_eq!(heard("Primary_Phone=%28202%29+555-0143").person(), 2_025_550_143);
        assert_eq!(
            heard(r#"{"fields":{"phone":"+12025550143","phone_alt":"+12995550143"}}"#).person(),
            2_025_550_143
        );
        assert_eq!(heard("email=A%40example.com").person(), heard("email=a%40example.com&x=1").person());
    }

    #[test]
    fn nonsense_is_not_heard() {
        for body in ["{\"a\":", "[1]", "<xml/>"] {
            assert!(
                Heard::of(&IncomingRequest {
                    body: body.as_bytes().to_vec(),
                    ..IncomingRequest::default()
                })
                .is_none(),
                "{body}"
            );
        }
    }
}
