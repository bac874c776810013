//! Holds a record against itself: each contract has one end, and what the reasons say follows from what was seen.
//!
//! Some reasons can be derived once more from the record alone: a bid under a floor, an answer that never came, a
//! filter's part against the value it names. Of others the record holds no more than the reason itself: what was in use of
//! a cap, whom the store knew. Those are named as such, and not called proven.

use super::{Ending, Line, Record};
use crate::filter::proves;
use crate::money::Money;
use crate::reason::Reason;
use std::collections::HashSet;

/// What a line of a record says of its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It follows from the rest of the record.
    Follows,
    /// The record holds nothing to derive it from.
    NotFromHere,
    /// It cannot be true beside the rest of the record.
    Contradicts(&'static str),
}

impl Record {
    /// What each line says of its reason, in the order of the lines. Only a contract that has the lead, or stands in
    /// line behind a quote, is without one.
    pub fn check(&self) -> Vec<Finding> {
        let mut names = HashSet::new();
        let each = self.lines.iter().map(|line| {
            if names.insert(&line.contract) {
                self.finding(line)
            } else {
                Finding::Contradicts("its contract has two lines")
            }
        });
        each.collect()
    }

    fn finding(&self, line: &Line) -> Finding {
        let sold = self.ending.sales().iter().any(|sale| sale.contract == line.contract);
        match (&line.reason, &self.ending) {
            (None, Ending::Quoted { .. }) if line.place.is_some() => Finding::Follows,
            // An answer that came after the lead was settled is in the ending, and not among the posts.
            (None, _) if sold => holds(!line.posts.is_empty(), "it has the lead and was never posted to"),
            (None, _) => Finding::Contradicts("it has neither the lead nor a reason"),
            (Some(_), _) if sold => Finding::Contradicts("it has the lead and a reason why not"),
            (Some(reason), _) => self.derived(line, reason),
        }
    }

    fn derived(&self, line: &Line, reason: &Reason) -> Finding {
        let bids = |bid: &Money| line.bid.is_some_and(|highest| *bid <= highest);
        match reason {
            Reason::Paused | Reason::RoutePaused | Reason::Resting { .. } | Reason::TierNotAsked { .. } => closed(line, None),
            Reason::Filter { part, found } => closed(line, proves(part, found)),
            Reason::Late { .. } => {
                let silent = line.ping.as_ref().is_some_and(|ping| ping.answered_us.is_none());
                holds(silent, "it was not pinged, or its ping was answered")
            }
            Reason::NoBid { .. } | Reason::BuyerDuplicate { .. } => {
                holds(line.ping.is_some() && line.bid.is_none(), "it was not pinged, or it bid")
            }
            Reason::BelowFloor { bid, floor } => holds(bid < floor && bids(bid), "the bid is no bid of its, or not under the floor"),
            Reason::AboveCeiling { bid, ceiling } => holds(ceiling < bid && bids(bid), "the bid is no bid of its, or not over the ceiling"),
            Reason::PayoutTooLow { bid, payout, wanted } => {
                holds(payout < wanted && bids(bid), "the bid is no bid of its, or its payout is enough")
            }
            Reason::PostRejected { .. } => posted(line, "rejected"),
            Reason::PostUnknown { .. } => posted(line, "unknown"),
            Reason::BidExpired { .. } | Reason::OutOfTime => holds(line.bid.is_some(), "it had no bid"),
            other => self.against_winners(line, other),
        }
    }

    /// Reasons that speak of who had the lead in its place.
    fn against_winners(&self, line: &Line, reason: &Reason) -> Finding {
        let winners: Vec<&Line> = self.lines.iter().filter(|other| self.has(other)).collect();
        let own = |bid: &Money| line.bid.is_some_and(|highest| *bid <= highest);
        let won = |price: &Money| winners.iter().any(|winner| winner.bid.is_some_and(|bid| *price <= bid));
        let named = |name: &str| winners.iter().any(|winner| winner.contract.as_str() == name);
        match reason {
            Reason::Outbid { bid, best } => holds(bid < best && own(bid) && won(best), "no winner bid more"),
            Reason::Outranked { bid } => holds(own(bid) && won(bid), "no winner bid as much"),
            Reason::Handicapped { bid, best, .. } => holds(best <= bid && own(bid) && won(best), "its bid is not as high as the winner's"),
            Reason::LowerPriority { priority, winner } => holds(winner < priority && !winners.is_empty(), "its number is not higher"),
            Reason::LowerExpected { expected, best } => holds(expected <= best && !winners.is_empty(), "it is expected to bring more"),
            Reason::NotItsTurn { turn: with } | Reason::Conflict { with } => holds(named(with), "whoever it names does not have the lead"),
            Reason::NotInBestSet { bid, set } => {
                let together: Money = winners.iter().filter_map(|winner| winner.bid).sum();
                holds(own(bid) && *set <= together, "the winners did not bid so much together")
            }
            Reason::WantsFewer { shares_max } => holds(*shares_max as usize <= winners.len(), "fewer buyers have the lead"),
            Reason::Sweeper | Reason::LowerTier { .. } => holds(!winners.is_empty(), "nobody has the lead"),
            Reason::HeldByUnknown => {
                let refused = line.posts.iter().any(|post| &*post.verdict == "refused");
                let open = |other: &Line| matches!(other.reason, Some(Reason::PostUnknown { .. }));
                if refused || self.lines.iter().any(open) {
                    return Finding::Follows;
                }
                // What was unknown then has become known, and its verdict stands in the place of the old one.
                let posted = self.lines.iter().any(|other| !other.posts.is_empty());
                if posted {
                    Finding::NotFromHere
                } else {
                    Finding::Contradicts("nobody was posted to")
                }
            }
            _ => Finding::NotFromHere,
        }
    }

    /// Does the buyer have the lead, or may it?
    fn has(&self, line: &Line) -> bool {
        let unknown = matches!(line.reason, Some(Reason::PostUnknown { .. }));
        unknown || self.ending.sales().iter().any(|sale| sale.contract == line.contract)
    }
}

fn holds(it_does: bool, otherwise: &'static str) -> Finding {
    if it_does {
        Finding::Follows
    } else {
        Finding::Contradicts(otherwise)
    }
}

/// Whoever is closed before the pings is not pinged, does not bid and is not posted to.
fn closed(line: &Line, proven: Option<bool>) -> Finding {
    let untouched = line.ping.is_none() && line.bid.is_none() && line.posts.is_empty();
    match proven {
        _ if !untouched => Finding::Contradicts("it was asked although it was closed"),
        Some(false) => Finding::Contradicts("what the lead has there meets the part that says no"),
        Some(true) => Finding::Follows,
        None => Finding::NotFromHere,
    }
}

fn posted(line: &Line, verdict: &str) -> Finding {
    let seen = line.posts.iter().any(|post| &*post.verdict == verdict);
    holds(seen, "none of its posts ended so")
}
