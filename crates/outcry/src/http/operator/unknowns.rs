//! `GET /v1/operator/unknowns`, `POST /v1/operator/resolve` and `/v1/operator/reconcile`: posts that nobody knows the end of.

use super::{Asked, Office, Operator, Right, answer, refused, unable};
use crate::http::problem::Problem;
use crate::unknowns::{self, DecisionBody, ReconcileBody};
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::json;
use std::sync::Arc;

/// What nobody knows, the oldest first.
pub(super) async fn list(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response<Body>, Problem> {
    operator.may(Right::Read)?;
    let open = unknowns::all(office.engine.store()).await.map_err(unable)?;
    Ok(answer(&unknowns::listed(&open, office.engine.now())))
}

/// One decision.
pub(super) async fn resolve(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(decision): Asked<DecisionBody>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Resolve)?;
    let (which, read) = decision.read().map_err(|why| refused("bad_decision", why))?;
    let decided = unknowns::decide(&office.engine, which, read).await.map_err(unable)?;
    if let Some((subject, detail)) = decided.act() {
        office.note(&operator, unknowns::RESOLVED, subject, &detail).await?;
    }
    Ok(answer(&decided))
}

/// What a buyer says of many.
pub(super) async fn reconcile(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(rows): Asked<ReconcileBody>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Resolve)?;
    let rows = rows.read().map_err(|why| refused("bad_rows", why))?;
    let done = unknowns::reconcile(&office.engine, rows).await.map_err(unable)?;
    let (rows, recorded) = (done.rows.len(), done.recorded());
    office
        .note(
            &operator,
            unknowns::RECONCILED,
            "exchange",
            &json!({ "rows": rows, "recorded": recorded }),
        )
        .await?;
    Ok(answer(&done))
}
