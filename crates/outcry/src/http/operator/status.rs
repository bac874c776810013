//! `GET /v1/operator/status`: what runs, and how it goes.

use super::{Office, Operator, Right, answer};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The answer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) catalog: String,
    pub(crate) now: String,
    pub(crate) draining: bool,
    pub(crate) auctions_under_way: usize,
    pub(crate) sources: usize,
    pub(crate) contracts: usize,
    pub(crate) store_commits: u64,
}

pub(super) async fn show(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response<Body>, Problem> {
    operator.may(Right::Read)?;
    let catalog = &office.engine.book().catalog;
    Ok(answer(&Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        catalog: catalog.version.to_string(),
        now: office.engine.now().to_string(),
        draining: office.engine.is_draining(),
        auctions_under_way: office.engine.under_way(),
        sources: catalog.sources.len(),
        contracts: catalog.contract_count(),
        store_commits: office.store.commits(),
    }))
}
