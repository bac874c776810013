//! Errors over HTTP as problems (RFC 9457): a stable code, one clear sentence, and what to mend.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use outcry_engine::denied::Denied;
use serde_json::{Value, json};

/// A problem, ready to be sent.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    more: Vec<(&'static str, Value)>,
    retry_after_seconds: Option<u32>,
}

impl Problem {
    /// A problem with a stable code, a title for its kind and one sentence for this case.
    pub(crate) fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            more: Vec::new(),
            retry_after_seconds: None,
        }
    }

    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more.push((name, value));
        self
    }

    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The sentence for this case.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The stable code, for metrics.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }
}

/// In so many seconds it may be better: one to three, so that not all who were turned away come back at once.
pub(super) fn soon() -> u32 {
    1 + rand::random::<u32>() % 3
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut body = json!({
            "type": format!("urn:outcry:problem:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        if let Value::Object(members) = &mut body {
            members.extend(self.more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let code = denied.code();
        let detail = denied.to_string();
        let (status, title) = match &denied {
            Denied::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "The lead has wrong or missing fields"),
            Denied::SourcePaused => (StatusCode::FORBIDDEN, "The source is paused"),
            Denied::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "The idempotency key was used before"),
            Denied::InFlight { .. } => (StatusCode::CONFLICT, "The same request is being worked on"),
            Denied::TokenForged => (StatusCode::BAD_REQUEST, "The ping token is not genuine"),
            Denied::TokenOfAnotherSource => (StatusCode::FORBIDDEN, "The ping token is another source's"),
            Denied::QuoteExpired(_) => (StatusCode::GONE, "The quote has expired"),
            Denied::QuoteUsed => (StatusCode::CONFLICT, "The quote was redeemed before"),
            Denied::QuoteLost => (StatusCode::CONFLICT, "The quote is not known"),
            Denied::QuoteVoid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "The post differs from the ping"),
            Denied::Draining | Denied::Overloaded | Denied::Store(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "The exchange cannot take this now")
            }
        };
        let problem = Self::new(status, code, title, detail);
        match denied {
            Denied::Invalid(errors) => {
                let list = errors
                    .iter()
                    .map(|error| json!({"code": error.code, "path": error.path, "expected": error.expected}));
                problem.with("errors", list.collect())
            }
            Denied::QuoteVoid(fields) => problem.with("fields", json!(fields)),
            Denied::InFlight { lead } => {
                let problem = problem.retry_after(1);
                match lead {
                    Some(lead) => problem.with("lead_id", json!(lead.to_string())),
                    None => problem,
                }
            }
            Denied::Draining | Denied::Overloaded | Denied::Store(_) => problem.retry_after(soon()),
            _ => problem,
        }
    }
}
