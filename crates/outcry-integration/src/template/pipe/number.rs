//! Numbers: exact, in billionths, and never a float.

use super::Operand;
use crate::template::{Scope, Val};
use outcry_core::value::Decimal;

/// Billionths in one.
const ONE: i128 = 1_000_000_000;

/// What is done to a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    Plus(Operand),
    Minus(Operand),
    Times(Operand),
    Divide(Operand),
    /// What is left of a division.
    Modulo(Operand),
    AtLeast(Operand),
    AtMost(Operand),
    /// Cut behind the point.
    Whole,
    /// To the nearest multiple, halves up.
    Round(Operand),
    /// Text with so many decimals, halves up.
    Decimals(u8),
    /// Text with commas in threes.
    Thousands,
}

/// What is made of several numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Sum,
    Greatest,
    Least,
}

/// Which number of a range in words: `$201-300`, `35000-49999`, `under 580`, `100k+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RangeEnd {
    Low,
    High,
    Middle,
}

impl Work {
    /// The other number, if there is one.
    pub(crate) const fn operand(&self) -> Option<&Operand> {
        match self {
            Self::Plus(other)
            | Self::Minus(other)
            | Self::Times(other)
            | Self::Divide(other)
            | Self::Modulo(other)
            | Self::AtLeast(other)
            | Self::AtMost(other)
            | Self::Round(other) => Some(other),
            Self::Whole | Self::Decimals(_) | Self::Thousands => None,
        }
    }

    /// The number after it; `None` if it is no number, or too large a one.
    pub(crate) fn of<'a>(&self, value: &Val<'a>, scope: &Scope<'a>) -> Option<Val<'a>> {
        let number = billionths(value)?;
        let with = |operand: &Operand| operand.number(scope);
        Some(match self {
            Self::Plus(other) => val(number.checked_add(with(other)?)?)?,
            Self::Minus(other) => val(number.checked_sub(with(other)?)?)?,
            Self::Times(other) => val(nearest(number.checked_mul(with(other)?)?, ONE)?)?,
            Self::Divide(other) => val(nearest(number.checked_mul(ONE)?, with(other)?)?)?,
            Self::Modulo(other) => val(number.checked_rem_euclid(with(other)?)?)?,
            Self::AtLeast(other) => val(number.max(with(other)?))?,
            Self::AtMost(other) => val(number.min(with(other)?))?,
            Self::Whole => val(number - number % ONE)?,
            Self::Round(other) => {
                let step = with(other)?;
                val(nearest(number, step)?.checked_mul(step)?)?
            }
            Self::Decimals(places) => Val::owned(decimals(number, *places)?),
            Self::Thousands => Val::owned(thousands(number)?),
        })
    }
}

impl Fold {
    pub(crate) fn of<'a>(self, value: &Val<'a>) -> Option<Val<'a>> {
        let Val::Texts(texts) = value else { return val(billionths(value)?) };
        let numbers: Vec<i128> = texts.iter().filter_map(|text| parse(text)).collect();
        val(match self {
            Self::Sum => numbers.into_iter().try_fold(0_i128, i128::checked_add)?,
            Self::Greatest => numbers.into_iter().max()?,
            Self::Least => numbers.into_iter().min()?,
        })
    }
}

impl RangeEnd {
    pub(crate) fn of<'a>(self, text: &str) -> Option<Val<'a>> {
        let lower = text.to_lowercase();
        let numbers = numbers(&lower);
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let (low, high) = match *numbers.as_slice() {
            [] => return None,
            [one] if has(&["under", "less", "below", "up to", "<"]) => (Some(0), Some(one)),
            [one] if has(&["over", "more", "above", "+", ">", "plus"]) => (Some(one), None),
            [one] => (Some(one), Some(one)),
            [low, high, ..] => (Some(low), Some(high)),
        };
        match self {
            Self::Low => val(low?),
            Self::High => val(high?),
            Self::Middle => val(nearest(low? + high.or(low)?, 2)?),
        }
    }
}

/// Every number of a text, in its order; `12k` is twelve thousand.
fn numbers(text: &str) -> Vec<i128> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let from = &rest[at..];
        let end = from
            .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ',')))
            .unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        let thousand = after.starts_with('k') && !after[1..].starts_with(char::is_alphabetic);
        let number = parse(digits.trim_end_matches(['.', ',']));
        found.extend(number.and_then(|number| number.checked_mul(if thousand { 1000 } else { 1 })));
        rest = after;
    }
    found
}

/// A value as billionths; `$1,250.50` counts, and yes is one.
pub(crate) fn billionths(value: &Val<'_>) -> Option<i128> {
    match value {
        Val::Int(number) => i128::from(*number).checked_mul(ONE),
        Val::Decimal(number) => lifted(*number),
        Val::Money(amount) => Some(i128::from(amount.micros()) * 1000),
        Val::Bool(yes) => Some(i128::from(*yes) * ONE),
        Val::Text(text) => parse(text),
        _ => None,
    }
}

/// A number in text, with its signs and commas taken away.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let plain = text.trim();
    if let Some(number) = Decimal::parse(plain) {
        return lifted(number);
    }
    let bare: String = plain
        .chars()
        .filter(|letter| !matches!(letter, ',' | '$' | '£' | '€' | ' '))
        .collect();
    Decimal::parse(&bare).and_then(lifted)
}

fn lifted(number: Decimal) -> Option<i128> {
    let places = 9_u32.checked_sub(u32::from(number.scale))?;
    i128::from(number.digits).checked_mul(10_i128.pow(places))
}

/// The shortest way to write it: whole if it is whole.
pub(crate) fn val<'a>(billionths: i128) -> Option<Val<'a>> {
    if billionths % ONE == 0 {
        return i64::try_from(billionths / ONE).ok().map(Val::Int);
    }
    let (mut digits, mut scale) = (billionths, 9_u8);
    while digits % 10 == 0 {
        (digits, scale) = (digits / 10, scale - 1);
    }
    i64::try_from(digits).ok().map(|digits| Val::Decimal(Decimal { digits, scale }))
}

/// `n / d`, to the nearest whole, halves away from zero; `None` for zero.
fn nearest(n: i128, d: i128) -> Option<i128> {
    if d == 0 {
        return None;
    }
    let (quotient, rest) = (n / d, (n % d).unsigned_abs());
    let away = if (n < 0) == (d < 0) { 1 } else { -1 };
    Some(if rest.checked_mul(2)? >= d.unsigned_abs() {
        quotient + away
    } else {
        quotient
    })
}

fn decimals(number: i128, places: u8) -> Option<String> {
    let places = places.min(9);
    let unit = 10_i128.pow(u32::from(9 - places));
    let rounded = nearest(number, unit)?;
    let digits = format!("{:0>width$}", rounded.unsigned_abs(), width = usize::from(places) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(places));
    let sign = if rounded < 0 { "-" } else { "" };
    let point = if places == 0 { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

fn thousands(number: i128) -> Option<String> {
    let mut plain = String::new();
    val(number)?.push_text(&mut plain);
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", &*plain), |rest| ("-", rest));
    let (whole, fraction) = unsigned
        .split_once('.')
        .map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    Some(grouped)
}
