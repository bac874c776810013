//! A tree as `multipart/form-data` (RFC 7578). The boundary is made from the parts themselves and does not occur in
//! them, so no value can end its part; the same parts give the same bytes.

use super::Format;
use super::flat::{self, Nesting};
use crate::body::Tree;
use crate::call::RenderError;
use crate::template::Scope;
use sha2::{Digest, Sha256};

const MARK: &str = "outcry-";
/// Hex digits of the digest in a boundary.
const DIGITS: usize = 32;

/// Appends all parts.
pub(super) fn write(tree: &Tree, scope: &Scope<'_>, nesting: Nesting, out: &mut Vec<u8>) -> Result<(), RenderError> {
    let (mut parts, mut ends) = (Vec::new(), Vec::new());
    flat::pairs(tree, scope, nesting, &mut |pair| {
        parts.extend_from_slice(b"Content-Disposition: form-data; name=\"");
        quoted(&pair.path.name(nesting), &mut parts);
        parts.push(b'"');
        if let Some(document) = pair.document {
            if let Some(file_name) = &document.file_name {
                parts.extend_from_slice(b"; filename=\"");
                quoted(file_name, &mut parts);
                parts.push(b'"');
            }
            if let Some(content_type) = document.format.content_type() {
                parts.extend_from_slice(b"\r\nContent-Type: ");
                parts.extend_from_slice(content_type.as_bytes());
            }
        }
        parts.extend_from_slice(b"\r\n\r\n");
        parts.extend_from_slice(pair.value.as_bytes());
        ends.push(parts.len());
    })?;
    let boundary = boundary_for(&parts);
    let mut from = 0;
    for end in ends {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        out.extend_from_slice(&parts[from..end]);
        out.extend_from_slice(b"\r\n");
        from = end;
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(())
}

/// The `content-type` of a body that was written here.
pub(crate) fn content_type(format: &Format, body: &[u8]) -> Option<String> {
    let line = body.strip_prefix(b"--")?.get(..MARK.len() + DIGITS)?;
    let boundary = std::str::from_utf8(line).ok()?;
    matches!(format, Format::Multipart(_)).then(|| format!("multipart/form-data; boundary={boundary}"))
}

/// A digest of the parts cannot stand in them by design; that it does not by chance is looked up.
fn boundary_for(parts: &[u8]) -> String {
    let mut turn = 0_u8;
    loop {
        let digest = Sha256::new().chain_update([turn]).chain_update(parts).finalize();
        let boundary = format!("{MARK}{}", &crate::template::hex(&digest)[..DIGITS]);
        if !parts.windows(boundary.len()).any(|part| part == boundary.as_bytes()) {
            return boundary;
        }
        turn = turn.wrapping_add(1);
    }
}

/// A name inside of quotes, escaped as browsers do.
fn quoted(name: &str, out: &mut Vec<u8>) {
    for byte in name.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            byte => out.push(byte),
        }
    }
}
