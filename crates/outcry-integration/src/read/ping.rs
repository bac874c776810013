//! A ping answer into bids, or into the reason why there is none.

use super::again::Again;
use super::bid::{self, BidReader, Offer, id, pick, words};
use super::document::{Cursor, Doubt};
use super::keep::Keep;
use super::legs::Legs;
use super::pick::{self, Pick};
use super::reader::Reader;
use super::rules::{Outcome, Rules};
use super::{AnswerFormat, FORMAT_KEYS, Known, Lens, heard};
use crate::answer::{PingOutcome, PingReading, RawAnswer};
use crate::asked::Asked;
use crate::discreet::Discreet;
use crate::file::{Node, Section};
use crate::problem::Problems;
use crate::step::StepName;
use outcry_core::bid::Bid;
use outcry_core::money::Money;
use std::sync::Arc;

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
    legs: Option<Legs>,
    keep: Keep,
    again: Again,
}

const KEYS: [&str; 8] = ["rules", "id", "reason", "bid", "bids", "legs", "keep", "again_when"];

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
    /// Does each leg that is chosen get a post of its own?
    pub(crate) fn posts_each_leg(&self) -> bool {
        self.legs.is_some_and(|legs| legs.post_each)
    }

    /// Reads `[ping.answer]`.
    pub(crate) fn compile(node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Self> {
        let keys: Vec<&str> = KEYS.into_iter().chain(FORMAT_KEYS).collect();
        let section = Section::open(node, "ping.answer", &keys, problems)?;
        let format = super::format(&section, problems)?;
        let lens = Lens::new(&format, known);
        let rules = Rules::compile(&section, lens, problems);
        let (id, reason) = (pick(&section, "id", lens, problems), pick(&section, "reason", lens, problems));
        let bid = section
            .get("bid")
            .and_then(|node| Section::open(node, section.place("bid"), &bid::KEYS, problems));
        let bid = bid.map(|section| BidReader::compile(&section, lens, problems));
        let bids = section
            .get("bids")
            .and_then(|node| bids(node, section.place("bids"), lens, problems));
        let together = section
            .get("legs")
            .and_then(|node| Legs::compile(node, section.place("legs"), problems));
        if together.is_some() && section.get("bids").is_none() {
            let hint = "say where they are: bids = { each = \"…\", price = \"…\", id = \"…\" }";
            problems.add(section.line, section.place("legs"), "chooses among bids that are not read", hint);
        }
        Some(Self {
            rules: rules?,
            id,
            reason,
            bid,
            bids,
            legs: together,
            keep: Keep::compile(StepName::Ping, &section, lens, problems),
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
    pub(crate) fn read(&self, asked: Asked<'_>, answer: &RawAnswer) -> PingReading {
        heard(&self.format, answer, asked, |from| self.read_from(from)).discreet(asked)
    }

    fn read_from(&self, from: Cursor<'_>) -> PingReading {
        let judged = self.rules.judge(from);
        let mut reading = PingReading {
            outcome: judged.outcome,
            bids: Vec::new(),
            bid_id: None,
            reason: judged.reason,
            notes: judged.notes,
        };
        let id = id(self.id.as_ref(), from, "id");
        let mut offers = Vec::new();
        if reading.outcome == PingOutcome::Bid {
            offers = self.offers(from, &mut reading);
        } else if reading.reason.is_none() {
            reading.reason = words(self.reason.as_ref(), from, &mut reading.notes);
        }
        match (id, reading.outcome) {
            (Ok(id), _) => {
                self.bids(offers, id.as_ref(), &mut reading);
                self.kept(from, &mut reading);
                reading.bid_id = id.or_else(|| reading.bids.first().and_then(|bid| bid.id.clone()));
            }
            // Without its id a bid cannot be taken up; a refusal is one without it too.
            (Err(why), PingOutcome::Bid) => fail(&mut reading, why),
            (Err(why), _) => reading.notes.push(why),
        }
        from.heard.say_once(&mut reading.notes);
        reading
    }

    /// What is kept of the answer travels with each of its bids.
    fn kept(&self, from: Cursor<'_>, reading: &mut PingReading) {
        if reading.bids.is_empty() {
            return;
        }
        let kept = self.keep.read(from, &mut reading.notes);
        for bid in &mut reading.bids {
            bid.kept.clone_from(&kept);
        }
    }

    /// The offers of an answer that a rule has called a bid.
    fn offers(&self, from: Cursor<'_>, reading: &mut PingReading) -> Vec<Offer> {
        let (mut offers, mut seen, mut unread) = (Vec::new(), 0, 0);
        let read = self.each_offer(from, &mut |reader, at| {
            seen += 1;
            match reader.read(at, &mut reading.notes) {
                Ok(Offer { bid, .. }) if bid.price.is_some_and(|price| price <= Money::ZERO) => {
                    reading.notes.push("a price of zero or less is no bid".to_owned());
                }
                Ok(offer) => offers.push(offer),
                Err(why) => {
                    unread += 1;
                    reading.notes.push(why);
                }
            }
        });
        if let Err(doubt) = read {
            fail(reading, doubt.to_string());
            return Vec::new();
        }
        if offers.is_empty() {
            reading.outcome = if unread > 0 { PingOutcome::Error } else { PingOutcome::NoBid };
            if seen == 0 {
                reading.notes.push("the answer says bid and holds none".to_owned());
            }
        }
        offers
    }

    /// Makes bids of the offers: each is one, or the best together are.
    fn bids(&self, offers: Vec<Offer>, id: Option<&Arc<str>>, reading: &mut PingReading) {
        let Some(legs) = self.legs else {
            reading.bids = offers.into_iter().map(|offer| offer.bid).collect();
            return;
        };
        let any = !offers.is_empty();
        reading.bids = legs.choose(offers, id, &mut reading.notes);
        if any && reading.bids.is_empty() {
            reading.outcome = PingOutcome::Error;
        }
    }

    /// The items of the list if the answer has one, else the answer as one offer.
    fn each_offer(&self, from: Cursor<'_>, offer: &mut dyn FnMut(&BidReader, Cursor<'_>)) -> Result<(), Doubt> {
        if let Some((list, reader)) = &self.bids {
            let mut items = 0;
            let listed = list.each_item(from, &mut |item| {
                items += 1;
                if items <= BIDS_MAX {
                    offer(reader, item);
                }
            });
            match listed {
                // Where there is no list, or none that can be read, one bid may stand.
                Ok(false) | Err(Doubt::Unreadable(_)) if self.bid.is_some() => {}
                listed => return listed.map(|_| ()),
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

fn bids(node: &Node, what: String, lens: Lens<'_>, problems: &mut Problems) -> Option<(Reader, BidReader)> {
    let keys: Vec<&str> = ["each"].into_iter().chain(bid::KEYS).collect();
    let section = Section::open(node, what, &keys, problems)?;
    let each = section.need("each", "say where the list of bids is", problems)?;
    let each = pick::one(each, &section.place("each"), lens, problems);
    let reader = BidReader::compile(&section, lens, problems);
    Some((each?, reader))
}
