//! A post answer into a verdict. When in doubt the buyer may have the lead, and the verdict is unknown.

use super::again::Again;
use super::bid::{self, id, pick, words};
use super::document::Cursor;
use super::keep::{self, Keep};
use super::pick::Pick;
use super::price_pick::PricePick;
use super::rules::{Outcome, Rules};
use super::{AnswerFormat, FORMAT_KEYS, Known, Lens, heard};
use crate::answer::{PostOutcome, PostReading, RawAnswer};
use crate::asked::Asked;
use crate::discreet::Discreet;
use crate::file::Node;
use crate::kept::Kept;
use crate::problem::Problems;
use crate::step::StepName;
use outcry_core::money::{Currency, Money};
use std::sync::Arc;

/// How a post answer is read.
#[derive(Debug)]
pub(crate) struct PostReader {
    format: AnswerFormat,
    rules: Rules<PostOutcome>,
    price: Option<PricePick>,
    currency: Option<Pick>,
    reference: Option<Pick>,
    redirect_url: Option<Pick>,
    reason: Option<Pick>,
    keep: Keep,
    again: Again,
}

const KEYS: [&str; 8] = [
    "rules",
    "price",
    "currency",
    "reference",
    "redirect_url",
    "reason",
    "keep",
    "again_when",
];

impl Outcome for PostOutcome {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("accepted", Self::Accepted),
        ("rejected", Self::Rejected),
        ("duplicate", Self::Duplicate),
        ("error", Self::Error),
        ("queued", Self::Queued),
        ("not_found", Self::NotFound),
        ("unknown", Self::Unknown),
    ];
    const UNREAD: Self = Self::Unknown;

    fn is_good_news(self) -> bool {
        matches!(self, Self::Accepted | Self::Queued)
    }
}

impl PostReader {
    /// Reads `[post.answer]`, or that of a step that can take its place as the last word: a completion, a poll.
    pub(crate) fn compile(step: StepName, node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Self> {
        let keys: Vec<&str> = KEYS.into_iter().chain(FORMAT_KEYS).collect();
        let section = keep::open(step, node, &keys, problems)?;
        let format = super::format(&section, problems)?;
        let lens = Lens::new(&format, known);
        let rules = Rules::compile(&section, lens, problems);
        let price = section
            .get("price")
            .and_then(|node| PricePick::compile(node, &section.place("price"), lens, problems));
        let currency = pick(&section, "currency", lens, problems);
        let reference = pick(&section, "reference", lens, problems);
        let redirect_url = pick(&section, "redirect_url", lens, problems);
        let reason = pick(&section, "reason", lens, problems);
        Some(Self {
            rules: rules?,
            price,
            currency,
            reference,
            redirect_url,
            reason,
            keep: Keep::compile(step, &section, lens, problems),
            again: Again::compile(&section, lens, problems),
            format,
        })
    }

    /// Which answers say that the login is no longer good.
    pub(crate) const fn again(&self) -> &Again {
        &self.again
    }

    /// The full names of what it keeps.
    pub(crate) fn kept_names(&self) -> impl Iterator<Item = &str> {
        self.keep.names()
    }

    /// The reading of a step that the integration does not have.
    pub(crate) fn absent() -> PostReading {
        PostReading {
            outcome: PostOutcome::Unknown,
            price: None,
            currency: None,
            reference: None,
            redirect_url: None,
            reason: None,
            notes: vec!["the integration has no such step".to_owned()],
            kept: Kept::default(),
        }
    }

    /// Reads an answer. Never fails: what cannot be read is unknown, with a note.
    pub(crate) fn read(&self, asked: Asked<'_>, answer: &RawAnswer) -> PostReading {
        heard(&self.format, answer, asked, |from| self.read_from(from)).discreet(asked)
    }

    fn read_from(&self, from: Cursor<'_>) -> PostReading {
        let judged = self.rules.judge(from);
        let mut reading = PostReading {
            outcome: judged.outcome,
            price: None,
            currency: None,
            reference: None,
            redirect_url: None,
            reason: judged.reason,
            notes: judged.notes,
            kept: Kept::default(),
        };
        reading.reference = noted(id(self.reference.as_ref(), from, "reference"), &mut reading.notes);
        if reading.outcome != PostOutcome::Accepted && reading.reason.is_none() {
            reading.reason = words(self.reason.as_ref(), from, &mut reading.notes);
        }
        if reading.outcome.is_good_news() {
            reading.kept = self.keep.read(from, &mut reading.notes).into();
            if let Some((price, currency)) = self.price(from, &mut reading.notes) {
                (reading.price, reading.currency) = (Some(price), currency);
            }
            reading.redirect_url = self.redirect_url(from, &mut reading.notes);
        }
        from.heard.say_once(&mut reading.notes);
        reading
    }

    /// The price the answer names. It is news, not the verdict: one that cannot be read leaves the sale as it is.
    fn price(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<(Money, Option<Currency>)> {
        let amount = noted(self.price.as_ref()?.read(from), notes)?;
        if amount.money < Money::ZERO {
            notes.push("price: below zero".to_owned());
            return None;
        }
        match bid::currency(self.currency.as_ref(), from, Some(&amount)) {
            Ok(currency) => Some((amount.money, currency)),
            Err(why) => {
                notes.push(why);
                None
            }
        }
    }

    fn redirect_url(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Option<Arc<str>> {
        let url = noted(id(self.redirect_url.as_ref(), from, "redirect_url"), notes)?;
        let lower = url.get(..8).unwrap_or(&url).to_ascii_lowercase();
        if lower.starts_with("https://") || lower.starts_with("http://") {
            return Some(url);
        }
        notes.push("redirect_url: not an http address".to_owned());
        None
    }
}

fn noted<T>(found: Result<Option<T>, String>, notes: &mut Vec<String>) -> Option<T> {
    found.unwrap_or_else(|why| {
        notes.push(why);
        None
    })
}
