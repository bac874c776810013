//! HTTP in: the doors of sources, health, metrics. Wire shapes live here and nowhere else.

mod admission;
pub(crate) mod asked;
mod body;
mod callback;
pub(crate) mod disk;
mod form;
#[cfg(test)]
mod fuzz;
mod health;
mod inbox;
pub(crate) mod json;
mod native;
mod operator;
pub(crate) mod problem;
pub(crate) mod server;
mod withdrawals;

pub(crate) use operator::{
    BackupAsked, BackupMade, Decided, Decision, Door, ErasedBody, FoundBody, KeysShown, Lift, Lifted, Note, Noted, Office, PersonAsked,
    Queue, Rotated, Status, Told, ToldAsked, Withdraw, Withdrawn,
};

use crate::keyring::Keyring;
use crate::outbound::Client;
pub(crate) use admission::Admission;
use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use outcry_engine::engine::Engine;
use outcry_engine::ports::tray::Tray;
use outcry_store::Sqlite;
use problem::Problem;
use std::sync::Arc;
use std::time::Instant;

/// What the doors share.
pub(crate) struct Gate {
    /// The engine.
    pub(crate) engine: Arc<Engine>,
    /// Calls buyers; asked for its counts.
    pub(crate) client: Arc<Client>,
    /// Keeps everything; asked for its counts.
    pub(crate) store: Arc<Sqlite>,
    /// What waits for buyers.
    pub(crate) tray: Arc<dyn Tray>,
    /// Who is let in when more come than there is room for.
    pub(crate) admission: Arc<Admission>,
    /// How many connections there are.
    pub(crate) crowd: Arc<server::Crowd>,
    /// Who presents which key.
    pub(crate) keyring: Keyring,
    /// Most bytes of a request body.
    pub(crate) body_bytes_max: usize,
    /// Renders the metrics.
    pub(crate) metrics: PrometheusHandle,
}

impl Gate {
    /// Runs one request of a door and counts it.
    async fn timed(&self, door: &'static str, work: impl Future<Output = Result<Response<Body>, Problem>>) -> Response<Body> {
        let started = Instant::now();
        let (code, response) = match work.await {
            Ok(response) => ("ok", response),
            Err(problem) => (problem.code(), problem.into_response()),
        };
        metrics::counter!("outcry_requests_total", "door" => door, "code" => code).increment(1);
        metrics::histogram!("outcry_request_seconds", "door" => door).record(started.elapsed().as_secs_f64());
        response
    }
}

/// All routes.
pub(crate) fn routes(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/v1/leads", post(native::lead))
        .route("/v1/pings", post(native::ping))
        .route("/v1/posts", post(native::post))
        .route("/v1/withdrawals", post(withdrawals::take))
        .route("/v1/inbox", get(inbox::list))
        .route("/v1/inbox/acknowledge", post(inbox::acknowledge))
        .route("/v1/callbacks/{token}", get(callback::hear).post(callback::hear))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(no_such_page)
        .method_not_allowed_fallback(wrong_method)
        .with_state(gate)
}

async fn no_such_page(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(80).collect();
    let detail =
        format!("there is nothing at {path}; sources use POST /v1/leads, /v1/pings and /v1/posts, buyers /v1/inbox, both /v1/withdrawals");
    Problem::new(StatusCode::NOT_FOUND, "not_found", "Nothing here", detail)
}

async fn wrong_method() -> Problem {
    let detail = "sources POST to /v1/leads, /v1/pings and /v1/posts, buyers to /v1/inbox/acknowledge, both to /v1/withdrawals; /v1/inbox, /healthz, /readyz and /metrics are read with GET";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Wrong method", detail)
}
