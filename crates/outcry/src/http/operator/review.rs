//! `/v1/operator/review`: leads that wait for somebody to look at them, and what becomes of them.

use super::{Asked, Office, Operator, Right, answer, refused, unable};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use outcry_core::id::LeadId;
use outcry_engine::ports::store::InReview;
use outcry_engine::sell::{self, ReviewFault};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Most leads of one answer.
const LISTED_MAX: usize = 1_000;

/// A lead that waits.
#[derive(Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) lead_id: String,
    pub(crate) source: String,
    pub(crate) campaign: String,
    pub(crate) received_at: String,
    pub(crate) why: String,
}

/// All that wait, oldest first.
#[derive(Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) waiting: Vec<Waiting>,
}

/// What becomes of one.
#[derive(Serialize, Deserialize)]
pub(crate) struct Decision {
    /// Which.
    pub(crate) lead_id: String,
    /// The words of a refusal.
    #[serde(default)]
    pub(crate) why: String,
}

/// What was decided.
#[derive(Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) lead_id: String,
    pub(crate) decision: String,
}

pub(super) async fn list(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response<Body>, Problem> {
    operator.may(Right::Read)?;
    let waiting = office.engine.store().in_review(LISTED_MAX).await.map_err(unable)?;
    let shown = |one: InReview| Waiting {
        lead_id: one.lead.to_string(),
        source: one.source.to_string(),
        campaign: one.campaign.to_string(),
        received_at: one.received.to_string(),
        why: one.why.to_string(),
    };
    Ok(answer(&Queue {
        waiting: waiting.into_iter().map(shown).collect(),
    }))
}

pub(super) async fn release(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(asked): Asked<Decision>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Review)?;
    sell::release(&office.engine, lead(&asked)?).await.map_err(undecided)?;
    decided(&office, &operator, asked, "release").await
}

pub(super) async fn refuse(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(asked): Asked<Decision>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Review)?;
    let why = if asked.why.trim().is_empty() {
        "no reason given"
    } else {
        asked.why.trim()
    };
    sell::refuse(&office.engine, lead(&asked)?, why.into()).await.map_err(undecided)?;
    decided(&office, &operator, asked, "refuse").await
}

async fn decided(office: &Office, operator: &Operator, asked: Decision, decision: &str) -> Result<Response<Body>, Problem> {
    let act = format!("review.{decision}");
    office.note(operator, &act, &asked.lead_id, &json!({ "why": asked.why })).await?;
    Ok(answer(&Decided {
        lead_id: asked.lead_id,
        decision: decision.to_owned(),
    }))
}

fn lead(asked: &Decision) -> Result<LeadId, Problem> {
    let id = LeadId::parse(&asked.lead_id);
    id.ok_or_else(|| refused("bad_lead_id", "a lead's id looks like lead_0192…, with 32 hex digits"))
}

fn undecided(fault: ReviewFault) -> Problem {
    match fault {
        ReviewFault::NotWaiting => refused("not_waiting", fault.to_string()),
        ReviewFault::Unsellable(_) => refused("unsellable", fault.to_string()),
        ReviewFault::Busy => refused("busy", fault.to_string()),
        ReviewFault::Store(fault) => unable(fault),
    }
}
