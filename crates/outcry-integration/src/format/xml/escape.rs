//! Texts and names as XML writes them. A parser gives back exactly what was put in: line ends and tabs are written so
//! that no parser changes them, and what XML 1.0 cannot carry at all is refused.

use super::Unfit;

/// Appends the text of an element.
pub(super) fn text(plain: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    escaped(plain, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        // A parser would make a line feed of it.
        b'\r' => Some(b"&#13;"),
        _ => None,
    })
}

/// Appends the value of an attribute, without its quotes.
pub(super) fn attribute(plain: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    escaped(plain, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'"' => Some(b"&quot;"),
        // A parser would make blanks of them.
        b'\t' => Some(b"&#9;"),
        b'\n' => Some(b"&#10;"),
        b'\r' => Some(b"&#13;"),
        _ => None,
    })
}

/// Appends a CDATA section. It has no escapes, so what would end it, and what a parser would change, goes outside.
pub(super) fn cdata(plain: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    out.extend_from_slice(b"<![CDATA[");
    let mut rest = plain;
    while let Some(at) = rest.find("]]>").map(|at| at + 2).into_iter().chain(rest.find('\r')).min() {
        fit(&rest[..at], out)?;
        if rest[at..].starts_with('\r') {
            out.extend_from_slice(b"]]>&#13;<![CDATA[");
            rest = &rest[at + 1..];
        } else {
            out.extend_from_slice(b"]]><![CDATA[");
            rest = &rest[at..];
        }
    }
    fit(rest, out)?;
    out.extend_from_slice(b"]]>");
    Ok(())
}

/// Can it be the name of an element or, behind `@`, of an attribute?
pub(super) fn is_name(plain: &str) -> bool {
    let bare = plain.strip_prefix('@').unwrap_or(plain);
    let part = |part: &str| {
        let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter >= '\u{c0}' && letter.is_alphabetic();
        part.starts_with(is_letter)
            && part
                .chars()
                .all(|letter| is_letter(letter) || letter.is_ascii_digit() || matches!(letter, '-' | '.'))
    };
    match bare.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(bare) || matches!(plain, "#text" | "#cdata"),
    }
}

fn escaped(plain: &str, out: &mut Vec<u8>, escape: impl Fn(u8) -> Option<&'static [u8]>) -> Result<(), Unfit> {
    let mut from = 0;
    for (at, byte) in plain.bytes().enumerate() {
        if let Some(written) = escape(byte) {
            fit(&plain[from..at], out)?;
            out.extend_from_slice(written);
            from = at + 1;
        }
    }
    fit(&plain[from..], out)
}

/// Appends what XML 1.0 can carry.
fn fit(plain: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    if plain.chars().all(is_xml) {
        out.extend_from_slice(plain.as_bytes());
        Ok(())
    } else {
        Err(Unfit)
    }
}

/// `Char` of XML 1.0.
const fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
