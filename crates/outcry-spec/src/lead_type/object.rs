//! Takes members out of a JSON object and notes what is missing, unknown or of the wrong kind.

use super::LeadTypeProblem;
use super::json::{Json, Member, Node};
use outcry_core::validate::closest;

/// What was found wrong so far.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<LeadTypeProblem>);

impl Problems {
    pub(super) fn add(&mut self, line: u32, field: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.0.push(LeadTypeProblem {
            line,
            field: field.to_owned(),
            message: message.into(),
            hint: hint.into(),
        });
    }
}

/// An object, where it stands, and its members.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    pub(super) line: u32,
    members: &'a [Member],
}

/// The names an object may have, and those it must have.
pub(super) struct Shape {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// May have names that nobody here knows (notes on compliance).
    pub(super) open: bool,
}

impl<'a> Object<'a> {
    /// The node as an object of this shape. Problems of shape are noted; `None` if it is no object at all.
    pub(super) fn read(node: &'a Node, path: &str, shape: &Shape, problems: &mut Problems) -> Option<Self> {
        let Json::Object(members) = &node.json else {
            problems.add(node.line, path, format!("expected an object, found {}", node.kind()), "");
            return None;
        };
        let known = || shape.required.iter().chain(shape.optional).copied();
        for (at, member) in members.iter().enumerate() {
            if members[..at].iter().any(|earlier| earlier.name == member.name) {
                problems.add(
                    member.line,
                    path,
                    format!("`{}` stands here twice", member.name),
                    "keep one of them",
                );
            } else if !known().any(|name| name == member.name) {
                let near = closest(&member.name, known().filter(|name| !members.iter().any(|m| m.name == *name)));
                if near.is_some() || !shape.open {
                    let hint = near.map_or_else(
                        || format!("known keys: {}", known().collect::<Vec<_>>().join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    problems.add(member.line, path, format!("unknown key `{}`", member.name), hint);
                }
            }
        }
        for name in shape.required {
            if !members.iter().any(|member| member.name == *name) {
                problems.add(node.line, path, format!("`{name}` is missing"), "");
            }
        }
        Some(Self { line: node.line, members })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        self.members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// The line of a member, or that of the object.
    pub(super) fn line_of(&self, name: &str) -> u32 {
        self.members
            .iter()
            .find(|member| member.name == name)
            .map_or(self.line, |member| member.line)
    }

    /// Text that is not blank.
    pub(super) fn text(&self, name: &str, path: &str, problems: &mut Problems) -> Option<&'a str> {
        let node = self.get(name)?;
        match &node.json {
            Json::Text(text) if !text.trim().is_empty() => Some(text),
            Json::Text(_) => {
                problems.add(node.line, path, format!("`{name}` is empty"), "");
                None
            }
            _ => wrong(node, name, "text", path, problems),
        }
    }

    pub(super) fn bool(&self, name: &str, path: &str, problems: &mut Problems) -> Option<bool> {
        let node = self.get(name)?;
        match &node.json {
            Json::Bool(yes) => Some(*yes),
            _ => wrong(node, name, "true or false", path, problems),
        }
    }

    pub(super) fn int(&self, name: &str, least: i64, path: &str, problems: &mut Problems) -> Option<i64> {
        let node = self.get(name)?;
        match &node.json {
            Json::Number(text) => match text.parse::<i64>() {
                Ok(number) if number >= least => Some(number),
                _ => {
                    problems.add(node.line, path, format!("`{name}` must be a whole number, at least {least}"), "");
                    None
                }
            },
            _ => wrong(node, name, "a whole number", path, problems),
        }
    }

    pub(super) fn list(&self, name: &str, path: &str, problems: &mut Problems) -> Option<&'a [Node]> {
        let node = self.get(name)?;
        match &node.json {
            Json::List(items) => Some(items),
            _ => wrong(node, name, "a list", path, problems),
        }
    }

    /// A list of texts with their lines; what is no text is noted and left out.
    pub(super) fn texts(&self, name: &str, path: &str, problems: &mut Problems) -> Vec<(u32, &'a str)> {
        let items = self.list(name, path, problems).unwrap_or_default();
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match &item.json {
                Json::Text(text) if !text.trim().is_empty() => texts.push((item.line, text.as_str())),
                _ => problems.add(item.line, path, format!("`{name}` must hold text only, found {}", item.kind()), ""),
            }
        }
        texts
    }
}

fn wrong<T>(node: &Node, name: &str, expected: &str, path: &str, problems: &mut Problems) -> Option<T> {
    problems.add(node.line, path, format!("`{name}` must be {expected}, found {}", node.kind()), "");
    None
}

/// Lower-case letters, digits and underscores, a letter first.
pub(super) fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// One of a closed list of words.
pub(super) fn word<T: Copy>(object: &Object<'_>, key: &str, path: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
    let text = object.text(key, path, problems)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
    if found.is_none() {
        problems.add(
            object.line_of(key),
            path,
            format!("`{key}` cannot be `{text}`"),
            one_of(words.iter().map(|(word, _)| *word), text),
        );
    }
    found
}

pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str> + Clone, wrong: &str) -> String {
    match closest(wrong, words.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", words.collect::<Vec<_>>().join(", ")),
    }
}
