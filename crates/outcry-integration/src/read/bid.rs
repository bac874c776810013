//! One offer out of an answer, or one of its items.

use super::document::{Cursor, Doubt};
use super::pick::Pick;
use super::price::Amount;
use super::price_pick::PricePick;
use super::{Lens, clean, yes_or_no};
use crate::file::{Node, Section};
use crate::problem::Problems;
use outcry_core::bid::Bid;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// Keys of `[ping.answer.bid]`; `[ping.answer.bids]` has `each` besides.
pub(crate) const KEYS: [&str; 9] = [
    "price",
    "currency",
    "id",
    "buyer_name",
    "exclusive",
    "expires_seconds",
    "expires_at",
    "group",
    "echo",
];
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
    expires_at: Option<Pick>,
    group: Option<Pick>,
    echo: Vec<(Arc<str>, Pick)>,
}

/// An offer, and what it must not share with too many others.
pub(crate) struct Offer {
    pub(crate) bid: Bid,
    pub(crate) group: Option<Arc<str>>,
}

/// Where a yes or no is found, and by which word.
#[derive(Debug)]
struct FlagPick {
    pick: Pick,
    yes: Option<Box<str>>,
}

impl BidReader {
    /// Reads the parts of an offer out of the file.
    pub(crate) fn compile(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Self {
        Self {
            price: section
                .get("price")
                .and_then(|node| PricePick::compile(node, &section.place("price"), lens, problems)),
            currency: pick(section, "currency", lens, problems),
            id: pick(section, "id", lens, problems),
            buyer_name: pick(section, "buyer_name", lens, problems),
            exclusive: section
                .get("exclusive")
                .and_then(|node| flag(node, &section.place("exclusive"), lens, problems)),
            expires_seconds: pick(section, "expires_seconds", lens, problems),
            expires_at: pick(section, "expires_at", lens, problems),
            group: pick(section, "group", lens, problems),
            echo: section
                .get("echo")
                .map(|node| echoes(node, section.place("echo"), lens, problems))
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
    pub(crate) fn read(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Result<Offer, String> {
        let price = self.price.as_ref().map_or(Ok(None), |price| price.read(from))?;
        let mut bid = Bid::at(Money::ZERO);
        bid.currency = self.currency(from, price.as_ref())?;
        bid.price = price.map(|amount| amount.money);
        bid.id = id(self.id.as_ref(), from, "id")?;
        bid.buyer_name = words(self.buyer_name.as_ref(), from, notes);
        bid.exclusive = self.exclusive(from, notes);
        bid.expires_seconds = self.expires_seconds(from, notes);
        bid.expires_at = self.expires_at(from, notes);
        for (name, pick) in &self.echo {
            if let Some(value) = id(Some(pick), from, name)? {
                bid.echo.push((name.clone(), value));
            }
        }
        let group = id(self.group.as_ref(), from, "group")?;
        Ok(Offer { bid, group })
    }

    fn currency(&self, from: Cursor<'_>, price: Option<&Amount>) -> Result<Option<Currency>, String> {
        currency(self.currency.as_ref(), from, price)
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

    fn expires_at(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<Moment> {
        let text = noted(self.expires_at.as_ref()?.one(from), "expires_at", notes)??;
        let at = moment(&text);
        if at.is_none() {
            notes.push("expires_at: not a moment with its offset from UTC, nor seconds since 1970".to_owned());
        }
        at
    }
}

/// The currency that is named, or written beside the price.
///
/// # Errors
/// It is no code, or the price is written in another.
pub(crate) fn currency(pick: Option<&Pick>, from: Cursor<'_>, price: Option<&Amount>) -> Result<Option<Currency>, String> {
    let said = match pick {
        Some(pick) => pick.one(from).map_err(|what| format!("currency: {what}"))?,
        None => None,
    };
    let said = said
        .map(|text| Currency::parse(&text.to_ascii_uppercase()).ok_or("the currency is not a three-letter code"))
        .transpose()?;
    match (said, price.and_then(|amount| amount.currency)) {
        (Some(said), Some(signed)) if said != signed => Err(format!("the currency is {said}, but the price is written in {signed}")),
        (said, signed) => Ok(said.or(signed)),
    }
}

/// A reader of the file under a key, if the key is there.
pub(crate) fn pick(section: &Section<'_>, key: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<Pick> {
    Pick::compile(section.get(key)?, &section.place(key), lens, &[], problems)
}

/// `2026-06-17T14:32:05Z`, or seconds or milliseconds since 1970. A wall clock without an offset says nothing.
fn moment(text: &str) -> Option<Moment> {
    match text.parse::<i64>() {
        Ok(number) if text.len() == 10 => Some(Moment::from_unix_ms(number * 1_000)),
        Ok(number) if text.len() == 13 => Some(Moment::from_unix_ms(number)),
        _ => Stamp::parse(text).map(|stamp| stamp.at),
    }
}

fn flag(node: &Node, what: &str, lens: Lens<'_>, problems: &mut Problems) -> Option<FlagPick> {
    let pick = Pick::compile(node, what, lens, &["yes"], problems)?;
    let yes = match node.kind {
        crate::file::Kind::Table(_) => Section::open_any(node, what, problems)?.text("yes", problems).map(Box::from),
        _ => None,
    };
    Some(FlagPick { pick, yes })
}

fn echoes(node: &Node, what: String, lens: Lens<'_>, problems: &mut Problems) -> Vec<(Arc<str>, Pick)> {
    let Some(section) = Section::open_any(node, what, problems) else {
        return Vec::new();
    };
    let echo = section.entries().iter().filter_map(|entry| {
        let pick = Pick::compile(&entry.value, &section.place(&entry.key), lens, &[], problems)?;
        Some((Arc::from(entry.key.as_str()), pick))
    });
    echo.collect()
}

/// A value that goes back to the buyer, whole or not at all.
pub(crate) fn id(pick: Option<&Pick>, from: Cursor<'_>, name: &str) -> Result<Option<Arc<str>>, String> {
    let Some(pick) = pick else { return Ok(None) };
    let text = pick.one(from).map_err(|what| format!("{name}: {what}"))?;
    text.map_or(Ok(None), |text| clean::whole(&text))
        .map_err(|why| format!("{name}: {why}"))
}

/// Words for people.
pub(crate) fn words(pick: Option<&Pick>, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<Arc<str>> {
    let said = noted(pick?.words(from), "reason or name", notes)??;
    // Before it is cut: half of a secret would not be known for one.
    clean::shown(&from.heard.asked.hide(&said))
}

/// An ambiguity that harms nobody becomes a note.
fn noted<T>(found: Result<T, Doubt>, name: &str, notes: &mut Vec<String>) -> Option<T> {
    found.map_err(|what| notes.push(format!("{name}: {what}"))).ok()
}
