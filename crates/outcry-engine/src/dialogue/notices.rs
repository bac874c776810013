//! Tells bidders how the auction ended, where their integrations say so. Best effort: a notice is tried once, and what
//! becomes of it changes nothing.

use super::Dialogue;
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::outbound::CallEnd;
use crate::resolve;
use crate::terms::Terms;
use futures_util::future::join_all;
use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::money::Money;
use outcry_core::rank::Plan;
use outcry_core::record::{Ending, Event, Happened, Run, Sold};
use outcry_integration::{Kept, Notice, NoticeCall, StepName, StepOutcome};
use std::sync::Arc;

/// The bidders of one auction who wish to hear.
#[derive(Clone)]
pub(crate) struct Notices {
    terms: Terms,
    bidders: Arc<[Bidder]>,
}

struct Bidder {
    contract: usize,
    bid: Bid,
    ping_id: Option<PingId>,
}

/// Who won, by which attempt, at which price.
#[derive(Clone, Copy)]
struct Winner {
    contract: usize,
    attempt: AttemptId,
    price: Money,
}

impl Notices {
    /// Those in the plan whose integrations speak of winning or losing; `None` if there is nobody.
    pub(crate) fn of(auction: &Auction, plan: &Plan) -> Option<Self> {
        let wishes = |contract: usize| {
            let integration = &auction.terms.binding(contract).integration;
            integration.has(StepName::Win) || integration.has(StepName::Loss)
        };
        let mut bidders: Vec<Bidder> = Vec::new();
        for place in plan.places.iter().filter(|place| wishes(place.contract)) {
            // The first of its places is its best.
            if bidders.iter().all(|bidder| bidder.contract != place.contract) {
                bidders.push(Bidder {
                    contract: place.contract,
                    bid: place.bid.clone(),
                    ping_id: auction.lines[place.contract].ping.as_ref().map(|ping| ping.id),
                });
            }
        }
        (!bidders.is_empty()).then(|| Self {
            terms: auction.terms.clone(),
            bidders: bidders.into(),
        })
    }

    /// Tells those of them whom it concerns in the background, if the ending is one.
    pub(crate) fn send(self, engine: &Arc<Engine>, ending: &Ending, concerns: impl Fn(usize) -> bool) {
        let open = matches!(ending, Ending::Pending { .. } | Ending::Waiting { .. } | Ending::Review { .. });
        if open || matches!(ending, Ending::Quoted { .. }) {
            return;
        }
        let winner = |sale: &Sold| {
            Some(Winner {
                contract: self.terms.campaign.contract(sale.contract.as_str())?,
                attempt: sale.attempt,
                price: sale.split.price,
            })
        };
        let winners: Vec<Winner> = ending.sales().iter().filter_map(winner).collect();
        let told: Vec<usize> = (0..self.bidders.len()).filter(|at| concerns(self.bidders[*at].contract)).collect();
        let lead = self.terms.lead_id();
        let telling = {
            let engine = engine.clone();
            async move {
                let calls = told.iter().map(|at| self.tell(&engine, &self.bidders[*at], &winners));
                let events: Vec<Event> = join_all(calls).await.into_iter().flatten().collect();
                if events.is_empty() {
                    return;
                }
                if let Err(fault) = resolve::note(&engine, lead, events).await {
                    tracing::warn!(lead.id = %lead, error = %fault, "what bidders were told is not in the record");
                }
            }
        };
        if !engine.notices.begin(telling) {
            tracing::warn!(lead.id = %lead, "bidders are not told how the auction ended: too many are being told");
        }
    }

    async fn tell(&self, engine: &Arc<Engine>, bidder: &Bidder, winners: &[Winner]) -> Option<Event> {
        let dialogue = Dialogue {
            engine: engine.clone(),
            terms: self.terms.clone(),
            at: bidder.contract,
        };
        let won = winners.iter().find(|winner| winner.contract == bidder.contract);
        let step = if won.is_some() { StepName::Win } else { StepName::Loss };
        let (true, Some(params)) = (dialogue.integration().has(step), dialogue.params()) else {
            return None;
        };
        // Of several winners a loser hears of the one it came closest to; a winner of itself.
        let winner = won.or_else(|| winners.iter().min_by_key(|winner| winner.price));
        let may_know = won.is_some() || dialogue.contract().tell_winning_price;
        let notice = Notice {
            won: won.is_some(),
            winning_price: winner.filter(|_| may_know).map(|winner| winner.price),
        };
        let write = |kept: &Kept| {
            let call = NoticeCall {
                attempt: won.map(|winner| winner.attempt),
                ping_id: bidder.ping_id,
                bid: &bidder.bid,
                kept,
                notice,
                test: self.terms.run == Run::Test,
                source: self.terms.source().name.as_str(),
                now: engine.now(),
            };
            dialogue.integration().render_notice(params, &call)
        };
        let said = dialogue
            .say(step, dialogue.until(step, super::STEP_TIMEOUT), Kept::NONE, write)
            .await;
        let heard = match said {
            Ok(CallEnd::Answered { answer, .. }) => dialogue.read_step(step, &answer).await.outcome == StepOutcome::Ok,
            Ok(_) | Err(_) => false,
        };
        tracing::debug!(
            lead.id = %self.terms.lead_id(), contract.id = %dialogue.contract().name, notice = step.word(), heard,
            "a bidder was told how the auction ended"
        );
        Some(Event {
            at: engine.now(),
            contract: dialogue.contract().name.clone(),
            what: Happened::Noticed {
                notice: step.word().into(),
                heard,
            },
        })
    }
}
