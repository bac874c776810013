//! The integrations that contracts can name: the operator's files, and the built-in ones behind them.

use crate::builtin;
use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::document::{Documents, stem};
use crate::name;
use crate::specs::{tell_bad_name, tell_duplicate};
use outcry_integration::Integration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Integrations by name.
#[derive(Default)]
pub(crate) struct Integrations {
    entries: BTreeMap<String, Entry>,
}

/// One integration.
pub(crate) struct Entry {
    /// `None` if its file has problems, which have been reported.
    pub(crate) integration: Option<Arc<Integration>>,
    /// Its file, or `None` for a built-in one.
    pub(crate) file: Option<usize>,
}

impl Integrations {
    /// Reads the operator's files, and each built-in integration that they do not replace.
    pub(crate) fn gather(desk: &Desk<'_>, documents: &Documents<'_>) -> Self {
        let mut entries = BTreeMap::new();
        for file in documents.integrations.iter().copied() {
            let (name, spot) = (stem(&desk.files()[file].path), Spot { file, at: 0 });
            if !name::is_name(name) {
                tell_bad_name(desk, "integration", name, spot);
            }
            match entries.get(name) {
                Some(Entry { file: Some(first), .. }) => tell_duplicate(desk, "integration", name, spot, Spot { file: *first, at: 0 }),
                _ => {
                    entries.insert(
                        name.to_owned(),
                        Entry {
                            integration: read(desk, file),
                            file: Some(file),
                        },
                    );
                }
            }
        }
        for (name, integration) in builtin::integrations() {
            match entries.get(*name).and_then(|entry| entry.file) {
                Some(file) => warn_replaced(desk, "integration", name, Spot { file, at: 0 }),
                None => {
                    entries.insert(
                        (*name).to_owned(),
                        Entry {
                            integration: Some(integration.clone()),
                            file: None,
                        },
                    );
                }
            }
        }
        Self { entries }
    }

    /// One by name.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

/// Reads a file and runs its examples.
fn read(desk: &Desk<'_>, file: usize) -> Option<Arc<Integration>> {
    let at = |line: u32| desk.line(file, usize::try_from(line).unwrap_or(1));
    let integration = match Integration::read(&desk.files()[file].text) {
        Ok(integration) => integration,
        Err(problems) => {
            for problem in problems {
                let told = Problem::error(
                    codes::INTEGRATION_PROBLEM,
                    at(problem.line),
                    format!("{}: {}", problem.what, problem.message),
                );
                desk.tell(told.hint_if((!problem.hint.is_empty()).then_some(problem.hint)));
            }
            return None;
        }
    };
    for outcome in integration.run_examples().into_iter().filter(|outcome| !outcome.passed) {
        let (expected, got) = (
            differing(&outcome.expected, &outcome.got),
            differing(&outcome.got, &outcome.expected),
        );
        let message = format!("the example `{}` failed: it expects {expected}, and got {got}", outcome.name);
        desk.tell(Problem::error(codes::EXAMPLE_FAILED, at(outcome.line), message));
    }
    Some(Arc::new(integration))
}

/// The lines of one text that differ from the other's, as one line.
fn differing(text: &str, other: &str) -> String {
    let lines = text.lines().zip(other.lines().map(Some).chain(std::iter::repeat(None)));
    let differing: Vec<&str> = lines.filter(|(line, other)| Some(*line) != *other).map(|(line, _)| line).collect();
    if differing.is_empty() {
        text.replace('\n', "; ")
    } else {
        differing.join("; ")
    }
}

/// Reports that an operator's file stands in the place of a built-in one.
pub(crate) fn warn_replaced(desk: &Desk<'_>, kind: &str, name: &str, spot: Spot) {
    let message = format!("this file replaces the built-in {kind} `{name}`");
    desk.tell(Problem::warning(codes::REPLACES_BUILT_IN, spot, message).hint("under another name both would be there"));
}
