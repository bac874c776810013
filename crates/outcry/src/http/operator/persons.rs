//! `/v1/operator/persons`: the leads of a person, and their erasure. A person is named by a phone number or a mail address,
//! which is compared as a keyed digest and neither logged nor kept.

use super::{Asked, Office, Operator, Right, answer, refused, unable};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use outcry_core::field::Kind;
use outcry_core::id::{AttemptId, LeadId, time_ordered};
use outcry_core::raw::Raw;
use outcry_core::validate::check_value;
use outcry_core::value::Value;
use outcry_engine::ports::store::{ListChange, PersonKey};
use outcry_store::{Erase, FoundLead};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whom it is about. It has no `Debug`: it is personal.
#[derive(Serialize, Deserialize)]
pub(crate) struct PersonAsked {
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
}

/// The leads of a person, without anything they say.
#[derive(Serialize, Deserialize)]
pub(crate) struct FoundBody {
    pub(crate) leads: Vec<LeadBody>,
}

/// One of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct LeadBody {
    pub(crate) lead_id: String,
    pub(crate) state: String,
    pub(crate) received_at: String,
    pub(crate) source: String,
    pub(crate) campaign: String,
    pub(crate) posts: Vec<PostBody>,
}

/// A post of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct PostBody {
    pub(crate) attempt_id: String,
    pub(crate) contract: String,
    pub(crate) buyer: String,
    pub(crate) state: String,
}

/// What an erasure did: the proof of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct ErasedBody {
    pub(crate) erasure_id: String,
    pub(crate) at: String,
    pub(crate) leads: u64,
    /// Posts whose buyers are told by a message.
    pub(crate) told: u64,
    /// Posts whose buyers have no address for it.
    pub(crate) to_tell: u64,
}

/// Which buyer was told of which erasure.
#[derive(Serialize, Deserialize)]
pub(crate) struct ToldAsked {
    pub(crate) erasure_id: String,
    pub(crate) buyer: String,
}

/// How many notices that were.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) notices: u64,
}

pub(super) async fn find(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(person): Asked<PersonAsked>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Persons)?;
    let found = office.store.find_person(digests(&office, &person)?).await.map_err(unable)?;
    let detail = serde_json::json!({ "leads": found.len() });
    office.note(&operator, "person.find", "person", &detail).await?;
    Ok(answer(&FoundBody {
        leads: found.into_iter().map(body).collect(),
    }))
}

fn body(lead: FoundLead) -> LeadBody {
    let posts = lead.attempts.into_iter().map(|attempt| PostBody {
        attempt_id: attempt.attempt.to_string(),
        contract: attempt.contract.to_string(),
        buyer: attempt.buyer.to_string(),
        state: attempt.state.to_string(),
    });
    LeadBody {
        lead_id: lead.lead.to_string(),
        state: lead.state.to_string(),
        received_at: lead.received.to_string(),
        source: lead.source.to_string(),
        campaign: lead.campaign.to_string(),
        posts: posts.collect(),
    }
}

pub(super) async fn erase(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(person): Asked<PersonAsked>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Persons)?;
    let people = digests(&office, &person)?;
    let at = office.engine.now();
    let id = time_ordered(at.unix_ms(), rand::random());
    let buyers = office.engine.book().catalog.buyers.iter();
    let addresses: BTreeMap<Arc<str>, Arc<str>> = buyers
        .filter_map(|buyer| Some((buyer.name.as_str().into(), buyer.erasure_url.clone()?)))
        .collect();
    let tell = move |buyer: &str, lead: LeadId, attempt: AttemptId| {
        let address = addresses.get(buyer)?;
        Some(
            address
                .replace("{lead_id}", &lead.to_string())
                .replace("{attempt_id}", &attempt.to_string()),
        )
    };
    let order = Erase {
        id,
        at,
        people: people.clone(),
        tell: Arc::new(tell),
        audit: office.audit.key().clone(),
        actor: operator.name().into(),
    };
    let is_its = |lead: &outcry_core::lead::Lead| office.people.to_find(lead).iter().any(|digest| people.contains(digest));
    let erased = office.store.erase(order, is_its).await.map_err(unable)?;
    // An exchange that has a list of this name takes no new leads of the person either.
    let change = ListChange {
        list: "erased".into(),
        entries: people,
        on: true,
    };
    office.engine.change_list(change).await.map_err(unable)?;
    Ok(answer(&ErasedBody {
        erasure_id: format!("erasure_{id:032x}"),
        at: at.to_string(),
        leads: erased.leads,
        told: erased.told,
        to_tell: erased.to_tell,
    }))
}

pub(super) async fn told(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(told): Asked<ToldAsked>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Persons)?;
    let id = told
        .erasure_id
        .strip_prefix("erasure_")
        .and_then(|digits| u128::from_str_radix(digits, 16).ok());
    let id = id.ok_or_else(|| refused("bad_id", "an erasure's id looks like erasure_0192…, with 32 hex digits"))?;
    let notices = office
        .store
        .told(id, told.buyer.as_str().into(), office.engine.now())
        .await
        .map_err(unable)?;
    if notices == 0 {
        return Err(refused(
            "nothing_to_tell",
            "there is no open notice to this buyer by hand in this erasure",
        ));
    }
    let detail = serde_json::json!({ "buyer": told.buyer, "notices": notices });
    office.note(&operator, "person.told", &told.erasure_id, &detail).await?;
    Ok(answer(&Told { notices }))
}

/// The digests of a person under every field name that a lead type in use has for phone numbers and mail addresses.
fn digests(office: &Office, person: &PersonAsked) -> Result<Vec<PersonKey>, Problem> {
    if person.phone.is_none() && person.email.is_none() {
        return Err(refused("nobody_named", "name a phone number, a mail address, or both"));
    }
    let mut digests: Vec<PersonKey> = Vec::new();
    let campaigns = &office.engine.book().catalog.campaigns;
    for field in campaigns.iter().flat_map(|campaign| &campaign.lead_type.fields.fields) {
        let given = match &field.kind {
            Kind::Phone => person.phone.as_deref(),
            Kind::Email => person.email.as_deref(),
            _ => None,
        };
        let Some(given) = given else { continue };
        let read = check_value(field, &Raw::Text(given.into()), office.engine.now());
        let Ok(Value::Text(normal)) = read else {
            let detail = format!("what was given is no {}", field.kind.word());
            return Err(refused("unreadable_person", detail));
        };
        let digest = office.people.of_value(&field.name, &normal);
        if !digests.contains(&digest) {
            digests.push(digest);
        }
    }
    if digests.is_empty() {
        return Err(refused("nobody_named", "no lead type in use has a field for that"));
    }
    Ok(digests)
}
