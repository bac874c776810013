//! Settle: T3, the lead's last transaction, and what follows from it.

use super::admit::PingTurn;
use super::again;
use super::legs::Last;
use super::posts;
use crate::answer::Answer;
use crate::auction::Auction;
use crate::denied::Denied;
use crate::dialogue::notices::Notices;
use crate::engine::Engine;
use crate::insist;
use crate::ports::store::{AttemptOutcome, LeadState, Quote, Settle, Settled, StoreFault};
use crate::quote::{Offer, QuoteAnswer, Seller};
use crate::terms::Terms;
use outcry_core::money::Money;
use outcry_core::rank::{Plan, Progress};
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Held, Run, Sold, Subject};
use outcry_core::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;

/// T3 for a lead: verdict, money, state, answer, record and messages, all or nothing.
pub(super) async fn lead(engine: &Arc<Engine>, mut auction: Auction, plan: &Plan, last: Last) -> Answer {
    let (ending, attempt) = close(&mut auction, plan, &last);
    let (ending, waiting) = match again::waits(&auction, &ending, engine.now()) {
        Some(waiting) => (Ending::Waiting { until: waiting.due }, Some(waiting)),
        None => (ending, None),
    };
    let (terms, settled, notices) = (auction.terms.clone(), auction.settled.clone(), Notices::of(&auction, plan));
    let answer = terms.answer(&ending);
    let settle = Settle {
        lead: terms.lead_id(),
        at: engine.now(),
        attempt,
        state: state(&ending),
        answer: Some(answer.clone()),
        messages: terms.messages(engine, &answer),
        record: Some(Arc::new(auction.close(ending.clone()))),
        waiting,
    };
    let told = settle_and_wake(engine, settle).await;
    let took = auction.deadline.elapsed();
    settled.send_replace(true);
    engine.awaited.remove(terms.lead_id());
    match told {
        Ok(Settled::AlreadyFinal) => as_it_ended(engine, &terms).await,
        Ok(Settled::Done) => {
            note(&terms, &answer, took);
            if let Some(notices) = notices {
                let unknown = last.unknown();
                notices.send(engine, &ending, |contract| !unknown.contains(&contract));
            }
            answer
        }
        Err(fault) => by_recovery(&terms, &fault),
    }
}

/// One line for one settled lead, for whoever follows the trade in the log: names and numbers, and nothing of the person.
fn note(terms: &Terms, answer: &Answer, took: Duration) {
    tracing::debug!(
        lead.id = %answer.lead,
        source = %terms.source().name,
        campaign = %terms.campaign.name,
        status = answer.status.word(),
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "settled"
    );
}

/// T3, and the outbox woken if it has something to deliver. What has happened is a fact: where the store cannot take it
/// (no room on the disk, a lost connection) it waits until the store can, and not for the next start.
pub(crate) async fn settle_and_wake(engine: &Engine, settle: Settle) -> Result<Settled, StoreFault> {
    let waiting = !settle.messages.is_empty();
    let settled = insist::until_done(engine, || engine.store.settle(settle.clone())).await?;
    if waiting {
        engine.outbox_ready.notify_one();
    }
    Ok(settled)
}

/// Somebody else has brought the lead to an end while it was being sold: a start that took this process for dead, or a person. Its
/// source hears what was said then, from everybody.
async fn as_it_ended(engine: &Engine, terms: &Terms) -> Answer {
    let told = engine.store.lead(terms.lead_id()).await;
    let answer = told.ok().flatten().and_then(|lead| lead.answer);
    answer.unwrap_or_else(|| terms.pending())
}

/// The store failed between accepting the lead and settling it. The lead exists and its fate is open; recovery
/// finds it at the next start. `pending` is all that can be said.
pub(super) fn by_recovery(terms: &Terms, fault: &StoreFault) -> Answer {
    tracing::error!(lead.id = %terms.lead_id(), error = %fault, "a lead could not be settled; recovery will resolve it");
    terms.pending()
}

/// The lead's state after an ending.
pub(crate) const fn state(ending: &Ending) -> LeadState {
    match ending {
        Ending::Sold { .. } => LeadState::Sold,
        Ending::Pending { .. } => LeadState::Uncertain,
        Ending::Waiting { .. } => LeadState::Waiting,
        Ending::Review { .. } => LeadState::Review,
        Ending::Unsold | Ending::Quoted { .. } => LeadState::Unsold,
    }
}

/// Gives every contract its last reason and names the ending.
fn close(auction: &mut Auction, plan: &Plan, last: &Last) -> (Ending, Option<AttemptOutcome>) {
    let campaign = auction.terms.campaign.clone();
    for (loser, reason) in plan.losers(&campaign, &last.progress) {
        let reason = if last.is_sold() { reason } else { Reason::HeldByUnknown };
        auction.note(loser, reason);
    }
    let mut sales = Vec::new();
    let mut redirect_url = None;
    for leg in &last.legs {
        auction.lines[leg.contract].reason = match &leg.verdict {
            Verdict::Unknown { why } => Some(Reason::PostUnknown { why: why.clone() }),
            Verdict::Accepted(acceptance) => {
                redirect_url = redirect_url.or_else(|| acceptance.redirect_url.clone());
                None
            }
            Verdict::Rejected { .. } | Verdict::NotSent { .. } => continue,
        };
        sales.extend(leg.split.map(|split| Sold {
            contract: auction.terms.contract(leg.contract).name.clone(),
            attempt: leg.attempt,
            split,
        }));
    }
    // A contract that has one of its legs has the lead, whatever became of the others.
    for sale in &sales {
        let mut lines = auction.lines.iter_mut().filter(|line| line.contract == sale.contract);
        lines.by_ref().for_each(|line| line.reason = None);
    }
    let ending = match last.legs.first() {
        None => waits(auction).unwrap_or(Ending::Unsold),
        Some(leg) if sales.is_empty() => Ending::Pending { attempt: leg.attempt },
        Some(_) => Ending::Sold { sales, redirect_url },
    };
    (ending, last.outstanding(auction))
}

/// Who would have the lead, best first and each once. A page that asks for consent after the ping shows these names.
fn sellers(terms: &Terms, plan: &Plan, progress: &Progress) -> Vec<Seller> {
    let mut sellers: Vec<Seller> = Vec::new();
    for (_, place) in plan.places.iter().enumerate().filter(|(at, _)| !progress.gone.contains(at)) {
        let contract = terms.contract(place.contract);
        if sellers.iter().all(|seller| seller.buyer != contract.buyer) {
            sellers.push(Seller {
                buyer: contract.buyer.clone(),
                name: place.bid.buyer_name.clone().unwrap_or_else(|| contract.buyer_label.clone()),
            });
        }
    }
    sellers
}

/// Does the lead wait for somebody to look at it, with what its source asked for?
fn waits(auction: &Auction) -> Option<Ending> {
    let terms = &auction.terms;
    let held = || Held {
        excluded: terms.excluded.to_vec(),
        sales_max: terms.wishes.sales_max,
        payout_min: terms.wishes.payout_min,
    };
    auction.judged.review().map(|why| Ending::Review { why, held: held() })
}

/// Makes the quote of a ping, keeps it, and remembers it for repeats.
pub(super) async fn quote(engine: &Engine, mut auction: Auction, plan: Plan, turn: PingTurn) -> Result<QuoteAnswer, Denied> {
    let terms = auction.terms.clone();
    let Subject::Quote(id) = terms.subject else {
        panic!("only a ping is answered with a quote");
    };
    let now = engine.now();
    let ended = |at: &usize| plan.places[*at].bid.expires_at.is_some_and(|end| end <= now);
    let progress = Progress {
        gone: (0..plan.places.len()).filter(ended).collect(),
        ..Progress::default()
    };
    // The best leg alone is promised: it is certain to be covered, and each further sale comes on top.
    let best = plan.next(&terms.campaign, &progress).first().map(|at| &plan.places[*at]);
    // No longer than the bid it rests on.
    let longest = now.plus_ms(i64::from(terms.campaign.quote_seconds) * 1_000);
    let expires = best.and_then(|best| best.bid.expires_at).map_or(longest, |end| end.min(longest));
    let payout = best.map(|best| terms.split(best.contract, posts::first(&terms, best).price).payout);
    let offer = payout.map(|payout| Offer {
        payout,
        expires,
        expires_seconds: u32::try_from(expires.since_ms(now) / 1_000).unwrap_or(0),
        token: engine.keys.token.sign(id, &terms.source().name, expires),
        sellers: sellers(&terms, &plan, &progress),
    });
    let pinged = auction.lead.clone();
    let ending = payout.map_or(Ending::Unsold, |payout| Ending::Quoted { payout });
    let record = Arc::new(auction.close(ending));
    let quote = Quote {
        id,
        source: terms.source().name.clone(),
        campaign: terms.campaign.name.clone(),
        run: terms.run,
        payout: payout.unwrap_or(Money::ZERO),
        expires,
        pinged,
        plan: Arc::new(plan),
        record: record.clone(),
    };
    engine.store.keep_quote(quote, record).await?;
    let answer = QuoteAnswer {
        quote: id,
        offer,
        currency: terms.campaign.currency,
        duplicate: terms.tells_duplicate(),
        test: terms.run == Run::Test,
    };
    turn.answer(answer.clone(), expires);
    Ok(answer)
}
