//! A string of a spec file: its value with `${variables}` filled in, and the way back from any byte of it to the file.

use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::name;
use std::ops::Range;

/// A string as it is used, with the place it was read from.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) spot: Spot,
    raw: Range<usize>,
    filled: Vec<Filled>,
}

/// One `${name}`: where it stood, and what it became.
#[derive(Clone, Debug)]
struct Filled {
    written: Range<usize>,
    value: Range<usize>,
}

impl Text {
    /// A string that TOML has decoded, read from these bytes of a file, quotes included. `None` if one of its
    /// variables is not defined, which is reported.
    pub(crate) fn read(desk: &Desk<'_>, file: usize, raw: Range<usize>, decoded: &str) -> Option<Self> {
        let spot = Spot { file, at: raw.start };
        let mut text = Self {
            value: String::with_capacity(decoded.len()),
            spot,
            raw,
            filled: Vec::new(),
        };
        let (mut rest, mut sound) = (0, true);
        while let Some((written, name)) = next_variable(decoded, rest) {
            text.value.push_str(&decoded[rest..written.start]);
            rest = written.end;
            let from = text.value.len();
            if let Some(value) = desk.variables().get(name) {
                text.value.push_str(value);
            } else {
                sound = false;
                let at = text.raw_at(desk, written.start);
                desk.tell(undefined(desk, Spot { file, at }, name));
            }
            text.filled.push(Filled {
                written,
                value: from..text.value.len(),
            });
        }
        text.value.push_str(&decoded[rest..]);
        sound.then_some(text)
    }

    /// A name that stands as a key.
    pub(crate) fn name(name: &str, spot: Spot) -> Self {
        Self {
            value: name.to_owned(),
            spot,
            raw: spot.at..spot.at + name.len(),
            filled: Vec::new(),
        }
    }

    /// The place in the file of the character `at` bytes into the value.
    pub(crate) fn spot_at(&self, desk: &Desk<'_>, at: usize) -> Spot {
        Spot {
            file: self.spot.file,
            at: self.raw_at(desk, self.written_at(at)),
        }
    }

    /// From the value to the text before variables were filled in; inside a variable it is the variable.
    fn written_at(&self, at: usize) -> usize {
        match self.filled.iter().rev().find(|filled| filled.value.start <= at) {
            None => at,
            Some(filled) if at < filled.value.end => filled.written.start,
            Some(filled) => filled.written.end + (at - filled.value.end),
        }
    }

    /// From the decoded text to the file: quotes and escapes take more room there.
    fn raw_at(&self, desk: &Desk<'_>, decoded_at: usize) -> usize {
        let raw = desk.files()[self.spot.file].text.get(self.raw.clone()).unwrap_or_default();
        self.raw.start + decoded_offset(raw, decoded_at)
    }
}

/// The next `${name}` from a byte on.
fn next_variable(text: &str, from: usize) -> Option<(Range<usize>, &str)> {
    let start = from + text[from..].find("${")?;
    let name = text[start + 2..].split('}').next().unwrap_or_default();
    // One that is never closed ends with the text, and is not defined.
    Some((start..(start + name.len() + 3).min(text.len()), name))
}

fn undefined(desk: &Desk<'_>, spot: Spot, name: &str) -> Problem {
    let known = desk.variables().keys().map(String::as_str);
    let hint = name::suggestion(name, known).unwrap_or_else(|| format!("define it: `[variables]` and below it `{name} = \"…\"`"));
    Problem::error(codes::VARIABLE_UNDEFINED, spot, format!("the variable `{name}` is not defined")).hint(hint)
}

/// Bytes into the quoted form of a string at which the decoded byte `at` stands.
fn decoded_offset(raw: &str, at: usize) -> usize {
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| raw.starts_with(quote))
        .unwrap_or_default();
    let mut offset = quote.len();
    if quote.len() == 3 {
        offset += ["\r\n", "\n"]
            .into_iter()
            .find(|end| raw[offset..].starts_with(end))
            .map_or(0, str::len);
    }
    if !quote.starts_with('"') {
        return offset + at;
    }
    let mut decoded = 0;
    while let Some(next) = raw[offset..].chars().next() {
        let (taken, given) = if next == '\\' {
            escape(&raw[offset..])
        } else {
            (next.len_utf8(), next.len_utf8())
        };
        // What a backslash swallows at the end of a line is passed before the byte behind it is.
        if decoded + given > at {
            break;
        }
        decoded += given;
        offset += taken;
    }
    offset
}

/// Bytes that an escape takes in the file, and gives in the value.
fn escape(raw: &str) -> (usize, usize) {
    let hex = |digits: usize| {
        let code = raw.get(2..2 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        (2 + digits, code.and_then(char::from_u32).map_or(1, char::len_utf8))
    };
    match raw.as_bytes().get(1) {
        Some(b'x') => hex(2),
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        Some(b' ' | b'\t' | b'\r' | b'\n') => (1 + raw[1..].find(|c: char| !c.is_ascii_whitespace()).unwrap_or(raw.len() - 1), 0),
        Some(_) => (2, 1),
        None => (1, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_string_finds_its_way_back_into_the_file() {
        let table = [
            ("'state = 1'", "= 1", "= 1"),
            ("\"state = 1\"", "= 1", "= 1"),
            (r#""a = \"x\" and b""#, "and b", "and b"),
            (r#""\u00e9 b""#, "b", "b"),
            ("\"\"\"\na\nb\"\"\"", "b", "b"),
            ("\"\"\"a \\\n   b\"\"\"", "b", "b"),
            ("'''\nab'''", "b", "b"),
        ];
        for (raw, in_value, in_file) in table {
            let document = format!("v = {raw}");
            let value = toml::from_str::<toml::Table>(&document).unwrap()["v"].as_str().unwrap().to_owned();
            let found = decoded_offset(raw, value.find(in_value).unwrap());
            assert!(raw[found..].starts_with(in_file), "{raw} at {found}");
        }
    }
}
