//! `cargo xtask advisories`: published advisories against what is built, where a copy of the RustSec database is at hand.
//!
//! Looking it up needs a network and changes by the hour, so the whole check does not fetch it: it reads the copy that
//! `cargo audit` or `cargo deny` keep, or the folder that `RUSTSEC_DB` names, and says plainly when there is none. What such
//! look-ups have taught stands as floors in `deny.toml` and holds without any database.

use crate::graph::{self, Package};
use crate::policy::{self, Version};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// One advisory, as far as it matters here.
struct Advisory {
    id: String,
    package: String,
    /// Ranges of versions that are not affected: patched ones and those from before.
    safe: Vec<String>,
    withdrawn: bool,
    /// "unmaintained" and the like: told, and no reason to fail.
    informational: bool,
}

/// Looks up everything that is built.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    let packages = graph::packages(root)?;
    let Some(database) = database() else {
        println!(
            "NOT CHECKED: no copy of the RustSec database on this machine, so {} packages were not looked up. `cargo audit` or `cargo deny fetch` make one; RUSTSEC_DB can name another.",
            packages.len()
        );
        return Ok(Vec::new());
    };
    let mut complaints = Vec::new();
    let mut read = 0;
    for file in markdown_below(&database.join("crates"))? {
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let advisory = advisory(&text).with_context(|| file.display().to_string())?;
        read += 1;
        complaints.extend(packages.iter().filter_map(|package| hit(&advisory, package)));
    }
    println!("{read} advisories against {} packages.", packages.len());
    Ok(complaints)
}

/// The copy of the database: named, or where the two tools keep theirs.
fn database() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("RUSTSEC_DB") {
        return Some(named.into());
    }
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")),
        |home| Some(home.into()),
    )?;
    let audit = home.join("advisory-db");
    let deny = std::fs::read_dir(home.join("advisory-dbs"))
        .ok()
        .and_then(|mut all| all.next()?.ok())
        .map(|entry| entry.path());
    [Some(audit), deny].into_iter().flatten().find(|path| path.join("crates").is_dir())
}

fn markdown_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(markdown_below(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "md") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The TOML between the fences at the front of an advisory.
fn advisory(text: &str) -> Result<Advisory> {
    let front = text
        .split("```toml")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .context("no TOML at its front")?;
    let front: toml::Table = front.parse()?;
    let head = front.get("advisory").context("no [advisory]")?;
    let word = |key: &str| head.get(key).and_then(toml::Value::as_str);
    let ranges = |key: &str| {
        let list = front
            .get("versions")
            .and_then(|versions| versions.get(key))
            .and_then(toml::Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|range| range.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    Ok(Advisory {
        id: word("id").context("no id")?.to_owned(),
        package: word("package").context("no package")?.to_owned(),
        safe: [ranges("patched"), ranges("unaffected")].concat(),
        withdrawn: head.get("withdrawn").is_some(),
        informational: head.get("informational").is_some(),
    })
}

fn hit(advisory: &Advisory, package: &Package) -> Option<String> {
    let skipped = advisory.withdrawn || advisory.informational || package.source.is_none() || advisory.package != package.name;
    let version = policy::version(&package.version).ok()?;
    let safe = || advisory.safe.iter().any(|range| within(range, version).unwrap_or(false));
    (!skipped && !safe()).then(|| {
        let patched = if advisory.safe.is_empty() {
            "nothing".to_owned()
        } else {
            advisory.safe.join(", ")
        };
        format!("{} {}: {}; safe is {patched}", package.name, package.version, advisory.id)
    })
}

/// Does a range such as `>= 1.2.3, < 2` or `^0.7.1` hold this version?
fn within(range: &str, version: Version) -> Result<bool> {
    for part in range.split(',').map(str::trim) {
        let at = part.find(|c: char| c.is_ascii_digit()).context("a range without a version")?;
        let (sign, bound) = (part[..at].trim(), policy::version(part[at..].trim())?);
        let holds = match sign {
            ">" => version > bound,
            ">=" => version >= bound,
            "<" => version < bound,
            "<=" => version <= bound,
            "=" => version == bound,
            "^" | "" => bound <= version && version < next(bound),
            "~" => bound <= version && version < (bound.0, bound.1 + 1, 0),
            other => anyhow::bail!("`{other}` is no comparison"),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first version that is not compatible any more.
const fn next((major, minor, patch): Version) -> Version {
    match (major, minor) {
        (0, 0) => (0, 0, patch + 1),
        (0, _) => (0, minor + 1, 0),
        _ => (major + 1, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0007\"\npackage = \"bytes\"\n[versions]\npatched = [\"^1.10.9\", \">= 1.11.1\"]\nunaffected = [\"< 1.2.1\"]\n```\n# Overflow\n";

    fn hits(text: &str, version: &str) -> Option<String> {
        let package = Package {
            name: "bytes".into(),
            version: version.into(),
            licence: None,
            source: Some("registry".into()),
            manifest: "Cargo.toml".into(),
            id: "bytes".into(),
            parents: Vec::new(),
            needs: Vec::new(),
            direct: Vec::new(),
        };
        hit(&advisory(text).unwrap(), &package)
    }

    #[test]
    fn a_version_outside_the_safe_ranges_is_told() {
        let at_first = TEXT.replace("\"^1.10.9\", ", "");
        assert_eq!(
            hits(&at_first, "1.11.0").unwrap(),
            "bytes 1.11.0: RUSTSEC-2026-0007; safe is >= 1.11.1, < 1.2.1"
        );
        for safe in ["1.11.1", "2.0.0", "1.2.0", "0.5.6"] {
            assert_eq!(hits(&at_first, safe), None, "{safe}");
        }
        assert_eq!(hits(TEXT, "1.10.9"), None, "a patch of an older line");
        assert!(hits(TEXT, "1.10.8").is_some());
        assert_eq!(
            hits(&TEXT.replace("[versions]", "withdrawn = \"2026-02-01\"\n[versions]"), "1.10.8"),
            None
        );
    }

    #[test]
    fn ranges_are_read_as_cargo_reads_them() {
        for (range, version, holds) in [
            ("^0.7.1", (0, 7, 5), true),
            ("^0.7.1", (0, 8, 0), false),
            ("~1.2.3", (1, 2, 9), true),
            ("~1.2.3", (1, 3, 0), false),
            (">= 0.9.0, < 0.9.3", (0, 9, 2), true),
            (">= 0.9.0, < 0.9.3", (0, 9, 3), false),
            ("= 1.0.0", (1, 0, 0), true),
            ("> 1", (1, 0, 0), false),
        ] {
            assert_eq!(within(range, version).unwrap(), holds, "{range} {version:?}");
        }
        assert!(within("newest", (1, 0, 0)).is_err());
    }
}
