//! The schema against the compiler, and against every file that comes along.

use super::JSON;
use crate::Integration;
use crate::file::met;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const EVERYTHING: &str = include_str!("everything.toml");
const WHAT_TO_DO: &str = "change docs/reference/integration.schema.json, and src/schema/everything.toml for a new table";

fn schema() -> Value {
    serde_json::from_str(JSON).unwrap()
}

fn shipped() -> Vec<(PathBuf, String)> {
    fn below(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|end| end == "toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations"), &mut found);
    found
}

#[test]
fn every_shipped_file_is_valid_by_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut files = shipped();
    files.push(("everything.toml".into(), EVERYTHING.to_owned()));
    assert!(6 < files.len(), "the shipped integrations are missing");
    for (path, text) in files {
        let table: toml::Table = text.parse().unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&as_json(&toml::Value::Table(table)))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}: {}; {WHAT_TO_DO}", path.display(), wrong.join("\n"));
    }
}

#[test]
fn what_the_schema_refuses_the_compiler_refuses_too() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (from, to) in [
        ("label = \"Everything\"", "lable = \"Everything\""),
        ("outcome = \"bid\"", "outcome = \"sold\""),
        ("format = \"soap11\"", "format = \"soap\""),
        ("kind = \"url\", required", "kind = \"url\", needed"),
        ("every_seconds = 30", "every = 30"),
    ] {
        let text = EVERYTHING.replace(from, to);
        assert_ne!(text, EVERYTHING);
        let table: toml::Table = text.parse().unwrap();
        assert!(!validator.is_valid(&as_json(&toml::Value::Table(table))), "{to}");
        assert!(Integration::read(&text).is_err(), "{to}");
    }
}

/// Dates as text: JSON has none.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => items.iter().map(as_json).collect(),
        toml::Value::Table(table) => Value::Object(table.iter().map(|(key, value)| (key.clone(), as_json(value))).collect()),
        other => serde_json::to_value(other).unwrap(),
    }
}

#[test]
fn the_schema_knows_exactly_the_keys_and_words_that_the_compiler_knows() {
    for (_, text) in shipped() {
        Integration::read(&text).unwrap();
    }
    if let Err(problems) = Integration::read(EVERYTHING) {
        panic!("src/schema/everything.toml does not read: {problems:?}");
    }
    let (keys, words) = met::all();
    let (root, mut used) = (schema(), BTreeMap::<String, BTreeSet<String>>::new());
    let mut differs = Vec::new();
    for (place, known) in &keys {
        let here = Schemas::at(&root, place);
        let fits: Vec<_> = here.tables().filter(|(_, names)| known.is_subset(names)).collect();
        if fits.is_empty() {
            differs.push(format!("{place:?} may have {known:?}, and the schema does not know all of them"));
        }
        let fewest = fits.iter().map(|(_, names)| names.len()).min();
        for (at, _) in fits.iter().filter(|(_, names)| Some(names.len()) == fewest) {
            used.entry(at.clone()).or_default().extend(known.iter().cloned());
        }
    }
    for (at, known) in &used {
        let promised = names(root.pointer(at).unwrap());
        let beyond: Vec<_> = promised.difference(known).collect();
        if !beyond.is_empty() {
            differs.push(format!("the schema promises {beyond:?} at {at}, which the compiler does not know"));
        }
    }
    for (place, known) in &words {
        let offered = Schemas::at(&root, place).words();
        if offered != *known {
            differs.push(format!("{place} may be {known:?}, and the schema offers {offered:?}"));
        }
    }
    assert!(differs.is_empty(), "{}\n{WHAT_TO_DO}", differs.join("\n"));
    assert!(20 < used.len() && 20 < words.len());
}

/// The schemas that may apply to one place of a file, by their pointers.
struct Schemas<'s> {
    root: &'s Value,
    found: Vec<String>,
}

impl<'s> Schemas<'s> {
    /// `ping.answer.rules[0].when`
    fn at(root: &'s Value, place: &str) -> Self {
        let mut here = Self {
            root,
            found: vec![String::new()],
        };
        here.unfold();
        for step in place.split(['.', '[']).filter(|step| !step.is_empty()) {
            here = match step.strip_suffix(']') {
                Some(_) => here.inside(&["items".to_owned()]),
                None => here.inside(&[format!("properties/{step}"), "additionalProperties".to_owned()]),
            };
        }
        here
    }

    /// One step down, by the first of these that there is.
    fn inside(self, ways: &[String]) -> Self {
        let down = |at: &String| {
            let ways = ways.iter().map(|way| format!("{at}/{way}"));
            ways.into_iter().find(|way| self.root.pointer(way).is_some_and(Value::is_object))
        };
        let mut inside = Self {
            root: self.root,
            found: self.found.iter().filter_map(down).collect(),
        };
        inside.unfold();
        inside
    }

    /// Follows references and alternatives; of a list its items count too, for a place may not say which.
    fn unfold(&mut self) {
        let mut at = 0;
        while let Some(here) = self.found.get(at).cloned() {
            let node = self.root.pointer(&here).unwrap();
            let mut more: Vec<String> = node["$ref"]
                .as_str()
                .map(|to| to.trim_start_matches('#').to_owned())
                .into_iter()
                .collect();
            let alternatives = node["anyOf"].as_array().map_or(0, Vec::len);
            more.extend((0..alternatives).map(|one| format!("{here}/anyOf/{one}")));
            more.extend(node["items"].is_object().then(|| format!("{here}/items")));
            more.retain(|one| !self.found.contains(one));
            self.found.extend(more);
            at += 1;
        }
    }

    /// Those that are tables, with the names they know.
    fn tables(&self) -> impl Iterator<Item = (String, BTreeSet<String>)> {
        let tables = self.found.iter().map(|at| (at.clone(), names(self.root.pointer(at).unwrap())));
        tables.filter(|(_, names)| !names.is_empty())
    }

    fn words(&self) -> BTreeSet<String> {
        let lists = self.found.iter().filter_map(|at| self.root.pointer(at)?["enum"].as_array());
        lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

fn names(schema: &Value) -> BTreeSet<String> {
    schema["properties"]
        .as_object()
        .map(|names| names.keys().cloned().collect())
        .unwrap_or_default()
}
