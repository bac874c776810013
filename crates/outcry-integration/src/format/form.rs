//! A tree as `name=value&name=value`, for a form body or a query. Names stay exactly as the file writes them.

use super::flat::{self, Nesting};
use super::percent::{Blank, encode, encoded};
use crate::body::{NameForm, Tree};
use crate::call::RenderError;
use crate::template::Scope;

/// Appends all pairs. `out` may already hold something that the first pair must be joined to.
pub(crate) fn write(tree: &Tree, scope: &Scope<'_>, nesting: Nesting, blank: Blank, out: &mut Vec<u8>) -> Result<(), RenderError> {
    let start = out.len();
    flat::pairs(tree, scope, nesting, &mut |pair| {
        if out.len() > start {
            out.push(b'&');
        }
        if let Some(name) = pair.path.ready() {
            out.extend_from_slice(name);
        } else {
            encode(&pair.path.name(nesting), blank, out);
            out.push(b'=');
        }
        encode(pair.value, blank, out);
    })
}

/// `name=` in a form body.
pub(super) const NAMES: NameForm = NameForm {
    written: |plain| format!("{}=", encoded(plain, Blank::Plus)).into_bytes().into(),
    fits: |_| true,
};

/// `name=` in a query.
pub(super) const QUERY_NAMES: NameForm = NameForm {
    written: |plain| format!("{}=", encoded(plain, Blank::Percent20)).into_bytes().into(),
    fits: |_| true,
};
