//! Post: down the plan, one leg at a time. T2 before the first byte, the verdict read as it is, T3 after it.
//!
//! Rejected or not sent: release, next best. Unknown: keep everything, and nobody else gets an exclusive lead.

use crate::auction::Auction;
use crate::deadline::micros;
use crate::dialogue::handover::{Handover, Written};
use crate::engine::Engine;
use crate::ports::store::{AttemptOutcome, Claim, Hold, Intend, Intended, LeadState, PersonKey, Refusal, Settle, StoreFault};
use crate::simulated;
use crate::terms::Terms;
use outcry_core::id::AttemptId;
use outcry_core::moment::Moment;
use outcry_core::rank::{Place, Plan};
use outcry_core::reason::Reason;
use outcry_core::record::{Posted, Run};
use outcry_core::verdict::Verdict;
use std::sync::Arc;
use tokio::time::Instant;

/// How the plan ended.
pub(super) struct Last {
    /// The place in the plan that sold or is unresolved, its attempt and its verdict; `None` if nobody took it.
    pub(super) open: Option<(usize, AttemptId, Verdict)>,
}

/// Posts down the plan until a buyer accepts, an outcome is unknown, or nobody is left.
///
/// # Errors
/// The store's fault. Whatever was intended is then resolved by recovery, as unknown.
pub(super) async fn down_the_plan(engine: &Arc<Engine>, auction: &mut Auction, plan: &Plan) -> Result<Last, StoreFault> {
    let posts_max = usize::try_from(auction.terms.campaign.posts_max).unwrap_or(usize::MAX);
    let mut posts = 0;
    for (at, place) in plan.places.iter().enumerate() {
        if posts == posts_max || engine.limits.selling <= auction.deadline.elapsed() {
            auction.note(place.contract, Reason::OutOfTime);
            continue;
        }
        let attempt = AttemptId::from_bits(engine.fresh(engine.now()));
        let handover = Handover::of(engine, auction, plan, place, attempt);
        let written = match stands(place, engine.now()).and_then(|()| breaks_even(&auction.terms, place)) {
            Ok(()) => handover.write().await,
            Err(reason) => Err(reason),
        };
        let written = match written {
            Ok(written) => written,
            Err(reason) => {
                auction.note(place.contract, reason);
                continue;
            }
        };
        let intent = intent(engine, auction, place, attempt);
        let holds = intent.holds.clone();
        if let Intended::Refused(refusal) = engine.store.intend(intent).await? {
            refused(engine, auction, place.contract, attempt, refusal, &holds);
            continue;
        }
        posts += 1;
        for hold in &holds {
            engine.live.take(hold);
        }
        let verdict = send(auction, handover.holding(&holds), written).await;
        match verdict {
            Verdict::Accepted(_) | Verdict::Unknown { .. } => {
                return Ok(Last {
                    open: Some((at, attempt, verdict)),
                });
            }
            Verdict::Rejected { .. } | Verdict::NotSent { .. } => {
                next_best(engine, auction, place.contract, attempt, verdict, &holds).await?;
            }
        }
    }
    Ok(Last { open: None })
}

/// A sale below the payout that a quote promised would be a loss: nobody down the plan gets the lead at that.
fn breaks_even(terms: &Terms, place: &Place) -> Result<(), Reason> {
    match terms.promised.filter(|promised| terms.split(place.price).price < *promised) {
        Some(floor) => Err(Reason::BelowFloor { bid: place.price, floor }),
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

/// T2 for one place.
fn intent(engine: &Engine, auction: &Auction, place: &Place, attempt: AttemptId) -> Intend {
    let contract = auction.terms.contract(place.contract);
    let now = engine.now();
    let live = auction.terms.run == Run::Live;
    Intend {
        attempt,
        lead: auction.terms.lead_id(),
        legs_max: 1,
        contract: contract.name.clone(),
        buyer: contract.buyer.clone(),
        price: place.price,
        run: auction.terms.run,
        boot: engine.boot,
        at: now,
        claims: if live { claims(auction, place.contract, now) } else { Vec::new() },
        holds: if live { holds(auction, place, now) } else { Vec::new() },
        suppression_lists: if live {
            auction.terms.campaign.suppression_lists.clone()
        } else {
            Vec::new()
        },
        people: auction.people.clone(),
    }
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A claim on each of the person's keys, in the campaign and with the contract, where they have duplicate rules.
fn claims(auction: &Auction, at: usize, now: Moment) -> Vec<Claim> {
    let contract = auction.terms.contract(at);
    let scopes = [
        auction
            .terms
            .campaign
            .duplicate_days
            .map(|days| (format!("campaign/{}", auction.terms.campaign.name), days)),
        contract.duplicate_days.map(|days| (format!("contract/{}", contract.name), days)),
    ];
    let scope = |(scope, days): (String, u32)| (Arc::<str>::from(scope), now.plus_ms(i64::from(days) * DAY_MS));
    let scopes: Vec<(Arc<str>, Moment)> = scopes.into_iter().flatten().map(scope).collect();
    // Person by person: the store finds all claims on one person in one look.
    let claim = |person: PersonKey, (scope, until): &(Arc<str>, Moment)| Claim {
        scope: scope.clone(),
        person,
        until: *until,
    };
    let people = auction.people.iter();
    people.flat_map(|person| scopes.iter().map(|scope| claim(*person, scope))).collect()
}

/// A hold on each cap and budget of the contract.
fn holds(auction: &Auction, place: &Place, now: Moment) -> Vec<Hold> {
    let caps = auction.terms.contract(place.contract).caps.iter();
    caps.map(|cap| Hold {
        cap: cap.key.clone(),
        window: cap.window.start(now, &cap.zone),
        limit: cap.limit,
        amount: cap.amount(place.price),
    })
    .collect()
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

/// Sends the lead and reads the verdict.
async fn send(auction: &mut Auction, handover: Handover, written: Option<Written>) -> Verdict {
    let (started, handover) = (Instant::now(), Arc::new(handover));
    let verdict = match written {
        None => simulated::verdict(),
        Some(written) => handover.carry_out(written).await,
    };
    auction.lines[handover.attempt.place.contract].posts.push(Posted {
        attempt: handover.attempt.id,
        verdict: verdict.word().into(),
        took_us: micros(started.elapsed()),
    });
    verdict
}

/// T3 for a buyer that does not have the lead; the next one may.
async fn next_best(
    engine: &Engine,
    auction: &mut Auction,
    at: usize,
    attempt: AttemptId,
    verdict: Verdict,
    holds: &[Hold],
) -> Result<(), StoreFault> {
    for hold in holds {
        engine.live.free(hold);
    }
    auction.note(
        at,
        match &verdict {
            Verdict::NotSent { why } => Reason::PostNotSent { why: why.clone() },
            Verdict::Rejected { said, .. } => Reason::PostRejected { said: said.clone() },
            Verdict::Accepted(_) | Verdict::Unknown { .. } => return Ok(()),
        },
    );
    let settle = Settle {
        lead: auction.terms.lead_id(),
        at: engine.now(),
        attempt: Some(AttemptOutcome {
            attempt,
            verdict,
            sale: None,
        }),
        state: LeadState::Selling,
        answer: None,
        record: None,
        messages: Vec::new(),
    };
    engine.store.settle(settle).await.map(|_| ())
}
