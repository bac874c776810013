//! `POST /v1/withdrawals`: a source or a buyer tells that a person has taken a consent back.

use super::native::{bearer, json_response, unauthorized};
use super::problem::Problem;
use super::{Gate, body, json};
use crate::keyring::Refused;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use outcry_core::consent::Channel;
use outcry_core::id::BuyerName;
use outcry_core::raw::Raw;
use outcry_engine::denied::Denied;
use outcry_engine::withdraw::{Contact, Scope};
use serde::Serialize;
use std::sync::Arc;

/// Most numbers and addresses of one request.
const CONTACTS_MAX: usize = 10_000;

/// What came of it. How many of them were new is nobody's to know: it would tell who is on the list.
#[derive(Serialize)]
struct WithdrawnBody {
    withdrawn: usize,
    scope: String,
}

/// Who tells.
enum Teller {
    Source(String),
    Buyer(BuyerName),
}

/// Takes the withdrawal in, and answers when it is in force.
pub(super) async fn take(State(gate): State<Arc<Gate>>, request: Request<Body>) -> Response<Body> {
    gate.timed("withdrawal", async {
        let (head, body) = request.into_parts();
        let teller = teller(&gate, &head.headers)?;
        let body = body::read(body, gate.body_bytes_max).await?;
        let asked = json::read(&body).map_err(|why| unreadable("unreadable_body", why))?;
        let (contacts, scope) = read(&gate, &teller, &asked)?;
        let from = match &teller {
            Teller::Source(source) => format!("source/{source}"),
            Teller::Buyer(buyer) => format!("buyer/{buyer}"),
        };
        let done = gate.engine.withdraw(&contacts, &scope, from.into()).await;
        done.map_err(|fault| Problem::from(Denied::Store(fault)))?;
        let answer = WithdrawnBody {
            withdrawn: contacts.len(),
            scope: scope.word().to_string(),
        };
        Ok(json_response(StatusCode::OK, &answer))
    })
    .await
}

fn teller(gate: &Gate, headers: &HeaderMap) -> Result<Teller, Problem> {
    let (key, now) = (bearer(headers, "source or your inbox")?, gate.engine.now());
    let as_source = match gate.keyring.source(key, now) {
        Ok(source) => return Ok(Teller::Source(gate.engine.source(source).name.to_string())),
        Err(refused) => refused,
    };
    match gate.keyring.buyer(key, now) {
        Ok(buyer) => Ok(Teller::Buyer(gate.engine.book().catalog.buyers[buyer].name.clone())),
        // An expired key of a source says so, and not that no buyer has it.
        Err(Refused::Unknown) => Err(unauthorized(as_source.sentence("source or buyer"))),
        Err(refused) => Err(unauthorized(refused.sentence("source or buyer"))),
    }
}

fn unreadable(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, "The withdrawal cannot be read", detail)
}

fn read(gate: &Gate, teller: &Teller, asked: &Raw) -> Result<(Vec<Contact>, Scope), Problem> {
    let Raw::Object(members) = asked else {
        return Err(unreadable(
            "bad_withdrawal",
            "the body is an object with `phones`, `emails`, or both",
        ));
    };
    let (mut contacts, mut channel, mut seller) = (Vec::new(), None, None);
    for (name, value) in members {
        match (&**name, value) {
            ("phone" | "phones", value) => contacts.extend(listed(name, value, Contact::phone)?),
            ("email" | "emails", value) => contacts.extend(listed(name, value, Contact::email)?),
            ("channel", Raw::Text(word)) => {
                let known = Channel::parse(word).ok_or_else(|| unreadable("bad_withdrawal", "`channel` is call, sms or email"));
                channel = Some(known?);
            }
            ("seller", Raw::Text(name)) => seller = Some(seller_named(gate, teller, name)?),
            ("channel" | "seller", _) => return Err(unreadable("bad_withdrawal", format!("`{name}` is a text"))),
            _ => {
                let detail = "a withdrawal has `phone`, `phones`, `email`, `emails`, and perhaps `channel` or `seller`";
                return Err(unreadable("bad_withdrawal", detail));
            }
        }
    }
    if contacts.is_empty() || CONTACTS_MAX < contacts.len() {
        let detail = format!("send 1 to {CONTACTS_MAX} numbers and addresses");
        return Err(unreadable("bad_withdrawal", detail));
    }
    let scope = match (channel, seller) {
        (None, None) => Scope::All,
        (Some(channel), None) => Scope::Channel(channel),
        (None, Some(buyer)) => Scope::Buyer(buyer),
        (Some(_), Some(_)) => {
            return Err(unreadable(
                "bad_withdrawal",
                "of `channel` and `seller` there is one; left out, everything is taken back",
            ));
        }
    };
    Ok((contacts, scope))
}

/// One or many. What was sent is not repeated: a problem may end in a log.
fn listed(name: &str, value: &Raw, parse: fn(&str) -> Option<Contact>) -> Result<Vec<Contact>, Problem> {
    let items = match value {
        Raw::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let read = |(at, item): (usize, &Raw)| {
        let text = match item {
            Raw::Text(text) | Raw::Number(text) => Some(&**text),
            _ => None,
        };
        let wrong = || {
            unreadable(
                "bad_withdrawal",
                format!("number {} of `{name}` is none, so nothing was taken", at + 1),
            )
        };
        text.and_then(parse).ok_or_else(wrong)
    };
    items.iter().enumerate().map(read).collect()
}

/// A buyer speaks for itself and for nobody else.
fn seller_named(gate: &Gate, teller: &Teller, name: &str) -> Result<BuyerName, Problem> {
    let buyers = &gate.engine.book().catalog.buyers;
    let known = buyers
        .iter()
        .find(|buyer| buyer.name.as_str() == name || buyer.label.eq_ignore_ascii_case(name))
        .map(|buyer| buyer.name.clone());
    match (teller, known) {
        (Teller::Source(_), Some(buyer)) => Ok(buyer),
        (Teller::Buyer(own), Some(buyer)) if *own == buyer => Ok(buyer),
        (Teller::Buyer(_), _) => Err(unreadable(
            "bad_withdrawal",
            "a buyer takes back for itself; leave `seller` out to take everything back",
        )),
        (Teller::Source(_), None) => Err(unreadable(
            "bad_withdrawal",
            "`seller` is the name of a buyer here, or its legal name",
        )),
    }
}
