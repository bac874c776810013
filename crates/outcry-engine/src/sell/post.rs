//! Post: down the plan, one leg at a time. T2 before the first byte, the verdict read as it is, T3 after it.
//!
//! Rejected or not sent: release, next best. Unknown: keep everything, and nobody else gets an exclusive lead.

use crate::auction::Auction;
use crate::deadline::micros;
use crate::engine::Engine;
use crate::ports::outbound::{Call, Connection, LateListener};
use crate::ports::store::{AttemptOutcome, Claim, Hold, Intend, Intended, LeadState, PersonKey, Refusal, Settle, StoreFault};
use crate::resolve;
use crate::simulated;
use crate::terms::Terms;
use crate::verdicts;
use outcry_core::consent;
use outcry_core::id::AttemptId;
use outcry_core::moment::Moment;
use outcry_core::post_view::PostView;
use outcry_core::rank::{Place, Plan};
use outcry_core::reason::Reason;
use outcry_core::record::{Posted, Run};
use outcry_core::verdict::Verdict;
use outcry_integration::{Kept, PostCall, Request};
use std::sync::Arc;
use std::time::Duration;
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
        let request = match breaks_even(&auction.terms, place).and_then(|()| write(engine, auction, place, attempt)) {
            Ok(request) => request,
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
        let verdict = send(engine, auction, place, attempt, request, &holds).await;
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

/// Writes the post of one contract, with proof that the consent covers its buyer. `None` for a simulated one.
fn write(engine: &Engine, auction: &Auction, place: &Place, attempt: AttemptId) -> Result<Option<Request>, Reason> {
    let contract = auction.terms.contract(place.contract);
    let now = engine.now();
    let covered = consent::covers(&auction.lead, &contract.buyer_refs(), now);
    let covered = covered.map_err(|missing| Reason::Consent {
        missing: missing.to_string().into(),
    })?;
    let binding = auction.terms.binding(place.contract);
    let test = auction.terms.run == Run::Test;
    let params = match (&binding.test_params, test) {
        (Some(params), true) => params,
        (None, true) => return Ok(None),
        (_, false) => &binding.params,
    };
    let ping_id = auction.lines[place.contract].ping.as_ref().map(|ping| ping.id);
    let source = auction.terms.source().name.as_str();
    let post = PostCall {
        attempt,
        ping_id,
        bid: &place.bid,
        test,
        source,
        now,
        kept: Kept::NONE,
        ask: auction.terms.ask(place.contract),
    };
    let request = binding
        .integration
        .render_post(params, &PostView::new(&auction.lead, covered), &post);
    request.map(Some).map_err(|fault| Reason::Unwritable {
        why: fault.to_string().into(),
    })
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
async fn send(
    engine: &Arc<Engine>,
    auction: &mut Auction,
    place: &Place,
    attempt: AttemptId,
    request: Option<Request>,
    holds: &[Hold],
) -> Verdict {
    let started = Instant::now();
    let verdict = match request {
        None => simulated::verdict(),
        Some(request) => {
            let end = engine.outbound.call(call(engine, auction, place, attempt, request, holds)).await;
            auction.heard_from(engine, place.contract, &end);
            verdicts::of(&auction.terms.binding(place.contract).integration, end)
        }
    };
    auction.lines[place.contract].posts.push(Posted {
        attempt,
        verdict: verdict.word().into(),
        took_us: micros(started.elapsed()),
    });
    verdict
}

fn call(engine: &Arc<Engine>, auction: &Auction, place: &Place, attempt: AttemptId, request: Request, holds: &[Hold]) -> Call {
    let contract = auction.terms.contract(place.contract);
    let late: LateListener = resolve::listener(engine, auction, place, attempt, holds.to_vec());
    Call {
        request,
        contract: contract.index,
        calls_max: contract.calls_max,
        until: Instant::now() + Duration::from_millis(contract.post_timeout_ms.into()),
        listen_on: engine.limits.post_listen,
        late: Some(late),
        answer_bytes_max: engine.limits.answer_bytes_max,
        connection: Connection::Fresh,
    }
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
