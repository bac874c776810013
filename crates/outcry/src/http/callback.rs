//! `GET` and `POST /v1/callbacks/{token}`: a buyer calls with its final word on a post.

use super::Gate;
use super::native::json_response;
use super::problem::Problem;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use outcry_engine::resolve::call::{self, Heard, Unheard};
use outcry_integration::{Carried, RawAnswer};
use serde::Serialize;
use std::sync::Arc;

/// Most bytes of what a buyer says.
const CALL_BYTES_MAX: usize = 64 * 1024;

#[derive(Serialize)]
struct HeardBody {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
}

/// Hears it. The token is checked before the body is read, so a stranger costs nothing.
pub(super) async fn hear(State(gate): State<Arc<Gate>>, Path(token): Path<String>, request: Request<Body>) -> Response<Body> {
    gate.timed("callback", async {
        let caller = call::caller(&gate.engine, &token).await?;
        let (head, body) = request.into_parts();
        let body = match caller.carried {
            Carried::Body => super::body::read(body, CALL_BYTES_MAX).await?.to_vec(),
            Carried::Query => head.uri.query().unwrap_or_default().as_bytes().to_vec(),
        };
        let said = RawAnswer {
            status: 200,
            headers: texts(&head.headers),
            body,
        };
        let (code, status, outcome) = match call::hear(&caller, said).await? {
            Heard::Recorded(state) => (StatusCode::OK, "recorded", Some(state.word())),
            Heard::KnownBefore(state) => (StatusCode::OK, "known", Some(state.word())),
            Heard::NotYet => (StatusCode::ACCEPTED, "not_yet", None),
        };
        Ok(json_response(code, &HeardBody { status, outcome }))
    })
    .await
}

/// Names in lower case, as readers look for them.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

impl From<Unheard> for Problem {
    fn from(unheard: Unheard) -> Self {
        let (status, code, title) = match &unheard {
            Unheard::Forged => (StatusCode::FORBIDDEN, "callback_forged", "The call is not genuine"),
            Unheard::Foreign => (StatusCode::NOT_FOUND, "callback_foreign", "There is no such post"),
            Unheard::Gone(_) => (StatusCode::GONE, "callback_gone", "Nobody listens any more"),
            Unheard::Early => (StatusCode::SERVICE_UNAVAILABLE, "callback_early", "The post is still being made"),
            Unheard::NotUnderstood(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "callback_not_understood",
                "The call says nothing final",
            ),
            Unheard::Contradicts { .. } => (StatusCode::CONFLICT, "callback_contradicts", "A final word stands"),
            Unheard::Unbookable(_) => (StatusCode::CONFLICT, "callback_unbookable", "The sale cannot be booked"),
            Unheard::Store(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "The exchange cannot take this now",
            ),
        };
        let problem = Self::new(status, code, title, unheard.to_string());
        match unheard {
            Unheard::Early | Unheard::Store(_) => problem.retry_after(5),
            _ => problem,
        }
    }
}
