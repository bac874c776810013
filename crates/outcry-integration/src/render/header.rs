//! One header. A value can end neither the line nor the head.

use crate::call::RenderError;
use crate::template::{Scope, Template};
use std::sync::Arc;

/// A header as the file draws it.
#[derive(Debug)]
pub(crate) struct HeaderTemplate {
    /// In lower case.
    pub(crate) name: Arc<str>,
    pub(crate) value: Template,
}

/// What the outbound client writes itself.
const CLIENT_HEADERS: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "te", "upgrade"];

impl HeaderTemplate {
    /// The header, or `None` if its value is missing.
    ///
    /// # Errors
    /// A value that is not printable ASCII: line breaks, other control characters, letters beyond it.
    pub(crate) fn write(&self, scope: &Scope<'_>) -> Result<Option<(Arc<str>, Arc<str>)>, RenderError> {
        let Some(value) = self.value.text(scope)? else { return Ok(None) };
        if value.bytes().all(is_header_byte) {
            Ok(Some((self.name.clone(), Arc::from(value.trim()))))
        } else {
            Err(self.value.fail("the value holds characters that a header cannot carry"))
        }
    }
}

/// Printable ASCII.
pub(crate) const fn is_header_byte(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e)
}

/// Why a header of this name cannot be set, if so.
pub(crate) fn refuse_name(name: &str) -> Option<&'static str> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        Some("is not a header name")
    } else if CLIENT_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        Some("is written by the client itself")
    } else {
        None
    }
}
