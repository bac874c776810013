//! What the store tells of what it holds: of a lead, of a start, of counters, outcomes and books.

use super::{LeadState, Message};
use crate::answer::Answer;
use outcry_core::id::{AttemptId, ContractName, LeadId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::record::Run;
use std::sync::Arc;

/// What is known of a lead.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadStanding {
    /// The lead.
    pub lead: LeadId,
    /// Who sent it.
    pub source: SourceName,
    /// Where it stands.
    pub state: LeadState,
    /// When it came in.
    pub received: Moment,
    /// Its attempts: id, contract, word of state.
    pub attempts: Vec<(AttemptId, ContractName, Arc<str>)>,
    /// What the source was told last.
    pub answer: Option<Answer>,
}

/// Most expired leads that recovery names: four times as many as may be on their way at once by default.
pub const EXPIRED_NAMED_MAX: usize = 16_384;

/// A lead that a start found on its way, and closed: as unsold where no attempt was left, or as sold where a shared lead
/// had a buyer already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The lead.
    pub lead: LeadId,
    /// Who sent it.
    pub source: SourceName,
    /// Live or test.
    pub run: Run,
    /// Sold or unsold.
    pub state: LeadState,
    /// What its source gets of it.
    pub payout: Money,
}

/// The message with the final word on a lead that a start closes, for sources that want one. The store closes leads and does
/// not know where a source listens; the catalog does.
pub type Tell = Arc<dyn Fn(&Expired) -> Option<Message> + Send + Sync>;

/// For a start that has nobody to tell.
pub fn tell_nobody() -> Tell {
    Arc::new(|_| None)
}

/// What recovery found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Intents of earlier boots, now unknown.
    pub unknown: u64,
    /// Leads that were on their way and have no attempt; they are unsold now.
    pub expired: u64,
    /// Who they are, and such as turned out sold, the earliest first, and of very many only the first
    /// [`EXPIRED_NAMED_MAX`].
    pub expired_leads: Vec<Expired>,
    /// Counters whose holds did not add up, and were set right.
    pub counters_mended: u64,
    /// Messages waiting to be delivered.
    pub messages_waiting: u64,
}

/// One counter of one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Key of the cap.
    pub cap: Arc<str>,
    /// Start of the window.
    pub window: Moment,
    /// Units held and used.
    pub used: i64,
    /// When the first of them was taken, if that was written down.
    pub first: Option<Moment>,
}

/// How the posts of one source to one contract came out on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteDay {
    /// Who sent the leads.
    pub source: SourceName,
    /// To whom they were posted.
    pub contract: ContractName,
    /// Days since 1970 in UTC.
    pub day: i64,
    /// Posts that were accepted.
    pub accepted: u64,
    /// Posts that were rejected.
    pub rejected: u64,
}

/// Totals over all live leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Leads accepted.
    pub leads: u64,
    /// Of these sold.
    pub sold: u64,
    /// Not sold.
    pub unsold: u64,
    /// Not known.
    pub pending: u64,
    /// What buyers owe for the sold ones.
    pub price: Money,
    /// What suppliers are owed.
    pub payout: Money,
    /// What is kept.
    pub margin: Money,
}
