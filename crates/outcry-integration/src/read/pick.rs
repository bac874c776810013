//! Where one thing is found in an answer: a path, or several in order of trust.

use super::AnswerFormat;
use super::document::{Cursor, Found, Reader, Twice};
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use std::borrow::Cow;

/// Paths in order of trust: the first that finds something counts.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    readers: Box<[Reader]>,
    /// Collect from all paths instead, with this between them.
    join: Option<Box<str>>,
}

/// What stands between several reasons.
const BETWEEN: &str = "; ";

impl Pick {
    /// Reads `"path"`, `["path", "path"]` or `{ path = …, join = "; " }`; `more` are further keys of the table,
    /// which the caller reads itself.
    pub(crate) fn compile(node: &Node, what: &str, format: AnswerFormat, more: &[&str], problems: &mut Problems) -> Option<Self> {
        let (paths, place, join) = match &node.kind {
            Kind::Table(_) => {
                let keys: Vec<&str> = ["path", "join"].iter().chain(more).copied().collect();
                let section = Section::open(node, what, &keys, problems)?;
                let join = section.text("join", problems).map(Box::from);
                (
                    section.need("path", "say where it is found", problems)?,
                    section.place("path"),
                    join,
                )
            }
            _ => (node, what.to_owned(), None),
        };
        let readers = readers(paths, &place, format, problems)?;
        Some(Self { readers, join })
    }

    /// The one value.
    ///
    /// # Errors
    /// Different values in one place, or a name on the way that stands twice.
    pub(crate) fn one<'d>(&self, from: Cursor<'d>) -> Result<Option<Cow<'d, str>>, Twice> {
        for reader in &self.readers {
            let (mut first, mut differ) = (None, false);
            reader.find(from, &mut |found| {
                if let Found::Text(text) = found {
                    differ |= first.as_ref().is_some_and(|first| *first != text);
                    first.get_or_insert(text);
                }
            })?;
            if differ {
                return Err(Twice("there are several different values where one belongs".to_owned()));
            }
            if first.is_some() {
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// All texts of the first path that has any, or of all paths if they are to be joined. Repeats count once.
    ///
    /// # Errors
    /// A name on the way that stands twice.
    pub(crate) fn words(&self, from: Cursor<'_>) -> Result<Option<String>, Twice> {
        let mut texts: Vec<Cow<'_, str>> = Vec::new();
        for reader in &self.readers {
            reader.find(from, &mut |found| match found {
                Found::Text(text) if !texts.contains(&text) => texts.push(text),
                _ => {}
            })?;
            if self.join.is_none() && !texts.is_empty() {
                break;
            }
        }
        Ok((!texts.is_empty()).then(|| texts.join(self.join.as_deref().unwrap_or(BETWEEN))))
    }
}

/// One path or a list of them.
fn readers(node: &Node, what: &str, format: AnswerFormat, problems: &mut Problems) -> Option<Box<[Reader]>> {
    let read: Vec<Option<Reader>> = match &node.kind {
        Kind::Array(items) if !items.is_empty() => items.iter().map(|item| reader(item, what, format, problems)).collect(),
        _ => vec![reader(node, what, format, problems)],
    };
    read.into_iter().collect()
}

/// One path.
pub(crate) fn reader(node: &Node, what: &str, format: AnswerFormat, problems: &mut Problems) -> Option<Reader> {
    let reader = node.text().and_then(|path| Reader::parse(format, path));
    if reader.is_none() {
        let (found, hint) = match (node.text(), format) {
            (_, AnswerFormat::Ignored) => ("a path, but the body is not read".to_owned(), "set format = \"json\" or \"xml\""),
            (None, _) => (format!("{} where a path belongs", node.word()), "put it in quotes"),
            (Some(path), AnswerFormat::Json) => (
                format!("\"{path}\" is not a path"),
                "write it like status, data.bids[0].price, bids[*].price or [\"dotted.key\"]",
            ),
            (Some(path), AnswerFormat::Xml) => (
                format!("\"{path}\" is not a path"),
                "write it like response/status, //price or bid/@id, with local names and no prefixes",
            ),
        };
        problems.add(node.line, what, found, hint);
    }
    reader
}
