//! Is the process alive, is it ready, and what does it count?

use super::Gate;
use crate::clock::SystemClock;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use outcry_core::cap::Forecast;
use outcry_engine::caps::CapStanding;
use outcry_engine::listed::ListStanding;
use outcry_engine::ports::clock::Clock;
use std::sync::Arc;

/// `GET /healthz`: the process runs.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: leads are taken. Not while the process starts, and not while it shuts down.
pub(super) async fn ready(State(gate): State<Arc<Gate>>) -> (StatusCode, &'static str) {
    if gate.engine.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// `GET /metrics`: Prometheus text.
pub(super) async fn metrics(State(gate): State<Arc<Gate>>) -> impl IntoResponse {
    let gauge = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    metrics::gauge!("outcry_auctions_under_way").set(gauge(gate.engine.under_way() as u64));
    metrics::gauge!("outcry_room").set(gauge(gate.admission.room() as u64));
    metrics::gauge!("outcry_connections_open").set(gauge(gate.crowd.count() as u64));
    metrics::counter!("outcry_store_commits_total").absolute(gate.store.commits());
    let calls = gate.client.stats();
    metrics::counter!("outcry_outbound_connections_opened_total").absolute(calls.opened);
    metrics::counter!("outcry_outbound_calls_reused_total").absolute(calls.reused);
    metrics::counter!("outcry_outbound_calls_throttled_total").absolute(calls.throttled);
    metrics::counter!("outcry_outbound_calls_late_total").absolute(calls.late);
    metrics::counter!("outcry_outbound_calls_broken_total").absolute(calls.broken);
    metrics::gauge!("outcry_outbound_connections_open").set(gauge(calls.open_now));
    metrics::gauge!("outcry_outbound_calls_listening").set(gauge(calls.listening));
    gate.engine.caps().iter().for_each(cap);
    gate.engine.lists_now().iter().for_each(list);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], gate.metrics.render())
}

/// What is used of a cap, and in how many seconds it is full: 0 now, `+Inf` if it is not expected to be. Money in whole units
/// of the currency.
fn cap(standing: &CapStanding) {
    let key = || standing.cap.key.to_string();
    let whole = |units: i64| {
        let unit = if standing.cap.counts.is_money() { 1_000_000 } else { 1 };
        f64::from(u32::try_from(units / unit).unwrap_or(u32::MAX))
    };
    metrics::gauge!("outcry_cap_used", "cap" => key()).set(whole(standing.used));
    metrics::gauge!("outcry_cap_limit", "cap" => key()).set(whole(standing.cap.limit));
    let full_in = match standing.forecast {
        Forecast::Full { .. } => 0.0,
        Forecast::FullAt(full) => f64::from(u32::try_from(full.since_ms(SystemClock.now()) / 1_000).unwrap_or(0)),
        Forecast::Open { .. } | Forecast::Unknown => f64::INFINITY,
    };
    metrics::gauge!("outcry_cap_full_in_seconds", "cap" => key()).set(full_in);
}

/// Whether a list can say for certain who is on it, and how old its file is if it has one.
fn list(standing: &ListStanding) {
    let name = || standing.name.to_string();
    metrics::gauge!("outcry_list_certain", "list" => name()).set(f64::from(u8::from(standing.certain)));
    if let Some(made_at) = standing.made_at {
        let age = SystemClock.now().since_ms(made_at).max(0) / 1_000;
        metrics::gauge!("outcry_list_age_seconds", "list" => name()).set(f64::from(u32::try_from(age).unwrap_or(u32::MAX)));
    }
}
