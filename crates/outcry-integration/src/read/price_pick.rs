//! Where a price comes from: the answer, a table, the contract, the file.

use super::Lens;
use super::clean;
use super::document::{Cursor, Doubt};
use super::pick::Pick;
use super::price::{Amount, amount};
use super::reader;
use crate::asked::Asked;
use crate::file::{Kind, Node, Section};
use crate::param::ParamKind;
use crate::problem::{Problems, did_you_mean};
use crate::table::{Cell, Table};
use outcry_core::money::{Money, MoneyError};
use outcry_core::value::Decimal;
use outcry_core::view::Datum;
use std::borrow::Cow;
use std::sync::Arc;

/// A price, or where it is found: in order of trust.
#[derive(Debug)]
pub(crate) struct PricePick(Box<[Form]>);

#[derive(Debug)]
enum Form {
    /// In the answer.
    Found {
        pick: Pick,
        scale: Scale,
        take: Take,
    },
    /// Under a key of a table.
    Table {
        table: Arc<Table>,
        key: Key,
        otherwise: Option<Amount>,
        scale: Scale,
    },
    /// Among the values of the contract.
    Param {
        at: usize,
        scale: Scale,
    },
    Fixed(Amount),
}

#[derive(Debug)]
enum Key {
    Answer(Pick),
    /// Fields of the lead; several lead through tables of tables.
    Fields(Box<[Box<str>]>),
}

/// What is made of the number.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// The number is so many times the price: 100 for cents.
    divide: i64,
    /// The price is so many times the number.
    times: Option<Decimal>,
    /// A comma stands before the decimals.
    comma: bool,
}

/// Which of several values is the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Take {
    /// There must be but one.
    Only,
    First,
    Highest,
    Lowest,
    Sum,
}

const TAKES: [(&str, Take); 4] = [
    ("first", Take::First),
    ("highest", Take::Highest),
    ("lowest", Take::Lowest),
    ("sum", Take::Sum),
];
const KEYS: [&str; 11] = [
    "cents", "divide", "times", "decimal", "take", "param", "fixed", "table", "key", "field", "else",
];
/// Nobody pays more for a lead. What says so is a mistake, or worse.
const PRICE_MAX: Money = Money::from_micros(1_000_000 * 1_000_000);

impl PricePick {
    /// Reads `"path"`, a table, or a list of these in order of trust.
    pub(crate) fn compile(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Self> {
        let plain = Scale {
            divide: 1,
            times: None,
            comma: false,
        };
        let forms = match &node.kind {
            Kind::Table(_) => vec![form(node, what, lens, problems)?],
            Kind::Array(items) if items.iter().any(|item| matches!(item.kind, Kind::Table(_))) => {
                let forms = items.iter().enumerate().map(|(at, item)| match item.kind {
                    Kind::Table(_) => form(item, &format!("{what}[{at}]"), lens, problems),
                    _ => found(item, what, plain, Take::Only, lens, problems),
                });
                forms.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?
            }
            _ => vec![found(node, what, plain, Take::Only, lens, problems)?],
        };
        Some(Self(forms.into()))
    }

    /// The price; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read(&self, from: Cursor<'_>) -> Result<Option<Amount>, String> {
        let mut unread = None;
        for form in &self.0 {
            match form.read(from) {
                Ok(None) => {}
                Ok(Some(price)) if PRICE_MAX < price.money => return Err("price: more than a million".to_owned()),
                Ok(Some(price)) => return Ok(Some(price)),
                // Another place may be readable; a wrong amount is wrong wherever else one looks.
                Err(Wrong::Doubt(Doubt::Unreadable(why))) => unread = Some(why),
                Err(Wrong::Doubt(Doubt::Twice(why))) => return Err(format!("price: {why}")),
                Err(Wrong::Amount(why)) => return Err(why),
            }
        }
        unread.map_or(Ok(None), |why| Err(format!("price: {why}")))
    }
}

/// Why a price cannot be told.
enum Wrong {
    Doubt(Doubt),
    Amount(String),
}

impl From<Doubt> for Wrong {
    fn from(doubt: Doubt) -> Self {
        Self::Doubt(doubt)
    }
}

impl Form {
    fn read(&self, from: Cursor<'_>) -> Result<Option<Amount>, Wrong> {
        match self {
            Self::Fixed(price) => Ok(Some(*price)),
            Self::Param { at, scale } => {
                let value = from.heard.asked.params.and_then(|params| params.value(*at));
                value.map(|text| scale.read(text, from.heard.asked)).transpose()
            }
            Self::Found {
                pick,
                scale,
                take: Take::Only,
            } => pick.one(from)?.map(|text| scale.read(&text, from.heard.asked)).transpose(),
            Self::Found { pick, scale, take } => {
                let texts = pick.every(from)?;
                let amounts: Vec<Amount> = texts
                    .iter()
                    .map(|text| scale.read(text, from.heard.asked))
                    .collect::<Result<_, _>>()?;
                take.of(&amounts)
            }
            Self::Table {
                table,
                key,
                otherwise,
                scale,
            } => {
                let words = key.read(from)?;
                let cell = table.find(words.into_iter().map(Some));
                match (cell.and_then(Cell::text), otherwise) {
                    (Some(text), _) => scale.read(&text, from.heard.asked).map(Some),
                    (None, Some(otherwise)) => Ok(Some(*otherwise)),
                    (None, None) => Err(Wrong::Amount("price: its table has none for this answer or lead".to_owned())),
                }
            }
        }
    }
}

impl Key {
    /// The words to look up; fewer than the table wants where one is missing.
    fn read<'d>(&self, from: Cursor<'d>) -> Result<Vec<Cow<'d, str>>, Doubt> {
        Ok(match self {
            Self::Answer(pick) => pick.one(from)?.into_iter().collect(),
            Self::Fields(names) => names.iter().map_while(|name| word(from.heard.asked.lead.get(name)?)).collect(),
        })
    }
}

/// A field as a word of a table.
fn word(value: Datum<'_>) -> Option<Cow<'static, str>> {
    Some(match value {
        Datum::Text(text) => Cow::Owned(text.to_owned()),
        Datum::Bool(yes) => Cow::Borrowed(if yes { "yes" } else { "no" }),
        Datum::Int(number) => Cow::Owned(number.to_string()),
        Datum::Decimal(number) => Cow::Owned(number.to_string()),
        Datum::Date(date) => Cow::Owned(date.to_string()),
        Datum::Stamp(_) | Datum::List(_) => return None,
    })
}

impl Scale {
    fn read(self, text: &str, asked: Asked<'_>) -> Result<Amount, Wrong> {
        self.amount(text)
            .map_err(|wrong| Wrong::Amount(format!("price \"{}\": {wrong}", shown(&asked.hide(text)))))
    }

    fn amount(self, text: &str) -> Result<Amount, MoneyError> {
        let read = if self.comma {
            let swapped = |c: char| match c {
                ',' => '.',
                '.' => ',',
                other => other,
            };
            amount(&text.chars().map(swapped).collect::<String>())
        } else {
            amount(text)
        };
        let read = read?;
        let micros = read.money.micros();
        if micros % self.divide != 0 {
            return Err(MoneyError::TooPrecise);
        }
        let micros = match self.times {
            None => micros / self.divide,
            Some(factor) => times(micros / self.divide, factor)?,
        };
        Ok(Amount {
            money: Money::from_micros(micros),
            ..read
        })
    }
}

/// A share of an amount; what is finer than a millionth falls away, so that a price is never made larger.
fn times(micros: i64, factor: Decimal) -> Result<i64, MoneyError> {
    let product = i128::from(micros) * i128::from(factor.digits);
    i64::try_from(product.div_euclid(10_i128.pow(u32::from(factor.scale)))).map_err(|_| MoneyError::TooLarge)
}

impl Take {
    fn of(self, amounts: &[Amount]) -> Result<Option<Amount>, Wrong> {
        let Some(first) = amounts.first() else { return Ok(None) };
        if amounts.iter().any(|one| one.currency != first.currency) {
            return Err(Wrong::Amount("price: the amounts are in different currencies".to_owned()));
        }
        let money = amounts.iter().map(|one| one.money);
        let money = match self {
            Self::Only | Self::First => Some(first.money),
            Self::Highest => money.max(),
            Self::Lowest => money.min(),
            Self::Sum => money.into_iter().try_fold(Money::ZERO, Money::checked_add),
        };
        let money = money.ok_or_else(|| Wrong::Amount("price: the sum is too large".to_owned()))?;
        Ok(Some(Amount { money, ..*first }))
    }
}

fn shown(text: &str) -> Arc<str> {
    clean::shown(&text.chars().take(40).collect::<String>()).unwrap_or_default()
}

fn found(node: &Node, what: &str, scale: Scale, take: Take, lens: Lens<'_>, problems: &mut Problems) -> Option<Form> {
    let pick = Pick::compile(node, what, lens, &KEYS, problems)?;
    Some(Form::Found { pick, scale, take })
}

/// Reads the table of a price.
fn form(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Form> {
    let section = Section::open_any(node, what, problems)?;
    let scale = scale(&section, problems)?;
    let only = |known: &[&str], problems: &mut Problems| {
        Section::open(node, what, known, problems);
    };
    if section.get("fixed").is_some() {
        only(&["fixed"], problems);
        return Some(Form::Fixed(literal(&section, "fixed", problems)?));
    }
    if section.get("param").is_some() {
        only(&["param", "cents", "divide", "times", "decimal"], problems);
        let at = param(&section, lens, problems)?;
        return Some(Form::Param { at, scale });
    }
    if section.get("key").is_some() || section.get("field").is_some() {
        only(&["table", "key", "field", "else", "cents", "divide", "times", "decimal"], problems);
        return table(&section, scale, lens, problems);
    }
    let take = match section.get("take") {
        None => Take::Only,
        Some(_) => section.word("take", &TAKES, problems)?,
    };
    found(node, what, scale, take, lens, problems)
}

fn table(section: &Section<'_>, scale: Scale, lens: Lens<'_>, problems: &mut Problems) -> Option<Form> {
    let named = section.need("table", "name the table of prices: [tables.NAME]", problems)?;
    let name = section.text("table", problems)?;
    let table = reader::named(name, named.line, section.place("table"), lens, problems)?;
    let key = match (section.get("key"), section.get("field")) {
        (Some(node), None) => Key::Answer(Pick::compile(node, &section.place("key"), lens, &[], problems)?),
        (None, Some(node)) => Key::Fields(fields(node, section, problems)?),
        _ => {
            problems.add(section.line, section.place("key"), "stands beside `field`", "keep one of them");
            return None;
        }
    };
    let otherwise = match section.get("else") {
        None => None,
        Some(_) => Some(literal(section, "else", problems)?),
    };
    Some(Form::Table {
        table,
        key,
        otherwise,
        scale,
    })
}

/// The name of a field, or several.
fn fields(node: &Node, section: &Section<'_>, problems: &mut Problems) -> Option<Box<[Box<str>]>> {
    let names = match &node.kind {
        Kind::Array(items) => items.iter().map(|item| item.text().map(Box::from)).collect(),
        _ => node.text().map(|name| vec![name.into()]),
    };
    let names: Option<Vec<Box<str>>> = names;
    if names.as_ref().is_none_or(Vec::is_empty) {
        problems.add(
            node.line,
            section.place("field"),
            "names no field",
            "write it like \"zip\" or [\"state\", \"program\"]",
        );
        return None;
    }
    names.map(Into::into)
}

fn param(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<usize> {
    let name = section.text("param", problems)?;
    let at = lens.known.params.iter().position(|def| *def.name == *name);
    match at.map(|at| &lens.known.params[at]) {
        Some(def) if matches!(def.kind, ParamKind::Text | ParamKind::Number) => {}
        Some(_) => problems.add(section.line, section.place("param"), "is no number", "give it kind = \"number\""),
        None => {
            let known: Vec<&str> = lens.known.params.iter().map(|def| &*def.name).collect();
            let hint = did_you_mean(name, &known);
            problems.add(
                section.line,
                section.place("param"),
                format!("there is no parameter \"{name}\""),
                hint,
            );
        }
    }
    at
}

/// An amount of the file.
fn literal(section: &Section<'_>, key: &str, problems: &mut Problems) -> Option<Amount> {
    let text = section.get(key)?.scalar();
    let read = text.as_deref().and_then(|text| amount(text).ok());
    if read.is_none() {
        problems.add(section.line, section.place(key), "is not an amount", "write it like \"12.50\"");
    }
    read
}

fn scale(section: &Section<'_>, problems: &mut Problems) -> Option<Scale> {
    let number = |key: &str| section.get(key).map(|node| node.scalar().and_then(|text| Decimal::parse(&text)));
    let divide = match (section.flag("cents", problems), number("divide")) {
        (true, None) => Some(100),
        (false, None) => Some(1),
        (false, Some(Some(Decimal { digits, scale: 0 }))) if (1..=1_000_000).contains(&digits) => Some(digits),
        _ => None,
    };
    let times = number("times");
    let comma = match section.text("decimal", problems) {
        None | Some(".") => Some(false),
        Some(",") => Some(true),
        Some(_) => None,
    };
    let wrong = |key: &str, hint: &str, problems: &mut Problems| {
        problems.add(section.line, section.place(key), "does not fit a price", hint);
    };
    if divide.is_none() {
        wrong("divide", "a whole number, like 100, and no `cents` beside it", problems);
    }
    if times.is_some_and(|times| times.is_none_or(|times| times.digits <= 0)) {
        wrong("times", "a number above zero, like \"0.8\"", problems);
    }
    if comma.is_none() {
        wrong("decimal", "\".\" or \",\"", problems);
    }
    Some(Scale {
        divide: divide?,
        times: times.flatten(),
        comma: comma?,
    })
}
