//! The whole market: buyers of every temperament, and what their books add up to.

mod full;
mod roster;
#[cfg(test)]
mod tests;

use crate::buyers::{Bought, BuyerSim, Counts, IncomingRequest, Profile, Reply};
use outcry_core::money::Money;
use std::collections::HashMap;

/// All buyers of a market.
#[derive(Debug)]
pub struct World {
    /// In the order of the roster; positions stand for addresses.
    pub buyers: Vec<BuyerSim>,
}

/// What all buyers' books add up to. The exchange has no part in these figures, so they can be held against its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pings that buyers read.
    pub pings: u64,
    /// Posts that buyers read, repeated ones included.
    pub posts: u64,
    /// Leads that buyers took.
    pub accepted: u64,
    /// What buyers' answers said they pay for them. An answer may have been lost on its way.
    pub price_total: Money,
    /// What buyers bid for them.
    pub bid_total: Money,
    /// What buyers owe for them: what they said they pay, but never more than they bid.
    pub owed_total: Money,
    /// People taken by any buyer.
    pub people: u64,
    /// People taken twice by one buyer, or by more buyers than one of them was promised.
    pub sold_twice: u64,
    /// Pings with contact data in them.
    pub leaks: u64,
    /// Posts on no offer of the buyer's, second posts on one offer, and calls that made no sense.
    pub anomalies: u64,
}

impl World {
    /// The demo exchange's buyers, as `examples/market` names them: twenty-four over twelve lead types.
    pub fn demo(seed: u64) -> Self {
        Self::of(roster::demo(), seed)
    }

    /// The buyers of the exchange of every rule, as `examples/full` names them.
    pub fn full(seed: u64) -> Self {
        Self::of(full::roster(), seed)
    }

    /// Buyers with these profiles, all from one seed.
    pub fn of(profiles: Vec<Profile>, seed: u64) -> Self {
        Self {
            buyers: profiles.into_iter().map(|profile| BuyerSim::new(profile, seed)).collect(),
        }
    }

    /// A buyer by name.
    pub fn buyer(&self, name: &str) -> Option<&BuyerSim> {
        self.buyers.iter().find(|buyer| buyer.profile().name == name)
    }

    /// Answers a request to `/b/<buyer>/…`; `None` where no such buyer is.
    pub fn answer(&self, request: &IncomingRequest) -> Option<Reply> {
        let name = request.path.strip_prefix("/b/")?.split('/').next()?;
        self.buyer(name).map(|buyer| buyer.answer(request))
    }

    /// Legal names of everybody who buys a lead type: what the consent for such a lead must name.
    pub fn sellers(&self, lead_type: &str) -> Vec<String> {
        let buys = |buyer: &&BuyerSim| buyer.profile().buys.iter().any(|appetite| appetite.lead_type == lead_type);
        self.buyers.iter().filter(buys).map(|buyer| buyer.profile().label.clone()).collect()
    }

    /// Adds up all books, as they are now.
    pub fn tally(&self) -> Tally {
        let sum = self.buyers.iter().map(BuyerSim::counts).fold(Counts::default(), Counts::plus);
        Tally {
            pings: sum.pings,
            posts: sum.posts,
            accepted: sum.accepted,
            price_total: sum.price_total,
            bid_total: sum.bid_total,
            owed_total: sum.owed_total,
            people: self.people().len() as u64,
            sold_twice: self.sold_twice(),
            leaks: sum.leaks,
            anomalies: sum.anomalies,
        }
    }

    /// What all buyers together took of one person: see [`crate::buyers::Books::people`] for who is who.
    pub fn bought(&self, person: u64) -> Bought {
        let of = |buyer: &BuyerSim| buyer.with_books(|books| books.people.get(&person).copied().unwrap_or_default());
        self.buyers.iter().map(of).fold(Bought::default(), Bought::plus)
    }

    /// What all buyers together took of each person, and how often one of them alone.
    fn people(&self) -> HashMap<u64, (Bought, u32)> {
        let mut people: HashMap<u64, (Bought, u32)> = HashMap::new();
        for buyer in &self.buyers {
            buyer.with_books(|books| {
                for (person, bought) in &books.people {
                    let (sum, most) = people.entry(*person).or_default();
                    *sum = sum.plus(*bought);
                    *most = bought.times.max(*most);
                }
            });
        }
        people
    }

    fn sold_twice(&self) -> u64 {
        let people = self.people();
        let twice = |(bought, at_one): &&(Bought, u32)| 1 < *at_one || bought.buyers_max < bought.times;
        people.values().filter(twice).count() as u64
    }
}
