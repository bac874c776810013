//! Who is a duplicate: by which fields, of which leads, for how long.
//!
//! Two leads are of one person if all fields of one key agree in their normal form; a key of which a part is missing never
//! agrees with anything. Whether somebody holds a person is the store's to say, and to say exactly.

use crate::id::{CampaignName, ContractName, SourceName};
use crate::lead_type::LeadType;
use crate::moment::Moment;
use std::fmt;
use std::sync::Arc;

/// One rule: the same person is not taken again within a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateRule {
    /// Each entry names fields that together are the person; one that agrees is enough. The lead type's own if `None`.
    pub keys: Option<Arc<[Vec<Arc<str>>]>>,
    /// For how long.
    pub window_ms: i64,
    /// Which leads count as the one before.
    pub original: Original,
}

/// Which leads count as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Original {
    /// Those that a buyer has or may have.
    Sold,
    /// Those that were put up for sale, whatever became of them. To a contract the same as sold.
    Accepted,
    /// Every one that came, duplicates too: each lets the time begin anew. To a contract every one that left for it.
    Any,
}

impl Original {
    /// The word in spec files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::Accepted => "accepted",
            Self::Any => "any",
        }
    }
}

/// Within what a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All campaigns.
    Exchange,
    /// The leads of one source.
    Source(&'a SourceName),
    /// The leads of one campaign.
    Campaign(&'a CampaignName),
    /// What goes to one contract.
    Contract(&'a ContractName),
    /// What goes from one source to one contract.
    Route(&'a SourceName, &'a ContractName),
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange => f.write_str("exchange"),
            Self::Source(source) => write!(f, "source/{source}"),
            Self::Campaign(campaign) => write!(f, "campaign/{campaign}"),
            Self::Contract(contract) => write!(f, "contract/{contract}"),
            Self::Route(source, contract) => write!(f, "route/{source}/{contract}"),
        }
    }
}

impl Scope<'_> {
    /// The name under which the store keeps who holds a person. Rules that count other leads as originals keep their own.
    pub fn key(&self, original: Original) -> Arc<str> {
        match (self, original) {
            (_, Original::Sold) | (Self::Contract(_) | Self::Route(..), Original::Accepted) => self.to_string().into(),
            (_, Original::Accepted | Original::Any) => format!("{self}:{}", original.word()).into(),
        }
    }
}

impl DuplicateRule {
    /// Its keys for a lead type. A key that names a field which the type lacks never agrees.
    pub fn keys<'a>(&'a self, lead_type: &'a LeadType) -> &'a [Vec<Arc<str>>] {
        self.keys.as_deref().unwrap_or(&lead_type.dedupe_keys)
    }

    /// When a claim ends that was taken now.
    pub fn until(&self, now: Moment) -> Moment {
        now.plus_ms(self.window_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_counts_others_keeps_its_own_names() {
        let (site, auto, acme) = (SourceName::new("site"), CampaignName::new("auto"), ContractName::new("acme"));
        let key = |scope: Scope<'_>, original| scope.key(original).to_string();
        assert_eq!(key(Scope::Campaign(&auto), Original::Sold), "campaign/auto");
        assert_eq!(key(Scope::Campaign(&auto), Original::Any), "campaign/auto:any");
        assert_eq!(key(Scope::Source(&site), Original::Accepted), "source/site:accepted");
        assert_eq!(
            key(Scope::Contract(&acme), Original::Accepted),
            "contract/acme",
            "what it accepts is sold"
        );
        assert_eq!(key(Scope::Route(&site, &acme), Original::Any), "route/site/acme:any");
        assert_eq!(key(Scope::Exchange, Original::Sold), "exchange");
    }
}
