//! What a buyer knows: its own books, kept apart from the exchange's, so that the two can be compared.

use outcry_core::money::Money;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The books of one buyer.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The figures.
    pub counts: Counts,
    /// How often each attempt was posted. Not every dialect carries the number of the attempt.
    pub attempts: HashMap<Box<str>, u32>,
    /// Who was accepted: the last ten digits of the phone, or a digest of the e-mail address where there was none.
    pub people: HashMap<u64, Bought>,
    /// Answers by attempt, so that a repeated post hears the same and is not bought again.
    pub(crate) decided: BTreeMap<Box<str>, Decision>,
    /// Offers that were posted on.
    pub(crate) used: HashSet<u64>,
}

/// One person's leads at one buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bought {
    /// How many.
    pub times: u32,
    /// What is owed for them in all.
    pub owed: Money,
    /// The fewest buyers that were promised with any of them.
    pub buyers_max: u32,
}

impl Default for Bought {
    fn default() -> Self {
        Self {
            times: 0,
            owed: Money::ZERO,
            buyers_max: u32::MAX,
        }
    }
}

impl Bought {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            times: self.times + other.times,
            owed: self.owed + other.owed,
            buyers_max: self.buyers_max.min(other.buyers_max),
        }
    }
}

/// The figures of one buyer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pings that were read.
    pub pings: u64,
    /// Offers made.
    pub bids: u64,
    /// Posts that were read, repeated ones included.
    pub posts: u64,
    /// Posts that came again with an attempt id already seen.
    pub repeats: u64,
    /// Test leads posted. They are answered like others, and are nothing more to these books.
    pub tests: u64,
    /// Leads taken.
    pub accepted: u64,
    /// Leads sent back.
    pub rejected: u64,
    /// What the buyer bid for the leads it took.
    pub bid_total: Money,
    /// What its answers said it pays for them.
    pub price_total: Money,
    /// What it owes for them: what it said it pays, but never more than it bid.
    pub owed_total: Money,
    /// Calls that were lost or reset before they were read.
    pub lost: u64,
    /// Pings with contact data in them.
    pub leaks: u64,
    /// Posts on no offer of ours, second posts on one offer, and calls that made no sense.
    pub anomalies: u64,
}

impl Counts {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            pings: self.pings + other.pings,
            bids: self.bids + other.bids,
            posts: self.posts + other.posts,
            repeats: self.repeats + other.repeats,
            tests: self.tests + other.tests,
            accepted: self.accepted + other.accepted,
            rejected: self.rejected + other.rejected,
            bid_total: self.bid_total + other.bid_total,
            price_total: self.price_total + other.price_total,
            owed_total: self.owed_total + other.owed_total,
            lost: self.lost + other.lost,
            leaks: self.leaks + other.leaks,
            anomalies: self.anomalies + other.anomalies,
        }
    }
}

/// How a test that was taken is called: it is in nobody's books.
const TEST: &str = "test";

/// A post as the buyer sees it.
pub(crate) struct Posted<'a> {
    pub(crate) attempt: Option<&'a str>,
    pub(crate) test: bool,
    pub(crate) person: u64,
    /// The ping whose offer it takes up.
    pub(crate) serial: Option<u64>,
    /// What the buyer bid, or the standing price; `None` if it offered nothing.
    pub(crate) bid: Option<Money>,
    /// What its answer would name.
    pub(crate) price: Money,
    /// The most buyers that may have the lead, as this one was promised.
    pub(crate) buyers_max: u32,
    /// Would it send the lead back?
    pub(crate) rejects: bool,
}

/// What a buyer's books say of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It has the lead, and pays this.
    Took(Money),
    /// It does not want it.
    SentBack,
}

impl Word {
    /// What it pays, if it has the lead.
    pub const fn price(self) -> Option<Money> {
        match self {
            Self::Took(price) => Some(price),
            Self::SentBack => None,
        }
    }
}

/// What became of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Accepted { reference: String, price: Money },
    Rejected(&'static str),
}

impl Books {
    /// The live leads it took, by attempt, and what its answer said it pays for each.
    pub fn taken(&self) -> impl Iterator<Item = (&str, Money)> {
        self.decided.iter().filter_map(|(attempt, decision)| match decision {
            Decision::Accepted { reference, price } if reference != TEST => Some((&**attempt, *price)),
            Decision::Accepted { .. } | Decision::Rejected(_) => None,
        })
    }

    /// What it decided on an attempt; `None` if it knows of no such post.
    pub fn word_on(&self, attempt: &str) -> Option<Word> {
        self.decided.get(attempt).map(|decision| match decision {
            Decision::Accepted { price, .. } => Word::Took(*price),
            Decision::Rejected(_) => Word::SentBack,
        })
    }

    /// Enters a ping and gives its number.
    pub(crate) fn ping(&mut self, leaks: bool) -> u64 {
        self.counts.pings += 1;
        self.counts.leaks += u64::from(leaks);
        self.counts.pings
    }

    /// Judges a post and enters it. An attempt that was posted before hears what it heard then.
    pub(crate) fn post(&mut self, posted: &Posted<'_>) -> Decision {
        self.counts.posts += 1;
        let Some(attempt) = posted.attempt else {
            return self.decide(posted);
        };
        *self.attempts.entry(attempt.into()).or_default() += 1;
        if let Some(known) = self.decided.get(attempt).cloned() {
            self.counts.repeats += 1;
            return known;
        }
        let decision = self.decide(posted);
        self.decided.insert(attempt.into(), decision.clone());
        decision
    }

    fn decide(&mut self, posted: &Posted<'_>) -> Decision {
        let Some(bid) = posted.bid else {
            self.counts.anomalies += 1;
            self.counts.rejected += 1;
            return Decision::Rejected("unknown offer");
        };
        if posted.test {
            self.counts.tests += 1;
            return if posted.rejects {
                Decision::Rejected("not eligible")
            } else {
                Decision::Accepted {
                    reference: TEST.to_owned(),
                    price: posted.price,
                }
            };
        }
        let again = posted.serial.is_some_and(|serial| !self.used.insert(serial));
        self.counts.anomalies += u64::from(again);
        if posted.rejects {
            self.counts.rejected += 1;
            return Decision::Rejected("not eligible");
        }
        self.accept(posted, bid);
        Decision::Accepted {
            reference: format!("r{}", self.counts.accepted),
            price: posted.price,
        }
    }

    fn accept(&mut self, posted: &Posted<'_>, bid: Money) {
        let price = posted.price;
        self.counts.accepted += 1;
        self.counts.bid_total = self.counts.bid_total + bid;
        self.counts.price_total = self.counts.price_total + price;
        self.counts.owed_total = self.counts.owed_total + price.min(bid);
        let bought = self.people.entry(posted.person).or_default();
        *bought = bought.plus(Bought {
            times: 1,
            owed: price.min(bid),
            buyers_max: posted.buyers_max,
        });
    }
}
