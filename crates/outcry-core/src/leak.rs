//! Looks for contact data in a text that is about to leave in a ping.
//!
//! The last net under the allow-list: open fields (carrier, make, a sub-id) carry what people type, and some
//! type their phone number. A hit stops the ping; it is not repaired here.

use std::fmt;

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Looks {
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A social security number.
    Ssn,
    /// The number of a payment card.
    Card,
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone => "a phone number",
            Self::Email => "an e-mail address",
            Self::Ssn => "a social security number",
            Self::Card => "a card number",
        })
    }
}

/// A ping that was stopped: this field's value looks like contact data. The value itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} looks like {looks}")]
pub struct Leak {
    /// Path of the field by its ping name: `vehicles[0].make`.
    pub field: String,
    /// What it looks like.
    pub looks: Looks,
}

/// Fewest digits that can mean anything: a social security number.
const DIGITS_MIN: usize = 9;
/// Most digits that can mean anything: a card number.
const DIGITS_MAX: usize = 19;
/// Shortest e-mail address: `a@b.co`.
const EMAIL_MIN: usize = 6;

/// Does the text hold a phone number, an e-mail address, a social security number or a card number?
///
/// Time is linear in the length of the text. Digits count in their usual groupings only, so that dates
/// (`2026-09-01`), brackets (`35000-49999`), limits (`100/300`) and networks pass. A run of digits with letters on
/// both sides is an identifier, not a number to call.
pub fn scan(text: &str) -> Option<Looks> {
    if text.len() < EMAIL_MIN {
        return None;
    }
    let mut digits = 0_usize;
    let mut at_sign = false;
    let mut wide = false;
    for byte in text.bytes() {
        digits += usize::from(byte.is_ascii_digit());
        at_sign |= byte == b'@' || byte == b'%';
        wide |= byte == 0xEF; // the first byte of full-width forms
    }
    if wide {
        return scan(&narrow(text)?);
    }
    if at_sign && has_email(text) {
        return Some(Looks::Email);
    }
    if digits < DIGITS_MIN { None } else { find_number(text) }
}

/// Full-width digits, `+` and `@` as plain ones. `None` when only full-width forms without a plain twin remain.
fn narrow(text: &str) -> Option<String> {
    let plain = text.chars().map(|c| match u32::from(c) {
        // U+FF01 to U+FF5E mirror ASCII 0x21 to 0x7E
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(' '),
        0xF000..=0xFFFF => ' ',
        _ => c,
    });
    Some(plain.collect()).filter(|plain: &String| plain.len() >= EMAIL_MIN)
}

/// Something before an `@` (or `%40`), and a domain with a dot behind it.
fn has_email(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-'".contains(&b) || b >= 0x80;
    (1..bytes.len()).any(|at| {
        let behind = match bytes[at] {
            b'@' => at + 1,
            b'%' if bytes[at + 1..].starts_with(b"40") => at + 3,
            _ => return false,
        };
        is_local(bytes[at - 1]) && starts_with_domain(&bytes[behind..])
    })
}

/// A label, a dot and at least two letters.
fn starts_with_domain(bytes: &[u8]) -> bool {
    // a domain name has at most 253 characters: without the limit a text full of @ would cost its square
    let end = bytes
        .iter()
        .take(253)
        .position(|b| !(b.is_ascii_alphanumeric() || *b == b'-' || *b == b'.' || *b >= 0x80));
    let domain = &bytes[..end.unwrap_or(bytes.len().min(253))];
    domain
        .windows(4)
        .any(|w| w[0] != b'.' && w[1] == b'.' && w[2].is_ascii_alphabetic() && w[3].is_ascii_alphabetic())
}

/// A run of digits and what stands around it.
struct Group {
    digits: String,
    /// What joins it to the group before; `None` if nothing that a number is written with.
    joined_by: Option<Joint>,
    plus: bool,
    letter_before: bool,
    letter_after: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    Slash,
    Dash,
    Other,
}

fn find_number(text: &str) -> Option<Looks> {
    let groups = groups(text);
    (0..groups.len()).find_map(|start| {
        let mut digits = String::new();
        for end in start..groups.len() {
            let group = &groups[end];
            if (end > start && group.joined_by.is_none()) || digits.len() + group.digits.len() > DIGITS_MAX {
                return None;
            }
            digits.push_str(&group.digits);
            let found = judge(&groups[start..=end], &digits);
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut gap = String::new();
    let mut in_digits = false;
    for c in text.chars() {
        if c.is_ascii_digit() {
            if !in_digits {
                groups.push(Group {
                    digits: String::new(),
                    joined_by: joint(&gap),
                    plus: gap.ends_with('+') || gap.ends_with("+("),
                    letter_before: gap.ends_with(char::is_alphabetic),
                    letter_after: false,
                });
                gap.clear();
            }
            if let Some(group) = groups.last_mut() {
                group.digits.push(c);
            }
            in_digits = true;
            continue;
        }
        if in_digits && let Some(group) = groups.last_mut() {
            group.letter_after = c.is_alphabetic();
        }
        in_digits = false;
        gap.push(c);
    }
    groups
}

/// At most four separators, as in `) - `.
fn joint(gap: &str) -> Option<Joint> {
    let separates = |c: char| {
        matches!(
            c,
            ' ' | '-' | '.' | '(' | ')' | '/' | '_' | '\u{a0}' | '\u{2010}'..='\u{2015}' | '\u{202f}'
        )
    };
    match gap {
        "/" => Some(Joint::Slash),
        "-" => Some(Joint::Dash),
        _ if !gap.is_empty() && gap.chars().count() <= 4 && gap.chars().all(|c| separates(c) && c != '/') => Some(Joint::Other),
        _ => None,
    }
}

fn judge(groups: &[Group], digits: &str) -> Option<Looks> {
    let (first, last) = (groups.first()?, groups.last()?);
    let glued = usize::from(first.letter_before) + usize::from(last.letter_after);
    if digits.len() < 8 || glued > 1 {
        return None;
    }
    if is_phone(groups, digits) {
        return Some(Looks::Phone);
    }
    if glued == 0 && is_ssn(groups, digits) {
        return Some(Looks::Ssn);
    }
    (glued == 0 && is_card(groups, digits)).then_some(Looks::Card)
}

fn is_phone(groups: &[Group], digits: &str) -> bool {
    is_international(groups, digits) || is_spelled_phone(groups, digits)
}

/// A plus and 8 to 15 digits: in one piece, or a country code first. `+10 2026-09-01` is not one.
fn is_international(groups: &[Group], digits: &str) -> bool {
    let calendar = groups
        .windows(3)
        .any(|w| [&w[0], &w[1], &w[2]].map(|g| g.digits.len()) == [4, 2, 2]);
    let code_first = groups.len() == 1 || groups[0].digits.len() <= 3;
    groups[0].plus && (8..=15).contains(&digits.len()) && !digits.starts_with('0') && code_first && !calendar
}

/// Ten digits of the North American plan, or eleven with the 1, in a grouping people write.
fn is_spelled_phone(groups: &[Group], digits: &str) -> bool {
    let national = if digits.len() == 11 {
        digits.strip_prefix('1')
    } else {
        Some(digits)
    };
    let Some(national) = national.filter(|n| n.len() == 10) else {
        return false;
    };
    let valid = matches!(national.as_bytes(), [b'2'..=b'9', _, _, b'2'..=b'9', ..]);
    valid && is_phone_grouping(groups)
}

/// Lengths of the runs of digits in the spellings of a phone number, without and with the 1.
const PHONE_GROUPINGS: [&[usize]; 14] = [
    &[10],
    &[3, 7],
    &[6, 4],
    &[3, 3, 4],
    &[3, 3, 2, 2],
    &[11],
    &[1, 10],
    &[1, 3, 7],
    &[1, 6, 4],
    &[1, 3, 3, 4],
    &[1, 3, 3, 2, 2],
    &[4, 7],
    &[4, 3, 4],
    &[7, 4],
];

fn is_phone_grouping(groups: &[Group]) -> bool {
    let is = |lengths: &[usize]| {
        lengths.len() == groups.len() && lengths.iter().zip(groups).all(|(length, group)| *length == group.digits.len())
    };
    // 512/555-1234 is an old spelling; 250/500/1000 are limits
    let old_spelling =
        matches!(groups, [_, exchange, line] if exchange.joined_by == Some(Joint::Slash) && line.joined_by == Some(Joint::Dash));
    if has_slash(groups) && !old_spelling {
        return false;
    }
    PHONE_GROUPINGS.into_iter().any(is) || groups.iter().all(|group| group.digits.len() == 1)
}

fn has_slash(groups: &[Group]) -> bool {
    groups.iter().skip(1).any(|group| group.joined_by == Some(Joint::Slash))
}

/// `ddd-dd-dddd` or nine digits, save numbers that were never given out.
fn is_ssn(groups: &[Group], digits: &str) -> bool {
    let lengths = |wanted: [usize; 3]| groups.len() == 3 && groups.iter().zip(wanted).all(|(group, length)| group.digits.len() == length);
    let grouped = (groups.len() == 1 && digits.len() == 9) || (lengths([3, 2, 4]) && !has_slash(groups));
    let given_out = || {
        let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
        area != "000" && area != "666" && !area.starts_with('9') && group != "00" && serial != "0000"
    };
    grouped && given_out()
}

/// 13 to 19 digits of a card scheme (2 to 6) with a right check digit, in one piece, in fours or as 4-6-5.
fn is_card(groups: &[Group], digits: &str) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    let grouped = match lengths.as_slice() {
        [_] | [4, 6, 4 | 5] => true,
        [fours @ .., last] => fours.iter().all(|length| *length == 4) && *last <= 4,
        [] => false,
    };
    let long_enough = (13..=DIGITS_MAX).contains(&digits.len());
    long_enough && grouped && !has_slash(groups) && matches!(digits.as_bytes()[0], b'2'..=b'6') && luhn(digits)
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            match (at % 2, digit) {
                (0, _) => digit,
                (_, 0..=4) => digit * 2,
                _ => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
