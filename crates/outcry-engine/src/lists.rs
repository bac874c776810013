//! The lists of an exchange as they stand: the file of each, swapped whole while leads run, and what was changed by hand.
//!
//! The files are one picture that a decision takes once and keeps: it never sees two versions of a list. What is changed by
//! hand counts at once, and here only so that nobody is pinged in vain; T2 asks the store, which knows exactly.

use crate::engine::Engine;
use crate::ports::list::ListFile;
use crate::ports::store::{ListChange, PersonKey, StoreFault};
use outcry_core::list::{List, Misfit};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The files of all lists at one moment, by the names of the lists.
pub(crate) type Files = HashMap<Arc<str>, Arc<dyn ListFile>>;

/// The lists of an exchange.
#[derive(Default)]
pub struct Lists {
    files: RwLock<Arc<Files>>,
    by_hand: RwLock<HashMap<Arc<str>, HashMap<PersonKey, bool>>>,
}

impl Lists {
    pub(crate) fn new(changes: &[ListChange]) -> Self {
        let lists = Self::default();
        for change in changes {
            lists.note(change);
        }
        lists
    }

    /// Puts the file of a list in the place of the one before. Whatever is being decided goes on with that one; from here
    /// on every decision takes the new one.
    pub fn put(&self, list: Arc<str>, file: Arc<dyn ListFile>) {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Files::clone(&files);
        next.insert(list, file);
        *files = Arc::new(next);
    }

    /// Takes the file of a list away, because it cannot be trusted: the list says nothing for certain from here on.
    pub fn take_away(&self, list: &str) {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Files::clone(&files);
        next.remove(list);
        *files = Arc::new(next);
    }

    pub(crate) fn files(&self) -> Arc<Files> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note(&self, change: &ListChange) {
        let mut by_hand = self.by_hand.write().unwrap_or_else(PoisonError::into_inner);
        let entries = by_hand.entry(change.list.clone()).or_default();
        entries.extend(change.entries.iter().map(|entry| (*entry, change.on)));
    }

    /// Is one of the entries on the list, given what its file says of each?
    pub(crate) fn holds_one(&self, list: &str, entries: &[(PersonKey, bool)]) -> bool {
        let by_hand = self.by_hand.read().unwrap_or_else(PoisonError::into_inner);
        let changed = by_hand.get(list);
        entries.iter().any(|(entry, in_file)| {
            let changed = changed.and_then(|changed| changed.get(entry));
            changed.copied().unwrap_or(*in_file)
        })
    }
}

impl Engine {
    /// The lists as they stand.
    pub const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Puts values on a list, or takes them off it: durable, and effective for every later post, when this returns.
    ///
    /// # Errors
    /// The store's fault; then nothing was changed.
    pub async fn change_list(&self, change: ListChange) -> Result<(), StoreFault> {
        self.store.change_list(change.clone()).await?;
        self.lists.note(&change);
        Ok(())
    }

    /// The digest under which an entry that was changed by hand is kept, for a value as a person writes it.
    ///
    /// # Errors
    /// If it is no such value.
    pub fn list_entry(&self, list: &List, written: &str) -> Result<PersonKey, Misfit> {
        let entry = list.entries.entry_by_hand(written)?;
        Ok(self.keys.people.of_entry(&list.entries.word(), &entry))
    }
}
