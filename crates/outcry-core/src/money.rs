//! Money: exact integers in millionths of a currency unit, read from text, never from a float.
//!
//! Real buyers bid with three and four decimals (`21.105`, `17.8333`), so a cent is too coarse. What is
//! booked is rounded once, at settlement, by [`Money::to_cents_half_even`].

use std::fmt;

/// An amount in millionths of the currency unit: `Money::from_micros(21_105_000)` is 21.105.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing to read.
    #[error("the amount is empty")]
    Empty,
    /// Something other than digits and one point; `NaN`, `1e3`, `1,000` and `0x10` end here.
    #[error("the amount is not a plain decimal number")]
    NotANumber,
    /// More than six digits behind the point that are not zero.
    #[error("the amount has more than six decimals")]
    TooPrecise,
    /// A billion units or more.
    #[error("the amount is a billion or more")]
    TooLarge,
}

const MICROS: i64 = 1_000_000;
const UNITS_MAX: i64 = 1_000_000_000;

impl Money {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);

    /// From millionths of the unit.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From hundredths of the unit, as most price lists write it.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents * 10_000)
    }

    /// Millionths of the unit.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads a plain decimal: optional minus, digits, optional point and digits. No sign words, no exponent,
    /// no grouping. Zeros beyond the sixth decimal are tolerated, other digits there are not.
    ///
    /// # Errors
    /// A [`MoneyError`] naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if digits.is_empty() {
            return Err(MoneyError::Empty);
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let pointless = digits.contains('.') && fraction.is_empty();
        if whole.is_empty() || pointless || !plain(whole) || !plain(fraction) {
            return Err(MoneyError::NotANumber);
        }
        let (kept, dropped) = fraction.split_at(fraction.len().min(6));
        if dropped.bytes().any(|b| b != b'0') {
            return Err(MoneyError::TooPrecise);
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > 10 {
            return Err(MoneyError::TooLarge);
        }
        let units = whole.bytes().fold(0_i64, |sum, b| sum * 10 + i64::from(b - b'0'));
        if units >= UNITS_MAX {
            return Err(MoneyError::TooLarge);
        }
        let mut micros = kept.bytes().fold(0_i64, |sum, b| sum * 10 + i64::from(b - b'0'));
        for _ in kept.len()..6 {
            micros *= 10;
        }
        let amount = units * MICROS + micros;
        Ok(Self(if negative { -amount } else { amount }))
    }

    /// Rounds to hundredths of the unit, half to even. This is the one rounding rule of settlement.
    #[must_use]
    pub fn to_cents_half_even(self) -> Self {
        Self(divide_half_even(i128::from(self.0), 10_000) * 10_000)
    }

    /// The share of `basis_points` (1/100 of a percent) of this amount, half to even to the millionth.
    #[must_use]
    pub fn share(self, basis_points: u32) -> Self {
        Self(divide_half_even(i128::from(self.0) * i128::from(basis_points), 10_000))
    }

    /// Sum, or `None` beyond what an `i64` of millionths holds (nine trillion units).
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

/// `n / d` to the nearest integer, halves to the even one. Both stay far inside `i128`.
fn divide_half_even(n: i128, d: i128) -> i64 {
    let (quotient, rest) = (n.div_euclid(d), n.rem_euclid(d));
    let up = rest * 2 > d || (rest * 2 == d && quotient % 2 != 0);
    i64::try_from(quotient + i128::from(up)).expect("a share or rounding of an i64 of millionths fits again")
}

impl std::ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, next| sum + next)
    }
}

impl fmt::Display for Money {
    /// At least two decimals, at most six, no trailing zeros beyond the second: `12.00`, `21.105`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
        let mut decimals = format!("{fraction:06}");
        while decimals.len() > 2 && decimals.ends_with('0') {
            decimals.pop();
        }
        f.pad(&format!("{sign}{whole}.{decimals}"))
    }
}

/// An ISO 4217 code such as `USD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar, the default of every campaign.
    pub const USD: Self = Self(*b"USD");

    /// Three ASCII letters, any case; `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency code is ASCII by construction")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_buyers_really_send_and_nothing_else() {
        let table = [
            ("12", "12.00"),
            ("21.105", "21.105"),
            ("17.8333", "17.8333"),
            ("0.000001", "0.000001"),
            ("-3.5", "-3.50"),
            ("25.00000000", "25.00"),
        ];
        for (text, shown) in table {
            assert_eq!(Money::parse(text).map(|m| m.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for text in ["", "-", "NaN", "inf", "1e3", "1,000", "$5", " 5", "5.", ".5", "+5", "0x10", "٣"] {
            assert!(Money::parse(text).is_err(), "{text} must not be an amount");
        }
        assert_eq!(Money::parse("0.0000001"), Err(MoneyError::TooPrecise));
        assert_eq!(Money::parse("1000000000"), Err(MoneyError::TooLarge));
        assert_eq!(Money::parse("99999999999999999999999"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn halves_go_to_the_even_cent() {
        for (amount, cents) in [
            ("0.005", "0.00"),
            ("0.015", "0.02"),
            ("0.025", "0.02"),
            ("-0.015", "-0.02"),
            ("21.105", "21.10"),
        ] {
            assert_eq!(Money::parse(amount).unwrap().to_cents_half_even().to_string(), cents, "{amount}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_reads_back_as_itself(micros in -999_999_999_999_999_i64..999_999_999_999_999) {
            let amount = Money::from_micros(micros);
            proptest::prop_assert_eq!(Money::parse(&amount.to_string()), Ok(amount));
        }

        #[test]
        fn payout_and_margin_always_add_up_to_the_price(micros in 0_i64..1_000_000_000_000, points in 0_u32..=10_000) {
            let price = Money::from_micros(micros);
            let payout = price.share(points);
            proptest::prop_assert_eq!(payout + (price - payout), price);
            proptest::prop_assert!(payout <= price);
        }
    }
}
