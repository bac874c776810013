//! Values of the ping's answer that come back in the post: who reads both samples sees the same id twice.

use super::names::plain;
use super::words::class;

/// One value of the answer, and the hole that repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) value: String,
    /// Its name there.
    pub(super) name: String,
    /// Without braces: `bid.id`, `bid.echo.session`.
    pub(super) hole: String,
    /// Where it stands in the answer.
    pub(super) path: String,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Links(pub(super) Vec<Link>);

impl Links {
    /// The link of a value. Short values are alike by chance, unless they have one name.
    pub(super) fn find(&self, name: &str, value: &str) -> Option<&Link> {
        let is_same = |link: &&Link| link.value == value && is_telling(name, &link.name, value);
        self.0.iter().find(is_same)
    }
}

/// Are two equal values, by their names and length, the same thing?
pub(super) fn is_telling(name: &str, other: &str, value: &str) -> bool {
    let is_word = class(value).is_some();
    !value.is_empty() && (plain(name) == plain(other) || (3 <= value.len() && !is_word))
}
