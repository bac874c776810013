//! Every package that the workspace may build, on any platform: read from cargo, never from the lock file by hand.

use crate::run;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One version of one package.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The SPDX expression, if it declares one.
    pub(crate) licence: Option<String>,
    /// Where it comes from; nothing for a crate of this workspace.
    pub(crate) source: Option<String>,
    pub(crate) manifest: PathBuf,
    /// What cargo calls it.
    pub(crate) id: String,
    /// Names of the packages that depend on it directly.
    pub(crate) parents: Vec<String>,
    /// Ids of the packages it depends on directly.
    pub(crate) needs: Vec<String>,
    /// Names of the packages it depends on directly, if it is a crate of this workspace.
    pub(crate) direct: Vec<String>,
}

/// Asks cargo. `cargo metadata` knows licences but also lists packages behind features that are switched off
/// (`ring`, through a weak feature of a TLS crate), so `cargo tree` decides which of them are built.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>> {
    built_by(root, &["--workspace", "--edges", "normal,build,dev"])
}

/// What a program is made of and built with, on any platform; not what only its tests use.
pub(crate) fn shipped(root: &Path, program: &str) -> Result<Vec<Package>> {
    built_by(root, &["--package", program, "--edges", "normal,build"])
}

fn built_by(root: &Path, of: &[&str]) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(&run::quietly(run::cargo(root, &["metadata", "--locked", "--format-version", "1"]))?)?;
    let words = [&["tree", "--locked", "--target", "all", "--prefix", "none", "--format", "{p}"], of].concat();
    let built = built(&run::quietly(run::cargo(root, &words))?);
    let mut packages = list(&metadata, "packages")?.iter().map(package).collect::<Result<Vec<_>>>()?;
    packages.retain(|package| built.contains(&(package.name.clone(), package.version.clone())));
    let known = packages.iter().map(|package| (package.id.clone(), package.name.clone())).collect();
    let mut parents = parents(&metadata, &known);
    let mut needs = needs(&metadata);
    for package in &mut packages {
        package.parents = parents.remove(&package.id).unwrap_or_default();
        package.needs = needs.remove(&package.id).unwrap_or_default();
    }
    Ok(packages)
}

/// Who depends on whom, as cargo resolved it: names of parents by the id of the child, built packages only.
fn parents(metadata: &Value, known: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let mut parents: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let Some(parent) = node["id"].as_str().and_then(|id| known.get(id)) else {
            continue;
        };
        let children = node["deps"].as_array().into_iter().flatten().filter_map(|dep| dep["pkg"].as_str());
        children.for_each(|child| parents.entry(child.to_owned()).or_default().push(parent.clone()));
    }
    parents
}

/// What each package needs, by its id. Also what it needs only on another platform, or in its tests.
fn needs(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    let of = |node: &Value| {
        let deps = node["deps"].as_array().into_iter().flatten();
        let for_tests = |dep: &Value| {
            dep["dep_kinds"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().all(|kind| kind["kind"] == "dev"))
        };
        let needed = deps
            .filter(|dep| !for_tests(dep))
            .filter_map(|dep| dep["pkg"].as_str().map(str::to_owned));
        Some((node["id"].as_str()?.to_owned(), needed.collect()))
    };
    nodes.filter_map(of).collect()
}

fn built(tree: &str) -> BTreeSet<(String, String)> {
    let name_and_version = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    };
    tree.lines().filter_map(name_and_version).collect()
}

fn package(value: &Value) -> Result<Package> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let direct = list(value, "dependencies")?
        .iter()
        .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned));
    Ok(Package {
        name: text("name").context("a package has no name")?,
        version: text("version").context("a package has no version")?,
        licence: text("license"),
        source: text("source"),
        id: text("id").context("a package has no id")?,
        manifest: text("manifest_path").context("a package has no manifest")?.into(),
        parents: Vec::new(),
        needs: Vec::new(),
        direct: if value["source"].is_null() { direct.collect() } else { Vec::new() },
    })
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value[key].as_array().with_context(|| format!("cargo metadata has no `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_read_line_by_line() {
        let tree = "outcry v0.1.0 (/somewhere)\nbytes v1.12.2\nbytes v1.12.2 (*)\nserde_derive v1.0.2 (proc-macro)\n";
        let names: Vec<_> = built(tree).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(names, ["bytes 1.12.2", "outcry 0.1.0", "serde_derive 1.0.2"]);
    }
}
