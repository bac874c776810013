//! What others say of a lead, without the person in it.
//!
//! Buyers answer with sentences, and some repeat whom they were told about: "919-555-0142 is on file". The sentence is
//! kept for years and shown to people; the number must not be. Compared with this lead's own personal values, so that
//! a buyer's own number in the same sentence stays readable.

use crate::lead::{Lead, Row, Slot};
use crate::lead_type::FieldSet;
use crate::value::Value;
use std::borrow::Cow;
use std::ops::Range;

/// What stands where the person stood.
const HIDDEN: &str = "•••";
/// The last letter of a text that was cut.
const CUT: char = '…';
/// Values of fewer letters are looked for nowhere: they are parts of every sentence.
const LETTERS_MIN: usize = 3;
/// As many digits at the end of a number tell whose it is, country code or not.
const DIGITS_TOLD: usize = 10;
/// So many digits at the end of a text that was cut may be the beginning of a number.
const DIGITS_LEFT: usize = 4;
/// Fewer digits are no number that reaches or names anybody.
const DIGITS_MIN: usize = 7;

/// The text with dots in the place of this person's values, however numbers are grouped and letters are cased.
pub fn without_person<'t>(lead: &Lead, text: &'t str) -> Cow<'t, str> {
    let mut values = Vec::new();
    gather(&lead.lead_type.fields, &lead.row, &mut values);
    without(&values, text)
}

fn gather<'l>(set: &'l FieldSet, row: &'l Row, values: &mut Vec<Cow<'l, str>>) {
    for (at, field) in set.fields.iter().enumerate() {
        match row.slot(at) {
            Some(Slot::Personal(value)) => values.extend(texts(value.reveal())),
            Some(Slot::Open(Value::List(rows))) => {
                let rows = field.rows().into_iter().flat_map(|set| rows.iter().map(move |row| (set, row)));
                rows.for_each(|(set, row)| gather(set, row, values));
            }
            Some(Slot::Open(_)) | None => {}
        }
    }
}

/// The texts by which a value may be spoken of.
fn texts(value: &Value) -> Vec<Cow<'_, str>> {
    match value {
        Value::Text(text) => vec![Cow::Borrowed(text)],
        Value::Date(date) => ["%Y-%m-%d", "%m/%d/%Y", "%Y%m%d"]
            .map(|form| Cow::Owned(date.strftime(form).to_string()))
            .into(),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Stamp(_) | Value::List(_) => Vec::new(),
    }
}

fn without<'t>(values: &[Cow<'_, str>], text: &'t str) -> Cow<'t, str> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for value in values {
        found.extend(words(value.trim(), text));
        found.extend(numbers(value, text));
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_by_key(|range| range.start);
    let (mut kept, mut from) = (String::with_capacity(text.len()), 0);
    for range in found {
        if from <= range.start {
            kept.push_str(&text[from..range.start]);
            kept.push_str(HIDDEN);
        }
        from = from.max(range.end);
    }
    kept.push_str(&text[from..]);
    Cow::Owned(kept)
}

/// Where the value stands as words of its own, in any case of the letters.
fn words(value: &str, text: &str) -> Vec<Range<usize>> {
    if value.chars().count() < LETTERS_MIN {
        return Vec::new();
    }
    let (mut found, mut before) = (Vec::new(), None);
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        if from <= at && !before.is_some_and(char::is_alphanumeric) {
            let end = same(value, &text[at..]).map(|len| at + len);
            if let Some(end) = end.filter(|end| !text[*end..].starts_with(char::is_alphanumeric)) {
                found.push(at..end);
                from = end;
            }
        }
        before = Some(letter);
    }
    found
}

/// How much of the text the value is, if the text begins with it, or with as much of it as was left when it was cut.
fn same(value: &str, text: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    for (count, wanted) in value.chars().enumerate() {
        let (at, letter) = letters.next()?;
        if letter == CUT && LETTERS_MIN <= count && letters.next().is_none() {
            return Some(at);
        }
        if letter != wanted && !letter.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(letters.next().map_or(text.len(), |(at, _)| at))
}

/// Where a number stands, whatever its digits are grouped with.
fn numbers(value: &str, text: &str) -> Vec<Range<usize>> {
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    let is_number = value.chars().all(|c| c.is_ascii_digit() || is_grouping(c));
    if !is_number || digits.len() < DIGITS_MIN {
        return Vec::new();
    }
    let told = &digits[digits.len().saturating_sub(DIGITS_TOLD)..];
    let (mut places, mut found) = (Vec::new(), Vec::new());
    for (at, letter) in text.char_indices() {
        if letter.is_ascii_digit() {
            places.push(at);
        } else if !is_grouping(letter) {
            places.push(usize::MAX); // nothing goes on beyond a letter
        }
    }
    let bytes = text.as_bytes();
    if text.ends_with(CUT) {
        places.pop(); // the mark of the cut
        found.extend(beginning(&digits, &places, bytes));
    }
    let is_it = |window: &&[usize]| window.iter().zip(told).all(|(at, digit)| bytes.get(*at) == Some(digit));
    let whole = places.windows(told.len()).filter(is_it);
    found.extend(whole.map(|window| window[0]..window[told.len() - 1] + 1));
    found
}

/// Where a number begins that the text was too short for.
fn beginning(digits: &[u8], places: &[usize], text: &[u8]) -> Option<Range<usize>> {
    let starts = places.len().saturating_sub(digits.len())..places.len().saturating_sub(DIGITS_LEFT - 1);
    let without_country = &digits[digits.len().saturating_sub(DIGITS_TOLD)..];
    starts.map(|start| &places[start..]).find_map(|rest| {
        let begins = |digits: &[u8]| rest.iter().zip(digits).all(|(at, digit)| text.get(*at) == Some(digit));
        (begins(digits) || begins(without_country)).then(|| rest[0]..text.len() - CUT.len_utf8())
    })
}

/// What the digits of a number are grouped with.
const fn is_grouping(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '-' | '.' | '(' | ')' | '+' | '/' | '_' | '\u{a0}' | '\u{2010}'..='\u{2015}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::tests::{field, lead, lead_type};
    use crate::field::{Kind, Privacy};
    use crate::raw::Raw;
    use std::sync::Arc;

    #[test]
    fn a_person_is_not_in_what_is_said_of_them() {
        let values = [
            "+19195550142",
            "Zephyrine",
            "Quillfeather",
            "zephyrine.q@example.net",
            "Al",
            "4711 Wrenfield Lane",
            "123-45-6789",
            "1990-07-04",
        ];
        let values = values.map(Cow::Borrowed);
        for (said, kept) in [
            ("duplicate: 9195550142", "duplicate: •••"),
            (
                "+1 (919) 555-0142 is on file since 2024-01-02",
                "+1 (••• is on file since 2024-01-02",
            ),
            ("call us at 800-555-0100 about 919.555.0142", "call us at 800-555-0100 about •••"),
            ("lead of ZEPHYRINE QUILLFEATHER, twice: zephyrine", "lead of ••• •••, twice: •••"),
            ("Zephyrine.Q@Example.NET is known", "••• is known"),
            ("SSN 123456789 or 123 45 6789", "SSN ••• or •••"),
            ("4711 WRENFIELD LANE, born 1990-07-04", "•••, born •••"),
            ("All is well at Zephyrines, 91955501423", "All is well at Zephyrines, •••3"),
            ("9195 and 550142", "9195 and 550142"),
            ("lead 4711 is not sold", "lead 4711 is not sold"),
            ("a duplicate of Zephyrine Quill…", "a duplicate of ••• •••…"),
            ("a duplicate of +1 919-555-…", "a duplicate of +•••…"),
            ("a duplicate of (919) 55…", "a duplicate of (•••…"),
            ("the year is 2019…", "the year is 2019…"),
            ("", ""),
        ] {
            assert_eq!(without(&values, said), kept);
        }
    }

    #[test]
    fn what_is_not_personal_stays() {
        let mut name = field("first_name", Kind::String);
        name.privacy = Privacy::DirectIdentifier;
        let lead_type = Arc::new(lead_type(vec![name, field("city", Kind::String)]));
        let lead = lead(
            &lead_type,
            vec![("first_name", Raw::Text("Avery".into())), ("city", Raw::Text("Raleigh".into()))],
        );
        assert_eq!(without_person(&lead, "Avery of Raleigh"), "••• of Raleigh");
    }
}
