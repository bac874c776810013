//! The file as a tree that remembers its lines. Knows TOML; knows nothing of what the keys mean.

#[cfg(test)]
pub(crate) mod met;
mod section;

pub(crate) use section::Section;

use crate::problem::Problems;
use toml::de::{DeTable, DeValue};

/// A value of the file and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) kind: Kind,
}

/// What a value is. Tables keep the order of the file.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Text(String),
    Int(i64),
    /// A decimal as it was written, so that `0.10` stays what it is.
    Float(String),
    Bool(bool),
    /// A date or a moment as it was written.
    Date(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// One key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: u32,
    pub(crate) value: Node,
}

impl Node {
    /// What a reader of the file would call it.
    pub(crate) const fn word(&self) -> &'static str {
        match &self.kind {
            Kind::Text(_) => "text",
            Kind::Int(_) => "a whole number",
            Kind::Float(_) => "a decimal number",
            Kind::Bool(_) => "true or false",
            Kind::Date(_) => "a date",
            Kind::Array(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A single value as text, whatever its kind.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) | Kind::Float(text) | Kind::Date(text) => Some(text.clone()),
            Kind::Int(number) => Some(number.to_string()),
            Kind::Bool(yes) => Some(yes.to_string()),
            Kind::Array(_) | Kind::Table(_) => None,
        }
    }
}

/// Parses a whole file; syntax errors are problems like any other.
pub(crate) fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    let lines = Lines::of(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    // One missing quote makes an error of everything behind it, so only the first one tells something.
    if let Some(error) = errors.first() {
        let line = error.span().map_or(1, |span| lines.at(span.start));
        problems.add(line, "file", format!("not valid TOML: {}", error.message()), "");
    }
    errors.is_empty().then(|| lines.table(root.into_inner(), 1, problems))
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    fn table(&self, table: DeTable<'_>, line: u32, problems: &mut Problems) -> Node {
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut kept = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let line = self.at(key.span().start);
            if let Some(value) = self.value(value.into_inner(), line, problems) {
                kept.push(Entry {
                    key: key.into_inner().into_owned(),
                    line,
                    value,
                });
            }
        }
        Node {
            line,
            kind: Kind::Table(kept),
        }
    }

    fn value(&self, value: DeValue<'_>, line: u32, problems: &mut Problems) -> Option<Node> {
        let kind = match value {
            DeValue::String(text) => Kind::Text(text.into_owned()),
            DeValue::Boolean(yes) => Kind::Bool(yes),
            DeValue::Float(number) => Kind::Float(number.as_str().to_owned()),
            DeValue::Datetime(date) => Kind::Date(date.to_string()),
            DeValue::Table(table) => return Some(self.table(table, line, problems)),
            DeValue::Integer(number) => {
                let Ok(number) = i64::from_str_radix(number.as_str(), number.radix()) else {
                    problems.add(
                        line,
                        "file",
                        format!("{number} is too large a number"),
                        "write it as text, in quotes",
                    );
                    return None;
                };
                Kind::Int(number)
            }
            DeValue::Array(items) => {
                let items = items.into_iter().filter_map(|item| {
                    let line = self.at(item.span().start);
                    self.value(item.into_inner(), line, problems)
                });
                Kind::Array(items.collect())
            }
        };
        Some(Node { line, kind })
    }
}
