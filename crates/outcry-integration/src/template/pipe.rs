//! What can be done to a value between the lead and the request.

use super::value::zoned;
use super::{Scope, Val};
use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::value::Decimal;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// One pipe, with its arguments checked. A missing value stays missing, except where noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pipe {
    Upper,
    Lower,
    Trim,
    /// Only the digits 0 to 9.
    Digits,
    /// Text, even if it was a number.
    Text,
    /// A number, if it reads as one.
    Number,
    /// A date or moment in this `strftime` form.
    Date(Box<str>),
    Part(DatePart),
    /// Whole years until the call.
    Age,
    Phone(PhoneStyle),
    /// Words for words.
    Words(Box<[(Box<str>, Box<str>)]>, Otherwise),
    /// These words for yes and no.
    YesNo(Box<str>, Box<str>),
    /// Taken when the value is missing or blank.
    Default(Box<str>),
    /// Null when the value is missing.
    Null,
    Join(Box<str>),
    Split(Box<str>),
    First,
    Last,
    /// How many rows or texts; zero when missing.
    Count,
    /// The first so many letters.
    Take(usize),
    /// Lower-case hex of SHA-256.
    Sha256,
}

/// A part of a date, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year,
    Month,
    Day,
}

/// How a buyer wants its phone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhoneStyle {
    /// `3125550188`
    Us10,
    /// `312-555-0188`
    Dashes,
    /// `(312) 555-0188`
    Parens,
    /// `+13125550188`
    E164,
}

/// What becomes of a value that a word map does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    Missing,
    Keep,
    Word(Box<str>),
}

impl Pipe {
    /// Does its result depend on the moment of the call?
    pub(crate) const fn looks_at_the_clock(&self) -> bool {
        matches!(self, Self::Age)
    }

    /// The value after this pipe.
    pub(crate) fn apply<'a>(&'a self, value: Val<'a>, scope: &Scope<'a>) -> Val<'a> {
        match self {
            Self::Default(text) if value.is_missing() || value.is_blank() => Val::Text(Cow::Borrowed(text)),
            Self::Null if value.is_missing() => Val::Null,
            Self::Count => count(&value),
            Self::Default(_) | Self::Null => value,
            _ if matches!(value, Val::Missing | Val::Null) => value,
            Self::Upper => text(value, |text| text.to_uppercase().into()),
            Self::Lower => text(value, |text| text.to_lowercase().into()),
            Self::Trim => text(value, |text| text.trim().to_owned().into()),
            Self::Digits => text(value, |text| digits(&text).into()),
            Self::Text => text(value, |text| text),
            Self::Take(letters) => text(value, |text| text.chars().take(*letters).collect::<String>().into()),
            Self::Sha256 => text(value, |text| hex(&Sha256::digest(text.as_bytes())).into()),
            Self::Number => number(value),
            Self::Date(format) => known(strftime(&value, format).map(Val::owned)),
            Self::Part(part) => known(value.as_date().map(|date| Val::Int(part.of(date)))),
            Self::Age => known(value.as_date().map(|born| Val::Int(age(born, scope.call.now)))),
            Self::Phone(style) => known(value.into_text().and_then(|text| style.of(&text)).map(Val::owned)),
            Self::Words(map, otherwise) => words(value, map, otherwise),
            Self::YesNo(yes, no) => known(value.as_bool().map(|is| Val::Text(Cow::Borrowed(if is { yes } else { no })))),
            Self::Join(by) => match value {
                Val::Texts(texts) => Val::owned(texts.join(by)),
                other => other,
            },
            Self::Split(by) => known(value.into_text().map(|text| split(&text, by))),
            Self::First => end_of(value, |texts| texts.first().cloned()),
            Self::Last => end_of(value, |texts| texts.last().cloned()),
        }
    }
}

fn known(value: Option<Val<'_>>) -> Val<'_> {
    value.unwrap_or(Val::Missing)
}

/// Works on text; each text of several by itself.
fn text<'a>(value: Val<'a>, change: impl Fn(Cow<'a, str>) -> Cow<'a, str>) -> Val<'a> {
    match value {
        Val::Texts(texts) => Val::Texts(texts.into_iter().map(change).collect()),
        other => known(other.into_text().map(|text| Val::Text(change(text)))),
    }
}

fn split<'a>(text: &str, by: &str) -> Val<'a> {
    Val::Texts(text.split(by).map(|part| Cow::Owned(part.trim().to_owned())).collect())
}

fn end_of<'a>(value: Val<'a>, pick: impl Fn(&[Cow<'a, str>]) -> Option<Cow<'a, str>>) -> Val<'a> {
    match value {
        Val::Texts(texts) => known(pick(&texts).map(Val::Text)),
        other => other,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn hex(bytes: &[u8]) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes
        .iter()
        .flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]])
        .collect()
}

fn number(value: Val<'_>) -> Val<'_> {
    match value {
        Val::Text(text) => known(Decimal::parse(text.trim()).map(Val::Decimal)),
        Val::Bool(yes) => Val::Int(i64::from(yes)),
        Val::Int(_) | Val::Decimal(_) | Val::Money(_) => value,
        _ => Val::Missing,
    }
}

fn count<'a>(value: &Val<'a>) -> Val<'a> {
    let count = match value {
        Val::List(rows) => rows.len(),
        Val::Texts(texts) => texts.len(),
        Val::Missing | Val::Null => 0,
        _ => 1,
    };
    known(i64::try_from(count).ok().map(Val::Int))
}

fn words<'a>(value: Val<'a>, map: &'a [(Box<str>, Box<str>)], otherwise: &'a Otherwise) -> Val<'a> {
    let word = |key: &str| {
        map.iter()
            .find(|(from, _)| &**from == key)
            .map(|(_, to)| Val::Text(Cow::Borrowed(to)))
    };
    let found = match &value {
        // The file may say `yes=Y` or `true=Y`.
        Val::Bool(yes) => word(if *yes { "yes" } else { "no" }).or_else(|| word(if *yes { "true" } else { "false" })),
        other => other.clone().into_text().and_then(|text| word(&text)),
    };
    match (found, otherwise) {
        (Some(word), _) => word,
        (None, Otherwise::Keep) => value,
        (None, Otherwise::Word(word)) => Val::Text(Cow::Borrowed(word)),
        (None, Otherwise::Missing) => Val::Missing,
    }
}

/// A date or moment in a `strftime` form. A date alone is midnight UTC.
fn strftime(value: &Val<'_>, format: &str) -> Option<String> {
    let moment = match value {
        Val::Stamp(stamp) => zoned(*stamp)?,
        Val::Text(text) if text.len() > 10 => zoned(Stamp::parse(text)?)?,
        other => other.as_date()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?,
    };
    BrokenDownTime::from(&moment).to_string(format).ok()
}

/// Can this `strftime` form be written at all?
pub(crate) fn is_date_format(format: &str) -> bool {
    let sample = Val::Date(Date::constant(2026, 3, 1));
    !format.is_empty() && strftime(&sample, format).is_some()
}

/// Completed years. Who was born on 29 February turns a year older on 1 March of a common year.
fn age(born: Date, now: Moment) -> i64 {
    let today = now.date_utc();
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    i64::from(today.year()) - i64::from(born.year()) - i64::from(before_birthday)
}

impl DatePart {
    fn of(self, date: Date) -> i64 {
        match self {
            Self::Year => i64::from(date.year()),
            Self::Month => i64::from(date.month()),
            Self::Day => i64::from(date.day()),
        }
    }
}

impl PhoneStyle {
    /// A number in this style; `None` if it is not a number of the North American plan and the style needs one.
    fn of(self, text: &str) -> Option<String> {
        let all = digits(text);
        if self == Self::E164 && text.trim_start().starts_with('+') {
            return (!all.is_empty()).then(|| format!("+{all}"));
        }
        let ten = match all.len() {
            10 => &all,
            11 => all.strip_prefix('1')?,
            _ => return None,
        };
        let (area, exchange, line) = (&ten[..3], &ten[3..6], &ten[6..]);
        Some(match self {
            Self::Us10 => ten.to_owned(),
            Self::Dashes => format!("{area}-{exchange}-{line}"),
            Self::Parens => format!("({area}) {exchange}-{line}"),
            Self::E164 => format!("+1{ten}"),
        })
    }
}
