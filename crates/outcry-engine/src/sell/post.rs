//! Post: down the plan, to all at once that may have the lead together. T2 before the first byte, the verdict read as
//! it is, T3 after it.
//!
//! Rejected or not sent: release, next best. Unknown: keep everything; who may have a lead alone may have it.

use super::intent::intent;
use super::legs::{Last, Sent};
use crate::auction::Auction;
use crate::deadline::micros;
use crate::dialogue::handover::{Handover, Written};
use crate::engine::Engine;
use crate::ports::store::{Hold, Intended, Refusal, StoreFault};
use crate::simulated;
use crate::terms::Terms;
use futures_util::stream::{FuturesUnordered, StreamExt};
use outcry_core::id::AttemptId;
use outcry_core::moment::Moment;
use outcry_core::rank::{Place, Plan};
use outcry_core::reason::Reason;
use outcry_core::record::Posted;
use outcry_core::verdict::Verdict;
use std::sync::Arc;
use tokio::time::Instant;

/// Posts down the plan until all have the lead who may have it, or nobody is left.
///
/// # Errors
/// The store's fault. Whatever was intended is then resolved by recovery, as unknown.
pub(super) async fn down_the_plan(engine: &Arc<Engine>, auction: &mut Auction, plan: &Plan) -> Result<Last, StoreFault> {
    let campaign = auction.terms.campaign.clone();
    let mut posts_left = campaign.posts_max;
    let mut last = Last::default();
    loop {
        let mut wave = plan.next(&campaign, &last.progress);
        // What a quote promised has to be covered by one sale before anybody else may have the lead for less.
        if auction.terms.promised.is_some() && !last.is_sold() {
            wave.truncate(1);
        }
        if wave.is_empty() {
            return Ok(last);
        }
        last.settle(engine, auction).await?;
        let mut under_way = FuturesUnordered::new();
        for at in wave {
            match start(engine, auction, plan, &last, &plan.places[at], &mut posts_left).await? {
                Some((handover, written)) => under_way.push(send(at, handover, written)),
                // What may not leave at one price may not at a lower one.
                None => last.progress.gone.extend(plan.places_of(plan.places[at].contract)),
            }
        }
        while let Some((sent, verdict)) = under_way.next().await {
            last.heard(engine, auction, plan, sent, verdict).await?;
            if !under_way.is_empty() {
                last.settle(engine, auction).await?;
            }
        }
    }
}

/// Everything up to the first byte: login, the request, and T2. `None` if the post may not leave, with its reason noted.
async fn start(
    engine: &Arc<Engine>,
    auction: &mut Auction,
    plan: &Plan,
    last: &Last,
    place: &Place,
    posts_left: &mut u32,
) -> Result<Option<(Handover, Option<Written>)>, StoreFault> {
    if *posts_left == 0 || engine.limits.selling <= auction.deadline.elapsed() {
        auction.note(place.contract, Reason::OutOfTime);
        return Ok(None);
    }
    let attempt = AttemptId::from_bits(engine.fresh(engine.now()));
    let handover = Handover::of(engine, auction, plan, place, attempt);
    let covered = if last.is_sold() {
        Ok(())
    } else {
        breaks_even(&auction.terms, place)
    };
    let written = match stands(place, engine.now()).and(covered) {
        Ok(()) => handover.write().await,
        Err(reason) => Err(reason),
    };
    let written = match written {
        Ok(written) => written,
        Err(reason) => {
            auction.note(place.contract, reason);
            return Ok(None);
        }
    };
    let intent = intent(engine, auction, place, attempt);
    let holds = intent.holds.clone();
    if let Intended::Refused(refusal) = engine.store.intend(intent).await? {
        refused(engine, auction, place.contract, attempt, refusal, &holds);
        return Ok(None);
    }
    *posts_left -= 1;
    for hold in &holds {
        engine.live.take(hold);
    }
    Ok(Some((handover.holding(&holds), written)))
}

/// A sale below the payout that a quote promised would be a loss: nobody gets the lead at that, beyond the loss that
/// was allowed on purpose.
pub(super) fn breaks_even(terms: &Terms, place: &Place) -> Result<(), Reason> {
    let deal = terms.campaign.deal(terms.source(), place.contract);
    let price = terms.split(place.contract, place.price).price + deal.loss_max;
    match terms.promised.filter(|promised| price < *promised) {
        Some(promised) => Err(Reason::BelowFloor {
            bid: place.price,
            floor: promised - deal.loss_max,
        }),
        None => Ok(()),
    }
}

/// A bid that stood only for a time may have ended before its turn came.
fn stands(place: &Place, now: Moment) -> Result<(), Reason> {
    match place.bid.expires_at.filter(|end| *end <= now) {
        Some(end) => Err(Reason::BidExpired {
            since_ms: u32::try_from(now.since_ms(end)).unwrap_or(u32::MAX),
        }),
        None => Ok(()),
    }
}

/// The store did not let the post start.
fn refused(engine: &Engine, auction: &mut Auction, at: usize, attempt: AttemptId, refusal: Refusal, holds: &[Hold]) {
    let reason = match refusal {
        Refusal::CapFull { cap, limit } => {
            holds
                .iter()
                .filter(|hold| hold.cap == cap && hold.amount == 1)
                .for_each(|hold| engine.live.full(hold, engine.now()));
            Reason::CapFull { cap, limit }
        }
        Refusal::Duplicate { scope } => Reason::Duplicate { scope },
        Refusal::Suppressed { list } => Reason::Suppressed { list },
        Refusal::LegTaken => Reason::HeldByUnknown,
    };
    auction.lines[at].posts.push(Posted {
        attempt,
        verdict: "refused".into(),
        took_us: 0,
    });
    auction.note(at, reason);
}

/// Sends the lead, and whatever else the buyer wants to hear until it knows.
fn send(at: usize, handover: Handover, written: Option<Written>) -> impl Future<Output = (Sent, Verdict)> {
    let (started, handover) = (Instant::now(), Arc::new(handover));
    async move {
        let verdict = match written {
            None => simulated::verdict(),
            Some(written) => handover.carry_out(written).await,
        };
        let sent = Sent {
            place: at,
            attempt: handover.attempt.id,
            holds: handover.attempt.holds.clone(),
            took_us: micros(started.elapsed()),
        };
        (sent, verdict)
    }
}
