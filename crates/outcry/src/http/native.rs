//! The native doors of a source: `POST /v1/leads`, `/v1/pings`, `/v1/posts`.

use super::admission::{Knock, Place};
use super::problem::Problem;
use super::{Gate, asked, form, json};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use outcry_core::raw::Raw;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::denied::Denied;
use outcry_engine::quote::{QuoteAnswer, Seller};
use outcry_engine::sell::{self, Identity, LeadRequest, PingRequest, PostRequest};
use serde::Serialize;
use std::sync::Arc;

/// Most characters of an idempotency key.
const KEY_LEN_MAX: usize = 255;

/// `POST /v1/leads`: the full lead in one call.
pub(super) async fn lead(State(gate): State<Arc<Gate>>, request: Request<Body>) -> Response<Body> {
    gate.timed("lead", async {
        let (source, headers, body, _place) = open(&gate, request, Knock::Lead).await?;
        let mut lead = read(&headers, &body)?;
        let request = LeadRequest {
            source,
            identity: identity(&headers, &body)?,
            asked: asked::take(&gate, source, &headers, &mut lead)?,
            lead,
        };
        let answer = sell::lead(&gate.engine, request).await?;
        Ok(answered(&answer))
    })
    .await
}

/// `POST /v1/pings`: the first of two calls.
pub(super) async fn ping(State(gate): State<Arc<Gate>>, request: Request<Body>) -> Response<Body> {
    gate.timed("ping", async {
        let (source, headers, body, _place) = open(&gate, request, Knock::Ping).await?;
        let mut lead = read(&headers, &body)?;
        let request = PingRequest {
            source,
            identity: identity(&headers, &body)?,
            asked: asked::take(&gate, source, &headers, &mut lead)?,
            lead,
        };
        let answer = sell::ping(&gate.engine, request).await?;
        Ok(quoted(&answer))
    })
    .await
}

/// `POST /v1/posts`: the second of two calls. The token stands in the body as `ping_token` beside the fields, or in
/// the header `Ping-Token`.
pub(super) async fn post(State(gate): State<Arc<Gate>>, request: Request<Body>) -> Response<Body> {
    gate.timed("post", async {
        let (source, headers, body, _place) = open(&gate, request, Knock::Post).await?;
        let mut lead = read(&headers, &body)?;
        let token = take_token(&headers, &mut lead)?;
        let identity = identity(&headers, &[&body, token.as_bytes()].concat())?;
        let request = PostRequest {
            source,
            identity,
            asked: asked::take(&gate, source, &headers, &mut lead)?,
            lead,
            token,
        };
        let answer = sell::post(&gate.engine, request).await?;
        Ok(answered(&answer))
    })
    .await
}

/// Who asks, and with what. The key is checked and room is looked for before the body is read, so a stranger costs nothing and
/// a crowd little; it is taken when the body is there. The place is kept until the answer is ready.
async fn open(gate: &Gate, request: Request<Body>, knock: Knock) -> Result<(usize, HeaderMap, Bytes, Place), Problem> {
    let (head, body) = request.into_parts();
    let source = authenticate(gate, &head.headers)?;
    if gate.engine.is_draining() {
        return Err(Denied::Draining.into());
    }
    let waiting = gate.admission.knock(source, knock)?;
    let body = super::body::read(body, gate.body_bytes_max).await?;
    Ok((source, head.headers, body, waiting.enter()?))
}

/// The source whose key the request carries.
fn authenticate(gate: &Gate, headers: &HeaderMap) -> Result<usize, Problem> {
    let key = bearer(headers, "source")?;
    let found = gate.keyring.source(key, gate.engine.now());
    found.map_err(|refused| unauthorized(refused.sentence("source")))
}

/// Nobody we know.
pub(super) fn unauthorized(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Who are you?", detail)
}

/// The key that the request carries.
pub(super) fn bearer<'h>(headers: &'h HeaderMap, whose: &str) -> Result<&'h str, Problem> {
    let given = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| unauthorized(format!("send the key of your {whose} in the header Authorization: Bearer <key>")))?;
    let key = given
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, key) = key.ok_or_else(|| unauthorized("the Authorization header must read: Bearer <key>"))?;
    Ok(key.trim())
}

fn identity(headers: &HeaderMap, body: &[u8]) -> Result<Identity, Problem> {
    let bad = || {
        let detail = format!("an Idempotency-Key is 1 to {KEY_LEN_MAX} visible ASCII characters");
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_idempotency_key",
            "The idempotency key cannot be used",
            detail,
        )
    };
    let key = match headers.get("idempotency-key") {
        Some(value) => Some(
            value
                .to_str()
                .ok()
                .filter(|key| !key.is_empty() && key.len() <= KEY_LEN_MAX)
                .ok_or_else(bad)?,
        ),
        None => None,
    };
    Ok(Identity::of(body, key))
}

/// Reads the body by its content type.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Raw, Problem> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let unreadable = |detail| Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The body cannot be read", detail);
    let raw = match essence.as_str() {
        "application/json" => json::read(body).map_err(unreadable)?,
        "application/x-www-form-urlencoded" => form::read(body).map_err(unreadable)?,
        _ => {
            let detail = "send the lead as application/json or application/x-www-form-urlencoded, and say so in the Content-Type header";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "The content type is not one we read",
                detail,
            ));
        }
    };
    match raw {
        Raw::Object(_) => Ok(raw),
        other => Err(unreadable(format!(
            "the body must be an object with the lead's fields, not {}",
            other.kind()
        ))),
    }
}

fn take_token(headers: &HeaderMap, lead: &mut Raw) -> Result<String, Problem> {
    let member = match lead {
        Raw::Object(members) => members
            .iter()
            .position(|(name, _)| &**name == "ping_token")
            .map(|at| members.remove(at).1),
        _ => None,
    };
    let header = headers.get("ping-token").and_then(|value| value.to_str().ok());
    match (member, header) {
        (Some(Raw::Text(token)), _) => Ok(token.into()),
        (None, Some(token)) => Ok(token.to_owned()),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "token_missing",
            "The ping token is missing",
            "send the ping_token of the ping's answer as a text member of the body, or in the header Ping-Token",
        )),
    }
}

#[derive(Serialize)]
struct AnswerBody<'a> {
    lead_id: String,
    status: &'static str,
    payout: String,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    test: bool,
}

/// 200 for a settled lead, 202 for one whose final word follows.
fn answered(answer: &Answer) -> Response<Body> {
    metrics::counter!("outcry_answers_total", "status" => answer.status.word()).increment(1);
    let status = if answer.status == Status::Pending {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    let body = AnswerBody {
        lead_id: answer.lead.to_string(),
        status: answer.status.word(),
        payout: answer.payout.to_string(),
        currency: answer.currency.as_str(),
        redirect_url: answer.redirect_url.as_deref(),
        test: answer.test,
    };
    json_response(status, &body)
}

#[derive(Serialize)]
struct QuoteBody<'a> {
    quote_id: String,
    status: &'static str,
    payout: String,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ping_token: Option<&'a str>,
    /// The sellers to show to the person, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sellers: Vec<SellerBody<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    test: bool,
}

#[derive(Serialize)]
struct SellerBody<'a> {
    buyer_ref: &'a str,
    name: &'a str,
}

fn quoted(answer: &QuoteAnswer) -> Response<Body> {
    let offer = answer.offer.as_ref();
    metrics::counter!("outcry_quotes_total", "offer" => if offer.is_some() { "yes" } else { "no" }).increment(1);
    let body = QuoteBody {
        quote_id: answer.quote.to_string(),
        status: match offer {
            Some(_) => "quoted",
            None if answer.duplicate => "duplicate",
            None => "unsold",
        },
        payout: offer.map_or_else(|| "0.00".to_owned(), |offer| offer.payout.to_string()),
        currency: answer.currency.as_str(),
        expires_at: offer.map(|offer| offer.expires.to_string()),
        expires_seconds: offer.map(|offer| offer.expires_seconds),
        ping_token: offer.map(|offer| offer.token.as_str()),
        sellers: offer.map(|offer| offer.sellers.iter().map(seller).collect()).unwrap_or_default(),
        test: answer.test,
    };
    json_response(StatusCode::OK, &body)
}

fn seller(seller: &Seller) -> SellerBody<'_> {
    SellerBody {
        buyer_ref: seller.buyer.as_str(),
        name: &seller.name,
    }
}

pub(super) fn json_response<T: Serialize>(status: StatusCode, body: &T) -> Response<Body> {
    let text = serde_json::to_vec(body).expect("answers are plain structs of text");
    let mut response = (status, text).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
