//! The catalog: everything that is traded, compiled from spec files, immutable, swapped whole.

use crate::consent::{CampaignConsent, ContractConsent};
use crate::door_key::IssuedKey;
use crate::duplicate::DuplicateRule;
use crate::filter::Filter;
use crate::id::{BuyerName, CampaignName, ContractName, IntegrationName, LeadTypeName, SourceName, SupplierName};
use crate::intake::Intake;
use crate::lead_type::LeadType;
use crate::list::List;
use crate::money::{Currency, Money};
use crate::pacing::Pacing;
use crate::ping_view::ViewSpec;
use crate::price::{Deal, PriceList, Rates, Route};
use crate::rank::{Expected, Rule, Sharing, Tier};
use crate::screen::Roster;
use crate::unknown::UnknownPolicy;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

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
    /// The same person is not taken again within the whole exchange.
    pub duplicates: Vec<DuplicateRule>,
    /// Lists of those who must not be sold, or are the only ones that may be, in order of their names. Their entries live
    /// elsewhere.
    pub lists: Vec<Arc<List>>,
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
    /// Keys that were issued, of which the process knows no more than this.
    pub issued_keys: Vec<IssuedKey>,
    /// Its own terms of money, and its supplier's where it is silent.
    pub rates: Rates,
    /// The least payout it wants to hear of.
    pub payout_min: Money,
    /// Most buyers that may have one of its leads.
    pub sales_max: Option<u32>,
    /// Its caps, budgets, throttles and hours, and its supplier's.
    pub pacing: Pacing,
    /// Its own answer deadline, if shorter than ours.
    pub deadline_ms: Option<u32>,
    /// Buyers that never get its leads.
    pub excluded_buyers: Vec<BuyerName>,
    /// The same person is not taken from it again.
    pub duplicates: Vec<DuplicateRule>,
    /// It does not hear that a lead was a duplicate, only that it was not sold.
    pub hide_duplicates: bool,
    /// Where the final word on a lead is sent, with `{lead_id}`, `{status}` and `{payout}` to fill in.
    pub postback_url: Option<Arc<str>>,
    /// Signs what is sent there, with a body of its own.
    pub postback_key: Option<PostbackKey>,
    /// Every lead of it is a test.
    pub test_only: bool,
    /// Switched off.
    pub paused: bool,
}

/// A key that signs postbacks. Prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PostbackKey(pub Arc<[u8]>);

impl std::fmt::Debug for PostbackKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("key")
    }
}

/// Who buys leads.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// Its name.
    pub name: BuyerName,
    /// Its legal name, as consent texts write it.
    pub label: Arc<str>,
    /// Where it is told that a person was erased, with `{lead_id}` and `{attempt_id}` to fill in.
    pub erasure_url: Option<Arc<str>>,
    /// SHA-256 of each key it may present to fetch what waits in its inbox.
    pub key_digests: Vec<[u8; 32]>,
    /// Keys that were issued, of which the process knows no more than this.
    pub issued_keys: Vec<IssuedKey>,
}

/// One selling set-up.
#[derive(Debug)]
pub struct Campaign {
    /// Its name.
    pub name: CampaignName,
    /// What it sells: the lead type, and behind its fields those that are computed or said by checks.
    pub lead_type: Arc<LeadType>,
    /// What it does with a lead before any contract is asked.
    pub intake: Intake,
    /// What it asks of consent.
    pub consent: CampaignConsent,
    /// The one currency it trades in.
    pub currency: Currency,
    /// Who wins: the first rule, then those that decide between equals. The highest bid if there is none.
    pub distribution: Vec<Rule>,
    /// To how many buyers a lead may go.
    pub sharing: Sharing,
    /// How the learned value of bids is used.
    pub expected: Expected,
    /// Terms of money, unless a closer level says otherwise.
    pub deal: Deal,
    /// What a sold lead says is erased after so many days; 0 keeps it for ever, and `None` leaves it to the settings.
    pub keep_sold_days: Option<u32>,
    /// The same of an unsold lead.
    pub keep_unsold_days: Option<u32>,
    /// Caps, budgets, throttles and hours of all its leads.
    pub pacing: Pacing,
    /// The same person is not taken again in this campaign.
    pub duplicates: Vec<DuplicateRule>,
    /// How long pings stay open, all in all.
    pub ping_window_ms: u32,
    /// How long a quote stands.
    pub quote_seconds: u32,
    /// Is a quote paid in full though its buyer lowers the price after it has the lead? Then the operator pays the rest.
    pub keeps_promises: bool,
    /// Most posts tried for one lead.
    pub posts_max: u32,
    /// What is done when nobody knows whether a buyer has a lead.
    pub unknown: UnknownPolicy,
    /// What each distinct ping view carries; contracts name theirs by position.
    pub views: Vec<ViewSpec>,
    /// Its contracts, in order of their names.
    pub contracts: Vec<Contract>,
    /// The same contracts, ready to be screened; see [`Campaign::roster`].
    pub roster: OnceLock<Roster>,
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
    /// What it asks of consent.
    pub consent: ContractConsent,
    /// Where its price comes from.
    pub price: PriceList,
    /// Its own terms of money, and its buyer's where it is silent.
    pub rates: Rates,
    /// What it has with single sources, by their names.
    pub routes: Vec<(SourceName, Route)>,
    /// Lowers the rank and not the price, in basis points.
    pub handicap_bp: u32,
    /// Its number in a distribution by priority; the lowest stands first.
    pub priority: u32,
    /// How often it has its turn in a weighted distribution, beside the weights of the others.
    pub weight: u32,
    /// Position of its tier, where the campaign has tiers.
    pub tier: Option<usize>,
    /// Stands behind all others: it takes what nobody else has.
    pub sweeper: bool,
    /// The share of its leads that it is expected to return, in basis points.
    pub returns_bp: u32,
    /// Its caps, budgets, throttles and hours, and its buyer's.
    pub pacing: Pacing,
    /// The same person is not sold to it again.
    pub duplicates: Vec<DuplicateRule>,
    /// Lists that apply to it alone, as positions in [`Catalog::lists`]; of those that apply to a route, all.
    pub lists: Vec<usize>,
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
    /// What every level of the trade keeps to. What a supplier or a buyer keeps to is there once for each of its sources or
    /// contracts.
    pub fn pacings(&self) -> impl Iterator<Item = &Pacing> {
        let sources = self.sources.iter().map(|source| &source.pacing);
        let campaigns = self.campaigns.iter().map(|campaign| &campaign.pacing);
        let contracts = self.campaigns.iter().flat_map(|campaign| &campaign.contracts);
        let contracts = contracts.flat_map(|contract| {
            let routes = contract.routes.iter().map(|(_, route)| &route.pacing);
            std::iter::once(&contract.pacing).chain(routes)
        });
        sources.chain(campaigns).chain(contracts)
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

    /// Is its buyer among these, by name or by label?
    pub fn is_of(&self, buyers: &[Arc<str>]) -> bool {
        let named = |buyer: &Arc<str>| self.buyer_refs().iter().any(|own| own.eq_ignore_ascii_case(buyer.trim()));
        buyers.iter().any(named)
    }

    /// What it has with a source of its own.
    pub fn route(&self, source: &SourceName) -> Option<&Route> {
        self.routes.iter().find(|(name, _)| name == source).map(|(_, route)| route)
    }
}

impl Campaign {
    /// Position of a contract by name.
    pub fn contract(&self, name: &str) -> Option<usize> {
        self.contracts.iter().position(|contract| contract.name.as_str() == name)
    }

    /// The terms of money between a source and a contract.
    pub fn deal(&self, source: &Source, contract: usize) -> Deal {
        let contract = &self.contracts[contract];
        let deal = self.deal.under(&source.rates).under(&contract.rates);
        contract
            .route(&source.name)
            .map_or_else(|| deal.clone(), |route| deal.under(&route.rates))
    }

    /// May two contracts never share a lead? A buyer does not share one with itself.
    pub fn apart(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.contracts[one].buyer, &self.contracts[other].buyer);
        let conflict = |pair: &[BuyerName; 2]| pair.contains(one) && pair.contains(other);
        one == other || self.sharing.conflicts.iter().any(conflict)
    }

    /// The tiers, where the campaign has such.
    pub fn tiers(&self) -> &[Tier] {
        let tiers = self.distribution.iter().find_map(|rule| match rule {
            Rule::Tiers(tiers) => Some(&**tiers),
            _ => None,
        });
        tiers.unwrap_or_default()
    }

    /// Contracts in the rounds in which they are asked, each with the share of the time, in basis points, that is over
    /// when the next one begins. A tier with a time of its own ends a round; without such all are asked together.
    pub fn rounds(&self, contracts: Vec<usize>) -> Vec<(Vec<usize>, u32)> {
        let tiers = self.tiers();
        let timed = |tier: usize| tiers.get(tier).and_then(|tier| tier.time_bp);
        let (mut rounds, mut over, mut first) = (Vec::new(), 0, 0);
        for tier in 0..tiers.len() {
            let Some(time_bp) = timed(tier).filter(|_| tier + 1 < tiers.len()) else {
                continue;
            };
            over += time_bp;
            let round = contracts
                .iter()
                .filter(|at| self.contracts[**at].tier.is_some_and(|of| (first..=tier).contains(&of)));
            rounds.push((round.copied().collect(), over));
            first = tier + 1;
        }
        let last = contracts
            .into_iter()
            .filter(|at| self.contracts[*at].tier.is_none_or(|of| first <= of));
        rounds.push((last.collect(), 10_000));
        rounds
    }

    /// A tier's name; nothing for what is in none.
    pub fn tier_name(&self, at: usize) -> Arc<str> {
        self.tiers().get(at).map_or_else(|| "".into(), |tier| tier.name.clone())
    }
}
