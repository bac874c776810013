//! A pasted body as a tree, whatever it is written in.
//!
//! Elements of XML become objects: attributes are `@name`, text beside them `#text`, and what repeats is a list.

use serde_json::{Map, Value};

/// What a body is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Json,
    Form,
    Xml,
    /// Something else, or nothing.
    Text,
}

/// Deeper than any body that people write down.
const DEPTH_MAX: usize = 32;

/// Recognises a body and reads it.
pub(super) fn parse(body: &str) -> (Shape, Value) {
    let body = body.trim_start_matches('\u{feff}').trim();
    let read = match body.chars().next() {
        Some('{' | '[') => json(body).map(|tree| (Shape::Json, tree)),
        Some('<') => xml(body, Names::Local).map(|tree| (Shape::Xml, tree)),
        Some(_) => form(body).map(|tree| (Shape::Form, tree)),
        None => None,
    };
    read.unwrap_or_else(|| (Shape::Text, Value::String(body.to_owned())))
}

/// JSON, also as instructions print it: with comments, dots for more of the same, a comma too many.
fn json(body: &str) -> Option<Value> {
    if let Ok(tree) = serde_json::from_str(body) {
        return Some(tree);
    }
    let without = |pattern: &str, text: &str, with: &str| Some(regex::Regex::new(pattern).ok()?.replace_all(text, with).into_owned());
    let text = without(r"(?m)(^|[\s,{\[])//[^\n]*$", body, "$1")?;
    let text = without(r"(?m)(^|[\s,\[])(\.{3}|…)", &text, "$1")?;
    let text = without(r",(\s*,)*(\s*[}\]])", &text, "$2")?;
    serde_json::from_str(&text).ok()
}

/// How elements are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Blind to namespaces, as answers are read.
    Local,
    /// With their prefixes, as requests are written.
    Prefixed,
}

impl Names {
    fn of(self, node: roxmltree::Node<'_, '_>) -> String {
        let local = node.tag_name().name();
        let prefix = node.tag_name().namespace().and_then(|uri| node.lookup_prefix(uri));
        match prefix.filter(|prefix| self == Self::Prefixed && !prefix.is_empty()) {
            Some(prefix) => format!("{prefix}:{local}"),
            None => local.to_owned(),
        }
    }

    /// The namespaces that an element declares itself.
    fn declared(self, node: roxmltree::Node<'_, '_>) -> Vec<(String, Value)> {
        let outer: Vec<_> = node
            .parent_element()
            .map(|parent| parent.namespaces().collect())
            .unwrap_or_default();
        let own = node
            .namespaces()
            .filter(|one| self == Self::Prefixed && one.name() != Some("xml") && !outer.contains(one));
        let named = own.map(|one| {
            let name = one.name().map_or_else(|| "@xmlns".to_owned(), |prefix| format!("@xmlns:{prefix}"));
            (name, Value::String(one.uri().to_owned()))
        });
        named.collect()
    }
}

/// An XML document as a tree with one root.
pub(super) fn xml(body: &str, names: Names) -> Option<Value> {
    let document = roxmltree::Document::parse(body).ok()?;
    let root = document.root_element();
    let mut tree = Map::new();
    tree.insert(names.of(root), element(root, names, 0));
    Some(Value::Object(tree))
}

fn element(node: roxmltree::Node<'_, '_>, names: Names, depth: usize) -> Value {
    let mut members: Map<String, Value> = names.declared(node).into_iter().collect();
    for attribute in node.attributes() {
        members.insert(format!("@{}", attribute.name()), Value::String(attribute.value().to_owned()));
    }
    let children = node.children().filter(roxmltree::Node::is_element).filter(|_| depth < DEPTH_MAX);
    for child in children {
        let (name, value) = (names.of(child), element(child, names, depth + 1));
        match members.get_mut(&name) {
            None => {
                members.insert(name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    let text = node.text().unwrap_or_default().trim().to_owned();
    if members.is_empty() {
        return Value::String(text);
    }
    let only = node.tag_name().name().strip_suffix('s').and_then(|one| members.get_mut(one));
    if let Some(one) = only.filter(|one| !one.is_array()) {
        // `<bids><bid>…</bid></bids>` is a list, even of one.
        *one = Value::Array(vec![one.take()]);
    }
    if !text.is_empty() {
        members.insert("#text".to_owned(), Value::String(text));
    }
    Value::Object(members)
}

/// `a=1&b=2`, also with each pair on a line of its own, as instructions like to print it.
pub(super) fn form(body: &str) -> Option<Value> {
    let mut members = Map::new();
    for pair in body.split(['&', '\n']).map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let name = decoded(name.trim());
        if name.is_empty() || name.contains(char::is_whitespace) || name.contains('<') {
            return None;
        }
        members.entry(name).or_insert_with(|| Value::String(decoded(value)));
    }
    (!members.is_empty()).then_some(Value::Object(members))
}

/// Percent-encoding and plus signs undone; what is not encoded stays.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match (byte, hex) {
            (b'%', Some(code)) => {
                out.push(code);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Every single value with the names that lead to it, in order. Items of a list share the place `[*]`.
pub(super) fn leaves(tree: &Value) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

fn walk(tree: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    match tree {
        Value::Null => {}
        Value::Object(members) => {
            for (name, value) in members {
                path.push(name.clone());
                walk(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            path.push("[*]".to_owned());
            for item in items {
                walk(item, path, found);
            }
            path.pop();
        }
        Value::String(text) => found.push((path.clone(), text.clone())),
        other => found.push((path.clone(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_recognised_by_how_it_looks() {
        for (body, shape) in [
            (" {\"zip\": \"60601\"}", Shape::Json),
            ("\u{feff}<?xml version=\"1.0\"?><r><a>1</a></r>", Shape::Xml),
            ("zip=60601&state=IL", Shape::Form),
            ("zip=60601\nstate=IL\n", Shape::Form),
            ("{\"a\": 1, // one\n \"b\": [1, ...], }", Shape::Json),
            ("ACCEPTED|12.50", Shape::Text),
            ("{\"cut\": ", Shape::Text),
            ("", Shape::Text),
        ] {
            assert_eq!(parse(body).0, shape, "{body}");
        }
    }

    #[test]
    fn elements_that_repeat_are_a_list_and_attributes_are_marked() {
        let (_, tree) = parse("<r id=\"7\"><bid>1</bid><bid>2</bid></r>");
        assert_eq!(tree.to_string(), r#"{"r":{"@id":"7","bid":["1","2"]}}"#);
    }

    #[test]
    fn requests_keep_their_prefixes_and_what_declares_them() {
        let tree = xml("<n:r xmlns:n=\"urn:a\"><n:b>1</n:b><c/></n:r>", Names::Prefixed).unwrap();
        assert_eq!(tree.to_string(), r#"{"n:r":{"@xmlns:n":"urn:a","n:b":"1","c":""}}"#);
    }
}
