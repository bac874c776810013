//! Keys for free texts: each text named in a filter has its place on the line, and all others share the rest of it.

use super::spans::Spans;
use std::collections::HashMap;
use std::sync::Arc;

/// Texts in the order of their keys.
#[derive(Default)]
pub(super) struct Texts {
    keys: HashMap<Box<str>, i128>,
    texts: Vec<Arc<str>>,
}

impl Texts {
    /// The key of a text; letters that differ only in case share one.
    pub(super) fn key(&mut self, text: &Arc<str>) -> i128 {
        let next = self.texts.len() as i128;
        let key = *self.keys.entry(text.to_ascii_lowercase().into()).or_insert(next);
        if key == next {
            self.texts.push(text.clone());
        }
        key
    }

    pub(super) fn all(&self) -> &[Arc<str>] {
        &self.texts
    }
}

/// The words at the keys inside the spans, or, where the spans hold all that has no name, at those outside.
pub(super) fn named<'w>(spans: &Spans, words: &'w [Arc<str>]) -> (bool, Vec<&'w str>) {
    let inside = !spans.has(i128::MAX);
    let named = if inside { spans.clone() } else { spans.complement() };
    let last = words.len() as i128 - 1;
    let texts = named
        .within((0, last))
        .keys()
        .filter_map(|key| words.get(usize::try_from(key).ok()?))
        .map(|word| &**word)
        .collect();
    (inside, texts)
}
