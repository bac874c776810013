//! Just enough reading of Rust to look for names: comments, literals and test modules blanked out,
//! and the paths that remain.
//!
//! Not a parser. It never fails, and keeps every line where it was so that a finding can name its line.

use std::iter::Peekable;
use std::str::Chars;

/// The source with comments, strings and characters replaced by blanks.
pub(crate) fn bare(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let after_name = out.chars().next_back().is_some_and(is_name);
        let hidden = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest, 0),
            '\'' => character(rest),
            'r' | 'b' | 'c' if !after_name => prefixed_string(rest),
            _ => 0,
        };
        if hidden == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..hidden].chars().map(blank));
            rest = &rest[hidden..];
        }
    }
    out
}

/// Bare code without the items marked `#[cfg(test)]`.
pub(crate) fn without_tests(bare: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(bare.len());
    let mut rest = bare;
    while let Some(start) = rest.find(MARK) {
        out.push_str(&rest[..start]);
        let end = start + MARK.len() + item_len(&rest[start + MARK.len()..]);
        out.extend(rest[start..end].chars().map(blank));
        rest = &rest[end..];
    }
    out + rest
}

/// A path as written in the code, groups spelled out: `use std::{net, time::Instant}` gives two.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Counted from one.
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// Every path of bare code, in order, single names included.
pub(crate) fn paths(bare: &str) -> Vec<Named> {
    let mut reader = Reader {
        chars: bare.chars().peekable(),
        line: 1,
        found: Vec::new(),
    };
    while reader.chars.peek().is_some() {
        if !reader.path("") {
            reader.next();
        }
    }
    reader.found
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
    found: Vec<Named>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.chars.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn blanks(&mut self) {
        while self.chars.peek().is_some_and(|c| c.is_whitespace()) {
            self.next();
        }
    }

    /// Reads one path that continues `prefix`, if one starts here.
    fn path(&mut self, prefix: &str) -> bool {
        let line = self.line;
        let Some(name) = self.name() else { return false };
        let path = if prefix.is_empty() { name } else { format!("{prefix}::{name}") };
        if !self.colons() {
            self.found.push(Named { line, path });
            return true;
        }
        self.blanks();
        match self.chars.peek().copied() {
            Some('{') => self.group(&path),
            _ if self.path(&path) => {}
            // A turbofish or the like ends what is of interest.
            _ => self.found.push(Named { line, path }),
        }
        true
    }

    fn group(&mut self, prefix: &str) {
        self.next();
        loop {
            self.blanks();
            match self.chars.peek().copied() {
                Some('}') => {
                    self.next();
                    return;
                }
                None => return,
                _ if self.path(prefix) => {}
                _ => {
                    self.next();
                }
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        if self.chars.next_if_eq(&'*').is_some() {
            return Some("*".to_owned());
        }
        let mut name = String::new();
        while let Some(c) = self.chars.next_if(|c| is_name(*c)) {
            name.push(c);
        }
        (!name.is_empty()).then_some(name)
    }

    fn colons(&mut self) -> bool {
        let mut ahead = self.chars.clone();
        while ahead.next_if(|c| c.is_whitespace()).is_some() {}
        if (ahead.next(), ahead.next()) != (Some(':'), Some(':')) {
            return false;
        }
        self.blanks();
        self.next();
        self.next();
        true
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn blank(c: char) -> char {
    if c == '\n' { '\n' } else { ' ' }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a string that opens after `prefix` bytes, escapes minded.
fn string(text: &str, prefix: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text[prefix + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return prefix + 1 + at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"` or `b'…'`, or zero if it is a plain name.
fn prefixed_string(text: &str) -> usize {
    let letters = text.len() - text.trim_start_matches(['r', 'b', 'c']).len();
    let raw = text[..letters].contains('r');
    let hashes = text[letters..].len() - text[letters..].trim_start_matches('#').len();
    let opens = letters + hashes;
    match text[opens..].chars().next() {
        Some('"') if letters <= 2 && raw => {
            let close = format!("\"{}", "#".repeat(hashes));
            text[opens + 1..].find(&close).map_or(text.len(), |at| opens + 1 + at + close.len())
        }
        Some('"') if letters <= 2 && hashes == 0 => string(text, letters),
        Some('\'') if &text[..letters] == "b" && hashes == 0 => 1 + character(&text[1..]),
        _ => 0,
    }
}

/// The length of a character literal, or zero for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => chars.find(|(_, c)| *c == '\'').map_or(text.len(), |(at, _)| at + 1),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

/// How far the item that starts here reaches: to its closing brace, or to its semicolon.
fn item_len(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(source: &str) -> Vec<String> {
        paths(&bare(source)).into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn groups_are_spelled_out() {
        assert_eq!(
            named("use std::{net, time::{Duration, Instant}};"),
            ["use", "std::net", "std::time::Duration", "std::time::Instant"]
        );
        assert_eq!(named("use std :: fs::*;"), ["use", "std::fs::*"]);
        assert_eq!(named("Vec::<u8>::new()"), ["Vec", "u8", "new"]);
    }

    #[test]
    fn comments_and_literals_hide_what_they_say() {
        assert_eq!(named("// a\nb /* c /* d */ e */ f"), ["b", "f"]);
        assert_eq!(
            named(r##"a "b \" c" d r#"e "f" g"# h 'i' '\'' j b"k" b'l' m"##),
            ["a", "d", "h", "j", "m"]
        );
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        assert_eq!(
            named("fn f<'a>(x: &'a str) -> &'a str"),
            ["fn", "f", "a", "x", "a", "str", "a", "str"]
        );
    }

    #[test]
    fn lines_stay_where_they_were() {
        let source = "/* one\ntwo */\n\"three\nfour\"\nfive";
        assert_eq!(
            paths(&bare(source)),
            [Named {
                line: 5,
                path: "five".into()
            }]
        );
    }

    #[test]
    fn test_modules_are_left_out_and_the_rest_stays() {
        let source = "a #[cfg(test)]\nmod tests { fn b() { c } }\nd #[cfg(test)] mod tests; e";
        assert_eq!(
            paths(&without_tests(&bare(source)))
                .into_iter()
                .map(|it| it.path)
                .collect::<Vec<_>>(),
            ["a", "d", "e"]
        );
    }
}
