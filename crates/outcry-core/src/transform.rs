//! The fifteen transforms: what a ping may say of a value that itself stays home.
//!
//! Pure functions of a value and the moment of the ping. Dates are compared in UTC; a bracket includes its
//! lower bound and ends just before the next one.

use crate::field::Transform;
use crate::moment::Moment;
use crate::ping_view::PingValue;
use crate::value::{Decimal, Value};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Age bands when a lead type names none.
pub const AGE_BOUNDS: [i64; 7] = [18, 25, 35, 45, 55, 65, 75];
/// Bands of days gone by when a lead type names none.
pub const DAYS_AGO_BOUNDS: [i64; 8] = [0, 31, 91, 181, 366, 731, 1096, 1461];
/// Bands of days to come when a lead type names none.
pub const DAYS_UNTIL_BOUNDS: [i64; 5] = [0, 16, 31, 61, 91];

const ELAPSED: [(i64, &str); 5] = [
    (60_000, "0-60s"),
    (5 * 60_000, "1-5m"),
    (60 * 60_000, "5-60m"),
    (24 * 3_600_000, "1-24h"),
    (7 * 24 * 3_600_000, "1-7d"),
];
const ELAPSED_LAST: &str = "over_7d";
const DEVICES: [&str; 3] = ["mobile", "tablet", "desktop"];

impl Transform {
    /// What leaves in place of `value` at the moment `now`.
    ///
    /// An absent value gives nothing, save [`Transform::Present`], which gives false. A value of a kind the
    /// transform cannot read gives nothing either; lead type files are checked for that.
    pub fn apply(&self, value: Option<&Value>, now: Moment) -> Option<PingValue> {
        if matches!(self, Self::Present) {
            return Some(PingValue::Bool(value.is_some_and(is_something)));
        }
        let value = value?;
        match self {
            Self::AgeBracket(bounds) => Some(text(bracket(age(date_of(value)?, now), bounds).as_str())),
            Self::AgeAtLeast(years) => Some(PingValue::Bool(age(date_of(value)?, now) >= *years)),
            Self::Year => Some(PingValue::Int(i64::from(date_of(value)?.year()))),
            Self::DaysAgoBracket(bounds) => Some(text(bracket(-days_until(date_of(value)?, now), bounds).as_str())),
            Self::DaysUntilBracket(bounds) => Some(text(days_until_bracket(days_until(date_of(value)?, now), bounds).as_str())),
            Self::ElapsedBracket => Some(text(elapsed_bracket(value, now)?)),
            Self::Zip3 => Some(text(text_of(value)?.get(..3)?)),
            Self::RoundTo(step) => round_to(value, *step),
            Self::AmountBracket(bounds) => Some(text(bracket(whole(value)?, bounds).as_str())),
            Self::UrlHost => Some(text(&url_host(text_of(value)?)?)),
            Self::Present => None,
            Self::TextId => Some(text(&text_id(text_of(value)?))),
            Self::DeviceClass => Some(text(device_class(text_of(value)?))),
            Self::IpPrefix => Some(text(&ip_prefix(text_of(value)?.parse().ok()?))),
            Self::Count => match value {
                Value::List(rows) => Some(PingValue::Int(i64::try_from(rows.len()).ok()?)),
                _ => None,
            },
        }
    }

    /// The output a source sent in place of the field, on its way out. A rounded amount is rounded again, so
    /// that a source cannot give away more than the lead type allows.
    pub(crate) fn regive(&self, given: &Value) -> Option<PingValue> {
        match (self, given) {
            (Self::RoundTo(step), _) => round_to(given, *step),
            (_, Value::Bool(yes)) => Some(PingValue::Bool(*yes)),
            (_, Value::Int(number)) => Some(PingValue::Int(*number)),
            (_, Value::Text(label)) => Some(text(label)),
            (_, Value::Decimal(_) | Value::Date(_) | Value::Stamp(_) | Value::List(_)) => None,
        }
    }

    /// Every text this transform can give, where that is a closed list.
    pub fn labels(&self) -> Option<Vec<String>> {
        match self {
            Self::AgeBracket(bounds) | Self::DaysAgoBracket(bounds) | Self::AmountBracket(bounds) => Some(bracket_labels(bounds)),
            Self::DaysUntilBracket(bounds) => {
                let mut labels = bracket_labels(bounds);
                if bounds.first().is_some_and(|first| *first <= 0) {
                    labels.remove(0);
                }
                labels.insert(0, PAST.to_owned());
                Some(labels)
            }
            Self::ElapsedBracket => Some(
                ELAPSED
                    .iter()
                    .map(|(_, label)| *label)
                    .chain([ELAPSED_LAST])
                    .map(str::to_owned)
                    .collect(),
            ),
            Self::DeviceClass => Some(DEVICES.map(str::to_owned).to_vec()),
            Self::AgeAtLeast(_)
            | Self::Year
            | Self::Zip3
            | Self::RoundTo(_)
            | Self::UrlHost
            | Self::Present
            | Self::TextId
            | Self::IpPrefix
            | Self::Count => None,
        }
    }

    /// May the text this transform gives repeat something a person typed? What it builds itself cannot.
    pub(crate) const fn echoes_text(&self) -> bool {
        matches!(self, Self::UrlHost)
    }
}

const PAST: &str = "past";

fn text(text: &str) -> PingValue {
    PingValue::Text(Arc::from(text))
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Text(text) => !text.is_empty(),
        Value::List(rows) => !rows.is_empty(),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Date(_) | Value::Stamp(_) => true,
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn date_of(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::Stamp(stamp) => Some(stamp.at.date_utc()),
        _ => None,
    }
}

/// A number without its decimals, rounded down.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Decimal(number) => Some(number.digits.div_euclid(10_i64.checked_pow(u32::from(number.scale))?)),
        _ => None,
    }
}

/// Completed years at `now`. Who was born on 29 February turns a year older on 1 March of a common year.
pub(crate) fn age(born: Date, now: Moment) -> i64 {
    let today = now.date_utc();
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    i64::from(today.year()) - i64::from(born.year()) - i64::from(before_birthday)
}

/// Days from today to a date; negative when it has passed.
fn days_until(date: Date, now: Moment) -> i64 {
    day_number(date) - day_number(now.date_utc())
}

/// Days in the proleptic Gregorian calendar since 1970-01-01 (H. Hinnant, "`days_from_civil`"). Two
/// subtractions of these cost far less than a calendar span.
fn day_number(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `35-44`, `64`, `75+`, `under_18`. Bounds rise strictly; an empty list gives an empty text.
fn bracket(number: i64, bounds: &[i64]) -> Label {
    let above = bounds.partition_point(|bound| *bound <= number);
    bracket_label(above, bounds)
}

/// The label of the bracket with so many bounds at or below it.
fn bracket_label(above: usize, bounds: &[i64]) -> Label {
    match (above.checked_sub(1).and_then(|at| bounds.get(at)), bounds.get(above)) {
        (None, None) => Label::of(format_args!("")),
        (None, Some(first)) => Label::of(format_args!("under_{first}")),
        (Some(last), None) => Label::of(format_args!("{last}+")),
        (Some(low), Some(next)) if low + 1 == *next => Label::of(format_args!("{low}")),
        (Some(low), Some(next)) => Label::of(format_args!("{low}-{}", next - 1)),
    }
}

fn bracket_labels(bounds: &[i64]) -> Vec<String> {
    (0..=bounds.len())
        .map(|above| bracket_label(above, bounds).as_str().to_owned())
        .collect()
}

/// A short text on the stack: a ping has half a dozen brackets, and each would cost two allocations more.
struct Label {
    bytes: [u8; 48],
    length: usize,
}

impl Label {
    /// Two 64-bit numbers and what stands between them always fit; what does not fit is cut.
    fn of(text: fmt::Arguments<'_>) -> Self {
        let mut label = Self { bytes: [0; 48], length: 0 };
        let _ = fmt::Write::write_fmt(&mut label, text);
        label
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Label {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        self.bytes
            .get_mut(self.length..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}

fn days_until_bracket(days: i64, bounds: &[i64]) -> Label {
    let past = days < 0 && bounds.first().is_none_or(|first| days < *first);
    if past {
        Label::of(format_args!("{PAST}"))
    } else {
        bracket(days, bounds)
    }
}

/// A moment in the future counts as just now: a source's clock may run ahead.
fn elapsed_bracket(value: &Value, now: Moment) -> Option<&'static str> {
    let Value::Stamp(stamp) = value else { return None };
    let elapsed_ms = now.since_ms(stamp.at);
    Some(
        ELAPSED
            .iter()
            .find(|(end, _)| elapsed_ms < *end)
            .map_or(ELAPSED_LAST, |(_, label)| label),
    )
}

/// The nearest multiple of `step`, half up: 415,000 goes to 420,000 by tens of thousands.
fn round_to(value: &Value, step: i64) -> Option<PingValue> {
    let nearest = |digits: i64, unit: i128| {
        let step = i128::from(step.max(1));
        let rounded = (2 * i128::from(digits) + step * unit).div_euclid(2 * step * unit) * step;
        i64::try_from(rounded).ok()
    };
    match value {
        Value::Int(number) => nearest(*number, 1).map(PingValue::Int),
        Value::Decimal(number) => {
            nearest(number.digits, 10_i128.pow(u32::from(number.scale))).map(|n| PingValue::Decimal(Decimal::from(n)))
        }
        _ => None,
    }
}

/// Host in lower case, without user, port, path or query.
pub(crate) fn url_host(url: &str) -> Option<Cow<'_, str>> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if host.starts_with('[') {
        host.split_inclusive(']').next()?
    } else {
        host.split(':').next()?
    };
    let lower = !host.bytes().any(|b| b.is_ascii_uppercase());
    (!host.is_empty()).then(|| {
        if lower {
            Cow::Borrowed(host)
        } else {
            Cow::Owned(host.to_ascii_lowercase())
        }
    })
}

/// The first 16 hex digits of SHA-256 of the text, in lower case, white space made single and trimmed.
pub(crate) fn text_id(text: &str) -> String {
    let digest = Sha256::digest(normalised(text));
    let hex = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    digest[..8].iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect()
}

/// A text in lower case, white space single and trimmed.
pub(crate) fn normalised(text: &str) -> String {
    if text.is_ascii() {
        let mut normal = Vec::with_capacity(text.len());
        normal_ascii(text.as_bytes(), &mut normal);
        return String::from_utf8(normal).expect("ASCII in lower case is ASCII");
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// One pass over the bytes: consent texts are long, and most are plain.
fn normal_ascii(text: &[u8], normal: &mut Vec<u8>) {
    // the characters below the space that count as white space to `char::is_whitespace`: tab to carriage return
    let is_space = |byte: u8| matches!(byte, b' ' | 0x09..=0x0d);
    for (at, byte) in text.iter().enumerate() {
        if !is_space(*byte) {
            normal.push(byte.to_ascii_lowercase());
        } else if at > 0 && !is_space(text[at - 1]) {
            normal.push(b' ');
        }
    }
    if normal.last() == Some(&b' ') {
        normal.pop();
    }
}

/// Tablets say so, or are an iPad, or run Android without saying `Mobile`.
fn device_class(agent: &str) -> &'static str {
    let bytes = agent.as_bytes();
    let mut says = Says::default();
    for (at, byte) in bytes.iter().enumerate() {
        // one pass: a user agent has some 150 bytes and five searches would cost more than the rest of the ping
        match byte.to_ascii_lowercase() {
            b'i' => {
                says.tablet |= starts(&bytes[at..], b"ipad");
                says.mobile |= starts(&bytes[at..], b"iphone") || starts(&bytes[at..], b"ipod");
            }
            b't' => says.tablet |= starts(&bytes[at..], b"tablet"),
            b'k' => says.tablet |= starts(&bytes[at..], b"kindle"),
            b'm' => says.mobile |= starts(&bytes[at..], b"mobile") || starts(&bytes[at..], b"mobi"),
            b'a' => says.android |= starts(&bytes[at..], b"android"),
            _ => {}
        }
    }
    let [mobile, tablet, desktop] = DEVICES;
    match says {
        Says { tablet: true, .. } => tablet,
        Says { mobile: true, .. } => mobile,
        Says { android: true, .. } => tablet,
        Says { .. } => desktop,
    }
}

/// What a user agent says of itself.
#[derive(Default)]
struct Says {
    mobile: bool,
    tablet: bool,
    android: bool,
}

fn starts(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// The /24 network of an IPv4 address, the /48 network of an IPv6 one.
fn ip_prefix(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_id_whatever_its_case_and_white_space() {
        let plain = text_id("by pressing get quotes i agree");
        assert_eq!(plain, "0b7faf3c522b82d4");
        for same in [
            "By pressing  Get Quotes\n I agree",
            "\t BY PRESSING GET QUOTES I AGREE \r\n",
            "By\u{a0}pressing get quotes I\u{2003}agree",
        ] {
            assert_eq!(text_id(same), plain, "{same}");
        }
        assert_ne!(text_id("by pressing get quote i agree"), plain);
    }

    #[test]
    fn each_bound_belongs_to_the_bracket_it_opens() {
        for (number, label) in [
            (-1, "under_0"),
            (0, "0-14"),
            (14, "0-14"),
            (15, "15"),
            (16, "16-29"),
            (30, "30+"),
            (i64::MAX, "30+"),
        ] {
            assert_eq!(bracket(number, &[0, 15, 16, 30]).as_str(), label);
        }
        assert_eq!(
            bracket(5, &[i64::MIN + 1, i64::MAX]).as_str(),
            "-9223372036854775807-9223372036854775806"
        );
        assert_eq!(days_until_bracket(-1, &DAYS_UNTIL_BOUNDS).as_str(), "past");
        assert_eq!(days_until_bracket(5, &[10, 20]).as_str(), "under_10");
    }

    #[test]
    fn devices_are_told_apart_by_what_they_say() {
        for (agent, class) in [
            ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari/537.36", "mobile"),
            ("Mozilla/5.0 (Linux; Android 15; SM-X710) Safari/537.36", "tablet"),
            ("Mozilla/5.0 (iPod touch)", "mobile"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0)", "desktop"),
            ("", "desktop"),
        ] {
            assert_eq!(device_class(agent), class, "{agent}");
        }
    }

    #[test]
    fn a_birthday_on_a_leap_day_comes_on_the_first_of_march() {
        let born = jiff::civil::date(2004, 2, 29);
        let on = |text: &str| age(born, crate::moment::Stamp::parse(text).unwrap().at);
        assert_eq!(
            (on("2026-02-28T23:59:59Z"), on("2026-03-01T00:00:00Z"), on("2028-02-29T00:00:00Z")),
            (21, 22, 24)
        );
    }

    #[test]
    fn days_are_counted_across_years_and_centuries() {
        for (from, to, days) in [
            ("2026-11-23", "2027-01-15", 53),
            ("1999-12-31", "2000-03-01", 61),
            ("1900-02-28", "1900-03-01", 1),
        ] {
            let number = |text: &str| day_number(text.parse().unwrap());
            assert_eq!(number(to) - number(from), days);
        }
        assert_eq!(day_number(jiff::civil::date(1970, 1, 1)), 0);
    }
}
