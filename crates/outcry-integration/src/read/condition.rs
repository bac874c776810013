//! What a rule asks of an answer: its status, its text, its headers, and values in it.

use super::Lens;
use super::comparison::{self, Test};
use super::document::{Cursor, Doubt, Found};
use super::reader::{self, Reader};
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

/// Does a condition hold?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    No,
    Yes(Evidence),
    /// It hangs on something that cannot be read.
    Unclear,
}

/// What was seen when a condition held: the more, the later in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Evidence {
    /// Only that something is not there.
    Absence,
    /// The status, or a value found by parsing.
    Value,
    /// Words of the text as it came, or a header.
    Plain,
}

/// The keys of a condition besides its reader and the tests.
const KEYS: [&str; 4] = ["all", "any", "not", "status"];
/// The keys that say where to look; the others say how.
const PLACES: [&str; 4] = ["path", "regex", "header", "raw"];

impl Condition {
    /// Does the answer meet it?
    ///
    /// # Errors
    /// A name that stands twice where a value is looked for.
    pub(crate) fn holds(&self, from: Cursor<'_>) -> Result<Held, Doubt> {
        match self {
            Self::All(conditions) => all(conditions, from),
            Self::Any(conditions) => any(conditions, from),
            Self::Not(condition) => Ok(match condition.holds(from)? {
                Held::Yes(_) => Held::No,
                Held::No if matches!(**condition, Self::Status(_)) => Held::Yes(Evidence::Value),
                Held::No => Held::Yes(Evidence::Absence),
                Held::Unclear => Held::Unclear,
            }),
            Self::Status(ranges) => {
                let held = ranges.iter().any(|range| range.contains(&from.heard.status));
                Ok(if held { Held::Yes(Evidence::Value) } else { Held::No })
            }
            Self::Value(reader, tests) => match value_holds(reader, tests, from) {
                Ok(true) => Ok(Held::Yes(evidence(reader, tests))),
                Ok(false) => Ok(Held::No),
                Err(Doubt::Unreadable(why)) => {
                    from.heard.doubt(&why);
                    Ok(Held::Unclear)
                }
                Err(doubt) => Err(doubt),
            },
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

    /// The readers it compares words with, for the note that no rule knew a word.
    pub(crate) fn readers<'c>(&'c self, found: &mut Vec<&'c Reader>) {
        match self {
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().for_each(|condition| condition.readers(found)),
            Self::Not(condition) => condition.readers(found),
            Self::Value(reader, _) => found.push(reader),
            Self::Status(_) => {}
        }
    }
}

fn all(conditions: &[Condition], from: Cursor<'_>) -> Result<Held, Doubt> {
    let (mut seen, mut clear) = (Evidence::Absence, true);
    for condition in conditions {
        match condition.holds(from)? {
            Held::No => return Ok(Held::No),
            Held::Yes(evidence) => seen = seen.max(evidence),
            Held::Unclear => clear = false,
        }
    }
    Ok(if clear { Held::Yes(seen) } else { Held::Unclear })
}

fn any(conditions: &[Condition], from: Cursor<'_>) -> Result<Held, Doubt> {
    let (mut best, mut clear) = (None, true);
    for condition in conditions {
        match condition.holds(from)? {
            Held::No => {}
            // Of an answer that did not parse, a later condition may have seen more.
            Held::Yes(evidence) if clear && from.heard.document.is_ok() => return Ok(Held::Yes(evidence)),
            Held::Yes(evidence) => best = best.max(Some(evidence)),
            Held::Unclear => clear = false,
        }
    }
    Ok(match best {
        Some(evidence) => Held::Yes(evidence),
        None if clear => Held::No,
        None => Held::Unclear,
    })
}

fn evidence(reader: &Reader, tests: &[Test]) -> Evidence {
    if !tests.iter().any(Test::says_something) {
        Evidence::Absence
    } else if reader.is_plain() {
        Evidence::Plain
    } else {
        Evidence::Value
    }
}

/// A value that is not there passes `absent` and nothing else.
fn value_holds(reader: &Reader, tests: &[Test], from: Cursor<'_>) -> Result<bool, Doubt> {
    let (mut present, mut passed, mut doubt) = (false, false, None);
    reader.find(from, &mut |found| {
        if found == Found::Nothing {
            return;
        }
        present = true;
        passed |= tests.iter().all(|test| {
            test.passes(&found).unwrap_or_else(|why| {
                doubt = Some(why);
                false
            })
        });
    })?;
    match doubt {
        Some(doubt) if !passed => Err(doubt),
        _ if present => Ok(passed),
        _ => Ok(tests.iter().all(|test| matches!(test, Test::Absent))),
    }
}

/// Compiles a condition table; everything in one table must hold.
pub(crate) fn condition(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Condition> {
    let keys: Vec<&str> = KEYS.into_iter().chain(reader::KEYS).chain(comparison::KEYS).collect();
    let lens = Lens {
        reads_status: false,
        ..lens
    };
    let section = Section::open(node, what, &keys, problems)?;
    let looks = PLACES.iter().any(|place| section.get(place).is_some());
    let mut parts = Vec::new();
    for entry in section.entries() {
        let place = section.place(&entry.key);
        match entry.key.as_str() {
            "all" => parts.push(list(&entry.value, &place, lens, problems).map(Condition::All)),
            "any" => parts.push(list(&entry.value, &place, lens, problems).map(Condition::Any)),
            "not" => parts.push(condition(&entry.value, &place, lens, problems).map(|inner| Condition::Not(Box::new(inner)))),
            "status" => parts.push(status(&entry.value, &place, problems).map(Condition::Status)),
            key if !looks && (comparison::KEYS.contains(&key) || key == "then") => {
                problems.add(
                    entry.line,
                    &place,
                    "tests a value, but no path says which",
                    "add path = \"…\" (or regex, header, raw) to the same table",
                );
                return None;
            }
            _ => {}
        }
    }
    if looks {
        parts.push(value(&section, lens, problems));
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

fn list(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Vec<Condition>> {
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
        .map(|(at, item)| condition(item, &format!("{what}[{at}]"), lens, problems))
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

/// A value and what is asked of it.
fn value(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<Condition> {
    let read = Reader::compile(section, lens, problems);
    let tests = comparison::tests(section, problems);
    Some(Condition::Value(read?, tests?))
}
