//! The operator's office: what the person who runs the exchange asks of it while it trades.
//!
//! It has a door of its own (`door.rs`), never that of the sources. A command of `outcry` that needs the running exchange is
//! a route here and a call of `cli/line.rs` there. A handler takes an [`Operator`], asks whether it `may`, does its work, and
//! writes down what was done (`office.note`) before it answers.

mod backup;
mod door;
mod keys;
mod notes;
mod persons;
mod review;
mod status;
mod unknowns;
mod withdrawals;

pub(crate) use backup::{BackupAsked, BackupMade};
pub(crate) use door::Door;
pub(crate) use keys::{KeysShown, Rotated};
pub(crate) use notes::{Note, Noted};
pub(crate) use persons::{ErasedBody, FoundBody, PersonAsked, Told, ToldAsked};
pub(crate) use review::{Decided, Decision, Queue};
pub(crate) use status::Status;
pub(crate) use withdrawals::{Lift, Lifted, Withdraw, Withdrawn};

use super::native::{json_response, unauthorized};
use super::problem::Problem;
use crate::audit::Audit;
use crate::keys::MasterKeys;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, Uri};
use axum::routing::{get, post};
use outcry_engine::denied::Denied;
use outcry_engine::engine::Engine;
use outcry_engine::people::PeopleKey;
use outcry_engine::ports::store::StoreFault;
use outcry_store::{AuditHead, Sqlite};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Most bytes of what an operator sends. Files are named by their path, and not sent.
const BODY_BYTES_MAX: usize = 16 << 20;

/// What the routes share.
pub(crate) struct Office {
    /// Sells leads.
    pub(crate) engine: Arc<Engine>,
    /// Keeps everything.
    pub(crate) store: Arc<Sqlite>,
    /// What people did.
    pub(crate) audit: Audit,
    /// Keys the digests of persons.
    pub(crate) people: PeopleKey,
    /// Where the master keys are.
    pub(crate) master: MasterKeys,
    /// The data folder.
    pub(crate) data: PathBuf,
}

impl Office {
    /// Writes down what an operator did. Call it after the work and before the answer.
    pub(crate) async fn note(&self, operator: &Operator, act: &str, subject: &str, detail: &Value) -> Result<AuditHead, Problem> {
        let noted = self.audit.note(self.engine.now(), operator.name(), act, subject, detail).await;
        noted.map_err(unable)
    }
}

/// All routes. A new one is a line here and a file beside this one.
pub(crate) fn routes(office: Arc<Office>) -> Router {
    Router::new()
        .route("/v1/operator/status", get(status::show))
        .route("/v1/operator/notes", post(notes::add))
        .route("/v1/operator/unknowns", get(unknowns::list))
        .route("/v1/operator/resolve", post(unknowns::resolve))
        .route("/v1/operator/reconcile", post(unknowns::reconcile))
        .route("/v1/operator/keys", get(keys::show))
        .route("/v1/operator/keys/rotate", post(keys::rotate))
        .route("/v1/operator/keys/forget", post(keys::forget))
        .route("/v1/operator/persons/find", post(persons::find))
        .route("/v1/operator/persons/erase", post(persons::erase))
        .route("/v1/operator/persons/told", post(persons::told))
        .route("/v1/operator/backup", post(backup::make))
        .route("/v1/operator/review", get(review::list))
        .route("/v1/operator/review/refuse", post(review::refuse))
        .route("/v1/operator/review/release", post(review::release))
        .route("/v1/operator/withdrawals", post(withdrawals::take))
        .route("/v1/operator/withdrawals/lift", post(withdrawals::lift))
        .fallback(no_such_route)
        .with_state(office)
}

async fn no_such_route(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(80).collect();
    let detail = format!("the operator's door has nothing at {path}; is the exchange older than this command?");
    Problem::new(StatusCode::NOT_FOUND, "not_found", "Nothing here", detail)
}

/// What an operator may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Right {
    /// See how it goes: states, lists by name, the audit log. Nothing personal.
    Read,
    /// Add notes to the audit log.
    Note,
    /// Say what became of unknown posts.
    Resolve,
    /// Find and erase persons.
    Persons,
    /// Change master keys.
    Keys,
    /// Make backups.
    Backup,
    /// Let leads out of review go, or refuse them.
    Review,
    /// Take consents back for persons.
    Withdraw,
}

impl Right {
    /// Every right there is.
    pub(crate) const ALL: &[Self] = &[
        Self::Read,
        Self::Note,
        Self::Resolve,
        Self::Review,
        Self::Withdraw,
        Self::Persons,
        Self::Keys,
        Self::Backup,
    ];

    /// Its word in keys and messages.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Note => "note",
            Self::Resolve => "resolve",
            Self::Persons => "persons",
            Self::Keys => "keys",
            Self::Backup => "backup",
            Self::Review => "review",
            Self::Withdraw => "withdraw",
        }
    }
}

/// Who asks, and what it may do. As an argument of a handler it lets nobody in who is not one.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    name: Arc<str>,
    rights: Arc<[Right]>,
}

impl Operator {
    /// Somebody with an account on this machine that may use the data folder: it could do everything anyway.
    pub(crate) fn of_this_machine(uid: u32) -> Self {
        Self {
            name: format!("uid:{uid}").into(),
            rights: Right::ALL.into(),
        }
    }

    /// The name in the audit log.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Goes on if the operator has this right.
    ///
    /// # Errors
    /// A problem that names the right.
    pub(crate) fn may(&self, right: Right) -> Result<(), Problem> {
        if self.rights.contains(&right) {
            return Ok(());
        }
        let detail = format!("this needs the right `{}`, which {} does not have", right.word(), self.name);
        Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not with this key", detail))
    }
}

impl FromRequestParts<Arc<Office>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Office>) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().cloned();
        known.ok_or_else(|| unauthorized("operators come through the door in the data folder"))
    }
}

/// What was asked for, read from a JSON body. As an argument of a handler it comes last.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Office>> for Asked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Office>) -> Result<Self, Problem> {
        let body = super::body::read(request.into_body(), BODY_BYTES_MAX).await?;
        let read = serde_json::from_slice(&body);
        read.map(Self).map_err(|fault| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "unreadable_body",
                "The body cannot be read",
                fault.to_string(),
            )
        })
    }
}

/// An answer as JSON.
pub(crate) fn answer<T: Serialize>(body: &T) -> Response<Body> {
    json_response(StatusCode::OK, body)
}

/// What the store could not do.
pub(crate) fn unable(fault: StoreFault) -> Problem {
    Problem::from(Denied::Store(fault))
}

/// What was asked for cannot be done, for a reason that whoever asked can mend.
pub(crate) fn refused(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, "This cannot be done", detail)
}
