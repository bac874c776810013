//! `a.b[0].c`, `bids[*].payout`, `["dotted.key"]`, `*`: a way through JSON, compiled at load.

use super::document::{Doubt, Found};
use super::json::Json;
use std::borrow::Cow;

/// A compiled path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonPath {
    /// Begins at the whole answer, even inside an item.
    pub(crate) from_root: bool,
    steps: Box<[Step]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(Box<str>),
    Index(usize),
    /// Every item of an array, or every member of an object.
    Every,
}

impl JsonPath {
    /// Reads a path; `None` if it is none. `$` is the whole answer, `.` the value at hand.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (from_root, mut rest) = match text.strip_prefix('$') {
            Some(rest) => (true, rest.strip_prefix('.').unwrap_or(rest)),
            None => (false, text.strip_prefix('.').filter(|rest| rest.is_empty()).unwrap_or(text)),
        };
        if text.is_empty() || text == "$." {
            return None;
        }
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = if let Some(quoted) = rest.strip_prefix("[\"") {
                let (name, after) = quoted.split_once("\"]")?;
                (Step::Name(name.into()), after)
            } else if let Some(inside) = rest.strip_prefix('[') {
                let (index, after) = inside.split_once(']')?;
                let step = if index == "*" {
                    Step::Every
                } else {
                    Step::Index(index.parse().ok()?)
                };
                (step, after)
            } else {
                let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
                if name.is_empty() || name.contains(']') {
                    return None;
                }
                (if name == "*" { Step::Every } else { Step::Name(name.into()) }, after)
            };
            steps.push(step);
            rest = match after.strip_prefix('.') {
                Some("") => return None,
                Some(next) => next,
                None if after.is_empty() || after.starts_with('[') => after,
                None => return None,
            };
        }
        Some(Self {
            from_root,
            steps: steps.into(),
        })
    }

    /// Everything the path leads to.
    ///
    /// # Errors
    /// A name on the way that stands twice.
    pub(crate) fn find<'d>(&self, from: &'d Json<'d>, visit: &mut dyn FnMut(&'d Json<'d>)) -> Result<(), Doubt> {
        walk(&self.steps, from, visit)
    }
}

fn walk<'d>(steps: &[Step], at: &'d Json<'d>, visit: &mut dyn FnMut(&'d Json<'d>)) -> Result<(), Doubt> {
    let Some((step, rest)) = steps.split_first() else {
        visit(at);
        return Ok(());
    };
    match (step, at) {
        (Step::Name(name), Json::Object(members)) => {
            let mut found = members.iter().filter(|(key, _)| **key == **name);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(Doubt::Twice(format!("\"{name}\" stands twice in the answer"))),
                (Some((_, value)), None) => walk(rest, value, visit),
                (None, _) => Ok(()),
            }
        }
        (Step::Index(index), Json::Array(items)) => items.get(*index).map_or(Ok(()), |item| walk(rest, item, visit)),
        (Step::Every, Json::Array(items)) => items.iter().try_for_each(|item| walk(rest, item, visit)),
        (Step::Every, Json::Object(members)) => members.iter().try_for_each(|(_, value)| walk(rest, value, visit)),
        _ => Ok(()),
    }
}

impl<'d> From<&'d Json<'d>> for Found<'d> {
    fn from(value: &'d Json<'d>) -> Self {
        match value {
            Json::Null => Self::Nothing,
            Json::Bool(yes) => Self::Text(Cow::Borrowed(if *yes { "true" } else { "false" })),
            Json::Number(text) | Json::Text(text) => match text.trim() {
                "" => Self::Nothing,
                text => Self::Text(Cow::Borrowed(text)),
            },
            Json::Array(items) => {
                if items.is_empty() {
                    Self::Nothing
                } else {
                    Self::Structure
                }
            }
            Json::Object(members) => {
                if members.is_empty() {
                    Self::Nothing
                } else {
                    Self::Structure
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_say() {
        let json: Json<'_> = serde_json::from_str(r#"{"a":{"b":[{"c":1.50},{"c":"x"}]},"d.e":true,"n":null}"#).unwrap();
        let find = |path: &str| {
            let mut found = Vec::new();
            JsonPath::parse(path).unwrap().find(&json, &mut |value| found.push(value)).unwrap();
            found
                .into_iter()
                .map(|value| match Found::from(value) {
                    Found::Text(text) => text.into_owned(),
                    other => format!("{other:?}"),
                })
                .collect::<Vec<_>>()
                .join("|")
        };
        let table = [
            ("a.b[0].c", "1.50"),
            ("a.b[*].c", "1.50|x"),
            ("a.b[7].c", ""),
            ("[\"d.e\"]", "true"),
            ("n", "Nothing"),
            ("$.a.b", "Structure"),
            ("a.*[1].c", "x"),
            ("a.b.c", ""),
        ];
        for (path, expected) in table {
            assert_eq!(find(path), expected, "{path}");
        }
        for path in ["", "a..b", "a[", "a[x]", "a.", "a]b", "$."] {
            assert!(JsonPath::parse(path).is_none(), "{path}");
        }
    }
}
