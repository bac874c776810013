//! What a rule asks of an answer: its status, and values at paths.

use super::AnswerFormat;
use super::comparison::{self, Test};
use super::document::{Cursor, Found, Reader, Twice};
use super::pick::reader;
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use std::ops::RangeInclusive;

/// A compiled condition.
#[derive(Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Status(Vec<RangeInclusive<u16>>),
    /// Some value the reader finds passes every test.
    Value(Reader, Vec<Test>),
}

/// The keys of a condition besides the tests.
const KEYS: [&str; 6] = ["all", "any", "not", "status", "path", "exact"];

impl Condition {
    /// Does the answer meet it?
    ///
    /// # Errors
    /// A name that stands twice where a value is looked for.
    pub(crate) fn holds(&self, status: u16, from: Cursor<'_>) -> Result<bool, Twice> {
        match self {
            Self::All(conditions) => all(conditions, status, from),
            Self::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(status, from)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(condition) => Ok(!condition.holds(status, from)?),
            Self::Status(ranges) => Ok(ranges.iter().any(|range| range.contains(&status))),
            Self::Value(reader, tests) => value_holds(reader, tests, from),
        }
    }

    /// Does it speak of the status, so that it may decide about a failure of the server?
    pub(crate) fn speaks_of_status(&self) -> bool {
        match self {
            Self::Status(_) => true,
            Self::All(conditions) => conditions.iter().any(Self::speaks_of_status),
            Self::Any(conditions) => conditions.iter().all(Self::speaks_of_status),
            Self::Not(_) | Self::Value(..) => false,
        }
    }

    /// Does it speak of nothing but the status?
    pub(crate) fn speaks_of_status_only(&self) -> bool {
        match self {
            Self::Status(_) => true,
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().all(Self::speaks_of_status_only),
            Self::Not(condition) => condition.speaks_of_status_only(),
            Self::Value(..) => false,
        }
    }

    /// The readers it compares words with, for the note that no rule knew a word.
    pub(crate) fn readers<'c>(&'c self, found: &mut Vec<&'c Reader>) {
        match self {
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().for_each(|condition| condition.readers(found)),
            Self::Not(condition) => condition.readers(found),
            Self::Value(reader, _) if !found.contains(&reader) => found.push(reader),
            Self::Status(_) | Self::Value(..) => {}
        }
    }
}

fn all(conditions: &[Condition], status: u16, from: Cursor<'_>) -> Result<bool, Twice> {
    for condition in conditions {
        if !condition.holds(status, from)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A value that is not there passes `absent` and nothing else.
fn value_holds(reader: &Reader, tests: &[Test], from: Cursor<'_>) -> Result<bool, Twice> {
    let (mut present, mut passed) = (false, false);
    reader.find(from, &mut |found| {
        present |= found != Found::Nothing;
        passed |= found != Found::Nothing && tests.iter().all(|test| test.passes(&found));
    })?;
    Ok(if present {
        passed
    } else {
        tests.iter().all(|test| matches!(test, Test::Absent))
    })
}

/// Compiles a condition table; everything in one table must hold.
pub(crate) fn condition(node: &Node, what: &str, format: AnswerFormat, problems: &mut Problems) -> Option<Condition> {
    let keys: Vec<&str> = KEYS.into_iter().chain(comparison::KEYS).collect();
    let section = Section::open(node, what, &keys, problems)?;
    let mut parts = Vec::new();
    for entry in section.entries() {
        let place = section.place(&entry.key);
        match entry.key.as_str() {
            "all" => parts.push(list(&entry.value, &place, format, problems).map(Condition::All)),
            "any" => parts.push(list(&entry.value, &place, format, problems).map(Condition::Any)),
            "not" => parts.push(condition(&entry.value, &place, format, problems).map(|inner| Condition::Not(Box::new(inner)))),
            "status" => parts.push(status(&entry.value, &place, problems).map(Condition::Status)),
            "path" => parts.push(value(&entry.value, &section, format, problems)),
            key if section.get("path").is_none() && comparison::KEYS.contains(&key) => {
                problems.add(
                    entry.line,
                    &place,
                    "tests a value, but no path says which",
                    "add path = \"…\" to the same table",
                );
                return None;
            }
            _ => {}
        }
    }
    let mut parts: Vec<Condition> = parts.into_iter().collect::<Option<_>>()?;
    match (parts.pop(), parts.is_empty()) {
        (None, _) => {
            problems.add(
                node.line,
                what,
                "asks nothing",
                "write it like { path = \"status\", equals = \"Matched\" }; leave `when` out for a rule that always holds",
            );
            None
        }
        (Some(only), true) => Some(only),
        (Some(last), false) => {
            parts.push(last);
            Some(Condition::All(parts))
        }
    }
}

fn list(node: &Node, what: &str, format: AnswerFormat, problems: &mut Problems) -> Option<Vec<Condition>> {
    let Kind::Array(items) = &node.kind else {
        problems.add(
            node.line,
            what,
            format!("{} where a list of conditions belongs", node.word()),
            "write it like [{ … }, { … }]",
        );
        return None;
    };
    items
        .iter()
        .enumerate()
        .map(|(at, item)| condition(item, &format!("{what}[{at}]"), format, problems))
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

/// `200`, `"5xx"`, `"400-499"`, or a list of these.
fn status(node: &Node, what: &str, problems: &mut Problems) -> Option<Vec<RangeInclusive<u16>>> {
    let items = match &node.kind {
        Kind::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let ranges: Option<Vec<_>> = items.iter().map(|item| status_range(&item.scalar()?)).collect();
    if ranges.is_none() {
        problems.add(
            node.line,
            what,
            "is not a status",
            "write it like 200, \"5xx\", \"400-499\" or a list of these",
        );
    }
    ranges
}

fn status_range(text: &str) -> Option<RangeInclusive<u16>> {
    let one = |text: &str| text.trim().parse::<u16>().ok().filter(|status| (100..=599).contains(status));
    if let Some(class) = text.strip_suffix("xx") {
        let from = one(&format!("{class}00"))?;
        return Some(from..=from + 99);
    }
    match text.split_once('-') {
        Some((from, to)) => Some(one(from)?..=one(to)?).filter(|range| !range.is_empty()),
        None => one(text).map(|status| status..=status),
    }
}
fn value(path: &Node, section: &Section<'_>, format: AnswerFormat, problems: &mut Problems) -> Option<Condition> {
    let read = reader(path, &section.place("path"), format, problems);
    let tests = comparison::tests(section, problems);
    Some(Condition::Value(read?, tests?))
}
