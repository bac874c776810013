//! Review: a lead that waited for somebody to look at it is let go or refused.
//!
//! Whoever takes it out of review first decides. A lead that is let go goes the whole path again: intake, consent at this
//! moment, screening, pings, T2 with everything that was withdrawn and claimed meanwhile. Only what asked for a look does
//! not ask again. What a quote promised ended with the wait.

use super::admit;
use super::intake::Judged;
use super::legs::Last;
use crate::asked::Asked;
use crate::auction::Auction;
use crate::engine::Engine;
use crate::ports::store::StoreFault;
use outcry_core::id::LeadId;
use outcry_core::rank::Plan;
use outcry_core::reason::Reason;
use outcry_core::record::{Door, Ending, Held, Record, Run, Subject};
use outcry_core::validate::{FieldError, Stage, validate};
use std::sync::Arc;

/// Why a lead was not let go or refused.
#[derive(Debug, thiserror::Error)]
pub enum ReviewFault {
    /// It does not wait, or not any more.
    #[error("this lead does not wait for review; somebody else may have decided")]
    NotWaiting,
    /// It can no longer be sold as it was taken.
    #[error("this lead cannot be sold any more: {0}")]
    Unsellable(String),
    /// Too much is under way, or the exchange is going down.
    #[error("as many leads as this exchange takes at once are under way, or it is shutting down; try again in a moment")]
    Busy,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Lets a lead go. It is sold behind the answer; its source hears by postback.
///
/// # Errors
/// [`ReviewFault`] if it does not wait or cannot be sold; then it stays where it is.
pub async fn release(engine: &Arc<Engine>, lead: LeadId) -> Result<(), ReviewFault> {
    let mut auction = waiting(engine, lead).await?;
    take(engine, lead).await?;
    auction.judged = Judged::released();
    tokio::spawn(super::sell(engine.clone(), auction, None));
    Ok(())
}

/// Refuses a lead: nobody gets it, and its source hears that it is not sold.
///
/// # Errors
/// [`ReviewFault`] if it does not wait.
pub async fn refuse(engine: &Arc<Engine>, lead: LeadId, why: Arc<str>) -> Result<(), ReviewFault> {
    let mut auction = waiting(engine, lead).await?;
    take(engine, lead).await?;
    for at in 0..auction.lines.len() {
        auction.note(at, Reason::ReviewRefused { why: why.clone() });
    }
    super::settle::lead(engine, *auction, &Plan::default(), Last::default()).await;
    Ok(())
}

async fn take(engine: &Engine, lead: LeadId) -> Result<(), ReviewFault> {
    if engine.store.take_from_review(lead).await? {
        Ok(())
    } else {
        Err(ReviewFault::NotWaiting)
    }
}

/// The auction of a lead that waits, as its source asked for it.
async fn waiting(engine: &Arc<Engine>, id: LeadId) -> Result<Box<Auction>, ReviewFault> {
    let record = engine.store.record(Subject::Lead(id)).await?.ok_or(ReviewFault::NotWaiting)?;
    let Ending::Review { held, .. } = &record.ending else {
        return Err(ReviewFault::NotWaiting);
    };
    let unsellable = |why: &str| ReviewFault::Unsellable(why.to_owned());
    let catalog = &engine.book.catalog;
    let source = catalog.sources.iter().position(|source| source.name == record.source);
    let source = source.ok_or_else(|| unsellable("its source is not in the spec any more"))?;
    let asked = asked(held, &record);
    let origin = asked.origin(engine.source(source), None);
    let lead = lead(engine, source, id, &record).await?.sent_by(origin);
    if engine.is_draining() {
        return Err(ReviewFault::Busy);
    }
    let entered = engine.enter().ok_or(ReviewFault::Busy)?;
    let mut auction = admit::open(engine, entered, source, Door::Lead, Arc::new(lead), &asked, engine.now());
    auction.terms.subject = Subject::Lead(id);
    auction.terms.received = record.received;
    if record.run == Run::Test {
        auction.terms.run = Run::Test;
    }
    Ok(auction)
}

async fn lead(engine: &Engine, source: usize, id: LeadId, record: &Record) -> Result<outcry_core::lead::Lead, ReviewFault> {
    let catalog = &engine.book.catalog;
    let campaign = &catalog.campaigns[engine.source(source).campaign];
    let stored = engine.store.reopen(id, catalog).await?.ok_or(ReviewFault::NotWaiting)?;
    validate(&campaign.lead_type, &stored.to_raw(), Stage::Post, record.received).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(FieldError::to_string).collect();
        ReviewFault::Unsellable(format!("its lead type has changed since: {}", errors.join("; ")))
    })
}

fn asked(held: &Held, record: &Record) -> Asked {
    Asked {
        sub_ids: record.sub_ids.clone(),
        exclude_buyers: held.excluded.clone(),
        sales_max: Some(held.sales_max),
        payout_min: Some(held.payout_min),
        deadline_ms: None,
        chain: Vec::new(),
    }
}
