//! `cargo xtask sbom`: what a built `outcry` is made of, as CycloneDX 1.5 in JSON, from the lock file and the licences that
//! the packages declare. The same tree gives the same bytes: no moment and no random number stands in it.

use crate::graph::{self, Package};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The program that the list is of.
const PROGRAM: &str = "outcry";

/// Prints the list.
pub(crate) fn print(root: &Path) -> Result<bool> {
    println!("{}", serde_json::to_string_pretty(&of(root)?)?);
    Ok(true)
}

/// The step of the whole check: is the list whole?
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    let bom = of(root)?;
    let lock: toml::Table = std::fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock")?.parse()?;
    let complaints = judge(&bom, &locked(&lock));
    println!("{} components.", bom["components"].as_array().map_or(0, Vec::len));
    Ok(complaints)
}

fn of(root: &Path) -> Result<Value> {
    let lock: toml::Table = std::fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock")?.parse()?;
    let packages = graph::shipped(root, PROGRAM)?;
    bom(&packages, &locked(&lock))
}

/// The checksum of each package from a registry, by name and version.
fn locked(lock: &toml::Table) -> BTreeMap<(String, String), String> {
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let text = |package: &toml::Value, key: &str| package.get(key)?.as_str().map(str::to_owned);
    packages
        .filter_map(|package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?)))
        .collect()
}

fn bom(packages: &[Package], checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let program = packages
        .iter()
        .find(|package| package.name == PROGRAM)
        .context("the program is not in its own list")?;
    let refs: BTreeMap<&str, String> = packages.iter().map(|package| (package.id.as_str(), purl(package))).collect();
    let mut components: Vec<Value> = packages
        .iter()
        .filter(|package| package.id != program.id)
        .map(|package| component(package, checksums))
        .collect();
    components.sort_by_key(|component| component["bom-ref"].to_string());
    let mut dependencies: Vec<Value> = packages
        .iter()
        .map(|package| {
            let needs: BTreeSet<&String> = package.needs.iter().filter_map(|id| refs.get(id.as_str())).collect();
            json!({ "ref": purl(package), "dependsOn": needs })
        })
        .collect();
    dependencies.sort_by_key(|dependency| dependency["ref"].to_string());
    let mut main = component(program, checksums);
    main["type"] = "application".into();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": main },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

fn component(package: &Package, checksums: &BTreeMap<(String, String), String>) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version,
        "purl": purl(package),
    });
    if let Some(licence) = &package.licence {
        // An old way of writing OR, which no reader of SPDX knows.
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    if let Some(checksum) = checksums.get(&(package.name.clone(), package.version.clone())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// What is missing in a list.
fn judge(bom: &Value, checksums: &BTreeMap<(String, String), String>) -> Vec<String> {
    let mut complaints = Vec::new();
    let components: Vec<&Value> = bom["components"].as_array().into_iter().flatten().collect();
    if components.is_empty() {
        complaints.push("the list of components is empty".to_owned());
    }
    let mut refs: BTreeSet<&str> = BTreeSet::from([bom["metadata"]["component"]["bom-ref"].as_str().unwrap_or_default()]);
    for component in &components {
        let (name, version) = (
            component["name"].as_str().unwrap_or_default(),
            component["version"].as_str().unwrap_or_default(),
        );
        if !refs.insert(component["bom-ref"].as_str().unwrap_or_default()) {
            complaints.push(format!("{name} {version} is listed twice"));
        }
        if component["licenses"][0]["expression"].as_str().is_none_or(str::is_empty) {
            complaints.push(format!("{name} {version} has no licence"));
        }
        let known = checksums.get(&(name.to_owned(), version.to_owned()));
        let ours = name.starts_with("outcry");
        if component["hashes"][0]["content"].as_str() != known.map(String::as_str) || (known.is_none() && !ours) {
            complaints.push(format!("{name} {version} has not the checksum of the lock file"));
        }
    }
    for dependency in bom["dependencies"].as_array().into_iter().flatten() {
        let named = dependency["dependsOn"].as_array().into_iter().flatten().chain([&dependency["ref"]]);
        complaints.extend(
            named
                .filter_map(Value::as_str)
                .filter(|named| !refs.contains(named))
                .map(|named| format!("{named} is depended on and not listed")),
        );
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, needs: &[&str], source: bool) -> Package {
        Package {
            name: name.into(),
            version: "1.0.0".into(),
            licence: Some("MIT/Apache-2.0".into()),
            source: source.then(|| "registry+https://github.com/rust-lang/crates.io-index".into()),
            manifest: "Cargo.toml".into(),
            id: name.into(),
            parents: Vec::new(),
            needs: needs.iter().map(ToString::to_string).collect(),
            direct: Vec::new(),
        }
    }

    fn checksums() -> BTreeMap<(String, String), String> {
        BTreeMap::from([(("bytes".to_owned(), "1.0.0".to_owned()), "ab".repeat(32))])
    }

    #[test]
    fn a_list_names_every_part_with_licence_checksum_and_what_it_needs() {
        let packages = [package("outcry", &["bytes"], false), package("bytes", &[], true)];
        let list = bom(&packages, &checksums()).unwrap();
        assert_eq!(list["metadata"]["component"]["purl"], "pkg:cargo/outcry@1.0.0");
        assert_eq!(list["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(list["components"][0]["hashes"][0]["content"], "ab".repeat(32));
        assert_eq!(list["dependencies"][1]["dependsOn"], json!(["pkg:cargo/bytes@1.0.0"]));
        assert!(judge(&list, &checksums()).is_empty());
    }

    #[test]
    fn what_is_missing_in_a_list_is_told() {
        let packages = [package("outcry", &["bytes"], false), package("bytes", &[], true)];
        let of = |change: fn(&mut Value)| {
            let mut list = bom(&packages, &checksums()).unwrap();
            change(&mut list);
            judge(&list, &checksums())
        };
        assert_eq!(
            of(|list| list["components"][0]["licenses"] = Value::Null),
            ["bytes 1.0.0 has no licence"]
        );
        assert_eq!(
            of(|list| list["components"][0]["hashes"] = Value::Null),
            ["bytes 1.0.0 has not the checksum of the lock file"]
        );
        assert_eq!(
            of(|list| list["components"] = json!([])),
            [
                "the list of components is empty",
                "pkg:cargo/bytes@1.0.0 is depended on and not listed",
                "pkg:cargo/bytes@1.0.0 is depended on and not listed"
            ]
        );
    }
}
