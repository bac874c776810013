//! Rows of files: CSV (RFC 4180) and JSON lines. What a value holds can end neither its cell nor its row.

use crate::body::{self, Missing, Tree};
use crate::call::RenderError;
use crate::file::{Kind, Node, Section};
use crate::format::Format;
use crate::template::{Compiler, Scope, Template};
use std::sync::Arc;

/// What a lead becomes in a file.
#[derive(Debug)]
pub(crate) enum Rows {
    /// Columns in the order of the file.
    Csv {
        /// The first line.
        head: Arc<str>,
        cells: Box<[Template]>,
    },
    /// One JSON document a line.
    JsonLines(Tree),
}

#[derive(Clone, Copy)]
enum Word {
    Csv,
    JsonLines,
}

const WORDS: [(&str, Word); 2] = [("csv", Word::Csv), ("json_lines", Word::JsonLines)];

impl Rows {
    /// Reads `rows` and `body`.
    pub(super) fn compile(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Self> {
        section.need("rows", "say how a row is written: csv or json_lines", compiler.problems);
        let word = section.word("rows", &WORDS, compiler.problems);
        let missing = body::missing(section, Missing::LeaveOut, compiler);
        let body = section.need("body", "say what stands in a row", compiler.problems)?;
        match word? {
            Word::JsonLines => {
                let tree = body::rooted(body, &section.place("body"), &Format::Json, missing, compiler)?;
                Some(Self::JsonLines(tree))
            }
            Word::Csv => csv(body, &section.place("body"), compiler),
        }
    }

    /// The line above all rows; empty for none.
    pub(super) fn head(&self) -> Arc<str> {
        match self {
            Self::Csv { head, .. } => head.clone(),
            Self::JsonLines(_) => "".into(),
        }
    }

    /// Writes the row of one lead, without the end of the line.
    pub(super) fn write(&self, scope: &Scope<'_>) -> Result<Vec<u8>, RenderError> {
        match self {
            Self::JsonLines(tree) => {
                let mut line = Vec::with_capacity(1024);
                Format::Json.write(tree, scope, &mut line)?;
                Ok(line)
            }
            Self::Csv { cells, .. } => {
                let mut line = String::new();
                for (at, template) in cells.iter().enumerate() {
                    if at > 0 {
                        line.push(',');
                    }
                    cell(&template.text(scope)?.unwrap_or_default(), &mut line);
                }
                Ok(line.into_bytes())
            }
        }
    }
}

/// A table of single values: a row has as many cells whatever the lead lacks.
fn csv(body: &Node, what: &str, compiler: &mut Compiler<'_>) -> Option<Rows> {
    let section = Section::open_any(body, what, compiler.problems)?;
    let (mut head, mut cells, mut sound) = (String::new(), Vec::new(), true);
    for entry in section.entries() {
        if !head.is_empty() {
            head.push(',');
        }
        cell(&entry.key, &mut head);
        let text = match &entry.value.kind {
            Kind::Text(text) => Some(text.clone()),
            // Nothing in a number or a yes could be taken for a hole.
            Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) => entry.value.scalar(),
            Kind::Date(_) | Kind::Array(_) | Kind::Table(_) => None,
        };
        if text.is_none() || entry.key == "*" {
            let hint = "name each column, and take one value for it: driver_1_age = \"{drivers[0].age}\"";
            compiler
                .problems
                .add(entry.line, section.place(&entry.key), "is not a column", hint);
            sound = false;
        }
        let template = text.and_then(|text| compiler.template(&text, entry.line, &section.place(&entry.key)));
        sound &= template.is_some();
        cells.extend(template);
    }
    if cells.is_empty() && sound {
        compiler.problems.add(body.line, what, "has no columns", "");
        return None;
    }
    sound.then(|| Rows::Csv {
        head: head.into(),
        cells: cells.into(),
    })
}

/// One cell. Line breaks and other control characters become blanks, although quotes could hold them: too many readers
/// split at every line. What a spreadsheet would take for a formula gets an apostrophe before it; phone numbers and
/// amounts are none.
fn cell(value: &str, line: &mut String) {
    let formula = value.starts_with(['=', '+', '-', '@']) && !value[1..].chars().all(|c| c.is_ascii_digit() || "., -()".contains(c));
    let quoted = formula || value.contains(['"', ',', ';']) || value.contains(super::text::is_break) || value.trim() != value;
    if !quoted {
        line.push_str(value);
        return;
    }
    line.push('"');
    if formula {
        line.push('\'');
    }
    for c in value.chars() {
        match c {
            '"' => line.push_str("\"\""),
            c if super::text::is_break(c) => line.push(' '),
            c => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_leaves_its_cell() {
        for (value, expected) in [
            ("Ada", "Ada"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("one\r\ntwo", "\"one  two\""),
            ("+1 (312) 555-0188", "+1 (312) 555-0188"),
            ("-12.50", "-12.50"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2+3", "\"'-2+3\""),
            (" lead", "\" lead\""),
            ("é;ü", "\"é;ü\""),
        ] {
            let mut line = String::new();
            cell(value, &mut line);
            assert_eq!(line, expected, "{value:?}");
        }
    }
}
