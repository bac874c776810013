//! The bytes of an answer as text. What the buyer declares is believed only where the bytes do not say better.

use crate::answer::RawAnswer;
use std::borrow::Cow;

/// The text of an answer, and what is wrong with it: then it serves for patterns, but not for a document.
pub(crate) struct Text<'d> {
    pub(crate) text: Cow<'d, str>,
    pub(crate) fault: Option<&'static str>,
}

/// What windows-1252 has where ISO 8859-1 has control characters; the five it leaves open stay what they are.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// Declarations that mean windows-1252, as browsers read them.
const WESTERN: [&str; 7] = ["windows-1252", "cp1252", "iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii"];
/// The declaration of an XML document stands in its first bytes.
const DECLARATION_BYTES: usize = 200;

/// Reads the bytes: by their byte order mark, as UTF-16 if every other byte is empty, as UTF-8 if they are UTF-8,
/// as windows-1252 if that is declared, and else with a mark for each byte that is no text.
pub(crate) fn text_of(answer: &RawAnswer) -> Text<'_> {
    match answer.body.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, answer),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        body @ [b'<' | b'{' | b'[', 0, ..] => utf16(body, u16::from_le_bytes),
        body @ [0, b'<' | b'{' | b'[', ..] => utf16(body, u16::from_be_bytes),
        body => utf8(body, answer),
    }
}

fn utf8<'d>(body: &'d [u8], answer: &RawAnswer) -> Text<'d> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Text {
            text: Cow::Borrowed(text),
            fault: None,
        };
    }
    if declares_western(body, answer) {
        return Text {
            text: Cow::Owned(body.iter().map(|byte| western(*byte)).collect()),
            fault: None,
        };
    }
    Text {
        text: String::from_utf8_lossy(body),
        fault: Some("the answer is not UTF-8 and declares nothing else that is known"),
    }
}

fn utf16(body: &[u8], unit: fn([u8; 2]) -> u16) -> Text<'static> {
    let units = body.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    let mut broken = body.len() % 2 == 1;
    let text = char::decode_utf16(units)
        .map(|letter| {
            broken |= letter.is_err();
            letter.unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect();
    Text {
        text: Cow::Owned(text),
        fault: broken.then_some("the answer is broken UTF-16"),
    }
}

const fn western(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[(byte - 0x80) as usize],
        _ => byte as char,
    }
}

/// Does a header or the XML declaration name windows-1252 or a subset of it?
fn declares_western(body: &[u8], answer: &RawAnswer) -> bool {
    let header = answer.header("content-type").and_then(|value| after(value, "charset="));
    let start = &body[..body.len().min(DECLARATION_BYTES)];
    let start: String = start.iter().map(|byte| western(*byte)).collect();
    let declared = start.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    let declared = declared.and_then(|rest| after(rest, "encoding="));
    [header, declared]
        .into_iter()
        .flatten()
        .any(|name| WESTERN.contains(&name.as_str()))
}

/// The word after a mark, without quotes and in lower case.
fn after(text: &str, mark: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let word = text.split_once(mark)?.1.trim_start_matches(['"', '\'']);
    let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    Some(word[..end.unwrap_or(word.len())].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_believed_before_the_declaration() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let table: [(&str, Vec<u8>, &str); 9] = [
            ("", b"\xef\xbb\xbfok".to_vec(), "ok"),
            ("text/xml; charset=utf-16", "<a>é</a>".as_bytes().to_vec(), "<a>é</a>"),
            ("text/xml; charset=utf-8", wide("<a>é</a>"), "<a>é</a>"),
            ("", [b"\xff\xfe".to_vec(), wide("é")].concat(), "é"),
            ("", b"\xfe\xff\x00o\x00k".to_vec(), "ok"),
            ("text/plain; charset=\"Windows-1252\"", b"5 \x80".to_vec(), "5 €"),
            ("text/plain; charset=ISO-8859-1", b"caf\xe9".to_vec(), "café"),
            (
                "",
                b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>".to_vec(),
                "<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>",
            ),
            ("text/plain; charset=windows-1252", "é".as_bytes().to_vec(), "é"),
        ];
        for (declared, body, expected) in table {
            let answer = RawAnswer {
                status: 200,
                headers: vec![("content-type".to_owned(), declared.to_owned())],
                body,
            };
            let text = text_of(&answer);
            assert_eq!((&*text.text, text.fault), (expected, None), "{declared}");
        }
    }

    #[test]
    fn what_is_no_text_is_marked_and_said() {
        for body in [b"ok \xff".to_vec(), b"\xff\xfeo".to_vec(), b"\xff\xfe\x00\xd8".to_vec()] {
            let answer = RawAnswer {
                status: 200,
                headers: Vec::new(),
                body,
            };
            let text = text_of(&answer);
            assert!(text.fault.is_some(), "{}", text.text);
        }
    }
}
