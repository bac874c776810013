//! Whom to post to now, given what became of the posts so far.

use super::best_set::{Offer, best_set};
use super::{Key, Place, Plan};
use crate::catalog::Campaign;

/// How far a plan has been carried out. Positions are those of places in the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Accepted or unknown: these buyers have the lead, or may have it.
    pub open: Vec<usize>,
    /// Rejected, not sent or not let through: these are done with.
    pub gone: Vec<usize>,
}

impl Progress {
    /// A place of which one post was refused and another was not is open: its buyer has the lead, or may have it.
    pub fn close(&mut self) {
        let open = &self.open;
        self.gone.retain(|at| !open.contains(at));
    }
}

impl Plan {
    /// Every place of a contract. A buyer with a price ladder has one for each rung.
    pub fn places_of(&self, contract: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.places.len()).filter(move |at| self.places[*at].contract == contract)
    }

    /// The places to post to now, all at once, best first; none if the plan is at its end.
    ///
    /// Nobody gets a lead that a buyer has, or may have, for itself alone; and nobody gets one that more have than it
    /// would share with. A contract that rejected one offer is not asked for another, except at a lower rung of its
    /// price ladder.
    pub fn next(&self, campaign: &Campaign, progress: &Progress) -> Vec<usize> {
        let room = self.room(progress);
        if room == 0 {
            return Vec::new();
        }
        let free: Vec<usize> = (0..self.places.len()).filter(|at| self.is_free(campaign, progress, *at)).collect();
        // Sweepers take what nobody else has.
        let sweeps = |at: &usize| self.places[*at].sweeps();
        let (sweepers, others): (Vec<usize>, Vec<usize>) = free.into_iter().partition(sweeps);
        match (others.is_empty(), progress.open.is_empty()) {
            (false, _) => self.pick(campaign, progress, &others),
            (true, true) => self.pick(campaign, progress, &sweepers),
            (true, false) => Vec::new(),
        }
    }

    /// How many more buyers may have the lead, as far as those who have it agree.
    pub fn room(&self, progress: &Progress) -> usize {
        let agreed = progress.open.iter().map(|at| self.places[*at].shares_max).min();
        let most = agreed.unwrap_or(self.legs_max).min(self.legs_max);
        (most as usize).saturating_sub(progress.open.len())
    }

    fn is_free(&self, campaign: &Campaign, progress: &Progress, at: usize) -> bool {
        let place = &self.places[at];
        let done = |other: &usize| self.places[*other].contract == place.contract && !place.is_below(&self.places[*other]);
        let against = |other: &usize| campaign.apart(place.contract, self.places[*other].contract);
        !progress.gone.iter().any(done) && !progress.open.iter().any(against) && progress.open.len() < place.shares_max as usize
    }

    fn pick(&self, campaign: &Campaign, progress: &Progress, free: &[usize]) -> Vec<usize> {
        if self.best_set {
            return self.pick_set(campaign, progress, free);
        }
        let mut most = progress.open.len() + self.room(progress);
        let mut picked: Vec<usize> = Vec::new();
        for at in free.iter().copied() {
            let taken = progress.open.len() + picked.len();
            let place = &self.places[at];
            let shares = place.shares_max as usize;
            if taken >= most {
                break;
            }
            if shares <= taken
                || picked
                    .iter()
                    .any(|other| campaign.apart(place.contract, self.places[*other].contract))
            {
                continue;
            }
            picked.push(at);
            most = most.min(shares);
        }
        picked
    }

    fn pick_set(&self, campaign: &Campaign, progress: &Progress, free: &[usize]) -> Vec<usize> {
        let offer = |at: &usize| Offer {
            worth: self.places[*at].worth(),
            shares_max: self.places[*at].shares_max as usize,
        };
        let offers: Vec<Offer> = free.iter().map(offer).collect();
        let contract = |at: usize| self.places[free[at]].contract;
        let have = progress.open.len();
        let most = have + self.room(progress);
        let found = best_set(&offers, have, most, |a, b| campaign.apart(contract(a), contract(b)));
        found.members.into_iter().map(|at| free[at]).collect()
    }
}

impl Place {
    /// Does it only take what nobody else has?
    pub fn sweeps(&self) -> bool {
        self.keys.first() == Some(&Key::Sweeper(true))
    }

    /// Is it a lower rung of the ladder on which the other place stands?
    fn is_below(&self, other: &Self) -> bool {
        self.bid.rung.zip(other.bid.rung).is_some_and(|(own, other)| other < own)
    }
}
