//! `keep = { name = "path" }`: what an answer leaves behind for the steps after it.

use super::Lens;
use super::bid::id;
use super::document::Cursor;
use super::pick::Pick;
use crate::file::{Node, Section};
use crate::problem::Problems;
use crate::step::StepName;
use std::sync::Arc;

/// Where the values are found, by their full names.
#[derive(Debug, Default)]
pub(crate) struct Keep(Box<[(Arc<str>, Pick)]>);

impl Keep {
    /// Reads `keep` of an answer; without it nothing is kept.
    pub(crate) fn compile(step: StepName, section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Self {
        let Some(node) = section.get("keep") else { return Self::default() };
        let Some(table) = Section::open_any(node, section.place("keep"), problems) else {
            return Self::default();
        };
        let kept = table.entries().iter().filter_map(|entry| {
            let plain = !entry.key.is_empty() && entry.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !plain {
                let hint = "use letters, digits and _";
                problems.add(entry.line, table.place(&entry.key), "cannot be the name of a kept value", hint);
                return None;
            }
            let pick = Pick::compile(&entry.value, &table.place(&entry.key), lens, &[], problems)?;
            Some((Arc::from(format!("{}.{}", step.kept_prefix(), entry.key)), pick))
        });
        Self(kept.collect())
    }

    /// The full names of what it keeps.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// Reads the values. One that cannot be read with certainty is not kept, and a note says so.
    pub(crate) fn read(&self, from: Cursor<'_>, notes: &mut Vec<String>) -> Vec<(Arc<str>, Arc<str>)> {
        let mut kept = Vec::with_capacity(self.0.len());
        for (name, pick) in &self.0 {
            match id(Some(pick), from, name) {
                Ok(value) => kept.extend(value.map(|value| (name.clone(), value))),
                Err(why) => notes.push(why),
            }
        }
        kept
    }

    /// The first of its values that the answer did not have.
    pub(crate) fn lacking(&self, kept: &[(Arc<str>, Arc<str>)]) -> Option<&str> {
        self.names().find(|name| kept.iter().all(|(known, _)| **known != **name))
    }
}

/// A node of the file as an integration's author would write it, for messages.
pub(crate) fn short(full: &str) -> &str {
    full.rsplit_once('.').map_or(full, |(_, name)| name)
}

/// Opens the answer of a step.
pub(crate) fn open<'n>(step: StepName, node: &'n Node, known: &[&str], problems: &mut Problems) -> Option<Section<'n>> {
    Section::open(node, format!("{}.answer", step.word()), known, problems)
}
