//! Reads the output of a transform that a source sent in place of the field.

use super::Wrong;
use super::normal;
use crate::field::{Kind, Transform};
use crate::raw::Raw;
use crate::value::Value;

/// An output in its normal form: only what the transform could itself have given.
pub(super) fn read(transform: &Transform, kind: &Kind, raw: &Raw) -> Result<Value, Wrong> {
    if let Some(labels) = transform.labels() {
        let words = labels.iter().map(String::as_str);
        return normal::word(raw, words).map(Value::Text);
    }
    match transform {
        Transform::AgeAtLeast(_) | Transform::Present => normal::bool(raw).map(Value::Bool),
        Transform::Year => within(raw, "a year", 1000..=9999),
        Transform::Count => within(raw, "how many there are", 0..=1_000_000),
        Transform::RoundTo(_) if matches!(kind, Kind::Decimal) => normal::decimal(raw).map(Value::Decimal),
        Transform::RoundTo(_) => normal::int(raw).map(Value::Int),
        Transform::Zip3 => shaped(raw, "bad_zip", "the first three digits of the ZIP code, as text", |text| {
            text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())
        }),
        Transform::TextId => shaped(raw, "pattern", "16 hexadecimal digits in lower case", |text| {
            text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        }),
        Transform::UrlHost => shaped(raw, "bad_url", "the host of an address, in lower case", |text| {
            normal::is_host(text) && !text.bytes().any(|b| b.is_ascii_uppercase())
        }),
        Transform::IpPrefix => shaped(raw, "bad_ip", "a /24 network of IPv4 or a /48 network of IPv6", is_prefix),
        Transform::AgeBracket(_)
        | Transform::DaysAgoBracket(_)
        | Transform::DaysUntilBracket(_)
        | Transform::ElapsedBracket
        | Transform::AmountBracket(_)
        | Transform::DeviceClass => Err(Wrong::kind("one of the words of the lead type", raw)),
    }
}

fn within(raw: &Raw, expected: &str, range: std::ops::RangeInclusive<i64>) -> Result<Value, Wrong> {
    let number = normal::int(raw)?;
    if range.contains(&number) {
        Ok(Value::Int(number))
    } else {
        Err(Wrong::new("too_large", expected))
    }
}

fn shaped(raw: &Raw, code: &'static str, expected: &str, fits: impl Fn(&str) -> bool) -> Result<Value, Wrong> {
    match raw {
        Raw::Text(text) if fits(text.trim()) => Ok(Value::Text(text.trim().into())),
        _ => Err(Wrong::new(code, format!("{expected}; {} was sent", raw.kind()))),
    }
}

fn is_prefix(text: &str) -> bool {
    match text.split_once('/') {
        Some((network, "24")) => network.parse::<std::net::Ipv4Addr>().is_ok_and(|v4| v4.octets()[3] == 0),
        Some((network, "48")) => network
            .parse::<std::net::Ipv6Addr>()
            .is_ok_and(|v6| v6.segments()[3..].iter().all(|part| *part == 0)),
        _ => false,
    }
}
