//! Readers out of the tables of a file.

use super::super::form::FormPath;
use super::super::json_path::JsonPath;
use super::super::pattern::{Case, Pattern};
use super::super::xml_path::XmlPath;
use super::super::{AnswerFormat, FORMAT_KEYS, Lens, format};
use super::{Reader, Source, Then, Words};
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use crate::table::Table;
use std::sync::Arc;

/// The keys of a reader's table. A condition has `status` for itself.
pub(crate) const KEYS: [&str; 9] = ["path", "regex", "header", "raw", "then", "every", "exact", "table", "else"];
/// Readers inside of readers inside of readers.
const DEPTH_MAX: usize = 4;

impl Reader {
    /// Reads a path of the file.
    pub(in crate::read) fn path(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Self> {
        let from = node.text().and_then(|path| Source::parse(lens.format, path));
        if from.is_none() {
            let (found, hint) = lens.no_path(node);
            problems.add(node.line, what, found, hint);
        }
        from.map(|from| Self {
            from,
            then: None,
            words: None,
        })
    }

    /// Reads several paths of one table, which share what stands beside them.
    pub(in crate::read) fn paths(list: &Node, section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<Box<[Self]>> {
        let words = match section.get("table") {
            None => None,
            Some(_) => Some(words(section, lens, problems)?),
        };
        let Kind::Array(items) = &list.kind else { return None };
        let readers = items.iter().map(|item| {
            Some(Self {
                words: words.clone(),
                ..super::super::pick::one(item, &section.place("path"), lens, problems)?
            })
        });
        readers.collect::<Vec<_>>().into_iter().collect()
    }

    /// Reads a reader's table, of which the caller may read further keys.
    pub(in crate::read) fn compile(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<Self> {
        Self::nested(section, lens, DEPTH_MAX, problems)
    }

    fn nested(section: &Section<'_>, lens: Lens<'_>, depth: usize, problems: &mut Problems) -> Option<Self> {
        let (from, pattern) = source(section, lens, problems)?;
        if lens.format == &AnswerFormat::Ignored && matches!(from, Source::Pattern(_) | Source::Raw) {
            let hint = "set format = \"text\"";
            problems.add(section.line, section.what.clone(), "looks at the body, which is not read", hint);
            return None;
        }
        let then = match section.get("then") {
            None => None,
            Some(node) => Some(Box::new(then(node, section.place("then"), lens, depth, problems)?)),
        };
        // An expression beside a path, a header or the like reads in what that found.
        let then = match pattern {
            Some(pattern) => Some(Box::new(Then {
                format: AnswerFormat::Text,
                reader: Self {
                    from: Source::Pattern(pattern),
                    then,
                    words: None,
                },
            })),
            None => then,
        };
        let words = match section.get("table") {
            None => None,
            Some(_) => Some(words(section, lens, problems)?),
        };
        Some(Self { from, then, words })
    }
}

impl Source {
    fn parse(format: &AnswerFormat, path: &str) -> Option<Self> {
        match format {
            AnswerFormat::Json => JsonPath::parse(path).map(Self::Json),
            AnswerFormat::Xml => XmlPath::parse(path).map(Self::Xml),
            AnswerFormat::Form(_) => FormPath::parse(path).map(Self::Form),
            AnswerFormat::Text | AnswerFormat::Ignored => None,
        }
    }
}

fn words(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<Words> {
    let name = section.text("table", problems)?;
    let line = section.get("table").map_or(section.line, |node| node.line);
    let table = named(name, line, section.place("table"), lens, problems)?;
    let otherwise = section.get("else").and_then(Node::scalar).map(Box::from);
    Some(Words { table, otherwise })
}

/// A table of the file; a name that is none becomes a problem.
pub(crate) fn named(name: &str, line: u32, what: String, lens: Lens<'_>, problems: &mut Problems) -> Option<Arc<Table>> {
    let found = lens.known.tables.get(name).cloned();
    found.map_err(|(message, hint)| problems.add(line, what, message, hint)).ok()
}

/// The one place where it looks, and the expression that reads on there.
fn source(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<(Source, Option<Pattern>)> {
    let mut sources = Vec::new();
    if let Some(node) = section.get("path") {
        sources.push(Reader::path(node, &section.place("path"), lens, problems)?.from);
    }
    if section.get("header").is_some() {
        sources.push(Source::Header(section.text("header", problems)?.trim().to_ascii_lowercase().into()));
    }
    if section.flag("raw", problems) {
        sources.push(Source::Raw);
    }
    if lens.reads_status && section.flag("status", problems) {
        sources.push(Source::Status);
    }
    let pattern = match section.get("regex") {
        None => None,
        Some(node) => Some(pattern(node, section, problems)?),
    };
    match (sources.pop(), pattern) {
        (Some(_), _) if !sources.is_empty() => {
            let hint = "keep one of them; use then = { … } to read on in what one of them finds";
            problems.add(section.line, section.what.clone(), "looks in several places at once", hint);
            None
        }
        (Some(from), pattern) => Some((from, pattern)),
        (None, Some(pattern)) => Some((Source::Pattern(pattern), None)),
        (None, None) => {
            let hint = "write path = \"…\", regex = \"…\", header = \"…\" or raw = true";
            problems.add(section.line, section.what.clone(), "says not where to look", hint);
            None
        }
    }
}

fn pattern(node: &Node, section: &Section<'_>, problems: &mut Problems) -> Option<Pattern> {
    let case = if section.flag("exact", problems) {
        Case::Exact
    } else {
        Case::Ignored
    };
    let every = section.flag("every", problems);
    let compiled = node.text().and_then(|text| Pattern::compile(text, case, every));
    if compiled.is_none() {
        let hint = "a regular expression in quotes, without look-around or back-references; its first group is the value";
        problems.add(node.line, section.place("regex"), "is not an expression, or too large a one", hint);
    }
    compiled
}

fn then(node: &Node, what: String, lens: Lens<'_>, depth: usize, problems: &mut Problems) -> Option<Then> {
    if depth == 0 {
        problems.add(node.line, what, "is too deep inside of other readers", "");
        return None;
    }
    let keys: Vec<&str> = KEYS.into_iter().chain(FORMAT_KEYS).collect();
    let section = Section::open(node, what, &keys, problems)?;
    let inner = if section.get("format").is_some() {
        format(&section, problems)?
    } else {
        AnswerFormat::Text
    };
    let lens = Lens {
        format: &inner,
        reads_status: false,
        ..lens
    };
    let reader = Reader::nested(&section, lens, depth - 1, problems)?;
    Some(Then { format: inner, reader })
}
