//! What a condition asks of one value: words, numbers, patterns, presence.

use super::document::{Doubt, Found};
use super::pattern::{Case, Pattern};
use super::price;
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use outcry_core::value::Decimal;
use std::cmp::Ordering;

/// One question about a value.
#[derive(Debug)]
pub(crate) enum Test {
    In(Vec<Word>, Case),
    NotIn(Vec<Word>, Case),
    Matches(Pattern),
    Present,
    Absent,
    GreaterThan(Decimal),
    LessThan(Decimal),
    AtLeast(Decimal),
    AtMost(Decimal),
}

/// A word to compare with; a number in the file is compared as a number.
#[derive(Debug)]
pub(crate) struct Word {
    text: Box<str>,
    number: Option<Decimal>,
}

/// The keys of the tests.
pub(crate) const KEYS: [&str; 10] = [
    "equals",
    "in",
    "not_in",
    "matches",
    "present",
    "absent",
    "greater_than",
    "less_than",
    "at_least",
    "at_most",
];

impl Test {
    /// Does a value that is there pass?
    ///
    /// # Errors
    /// It is too long to be sure.
    pub(crate) fn passes(&self, found: &Found<'_>) -> Result<bool, Doubt> {
        let Found::Text(text) = found else {
            return Ok(matches!(self, Self::Present));
        };
        let compared = |bound: &Decimal| number(text).map(|number| number.compare(*bound));
        Ok(match self {
            Self::Present => true,
            Self::Absent => false,
            Self::In(words, case) => words.iter().any(|word| word.is(text, *case)),
            Self::NotIn(words, case) => !words.iter().any(|word| word.is(text, *case)),
            Self::Matches(pattern) => return pattern.is_in(text),
            Self::GreaterThan(bound) => compared(bound).is_some_and(Ordering::is_gt),
            Self::LessThan(bound) => compared(bound).is_some_and(Ordering::is_lt),
            Self::AtLeast(bound) => compared(bound).is_some_and(Ordering::is_ge),
            Self::AtMost(bound) => compared(bound).is_some_and(Ordering::is_le),
        })
    }

    /// Does passing it say something, so that it can be good news in an answer that does not parse?
    pub(crate) const fn says_something(&self) -> bool {
        !matches!(self, Self::Absent | Self::NotIn(..))
    }
}

/// A number, or the amount of a price: `12.50`, `$1,250`.
fn number(text: &str) -> Option<Decimal> {
    Decimal::parse(text).or_else(|| {
        let amount = price::amount(text).ok()?;
        Some(Decimal {
            digits: amount.money.micros(),
            scale: 6,
        })
    })
}

impl Word {
    fn is(&self, text: &str, case: Case) -> bool {
        match (self.number, case) {
            (Some(number), _) => Decimal::parse(text).is_some_and(|other| other.compare(number).is_eq()),
            (None, Case::Exact) => *self.text == *text,
            (None, Case::Ignored) => {
                self.text.eq_ignore_ascii_case(text) || (!text.is_ascii() && self.text.to_lowercase() == text.to_lowercase())
            }
        }
    }

    fn compile(node: &Node) -> Option<Self> {
        let text = node.scalar()?;
        let number = if matches!(node.kind, Kind::Int(_) | Kind::Float(_)) {
            Decimal::parse(&text)
        } else {
            None
        };
        Some(Self {
            text: text.trim().into(),
            number,
        })
    }
}

/// Reads the tests that stand beside a path; all of them must pass.
pub(crate) fn tests(section: &Section<'_>, problems: &mut Problems) -> Option<Vec<Test>> {
    let case = if section.flag("exact", problems) {
        Case::Exact
    } else {
        Case::Ignored
    };
    let mut tests = Vec::new();
    for entry in section.entries().iter().filter(|entry| KEYS.contains(&entry.key.as_str())) {
        let test = test(&entry.key, &entry.value, case);
        if test.is_none() {
            let message = format!("{} does not fit this test", entry.value.word());
            problems.add(entry.line, section.place(&entry.key), message, usage(&entry.key));
        }
        tests.push(test?);
    }
    if tests.is_empty() && section.get("regex").is_some() {
        tests.push(Test::Present);
    }
    if tests.is_empty() {
        let hint = format!("add one of: {}", KEYS.join(", "));
        problems.add(section.line, section.what.clone(), "looks at a value and asks nothing of it", hint);
        return None;
    }
    Some(tests)
}

fn test(key: &str, value: &Node, case: Case) -> Option<Test> {
    let number = || Decimal::parse(&value.scalar()?);
    match key {
        "equals" => words(value).filter(|words| words.len() == 1).map(|words| Test::In(words, case)),
        "in" => words(value).map(|words| Test::In(words, case)),
        "not_in" => words(value).map(|words| Test::NotIn(words, case)),
        "matches" => value.text().and_then(|text| Pattern::compile(text, case, false)).map(Test::Matches),
        "greater_than" => number().map(Test::GreaterThan),
        "less_than" => number().map(Test::LessThan),
        "at_least" => number().map(Test::AtLeast),
        "at_most" => number().map(Test::AtMost),
        _ => match (&value.kind, key) {
            (Kind::Bool(true), "present") | (Kind::Bool(false), "absent") => Some(Test::Present),
            (Kind::Bool(_), _) => Some(Test::Absent),
            _ => None,
        },
    }
}

fn usage(key: &str) -> &'static str {
    match key {
        "equals" => "one word or number",
        "in" | "not_in" => "a list of words, like [\"Matched\", \"Success\"]",
        "matches" => "a regular expression in quotes, without look-around or back-references",
        "present" | "absent" => "true",
        _ => "a number",
    }
}

fn words(node: &Node) -> Option<Vec<Word>> {
    match &node.kind {
        Kind::Array(items) => items.iter().map(Word::compile).collect(),
        _ => Word::compile(node).map(|word| vec![word]),
    }
}
