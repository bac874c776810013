//! Answers of names and values: `status=ok&price=12.50`, or a pair on each line.

use super::document::{Doubt, Found};
use std::borrow::Cow;

/// Pairs beyond these are not read.
const PAIRS_MAX: usize = 10_000;

/// How the pairs are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Between pairs; without one, `&` and ends of lines, with percent signs as in a web form.
    pub(crate) separator: Option<Box<str>>,
    /// Between a name and its value.
    pub(crate) pair: Box<str>,
}

/// An answer, split.
#[derive(Debug)]
pub(crate) struct Form<'d>(Vec<(Cow<'d, str>, Cow<'d, str>)>);

/// `name`, or `name[*]` for a name that may stand several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormPath {
    name: Box<str>,
    every: bool,
}

impl<'d> Form<'d> {
    /// Splits a text.
    ///
    /// # Errors
    /// It holds no pair, or too many.
    pub(crate) fn parse(text: &'d str, marks: &Marks) -> Result<Self, &'static str> {
        let web = marks.separator.is_none();
        let pairs: Vec<&str> = match marks.separator.as_deref() {
            Some(separator) => text.split(separator).take(PAIRS_MAX + 1).collect(),
            None => text.split(['&', '\n']).take(PAIRS_MAX + 1).collect(),
        };
        if pairs.len() > PAIRS_MAX {
            return Err("the answer has too many pairs");
        }
        let pairs = pairs.into_iter().filter_map(|pair| pair.split_once(&*marks.pair));
        let plain = |part: &'d str| {
            if web && part.contains(['%', '+']) {
                Cow::Owned(decoded(part.trim()))
            } else {
                Cow::Borrowed(part.trim())
            }
        };
        let pairs: Vec<_> = pairs.map(|(name, value)| (plain(name), plain(value))).collect();
        if pairs.is_empty() {
            Err("the answer holds no names and values")
        } else {
            Ok(Self(pairs))
        }
    }
}

/// `+` and percent signs undone; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &after[2..];
                continue;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl FormPath {
    /// Reads a name; it may hold dots and brackets.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, every) = text.strip_suffix("[*]").map_or((text, false), |name| (name, true));
        (!name.is_empty()).then(|| Self { name: name.into(), every })
    }

    /// The values of the name.
    ///
    /// # Errors
    /// It stands twice with different values, and the path does not say `[*]`.
    pub(crate) fn find<'d>(&self, form: &'d Form<'_>, visit: &mut dyn FnMut(Found<'d>)) -> Result<(), Doubt> {
        let mut values = form.0.iter().filter(|(name, _)| **name == *self.name).map(|(_, value)| value);
        let found = |value: &'d Cow<'_, str>| match value.trim() {
            "" => Found::Nothing,
            text => Found::Text(Cow::Borrowed(text)),
        };
        if self.every {
            values.for_each(|value| visit(found(value)));
            return Ok(());
        }
        let Some(first) = values.next() else { return Ok(()) };
        if values.any(|other| other != first) {
            return Err(Doubt::Twice(format!("\"{}\" stands twice in the answer", self.name)));
        }
        visit(found(first));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, separator: Option<&str>, pair: &str, path: &str) -> Result<String, Doubt> {
        let marks = Marks {
            separator: separator.map(Box::from),
            pair: pair.into(),
        };
        let form = Form::parse(text, &marks).unwrap();
        let mut found = Vec::new();
        FormPath::parse(path).unwrap().find(&form, &mut |one| {
            found.push(match one {
                Found::Text(text) => text.into_owned(),
                other => format!("{other:?}"),
            });
        })?;
        Ok(found.join("|"))
    }

    #[test]
    fn pairs_are_found_by_name() {
        let web = "status=ok&price=12.50\r\nwhy=no+cover%61ge%2&errors[]=a&errors[]=b&none=";
        let table = [
            (web, None, "=", "status", "ok"),
            (web, None, "=", "price", "12.50"),
            (web, None, "=", "why", "no coverage%2"),
            (web, None, "=", "errors[][*]", "a|b"),
            (web, None, "=", "none", "Nothing"),
            (web, None, "=", "other", ""),
            ("STATUS: A+B | PRICE: 5%", Some("|"), ":", "STATUS", "A+B"),
            ("STATUS: A+B | PRICE: 5%", Some("|"), ":", "PRICE", "5%"),
        ];
        for (text, separator, pair, path, expected) in table {
            assert_eq!(find(text, separator, pair, path).unwrap(), expected, "{path}");
        }
        assert!(find("a=1&a=2", None, "=", "a").is_err());
        assert_eq!(find("a=1&a=1", None, "=", "a").unwrap(), "1");
    }
}
