//! How a tree becomes bytes: one module a format.

pub(crate) mod compile;
mod flat;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod multipart;
pub(crate) mod percent;
mod soap;
mod text;
pub(crate) mod xml;

pub(crate) use compile::KEYS;
pub(crate) use flat::{Nesting, named};

use crate::body::{NameForm, Tree};
use crate::call::RenderError;
use crate::template::Scope;
use soap::Soap;
use std::borrow::Cow;
use text::Layout;

/// How a body, or a document inside of one, is written.
#[derive(Debug)]
pub(crate) enum Format {
    Json,
    /// `a=1&b=2` as the body.
    Form(Nesting),
    /// `a=1&b=2` behind the question mark.
    Query(Nesting),
    Xml {
        /// Does it begin with `<?xml … ?>`?
        declaration: bool,
        /// What stands in `<?…?>` before the root, as ADF wants it.
        instruction: Option<Box<str>>,
    },
    Soap(Box<Soap>),
    Text(Layout),
    Multipart(Nesting),
}

impl Format {
    /// The `content-type` when the file names none. Multipart makes its own with each boundary.
    pub(crate) fn content_type(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Json => Some("application/json".into()),
            Self::Form(_) => Some("application/x-www-form-urlencoded".into()),
            Self::Xml { .. } => Some("text/xml; charset=utf-8".into()),
            Self::Soap(soap) => Some(soap.content_type()),
            Self::Text(_) => Some("text/plain; charset=utf-8".into()),
            Self::Query(_) | Self::Multipart(_) => None,
        }
    }

    /// The `SOAPAction` header that SOAP 1.1 wants.
    pub(crate) fn soap_action(&self) -> Option<String> {
        match self {
            Self::Soap(soap) => soap.action_header(),
            _ => None,
        }
    }

    /// How fixed names are written, once, at load.
    pub(crate) const fn name_form(&self) -> NameForm {
        match self {
            Self::Json => json::NAMES,
            Self::Form(_) => form::NAMES,
            Self::Query(_) => form::QUERY_NAMES,
            Self::Xml { .. } | Self::Soap(_) => xml::NAMES,
            Self::Text(_) | Self::Multipart(_) => flat::NAMES,
        }
    }

    /// In XML, the prefixes that are declared around the body.
    pub(crate) const fn prefixes(&self) -> Option<xml::Prefixes<'static>> {
        match self {
            Self::Xml { .. } => Some(xml::Prefixes::NONE),
            Self::Soap(_) => Some(soap::PREFIXES),
            _ => None,
        }
    }

    /// Why a tree cannot be a body of this format, and what to do about it.
    pub(crate) fn refuse(&self, tree: &Tree) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Json => None,
            Self::Xml { .. } if xml::has_one_root(tree) => None,
            Self::Xml { .. } => Some((
                "an XML document has one root element",
                "write it like body = { Lead = { Zip = \"{zip}\" } }",
            )),
            Self::Soap(_) if tree.is_table() && !tree.has_marked(&['@', '#']) => None,
            Self::Soap(_) => Some(("what stands in a SOAP body is a table of elements", "")),
            Self::Text(_) if tree.is_single() || tree.is_table() => None,
            Self::Text(_) => Some(("is one text, or a table of names and values", "")),
            Self::Form(_) | Self::Query(_) | Self::Multipart(_) if flat::is_flat(tree) => None,
            Self::Form(_) | Self::Query(_) | Self::Multipart(_) => Some(("a form is a table of names and values", "")),
        }
    }

    /// Appends the tree.
    pub(crate) fn write(&self, tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        match self {
            Self::Json => json::write(tree, scope, out),
            Self::Form(nesting) => form::write(tree, scope, *nesting, percent::Blank::Plus, out),
            Self::Query(nesting) => form::write(tree, scope, *nesting, percent::Blank::Percent20, out),
            Self::Xml { declaration, instruction } => {
                xml::head(*declaration, instruction.as_deref(), out);
                xml::write(tree, scope, out)
            }
            Self::Soap(soap) => soap.write(tree, scope, out),
            Self::Text(layout) => layout.write(tree, scope, out),
            Self::Multipart(nesting) => multipart::write(tree, scope, *nesting, out),
        }
    }
}
