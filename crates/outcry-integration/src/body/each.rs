//! A part that is repeated for every row of a list.

use super::{Missing, Naming, Style, Tree, compile};
use crate::call::RenderError;
use crate::file::{Kind, Node, Section};
use crate::template::{Compiler, Scope, Template, Val};
use outcry_core::view::{Datum, View};

/// Rows beyond this are not sent unless the file says more.
const ROWS_MAX: usize = 100;

/// `{ each = "drivers", as = { … }, max = 4 }`
#[derive(Debug)]
pub(crate) struct Each {
    list: Template,
    rows_min: usize,
    rows_max: usize,
    pub(crate) item: Box<Tree>,
    pub(crate) missing: Missing,
}

/// Rows one after the other, and then rows without a field, if there must be more.
pub(crate) struct RowsOf<'a> {
    rows: Val<'a>,
    at: usize,
    rows_min: usize,
    rows_max: usize,
}

/// A row that has nothing.
struct Blank;

impl View for Blank {
    fn get(&self, _: &str) -> Option<Datum<'_>> {
        None
    }

    fn each(&self, _: &mut dyn FnMut(&str, Datum<'_>)) {}
}

impl<'a> Iterator for RowsOf<'a> {
    type Item = &'a dyn View;

    fn next(&mut self) -> Option<&'a dyn View> {
        if self.at >= self.rows_max {
            return None;
        }
        let row = match &self.rows {
            Val::List(rows) => rows.row(self.at),
            Val::Rows(rows) => rows.get(self.at).copied(),
            _ => None,
        };
        let row = row.or_else(|| (self.at < self.rows_min).then_some(&Blank as &dyn View));
        self.at += 1;
        row
    }
}

impl Each {
    /// The rows, up to the greatest number the buyer takes; `None` if the lead has no such list.
    pub(crate) fn rows<'a>(&'a self, scope: &Scope<'a>) -> Result<Option<RowsOf<'a>>, RenderError> {
        let rows = self.list.value(scope)?;
        match &rows {
            Val::Missing if self.rows_min == 0 => return Ok(None),
            Val::Missing | Val::List(_) | Val::Rows(_) => {}
            _ => return Err(self.list.fail("`each` needs a list")),
        }
        Ok(Some(RowsOf {
            rows,
            at: 0,
            rows_min: self.rows_min,
            rows_max: self.rows_max,
        }))
    }

    /// Compiles one, with the names of its rows where they are laid out flat.
    pub(super) fn compile(node: &Node, what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<(Self, Option<Naming>)> {
        let section = Section::open(node, what, &["each", "as", "max", "min", "names"], compiler.problems)?;
        let list = section.text("each", compiler.problems)?;
        let known = compiler.used.fields.len();
        let template = compiler.template(&format!("{{{list}}}"), node.line, what)?;
        let row = match compiler.used.fields.get(known) {
            Some((row, _)) if template.is_plain() => row.trim_end_matches("[]").to_owned(),
            _ => {
                let message = format!("\"{list}\" is not a list of the lead");
                let hint = "write it like each = \"drivers\" or each = \"drivers[relationship=child]\"";
                compiler.problems.add(node.line, section.place("each"), message, hint);
                return None;
            }
        };
        compiler.rows.push(format!("{row}[]"));
        let item = section.need("as", "say what each row becomes: as = { … }", compiler.problems);
        let item = item.and_then(|item| compile::tree(item, &section.place("as"), style, compiler));
        compiler.rows.pop();
        let rows_max = count(&section, "max", ROWS_MAX, compiler);
        let rows_min = count(&section, "min", 0, compiler);
        let naming = match section.text("names", compiler.problems) {
            None => None,
            Some(text) => Some(naming(text, &section, item.as_ref(), style, compiler)?),
        };
        let each = Self {
            list: template,
            rows_min: rows_min?,
            rows_max: rows_max?,
            item: Box::new(item?),
            missing: style.missing,
        };
        Some((each, naming))
    }
}

fn count(section: &Section<'_>, key: &str, otherwise: usize, compiler: &mut Compiler<'_>) -> Option<usize> {
    match section.get(key).map(|node| (node, &node.kind)) {
        None => Some(otherwise),
        Some((_, Kind::Int(count))) if *count > 0 => Some(usize::try_from(*count).unwrap_or(ROWS_MAX).min(10_000)),
        Some((node, _)) => {
            compiler
                .problems
                .add(node.line, section.place(key), "must be a whole number above zero", "");
            None
        }
    }
}

fn naming(text: &str, section: &Section<'_>, item: Option<&Tree>, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Naming> {
    let Some(naming) = Naming::parse(text) else {
        let hint = "write it like names = \"Driver{number}_{name}\"; {number} counts from one, {index} from zero";
        let message = format!("\"{text}\" is not a pattern of names");
        compiler.problems.add(section.line, section.place("names"), message, hint);
        return None;
    };
    if !(style.names.fits)(&naming.name("x", 0)) {
        let message = format!("\"{text}\" does not make names that the format can carry");
        compiler.problems.add(section.line, section.place("names"), message, "");
        return None;
    }
    if style.xml.is_some() && item.is_some_and(|item| item.has_marked(&['@', '#'])) {
        let message = "holds attributes or text, which have no names that `names` could change";
        compiler.problems.add(section.line, section.place("as"), message, "");
        return None;
    }
    if item.is_some_and(|item| !item.is_table()) {
        let message = "must be a table, because `names` names its members";
        compiler.problems.add(section.line, section.place("as"), message, "");
        return None;
    }
    Some(naming)
}
