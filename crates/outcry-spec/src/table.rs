//! One table of a spec file, read key by key. What is asked for is what is known: the rest is reported.

use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::name;
use crate::text::Text;
use outcry_core::money::{Money, MoneyError};
use std::cell::RefCell;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table, and who it is about.
pub(crate) struct Table<'a> {
    pub(crate) desk: &'a Desk<'a>,
    /// As messages name it: ``contract `acme_auto` ``.
    pub(crate) what: String,
    /// Where its name stands.
    pub(crate) spot: Spot,
    entries: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
}

/// A value that is not one of TOML's tables, with what messages call it.
pub(crate) struct Item<'a> {
    pub(crate) key: String,
    pub(crate) spot: Spot,
    pub(crate) value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(desk: &'a Desk<'a>, what: String, spot: Spot, entries: &'a DeTable<'a>) -> Self {
        Self {
            desk,
            what,
            spot,
            entries,
            asked: RefCell::default(),
        }
    }

    /// Reports what nobody asked for.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if !asked.contains(&name) {
                let problem = Problem::error(
                    codes::UNKNOWN_KEY,
                    self.at(key.span().start),
                    format!("{} has no key `{name}`", self.what),
                );
                self.desk.tell(problem.hint_if(name::suggestion(name, asked.iter().copied())));
            }
        }
    }

    /// Every entry, for tables whose keys are the operator's own.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let file = self.spot.file;
        self.entries.iter().map(move |(key, value)| Item {
            key: key.get_ref().to_string(),
            spot: Spot {
                file,
                at: key.span().start,
            },
            value,
        })
    }

    /// Where a key stands, or the table's name if it is not there.
    pub(crate) fn spot_of(&self, key: &str) -> Spot {
        self.entries
            .get_key_value(key)
            .map_or(self.spot, |(key, _)| self.at(key.span().start))
    }

    /// A text; `None` if it is absent or was reported.
    pub(crate) fn text(&self, key: &'static str) -> Option<Text> {
        self.text_of(key, self.value(key)?, "a text in quotes")
    }

    /// A text that must be there.
    pub(crate) fn need_text(&self, key: &'static str, example: &str) -> Option<Text> {
        if self.value(key).is_none() {
            self.tell_missing(key, example);
        }
        self.text(key)
    }

    /// Reports a key that must be there.
    pub(crate) fn tell_missing(&self, key: &str, example: &str) {
        let message = format!("{} has no `{key}`", self.what);
        self.desk
            .tell(Problem::error(codes::MISSING_KEY, self.spot, message).hint(format!("add `{key} = {example}`")));
    }

    /// Yes or no; no if it is absent.
    pub(crate) fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.value(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.tell_type(key, value, "`true` or `false`");
            false
        })
    }

    /// A whole number within bounds; `None` if it is absent or was reported.
    pub(crate) fn number(&self, key: &'static str, bounds: &RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.tell_type(key, value, "a whole number without quotes");
            return None;
        };
        let read = u32::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| bounds.contains(number));
        if read.is_none() {
            let message = format!("`{key}` is {}, which is out of its bounds", number.as_str());
            let hint = format!("it goes from {} to {}", bounds.start(), bounds.end());
            self.desk
                .tell(Problem::error(codes::OUT_OF_BOUNDS, self.at(value.span().start), message).hint(hint));
        }
        read
    }

    /// An amount of money that is not negative; `None` if it is absent or was reported.
    pub(crate) fn money(&self, key: &'static str) -> Option<Money> {
        let value = self.value(key)?;
        let written = self.amount(key, value)?;
        written.money(self.desk, key)
    }

    /// An amount as written: in quotes, or a whole number.
    fn amount(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Text> {
        let whole = |digits: &str| Text::read(self.desk, self.spot.file, value.span(), digits);
        match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => whole(number.as_str()),
            _ => self.text_of(key, value, "an amount in quotes, such as \"12.50\""),
        }
    }

    /// A share in basis points, written `"80%"`, or an amount: what [`Text::share`] and [`Text::money`] read.
    pub(crate) fn amount_or_share(&self, key: &'static str) -> Option<Text> {
        self.amount(key, self.value(key)?)
    }

    /// A list of texts; empty if it is absent or was reported.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Text> {
        let items = self.list(key, "a list of texts, such as [\"one\", \"two\"]");
        items.iter().filter_map(|item| self.text_of(key, item, "a list of texts")).collect()
    }

    /// A text, or a list of texts; empty if it is absent or was reported.
    pub(crate) fn one_or_more(&self, key: &'static str) -> Vec<Text> {
        if self.is_list(key) {
            return self.texts(key);
        }
        let one = self
            .value(key)
            .and_then(|value| self.text_of(key, value, "a text in quotes, or a list of texts"));
        one.into_iter().collect()
    }

    /// A list of pairs of texts; empty if it is absent or was reported.
    pub(crate) fn pairs(&self, key: &'static str) -> Vec<Vec<Text>> {
        const EXPECTED: &str = "a list of pairs, such as [[\"one\", \"two\"]]";
        let pair = |item: &&'a Spanned<DeValue<'a>>| {
            let items = item.get_ref().as_array().filter(|items| items.len() == 2);
            if items.is_none() {
                self.tell_type(key, item, EXPECTED);
            }
            Some(items?.iter().filter_map(|text| self.text_of(key, text, EXPECTED)).collect())
        };
        self.list(key, EXPECTED).iter().filter_map(|item| pair(&item)).collect()
    }

    /// A list of texts and of lists of texts, each text as a list of one; empty if it is absent or was reported.
    pub(crate) fn texts_or_lists(&self, key: &'static str) -> Vec<Vec<Text>> {
        const EXPECTED: &str = "a list of names and of lists of names, such as [\"one\", [\"two\", \"three\"]]";
        let read = |item: &'a Spanned<DeValue<'a>>| match item.get_ref().as_array() {
            Some(items) => items.iter().filter_map(|text| self.text_of(key, text, EXPECTED)).collect(),
            None => self.text_of(key, item, EXPECTED).into_iter().collect(),
        };
        self.list(key, EXPECTED).iter().map(read).collect()
    }

    /// Is there a list under a key?
    pub(crate) fn is_list(&self, key: &'static str) -> bool {
        self.value(key).is_some_and(|value| value.get_ref().is_array())
    }

    /// Is there a table under a key?
    pub(crate) fn is_table(&self, key: &'static str) -> bool {
        self.value(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// A list of inline tables; empty if it is absent or was reported.
    pub(crate) fn tables(&self, key: &'static str, what: &str) -> Vec<Self> {
        let items = self.list(key, &format!("a list of {what}s, each in braces"));
        items
            .iter()
            .filter_map(|item| self.table_of(key, item, &format!("{what} of {}", self.what)))
            .collect()
    }

    /// Every entry as a table, by names of the operator's own.
    pub(crate) fn tables_by_name(&self, what: &str, whose: &str) -> Vec<(String, Self)> {
        let table = |item: Item<'a>| {
            let inner = self.table_of(&item.key, item.value, &format!("{what} `{}` of {whose}", item.key))?;
            Some((item.key, Self { spot: item.spot, ..inner }))
        };
        self.items().filter_map(table).collect()
    }

    /// A table inside this one; `None` if it is absent or was reported.
    pub(crate) fn table(&self, key: &'static str) -> Option<Self> {
        self.table_of(key, self.value(key)?, &format!("`{key}` of {}", self.what))
    }

    /// Is there anything under a key?
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// The same, of a key that is known anyway.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// A text out of a value that was found by other means.
    pub(crate) fn text_of(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> Option<Text> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.tell_type(key, value, expected);
        }
        Text::read(self.desk, self.spot.file, value.span(), text?)
    }

    /// Reports a value of the wrong type.
    pub(crate) fn tell_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text".to_owned(),
            DeValue::Integer(number) => format!("the number {}", number.as_str()),
            DeValue::Float(number) => format!("the number {}", number.as_str()),
            DeValue::Boolean(yes) => format!("`{yes}`"),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        let problem = Problem::error(
            codes::WRONG_TYPE,
            self.at(value.span().start),
            format!("`{key}` takes {expected}, not {found}"),
        );
        self.desk.tell(match value.get_ref() {
            DeValue::Float(number) => problem.hint(format!("with quotes it is exact: \"{}\"", number.as_str())),
            _ => problem,
        });
    }

    fn table_of(&self, key: &str, value: &'a Spanned<DeValue<'a>>, what: &str) -> Option<Self> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.tell_type(key, value, "a table");
        }
        table.map(|entries| Self::new(self.desk, what.to_owned(), self.at(value.span().start), entries))
    }

    fn list(&self, key: &'static str, expected: &str) -> &'a [Spanned<DeValue<'a>>] {
        let Some(value) = self.value(key) else { return &[] };
        let items = value.get_ref().as_array();
        if items.is_none() {
            self.tell_type(key, value, expected);
        }
        items.map_or(&[], |items| items)
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        self.entries.get(key)
    }

    fn at(&self, at: usize) -> Spot {
        Spot { file: self.spot.file, at }
    }
}

impl Text {
    /// Reads an amount of money that is not negative.
    pub(crate) fn money(&self, desk: &Desk<'_>, key: &str) -> Option<Money> {
        self.money_or(desk, key, "")
    }

    /// The same where something else would be right too, which the hint then adds: `, or "bid"`.
    pub(crate) fn money_or(&self, desk: &Desk<'_>, key: &str, or: &str) -> Option<Money> {
        let problem = match Money::parse(&self.value) {
            Ok(amount) if amount >= Money::ZERO => return Some(amount),
            Ok(_) => format!("`{key}` is negative"),
            Err(error) => format!("`{key}` is no amount of money: {error}"),
        };
        let hint = match Money::parse(self.value.trim_start_matches(['$', '€', '£', '-', ' ']).replace(',', "").trim_end()) {
            Ok(amount) => format!("write \"{amount}\""),
            Err(MoneyError::TooPrecise | MoneyError::TooLarge) => "amounts have at most six decimals and stay below a billion".to_owned(),
            Err(MoneyError::Empty | MoneyError::NotANumber) => format!("write digits and a point, such as \"12.50\"{or}"),
        };
        desk.tell(Problem::error(codes::BAD_MONEY, self.spot, problem).hint(hint));
        None
    }

    /// Reads a share from `"0%"` to `"100%"`, in basis points.
    pub(crate) fn share(&self, desk: &Desk<'_>, key: &str) -> Option<u32> {
        let hundredths = self
            .value
            .strip_suffix('%')
            .and_then(|number| Money::parse(number).ok())
            .map(Money::micros);
        let basis_points = hundredths.filter(|micros| (0..=100_000_000).contains(micros) && micros % 10_000 == 0);
        let read = basis_points.and_then(|micros| u32::try_from(micros / 10_000).ok());
        if read.is_none() {
            let message = format!("`{key}` is no share of a price");
            let hint = "write \"0%\" to \"100%\", with at most two decimals: \"82.5%\"";
            desk.tell(Problem::error(codes::BAD_SHARE, self.spot, message).hint(hint));
        }
        read
    }
}
