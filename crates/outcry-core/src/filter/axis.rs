//! The line that a kind of value lies on: what may be asked of it, how a literal is read, and which set the engine
//! compares with.

use super::eval::{Among, Case, Range, TextSet, ZipSet, billionths, date_key, digits};
use super::expr::{Is, Literal, Op};
use super::known::Known;
use super::problem::Trouble;
use super::spans::{LINE, Span, Spans};
use super::state_set::{STATES, StateSet, position};
use super::texts::{Texts, named};
use crate::field::{Field, Kind, Transform};
use crate::moment::Stamp;
use crate::validate::closest;
use crate::value::Decimal;
use std::sync::Arc;

/// A kind of value as a filter sees it, with the bounds the lead type sets.
pub(super) enum Axis {
    Flags,
    Whole(Span),
    Decimals(Span),
    Dates,
    Stamps,
    States,
    Zips,
    Zip3s,
    /// ZIP codes, by the names of their counties.
    Counties,
    Words(Vec<Arc<str>>),
    Texts,
    Rows,
}

impl Axis {
    pub(super) fn of_field(field: &Field) -> Self {
        match &field.kind {
            Kind::Bool => Self::Flags,
            Kind::Int => Self::Whole((field.bounds.min.map_or(LINE.0, ceiling), field.bounds.max.map_or(LINE.1, floor))),
            Kind::Decimal => Self::Decimals((
                field.bounds.min.map_or(LINE.0, billionths),
                field.bounds.max.map_or(LINE.1, billionths),
            )),
            Kind::Date => Self::Dates,
            Kind::DateTime => Self::Stamps,
            Kind::State => Self::States,
            Kind::Zip => Self::Zips,
            Kind::Enum(words) => Self::Words(words.clone()),
            Kind::String | Kind::Phone | Kind::Email | Kind::Ip | Kind::Url => Self::Texts,
            Kind::List(_) => Self::Rows,
        }
    }

    pub(super) fn of_output(field: &Field, transform: &Transform) -> Self {
        match transform {
            Transform::AgeAtLeast(_) | Transform::Present => Self::Flags,
            Transform::Count => Self::of_count(field),
            Transform::RoundTo(_) if matches!(field.kind, Kind::Decimal) => Self::Decimals(LINE),
            Transform::Year | Transform::RoundTo(_) => Self::Whole(LINE),
            Transform::Zip3 => Self::Zip3s,
            Transform::AgeBracket(_)
            | Transform::DaysAgoBracket(_)
            | Transform::DaysUntilBracket(_)
            | Transform::ElapsedBracket
            | Transform::AmountBracket(_)
            | Transform::DeviceClass
            | Transform::UrlHost
            | Transform::TextId
            | Transform::IpPrefix => transform
                .labels()
                .map_or(Self::Texts, |labels| Self::Words(labels.into_iter().map(Arc::from).collect())),
        }
    }

    /// A person grows older between the lead and the test, so only the least age bounds it.
    pub(super) fn of_age(field: &Field) -> Self {
        Self::Whole((field.bounds.min_age.map_or(LINE.0, i128::from), LINE.1))
    }

    pub(super) fn of_count(field: &Field) -> Self {
        let key = |count: usize| count as i128;
        Self::Whole((field.bounds.min_items.map_or(0, key), field.bounds.max_items.map_or(LINE.1, key)))
    }

    /// Where its values lie.
    pub(super) fn bounds(&self) -> Span {
        match self {
            Self::Flags => (0, 1),
            Self::Whole(bounds) | Self::Decimals(bounds) => *bounds,
            Self::States => (0, STATES as i128 - 1),
            Self::Zips | Self::Counties => (0, 99_999),
            Self::Zip3s => (0, 999),
            Self::Words(words) => (0, words.len() as i128 - 1),
            Self::Dates | Self::Stamps | Self::Texts | Self::Rows => LINE,
        }
    }

    /// The values for which a test holds, among those the lead can have.
    pub(super) fn spans(&self, subject: &Arc<str>, is: &Is, texts: &mut Texts, known: &Known) -> Result<Spans, Trouble> {
        let refused = || Trouble::Operator {
            subject: subject.clone(),
            kind: self.kind(),
            operator: is.operator(),
            allowed: self.tests(),
        };
        if !self.takes(is) {
            return Err(refused());
        }
        if matches!(self, Self::Counties) {
            return counties(is, known);
        }
        match is {
            Is::Within(number, length, zip) => known.around(length.metres(*number), zip),
            Is::Yes => Ok(Spans::of([(1, 1)])),
            Is::Compared(op, literal) => Ok(compared(*op, self.keys(subject, std::slice::from_ref(literal), texts)?[0])),
            Is::Between(from, to) => {
                let from = self.keys(subject, std::slice::from_ref(from), texts)?[0];
                let to = self.keys(subject, std::slice::from_ref(to), texts)?[0];
                Ok(Spans::of([(from, to)]))
            }
            Is::In(list) | Is::NotIn(list) => {
                let keys = self.keys(subject, list, texts)?;
                no_repeats(list, &keys)?;
                let listed = Spans::of(keys.into_iter().map(|key| (key, key)));
                Ok(if matches!(is, Is::In(_)) { listed } else { listed.complement() })
            }
            Is::StartsWith(prefix) => self.prefixed(subject, prefix),
            Is::Present | Is::Absent => Err(refused()),
        }
    }

    fn takes(&self, is: &Is) -> bool {
        let equality = matches!(is, Is::Compared(Op::Equal | Op::Unequal, _));
        let listed = equality || matches!(is, Is::In(_) | Is::NotIn(_));
        let ordered = listed || matches!(is, Is::Compared(..) | Is::Between(..));
        match self {
            Self::Flags => equality || matches!(is, Is::Yes),
            Self::Whole(_) | Self::Decimals(_) | Self::Dates | Self::Stamps => ordered,
            Self::Zips => ordered || matches!(is, Is::StartsWith(_) | Is::Within(..)),
            Self::States | Self::Zip3s | Self::Counties | Self::Words(_) => listed,
            Self::Texts => listed || matches!(is, Is::StartsWith(_)),
            Self::Rows => false,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Flags => "true or false",
            Self::Whole(_) => "a whole number",
            Self::Decimals(_) => "a number",
            Self::Dates => "a date",
            Self::Stamps => "a moment",
            Self::States => "a state",
            Self::Zips => "a ZIP code",
            Self::Zip3s => "the first three digits of a ZIP code",
            Self::Counties => "a county",
            Self::Words(_) => "one of a list of words",
            Self::Texts => "a text",
            Self::Rows => "a list",
        }
    }

    const fn tests(&self) -> &'static str {
        match self {
            Self::Flags => "`=` and `!=`, or stands alone",
            Self::Whole(_) | Self::Decimals(_) | Self::Dates | Self::Stamps => {
                "`=`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in` and `between`"
            }
            Self::Zips => "`=`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `between`, `starts_with` and `within`",
            Self::States | Self::Zip3s | Self::Counties | Self::Words(_) => "`=`, `!=`, `in` and `not in`",
            Self::Texts => "`=`, `!=`, `in`, `not in` and `starts_with`",
            Self::Rows => "`any(list, condition)`, `all(list, condition)`, `count(list)`, `present(list)` and `absent(list)`",
        }
    }

    fn keys(&self, subject: &Arc<str>, literals: &[Literal], texts: &mut Texts) -> Result<Vec<i128>, Trouble> {
        let keys: Vec<i128> = literals.iter().filter_map(|literal| self.key(literal, texts)).collect();
        if keys.len() == literals.len() {
            return Ok(keys);
        }
        let first = literals.iter().find(|literal| self.key(literal, texts).is_none());
        Err(Trouble::Values {
            subject: subject.clone(),
            kind: self.kind(),
            more: literals.len() - keys.len() - 1,
            write: first.map_or_else(String::new, |first| self.advice(first)).into(),
            first: first.map_or_else(String::new, Literal::to_string).into(),
        })
    }

    fn key(&self, literal: &Literal, texts: &mut Texts) -> Option<i128> {
        match (self, literal) {
            (Self::Flags, Literal::Bool(yes)) => Some(i128::from(*yes)),
            (Self::Whole(_), Literal::Number(Decimal { digits, scale: 0 })) => Some((*digits).into()),
            (Self::Decimals(_), Literal::Number(number)) => Some(billionths(*number)),
            (Self::Dates, Literal::Text(text)) if text.len() == 10 => text.parse().ok().map(|date| date_key(date).into()),
            (Self::Stamps, Literal::Text(text)) => Stamp::parse(text).map(|stamp| stamp.at.unix_ms().into()),
            (Self::States, Literal::Text(code)) => position(code).map(|at| at as i128),
            (Self::Zips, Literal::Text(zip)) => digits(zip, 5).map(i128::from),
            (Self::Zip3s, Literal::Text(zip)) => digits(zip, 3).map(i128::from),
            (Self::Words(words), Literal::Text(text)) => words.iter().position(|word| word == text).map(|at| at as i128),
            (Self::Texts, Literal::Text(text)) => Some(texts.key(text)),
            _ => None,
        }
    }

    fn advice(&self, wrong: &Literal) -> String {
        match (self, wrong) {
            (Self::Words(words), Literal::Text(wrong)) => match closest(wrong, words.iter().map(|word| &**word)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!(
                    "it has {}",
                    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
                ),
            },
            (Self::Flags, _) => "write `true` or `false`, without quotes".to_owned(),
            (Self::Whole(_), _) => "write a whole number, without quotes".to_owned(),
            (Self::Decimals(_), _) => "write a number, without quotes".to_owned(),
            (Self::Dates, _) => "write a date such as \"2026-01-31\"".to_owned(),
            (Self::Stamps, _) => "write a moment with its offset, such as \"2026-01-31T09:00:00-05:00\"".to_owned(),
            (Self::States, _) => "write the two capital letters of a state, such as \"CA\"".to_owned(),
            (Self::Zips, _) => "write five digits in double quotes, such as \"02139\"".to_owned(),
            (Self::Zip3s, _) => "write three digits in double quotes, such as \"021\"".to_owned(),
            (Self::Counties | Self::Words(_) | Self::Texts | Self::Rows, _) => "write a text in double quotes".to_owned(),
        }
    }

    /// ZIP codes that begin with these digits; free texts that do are not a set on a line.
    fn prefixed(&self, subject: &Arc<str>, prefix: &str) -> Result<Spans, Trouble> {
        let missing_digits = 5_u32.checked_sub(u32::try_from(prefix.len()).unwrap_or(u32::MAX));
        match (digits(prefix, prefix.len().clamp(1, 5)), missing_digits) {
            (Some(number), Some(missing_digits)) => {
                let unit = 10_i128.pow(missing_digits);
                let from = i128::from(number) * unit;
                Ok(Spans::of([(from, from + unit - 1)]))
            }
            _ => Err(Trouble::Values {
                subject: subject.clone(),
                kind: self.kind(),
                first: format!("something that begins with {}", Literal::Text(prefix.into())).into(),
                more: 0,
                write: "write one to five digits in double quotes".into(),
            }),
        }
    }

    /// The set to compare with.
    pub(super) fn among(&self, spans: &Spans, texts: &Texts) -> Among {
        match self {
            Self::Flags => Among::Flags {
                no: spans.has(0),
                yes: spans.has(1),
            },
            Self::Whole(_) => Among::Whole(Range::of(spans)),
            Self::Decimals(_) => Among::Decimals(spans.clone()),
            Self::Dates => Among::Dates(Range::of(spans)),
            Self::Stamps => Among::Stamps(Range::of(spans)),
            Self::States => Among::States(states(spans)),
            Self::Zips | Self::Counties => Among::Zips(ZipSet::of(spans)),
            Self::Zip3s => Among::Zip3s(Range::of(spans)),
            Self::Words(words) => text_set(spans, words, Case::Exact),
            Self::Texts => text_set(spans, texts.all(), Case::Folded),
            Self::Rows => Among::Whatever(!spans.is_empty()),
        }
    }
}

/// The ZIP codes of counties. One whose county is not known is in none, and outside of none either.
fn counties(is: &Is, known: &Known) -> Result<Spans, Trouble> {
    let (list, inside) = match is {
        Is::Compared(op, one) => (std::slice::from_ref(one), *op == Op::Equal),
        Is::In(list) => (&list[..], true),
        Is::NotIn(list) => (&list[..], false),
        _ => (&[][..], true),
    };
    let mut listed = Spans::none();
    for literal in list {
        let county = match literal {
            Literal::Text(name) => known.county(name)?,
            other => known.county(&other.to_string())?,
        };
        listed = listed.union(&county);
    }
    Ok(if inside {
        listed
    } else {
        known.with_county().intersect(&listed.complement())
    })
}

/// The states at these keys.
pub(super) fn states(spans: &Spans) -> StateSet {
    let mut states = StateSet::NONE;
    (0..STATES)
        .filter(|at| spans.has(*at as i128))
        .for_each(|at| states.insert_position(at));
    states
}

/// For a bracket of a number: the numbers that fall into the brackets at these keys.
pub(super) fn measured(transform: &Transform, spans: &Spans) -> Option<Range> {
    let bounds = match transform {
        Transform::AgeBracket(bounds) | Transform::DaysAgoBracket(bounds) | Transform::AmountBracket(bounds) => bounds,
        // Where the first bracket begins after today, a further one lies between it and the past.
        Transform::DaysUntilBracket(bounds) if bounds.first().is_some_and(|first| *first <= 0) => bounds,
        _ => return None,
    };
    let below = |bracket: usize| bounds.get(bracket).map_or(LINE.1, |next| i128::from(*next) - 1);
    let from = |bracket: usize| bracket.checked_sub(1).map_or(LINE.0, |at| i128::from(bounds[at]));
    let brackets = spans.within((0, bounds.len() as i128));
    let numbers = brackets
        .keys()
        .filter_map(|key| usize::try_from(key).ok())
        .map(|at| (from(at), below(at)));
    Some(Range::of(&Spans::of(numbers)))
}

fn text_set(spans: &Spans, words: &[Arc<str>], case: Case) -> Among {
    let (inside, texts) = named(spans, words);
    Among::Texts(TextSet::of(texts.into_iter(), case, inside))
}

fn compared(op: Op, key: i128) -> Spans {
    match op {
        Op::Equal => Spans::of([(key, key)]),
        Op::Unequal => Spans::of([(key, key)]).complement(),
        Op::Less => Spans::of([(LINE.0, key - 1)]),
        Op::AtMost => Spans::of([(LINE.0, key)]),
        Op::More => Spans::of([(key + 1, LINE.1)]),
        Op::AtLeast => Spans::of([(key, LINE.1)]),
    }
}

fn no_repeats(list: &[Literal], keys: &[i128]) -> Result<(), Trouble> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|at| keys[*at]);
    let mut repeats = order.windows(2).filter(|pair| keys[pair[0]] == keys[pair[1]]).map(|pair| pair[1]);
    match repeats.next() {
        Some(first) => Err(Trouble::Repeated {
            first: list[first].to_string().into(),
            more: repeats.count(),
        }),
        None => Ok(()),
    }
}

fn floor(number: Decimal) -> i128 {
    i128::from(number.digits).div_euclid(10_i128.pow(number.scale.into()))
}

fn ceiling(number: Decimal) -> i128 {
    -floor(Decimal {
        digits: -number.digits,
        scale: number.scale,
    })
}
