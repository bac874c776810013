//! `POST /v1/operator/backup`: a copy of the database as it is at one moment, made while trade goes on.

use super::{Asked, Office, Operator, Right, answer, refused, unable};
use crate::backup::{self, Manifest};
use crate::http::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// Where to.
#[derive(Serialize, Deserialize)]
pub(crate) struct BackupAsked {
    /// An absolute path of a folder that is empty or not there.
    pub(crate) folder: PathBuf,
    /// The keys too? Then the backup can be read by whoever has it.
    pub(crate) with_keys: bool,
}

/// What was made.
#[derive(Serialize, Deserialize)]
pub(crate) struct BackupMade {
    /// Bytes of the copy.
    pub(crate) bytes: u64,
    /// SHA-256 of the copy.
    pub(crate) sha256: String,
    /// The moment of everything in it.
    pub(crate) at: String,
    /// Key files that are in it, or that must be kept somewhere else.
    pub(crate) key_files: Vec<PathBuf>,
}

pub(super) async fn make(
    State(office): State<Arc<Office>>,
    operator: Operator,
    Asked(asked): Asked<BackupAsked>,
) -> Result<Response<Body>, Problem> {
    operator.may(Right::Backup)?;
    let unusable = |fault: anyhow::Error| refused("backup_failed", format!("{fault:#}"));
    let at = office.engine.now();
    let file = backup::begin(&asked.folder).map_err(unusable)?;
    office.store.copy_to(file.clone()).await.map_err(unable)?;
    let key_files = crate::keys::files_of(&office.data);
    let manifest = Manifest {
        format: backup::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: at.to_string(),
        catalog: office.engine.book().catalog.version.to_string(),
        master_keys: office.store.vault().key_ids(),
        sha256: String::new(),
        bytes: 0,
    };
    // Reading the copy again takes as long as its size; the reactor has leads to sell meanwhile.
    let (folder, keys) = (asked.folder.clone(), asked.with_keys.then(|| key_files.clone()));
    let finished = tokio::task::spawn_blocking(move || backup::finish(&folder, manifest, keys.as_deref().unwrap_or_default()));
    let manifest = finished
        .await
        .map_err(|fault| refused("backup_failed", fault.to_string()))?
        .map_err(unusable)?;
    let detail = json!({ "bytes": manifest.bytes, "sha256": manifest.sha256, "with_keys": asked.with_keys });
    office
        .note(&operator, "backup.make", &asked.folder.display().to_string(), &detail)
        .await?;
    Ok(answer(&BackupMade {
        bytes: manifest.bytes,
        sha256: manifest.sha256,
        at: manifest.at,
        key_files,
    }))
}
