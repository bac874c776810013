//! A lead that waits.

use outcry_core::id::{ContractName, LeadId, QuoteId, SourceName};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::record::{Door, Run};
use std::sync::Arc;

/// A lead that nobody took, and that waits until somebody may: what it needs to be sold then, beside what T1 keeps of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which lead.
    pub lead: LeadId,
    /// When it is tried again.
    pub due: Moment,
    /// Who sent it.
    pub source: SourceName,
    /// Through which door.
    pub door: Door,
    /// Live or test.
    pub run: Run,
    /// When it came.
    pub received: Moment,
    /// The quote it redeemed.
    pub quote: Option<QuoteId>,
    /// What that quote promised.
    pub promised: Option<Money>,
    /// The least payout its source asks for with it.
    pub payout_min: Money,
    /// To how many buyers it may go.
    pub sales_max: u32,
    /// Buyers that its source does not want it to go to.
    pub excluded: Vec<Arc<str>>,
    /// Its source's sub-ids, for filters that ask for them.
    pub sub_ids: Vec<Option<Arc<str>>>,
    /// Contracts that have had their say.
    pub refused_by: Vec<ContractName>,
}
