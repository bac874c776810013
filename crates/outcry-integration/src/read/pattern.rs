//! Regular expressions over texts: linear in time, limited in size, compiled at load.

use super::document::Doubt;
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;

/// A compiled expression may take so many bytes, and its cache of states as many again.
const PATTERN_BYTES_MAX: usize = 256 * 1024;
/// Longer texts are not searched, not even their start: `$` would match where nothing ends.
const SEARCHED_BYTES_MAX: usize = 256 * 1024;
/// Most matches of one expression in one text.
const MATCHES_MAX: usize = 1_000;

/// Do capitals matter?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Ignored,
    Exact,
}

/// An expression, and which of its groups is the value: the one named `value`, else the first, else the whole match.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    group: usize,
    every: bool,
}

impl Pattern {
    /// Compiles one; `None` if it is no expression, or too large a one.
    pub(crate) fn compile(text: &str, case: Case, every: bool) -> Option<Self> {
        let regex = RegexBuilder::new(text)
            .case_insensitive(case == Case::Ignored)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build()
            .ok()?;
        let named = regex.capture_names().position(|name| name == Some("value"));
        let group = named.unwrap_or_else(|| usize::from(regex.captures_len() > 1));
        Some(Self { regex, group, every })
    }

    /// Is it anywhere in the text?
    ///
    /// # Errors
    /// The text is too long to be searched.
    pub(crate) fn is_in(&self, text: &str) -> Result<bool, Doubt> {
        searchable(text)?;
        Ok(self.regex.is_match(text))
    }

    /// The values it finds: one, or all of them.
    ///
    /// # Errors
    /// The text is too long to be searched.
    pub(crate) fn find<'t>(&self, text: &'t str, visit: &mut dyn FnMut(&'t str)) -> Result<(), Doubt> {
        searchable(text)?;
        let most = if self.every { MATCHES_MAX } else { 1 };
        let groups = self.regex.captures_iter(text).take(most).filter_map(|found| found.get(self.group));
        groups.for_each(|group| visit(group.as_str()));
        Ok(())
    }

    /// The whole matches, each a text for further readers.
    ///
    /// # Errors
    /// The text is too long to be searched.
    pub(crate) fn matches<'t>(&self, text: &'t str) -> Result<Vec<&'t str>, Doubt> {
        searchable(text)?;
        let most = if self.every { MATCHES_MAX } else { 1 };
        Ok(self.regex.find_iter(text).take(most).map(|one| one.as_str()).collect())
    }
}

fn searchable(text: &str) -> Result<(), Doubt> {
    if text.len() > SEARCHED_BYTES_MAX {
        return Err(Doubt::Unreadable(Cow::Borrowed(
            "the text is longer than regular expressions look at",
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_group_comes_before_the_first_and_that_before_the_match() {
        let find = |pattern: &str, every: bool, text: &str| {
            let mut found = Vec::new();
            let pattern = Pattern::compile(pattern, Case::Ignored, every).unwrap();
            pattern.find(text, &mut |one| found.push(one.to_owned())).unwrap();
            found.join("|")
        };
        assert_eq!(find("PRICE=([0-9.]+)", false, "price=12.5;price=3"), "12.5");
        assert_eq!(find("price=([0-9.]+)", true, "price=12.5;price=3"), "12.5|3");
        assert_eq!(find("(a)(?<value>b)", false, "ab"), "b");
        assert_eq!(find("__\\w+?__", true, "__failed__ __zip__"), "__failed__|__zip__");
        assert_eq!(find("x", false, "ab"), "");
    }

    #[test]
    fn expressions_that_could_run_away_are_refused_or_linear() {
        assert!(Pattern::compile("(?:a{1000}){1000}", Case::Exact, false).is_none());
        assert!(Pattern::compile("(a)\\1", Case::Exact, false).is_none());
        let slow_elsewhere = Pattern::compile("^(a+)+$", Case::Exact, false).unwrap();
        assert!(!slow_elsewhere.is_in(&format!("{}b", "a".repeat(SEARCHED_BYTES_MAX - 1))).unwrap());
        assert!(slow_elsewhere.is_in(&format!("{}b", "a".repeat(SEARCHED_BYTES_MAX))).is_err());
    }
}
