//! `POST /v1/operator/notes`: a sentence of the operator for the audit log, such as why a buyer was switched off.

use super::{Asked, Office, Operator, Right, answer, refused};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Most bytes of a note.
const LENGTH_MAX: usize = 1_000;

/// What is to be written down.
#[derive(Serialize, Deserialize)]
pub(crate) struct Note {
    /// What it is about: a name or an id, or "exchange".
    pub(crate) subject: String,
    /// The sentence.
    pub(crate) text: String,
}

/// Where it was written.
#[derive(Serialize, Deserialize)]
pub(crate) struct Noted {
    /// Its place in the log.
    pub(crate) seq: u64,
    /// Its hash, in hex.
    pub(crate) hash: String,
}

pub(super) async fn add(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(note): Asked<Note>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Note)?;
    if note.text.trim().is_empty() || LENGTH_MAX < note.text.len() || note.subject.is_empty() || LENGTH_MAX < note.subject.len() {
        return Err(refused(
            "bad_note",
            format!("a note and its subject have 1 to {LENGTH_MAX} bytes each"),
        ));
    }
    let head = office.note(&operator, "note", &note.subject, &json!({ "text": note.text })).await?;
    Ok(answer(&Noted {
        seq: head.seq,
        hash: hex::encode(head.hash),
    }))
}
