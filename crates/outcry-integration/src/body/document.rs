//! A document inside of a value: XML in a form field, JSON in a JSON string, XML as text in SOAP. It is written by
//! its own format and then escaped for its place like any other text.

use super::{Style, Tree, rooted};
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::format::{self, Format};
use crate::template::{Compiler, Scope, Template, Val};

/// `{ document = "xml", body = { … } }`
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) format: Format,
    tree: Tree,
    /// What is done to the text before it is put in its place: `pipe = "base64"`.
    pipe: Option<Template>,
    /// In multipart: the name of the file it pretends to be.
    pub(crate) file_name: Option<Box<str>>,
}

impl Document {
    /// The document as one text.
    pub(crate) fn value<'a>(&'a self, scope: &Scope<'a>) -> Result<Val<'a>, RenderError> {
        let mut out = Vec::new();
        self.format.write(&self.tree, scope, &mut out)?;
        // Every format writes UTF-8; were it not so, a mark would stand where the bytes are wrong.
        let text = String::from_utf8(out).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned());
        match &self.pipe {
            Some(pipe) => Ok(pipe.through(Val::owned(text), scope)),
            None => Ok(Val::owned(text)),
        }
    }

    /// Is this table a document, and not a table that a buyer wants?
    pub(super) fn is_meant(section: &Section<'_>) -> bool {
        section.get("body").is_some() && section.get("document").is_some_and(|node| node.text().is_some())
    }

    pub(super) fn compile(node: &Node, what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Self> {
        let keys: Vec<&str> = ["document", "body", "missing", "pipe", "file_name"]
            .into_iter()
            .chain(format::KEYS)
            .collect();
        let section = Section::open(node, what, &keys, compiler.problems)?;
        let format = format::compile::format("document", &section, compiler)?;
        let missing = super::compile::missing(&section, style.missing, compiler);
        let tree = rooted(section.get("body")?, &section.place("body"), &format, missing, compiler);
        let pipe = match section.text("pipe", compiler.problems) {
            Some(pipe) => Some(compiler.template(&format!("{{now | {pipe}}}"), node.line, &section.place("pipe"))?),
            None => None,
        };
        let file_name = section.text("file_name", compiler.problems).map(Box::from);
        Some(Self {
            format,
            tree: tree?,
            pipe,
            file_name,
        })
    }
}
