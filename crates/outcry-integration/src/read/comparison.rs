//! What a condition asks of one value: words, numbers, patterns, presence.

use super::document::Found;
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use outcry_core::value::Decimal;
use regex::{Regex, RegexBuilder};

/// One question about a value.
#[derive(Debug)]
pub(crate) enum Test {
    In(Vec<Word>, Case),
    NotIn(Vec<Word>, Case),
    Matches(Regex),
    Present,
    Absent,
    GreaterThan(Decimal),
    LessThan(Decimal),
}

/// A word to compare with; a number in the file is compared as a number.
#[derive(Debug)]
pub(crate) struct Word {
    text: Box<str>,
    number: Option<Decimal>,
}

/// Do capitals matter?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Ignored,
    Exact,
}
/// The keys of the tests.
pub(crate) const KEYS: [&str; 8] = [
    "equals",
    "in",
    "not_in",
    "matches",
    "present",
    "absent",
    "greater_than",
    "less_than",
];
/// A compiled pattern may take so many bytes.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

impl Test {
    /// Does a value that is there pass?
    pub(crate) fn passes(&self, found: &Found<'_>) -> bool {
        let Found::Text(text) = found else {
            return matches!(self, Self::Present);
        };
        match self {
            Self::Present => true,
            Self::Absent => false,
            Self::In(words, case) => words.iter().any(|word| word.is(text, *case)),
            Self::NotIn(words, case) => !words.iter().any(|word| word.is(text, *case)),
            Self::Matches(pattern) => pattern.is_match(text),
            Self::GreaterThan(bound) => Decimal::parse(text).is_some_and(|number| number.compare(*bound).is_gt()),
            Self::LessThan(bound) => Decimal::parse(text).is_some_and(|number| number.compare(*bound).is_lt()),
        }
    }
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
    if tests.is_empty() {
        let hint = format!("add one of: {}", KEYS.join(", "));
        problems.add(
            section.line,
            section.place("path"),
            "is looked at, but nothing is asked of it",
            hint,
        );
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
        "matches" => pattern(value, case).map(Test::Matches),
        "greater_than" => number().map(Test::GreaterThan),
        "less_than" => number().map(Test::LessThan),
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

fn pattern(node: &Node, case: Case) -> Option<Regex> {
    RegexBuilder::new(node.text()?)
        .case_insensitive(case == Case::Ignored)
        .size_limit(PATTERN_BYTES_MAX)
        .build()
        .ok()
}
