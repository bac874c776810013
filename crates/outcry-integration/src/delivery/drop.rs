//! `via = "file"`: leads as rows of files that are written on a schedule.

use super::file_name::FileName;
use super::rows::Rows;
use super::{optional, settled};
use crate::call::RenderError;
use crate::file::{Kind, Node, Section};
use crate::outgoing::{DropOff, DropPlace, Item};
use crate::template::{Compiler, Scope, Template};
use std::ops::RangeInclusive;

const KEYS: [&str; 8] = ["via", "rows", "missing", "body", "folder", "name", "every_minutes", "rows_max"];
const EVERY_MINUTES: RangeInclusive<u32> = 1..=1_440;
const ROWS_MAX: RangeInclusive<u32> = 1..=100_000;

/// Files as the integration draws them.
#[derive(Debug)]
pub(crate) struct DropTemplate {
    rows: Rows,
    folder: Template,
    name: FileName,
    every_minutes: u32,
    rows_max: u32,
}

/// Reads `[post.request]` with `via = "file"`.
pub(super) fn compile(node: &Node, compiler: &mut Compiler<'_>) -> Option<DropTemplate> {
    let section = Section::open(node, format!("{}.request", compiler.step.word()), &KEYS, compiler.problems)?;
    let rows = Rows::compile(&section, compiler);
    section.need("folder", "say where the files go: folder = \"{param.folder}\"", compiler.problems);
    let folder = settled(&section, "folder", compiler);
    let name = FileName::compile(&section, compiler.problems);
    let every_minutes = number(&section, "every_minutes", &EVERY_MINUTES, 15, compiler);
    let rows_max = number(&section, "rows_max", &ROWS_MAX, 1_000, compiler);
    Some(DropTemplate {
        rows: rows?,
        folder: folder?,
        name: name?,
        every_minutes: every_minutes?,
        rows_max: rows_max?,
    })
}

fn number(section: &Section<'_>, key: &str, bounds: &RangeInclusive<u32>, default: u32, compiler: &mut Compiler<'_>) -> Option<u32> {
    let Some(node) = section.get(key) else { return Some(default) };
    let number = match &node.kind {
        Kind::Int(number) => u32::try_from(*number).ok().filter(|number| bounds.contains(number)),
        _ => None,
    };
    if number.is_none() {
        let message = format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
        compiler.problems.add(node.line, section.place(key), message, "");
    }
    number
}

impl DropTemplate {
    /// Writes the row of one lead.
    pub(super) fn write(&self, scope: &Scope<'_>) -> Result<Item, RenderError> {
        Ok(super::item(scope, self.rows.head(), self.rows.write(scope)?))
    }

    /// Where a contract's files go, and when. `scope` sees its parameters and nothing else.
    pub(super) fn drop_off(&self, scope: &Scope<'_>) -> Result<DropOff, RenderError> {
        let folder = optional(&self.folder, scope)?.ok_or_else(|| self.folder.fail("has no value"))?;
        Ok(DropOff {
            place: DropPlace::Folder(folder.into()),
            name: self.name.clone(),
            every_minutes: self.every_minutes,
            rows_max: self.rows_max,
        })
    }
}
