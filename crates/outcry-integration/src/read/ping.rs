//! A ping answer into bids, or into the reason why there is none.

use super::again::Again;
use super::bid::{self, BidReader, id, pick, words};
use super::document::{Cursor, Document, Reader, Twice};
use super::keep::Keep;
use super::pick::{Pick, reader};
use super::rules::{Outcome, Rules};
use super::{AnswerFormat, FORMATS};
use crate::answer::{PingOutcome, PingReading, RawAnswer};
use crate::file::{Node, Section};
use crate::problem::Problems;
use crate::step::StepName;
use outcry_core::bid::Bid;
use outcry_core::money::Money;

/// Offers beyond this in one answer are dropped: each costs every other buyer of the auction a little time.
const BIDS_MAX: usize = 100;

/// How a ping answer is read.
#[derive(Debug)]
pub(crate) struct PingReader {
    format: AnswerFormat,
    rules: Rules<PingOutcome>,
    /// The buyer's id for the ping, on a refusal too.
    id: Option<Pick>,
    reason: Option<Pick>,
    bid: Option<BidReader>,
    bids: Option<(Reader, BidReader)>,
    keep: Keep,
    again: Again,
}

impl Outcome for PingOutcome {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("bid", Self::Bid),
        ("no_bid", Self::NoBid),
        ("duplicate", Self::Duplicate),
        ("error", Self::Error),
    ];
    const UNREAD: Self = Self::Error;

    fn is_good_news(self) -> bool {
        self == Self::Bid
    }
}

impl PingReader {
    /// Reads `[ping.answer]`.
    pub(crate) fn compile(node: &Node, problems: &mut Problems) -> Option<Self> {
        let section = Section::open(
            node,
            "ping.answer",
            &["format", "rules", "id", "reason", "bid", "bids", "keep", "again_when"],
            problems,
        )?;
        section.need("format", "say how the answer is written: json, xml or none", problems)?;
        let format = section.word("format", &FORMATS, problems)?;
        let rules = Rules::compile(&section, format, problems);
        let (id, reason) = (pick(&section, "id", format, problems), pick(&section, "reason", format, problems));
        let bid = section
            .get("bid")
            .and_then(|node| Section::open(node, section.place("bid"), &bid::KEYS, problems));
        let bid = bid.map(|section| BidReader::compile(&section, format, problems));
        let bids = section
            .get("bids")
            .and_then(|node| bids(node, section.place("bids"), format, problems));
        Some(Self {
            format,
            rules: rules?,
            id,
            reason,
            bid,
            bids,
            keep: Keep::compile(StepName::Ping, &section, format, problems),
            again: Again::compile(&section, format, problems),
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

    /// Names of the values that a post may repeat.
    pub(crate) fn echo_names(&self) -> impl Iterator<Item = &str> {
        let readers = self.bid.iter().chain(self.bids.iter().map(|(_, reader)| reader));
        readers.flat_map(BidReader::echo_names)
    }

    /// The reading of an integration that does not ping.
    pub(crate) fn absent() -> PingReading {
        let notes = vec!["the integration has no ping".to_owned()];
        PingReading {
            outcome: PingOutcome::Error,
            bids: Vec::new(),
            bid_id: None,
            reason: None,
            notes,
        }
    }

    /// Reads an answer. Never fails: what cannot be read is an error with a note.
    pub(crate) fn read(&self, answer: &RawAnswer) -> PingReading {
        let document = Document::parse(self.format, answer);
        let judged = self.rules.judge(answer, &document);
        let mut reading = PingReading {
            outcome: judged.outcome,
            bids: Vec::new(),
            bid_id: None,
            reason: judged.reason,
            notes: judged.notes,
        };
        let Ok(document) = &document else { return reading };
        let from = document.cursor();
        if reading.outcome == PingOutcome::Bid {
            self.offers(from, &mut reading);
            self.kept(from, &mut reading);
        } else if reading.reason.is_none() {
            reading.reason = words(self.reason.as_ref(), from, &mut reading.notes);
        }
        match id(self.id.as_ref(), from, "id") {
            Ok(found) => reading.bid_id = found.or_else(|| reading.bids.first().and_then(|bid| bid.id.clone())),
            Err(why) => fail(&mut reading, why),
        }
        reading
    }

    /// What is kept of the answer travels with each of its bids.
    fn kept(&self, from: Cursor<'_>, reading: &mut PingReading) {
        let kept = self.keep.read(from, &mut reading.notes);
        for bid in &mut reading.bids {
            bid.kept.clone_from(&kept);
        }
    }

    /// Puts the offers into a reading that a rule has called a bid.
    fn offers(&self, from: Cursor<'_>, reading: &mut PingReading) {
        let (mut seen, mut unread) = (0, 0);
        let read = self.each_offer(from, &mut |reader, at| {
            seen += 1;
            match reader.read(at, &mut reading.notes) {
                Ok(bid) if bid.price.is_some_and(|price| price <= Money::ZERO) => {
                    reading.notes.push("a price of zero or less is no bid".to_owned());
                }
                Ok(bid) => reading.bids.push(bid),
                Err(why) => {
                    unread += 1;
                    reading.notes.push(why);
                }
            }
        });
        if let Err(Twice(what)) = read {
            return fail(reading, what);
        }
        if reading.bids.is_empty() {
            reading.outcome = if unread > 0 { PingOutcome::Error } else { PingOutcome::NoBid };
            if seen == 0 {
                reading.notes.push("the answer says bid and holds none".to_owned());
            }
        }
    }

    /// The items of the list if the answer has one, else the answer as one offer.
    fn each_offer(&self, from: Cursor<'_>, offer: &mut dyn FnMut(&BidReader, Cursor<'_>)) -> Result<(), Twice> {
        if let Some((list, reader)) = &self.bids {
            let items = list.items(from)?;
            items.iter().flatten().take(BIDS_MAX).for_each(|item| offer(reader, *item));
            if items.is_some() || self.bid.is_none() {
                return Ok(());
            }
        }
        match &self.bid {
            Some(reader) => offer(reader, from),
            None => offer(&BidReader::default(), from),
        }
        Ok(())
    }
}

fn fail(reading: &mut PingReading, why: String) {
    reading.outcome = PingOutcome::Error;
    reading.bids = Vec::<Bid>::new();
    reading.notes.push(why);
}

fn bids(node: &Node, what: String, format: AnswerFormat, problems: &mut Problems) -> Option<(Reader, BidReader)> {
    let keys: Vec<&str> = ["each"].into_iter().chain(bid::KEYS).collect();
    let section = Section::open(node, what, &keys, problems)?;
    let each = section.need("each", "say where the list of bids is", problems)?;
    let each = reader(each, &section.place("each"), format, problems);
    let reader = BidReader::compile(&section, format, problems);
    Some((each?, reader))
}
