//! One offer out of an answer, or one of its items.

use super::clean;
use super::document::{Cursor, Twice};
use super::pick::Pick;
use super::price::{Amount, amount};
use super::{AnswerFormat, yes_or_no};
use crate::file::{Node, Section};
use crate::problem::Problems;
use outcry_core::bid::Bid;
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// Keys of `[ping.answer.bid]`; `[ping.answer.bids]` has `each` besides.
pub(crate) const KEYS: [&str; 7] = ["price", "currency", "id", "buyer_name", "exclusive", "expires_seconds", "echo"];
/// An offer that stands for longer than a day is read as one of a day.
const EXPIRES_SECONDS_MAX: u32 = 24 * 60 * 60;

/// Where the parts of an offer are found.
#[derive(Debug, Default)]
pub(crate) struct BidReader {
    price: Option<PricePick>,
    currency: Option<Pick>,
    id: Option<Pick>,
    buyer_name: Option<Pick>,
    exclusive: Option<FlagPick>,
    expires_seconds: Option<Pick>,
    echo: Vec<(Arc<str>, Pick)>,
}

/// Where a price is found, and in which unit.
#[derive(Debug)]
pub(crate) struct PricePick {
    pick: Pick,
    cents: bool,
}

/// Where a yes or no is found, and by which word.
#[derive(Debug)]
struct FlagPick {
    pick: Pick,
    yes: Option<Box<str>>,
}

impl PricePick {
    /// Reads `"path"` or `{ path = "…", cents = true }`.
    pub(crate) fn compile(node: &Node, what: &str, format: AnswerFormat, problems: &mut Problems) -> Option<Self> {
        let pick = Pick::compile(node, what, format, &["cents"], problems);
        let cents = match node.kind {
            crate::file::Kind::Table(_) => Section::open_any(node, what, problems)?.flag("cents", problems),
            _ => false,
        };
        Some(Self { pick: pick?, cents })
    }

    /// The price; `None` where the answer has none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read(&self, from: Cursor<'_>) -> Result<Option<Amount>, String> {
        let Some(text) = self.pick.one(from).map_err(|Twice(what)| format!("price: {what}"))? else {
            return Ok(None);
        };
        let shown = || clean::shown(&text.chars().take(40).collect::<String>()).unwrap_or_default();
        amount(&text, self.cents)
            .map(Some)
            .map_err(|wrong| format!("price \"{}\": {wrong}", shown()))
    }
}

impl BidReader {
    /// Reads the parts of an offer out of the file.
    pub(crate) fn compile(section: &Section<'_>, format: AnswerFormat, problems: &mut Problems) -> Self {
        Self {
            price: section
                .get("price")
                .and_then(|node| PricePick::compile(node, &section.place("price"), format, problems)),
            currency: pick(section, "currency", format, problems),
            id: pick(section, "id", format, problems),
            buyer_name: pick(section, "buyer_name", format, problems),
            exclusive: section
                .get("exclusive")
                .and_then(|node| flag(node, &section.place("exclusive"), format, problems)),
            expires_seconds: pick(section, "expires_seconds", format, problems),
            echo: section
                .get("echo")
                .map(|node| echoes(node, section.place("echo"), format, problems))
                .unwrap_or_default(),
        }
    }

    /// Names of the values that a post may repeat.
    pub(crate) fn echo_names(&self) -> impl Iterator<Item = &str> {
        self.echo.iter().map(|(name, _)| &**name)
    }

    /// Reads one offer; what is odd but harmless goes to `notes`.
    ///
    /// # Errors
    /// Why it is no offer: a price, currency or id that cannot be read with certainty.
    pub(crate) fn read(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Result<Bid, String> {
        let price = self.price.as_ref().map_or(Ok(None), |price| price.read(from))?;
        let mut bid = Bid::at(Money::ZERO);
        bid.currency = self.currency(from, price.as_ref())?;
        bid.price = price.map(|amount| amount.money);
        bid.id = id(self.id.as_ref(), from, "id")?;
        bid.buyer_name = words(self.buyer_name.as_ref(), from, notes);
        bid.exclusive = self.exclusive(from, notes);
        bid.expires_seconds = self.expires_seconds(from, notes);
        for (name, pick) in &self.echo {
            if let Some(value) = id(Some(pick), from, name)? {
                bid.echo.push((name.clone(), value));
            }
        }
        Ok(bid)
    }

    fn currency(&self, from: Cursor<'_>, price: Option<&Amount>) -> Result<Option<Currency>, String> {
        let said = match &self.currency {
            Some(pick) => pick.one(from).map_err(|Twice(what)| format!("currency: {what}"))?,
            None => None,
        };
        let said = said
            .map(|text| Currency::parse(&text).ok_or("the currency is not a three-letter code"))
            .transpose()?;
        match (said, price.and_then(|amount| amount.currency)) {
            (Some(said), Some(signed)) if said != signed => Err(format!("the currency is {said}, but the price is written in {signed}")),
            (said, signed) => Ok(said.or(signed)),
        }
    }

    fn exclusive(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<bool> {
        let flag = self.exclusive.as_ref()?;
        let text = noted(flag.pick.one(from), "exclusive", notes)??;
        if let Some(yes) = &flag.yes {
            return Some(yes.eq_ignore_ascii_case(&text));
        }
        let said = yes_or_no(&text);
        if said.is_none() {
            notes.push("exclusive: neither yes nor no".to_owned());
        }
        said
    }

    fn expires_seconds(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<u32> {
        let text = noted(self.expires_seconds.as_ref()?.one(from), "expires_seconds", notes)??;
        let seconds = text.split('.').next().and_then(|whole| whole.parse::<u32>().ok());
        if seconds.is_none() {
            notes.push("expires_seconds: not a number of seconds".to_owned());
        }
        seconds.map(|seconds| seconds.min(EXPIRES_SECONDS_MAX))
    }
}

/// A path of the file under a key, if the key is there.
pub(crate) fn pick(section: &Section<'_>, key: &str, format: AnswerFormat, problems: &mut Problems) -> Option<Pick> {
    Pick::compile(section.get(key)?, &section.place(key), format, &[], problems)
}

fn flag(node: &Node, what: &str, format: AnswerFormat, problems: &mut Problems) -> Option<FlagPick> {
    let pick = Pick::compile(node, what, format, &["yes"], problems)?;
    let yes = match node.kind {
        crate::file::Kind::Table(_) => Section::open_any(node, what, problems)?.text("yes", problems).map(Box::from),
        _ => None,
    };
    Some(FlagPick { pick, yes })
}

fn echoes(node: &Node, what: String, format: AnswerFormat, problems: &mut Problems) -> Vec<(Arc<str>, Pick)> {
    let Some(section) = Section::open_any(node, what, problems) else {
        return Vec::new();
    };
    let echo = section.entries().iter().filter_map(|entry| {
        let pick = Pick::compile(&entry.value, &section.place(&entry.key), format, &[], problems)?;
        Some((Arc::from(entry.key.as_str()), pick))
    });
    echo.collect()
}

/// A value that goes back to the buyer, whole or not at all.
pub(crate) fn id(pick: Option<&Pick>, from: Cursor<'_>, name: &str) -> Result<Option<Arc<str>>, String> {
    let Some(pick) = pick else { return Ok(None) };
    let text = pick.one(from).map_err(|Twice(what)| format!("{name}: {what}"))?;
    text.map_or(Ok(None), |text| clean::whole(&text))
        .map_err(|why| format!("{name}: {why}"))
}

/// Words for people.
pub(crate) fn words(pick: Option<&Pick>, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<Arc<str>> {
    clean::shown(&noted(pick?.words(from), "reason", notes)??)
}

/// An ambiguity that harms nobody becomes a note.
fn noted<T>(found: Result<T, Twice>, name: &str, notes: &mut Vec<String>) -> Option<T> {
    found.map_err(|Twice(what)| notes.push(format!("{name}: {what}"))).ok()
}
