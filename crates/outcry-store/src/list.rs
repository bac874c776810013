//! Lists of people and values that must not be sold (or may be): as long as the national do-not-call list, kept as keys.
//!
//! A list is imported once into a file of its own, streamed and in bounded memory, and read whole at start: 250 million
//! phone numbers take about 370 MB. It never changes; a new version is another file that takes the place of the old one
//! at once. There is no way to read an entry out: only to ask for one.

mod file;
mod key;
mod packed;
mod shards;

pub use key::ListKey;

use key::{PHONE_BITS, TEXT_BITS};
use packed::{KEYS_MOST, Packed};
use serde::{Deserialize, Serialize};
use shards::Shards;
use std::io;
use std::path::{Path, PathBuf};

/// Keys held in memory while a list is imported: 64 MB.
const HELD_MOST: usize = 8 << 20;

/// What a list says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What its entries are, and in which form: `phone`, `email`, `sha256:email`. The importer gives it its meaning.
    pub entries_are: String,
    /// The version as its source names it: a date, a number.
    pub version: String,
    /// When the source made it, in milliseconds since 1970: its age counts from here.
    pub made_at_ms: i64,
    /// How many different entries it holds.
    #[serde(default)]
    pub entries: u64,
    /// A mark of the key it was made with.
    #[serde(default)]
    key: String,
}

impl About {
    /// A list still to be filled.
    pub fn new(entries_are: impl Into<String>, version: impl Into<String>, made_at_ms: i64) -> Self {
        Self {
            entries_are: entries_are.into(),
            version: version.into(),
            made_at_ms,
            entries: 0,
            key: String::new(),
        }
    }
}

/// Why a list could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// The disk, or a missing file.
    #[error("the list file {} could not be used", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Cut short, changed, or no list at all.
    #[error("the list file {} is damaged or no list: import it again", .0.display())]
    Damaged(PathBuf),
    /// The file was made with another secret, so nothing in it could be found.
    #[error("the list file {} was made with another key: import it again on this exchange", .0.display())]
    OtherKey(PathBuf),
    /// The machine has too little memory left.
    #[error("there is not enough memory for the list")]
    Memory(#[source] io::Error),
    /// More entries than a list can hold.
    #[error("a list holds at most {KEYS_MOST} entries: divide it")]
    TooMany,
}

impl ListFault {
    fn file(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

/// A list, ready to be asked.
#[derive(Debug)]
pub struct List {
    about: About,
    key: ListKey,
    phones: Packed,
    others: Packed,
}

impl List {
    /// Reads a list file.
    ///
    /// # Errors
    /// If it cannot be read, is damaged, or was made with another key.
    pub fn read(path: &Path, key: &ListKey) -> Result<Self, ListFault> {
        let (about, phones, others) = file::read(path)?;
        if about.key != key.mark() {
            return Err(ListFault::OtherKey(path.to_owned()));
        }
        Ok(Self {
            about,
            key: key.clone(),
            phones,
            others,
        })
    }

    /// What a list file says about itself, without reading or proving the rest of it.
    ///
    /// # Errors
    /// If it cannot be read, or is no list.
    pub fn about_of(path: &Path) -> Result<About, ListFault> {
        file::about(path)
    }

    /// What it says about itself.
    pub const fn about(&self) -> &About {
        &self.about
    }

    /// Is the number on it? Given as its ten digits, without the country's 1.
    pub fn holds_phone(&self, us10: u64) -> bool {
        us10 < PHONES && self.phones.contains(self.key.phone(us10))
    }

    /// Is the value on it? In the normal form that the import used.
    pub fn holds(&self, kind: &str, value: &str) -> bool {
        self.others.contains(self.key.text(kind, value))
    }

    /// Memory its entries take.
    pub fn bytes(&self) -> u64 {
        self.phones.bytes() + self.others.bytes()
    }
}

/// Ten digits.
const PHONES: u64 = 10_000_000_000;

/// Makes a list file out of entries in any order.
pub struct ListBuilder {
    path: PathBuf,
    about: About,
    key: ListKey,
    phones: Shards,
    others: Shards,
}

impl ListBuilder {
    /// A list that will stand at `path`. What does not fit into memory waits in a folder beside it.
    pub fn new(path: &Path, about: About, key: &ListKey) -> Self {
        Self::holding(path, about, key, HELD_MOST)
    }

    fn holding(path: &Path, mut about: About, key: &ListKey, held_most: usize) -> Self {
        about.key = key.mark();
        let folder = |kind: &str| path.with_extension(format!("{kind}.spill"));
        Self {
            path: path.to_owned(),
            about,
            key: key.clone(),
            phones: Shards::new(PHONE_BITS, held_most, folder("phones")),
            others: Shards::new(TEXT_BITS, held_most, folder("others")),
        }
    }

    /// Adds a number given as its ten digits; false if it has more.
    ///
    /// # Errors
    /// The disk's.
    pub fn add_phone(&mut self, us10: u64) -> Result<bool, ListFault> {
        if PHONES <= us10 {
            return Ok(false);
        }
        self.phones.push(self.key.phone(us10)).map(|()| true)
    }

    /// Adds any other value, in its normal form.
    ///
    /// # Errors
    /// The disk's.
    pub fn add(&mut self, kind: &str, value: &str) -> Result<(), ListFault> {
        self.others.push(self.key.text(kind, value))
    }

    /// Sorts, packs and writes; the file stands in its place, durable, when this returns.
    ///
    /// # Errors
    /// The disk's, or too many entries. The old list, if there was one, then still stands.
    pub fn finish(self) -> Result<About, ListFault> {
        if KEYS_MOST < self.phones.total().max(self.others.total()) {
            return Err(ListFault::TooMany);
        }
        file::write(&self.path, self.about, self.phones, self.others, [PHONE_BITS, TEXT_BITS])
    }
}

#[cfg(test)]
mod tests;
