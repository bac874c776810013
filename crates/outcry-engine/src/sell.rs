//! The path of one lead, and nothing else: admit, intake, screen, ping, rank, post, settle, tell.
//!
//! A feature goes into a step or into the pure core; it never adds a branch here.

mod admit;
mod again;
mod draw;
mod duplicates;
mod intake;
mod intent;
mod legs;
mod ping;
mod post;
mod posts;
mod rank;
mod rehearse;
mod review;
mod screen;
mod settle;

pub use admit::{Identity, LeadRequest, PingRequest, PostRequest};
pub(crate) use again::again;
pub(crate) use intake::Judged;
pub(crate) use legs::freed;
pub use rehearse::{Rehearsal, RehearsalRequest, rehearse};
pub use review::{ReviewFault, refuse, release};
pub(crate) use settle::{settle_and_wake, state as state_of};

use crate::answer::Answer;
use crate::auction::Auction;
use crate::denied::Denied;
use crate::engine::Engine;
use crate::quote::QuoteAnswer;
use outcry_core::rank::Plan;
use std::sync::Arc;

/// One call: a full lead in, its fate out, inside the deadline.
///
/// # Errors
/// [`Denied`] if the lead was not taken; then nothing of it is kept.
pub async fn lead(engine: &Arc<Engine>, request: LeadRequest) -> Result<Answer, Denied> {
    let engine = engine.clone();
    to_its_end(async move {
        match admit::lead(&engine, request).await? {
            admit::Admitted::Before(answer) => Ok(answer),
            admit::Admitted::Now(auction) => Ok(tell(&engine, auction, None).await),
        }
    })
    .await
}

/// First of two calls: a ping in, a quote out.
///
/// # Errors
/// [`Denied`] if the ping was not taken.
pub async fn ping(engine: &Arc<Engine>, request: PingRequest) -> Result<QuoteAnswer, Denied> {
    match admit::ping(engine, &request).await? {
        admit::Pinged::Before(answer) => Ok(answer),
        admit::Pinged::Now(mut auction, memory) => {
            intake::look(engine, &mut auction).await;
            let plan = auction_off(engine, &mut auction).await;
            settle::quote(engine, *auction, plan, memory).await
        }
    }
}

/// Second of two calls: the full lead and the token of its quote in, its fate out, inside the deadline.
///
/// # Errors
/// [`Denied`] if the post was not taken; the quote stands then, unless it was used or is over.
pub async fn post(engine: &Arc<Engine>, request: PostRequest) -> Result<Answer, Denied> {
    let engine = engine.clone();
    to_its_end(async move {
        match admit::post(&engine, request).await? {
            admit::Redeemed::Before(answer) => Ok(answer),
            admit::Redeemed::Now(auction, plan) => Ok(tell(&engine, auction, Some(plan)).await),
        }
    })
    .await
}

/// Screen, ping and rank.
async fn auction_off(engine: &Arc<Engine>, auction: &mut Auction) -> Plan {
    let open = screen::contracts(engine, auction);
    let entries = ping::gather(engine, auction, open).await;
    rank::plan(engine, auction, entries).await
}

/// Post down the plan and settle.
async fn sell(engine: Arc<Engine>, mut auction: Box<Auction>, quoted: Option<Plan>) -> Answer {
    intake::look(&engine, &mut auction).await;
    let plan = match quoted {
        Some(plan) => plan,
        None => auction_off(&engine, &mut auction).await,
    };
    match post::down_the_plan(&engine, &mut auction, &plan).await {
        Ok(last) => settle::lead(&engine, *auction, &plan, last).await,
        Err(fault) => settle::by_recovery(&auction.terms, &fault),
    }
}

/// The answer leaves before the deadline: the lead's fate, or `pending` if it is not settled by then.
async fn tell(engine: &Arc<Engine>, auction: Box<Auction>, quoted: Option<Plan>) -> Answer {
    let (pending, answer_by) = (auction.terms.pending(), auction.deadline.answer_by());
    let selling = tokio::spawn(sell(engine.clone(), auction, quoted));
    match tokio::time::timeout_at(answer_by, selling).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => pending,
    }
}

/// Goes on though the source hangs up: what T1 has accepted is sold or closed, and not left for the next start.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|bug| std::panic::resume_unwind(bug.into_panic()))
}
