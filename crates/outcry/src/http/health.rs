//! Is the process alive, is it ready, and what does it count?

use super::Gate;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use std::sync::Arc;

/// `GET /healthz`: the process runs.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: leads are taken. Not while the process starts, and not while it shuts down.
pub(super) async fn ready(State(gate): State<Arc<Gate>>) -> (StatusCode, &'static str) {
    if gate.engine.is_draining() { (StatusCode::SERVICE_UNAVAILABLE, "draining\n") } else { (StatusCode::OK, "ready\n") }
}

/// `GET /metrics`: Prometheus text.
pub(super) async fn metrics(State(gate): State<Arc<Gate>>) -> impl IntoResponse {
    metrics::gauge!("outcry_auctions_under_way").set(f64::from(u32::try_from(gate.engine.under_way()).unwrap_or(u32::MAX)));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], gate.metrics.render())
}
