//! The lists of a data folder: `lists/NAME.list` for what was imported, and `lists/asks` for what somebody wants changed by
//! hand while the exchange runs.
//!
//! A new file takes the place of the old one by its name, which is one step of the file system; the exchange notices within
//! a moment, reads it on a thread of its own, and swaps it in whole.

mod asks;
mod shelved;

pub(crate) use asks::{Ask, answer_waiting};
pub(crate) use shelved::{Found, Shelved, us10};

use crate::keys::FolderKeys;
use outcry_core::list::List;
use outcry_engine::engine::Engine;
use outcry_store::list::ListKey;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often the folder is looked at: a look is a stat for each list, and one for the asks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Where the lists of a data folder are.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("lists")
}

/// Where the file of a list is.
pub(crate) fn path(data: &Path, list: &str) -> PathBuf {
    folder(data).join(format!("{list}.list"))
}

/// The secret of all lists of a data folder: made of the one that digests of persons are made with, so that there is none
/// more to keep.
pub(crate) fn key(keys: &FolderKeys) -> ListKey {
    ListKey::new(Sha256::new_with_prefix(b"outcry lists").chain_update(keys.people).finalize().into())
}

/// The task that keeps the lists in place; it ends with this.
pub(crate) struct Watching(tokio::task::JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a file looks like from outside; another look, another file.
type Look = (u64, u64, std::time::SystemTime);

fn look(path: &Path) -> Option<Look> {
    use std::os::unix::fs::MetadataExt;
    let about = fs::metadata(path).ok()?;
    Some((about.ino(), about.len(), about.modified().ok()?))
}

/// Keeps the lists of an exchange as they are in its folder.
pub(crate) struct Watch {
    engine: Arc<Engine>,
    data: PathBuf,
    key: ListKey,
    seen: HashMap<Arc<str>, Option<Look>>,
}

impl Watch {
    /// Reads every list there is, and looks again and again until what it returns is dropped. A list whose file cannot be
    /// used says nothing for certain, and the log says why.
    pub(crate) async fn start(engine: Arc<Engine>, data: &Path, key: ListKey) -> Watching {
        let mut watch = Self {
            engine,
            data: data.to_owned(),
            key,
            seen: HashMap::new(),
        };
        watch.look_around().await;
        for list in &watch.engine.book().catalog.lists {
            if !list.live && watch.seen.get(&list.name).is_none_or(Option::is_none) {
                tracing::warn!(list.name = %list.name, "the list has not been imported, and says nothing for certain; fill it: outcry list import {} FILE", list.name);
            }
        }
        Watching(tokio::spawn(watch.run()))
    }

    async fn run(mut self) {
        if self.engine.book().catalog.lists.is_empty() {
            return;
        }
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.look_around().await;
        }
    }

    async fn look_around(&mut self) {
        let lists = self.engine.book().catalog.lists.clone();
        for list in &lists {
            let path = path(&self.data, &list.name);
            let now = look(&path);
            let before = self.seen.insert(list.name.clone(), now);
            match (before, now) {
                (Some(before), now) if before == now => {}
                (_, Some(_)) => self.read(list, path).await,
                (Some(Some(_)), None) => {
                    tracing::error!(list.name = %list.name, "the file of the list is gone; the list says nothing for certain");
                    self.engine.lists().take_away(&list.name);
                }
                (_, None) => {}
            }
        }
        let engine = self.engine.clone();
        answer_waiting(&self.data, |change| {
            let engine = engine.clone();
            async move { engine.change_list(change).await }
        })
        .await;
    }

    /// A quarter of a billion entries take seconds to read and to prove; leads go on meanwhile with what there was.
    async fn read(&self, list: &Arc<List>, path: PathBuf) {
        let (key, list) = (self.key.clone(), list.clone());
        let name = list.name.clone();
        let read = tokio::task::spawn_blocking(move || Shelved::read(&list, &path, &key)).await;
        match read {
            Ok(Ok(file)) => {
                tracing::info!(list.name = %name, list.version = %file.about().version, entries = file.about().entries, "list in place");
                self.engine.lists().put(name, Arc::new(file));
            }
            Ok(Err(fault)) => {
                tracing::error!(list.name = %name, error = %format!("{fault:#}"), "the file of the list cannot be used; the list says nothing for certain");
                self.engine.lists().take_away(&name);
            }
            Err(_) => tracing::error!(list.name = %name, "reading the list ended badly"),
        }
    }
}
