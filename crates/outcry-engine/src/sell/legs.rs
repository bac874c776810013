//! The legs of a lead while it is posted: what became of each, and T3 for those that are not the last.
//!
//! The outcome of the last leg goes into the lead's own T3, so a lead that one buyer has costs one transaction. Each other
//! outcome is settled before anything follows from it.

use super::posts::Part;
use crate::auction::Auction;
use crate::dialogue::handover::Said;
use crate::engine::Engine;
use crate::insist;
use crate::ports::store::{AttemptOutcome, Frees, Hold, LeadState, Memo, Settle, StoreFault};
use outcry_core::id::AttemptId;
use outcry_core::price::Split;
use outcry_core::rank::{Plan, Progress};
use outcry_core::reason::Reason;
use outcry_core::record::{Posted, Run};
use outcry_core::unknown::Resell;
use outcry_core::verdict::Verdict;

/// How the plan ended, or how far it has come.
#[derive(Default)]
pub(super) struct Last {
    /// The legs that buyers have or may have, in the order of their verdicts.
    pub(super) legs: Vec<Leg>,
    /// What became of the places of the plan.
    pub(super) progress: Progress,
}

/// One leg that a buyer has, or may have.
pub(super) struct Leg {
    pub(super) contract: usize,
    pub(super) attempt: AttemptId,
    pub(super) verdict: Verdict,
    /// What it was sold for, if the buyer accepted.
    pub(super) split: Option<Split>,
    /// What it takes to come back to it.
    memo: Option<Box<Memo>>,
    /// Is its outcome in the store?
    settled: bool,
}

/// A post that was sent.
pub(super) struct Sent {
    pub(super) part: Part,
    pub(super) attempt: AttemptId,
    pub(super) holds: Vec<Hold>,
    pub(super) memo: Option<Box<Memo>>,
    pub(super) took_us: u64,
}

impl Last {
    /// Has a buyer accepted?
    pub(super) fn is_sold(&self) -> bool {
        self.legs.iter().any(|leg| leg.split.is_some())
    }

    /// May a buyer have it of whom nobody knows?
    pub(super) fn may_be_sold(&self) -> bool {
        self.legs.iter().any(|leg| leg.split.is_none())
    }

    /// A verdict came: a leg more, or T3 for a buyer that does not have the lead.
    pub(super) async fn heard(
        &mut self,
        engine: &Engine,
        auction: &mut Auction,
        plan: &Plan,
        sent: Sent,
        Said { verdict, .. }: Said,
    ) -> Result<(), StoreFault> {
        let (at, place) = (sent.part.place, &sent.part.of);
        auction.lines[place.contract].posts.push(Posted {
            attempt: sent.attempt,
            verdict: verdict.word().into(),
            took_us: sent.took_us,
        });
        if auction.terms.run == Run::Live {
            engine.learned.ended(&auction.terms, place.contract, &verdict, engine.now());
        }
        let split = match &verdict {
            Verdict::Accepted(acceptance) => Some(auction.terms.booked(place.contract, acceptance, place.price, !self.is_sold())),
            Verdict::Unknown { .. } => None,
            Verdict::NotSent { why } => {
                auction.note(place.contract, Reason::PostNotSent { why: why.clone() });
                self.progress.gone.push(at);
                return rejected(engine, auction, sent, verdict).await;
            }
            Verdict::Rejected { said, duplicate } => {
                auction.note(place.contract, Reason::PostRejected { said: said.clone() });
                self.progress.gone.push(at);
                if *duplicate {
                    // Who has the person already does not want it for less.
                    self.progress.gone.extend(plan.places_of(place.contract));
                }
                return rejected(engine, auction, sent, verdict).await;
            }
        };
        // Where the campaign says so, a lead that somebody may have is sold as if nobody had it. What was taken stays taken.
        if split.is_none() && auction.terms.campaign.unknown.resell == Resell::TreatAsRejected {
            self.progress.gone.push(at);
        } else if !self.progress.open.contains(&at) {
            self.progress.open.push(at);
        }
        self.legs.push(Leg {
            contract: place.contract,
            attempt: sent.attempt,
            verdict,
            split,
            memo: sent.memo,
            settled: false,
        });
        Ok(())
    }

    /// The contracts of which nobody knows whether they have the lead.
    pub(super) fn unknown(&self) -> Vec<usize> {
        self.legs.iter().filter(|leg| leg.split.is_none()).map(|leg| leg.contract).collect()
    }

    /// T3 for each leg that has not had it: something else is about to follow.
    pub(super) async fn settle(&mut self, engine: &Engine, auction: &Auction) -> Result<(), StoreFault> {
        for leg in self.legs.iter_mut().filter(|leg| !leg.settled) {
            let settle = ended(engine, auction, leg.outcome(auction));
            insist::until_done(engine, || engine.store.settle(settle.clone())).await?;
            leg.settled = true;
        }
        Ok(())
    }

    /// The outcome that the lead's own T3 takes along.
    pub(super) fn outstanding(&self, auction: &Auction) -> Option<AttemptOutcome> {
        let open = self.legs.iter().find(|leg| !leg.settled);
        open.map(|leg| leg.outcome(auction))
    }
}

impl Leg {
    fn outcome(&self, auction: &Auction) -> AttemptOutcome {
        AttemptOutcome {
            attempt: self.attempt,
            verdict: self.verdict.clone(),
            sale: self.split.and_then(|split| auction.terms.sale(self.contract, split)),
            written_off: false,
            memo: self.memo.clone(),
        }
    }
}

/// What of its holds an attempt gives back by a verdict.
pub(crate) fn freed<'a>(holds: &'a [Hold], verdict: &Verdict) -> impl Iterator<Item = &'a Hold> {
    let (sold, sent) = match verdict {
        Verdict::Accepted(_) | Verdict::Unknown { .. } => (true, true),
        Verdict::Rejected { .. } => (false, true),
        Verdict::NotSent { .. } => (false, false),
    };
    holds.iter().filter(move |hold| match hold.frees {
        Frees::NotSold => !sold,
        Frees::NotSent => !sent,
    })
}

/// T3 for a buyer that does not have the lead; the next one may.
async fn rejected(engine: &Engine, auction: &Auction, sent: Sent, verdict: Verdict) -> Result<(), StoreFault> {
    freed(&sent.holds, &verdict).for_each(|hold| engine.live.free(hold));
    let outcome = AttemptOutcome {
        attempt: sent.attempt,
        verdict,
        sale: None,
        written_off: false,
        memo: None,
    };
    let settle = ended(engine, auction, outcome);
    insist::until_done(engine, || engine.store.settle(settle.clone())).await.map(|_| ())
}

/// An attempt has ended, and the lead is still being sold.
fn ended(engine: &Engine, auction: &Auction, attempt: AttemptOutcome) -> Settle {
    Settle {
        lead: auction.terms.lead_id(),
        at: engine.now(),
        attempt: Some(attempt),
        state: LeadState::Selling,
        answer: None,
        record: None,
        messages: Vec::new(),
        waiting: None,
    }
}
