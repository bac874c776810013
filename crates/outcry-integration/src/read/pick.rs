//! Where one thing is found in an answer: a reader, or several in order of trust.

use super::Lens;
use super::document::{Cursor, Doubt, Found};
use super::reader::{self, Reader};
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use std::borrow::Cow;

/// Readers in order of trust: the first that finds something counts.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    readers: Box<[Reader]>,
    /// Collect from all readers instead, with this between them.
    join: Option<Box<str>>,
}

/// What stands between several reasons.
const BETWEEN: &str = "; ";
/// Different words of one answer that are collected. A thousand errors help nobody.
const WORDS_MAX: usize = 50;
/// Values that are added up or compared.
const VALUES_MAX: usize = 1_000;

impl Pick {
    /// Reads `"path"`, `{ regex = "…" }`, a list of these in order of trust, or `{ path = …, join = "; " }`; `more` are
    /// further keys of the table, which the caller reads itself.
    pub(crate) fn compile(node: &Node, what: &str, lens: Lens<'_>, more: &[&str], problems: &mut Problems) -> Option<Self> {
        let lens = Lens {
            reads_status: true,
            ..lens
        };
        let Kind::Table(_) = &node.kind else {
            return Some(Self {
                readers: readers(node, what, lens, problems)?,
                join: None,
            });
        };
        let keys: Vec<&str> = reader::KEYS.iter().chain(&["status", "join"]).chain(more).copied().collect();
        let section = Section::open(node, what, &keys, problems)?;
        let join = section.text("join", problems).map(Box::from);
        let list = section.get("path").filter(|path| matches!(path.kind, Kind::Array(_)));
        let readers = match list {
            Some(list) => Reader::paths(list, &section, lens, problems)?,
            None => [Reader::compile(&section, lens, problems)?].into(),
        };
        Some(Self { readers, join })
    }

    /// The one value.
    ///
    /// # Errors
    /// Different values in one place, a name on the way that stands twice, or a place that cannot be read.
    pub(crate) fn one<'d>(&self, from: Cursor<'d>) -> Result<Option<Cow<'d, str>>, Doubt> {
        let mut unread = None;
        for reader in &self.readers {
            let (mut first, mut differ) = (None, false);
            let read = reader.find(from, &mut |found| {
                if let Found::Text(text) = found {
                    differ |= first.as_ref().is_some_and(|first| *first != text);
                    first.get_or_insert(text);
                }
            });
            passed_over(read, &mut unread)?;
            if differ {
                return Err(Doubt::Twice("there are several different values where one belongs".to_owned()));
            }
            if let Some(text) = first {
                return Ok(Some(text));
            }
        }
        unread.map_or(Ok(None), Err)
    }

    /// All values of the first reader that finds any, repeats included.
    ///
    /// # Errors
    /// There are too many, a name on the way stands twice, or a place cannot be read.
    pub(crate) fn every<'d>(&self, from: Cursor<'d>) -> Result<Vec<Cow<'d, str>>, Doubt> {
        let mut unread = None;
        for reader in &self.readers {
            let mut texts = Vec::new();
            let read = reader.find(from, &mut |found| {
                if let Found::Text(text) = found {
                    texts.push(text);
                }
            });
            passed_over(read, &mut unread)?;
            if texts.len() > VALUES_MAX {
                return Err(Doubt::Twice("there are more than a thousand values".to_owned()));
            }
            if !texts.is_empty() {
                return Ok(texts);
            }
        }
        unread.map_or(Ok(Vec::new()), Err)
    }

    /// All texts of the first reader that has any, or of all readers if they are to be joined. Repeats count once.
    ///
    /// # Errors
    /// A name on the way that stands twice, or a place that cannot be read.
    pub(crate) fn words(&self, from: Cursor<'_>) -> Result<Option<String>, Doubt> {
        let (mut texts, mut unread): (Vec<Cow<'_, str>>, _) = (Vec::new(), None);
        for reader in &self.readers {
            let read = reader.find(from, &mut |found| match found {
                Found::Text(text) if texts.len() < WORDS_MAX && !texts.contains(&text) => texts.push(text),
                _ => {}
            });
            passed_over(read, &mut unread)?;
            if self.join.is_none() && !texts.is_empty() {
                break;
            }
        }
        match (texts.is_empty(), unread) {
            (true, Some(doubt)) => return Err(doubt),
            (true, None) => return Ok(None),
            (false, _) => {}
        }
        Ok(Some(texts.join(self.join.as_deref().unwrap_or(BETWEEN))))
    }
}

/// A reader that cannot see leaves it to the next; one that sees double does not.
fn passed_over(read: Result<(), Doubt>, unread: &mut Option<Doubt>) -> Result<(), Doubt> {
    match read {
        Err(doubt @ Doubt::Unreadable(_)) => {
            unread.get_or_insert(doubt);
            Ok(())
        }
        read => read,
    }
}

/// One reader or a list of them.
fn readers(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Box<[Reader]>> {
    let read: Vec<Option<Reader>> = match &node.kind {
        Kind::Array(items) if !items.is_empty() => items.iter().map(|item| one(item, what, lens, problems)).collect(),
        _ => vec![one(node, what, lens, problems)],
    };
    read.into_iter().collect()
}

/// A path, or the table of a reader.
pub(crate) fn one(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Reader> {
    let Kind::Table(_) = &node.kind else {
        return Reader::path(node, what, lens, problems);
    };
    let more: &[&str] = if lens.reads_status { &["status"] } else { &[] };
    let keys: Vec<&str> = reader::KEYS.iter().chain(more).copied().collect();
    Reader::compile(&Section::open(node, what, &keys, problems)?, lens, problems)
}
