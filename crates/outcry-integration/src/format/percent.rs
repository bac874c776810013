//! Percent-encoding for the three places a value can stand in an address or a form.

/// How a blank is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blank {
    /// `+`, in form bodies.
    Plus,
    /// `%20`, in paths and queries.
    Percent20,
}

/// Appends a text with everything encoded but letters, digits and `- . _ ~` (RFC 3986, section 2.3). That is safe
/// in a path segment, in a query and in a form alike.
pub(crate) fn encode(text: &str, blank: Blank, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte),
            b' ' if blank == Blank::Plus => out.push(b'+'),
            _ => out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
}

/// The text encoded; always ASCII.
pub(crate) fn encoded(text: &str, blank: Blank) -> String {
    let mut bytes = Vec::with_capacity(text.len() + 8);
    encode(text, blank, &mut bytes);
    bytes.into_iter().map(char::from).collect()
}
