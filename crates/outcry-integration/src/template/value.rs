//! A value on its way from the lead into a request.

use jiff::civil::Date;
use outcry_core::moment::Stamp;
use outcry_core::money::Money;
use outcry_core::value::Decimal;
use outcry_core::view::{Datum, Rows, View};
use std::borrow::Cow;
use std::fmt::Write;

/// What a hole gives. Text is borrowed from the lead wherever nothing was done to it.
#[derive(Clone)]
pub(crate) enum Val<'a> {
    /// The lead does not have it: the leaf is left out.
    Missing,
    /// Asked for by `| null`.
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Money(Money),
    Text(Cow<'a, str>),
    Date(Date),
    Stamp(Stamp),
    /// Several texts: of `drivers[*].gender`, or of `split`.
    Texts(Vec<Cow<'a, str>>),
    /// Rows as they are.
    List(&'a dyn Rows),
    /// Some of the rows of a list.
    Rows(Vec<&'a dyn View>),
    /// A whole view as it is.
    View(&'a dyn View),
}

impl<'a> From<Datum<'a>> for Val<'a> {
    fn from(datum: Datum<'a>) -> Self {
        match datum {
            Datum::Bool(yes) => Self::Bool(yes),
            Datum::Int(number) => Self::Int(number),
            Datum::Decimal(number) => Self::Decimal(number),
            Datum::Text(text) => Self::Text(Cow::Borrowed(text)),
            Datum::Date(date) => Self::Date(date),
            Datum::Stamp(stamp) => Self::Stamp(stamp),
            Datum::List(rows) => Self::List(rows),
        }
    }
}

impl<'a> Val<'a> {
    /// Text that nobody has to own.
    pub(crate) fn owned(text: impl Into<String>) -> Self {
        Self::Text(Cow::Owned(text.into()))
    }

    pub(crate) const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Text without a letter in it.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    /// Is it this word, whatever its capitals? Yes and no are also true and false.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        match self {
            Self::Bool(yes) => crate::read::yes_or_no(word) == Some(*yes),
            Self::Text(text) => text.trim().eq_ignore_ascii_case(word),
            other => other.clone().into_text().is_some_and(|text| text.eq_ignore_ascii_case(word)),
        }
    }

    /// Appends the value in its plainest words; false for rows, which have none.
    pub(crate) fn push_text(&self, out: &mut String) -> bool {
        // Writing into a `String` cannot fail.
        let _ = match self {
            Self::Missing | Self::Null => Ok(()),
            Self::Bool(yes) => out.write_str(if *yes { "true" } else { "false" }),
            Self::Int(number) => write!(out, "{number}"),
            Self::Decimal(number) => write!(out, "{number}"),
            Self::Money(amount) => write!(out, "{amount}"),
            Self::Text(text) => out.write_str(text),
            Self::Date(date) => write!(out, "{date}"),
            Self::Stamp(stamp) => write!(out, "{stamp}"),
            Self::Texts(texts) => out.write_str(&texts.join(", ")),
            Self::List(_) | Self::Rows(_) | Self::View(_) => return false,
        };
        true
    }

    /// The value as text; `None` for what is missing, null or rows.
    pub(crate) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Missing | Self::Null | Self::List(_) | Self::Rows(_) | Self::View(_) => None,
            other => {
                let mut text = String::new();
                other.push_text(&mut text);
                Some(Cow::Owned(text))
            }
        }
    }

    /// Yes or no, said as a boolean, a number or one of the usual words.
    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(yes) => Some(*yes),
            Self::Int(1) => Some(true),
            Self::Int(0) => Some(false),
            Self::Text(text) => crate::read::yes_or_no(text),
            _ => None,
        }
    }

    /// The calendar date, of a date, a moment on its own clock, or text in the form `2026-03-01`.
    pub(crate) fn as_date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            Self::Stamp(stamp) => Some(zoned(*stamp)?.date()),
            Self::Text(text) if text.len() == 10 => text.parse().ok(),
            Self::Text(text) => Some(zoned(Stamp::parse(text)?)?.date()),
            _ => None,
        }
    }
}

/// A moment on the wall clock it was written down by.
pub(crate) fn zoned(stamp: Stamp) -> Option<jiff::Zoned> {
    let offset = jiff::tz::Offset::from_seconds(i32::from(stamp.offset_minutes) * 60).ok()?;
    Some(
        jiff::Timestamp::from_millisecond(stamp.at.unix_ms())
            .ok()?
            .to_zoned(offset.to_time_zone()),
    )
}
