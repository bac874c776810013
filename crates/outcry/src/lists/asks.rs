//! What somebody wants changed on a list by hand, handed to the process that owns the folder.
//!
//! An ask is a file of digests, written beside its name and renamed; it is gone when the change is durable and every later
//! post goes by it. Whoever asked waits for that.

use anyhow::{Context, Result, bail};
use outcry_engine::ports::store::{ListChange, PersonKey, StoreFault};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// How long an exchange may take to answer: it looks many times a second.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Larger is no ask of ours.
const BYTES_MAX: u64 = 64 << 20;

fn folder(data: &Path) -> PathBuf {
    super::folder(data).join("asks")
}

/// An ask that waits.
pub(crate) struct Ask(PathBuf);

#[derive(Serialize, Deserialize)]
struct Body {
    list: String,
    entries: Vec<String>,
    on: bool,
}

impl Ask {
    /// Leaves an ask for whoever owns the folder.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn leave(data: &Path, change: &ListChange) -> Result<Self> {
        let folder = folder(data);
        let failed = || format!("the folder {} cannot be written", folder.display());
        fs::create_dir_all(&folder).with_context(failed)?;
        let body = Body {
            list: change.list.as_ref().into(),
            entries: change.entries.iter().map(|PersonKey(key)| hex::encode(key)).collect(),
            on: change.on,
        };
        let mut file = NamedTempFile::with_prefix_in(".", &folder).with_context(failed)?;
        file.write_all(&serde_json::to_vec(&body)?).with_context(failed)?;
        file.as_file().sync_all().with_context(failed)?;
        // Asks are answered in the order of their names.
        let at = outcry_core::id::time_ordered(now_ms(), rand::random());
        let path = folder.join(format!("{at:032x}.ask"));
        file.persist(&path).with_context(failed)?;
        File::open(&folder).and_then(|folder| folder.sync_all()).with_context(failed)?;
        Ok(Self(path))
    }

    /// Waits until it was answered.
    ///
    /// # Errors
    /// If nobody answers.
    pub(crate) async fn answered(&self) -> Result<()> {
        let waiting = async {
            while self.0.exists() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            bail!(
                "the process that owns the data folder has not taken the change within {} seconds; it waits at {} and takes effect when that process looks, or at the next start",
                PATIENCE.as_secs(),
                self.0.display()
            );
        }
        Ok(())
    }
}

fn now_ms() -> i64 {
    use outcry_engine::ports::clock::Clock;
    crate::clock::SystemClock.now().unix_ms()
}

/// Answers every ask that waits in a folder. One that cannot be read is set aside and told; one that the store cannot take
/// now stays.
pub(crate) async fn answer_waiting<F: Future<Output = Result<(), StoreFault>>>(data: &Path, change: impl Fn(ListChange) -> F) {
    let Ok(entries) = fs::read_dir(folder(data)) else { return };
    let is_ask = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ask");
    let mut asks: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_ask).collect();
    asks.sort_unstable();
    for path in asks {
        let asked = match read(&path) {
            Ok(asked) => asked,
            Err(fault) => {
                tracing::error!(path = %path.display(), error = %format!("{fault:#}"), "this is no change of a list, and was set aside");
                let _kept = fs::rename(&path, path.with_extension("bad"));
                continue;
            }
        };
        let (list, count, on) = (asked.list.clone(), asked.entries.len(), asked.on);
        match change(asked).await {
            Ok(()) => {
                tracing::info!(list.name = %list, entries = count, on, "list changed by hand");
                let _gone = fs::remove_file(&path);
            }
            Err(fault) => {
                tracing::error!(list.name = %list, error = %fault, "the list could not be changed; it is tried again");
                return;
            }
        }
    }
}

fn read(path: &Path) -> Result<ListChange> {
    if fs::metadata(path)?.len() > BYTES_MAX {
        bail!("it is larger than any change");
    }
    let body: Body = serde_json::from_slice(&fs::read(path)?)?;
    let key = |text: &String| {
        let mut key = [0; 16];
        hex::decode_to_slice(text, &mut key).map(|()| PersonKey(key))
    };
    Ok(ListChange {
        list: body.list.into(),
        entries: body.entries.iter().map(key).collect::<Result<_, _>>()?,
        on: body.on,
    })
}
