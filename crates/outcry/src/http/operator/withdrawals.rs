//! `POST /v1/operator/withdrawals`: the operator tells that persons have taken their consent back.

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
    let read: Vec<Option<Contact>> = asked.people.iter().map(|text| Contact::parse(text)).collect();
    let unreadable: Vec<usize> = (1..)
        .zip(&read)
        .filter(|(_, contact)| contact.is_none())
        .map(|(at, _)| at)
        .collect();
    let contacts: Vec<Contact> = read.into_iter().flatten().collect();
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
