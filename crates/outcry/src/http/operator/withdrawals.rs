//! `POST /v1/operator/withdrawals`: the operator tells that persons have taken their consent back. `…/lift`: that a withdrawal was
//! a mistake, or that the person has said otherwise since, with a note that stays.

use super::{Asked, Office, Operator, Right, answer, refused, unable};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use outcry_core::consent::Channel;
use outcry_engine::withdraw::{Contact, Scope};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Who, and what.
#[derive(Serialize, Deserialize)]
pub(crate) struct Withdraw {
    /// Numbers and addresses.
    pub(crate) people: Vec<String>,
    /// Only this way to be reached.
    pub(crate) channel: Option<String>,
    /// Only this buyer.
    pub(crate) buyer: Option<String>,
}

/// What came of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Withdrawn {
    /// How many numbers and addresses were taken.
    pub(crate) taken: usize,
    /// What they take back.
    pub(crate) scope: String,
    /// Positions of those that are no number and no address, counted from 1.
    pub(crate) unreadable: Vec<usize>,
}

pub(super) async fn take(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(asked): Asked<Withdraw>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Withdraw)?;
    let scope = scope(&office, &asked)?;
    let (contacts, unreadable) = contacts(&asked.people);
    let from = format!("operator/{}", operator.name());
    office.engine.withdraw(&contacts, &scope, from.into()).await.map_err(unable)?;
    let done = Withdrawn {
        taken: contacts.len(),
        scope: scope.word().to_string(),
        unreadable,
    };
    // Numbers only: the log is kept for good.
    let detail = json!({ "taken": done.taken, "unreadable": done.unreadable.len() });
    office.note(&operator, "withdraw", &done.scope, &detail).await?;
    Ok(answer(&done))
}

/// Longest note in bytes.
const NOTE_BYTES_MAX: usize = 1_000;

/// Which withdrawals end, and why.
#[derive(Serialize, Deserialize)]
pub(crate) struct Lift {
    /// Whose, and of which scope. Without one, every withdrawal of theirs.
    #[serde(flatten)]
    pub(crate) of: Withdraw,
    /// Why, for the audit log. It stays for good, so it names nobody.
    pub(crate) note: String,
}

/// What came of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Lifted {
    /// How many withdrawals ended.
    pub(crate) lifted: u64,
    /// Positions of those that are no number and no address, counted from 1.
    pub(crate) unreadable: Vec<usize>,
}

pub(super) async fn lift(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(asked): Asked<Lift>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Withdraw)?;
    let note = asked.note.trim();
    if note.is_empty() || NOTE_BYTES_MAX < note.len() {
        return Err(refused(
            "note_needed",
            "a withdrawal is lifted with a note of at most 1000 bytes that says why",
        ));
    }
    let scope = match scope(&office, &asked.of)? {
        Scope::All => None,
        scope => Some(scope.word()),
    };
    let (contacts, unreadable) = contacts(&asked.of.people);
    let people = contacts.iter().map(|contact| contact.key(&office.people)).collect();
    let lifted = office.store.lift_withdrawals(people, scope.clone()).await.map_err(unable)?;
    let detail = json!({ "lifted": lifted, "asked": contacts.len(), "note": note });
    office
        .note(&operator, "lift_withdrawal", scope.as_deref().unwrap_or("every"), &detail)
        .await?;
    Ok(answer(&Lifted { lifted, unreadable }))
}

/// Numbers and addresses that can be read, and positions of the others, counted from 1.
fn contacts(people: &[String]) -> (Vec<Contact>, Vec<usize>) {
    let read: Vec<Option<Contact>> = people.iter().map(|text| Contact::parse(text)).collect();
    let unreadable = (1..).zip(&read).filter(|(_, contact)| contact.is_none()).map(|(at, _)| at);
    let unreadable = unreadable.collect();
    (read.into_iter().flatten().collect(), unreadable)
}

fn scope(office: &Office, asked: &Withdraw) -> Result<Scope, Problem> {
    let bad = |detail: &str| refused("bad_withdrawal", detail);
    match (&asked.channel, &asked.buyer) {
        (None, None) => Ok(Scope::All),
        (Some(word), None) => {
            let channel = Channel::parse(word).ok_or_else(|| bad("a channel is call, sms or email"))?;
            Ok(Scope::Channel(channel))
        }
        (None, Some(name)) => {
            let buyers = &office.engine.book().catalog.buyers;
            let buyer = buyers.iter().find(|buyer| buyer.name.as_str() == name);
            let buyer = buyer.ok_or_else(|| bad("there is no buyer of this name in the spec"))?;
            Ok(Scope::Buyer(buyer.name.clone()))
        }
        (Some(_), Some(_)) => Err(bad("of channel and buyer there is one; left out, everything is taken back")),
    }
}
