//! The catalog: everything that is traded, compiled from spec files, immutable, swapped whole.

use crate::cap::Cap;
use crate::filter::Filter;
use crate::id::{BuyerName, CampaignName, ContractName, IntegrationName, LeadTypeName, SourceName, SupplierName};
use crate::lead_type::LeadType;
use crate::money::{Currency, Money};
use crate::ping_view::ViewSpec;
use crate::price::{PayoutRule, PriceRule};
use crate::rank::Distribution;
use std::collections::HashMap;
use std::sync::Arc;

/// One version of everything that is traded.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Digest of the files it was compiled from, in hex; each decision names it.
    pub version: Arc<str>,
    /// Lead types, built-in and the operator's own.
    pub lead_types: HashMap<LeadTypeName, Arc<LeadType>>,
    /// Who sends.
    pub suppliers: Vec<Supplier>,
    /// Their feeds.
    pub sources: Vec<Source>,
    /// Who buys.
    pub buyers: Vec<Buyer>,
    /// The selling set-ups.
    pub campaigns: Vec<Arc<Campaign>>,
    /// Suppression lists that a post is checked against, by name; entries live in the store.
    pub suppression_lists: Vec<Arc<str>>,
}

/// Who sends leads and is paid.
#[derive(Clone, Debug)]
pub struct Supplier {
    /// Its name.
    pub name: SupplierName,
    /// For people.
    pub label: Arc<str>,
}

/// One inbound feed.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: SourceName,
    /// Whose it is.
    pub supplier: SupplierName,
    /// Position of its campaign in [`Catalog::campaigns`].
    pub campaign: usize,
    /// SHA-256 of each key it may present.
    pub key_digests: Vec<[u8; 32]>,
    /// Its own payout terms, before the campaign's.
    pub payout: Option<PayoutRule>,
    /// The least payout it wants to hear of.
    pub payout_min: Money,
    /// Its own answer deadline, if shorter than ours.
    pub deadline_ms: Option<u32>,
    /// Buyers that never get its leads.
    pub excluded_buyers: Vec<BuyerName>,
    /// Where the final word on a lead is sent, with `{lead_id}`, `{status}` and `{payout}` to fill in.
    pub postback_url: Option<Arc<str>>,
    /// Every lead of it is a test.
    pub test_only: bool,
    /// Switched off.
    pub paused: bool,
}

/// Who buys leads.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// Its name.
    pub name: BuyerName,
    /// Its legal name, as consent texts write it.
    pub label: Arc<str>,
}

/// One selling set-up.
#[derive(Debug)]
pub struct Campaign {
    /// Its name.
    pub name: CampaignName,
    /// What it sells.
    pub lead_type: Arc<LeadType>,
    /// The one currency it trades in.
    pub currency: Currency,
    /// Who wins.
    pub distribution: Distribution,
    /// Least price of any contract.
    pub floor: Money,
    /// Most believable price of any contract.
    pub ceiling: Option<Money>,
    /// What a supplier gets, unless its source says otherwise.
    pub payout: PayoutRule,
    /// The same person is not sold again in this campaign within so many days.
    pub duplicate_days: Option<u32>,
    /// Suppression lists that each post is checked against.
    pub suppression_lists: Vec<Arc<str>>,
    /// How long pings stay open, all in all.
    pub ping_window_ms: u32,
    /// How long a quote stands.
    pub quote_seconds: u32,
    /// Most posts tried for one lead.
    pub posts_max: u32,
    /// What each distinct ping view carries; contracts name theirs by position.
    pub views: Vec<ViewSpec>,
    /// Its contracts, in order of their names.
    pub contracts: Vec<Contract>,
}

/// The standing terms of one buyer.
#[derive(Debug)]
pub struct Contract {
    /// Its name, unique in the catalog.
    pub name: ContractName,
    /// Its position among all contracts of the catalog, for tables kept outside.
    pub index: usize,
    /// Who buys.
    pub buyer: BuyerName,
    /// Names the consent record may know the buyer by.
    pub buyer_label: Arc<str>,
    /// How to speak with it.
    pub integration: IntegrationName,
    /// What it buys.
    pub filter: Filter,
    /// Where its price comes from.
    pub price: PriceRule,
    /// Its own least price.
    pub floor: Option<Money>,
    /// Its own most believable price.
    pub ceiling: Option<Money>,
    /// Lowers the rank and not the price, in basis points.
    pub handicap_bp: u32,
    /// Its caps and budgets.
    pub caps: Vec<Cap>,
    /// The same person is not sold to it again within so many days.
    pub duplicate_days: Option<u32>,
    /// Position of its ping view in [`Campaign::views`].
    pub view: usize,
    /// How long one of its pings may take.
    pub ping_timeout_ms: u32,
    /// How long one of its posts may take before it is unknown.
    pub post_timeout_ms: u32,
    /// Most calls open to it at once.
    pub calls_max: u32,
    /// Its loss notices may say for how much the lead was sold.
    pub tell_winning_price: bool,
    /// Switched off.
    pub paused: bool,
}

impl Catalog {
    /// The source that presents a key with this digest, and its campaign.
    ///
    /// Digests are looked up, not compared byte by byte against a secret, so timing tells nothing of a key.
    pub fn source_by_digest(&self, digest: &[u8; 32]) -> Option<(usize, &Source)> {
        self.sources
            .iter()
            .enumerate()
            .find(|(_, source)| source.key_digests.contains(digest))
    }

    /// How many contracts there are in all campaigns.
    pub fn contract_count(&self) -> usize {
        self.campaigns.iter().map(|campaign| campaign.contracts.len()).sum()
    }
}

impl Contract {
    /// The names a consent record may know the buyer by.
    pub fn buyer_refs(&self) -> [&str; 2] {
        [self.buyer.as_str(), &self.buyer_label]
    }
}

impl Campaign {
    /// Position of a contract by name.
    pub fn contract(&self, name: &str) -> Option<usize> {
        self.contracts.iter().position(|contract| contract.name.as_str() == name)
    }

    /// The least price a contract must bid.
    pub fn floor_of(&self, contract: &Contract) -> Money {
        contract.floor.map_or(self.floor, |own| own.max(self.floor))
    }

    /// The most believable price of a contract.
    pub fn ceiling_of(&self, contract: &Contract) -> Option<Money> {
        match (contract.ceiling, self.ceiling) {
            (Some(own), Some(common)) => Some(own.min(common)),
            (own, common) => own.or(common),
        }
    }
}
