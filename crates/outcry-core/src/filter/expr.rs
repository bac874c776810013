//! A filter as it was written: a tree of conditions, kept as data, and its canonical text.
//!
//! Knows nothing of lead types: whether the fields exist is asked when a filter is compiled.

use super::known::Length;
use crate::value::Decimal;
use std::fmt;
use std::sync::Arc;

/// One condition, with the place it was read from.
///
/// Made by [`parse`](super::parse()) and [`Expr::both`] only, so that [`Display`](fmt::Display) can promise: the text it
/// prints parses back to an equal tree. Two trees are equal when they say the same thing in the same shape; places
/// are not compared.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(super) node: Node,
    pub(super) at: usize,
}

/// What a condition says.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All of two or more hold.
    And(Vec<Expr>),
    /// One of two or more holds.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A list has a row for which it holds.
    AnyRow(Arc<str>, Box<Expr>),
    /// A list has no row for which it does not hold.
    AllRows(Arc<str>, Box<Expr>),
    /// Something about one value.
    Test(Subject, Is),
}

/// The value a test looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A field, or a ping output of a field, by name.
    Field(Arc<str>),
    /// `age(dob)`: whole years from that date to now, in UTC.
    Age(Arc<str>),
    /// `zip3(zip)`: the first three digits.
    Zip3(Arc<str>),
    /// `count(drivers)`: how many rows.
    Count(Arc<str>),
    /// `county(zip)`: the county of a ZIP code.
    County(Arc<str>),
    /// `days_since(consent_at)`: whole units between a date or moment and now.
    Since(Count, Arc<str>),
    /// `hour("America/New_York")`: what the clocks of a zone show.
    Clock(Reading, Arc<str>),
}

/// In what the time to or from a moment is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// `minutes_since`
    MinutesSince,
    /// `hours_since`
    HoursSince,
    /// `days_since`
    DaysSince,
    /// `days_until`
    DaysUntil,
}

/// What a filter reads off a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// `hour`: 0 to 23.
    Hour,
    /// `weekday`: `mon` to `sun`.
    Weekday,
    /// `date`
    Date,
}

impl Count {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::MinutesSince, Self::HoursSince, Self::DaysSince, Self::DaysUntil];

    /// As written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MinutesSince => "minutes_since",
            Self::HoursSince => "hours_since",
            Self::DaysSince => "days_since",
            Self::DaysUntil => "days_until",
        }
    }
}

impl Reading {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Hour, Self::Weekday, Self::Date];

    /// As written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Date => "date",
        }
    }
}

/// What a test asks of its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Is {
    /// A bare field: it is true.
    Yes,
    /// The lead has it.
    Present,
    /// The lead lacks it.
    Absent,
    /// `= != < <= > >=`
    Compared(Op, Literal),
    /// `in [..]`
    In(Vec<Literal>),
    /// `not in [..]`
    NotIn(Vec<Literal>),
    /// `between a and b`, both included.
    Between(Literal, Literal),
    /// `starts_with ".."`
    StartsWith(Arc<str>),
    /// `within 25 mi of "90210"`
    Within(Decimal, Length, Arc<str>),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A value as written. What it means depends on the field: a text may be a word, a state, a ZIP code or a date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// In double quotes.
    Text(Arc<str>),
    /// Exact.
    Number(Decimal),
    /// `true` or `false`.
    Bool(bool),
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Expr {
    /// What it says.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Where it begins, in bytes, in the text it was parsed from.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Holds where both hold.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        let at = self.at;
        Self {
            node: Node::And(vec![self, other]),
            at,
        }
    }

    /// The text as a person is shown it in a reason: as printed, with the middle of long lists left out.
    pub(super) fn brief(&self) -> String {
        struct Brief<'e>(&'e Expr);
        impl fmt::Display for Brief<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_expr(f, self.0, LIST_SHOWN)
            }
        }
        Brief(self).to_string()
    }
}

/// How many entries of a long list a reason shows. The reason is kept with every lead; forty thousand ZIP codes
/// are not.
const LIST_SHOWN: usize = 8;

impl Subject {
    /// The field it looks at; a clock looks at none.
    pub const fn field(&self) -> Option<&Arc<str>> {
        match self {
            Self::Field(name) | Self::Age(name) | Self::Zip3(name) | Self::Count(name) | Self::County(name) | Self::Since(_, name) => {
                Some(name)
            }
            Self::Clock(..) => None,
        }
    }
}

impl Op {
    /// As written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl Is {
    /// The operator as written.
    pub const fn operator(&self) -> &'static str {
        match self {
            Self::Yes => "a bare field",
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Compared(op, _) => op.sign(),
            Self::In(_) => "in",
            Self::NotIn(_) => "not in",
            Self::Between(..) => "between",
            Self::StartsWith(_) => "starts_with",
            Self::Within(..) => "within",
        }
    }

    /// The first text it compares with.
    pub(super) fn first_text(&self) -> Option<&Arc<str>> {
        let literal = match self {
            Self::Compared(_, literal) | Self::Between(literal, _) => Some(literal),
            Self::In(list) | Self::NotIn(list) => list.first(),
            Self::Yes | Self::Present | Self::Absent | Self::StartsWith(_) | Self::Within(..) => None,
        };
        match literal {
            Some(Literal::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Expr {
    /// The canonical text: one space between words, parentheses where two of `and`, `or`, `not` meet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_expr(f, self, usize::MAX)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Age(name) => write!(f, "age({name})"),
            Self::Zip3(name) => write!(f, "zip3({name})"),
            Self::Count(name) => write!(f, "count({name})"),
            Self::County(name) => write!(f, "county({name})"),
            Self::Since(count, name) => write!(f, "{}({name})", count.word()),
            Self::Clock(reading, zone) => {
                write!(f, "{}(", reading.word())?;
                write_text(f, zone)?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write_text(f, text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(yes) => write!(f, "{yes}"),
        }
    }
}

/// Writes a text in double quotes.
pub(super) fn write_text(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let mut rest = text;
    while let Some(special) = rest.find(['"', '\\']) {
        f.write_str(&rest[..special])?;
        f.write_char('\\')?;
        f.write_str(&rest[special..=special])?;
        rest = &rest[special + 1..];
    }
    f.write_str(rest)?;
    f.write_char('"')
}

fn write_expr(f: &mut fmt::Formatter<'_>, expr: &Expr, shown: usize) -> fmt::Result {
    match &expr.node {
        Node::And(parts) => write_joined(f, parts, " and ", shown),
        Node::Or(parts) => write_joined(f, parts, " or ", shown),
        Node::Not(inner) => {
            f.write_str("not ")?;
            match &inner.node {
                Node::Not(_) | Node::AnyRow(..) | Node::AllRows(..) | Node::Test(_, Is::Yes | Is::Present | Is::Absent) => {
                    write_expr(f, inner, shown)
                }
                Node::And(_) | Node::Or(_) | Node::Test(..) => write_grouped(f, inner, shown),
            }
        }
        Node::AnyRow(list, each) => write_rows(f, "any", list, each, shown),
        Node::AllRows(list, each) => write_rows(f, "all", list, each, shown),
        Node::Test(subject, Is::Yes) => write!(f, "{subject}"),
        Node::Test(subject, Is::Present) => write!(f, "present({subject})"),
        Node::Test(subject, Is::Absent) => write!(f, "absent({subject})"),
        Node::Test(subject, is) => {
            write!(f, "{subject} {} ", is.operator())?;
            match is {
                Is::Compared(_, literal) => write!(f, "{literal}"),
                Is::In(list) | Is::NotIn(list) => write_list(f, list, shown),
                Is::Between(from, to) => write!(f, "{from} and {to}"),
                Is::StartsWith(prefix) => write_text(f, prefix),
                Is::Within(number, length, zip) => {
                    write!(f, "{number} {} of ", length.word())?;
                    write_text(f, zip)
                }
                Is::Yes | Is::Present | Is::Absent => Ok(()),
            }
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], word: &str, shown: usize) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part.node {
            Node::And(_) | Node::Or(_) => write_grouped(f, part, shown)?,
            Node::Not(_) | Node::AnyRow(..) | Node::AllRows(..) | Node::Test(..) => write_expr(f, part, shown)?,
        }
    }
    Ok(())
}

fn write_grouped(f: &mut fmt::Formatter<'_>, expr: &Expr, shown: usize) -> fmt::Result {
    f.write_str("(")?;
    write_expr(f, expr, shown)?;
    f.write_str(")")
}

fn write_rows(f: &mut fmt::Formatter<'_>, word: &str, list: &str, each: &Expr, shown: usize) -> fmt::Result {
    write!(f, "{word}({list}, ")?;
    write_expr(f, each, shown)?;
    f.write_str(")")
}

fn write_list(f: &mut fmt::Formatter<'_>, list: &[Literal], shown: usize) -> fmt::Result {
    f.write_str("[")?;
    for (at, literal) in list.iter().take(shown).enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{literal}")?;
    }
    if list.len() > shown {
        write!(f, ", … {} more", list.len() - shown)?;
    }
    f.write_str("]")
}
