//! Lists of people and values that must not be sold, or are the only ones that may be.
//!
//! What a list is and to whom it applies; what a lead is asked on it, and what the answer means. Where entries are kept
//! belongs to the store. A list is never read out: it is asked for one value and says yes or no.

mod entries;
mod hashed;
mod known;
mod network;

pub use entries::{Entries, Kind, Misfit};
pub use hashed::{Encoding, Form, Hash, HmacKey, Scheme};
pub use known::{Fit, fits};

use crate::id::{BuyerName, CampaignName, ContractName, SourceName};
use crate::moment::Moment;
use crate::reason::Reason;
use std::sync::Arc;

/// A list as the operator declares it.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name.
    pub name: Arc<str>,
    /// What its entries are.
    pub entries: Entries,
    /// What it means to be on it.
    pub way: Way,
    /// The fields of a lead that are looked up; all of the kind if empty.
    pub fields: Vec<Arc<str>>,
    /// How old its file may be before it says nothing for certain.
    pub max_age_ms: Option<i64>,
    /// What an answer is worth that nobody can be certain of.
    pub unknown: Unknown,
    /// It is kept by hand, entry by entry, and needs no file.
    pub live: bool,
    /// Whose leads it is asked about.
    pub applies: Applies,
}

/// What it means to be on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Whoever is on it is not sold.
    Block,
    /// Only who is on it is sold.
    Allow,
}

/// What to do when a list cannot say for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// As if the list had said no.
    Block,
    /// As if it had said yes.
    Allow,
    /// The same, with a mark in the record.
    Flag,
}

/// To which leads and contracts a list applies: to each that any of these names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applies {
    /// To all.
    pub everywhere: bool,
    /// To leads of these sources.
    pub sources: Vec<SourceName>,
    /// To leads in these campaigns.
    pub campaigns: Vec<CampaignName>,
    /// To contracts of these buyers.
    pub buyers: Vec<BuyerName>,
    /// To these contracts.
    pub contracts: Vec<ContractName>,
    /// To these contracts when the lead is of this source.
    pub routes: Vec<(SourceName, ContractName)>,
}

impl Applies {
    /// To every contract of a campaign, for leads of a source?
    pub fn to_all(&self, source: &SourceName, campaign: &CampaignName) -> bool {
        self.everywhere || self.sources.contains(source) || self.campaigns.contains(campaign)
    }

    /// To one contract alone, for leads of a source?
    pub fn to(&self, source: &SourceName, buyer: &BuyerName, contract: &ContractName) -> bool {
        self.buyers.contains(buyer)
            || self.contracts.contains(contract)
            || self.routes.iter().any(|(from, to)| from == source && to == contract)
    }

    /// Does it apply to nothing at all?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How sure a list is of what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is whole and fresh.
    Certain,
    /// Its file is older than it may be, by so many days and a part of one.
    Stale {
        /// How old it is, in whole days.
        days: u32,
    },
    /// It has never been imported, or what was imported cannot be used.
    Missing,
}

impl List {
    /// How sure it is at `now`, given when its file was made.
    pub fn certainty(&self, made_at: Option<Moment>, now: Moment) -> Certainty {
        match made_at {
            None if self.live => Certainty::Certain,
            None => Certainty::Missing,
            Some(made_at) => {
                let age_ms = now.since_ms(made_at);
                match self.max_age_ms {
                    Some(most) if most < age_ms => Certainty::Stale {
                        days: u32::try_from(age_ms / DAY_MS).unwrap_or(u32::MAX),
                    },
                    _ => Certainty::Certain,
                }
            }
        }
    }

    /// What follows from its answer. `listed` is `None` if the lead has nothing that could be looked up: such a lead is
    /// on no list, so a list of the only ones allowed does not allow it.
    ///
    /// A list that is not certain never says that a lead is clean. What it does say against a lead stands all the same:
    /// nobody gets off a list by its growing old.
    pub fn judge(&self, listed: Option<bool>, certainty: Certainty) -> Judgement {
        let on_it = listed == Some(true);
        match (self.way, certainty) {
            (Way::Block, _) if on_it => Judgement::Refused(Reason::Suppressed { list: self.name.clone() }),
            (Way::Allow, Certainty::Certain | Certainty::Stale { .. }) if !on_it => {
                Judgement::Refused(Reason::NotOnList { list: self.name.clone() })
            }
            // Nothing was asked of it, so it need not be certain of anything.
            (Way::Block, _) if listed.is_none() => Judgement::Clear,
            (_, Certainty::Certain) => Judgement::Clear,
            (_, Certainty::Stale { .. } | Certainty::Missing) => self.unsure(certainty),
        }
    }

    fn unsure(&self, certainty: Certainty) -> Judgement {
        let why: Arc<str> = match certainty {
            Certainty::Stale { days } => format!("its file is {days} days old").into(),
            Certainty::Missing | Certainty::Certain => "it has not been imported".into(),
        };
        match self.unknown {
            Unknown::Block => Judgement::Refused(Reason::ListUnknown {
                list: self.name.clone(),
                why,
            }),
            Unknown::Allow => Judgement::Unknown,
            Unknown::Flag => Judgement::Flagged,
        }
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a list says about a lead.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Nothing against it.
    Clear,
    /// Nobody knows, and that is no hindrance.
    Unknown,
    /// Nobody knows, and the record is to say so.
    Flagged,
    /// It must not be sold, and why.
    Refused(Reason),
}

impl Judgement {
    /// The word for it in records.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Unknown => "unknown",
            Self::Flagged => "flagged",
            Self::Refused(Reason::Suppressed { .. }) => "listed",
            Self::Refused(Reason::NotOnList { .. }) => "not_listed",
            Self::Refused(_) => "unknown_blocks",
        }
    }
}

#[cfg(test)]
mod tests;
