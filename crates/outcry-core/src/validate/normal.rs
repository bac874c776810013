//! Reads one value into its normal form and holds it against its bounds.

use super::Wrong;
use crate::field::{Bounds, Field, Kind};
use crate::moment::{Moment, Stamp};
use crate::raw::Raw;
use crate::transform::age;
use crate::value::{Decimal, Value};
use jiff::civil::Date;
use std::net::IpAddr;

/// The 50 states, the District of Columbia and the inhabited territories, as the postal service writes them.
pub const STATES: [&str; 56] = [
    "AK", "AL", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA",
    "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI",
    "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];

/// Text up to this long fits a single line of a form; line breaks in it are a trick, not an answer.
const SINGLE_LINE_MAX: usize = 254;

/// Is this the code of a state, in capitals?
pub fn is_state(code: &str) -> bool {
    STATES.binary_search(&code).is_ok()
}

/// What a field wants, in a few words.
pub(super) fn describe(field: &Field) -> String {
    match &field.kind {
        Kind::Enum(words) => one_of(words.iter().map(|word| &**word)),
        Kind::String => "text".to_owned(),
        Kind::Int => "a whole number".to_owned(),
        Kind::Decimal => "a number".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Date => DATE.to_owned(),
        Kind::DateTime => DATE_TIME.to_owned(),
        Kind::Phone => PHONE.to_owned(),
        Kind::Email => EMAIL.to_owned(),
        Kind::Zip => ZIP.to_owned(),
        Kind::State => STATE.to_owned(),
        Kind::Ip => IP.to_owned(),
        Kind::Url => URL.to_owned(),
        Kind::List(_) => "a list of rows".to_owned(),
    }
}

const DATE: &str = "a date as YYYY-MM-DD";
const DATE_TIME: &str = "a moment as RFC 3339 with an offset, like 2026-11-23T09:57:30-05:00";
const PHONE: &str = "a phone number of ten digits, or + and a country code";
const EMAIL: &str = "an e-mail address";
const ZIP: &str = "a ZIP code of five digits";
const STATE: &str = "the two-letter code of a state";
const IP: &str = "an IPv4 or IPv6 address";
const URL: &str = "an absolute http or https address";

/// Reads and bounds any value but a list.
pub(super) fn value(field: &Field, raw: &Raw, now: Moment) -> Result<Value, Wrong> {
    let bounds = &field.bounds;
    match &field.kind {
        Kind::String => string(raw, bounds).map(Value::Text),
        Kind::Enum(words) => word(raw, words.iter().map(|word| &**word)).map(Value::Text),
        Kind::Int => int(raw).and_then(|n| in_range(bounds, Decimal::from(n)).map(|()| Value::Int(n))),
        Kind::Decimal => decimal(raw).and_then(|n| in_range(bounds, n).map(|()| Value::Decimal(n))),
        Kind::Bool => bool(raw).map(Value::Bool),
        Kind::Date => date(raw).and_then(|date| in_age(bounds, date, now).map(|()| Value::Date(date))),
        Kind::DateTime => text_for(raw, "bad_datetime", DATE_TIME, Stamp::parse).map(Value::Stamp),
        Kind::Phone => phone_value(raw).map(Value::Text),
        Kind::Email => bounded(bounds, text_for(raw, "bad_email", EMAIL, email)?),
        Kind::Zip => bounded(bounds, zip_value(raw)?),
        Kind::State => text_for(raw, "bad_state", STATE, state).map(Value::Text),
        Kind::Ip => text_for(raw, "bad_ip", IP, ip).map(Value::Text),
        Kind::Url => bounded(bounds, text_for(raw, "bad_url", URL, url)?),
        Kind::List(_) => Err(Wrong::kind("a list of rows", raw)),
    }
}

/// Trimmed text that `read` understands.
fn text_for<T>(raw: &Raw, code: &'static str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Wrong> {
    match raw {
        Raw::Text(text) => read(text.trim()).ok_or_else(|| Wrong::new(code, expected)),
        _ => Err(Wrong::kind(expected, raw)),
    }
}

/// Text as it is but trimmed; a number is taken for its digits.
fn string(raw: &Raw, bounds: &Bounds) -> Result<Box<str>, Wrong> {
    let (Raw::Text(text) | Raw::Number(text)) = raw else {
        return Err(Wrong::kind("text", raw));
    };
    let text = text.trim();
    let single_line = bounds.max_length.is_some_and(|most| most <= SINGLE_LINE_MAX);
    let forbidden = |c: char| c.is_control() && (single_line || !matches!(c, '\n' | '\r' | '\t'));
    if text.contains(forbidden) {
        return Err(Wrong::new("control_character", "text without control characters"));
    }
    in_length(bounds, text)?;
    Ok(text.into())
}

fn bounded(bounds: &Bounds, text: Box<str>) -> Result<Value, Wrong> {
    in_length(bounds, &text)?;
    Ok(Value::Text(text))
}

fn in_length(bounds: &Bounds, text: &str) -> Result<(), Wrong> {
    // counting characters costs a pass; bytes are never fewer
    let length = || text.chars().count();
    if let Some(most) = bounds.max_length.filter(|most| text.len() > *most && length() > *most) {
        return Err(Wrong::new("too_long", format!("at most {most} characters")));
    }
    if let Some(least) = bounds.min_length.filter(|least| length() < *least) {
        return Err(Wrong::new("too_short", format!("at least {least} characters")));
    }
    match &bounds.pattern {
        Some(pattern) if !pattern.is_match(text) => Err(Wrong::new("pattern", format!("text that matches {pattern}"))),
        _ => Ok(()),
    }
}

/// One of a closed list of words, whatever its case.
pub(super) fn word<'a>(raw: &Raw, words: impl Iterator<Item = &'a str> + Clone) -> Result<Box<str>, Wrong> {
    let (Raw::Text(text) | Raw::Number(text)) = raw else {
        return Err(Wrong::kind(&one_of(words), raw));
    };
    let text = text.trim();
    let exact = words.clone().find(|word| *word == text);
    let found = exact.or_else(|| words.clone().find(|word| word.eq_ignore_ascii_case(text)));
    found.map(Into::into).ok_or_else(|| Wrong::new("not_in_list", one_of(words)))
}

fn one_of<'a>(words: impl Iterator<Item = &'a str> + Clone) -> String {
    const SHOWN: usize = 24;
    let shown: Vec<&str> = words.clone().take(SHOWN).collect();
    let more = words.count().saturating_sub(SHOWN);
    let tail = if more == 0 { String::new() } else { format!(" or {more} more") };
    format!("one of {}{tail}", shown.join(", "))
}

pub(super) fn decimal(raw: &Raw) -> Result<Decimal, Wrong> {
    number(raw, "a number")
}

/// Whole numbers, `24` and `24.0` alike.
pub(super) fn int(raw: &Raw) -> Result<i64, Wrong> {
    const EXPECTED: &str = "a whole number";
    let number = number(raw, EXPECTED)?;
    if number.scale == 0 {
        Ok(number.digits)
    } else {
        Err(Wrong::kind(EXPECTED, raw))
    }
}

fn number(raw: &Raw, expected: &str) -> Result<Decimal, Wrong> {
    match raw {
        Raw::Number(text) | Raw::Text(text) => {
            Decimal::parse(text.trim()).ok_or_else(|| Wrong::kind(&format!("{expected}, digits only"), raw))
        }
        _ => Err(Wrong::kind(expected, raw)),
    }
}

fn in_range(bounds: &Bounds, number: Decimal) -> Result<(), Wrong> {
    if let Some(min) = bounds.min.filter(|min| number.compare(*min).is_lt()) {
        return Err(Wrong::new("too_small", format!("at least {min}")));
    }
    match bounds.max.filter(|max| number.compare(*max).is_gt()) {
        Some(max) => Err(Wrong::new("too_large", format!("at most {max}"))),
        None => Ok(()),
    }
}

/// As JSON says it, and as forms do.
pub(super) fn bool(raw: &Raw) -> Result<bool, Wrong> {
    const YES: [&str; 6] = ["true", "yes", "y", "1", "on", "t"];
    const NO: [&str; 6] = ["false", "no", "n", "0", "off", "f"];
    let is = |words: [&str; 6], text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match raw {
        Raw::Bool(yes) => Ok(*yes),
        Raw::Number(text) | Raw::Text(text) if is(YES, text.trim()) => Ok(true),
        Raw::Number(text) | Raw::Text(text) if is(NO, text.trim()) => Ok(false),
        _ => Err(Wrong::kind("true or false", raw)),
    }
}

fn date(raw: &Raw) -> Result<Date, Wrong> {
    text_for(raw, "bad_date", DATE, |text| {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let digits = |bytes: &[&u8]| {
            bytes.iter().try_fold(0_i16, |sum, byte| {
                byte.is_ascii_digit().then(|| sum * 10 + i16::from(**byte - b'0'))
            })
        };
        let small = |bytes: &[&u8]| digits(bytes).and_then(|n| i8::try_from(n).ok());
        Date::new(digits(&[y1, y2, y3, y4])?, small(&[m1, m2])?, small(&[d1, d2])?).ok()
    })
}

fn in_age(bounds: &Bounds, born: Date, now: Moment) -> Result<(), Wrong> {
    if let Some(least) = bounds.min_age.filter(|least| age(born, now) < *least) {
        return Err(Wrong::new("too_young", format!("a birth date at least {least} years ago")));
    }
    match bounds.max_age.filter(|most| age(born, now) > *most) {
        Some(most) => Err(Wrong::new("too_old", format!("a birth date at most {most} years ago"))),
        None => Ok(()),
    }
}

pub(super) fn item_count(bounds: &Bounds, count: usize) -> Result<(), Wrong> {
    if let Some(least) = bounds.min_items.filter(|least| count < *least) {
        return Err(Wrong::new("too_few_items", format!("at least {least} rows")));
    }
    match bounds.max_items.filter(|most| count > *most) {
        Some(most) => Err(Wrong::new("too_many_items", format!("at most {most} rows"))),
        None => Ok(()),
    }
}

fn phone_value(raw: &Raw) -> Result<Box<str>, Wrong> {
    let (Raw::Text(text) | Raw::Number(text)) = raw else {
        return Err(Wrong::kind(PHONE, raw));
    };
    phone(text).map(Into::into).ok_or_else(|| Wrong::new("bad_phone", PHONE))
}

/// E.164: ten digits of the North American plan with or without the 1, or `+` and 8 to 15 digits of any country.
///
/// Area code and exchange begin with 2 to 9, which is what the plan asks; that the number was given out is not known
/// here, so the fictional 555-01xx pass.
pub(crate) fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let mut digits = String::with_capacity(15);
    for c in rest.chars() {
        match c {
            '0'..='9' if digits.len() < 15 => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2010}'..='\u{2013}' => {}
            _ => return None,
        }
    }
    if plus && !digits.starts_with('1') {
        let fits = (8..=15).contains(&digits.len()) && !digits.starts_with('0');
        return fits.then(|| format!("+{digits}"));
    }
    let national = match digits.len() {
        11 => digits.strip_prefix('1')?,
        10 if !plus => &digits,
        _ => return None,
    };
    matches!(national.as_bytes(), [b'2'..=b'9', _, _, b'2'..=b'9', ..]).then(|| format!("+1{national}"))
}

/// Trimmed and in lower case, if local part and domain are such as mail servers take.
pub(crate) fn email(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let is_atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let local_ok = (1..=64).contains(&local.len())
        && local.bytes().all(is_atom)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let top = domain.rsplit_once('.')?.1;
    let top_ok = top.len() >= 2
        && (top.bytes().all(|b| b.is_ascii_alphabetic())
            || top.len() > 4 && top.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--")));
    (local_ok && top_ok && is_domain(domain) && text.len() <= 254).then(|| text.to_ascii_lowercase().into())
}

fn is_domain(domain: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(label_ok)
}

/// Five digits; the last four of ZIP+4 are dropped.
fn zip_value(raw: &Raw) -> Result<Box<str>, Wrong> {
    match raw {
        Raw::Number(_) => Err(Wrong::new("bad_zip", "a ZIP code as text: a number loses its leading zeros")),
        _ => text_for(raw, "bad_zip", ZIP, zip),
    }
}

/// Five digits, out of these or ZIP+4.
pub(crate) fn zip(text: &str) -> Option<Box<str>> {
    let five = text.get(..5)?;
    let tail = &text[5..];
    let plus_four = tail.strip_prefix('-').unwrap_or(tail);
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (plain(five) && plain(plus_four) && (tail.is_empty() || plus_four.len() == 4)).then(|| five.into())
}

/// A domain of at least two labels in lower case, without what may stand before it (`@`, `*.`) or end it.
pub(crate) fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("*.").or_else(|| text.strip_prefix('@')).unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    email(&format!("a@{text}")).map(|_| text)
}

fn state(text: &str) -> Option<Box<str>> {
    let code = text.to_ascii_uppercase();
    is_state(&code).then(|| code.into())
}

/// As the standard library writes it; an IPv4 address dressed as IPv6 is undressed.
fn ip(text: &str) -> Option<Box<str>> {
    let address: IpAddr = text.parse().ok()?;
    Some(address.to_canonical().to_string().into())
}

/// `http` or `https`, a host, perhaps a port, and nothing that could not stand in a request line. Kept word for word:
/// a certificate address is a key.
fn url(text: &str) -> Option<Box<str>> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme_ok = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let printable = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\'));
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = split_port(host_port)?;
    let port_ok = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok());
    (scheme_ok && printable && port_ok && is_host(host)).then(|| text.into())
}

fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(end) = text.starts_with('[').then(|| text.find(']')).flatten() else {
        return Some(text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))));
    };
    let (host, tail) = text.split_at(end + 1);
    match tail {
        "" => Some((host, None)),
        _ => tail.strip_prefix(':').map(|port| (host, Some(port))),
    }
}

/// A domain name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_domain(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_top_level_domain_is_never_cut_inside_a_character() {
        assert_eq!(email("x@example.\u{a1}\u{10d69}"), None);
        assert_eq!(email("x@example.xn--p1ai").as_deref(), Some("x@example.xn--p1ai"));
    }
}
