//! The file of a list, held against what the spec says the list is.

use anyhow::{Result, bail};
use outcry_core::list::{Certainty, Judgement, List, Misfit};
use outcry_core::moment::Moment;
use outcry_engine::people::PeopleKey;
use outcry_engine::ports::list::ListFile;
use outcry_engine::ports::store::ListChange;
use outcry_store::list::{About, ListKey};
use std::path::Path;

/// A list's file, ready to be asked.
pub(crate) struct Shelved {
    file: outcry_store::list::List,
    word: String,
}

impl Shelved {
    /// Reads a file and holds it against its list.
    ///
    /// # Errors
    /// If it cannot be read, is damaged, or holds entries of another kind than the list is declared with.
    pub(crate) fn read(list: &List, path: &Path, key: &ListKey) -> Result<Self> {
        let file = outcry_store::list::List::read(path, key)?;
        let (word, says) = (list.entries.word(), &file.about().entries_are);
        if *says != word {
            bail!(
                "the file {} holds entries of the form {says}, and the list {} is declared with {word}; import it again, or mend the list's table",
                path.display(),
                list.name
            );
        }
        Ok(Self { file, word })
    }

    /// What it says about itself.
    pub(crate) const fn about(&self) -> &About {
        self.file.about()
    }
}

/// `+12025550143` as its ten digits.
pub(crate) fn us10(entry: &str) -> Option<u64> {
    entry.strip_prefix("+1").filter(|digits| digits.len() == 10)?.parse().ok()
}

impl ListFile for Shelved {
    fn version(&self) -> &str {
        &self.file.about().version
    }

    fn made_at(&self) -> Moment {
        Moment::from_unix_ms(self.file.about().made_at_ms)
    }

    fn holds(&self, entry: &str) -> bool {
        match us10(entry).filter(|_| self.word == "phone") {
            Some(number) => self.file.holds_phone(number),
            None => self.file.holds(&self.word, entry),
        }
    }
}

/// What a list says of one value: yes, no, or that it is not certain.
pub(crate) struct Found {
    pub(crate) on_it: bool,
    pub(crate) certainty: Certainty,
    pub(crate) judgement: Judgement,
}

impl Found {
    /// Asks a list about a value as a person writes it.
    ///
    /// # Errors
    /// If it is no such value.
    pub(crate) fn of(
        (list, file): (&List, Option<&Shelved>),
        (people, changes): (&PeopleKey, &[ListChange]),
        value: &str,
        now: Moment,
    ) -> Result<Self, Misfit> {
        let word = list.entries.word();
        let by_hand = |entry: &str| {
            let key = people.of_entry(&word, entry);
            let mut its = changes.iter().filter(|change| change.list == list.name);
            its.find(|change| change.entries.contains(&key)).map(|change| change.on)
        };
        let on = |entry: &String| by_hand(entry).unwrap_or_else(|| file.is_some_and(|file| file.holds(entry)));
        let on_it = list.entries.asked_by_hand(value)?.iter().any(on);
        let certainty = list.certainty(file.map(ListFile::made_at), now);
        Ok(Self {
            on_it,
            certainty,
            judgement: list.judge(Some(on_it), certainty),
        })
    }
}
