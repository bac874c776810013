//! Does what the operator's office does, whoever has the data folder: the exchange that is running, through its door, or,
//! if none is, this process itself.

use super::line::Line;
use super::serve::runtime;
use crate::folder;
use crate::secrets::Vaulted;
use crate::settings::{Settings, environment};
use crate::wire::{self, Exchange};
use anyhow::{Context, Result, bail};
use outcry_store::OpenFault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Who acts where no exchange runs, as the audit log calls it: this process does not ask the system for a name.
pub(crate) const HERE: &str = "command";

/// Does it in this process if nobody has the data folder; else asks the process that has it, with a POST.
pub(crate) fn act<B: Serialize, T: DeserializeOwned, F: Future<Output = Result<T>>>(
    settings: &Settings,
    path: &str,
    body: &B,
    here: impl FnOnce(Exchange) -> F,
) -> Result<T> {
    let done = runtime(1)?.block_on(async {
        match open(settings).await {
            Ok(exchange) => here(exchange).await.map(Some),
            Err(fault) if in_use(&fault) => Ok(None),
            Err(fault) => Err(fault),
        }
    })?;
    match done {
        Some(done) => Ok(done),
        None => Line::to(&settings.data).post(path, body),
    }
}

/// The exchange, as a start opens it: what an earlier process has left is recovered first.
async fn open(settings: &Settings) -> Result<Exchange> {
    if !settings.data.join("outcry.db").exists() {
        bail!(
            "there is no outcry database in the folder {}; name the data folder of the exchange with --data",
            settings.data.display()
        );
    }
    let files = folder::read(&settings.spec)?;
    let secrets = Vaulted::load(&settings.secrets, environment())?;
    let book = outcry_spec::compile(&files, &secrets).book;
    let book = book.context("the spec files cannot be used, and without them nobody knows what is paid out; see `outcry check`")?;
    wire::open(settings, Arc::new(book)).await
}

fn in_use(fault: &anyhow::Error) -> bool {
    matches!(fault.downcast_ref::<OpenFault>(), Some(OpenFault::InUse(_)))
}
