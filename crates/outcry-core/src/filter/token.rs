//! The words, values and signs a filter is written with, one at a time.

use super::expr::write_text;
use crate::value::Decimal;
use std::fmt;
use std::sync::Arc;

/// Words that cannot name a field.
pub(super) const RESERVED: [&str; 8] = ["and", "or", "not", "in", "between", "starts_with", "true", "false"];

const SIGNS: [&str; 11] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ","];

/// What people bring along from other languages and from word processors, and what to write here.
const HABITS: [(&str, &str); 9] = [
    ("==", "a single `=`"),
    ("<>", "`!=`"),
    ("&", "`and`"),
    ("|", "`or`"),
    ("'", "double quotes around a text"),
    ("“", "straight double quotes around a text"),
    ("”", "straight double quotes around a text"),
    ("!", "`not`, or `!=` between two values"),
    (".", "`any(list, condition)` to look inside a list"),
];

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Name(&'t str),
    Text(Arc<str>),
    Number(Decimal),
    Sign(&'static str),
    End,
}

/// Something that is no token.
pub(super) struct Mistake {
    /// Bytes after the beginning of the token.
    pub(super) at: usize,
    pub(super) found: String,
    pub(super) expected: String,
}

impl Mistake {
    fn new(at: usize, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            at,
            found: found.into(),
            expected: expected.into(),
        }
    }
}

/// The token that a text begins with, and its length in bytes.
pub(super) fn read(text: &str) -> Result<(Token<'_>, usize), Mistake> {
    match text.as_bytes().first() {
        None => Ok((Token::End, 0)),
        Some(b'"') => quoted(text),
        Some(b'0'..=b'9' | b'-') => number(text),
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => name(text),
        Some(_) => sign(text),
    }
}

fn quoted(text: &str) -> Result<(Token<'_>, usize), Mistake> {
    let mut value = String::new();
    let mut from = 1;
    while let Some(offset) = text[from..].find(|c: char| c == '"' || c == '\\' || c.is_control()) {
        let stop = from + offset;
        value.push_str(&text[from..stop]);
        let mut rest = text[stop..].chars();
        match (rest.next(), rest.next()) {
            (Some('"'), _) => return Ok((Token::Text(value.into()), stop + 1)),
            (Some('\\'), Some(escaped @ ('"' | '\\'))) => value.push(escaped),
            (Some('\\'), _) => {
                return Err(Mistake::new(
                    stop,
                    "`\\`",
                    "`\\\"` or `\\\\`; these are the two that need a backslash",
                ));
            }
            _ => break,
        }
        from = stop + 2;
    }
    Err(Mistake::new(
        0,
        format!("the text {} without an end", shortened(text)),
        "a closing `\"` on the same line",
    ))
}

fn number(text: &str) -> Result<(Token<'_>, usize), Mistake> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c))
        .unwrap_or(text.len());
    let word = &text[..end];
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let expected = if unsigned.len() > 1 && unsigned.starts_with('0') && !unsigned.starts_with("0.") {
        "double quotes around digits that begin with a zero, such as a ZIP code"
    } else if let Some(number) = Decimal::parse(word) {
        return Ok((Token::Number(number), end));
    } else if word.parse::<jiff::civil::Date>().is_ok() {
        "double quotes around a date"
    } else {
        "a number of at most 18 digits, 9 of them decimals"
    };
    Err(Mistake::new(0, format!("`{}`", shortened(word)), expected))
}

fn name(text: &str) -> Result<(Token<'_>, usize), Mistake> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = &text[..end];
    match RESERVED.iter().find(|word| word.eq_ignore_ascii_case(name)) {
        Some(word) if *word != name => Err(Mistake::new(0, format!("`{name}`"), format!("`{word}` in small letters"))),
        _ => Ok((Token::Name(name), end)),
    }
}

fn sign(text: &str) -> Result<(Token<'_>, usize), Mistake> {
    let sign = SIGNS.iter().find(|sign| text.starts_with(**sign));
    let habit = HABITS.iter().find(|(wrong, _)| text.starts_with(wrong));
    match (sign, habit) {
        // `!=` begins like the habit `!`
        (Some(sign), None) | (Some(sign @ &"!="), Some(_)) => Ok((Token::Sign(sign), sign.len())),
        (_, Some((wrong, right))) => Err(Mistake::new(0, format!("`{wrong}`"), *right)),
        (None, None) => {
            let found: String = text.chars().take(1).collect();
            Err(Mistake::new(
                0,
                format!("`{found}`"),
                "a field, a value, a comparison or a parenthesis",
            ))
        }
    }
}

impl fmt::Display for Token<'_> {
    /// As a message names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Text(text) => {
                f.write_str("the text ")?;
                write_text(f, &shortened(text))
            }
            Self::Number(number) => write!(f, "the number {number}"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::End => f.write_str("the end of the filter"),
        }
    }
}

/// At most 24 characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(24) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
