//! The namespace prefixes that are declared at a place of the file, so that one that is not is found at load.

use crate::file::{Entry, Kind, Node};

/// The prefixes of a table, and those around it.
#[derive(Debug)]
pub(crate) struct Prefixes<'a> {
    fixed: &'static [&'static str],
    own: Vec<&'a str>,
    around: Option<&'a Prefixes<'a>>,
}

impl<'a> Prefixes<'a> {
    /// Nothing is declared.
    pub(crate) const NONE: Prefixes<'static> = Prefixes::of(&[]);

    /// These are.
    pub(crate) const fn of(fixed: &'static [&'static str]) -> Prefixes<'static> {
        Prefixes {
            fixed,
            own: Vec::new(),
            around: None,
        }
    }

    /// Those that the members of a table declare, besides these.
    pub(crate) fn with(&'a self, entries: &'a [Entry]) -> Self {
        let mut own = Vec::new();
        declared_by(entries, &mut own);
        Self {
            fixed: &[],
            own,
            around: Some(self),
        }
    }

    /// The prefix of a member that nobody declares: not above it, and not in it.
    pub(crate) fn undeclared<'e>(&self, entry: &'e Entry) -> Option<&'e str> {
        let (prefix, _) = entry.key.trim_start_matches('@').split_once(':')?;
        let mut inside = Vec::new();
        declared_in(&entry.value, &mut inside);
        let known = matches!(prefix, "xml" | "xmlns") || inside.contains(&prefix) || self.knows(prefix);
        (!known).then_some(prefix)
    }

    fn knows(&self, prefix: &str) -> bool {
        self.fixed.contains(&prefix) || self.own.contains(&prefix) || self.around.is_some_and(|around| around.knows(prefix))
    }
}

fn declared_by<'e>(entries: &'e [Entry], found: &mut Vec<&'e str>) {
    found.extend(entries.iter().filter_map(|entry| entry.key.strip_prefix("@xmlns:")));
}

/// What an element declares itself, be it one of several or a conditional one.
fn declared_in<'e>(node: &'e Node, found: &mut Vec<&'e str>) {
    match &node.kind {
        Kind::Table(entries) => {
            declared_by(entries, found);
            for entry in entries.iter().filter(|entry| matches!(entry.key.as_str(), "as" | "then" | "else")) {
                declared_in(&entry.value, found);
            }
        }
        Kind::Array(items) => items.iter().for_each(|item| declared_in(item, found)),
        _ => {}
    }
}
