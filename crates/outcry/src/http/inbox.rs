//! The inbox of a buyer: `GET /v1/inbox` and `POST /v1/inbox/acknowledge`. A buyer sees what its own contracts bought.

use super::native::{bearer, json_response};
use super::problem::Problem;
use super::{Gate, json};
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use outcry_core::id::AttemptId;
use outcry_core::raw::Raw;
use outcry_engine::denied::Denied;
use outcry_engine::ports::store::StoreFault;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Items of one answer, unless fewer are asked for.
const LIMIT_MAX: usize = 500;
const LIMIT: usize = 100;

/// What may be asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct InboxBody {
    items: Vec<ItemBody>,
    /// Are there more behind the last?
    more: bool,
}

#[derive(Serialize)]
struct ItemBody {
    id: String,
    number: u64,
    contract: String,
    placed_at: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    item: Box<RawValue>,
}

/// What waits, oldest first. Asking takes nothing.
pub(super) async fn list(
    State(gate): State<Arc<Gate>>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    gate.timed("inbox", async {
        let slots = slots(&gate, &headers)?;
        let bad = || {
            let detail = format!("`after` is the number of an item, `limit` a number from 1 to {LIMIT_MAX}");
            Problem::new(StatusCode::BAD_REQUEST, "bad_query", "The question cannot be read", detail)
        };
        let Ok(Query(asked)) = asked else { return Err(bad()) };
        let limit = asked.limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(bad());
        }
        let waiting = gate.tray.waiting(slots, asked.after, limit + 1).await.map_err(unable)?;
        let more = waiting.len() > limit;
        let mut items = Vec::new();
        for waiting in waiting.into_iter().take(limit) {
            let (contract, test) = waiting
                .slot
                .split_once('/')
                .map_or((&*waiting.slot, false), |(name, _)| (name, true));
            items.push(ItemBody {
                id: waiting.attempt.to_string(),
                number: waiting.number,
                contract: contract.to_owned(),
                placed_at: waiting.at.to_string(),
                test,
                item: serde_json::from_slice(&waiting.body).map_err(|_| unable(StoreFault::Broken("an item is no JSON".into())))?,
            });
        }
        Ok(json_response(StatusCode::OK, &InboxBody { items, more }))
    })
    .await
}

#[derive(Serialize)]
struct AcknowledgedBody {
    acknowledged: u64,
}

/// The buyer has these: `{"ids": ["attempt_…"]}`. Once is enough, and twice does no harm.
pub(super) async fn acknowledge(State(gate): State<Arc<Gate>>, request: Request<Body>) -> Response<Body> {
    gate.timed("inbox_acknowledge", async {
        let (head, body) = request.into_parts();
        let slots = slots(&gate, &head.headers)?;
        let body = super::body::read(body, gate.body_bytes_max).await?;
        let unreadable = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "The body cannot be read", detail);
        let raw = json::read(&body).map_err(unreadable)?;
        let ids = ids(&raw).ok_or_else(|| unreadable("send {\"ids\": [\"attempt_…\"]} with ids of items".to_owned()))?;
        let at = gate.engine.now();
        let acknowledged = gate.tray.acknowledge(slots, ids, at).await.map_err(unable)?;
        Ok(json_response(StatusCode::OK, &AcknowledgedBody { acknowledged }))
    })
    .await
}

fn ids(raw: &Raw) -> Option<Vec<AttemptId>> {
    let Some(Raw::List(ids)) = raw.get("ids") else { return None };
    let id = |raw: &Raw| match raw {
        Raw::Text(text) => AttemptId::parse(text),
        _ => None,
    };
    ids.iter().map(id).collect::<Option<Vec<_>>>().filter(|ids| ids.len() <= LIMIT_MAX)
}

/// Where the items of the buyer lie whose key the request carries.
fn slots(gate: &Gate, headers: &HeaderMap) -> Result<Vec<Arc<str>>, Problem> {
    let key = bearer(headers, "buyer")?;
    let book = gate.engine.book();
    let buyer = gate.keyring.buyer(key, gate.engine.now());
    let buyer = buyer.map_err(|refused| super::native::unauthorized(refused.sentence("buyer")))?;
    let buyer = &book.catalog.buyers[buyer];
    let contracts = book.catalog.campaigns.iter().flat_map(|campaign| &campaign.contracts);
    let own = contracts.filter(|contract| contract.buyer == buyer.name && book.binding(contract).integration.has_inbox());
    Ok(own
        .flat_map(|contract| [false, true].map(|test| crate::deliveries::slot(contract.name.as_str(), test)))
        .collect())
}

fn unable(fault: StoreFault) -> Problem {
    Problem::from(Denied::Store(fault))
}
