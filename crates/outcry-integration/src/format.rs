//! How a tree becomes bytes: one module a format.

pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod percent;

use crate::body::{NameForm, Tree};
use crate::call::RenderError;
use crate::template::Scope;

/// How a request carries its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    /// `a=1&b=2` as the body.
    Form(Nesting),
    /// `a=1&b=2` behind the question mark.
    Query(Nesting),
}

/// How nested names are flattened in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    /// `drivers[0][age]`
    Brackets,
    /// `drivers.0.age`
    Dots,
}

impl Format {
    /// The `content-type` when the file names none.
    pub(crate) const fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("application/json"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Query(_) => None,
        }
    }

    /// How fixed names are written, once, at load.
    pub(crate) fn name_form(self) -> NameForm {
        match self {
            Self::Json => json::name,
            Self::Form(_) => form::name,
            Self::Query(_) => form::query_name,
        }
    }

    /// Appends the tree.
    pub(crate) fn write(self, tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        match self {
            Self::Json => json::write(tree, scope, out),
            Self::Form(nesting) => form::write(
                tree,
                scope,
                form::Style {
                    nesting,
                    blank: percent::Blank::Plus,
                },
                out,
            ),
            Self::Query(nesting) => form::write(
                tree,
                scope,
                form::Style {
                    nesting,
                    blank: percent::Blank::Percent20,
                },
                out,
            ),
        }
    }
}
