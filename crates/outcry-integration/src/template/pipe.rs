//! What can be done to a value between the lead and the request.

pub(crate) mod date;
pub(crate) mod number;
pub(crate) mod phone;
pub(crate) mod text;

use super::digest::Hash;
use super::path::Source;
use super::{Scope, Val};
use crate::table::{Cell, Table};
use outcry_core::value::Decimal;
use phone::PhoneStyle;
use std::borrow::Cow;
use std::sync::Arc;

/// One pipe, with its arguments checked. A missing value stays missing, except where noted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pipe {
    Text(text::Change),
    /// HMAC with this key.
    Keyed(Hash, Operand),
    /// A number, if it reads as one.
    Number,
    Math(number::Work),
    Fold(number::Fold),
    RangeEnd(number::RangeEnd),
    /// The word of the highest of these bounds that the number reaches.
    Bands(Box<[(i128, Box<str>)]>, Option<Box<str>>),
    Date(date::Work),
    Phone(PhoneStyle),
    /// Words for words.
    Words(Box<[(Box<str>, Box<str>)]>, Otherwise),
    /// Words for words, by a table of the file and perhaps by further values.
    Table(Arc<Table>, Box<[Operand]>),
    /// These words for yes and no.
    YesNo(Box<str>, Box<str>),
    Question(Question),
    /// Missing if it is one of these words.
    Drop(Box<[Box<str>]>),
    /// Taken when the value is missing or blank.
    Default(Box<str>),
    /// This source is taken when the value is missing or blank; `number` if it is a parameter of that kind.
    Or {
        source: Source,
        number: bool,
    },
    /// Null when the value is missing.
    Null,
    Join(Box<str>),
    Split(Box<str>),
    First,
    Last,
    Item(usize),
    /// Each text once.
    Unique,
    /// How many rows or texts; zero when missing.
    Count,
}

/// A yes or no about a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Question {
    /// Has the lead a value for it? Missing is no.
    Exists,
    /// Said as a boolean.
    Bool,
    Not,
    /// Is it one of these words?
    Is(Box<[Box<str>]>),
    Over(Operand),
    Under(Operand),
}

/// An argument: written in the file, or the value of something that a hole could name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Fixed(i128),
    Of(Source),
}

/// What becomes of a value that a word map does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    Missing,
    Keep,
    Word(Box<str>),
}

impl Operand {
    pub(crate) fn value<'a>(&self, scope: &Scope<'a>) -> Val<'a> {
        match self {
            Self::Fixed(number) => known(number::val(*number)),
            Self::Of(source) => source.value(scope),
        }
    }

    pub(crate) fn number(&self, scope: &Scope<'_>) -> Option<i128> {
        match self {
            Self::Fixed(number) => Some(*number),
            Self::Of(source) => number::billionths(&source.value(scope)),
        }
    }

    /// A whole number; nothing behind the point counts.
    pub(crate) fn whole(&self, scope: &Scope<'_>) -> Option<i64> {
        i64::try_from(self.number(scope)? / 1_000_000_000).ok()
    }

    const fn is_settled_by_params(&self) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Of(source) => source.is_param(),
        }
    }
}

impl Pipe {
    /// Does it look at nothing but parameters, so that its result never changes for a contract?
    pub(crate) fn is_settled_by_params(&self) -> bool {
        match self {
            Self::Date(work) => !work.looks_at_the_clock() && work.operand().is_none_or(Operand::is_settled_by_params),
            Self::Math(work) => work.operand().is_none_or(Operand::is_settled_by_params),
            Self::Keyed(_, operand) | Self::Question(Question::Over(operand) | Question::Under(operand)) => operand.is_settled_by_params(),
            Self::Table(_, operands) => operands.iter().all(Operand::is_settled_by_params),
            Self::Or { source, .. } => source.is_param(),
            _ => true,
        }
    }

    /// The value after this pipe.
    pub(crate) fn apply<'a>(&'a self, value: Val<'a>, scope: &Scope<'a>) -> Val<'a> {
        match self {
            Self::Default(text) if value.is_missing() || value.is_blank() => Val::Text(Cow::Borrowed(text)),
            Self::Or { source, number: is } if value.is_missing() || value.is_blank() => {
                let other = source.value(scope);
                if *is { number(other) } else { other }
            }
            Self::Null if value.is_missing() => Val::Null,
            Self::Count => count(&value),
            Self::Question(Question::Exists) => Val::Bool(exists(&value)),
            Self::Default(_) | Self::Or { .. } | Self::Null => value,
            Self::Table(table, further) => look_up(value, table, further, scope),
            _ if matches!(value, Val::Missing | Val::Null) => value,
            Self::Text(change) => text(value, |text| change.of(text)),
            Self::Keyed(hash, key) => {
                let key = key.value(scope).into_text();
                text(value, |text| Some(Cow::Owned(hash.keyed(key.as_deref()?, &text))))
            }
            Self::Number => number(value),
            Self::Math(work) => known(work.of(&value, scope)),
            Self::Fold(fold) => known(fold.of(&value)),
            Self::RangeEnd(end) => known(value.into_text().and_then(|text| end.of(&text))),
            Self::Bands(bands, otherwise) => known(band(&value, bands, otherwise.as_deref())),
            Self::Date(work) => known(work.of(&value, scope)),
            Self::Phone(style) => text(value, |text| style.of(&text).map(Cow::Owned)),
            Self::Words(map, otherwise) => words(value, map, otherwise),
            Self::YesNo(yes, no) => known(value.as_bool().map(|is| Val::Text(Cow::Borrowed(if is { yes } else { no })))),
            Self::Question(question) => known(question.of(&value, scope).map(Val::Bool)),
            Self::Drop(words) if words.iter().any(|word| value.is_word(word)) => Val::Missing,
            Self::Drop(_) => value,
            Self::Split(by) => known(value.into_text().map(|text| split(&text, by))),
            Self::Join(_) | Self::First | Self::Last | Self::Item(_) | Self::Unique => self.of_several(value),
        }
    }

    /// Of several texts; a single value stays what it is.
    fn of_several<'a>(&self, value: Val<'a>) -> Val<'a> {
        let Val::Texts(mut texts) = value else { return value };
        let one = |text: Option<&Cow<'a, str>>| known(text.cloned().map(Val::Text));
        match self {
            Self::Join(by) => Val::owned(texts.join(by)),
            Self::First => one(texts.first()),
            Self::Last => one(texts.last()),
            Self::Item(at) => one(texts.get(*at)),
            _ => {
                let mut seen = std::collections::HashSet::new();
                texts.retain(|text| seen.insert(text.clone()));
                Val::Texts(texts)
            }
        }
    }
}

impl Question {
    fn of<'a>(&self, value: &Val<'a>, scope: &Scope<'a>) -> Option<bool> {
        let compare = |operand: &Operand| Some(number::billionths(value)?.cmp(&operand.number(scope)?));
        match self {
            Self::Exists => Some(true),
            Self::Bool => value.as_bool(),
            Self::Not => value.as_bool().map(|yes| !yes),
            Self::Is(words) => Some(words.iter().any(|word| value.is_word(word))),
            Self::Over(bound) => compare(bound).map(std::cmp::Ordering::is_gt),
            Self::Under(bound) => compare(bound).map(std::cmp::Ordering::is_lt),
        }
    }
}

fn known(value: Option<Val<'_>>) -> Val<'_> {
    value.unwrap_or(Val::Missing)
}

/// Works on text; each text of several by itself.
fn text<'a>(value: Val<'a>, change: impl Fn(Cow<'a, str>) -> Option<Cow<'a, str>>) -> Val<'a> {
    match value {
        Val::Texts(texts) => Val::Texts(texts.into_iter().filter_map(change).collect()),
        other => known(other.into_text().and_then(change).map(Val::Text)),
    }
}

fn split<'a>(text: &str, by: &str) -> Val<'a> {
    Val::Texts(text.split(by).map(|part| Cow::Owned(part.trim().to_owned())).collect())
}

fn number(value: Val<'_>) -> Val<'_> {
    match value {
        Val::Text(text) => known(Decimal::parse(text.trim()).map(Val::Decimal)),
        Val::Bool(yes) => Val::Int(i64::from(yes)),
        Val::Int(_) | Val::Decimal(_) | Val::Money(_) => value,
        _ => Val::Missing,
    }
}

/// Nothing, null, blank text and an empty list are no value.
fn exists(value: &Val<'_>) -> bool {
    match value {
        Val::Missing | Val::Null => false,
        Val::List(rows) => !rows.is_empty(),
        Val::Rows(rows) => !rows.is_empty(),
        Val::Texts(texts) => !texts.is_empty(),
        value => !value.is_blank(),
    }
}

fn count<'a>(value: &Val<'a>) -> Val<'a> {
    let count = match value {
        Val::List(rows) => rows.len(),
        Val::Rows(rows) => rows.len(),
        Val::Texts(texts) => texts.len(),
        Val::Missing | Val::Null => 0,
        _ => 1,
    };
    known(i64::try_from(count).ok().map(Val::Int))
}

fn band<'a>(value: &Val<'_>, bands: &'a [(i128, Box<str>)], otherwise: Option<&'a str>) -> Option<Val<'a>> {
    let number = number::billionths(value)?;
    let reached = bands.iter().rev().find(|(bound, _)| *bound <= number).map(|(_, word)| &**word);
    reached.or(otherwise).map(|word| Val::Text(Cow::Borrowed(word)))
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

/// The cell that the value and the further ones lead to. A missing value leads to `else`; of several texts each is
/// looked up.
fn look_up<'a>(value: Val<'a>, table: &'a Table, further: &[Operand], scope: &Scope<'a>) -> Val<'a> {
    let find = |word: Option<Cow<'a, str>>| {
        let rest = further.iter().map(|operand| operand.value(scope).into_text());
        table.find(std::iter::once(word).chain(rest))
    };
    match value {
        Val::Texts(texts) => {
            let cells = texts.into_iter().filter_map(|text| find(Some(text)));
            Val::Texts(cells.filter_map(|cell| written(cell).into_text()).collect())
        }
        Val::Bool(yes) => {
            let said = if yes { ["yes", "true"] } else { ["no", "false"] };
            let found = said.into_iter().find(|word| table.has(word)).unwrap_or(said[0]);
            find(Some(Cow::Borrowed(found))).map_or(Val::Missing, written)
        }
        other => find(other.into_text()).map_or(Val::Missing, written),
    }
}

fn written(cell: &Cell) -> Val<'_> {
    match cell {
        Cell::Text(text) => Val::Text(Cow::Borrowed(text)),
        Cell::Number(number) => Val::Decimal(*number),
        Cell::Flag(yes) => Val::Bool(*yes),
        Cell::Table(_) => Val::Missing,
    }
}
