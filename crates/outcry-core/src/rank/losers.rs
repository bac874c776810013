//! Why a place of the plan did not get the lead: one reason, from the first key in which it differs from the winner.

use super::{Key, Place, Plan, Progress};
use crate::catalog::Campaign;
use crate::money::Money;
use crate::reason::Reason;
use std::cmp::Ordering;
use std::sync::Arc;

impl Plan {
    /// One reason for each contract that has a place, did not get the lead and was not posted to.
    pub fn losers(&self, campaign: &Campaign, progress: &Progress) -> Vec<(usize, Reason)> {
        let Some(last) = progress.open.iter().max().map(|at| &self.places[*at]) else {
            return Vec::new();
        };
        let mut losers: Vec<(usize, Reason)> = Vec::new();
        for place in &self.places {
            let of_contract = |at: &usize| self.places[*at].contract == place.contract;
            let named = losers.iter().any(|(contract, _)| *contract == place.contract);
            if !named && !progress.open.iter().chain(&progress.gone).any(of_contract) {
                losers.push((place.contract, self.reason(campaign, progress, place, last)));
            }
        }
        losers
    }

    fn reason(&self, campaign: &Campaign, progress: &Progress, place: &Place, last: &Place) -> Reason {
        let winners = || progress.open.iter().map(|at| &self.places[*at]);
        let name = |place: &Place| -> Arc<str> { campaign.contracts[place.contract].name.as_str().into() };
        if let Some(other) = winners().find(|winner| campaign.apart(winner.contract, place.contract)) {
            return Reason::Conflict { with: name(other) };
        }
        let sold = progress.open.len();
        if self.best_set && (sold > 1 || last.price < place.price) {
            return Reason::NotInBestSet {
                bid: place.price,
                set: winners().map(|winner| winner.price).sum::<Money>(),
            };
        }
        let passed_by = self.room(progress) > 0 || place.keys < last.keys;
        if passed_by && place.shares_max as usize <= sold {
            return Reason::WantsFewer {
                shares_max: place.shares_max,
            };
        }
        behind(campaign, place, last)
    }
}

/// Why a place stands behind another.
fn behind(campaign: &Campaign, place: &Place, winner: &Place) -> Reason {
    let (bid, best) = (place.price, winner.price);
    let contract = |place: &Place| &campaign.contracts[place.contract];
    let decided = place.keys.iter().zip(&winner.keys).find(|(own, other)| own != other);
    match decided {
        Some((Key::Sweeper(true), _)) if contract(place).sweeper => Reason::Sweeper,
        Some((Key::Sweeper(true), _)) => Reason::OverCap,
        Some((Key::Tier(own), Key::Tier(other))) => Reason::LowerTier {
            tier: campaign.tier_name(*own),
            winner: campaign.tier_name(*other),
        },
        Some((Key::Priority(own), Key::Priority(other))) => Reason::LowerPriority {
            priority: *own,
            winner: *other,
        },
        Some((Key::Turn(_), Key::Turn(_))) => Reason::NotItsTurn {
            turn: contract(winner).name.as_str().into(),
        },
        Some((Key::Expected(own), Key::Expected(other))) => Reason::LowerExpected {
            expected: own.0,
            best: other.0,
        },
        Some((Key::Worth(_), Key::Worth(_))) => match bid.cmp(&best) {
            Ordering::Less => Reason::Outbid { bid, best },
            Ordering::Equal | Ordering::Greater => Reason::Handicapped {
                bid,
                handicap_bp: place.handicap_bp,
                best,
            },
        },
        _ => Reason::Outranked { bid },
    }
}
