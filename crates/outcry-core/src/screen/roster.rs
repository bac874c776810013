//! The contracts of a campaign as a screening asks them: made once for a catalog, asked for every lead.

use crate::catalog::{Campaign, Contract, Source};
use crate::filter::{Bits, Filter, Index};
use crate::id::{BuyerName, SourceName};
use std::collections::HashMap;
use std::sync::Arc;

/// What does not change from lead to lead.
#[derive(Debug)]
pub struct Roster {
    pub(super) filters: Index,
    pub(super) paused: Bits,
    buyers: HashMap<BuyerName, Vec<u32>>,
    /// Contracts by each name that a lead may know their buyer by, in small letters.
    named: HashMap<Box<str>, Vec<u32>>,
    /// Contracts that take no leads of a source.
    paused_routes: HashMap<SourceName, Vec<u32>>,
}

impl Roster {
    /// Of the contracts of a campaign, by their positions.
    pub fn of(contracts: &[Contract]) -> Self {
        let filters: Vec<&Filter> = contracts.iter().map(|contract| &contract.filter).collect();
        let mut roster = Self {
            filters: Index::new(&filters),
            paused: Bits::none(contracts.len()),
            buyers: HashMap::new(),
            named: HashMap::new(),
            paused_routes: HashMap::new(),
        };
        for (at, contract) in (0..).zip(contracts) {
            if contract.paused {
                roster.paused.insert(at as usize);
            }
            roster.buyers.entry(contract.buyer.clone()).or_default().push(at);
            for name in contract.buyer_refs() {
                let named = roster.named.entry(name.to_ascii_lowercase().into()).or_default();
                if named.last() != Some(&at) {
                    named.push(at);
                }
            }
            for (source, _) in contract.routes.iter().filter(|(_, route)| route.paused) {
                roster.paused_routes.entry(source.clone()).or_default().push(at);
            }
        }
        roster
    }

    /// The contracts whose buyers the source leaves out, always or with this lead.
    pub(super) fn excluded(&self, source: &Source, with_this_lead: &[Arc<str>]) -> Bits {
        let always = source.excluded_buyers.iter().filter_map(|buyer| self.buyers.get(buyer));
        let with_this_lead = with_this_lead
            .iter()
            .filter_map(|name| self.named.get(&*name.trim().to_ascii_lowercase()));
        self.set(always.chain(with_this_lead))
    }

    /// The contracts that take no leads of the source.
    pub(super) fn paused_routes(&self, source: &Source) -> Bits {
        self.set(self.paused_routes.get(&source.name).into_iter())
    }

    fn set<'a>(&self, lists: impl Iterator<Item = &'a Vec<u32>>) -> Bits {
        let mut set = Bits::none(self.paused.length());
        lists.flatten().for_each(|at| set.insert(*at as usize));
        set
    }
}

impl Campaign {
    /// Its contracts, ready to be screened.
    pub fn roster(&self) -> &Roster {
        self.roster.get_or_init(|| Roster::of(&self.contracts))
    }
}
