//! Post: down the plan, to all at once that may have the lead together. T2 before the first byte, the verdict read as
//! it is, T3 after it.
//!
//! Rejected or not sent: release, next best. Unknown: keep everything; who may have a lead alone may have it.

use super::intent::intent;
use super::legs::{Last, Sent};
use super::posts::{Part, parts};
use crate::auction::Auction;
use crate::deadline::micros;
use crate::dialogue::handover::{Handover, Said, Written};
use crate::engine::Engine;
use crate::insist;
use crate::ports::store::{Hold, Intend, Intended, Refusal, StoreFault, Token};
use crate::simulated;
use crate::terms::Terms;
use futures_util::stream::{FuturesUnordered, StreamExt};
use outcry_core::consent::Covered;
use outcry_core::id::AttemptId;
use outcry_core::moment::Moment;
use outcry_core::rank::{Place, Plan};
use outcry_core::reason::Reason;
use outcry_core::record::{Event, Happened, Posted};
use outcry_core::screen;
use outcry_core::verdict::Verdict;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::time::Instant;

/// A post that is written and may leave, with the proof that it may.
struct Ready {
    handover: Handover,
    covered: Covered,
    written: Option<Written>,
}

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
        let one_by_one = auction.terms.promised.is_some() && !last.is_sold();
        if one_by_one {
            wave.truncate(1);
        }
        if wave.is_empty() {
            return Ok(last);
        }
        let places = wave.iter().flat_map(|at| parts(&auction.terms, *at, &plan.places[*at]));
        let mut waiting: VecDeque<Part> = places.collect();
        while !waiting.is_empty() {
            let at_once = if one_by_one && !last.is_sold() { 1 } else { waiting.len() };
            last.settle(engine, auction).await?;
            // All are written before the first is intended: what one login takes is not taken off another's time to send.
            let mut ready = Vec::new();
            for part in waiting.drain(..at_once) {
                match write(engine, auction, plan, &last, &part).await {
                    Some(written) => ready.push((part, written)),
                    // What may not leave at one price may not at a lower one.
                    None => last.progress.gone.extend(plan.places_of(part.of.contract)),
                }
            }
            let mut under_way = FuturesUnordered::new();
            for (
                part,
                Ready {
                    handover,
                    covered,
                    written,
                },
            ) in ready
            {
                match start(engine, auction, &last, &part, (handover, covered), &mut posts_left).await? {
                    // Each on a task of its own: writing down what became of one must not keep another from leaving.
                    Some(handover) => under_way.push(tokio::spawn(send(part, handover, written))),
                    None => last.progress.gone.extend(plan.places_of(part.of.contract)),
                }
                if let Some(by) = auction.stopped_by {
                    stop(auction, plan, &mut last, by);
                    waiting.clear();
                    break;
                }
            }
            while let Some(done) = under_way.next().await {
                let (sent, said) = done.unwrap_or_else(|bug| std::panic::resume_unwind(bug.into_panic()));
                last.heard(engine, auction, plan, sent, said).await?;
                if !under_way.is_empty() {
                    last.settle(engine, auction).await?;
                }
            }
        }
        last.progress.close();
    }
}

/// Nobody further down the plan gets the lead: a full cap says so.
fn stop(auction: &mut Auction, plan: &Plan, last: &mut Last, by: usize) {
    for (at, place) in plan.places.iter().enumerate() {
        if !last.progress.open.contains(&at) && !last.progress.gone.contains(&at) {
            last.progress.gone.push(at);
            if auction.lines[place.contract].posts.is_empty() {
                auction.note_stopped(place.contract, by);
            }
        }
    }
}

/// Login and the request. `None` if the post may not leave, with its reason noted.
async fn write(engine: &Arc<Engine>, auction: &mut Auction, plan: &Plan, last: &Last, part: &Part) -> Option<Ready> {
    let place = &part.of;
    if engine.limits.selling <= auction.deadline.elapsed() {
        auction.note(place.contract, Reason::OutOfTime);
        return None;
    }
    let attempt = AttemptId::from_bits(engine.fresh(engine.now()));
    let handover = Handover::of(engine, auction, plan, place, attempt);
    let paid = if last.is_sold() {
        Ok(())
    } else {
        breaks_even(&auction.terms, place)
    };
    let may = auction.judged.may_post().and(stands(place, engine.now())).and(paid);
    let written = match may.and_then(|()| open(engine, auction, place)) {
        Ok(()) => handover.write().await,
        Err(reason) => Err(reason),
    };
    match written {
        Ok((covered, written)) => Some(Ready {
            handover,
            covered,
            written,
        }),
        Err(reason) => {
            auction.note(place.contract, reason);
            None
        }
    }
}

/// T2, the last thing before the first byte. `None` if the post may not leave, with its reason noted.
async fn start(
    engine: &Arc<Engine>,
    auction: &mut Auction,
    last: &Last,
    part: &Part,
    (handover, covered): (Handover, Covered),
    posts_left: &mut u32,
) -> Result<Option<Handover>, StoreFault> {
    let (place, attempt) = (&part.of, handover.attempt.id);
    if *posts_left == 0 {
        auction.note(place.contract, Reason::OutOfTime);
        return Ok(None);
    }
    handover.await_calls();
    let intent = match intent(engine, auction, place, attempt, covered, !last.is_sold()) {
        Ok(intent) => Intend {
            leg: part.leg,
            memo: handover.memo(),
            ..intent
        },
        Err(reason) => {
            auction.note(place.contract, reason);
            return Ok(None);
        }
    };
    let (holds, tokens, begun) = (intent.holds.clone(), intent.tokens.clone(), Instant::now());
    let intended = insist::until_done(engine, || engine.store.intend(intent.clone())).await?;
    if let Intended::Refused(refusal) = intended {
        refused(engine, auction, place.contract, attempt, refusal, (&holds, &tokens));
        return Ok(None);
    }
    *posts_left -= 1;
    for hold in &holds {
        engine.live.take(hold, engine.now());
    }
    for token in &tokens {
        engine.live.take_token(token, engine.now());
    }
    if last.may_be_sold() && auction.terms.campaign.unknown.resell.breaks_the_promise() {
        auction.events.push(Event {
            at: engine.now(),
            contract: auction.terms.contract(place.contract).name.clone(),
            what: Happened::BesideUnknown {
                attempt,
                policy: auction.terms.campaign.unknown.resell.word().into(),
            },
        });
    }
    Ok(Some(handover.holding(&holds, begun)))
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

/// The hours of all levels may have ended since the ping.
fn open(engine: &Engine, auction: &mut Auction, place: &Place) -> Result<(), Reason> {
    let terms = &auction.terms;
    let open = screen::may_post(&terms.campaign, terms.source(), place.contract, &auction.lead, engine.now());
    open.map_err(|(reason, wait)| {
        auction.waits.extend(wait);
        reason
    })
}

/// The store did not let the post start.
fn refused(engine: &Engine, auction: &mut Auction, at: usize, attempt: AttemptId, refusal: Refusal, (holds, tokens): (&[Hold], &[Token])) {
    let now = engine.now();
    match &refusal {
        Refusal::CapFull { cap, .. } => {
            let full = holds.iter().filter(|hold| hold.cap == *cap && hold.amount == 1);
            full.for_each(|hold| engine.live.full(hold, now));
        }
        Refusal::TooFast { throttle, wait_ms } => {
            let empty = tokens.iter().filter(|token| token.throttle == *throttle);
            empty.for_each(|token| engine.live.empty(token, *wait_ms, now));
        }
        // Where somebody else came first, that goes for every contract.
        Refusal::Duplicate { scope } if !scope.starts_with("contract/") && !scope.starts_with("route/") => {
            auction.terms.duplicate = Some(scope.clone());
        }
        Refusal::Duplicate { .. }
        | Refusal::Suppressed { .. }
        | Refusal::NotOnList { .. }
        | Refusal::Withdrawn { .. }
        | Refusal::CertificateTaken { .. }
        | Refusal::Unproven
        | Refusal::LegTaken => {}
    }
    auction.lines[at].posts.push(Posted {
        attempt,
        verdict: "refused".into(),
        took_us: 0,
    });
    auction.note_refusal(at, refusal);
}

/// Sends the lead, and whatever else the buyer wants to hear until it knows.
fn send(part: Part, handover: Handover, written: Option<Written>) -> impl Future<Output = (Sent, Said)> {
    let (started, handover) = (Instant::now(), Arc::new(handover));
    async move {
        let said = match written {
            None => Said::of(simulated::verdict()),
            Some(written) => handover.carry_out(written).await,
        };
        let memo = matches!(said.verdict, Verdict::Unknown { .. }).then(|| handover.memo_with(&said.kept));
        let sent = Sent {
            part,
            attempt: handover.attempt.id,
            holds: handover.attempt.holds.clone(),
            memo: memo.flatten(),
            took_us: micros(started.elapsed()),
        };
        (sent, said)
    }
}
