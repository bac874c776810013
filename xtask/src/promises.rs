//! What each crate promises never to know, kept by its manifest and its sources.
//!
//! A manifest says what a crate can reach, so a library that is not in the table is refused. The standard
//! library is always within reach, so the sources are read for the names that would break the promise.

use crate::code;
use crate::files::{self, File};
use crate::floats;
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// One crate's promise.
struct Promise {
    crate_name: &'static str,
    never_knows: &'static str,
    /// All it may depend on; `None` for the program, which may know everything.
    may_use: Option<&'static [&'static str]>,
    /// Crates of this workspace that only its tests may use. Libraries from outside are free in tests.
    tests_may_use: &'static [&'static str],
    /// Paths that its sources outside of tests may not name.
    must_not_name: &'static [&'static str],
}

/// No clock, no network, no files, no surroundings: what the crates that only compute leave alone.
const PURE: &[&str] = &[
    PROOF,
    "std::net",
    "std::fs",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::env",
    "std::process",
    "std::thread",
    "tokio",
];

/// Makes a proof of consent without asking the gate: for the journal of a store, and for nobody else.
const PROOF: &str = "Covered::from_journal";

/// Names in a forbidden module that are plain values: an address is not a connection.
const VALUES: &[&str] = &[
    "std::net::AddrParseError",
    "std::net::IpAddr",
    "std::net::Ipv4Addr",
    "std::net::Ipv6Addr",
    "std::net::SocketAddr",
];

/// From the bottom to the top, as in ARCHITECTURE.md. Change both together.
const PROMISES: &[Promise] = &[
    Promise {
        crate_name: "outcry-core",
        never_knows: "time passing, chance, formats, async, IO",
        // The digests are pure functions that lead fields and duplicate keys are made with.
        may_use: Some(&["base64", "hex", "hmac", "jiff", "md-5", "regex", "sha1", "sha2", "thiserror"]),
        tests_may_use: &[],
        must_not_name: PURE,
    },
    Promise {
        crate_name: "outcry-integration",
        never_knows: "sockets, async, other buyers",
        may_use: Some(&[
            "base64",
            "hex",
            "hmac",
            "jiff",
            "md-5",
            "outcry-core",
            "regex",
            "roxmltree",
            "serde",
            "serde_json",
            "sha1",
            "sha2",
            "thiserror",
            "toml",
        ]),
        tests_may_use: &[],
        must_not_name: PURE,
    },
    Promise {
        crate_name: "outcry-spec",
        never_knows: "the file system, the running server",
        may_use: Some(&[
            "hex",
            "jiff",
            "outcry-core",
            "outcry-integration",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "toml",
        ]),
        tests_may_use: &[],
        must_not_name: PURE,
    },
    Promise {
        crate_name: "outcry-market",
        never_knows: "sockets, the real clock, the engine",
        may_use: Some(&["outcry-core", "serde_json"]),
        tests_may_use: &["outcry-integration", "outcry-spec"],
        must_not_name: PURE,
    },
    Promise {
        crate_name: "outcry-engine",
        never_knows: "HTTP libraries, SQL",
        may_use: Some(&[
            "base64",
            "futures-util",
            "hex",
            "hmac",
            "outcry-core",
            "outcry-integration",
            "sha2",
            "subtle",
            "thiserror",
            "tokio",
            "tracing",
        ]),
        tests_may_use: &["outcry-market", "outcry-spec", "outcry-store"],
        // tokio's features are shared by the whole workspace, so only the sources can tell that `net` is not used here.
        must_not_name: &[
            PROOF,
            "std::net",
            "std::fs",
            "std::time::SystemTime",
            "tokio::net",
            "tokio::fs",
            "tokio::process",
        ],
    },
    Promise {
        crate_name: "outcry-store",
        never_knows: "HTTP, integrations, auction rules",
        may_use: Some(&[
            "aes-gcm",
            "futures-util",
            "hex",
            "hmac",
            "jiff",
            "memmap2",
            "outcry-core",
            "outcry-engine",
            "rand",
            "rusqlite",
            "serde",
            "serde_json",
            "sha2",
            "siphasher",
            "thiserror",
            "tokio",
            "tracing",
            "zeroize",
        ]),
        tests_may_use: &[],
        must_not_name: &["std::net", "tokio::net", "outcry_core::rank", "outcry_core::screen"],
    },
    Promise {
        crate_name: "outcry",
        never_knows: "nothing; and nobody knows it",
        may_use: None,
        tests_may_use: &[],
        must_not_name: &[PROOF],
    },
];

/// Reads every crate's manifest and sources and tells each promise that is broken.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    let files = files::all(root)?;
    let mut complaints = strangers(&files);
    complaints.extend(floats::complaints(&files));
    for promise in PROMISES {
        let folder = format!("crates/{}/", promise.crate_name);
        let manifest = files
            .iter()
            .find(|file| file.path == format!("{folder}Cargo.toml"))
            .with_context(|| format!("{folder}Cargo.toml"))?;
        complaints.extend(in_manifest(promise, &manifest.text)?);
        let sources = files
            .iter()
            .filter(|file| file.path.starts_with(&folder) && file.is_source() && !file.is_test());
        complaints.extend(sources.flat_map(|file| in_source(promise, file)));
    }
    Ok(complaints)
}

/// A crate that is not in the table has promised nothing yet.
fn strangers(files: &[File]) -> Vec<String> {
    let names = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"));
    let unknown = names.filter(|name| PROMISES.iter().all(|promise| promise.crate_name != *name));
    unknown
        .map(|name| format!("crates/{name}: what does it never know? Add it to xtask/src/promises.rs"))
        .collect()
}

fn in_manifest(promise: &Promise, text: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = text.parse().with_context(|| promise.crate_name)?;
    let named = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str);
    ensure!(
        named == Some(promise.crate_name),
        "crates/{}/Cargo.toml is the manifest of {named:?}",
        promise.crate_name
    );
    let mut broken = Vec::new();
    for (kind, dependency) in dependencies(&manifest) {
        let allowed = match (kind, promise.may_use) {
            _ if dependency == "outcry" => false,
            ("dev-dependencies", Some(may_use)) => {
                !is_ours(&dependency) || may_use.contains(&&*dependency) || promise.tests_may_use.contains(&&*dependency)
            }
            (_, Some(may_use)) => may_use.contains(&&*dependency),
            (_, None) => true,
        };
        if !allowed {
            broken.push(format!(
                "crates/{name}/Cargo.toml: `{dependency}` in [{kind}], but {name} never knows: {promise}",
                name = promise.crate_name,
                promise = promise.never_knows
            ));
        }
    }
    Ok(broken)
}

fn is_ours(dependency: &str) -> bool {
    dependency == "xtask" || PROMISES.iter().any(|promise| promise.crate_name == dependency)
}

/// Every dependency with its kind, those of single platforms included, by the name of the package and not of its alias.
fn dependencies(manifest: &toml::Table) -> Vec<(&'static str, String)> {
    const KINDS: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];
    let platforms = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(toml::Table::values);
    let tables = std::iter::once(manifest).chain(platforms.filter_map(toml::Value::as_table));
    let of_kind = |table: &toml::Table, kind| table.get(kind).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let all = tables.flat_map(|table| KINDS.map(|kind| (kind, of_kind(table, kind))));
    all.flat_map(|(kind, entries)| entries.into_iter().map(move |(alias, value)| (kind, package(alias, &value))))
        .collect()
}

fn package(alias: String, value: &toml::Value) -> String {
    value.get("package").and_then(toml::Value::as_str).map_or(alias, str::to_owned)
}

fn in_source(promise: &Promise, file: &File) -> Vec<String> {
    let code = code::without_tests(&code::bare(&file.text));
    let named = code::paths(&code);
    let broken = named.iter().filter_map(|named| {
        let name = promise.must_not_name.iter().find(|name| reaches(&named.path, name))?;
        Some(format!(
            "{}:{}: names `{}` (not allowed: {name}), but {} never knows: {}",
            file.path, named.line, named.path, promise.crate_name, promise.never_knows
        ))
    });
    broken.collect()
}

/// Whether a path in the code is the forbidden name, lies inside of it, or imports a module that holds it.
fn reaches(path: &str, forbidden: &str) -> bool {
    let inside = path
        .strip_prefix(forbidden)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    let module = path.strip_suffix("::*").unwrap_or(path);
    let holds = module.contains("::") || path.ends_with("::*");
    let value = VALUES.iter().any(|value| {
        path.strip_prefix(value)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    });
    !value && inside || (holds && forbidden.strip_prefix(module).is_some_and(|rest| rest.starts_with("::")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(name: &str) -> &'static Promise {
        PROMISES.iter().find(|promise| promise.crate_name == name).unwrap()
    }

    fn manifest(name: &str, rest: &str) -> Vec<String> {
        in_manifest(promise(name), &format!("[package]\nname = \"{name}\"\n{rest}")).unwrap()
    }

    fn source(name: &str, text: &str) -> usize {
        in_source(
            promise(name),
            &File {
                path: format!("crates/{name}/src/x.rs"),
                text: text.into(),
            },
        )
        .len()
    }

    #[test]
    fn the_crates_of_this_repository_keep_their_promises() {
        let broken = complaints(&crate::run::root().unwrap()).unwrap();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }

    #[test]
    fn a_manifest_that_breaks_a_promise_is_named_with_the_promise() {
        let broken = manifest("outcry-core", "[dependencies]\ntokio.workspace = true\nregex = \"1\"");
        assert_eq!(
            broken,
            [
                "crates/outcry-core/Cargo.toml: `tokio` in [dependencies], but outcry-core never knows: time passing, chance, formats, async, IO"
            ]
        );
    }

    #[test]
    fn no_way_around_the_manifest() {
        assert_eq!(
            manifest("outcry-engine", "[dependencies]\nclient = { package = \"hyper\", version = \"1\" }").len(),
            1
        );
        assert_eq!(
            manifest("outcry-core", "[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"").len(),
            1
        );
        assert_eq!(manifest("outcry-market", "[build-dependencies]\ncc = \"1\"").len(), 1);
        assert_eq!(
            manifest("outcry-store", "[dev-dependencies]\noutcry-integration.workspace = true").len(),
            1
        );
    }

    #[test]
    fn nobody_knows_the_program() {
        assert_eq!(manifest("outcry-engine", "[dev-dependencies]\noutcry.workspace = true").len(), 1);
        assert_eq!(manifest("outcry", "[dependencies]\naxum.workspace = true").len(), 0);
    }

    #[test]
    fn a_library_for_tests_is_free() {
        assert_eq!(manifest("outcry-core", "[dev-dependencies]\nproptest = \"1\"").len(), 0);
        assert_eq!(
            manifest("outcry-engine", "[dev-dependencies]\noutcry-market.workspace = true").len(),
            0
        );
    }

    #[test]
    fn sources_are_read_for_what_the_standard_library_offers() {
        assert_eq!(source("outcry-core", "use std::time::Instant;"), 1);
        assert_eq!(source("outcry-core", "use std::{fmt, time};"), 1);
        assert_eq!(source("outcry-core", "use std::time::Duration;"), 0);
        assert_eq!(source("outcry-spec", "let text = std::fs::read_to_string(path)?;"), 1);
        assert_eq!(source("outcry-spec", "const TEXT: &str = include_str!(\"codes.md\");"), 0);
        assert_eq!(source("outcry-core", "use std::net::{IpAddr, TcpStream};"), 1);
        assert_eq!(source("outcry-core", "std::net::Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 1)"), 0);
        assert_eq!(source("outcry-engine", "use tokio::{net::TcpStream, time::sleep};"), 1);
        assert_eq!(source("outcry-engine", "use tokio::time::Instant;"), 0);
    }

    #[test]
    fn comments_strings_and_tests_may_say_what_they_like() {
        assert_eq!(source("outcry-core", "// std::fs\nlet a = \"std::net\";"), 0);
        assert_eq!(source("outcry-core", "#[cfg(test)]\nmod tests { use std::fs; }"), 0);
    }
}
