//! What a store tells of attempts to whoever comes back to them: after a queue, a call of the buyer, or a restart.

use super::{Hold, LeadState};
use crate::answer::Answer;
use outcry_core::attempt::AttemptState;
use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, BuyerName, CampaignName, ContractName, LeadId, PingId, QuoteId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::price::Split;
use outcry_core::record::{Door, Record, Run};
use outcry_core::verdict::Verdict;
use std::sync::Arc;

/// What it takes to speak of an attempt again. Nothing of the person, but what lets a caller in may be in it: it is
/// sealed in the store, and never shown.
#[derive(Clone, PartialEq)]
pub struct Memo {
    /// Our id of the ping, where there was one.
    pub ping: Option<PingId>,
    /// The bid that was posted to, with what the steps before it kept.
    pub bid: Bid,
    /// What the post's answer kept, by step and name.
    pub kept: Vec<(Arc<str>, Arc<str>)>,
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("memo")
    }
}

/// A lead with all of its attempts.
#[derive(Clone, Debug)]
pub struct LeadCase {
    /// The lead.
    pub lead: LeadId,
    /// Who sent it.
    pub source: SourceName,
    /// Where it was sold.
    pub campaign: CampaignName,
    /// Which door.
    pub door: Door,
    /// Live or test.
    pub run: Run,
    /// When it came in.
    pub received: Moment,
    /// The quote it redeemed.
    pub quote: Option<QuoteId>,
    /// Where it stands.
    pub state: LeadState,
    /// What its source was told last.
    pub answer: Option<Answer>,
    /// Its attempts, the oldest first.
    pub attempts: Vec<CaseAttempt>,
    /// The record of its auction, where that came to an end.
    pub record: Option<Box<Record>>,
}

/// One attempt of it.
#[derive(Clone, Debug)]
pub struct CaseAttempt {
    /// Its id.
    pub id: AttemptId,
    /// To which contract.
    pub contract: ContractName,
    /// Where it stands.
    pub state: AttemptState,
    /// The price that was held.
    pub price: Money,
    /// When it was intended.
    pub began: Moment,
    /// When its last verdict came.
    pub ended: Option<Moment>,
    /// What it holds. Limits are not known any more, and zero.
    pub holds: Vec<Hold>,
    /// What it was sold for.
    pub sale: Option<Split>,
    /// What it takes to speak of it again, where that was kept.
    pub memo: Option<Memo>,
}

impl LeadCase {
    /// An attempt by its id.
    pub fn attempt(&self, id: AttemptId) -> Option<&CaseAttempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }
}

/// An attempt of which nobody knows whether the buyer has the lead.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenAttempt {
    /// Of which lead.
    pub lead: LeadId,
    /// Its id, which the buyer knows it by.
    pub attempt: AttemptId,
    /// To which contract.
    pub contract: ContractName,
    /// Whose.
    pub buyer: BuyerName,
    /// Who sent the lead.
    pub source: SourceName,
    /// Where it is sold.
    pub campaign: CampaignName,
    /// Live or test.
    pub run: Run,
    /// Unknown, or written off.
    pub state: AttemptState,
    /// The price that was held.
    pub price: Money,
    /// When it was intended.
    pub began: Moment,
    /// When it was found to be unknown, or written off.
    pub ended: Option<Moment>,
    /// What was seen; nothing where a process died before it could say.
    pub verdict: Option<Verdict>,
}
