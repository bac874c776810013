//! `via = "inbox"`: a lead as a JSON document that the buyer fetches.

use crate::body::{self, Missing, Tree};
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::format::Format;
use crate::outgoing::Item;
use crate::template::{Compiler, Scope};

/// A document as the file draws it.
#[derive(Debug)]
pub(crate) struct InboxTemplate(Tree);

/// Reads `[post.request]` with `via = "inbox"`.
pub(super) fn compile(node: &Node, compiler: &mut Compiler<'_>) -> Option<InboxTemplate> {
    let keys = ["via", "missing", "body"];
    let section = Section::open(node, format!("{}.request", compiler.step.word()), &keys, compiler.problems)?;
    let missing = body::missing(&section, Missing::LeaveOut, compiler);
    let body = section.need("body", "say what the buyer gets: body = { \"*\" = \"{lead}\" }", compiler.problems)?;
    body::rooted(body, &section.place("body"), &Format::Json, missing, compiler).map(InboxTemplate)
}

impl InboxTemplate {
    /// Writes the document of one lead.
    pub(super) fn write(&self, scope: &Scope<'_>) -> Result<Item, RenderError> {
        let mut body = Vec::with_capacity(1024);
        Format::Json.write(&self.0, scope, &mut body)?;
        Ok(super::item(scope, "".into(), body))
    }
}
