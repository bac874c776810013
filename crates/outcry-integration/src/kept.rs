//! What the answers of earlier steps kept for later ones.

use std::fmt;
use std::sync::Arc;

/// Values by step and name: `login.token`, `pre_ping.session`, `post.queue`. Some let a caller in, so they are never
/// shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Kept(Vec<(Arc<str>, Arc<str>)>);

impl Kept {
    /// Nothing.
    pub const NONE: &'static Self = &Self(Vec::new());

    /// The value under a full name.
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.0, name)
    }

    /// With the values of a further step; of two under one name the later counts.
    #[must_use]
    pub fn and(mut self, later: &Self) -> Self {
        self.0.retain(|(name, _)| later.get(name).is_none());
        self.0.extend_from_slice(&later.0);
        self
    }

    /// All values, in the order they were kept.
    pub fn entries(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.0
    }

    /// Is there nothing?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<(Arc<str>, Arc<str>)>> for Kept {
    fn from(entries: Vec<(Arc<str>, Arc<str>)>) -> Self {
        Self(entries)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A value of a list by its name.
pub(crate) fn find<'a>(values: &'a [(Arc<str>, Arc<str>)], name: &str) -> Option<&'a str> {
    values.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_under_one_name_the_later_counts_and_none_is_shown() {
        let kept = |values: &[(&str, &str)]| {
            Kept::from(
                values
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect::<Vec<_>>(),
            )
        };
        let both = kept(&[("login.token", "old"), ("pre_ping.sid", "7")]).and(&kept(&[("login.token", "new")]));
        assert_eq!((both.get("login.token"), both.get("pre_ping.sid")), (Some("new"), Some("7")));
        assert_eq!(format!("{both:?}"), r#"{"pre_ping.sid", "login.token"}"#);
    }
}
