//! The values a field can hold once they have been checked.

use crate::lead::Row;
use crate::moment::Stamp;
use jiff::civil::Date;
use std::fmt;

/// A checked value. A list holds rows of further fields (drivers, vehicles).
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text: strings, enum words, phone (E.164), e-mail, ZIP, state, IP, URL, in their normal form.
    Text(Box<str>),
    /// A calendar date.
    Date(Date),
    /// A moment with its offset.
    Stamp(Stamp),
    /// Rows of a nested list.
    List(Vec<Row>),
}

/// An exact decimal number: `digits / 10^scale`, with at most 9 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits as one integer.
    pub digits: i64,
    /// How many of them stand behind the point.
    pub scale: u8,
}

impl Decimal {
    /// Reads an optional minus, digits, an optional point with digits. At most 18 digits in all and 9 decimals.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let fraction = fraction.trim_end_matches('0');
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let ends_in_point = unsigned.ends_with('.');
        if whole.is_empty() || ends_in_point || !plain(whole) || !plain(fraction) || fraction.len() > 9 || whole.len() + fraction.len() > 18
        {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse::<i64>().ok()?;
        let scale = u8::try_from(fraction.len()).ok()?;
        Some(Self {
            digits: if text.starts_with('-') { -digits } else { digits },
            scale,
        })
    }

    /// Compares two decimals exactly.
    pub fn compare(self, other: Self) -> std::cmp::Ordering {
        let scale = self.scale.max(other.scale);
        let lift = |d: Self| i128::from(d.digits) * 10_i128.pow(u32::from(scale - d.scale));
        lift(self).cmp(&lift(other))
    }
}

impl From<i64> for Decimal {
    fn from(digits: i64) -> Self {
        Self { digits, scale: 0 }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, shown) in [
            ("6.25", "6.25"),
            ("-0.5", "-0.5"),
            ("100", "100"),
            ("0.050", "0.05"),
            ("-12.000", "-12"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", ".5", "5.", "1e3", "1234567890123456789", "0.1234567891"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert!(Decimal::parse("6.5").unwrap().compare(Decimal::parse("6.50").unwrap()).is_eq());
    }
}
