//! `/v1/operator/keys`: which master keys are in use, sealing under a fresh one, and giving the old ones up.

use super::{Office, Operator, Right, answer, refused, unable};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The master keys, the newest first.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeysShown {
    /// Where they come from.
    pub(crate) from: String,
    /// Names and what is sealed under them.
    pub(crate) keys: Vec<KeyShown>,
    /// Things sealed under keys that are not there: nobody can open them.
    pub(crate) lost: u64,
}

/// One master key.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyShown {
    /// The first bytes of a digest of it.
    pub(crate) id: String,
    /// Leads and items sealed under it.
    pub(crate) seals: u64,
}

/// What a change of keys did.
#[derive(Serialize, Deserialize)]
pub(crate) struct Rotated {
    /// The name of the newest key.
    pub(crate) newest: String,
    /// Data keys that were sealed anew.
    pub(crate) rewrapped: u64,
    /// Was an earlier change finished, and no fresh key made?
    pub(crate) finished_earlier: bool,
}

pub(super) async fn show(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response<Body>, Problem> {
    operator.may(Right::Read)?;
    Ok(answer(&shown(&office).await?))
}

async fn shown(office: &Office) -> Result<KeysShown, Problem> {
    let mut under = office.store.sealed_under().await.map_err(unable)?;
    let ids = office.store.vault().key_ids();
    let keys = ids.into_iter().map(|id| KeyShown {
        seals: under.remove(&id).unwrap_or(0),
        id,
    });
    Ok(KeysShown {
        keys: keys.collect(),
        from: office.master.to_string(),
        lost: under.values().sum(),
    })
}

/// A fresh key, on the disk before anything is sealed with it; then every data key is sealed anew. What a crash leaves
/// half done is finished by asking again: the old keys stay until they are given up.
pub(super) async fn rotate(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response<Body>, Problem> {
    operator.may(Right::Keys)?;
    let before = shown(&office).await?;
    let finished_earlier = before.keys.iter().skip(1).any(|key| key.seals > 0);
    let read = || office.master.read().map_err(|fault| refused("keys_unusable", format!("{fault:#}")));
    let mut keys = read()?;
    if !finished_earlier {
        // Somewhere else than in a file a person has put it there already.
        let known = keys.len() == before.keys.len();
        if known {
            office
                .master
                .add()
                .map_err(|fault| refused("keys_unusable", format!("{fault:#}")))?;
            keys = read()?;
        }
    }
    office.store.vault().replace(&keys);
    let rewrapped = office.store.rewrap().await.map_err(unable)?;
    let newest = office.store.vault().key_ids().swap_remove(0);
    office
        .note(&operator, "keys.rotate", &newest, &json!({ "rewrapped": rewrapped }))
        .await?;
    Ok(answer(&Rotated {
        newest,
        rewrapped,
        finished_earlier,
    }))
}

/// Gives all keys but the newest up, if nothing is sealed under them. Backups from before the change cannot be read any more.
pub(super) async fn forget(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response<Body>, Problem> {
    operator.may(Right::Keys)?;
    let before = shown(&office).await?;
    if before.keys.iter().skip(1).any(|key| key.seals > 0) {
        return Err(refused(
            "keys_in_use",
            "there are things sealed under the old keys; run `outcry keys rotate` first, which seals them anew",
        ));
    }
    let unusable = |fault: anyhow::Error| refused("keys_unusable", format!("{fault:#}"));
    office.master.keep_newest().map_err(unusable)?;
    office.store.vault().replace(&office.master.read().map_err(unusable)?);
    let newest = office.store.vault().key_ids().swap_remove(0);
    let given_up: Vec<&str> = before.keys.iter().skip(1).map(|key| &*key.id).collect();
    office
        .note(&operator, "keys.forget", &newest, &json!({ "given_up": given_up }))
        .await?;
    Ok(answer(&shown(&office).await?))
}
