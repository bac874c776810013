//! One table of the file being read: each key is asked for once, and what nobody asked for is a problem.

use super::{Entry, Kind, Node};
use crate::problem::{Problems, did_you_mean};

/// A table, the dotted place it stands at, and which keys the language knows there.
pub(crate) struct Section<'a> {
    pub(crate) line: u32,
    pub(crate) what: String,
    entries: &'a [Entry],
}

impl<'a> Section<'a> {
    /// Opens a table and refuses every key that is not `known`.
    pub(crate) fn open(node: &'a Node, what: impl Into<String>, known: &[&str], problems: &mut Problems) -> Option<Self> {
        let section = Self::open_any(node, what, problems)?;
        #[cfg(test)]
        super::met::keys(&section.what, known);
        for entry in section.entries {
            if !known.contains(&entry.key.as_str()) {
                problems.add(
                    entry.line,
                    section.place(&entry.key),
                    "there is no such key",
                    did_you_mean(&entry.key, known),
                );
            }
        }
        Some(section)
    }

    /// Opens a table whose keys are names the file chooses.
    pub(crate) fn open_any(node: &'a Node, what: impl Into<String>, problems: &mut Problems) -> Option<Self> {
        let what = what.into();
        if let Kind::Table(entries) = &node.kind {
            return Some(Self {
                line: node.line,
                what,
                entries,
            });
        }
        problems.add(node.line, what, format!("{} where a table belongs", node.word()), "");
        None
    }

    /// The dotted place of one of its keys.
    pub(crate) fn place(&self, key: &str) -> String {
        if self.what.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.what)
        }
    }

    /// All keys, in the order of the file.
    pub(crate) const fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The value of a key, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&self, key: &str, hint: &str, problems: &mut Problems) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.add(self.line, self.place(key), "is missing", hint);
        }
        found
    }

    /// Text, if the key is there.
    pub(crate) fn text(&self, key: &str, problems: &mut Problems) -> Option<&'a str> {
        let node = self.get(key)?;
        let text = node.text();
        if text.is_none() {
            problems.add(
                node.line,
                self.place(key),
                format!("{} where text belongs", node.word()),
                "put it in quotes",
            );
        }
        text
    }

    /// True or false; false if the key is not there.
    pub(crate) fn flag(&self, key: &str, problems: &mut Problems) -> bool {
        match self.get(key).map(|node| (node, &node.kind)) {
            None => false,
            Some((_, Kind::Bool(yes))) => *yes,
            Some((node, _)) => {
                problems.add(
                    node.line,
                    self.place(key),
                    format!("{} where true or false belongs", node.word()),
                    "",
                );
                false
            }
        }
    }

    /// One of a closed list of words; `None` if the key is not there or holds another.
    pub(crate) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        #[cfg(test)]
        super::met::words(&self.place(key), words.iter().map(|(word, _)| *word));
        let text = self.text(key, problems)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let line = self.get(key).map_or(self.line, |node| node.line);
            problems.add(
                line,
                self.place(key),
                format!("\"{text}\" is not known"),
                did_you_mean(text, &known),
            );
        }
        found
    }
}
