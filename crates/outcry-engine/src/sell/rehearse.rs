//! Rehearse: the whole decision on one lead, by the same steps as a sale, and nothing sent, nothing kept.
//!
//! Pings are written and not called; what the buyers would have said is handed in. The store is not asked: whom it
//! knows, and what is in use of the caps, is what the engine that rehearses has been told.

use super::{admit, intake, ping, rank, screen};
use crate::asked::Asked;
use crate::denied::Denied;
use crate::dialogue::ask::{self, Asking};
use crate::engine::Engine;
use outcry_core::bid::Bid;
use outcry_core::id::AttemptId;
use outcry_core::money::Money;
use outcry_core::price::Split;
use outcry_core::rank::{Plan, Progress};
use outcry_core::raw::Raw;
use outcry_core::record::{Door, Ending, Record, Sold};
use outcry_integration::Request;
use outcry_integration::answer::{PingOutcome, PingReading};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A lead to be tried.
pub struct RehearsalRequest {
    /// Position of its source in the catalog.
    pub source: usize,
    /// The lead, unchecked.
    pub lead: Raw,
    /// What the source asks for with it.
    pub asked: Asked,
    /// The door it comes through: a full lead, or a ping.
    pub door: Door,
    /// What buyers would bid, by the name of their contract. Whoever is not named says yes at its agreed price, or
    /// bids nothing.
    pub bids: HashMap<String, Money>,
}

/// What would happen.
pub struct Rehearsal {
    /// What was decided. Its sales are those that would follow if every buyer kept its word; their attempts are none.
    pub record: Record,
    /// Who stands in which order.
    pub plan: Plan,
    /// Positions in the plan of those who would be posted to first, all at once.
    pub first: Vec<usize>,
    /// The prices of the plan as they would be booked, place by place.
    pub splits: Vec<Split>,
    /// The pings that would leave, by the position of the contract. One that needs a login, or a call before it, is not
    /// written.
    pub pings: Vec<(usize, Request)>,
}

/// Decides on a lead as a sale would.
///
/// # Errors
/// [`Denied`] where the lead would be turned away at the door.
pub async fn rehearse(engine: &Arc<Engine>, request: RehearsalRequest) -> Result<Rehearsal, Denied> {
    let mut auction = admit::rehearsed(engine, &request)?;
    intake::without_asking(engine, &mut auction);
    let open = screen::by_rules(engine, &mut auction);
    let stand_in = StandIn {
        bids: request.bids,
        written: Arc::default(),
    };
    let entries = ping::gather_by(engine, &mut auction, open, false, |asking| stand_in.answer(&asking)).await;
    let plan = rank::plan(engine, &mut auction, entries).await;
    let campaign = auction.terms.campaign.clone();
    let first = plan.next(&campaign, &Progress::default());
    let progress = Progress {
        open: first.clone(),
        gone: Vec::new(),
    };
    for (loser, reason) in plan.losers(&campaign, &progress) {
        auction.note(loser, reason);
    }
    let split = |at: &usize| auction.terms.split(plan.places[*at].contract, plan.places[*at].price);
    let sold = |at: &usize| Sold {
        contract: campaign.contracts[plan.places[*at].contract].name.clone(),
        attempt: AttemptId::from_bits(0),
        split: split(at),
    };
    let sales: Vec<Sold> = first.iter().map(sold).collect();
    let splits = (0..plan.places.len()).map(|at| split(&at)).collect();
    let ending = if sales.is_empty() {
        Ending::Unsold
    } else {
        Ending::Sold { sales, redirect_url: None }
    };
    let pings = std::mem::take(&mut *stand_in.written.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Rehearsal {
        record: auction.close(ending),
        plan,
        first,
        splits,
        pings,
    })
}

/// Stands in for every buyer.
struct StandIn {
    bids: HashMap<String, Money>,
    written: Arc<Mutex<Vec<(usize, Request)>>>,
}

impl StandIn {
    /// Writes the ping and answers for the buyer.
    fn answer(&self, asking: &Asking) -> impl Future<Output = (usize, ask::Asked, Instant)> + use<> {
        let at = asking.dialogue.at;
        let contract = asking.dialogue.contract();
        let given = self.bids.get(contract.name.as_str()).copied();
        let agreed = !contract.price.of(&asking.lead, asking.now).agreed().is_empty();
        let asked = match asking.written() {
            Some(Err(reason)) => ask::Asked::NotBegun(reason),
            written => {
                let request = written.and_then(Result::ok).map(|request| (at, request));
                self.written.lock().unwrap_or_else(PoisonError::into_inner).extend(request);
                ask::Asked::Answered {
                    reading: reading(given, agreed),
                    status: 200,
                    took: Duration::ZERO,
                }
            }
        };
        std::future::ready((at, asked, Instant::now()))
    }
}

fn reading(given: Option<Money>, agreed: bool) -> PingReading {
    let bid = given.map(Bid::at).or_else(|| agreed.then(|| Bid::at(Money::ZERO)));
    let silent = bid.is_none();
    PingReading {
        outcome: if silent { PingOutcome::NoBid } else { PingOutcome::Bid },
        bids: bid.into_iter().collect(),
        bid_id: None,
        reason: silent.then(|| "no bid was handed in for it".into()),
        notes: Vec::new(),
    }
}
