//! What a store keeps of consent beyond the lead itself: withdrawals, whose a certificate is, and who waits for review.

use super::{ListCheck, PersonKey};
use outcry_core::id::{CampaignName, LeadId, SourceName};
use outcry_core::moment::Moment;
use std::sync::Arc;

/// A person takes back a consent. It is in force for every intent that comes after it, whatever lead it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The person, as digests of each number and address that was given.
    pub people: Vec<PersonKey>,
    /// What is taken back: [`scope::ALL`], a channel, a buyer.
    pub scope: Arc<str>,
    /// When.
    pub at: Moment,
    /// From whom we have it.
    pub from: Arc<str>,
}

/// What may have been said against a person since a post of theirs was intended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objections {
    /// Every number and address of the person.
    pub contacts: Vec<PersonKey>,
    /// The scopes of a withdrawal that stop the post.
    pub withdrawn_in: Vec<Arc<str>>,
    /// What is held against lists.
    pub lists: Vec<ListCheck>,
}

/// Words for what a withdrawal takes back.
pub mod scope {
    use outcry_core::consent::{Channel, Channels};
    use outcry_core::id::BuyerName;
    use std::sync::Arc;

    /// Everything.
    pub const ALL: &str = "all";

    /// One way to reach the person.
    pub fn channel(channel: Channel) -> Arc<str> {
        format!("channel/{channel}").into()
    }

    /// One buyer.
    pub fn buyer(buyer: &BuyerName) -> Arc<str> {
        format!("buyer/{buyer}").into()
    }

    /// What stops a post to a buyer that will reach the person so. Who has not said how may do it in any way.
    pub fn stopping(to: &BuyerName, channels: Channels) -> Vec<Arc<str>> {
        let all = Channel::ALL.into_iter();
        let used = all.filter(|one| channels.is_empty() || channels.has(*one)).map(channel);
        [Arc::from(ALL), buyer(to)].into_iter().chain(used).collect()
    }
}

/// One certificate, one person: who comes second and shares no number and no address with the first is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateClaim {
    /// Whose certificate it is: `trustedform`, `leadid`.
    pub vendor: Arc<str>,
    /// A digest of its id.
    pub certificate: PersonKey,
    /// The person, by every number and address of the lead.
    pub people: Vec<PersonKey>,
}

/// A lead that waits for somebody to look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InReview {
    /// The lead.
    pub lead: LeadId,
    /// Who sent it.
    pub source: SourceName,
    /// Where it is to be sold.
    pub campaign: CampaignName,
    /// When it came in.
    pub received: Moment,
    /// Why it waits.
    pub why: Arc<str>,
}
