//! An amount out of a text: exact, or refused. Nothing is guessed.

use outcry_core::money::{Currency, Money, MoneyError};

/// Signs that may stand before or after an amount. A bare `$` says dollar, but not whose.
const SIGNS: [(&str, Option<Currency>); 4] = [("US$", Some(Currency::USD)), ("$", None), ("£", None), ("€", None)];
/// Longer texts are no amounts.
const AMOUNT_BYTES_MAX: usize = 100;

/// An amount, and the currency its text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) money: Money,
    pub(crate) currency: Option<Currency>,
}

/// Reads `25`, `21.105`, `$1,250.00`, `12.50 USD`, `.5`.
///
/// # Errors
/// Why it is not an amount: `NaN`, `1e3`, `12,50`, more than a billion, more than six decimals.
pub(crate) fn amount(text: &str) -> Result<Amount, MoneyError> {
    if text.len() > AMOUNT_BYTES_MAX {
        return Err(MoneyError::NotANumber);
    }
    let text = text.trim();
    let (minus, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest.trim_start()));
    let (rest, currency) = without_currency(rest);
    let (minus, rest) = if minus.is_empty() {
        rest.strip_prefix('-').map_or((minus, rest), |rest| ("-", rest))
    } else {
        (minus, rest)
    };
    let (whole, fraction) = rest
        .split_once('.')
        .map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = ungrouped(whole).ok_or(MoneyError::NotANumber)?;
    let whole = if whole.is_empty() && fraction.is_some() { "0" } else { &whole };
    let plain = fraction.map_or_else(|| format!("{minus}{whole}"), |fraction| format!("{minus}{whole}.{fraction}"));
    Ok(Amount {
        money: Money::parse(&plain)?,
        currency,
    })
}

/// Takes a sign or a three-letter code off either end.
fn without_currency(text: &str) -> (&str, Option<Currency>) {
    for (sign, named) in SIGNS {
        let rest = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign));
        if let Some(rest) = rest {
            let named = named.or_else(|| {
                Currency::parse(match sign {
                    "£" => "GBP",
                    "€" => "EUR",
                    _ => "",
                })
            });
            return (rest.trim(), named);
        }
    }
    let code = |part: Option<&str>| {
        part.filter(|part| part.bytes().all(|b| b.is_ascii_uppercase()))
            .and_then(Currency::parse)
    };
    if let (Some(currency), Some(rest)) = (code(text.get(..3)), text.get(3..)) {
        return (rest.trim_start(), Some(currency));
    }
    let cut = text.len().saturating_sub(3);
    if let (Some(currency), Some(rest)) = (code(text.get(cut..)), text.get(..cut)) {
        return (rest.trim_end(), Some(currency));
    }
    (text, None)
}

/// `1,250` and `1 250` as `1250`; `None` where the groups are not of three, as in `12,50`.
fn ungrouped(whole: &str) -> Option<String> {
    let separator = |c: char| matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}');
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or_default();
    let mut plain = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        plain.push_str(group);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly_or_not_at_all() {
        let read = |text: &str| {
            amount(text).map(|read| {
                (
                    read.money.to_string(),
                    read.currency.map(|code| code.to_string()).unwrap_or_default(),
                )
            })
        };
        let table = [
            ("25", "25.00", ""),
            ("21.105", "21.105", ""),
            (" $1,250.00 ", "1250.00", ""),
            ("12.50 USD", "12.50", "USD"),
            ("USD12.50", "12.50", "USD"),
            ("€9", "9.00", "EUR"),
            ("£ 9.10", "9.10", "GBP"),
            ("US$7", "7.00", "USD"),
            (".5", "0.50", ""),
            ("-3", "-3.00", ""),
            ("-$3", "-3.00", ""),
            ("$-3", "-3.00", ""),
            ("1 250", "1250.00", ""),
            ("25.00000000", "25.00", ""),
        ];
        for (text, money, currency) in table {
            assert_eq!(read(text), Ok((money.to_owned(), currency.to_owned())), "{text}");
        }
        for text in [
            "",
            "NaN",
            "nan",
            "inf",
            "Infinity",
            "1e3",
            "12,50",
            "1.234,56",
            "1,2345",
            "five",
            "$",
            "USD",
            "0x10",
            "--1",
            "1.2.3",
            "9999999999",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}
