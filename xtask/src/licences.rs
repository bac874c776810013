//! What we build from others' work: may we, should we, and is it new enough?
//!
//! The policy is in `deny.toml`. Advisories are looked up by `advisories.rs`, where there is a database; the floors in `deny.toml`
//! are what such look-ups have taught so far.

use crate::graph::{self, Package};
use crate::policy::{self, Policy, Version};
use crate::spdx;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// The oldest SQLite to compile in: earlier ones could lose a committed transaction when a WAL was reset.
const OLDEST_SQLITE: Version = (3, 51, 3);

/// The page on which every direct dependency has a line.
const PAGE: &str = "docs/internals/dependencies.md";

/// Checks each package that any platform would build.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    let policy = Policy::read(&std::fs::read_to_string(root.join("deny.toml")).context("deny.toml")?)?;
    let packages = graph::packages(root)?;
    let page = std::fs::read_to_string(root.join(PAGE)).context(PAGE)?;
    let mut complaints: Vec<String> = packages.iter().flat_map(|package| judge(package, &policy)).collect();
    complaints.extend(old_sqlite(&packages)?);
    complaints.extend(unexplained(&packages, &page));
    println!(
        "figure: {} packages on all platforms together, {} complaints.",
        packages.len(),
        complaints.len()
    );
    complaints.extend(twice(&packages, &policy.skipped));
    Ok(complaints)
}

fn judge(package: &Package, policy: &Policy) -> Vec<String> {
    let mut complaints = Vec::new();
    let Package { name, version, .. } = package;
    let mut complain = |what: String| complaints.push(format!("{name} {version}: {what}"));
    match &package.licence {
        None => complain("declares no licence".to_owned()),
        Some(expression) => match spdx::satisfied(expression, &policy.allowed) {
            Ok(true) => {}
            Ok(false) => complain(format!("its licence `{expression}` is not among those that deny.toml allows")),
            Err(fault) => complain(format!("its licence cannot be read: {fault}")),
        },
    }
    if package.source.as_ref().is_some_and(|source| !source.contains("crates.io")) {
        complain("does not come from crates.io".to_owned());
    }
    let Ok(number) = policy::version(version) else {
        complain("its version cannot be read".to_owned());
        return complaints;
    };
    for ban in policy.bans.iter().filter(|ban| ban.name == *name && ban.means(number)) {
        let uninvited: Vec<&str> = package
            .parents
            .iter()
            .filter(|parent| !ban.wrappers.contains(parent))
            .map(String::as_str)
            .collect();
        if !uninvited.is_empty() {
            complain(format!("banned: {} (brought in by {})", ban.reason, uninvited.join(", ")));
        }
    }
    complaints
}

/// Reads the version from the C source itself: the crate's own number says nothing about it.
fn old_sqlite(packages: &[Package]) -> Result<Option<String>> {
    let Some(package) = packages.iter().find(|package| package.name == "libsqlite3-sys") else {
        return Ok(None);
    };
    let header = package.manifest.with_file_name("sqlite3").join("sqlite3.h");
    let text = std::fs::read_to_string(&header).with_context(|| header.display().to_string())?;
    let found = sqlite_version(&text).context("the bundled SQLite does not say its version")?;
    println!("The bundled SQLite is {found}.");
    let old = policy::version(found)? < OLDEST_SQLITE;
    Ok(old.then(|| format!("the bundled SQLite is {found}; the oldest that is safe is {OLDEST_SQLITE:?}")))
}

fn sqlite_version(header: &str) -> Option<&str> {
    let mut defined = header
        .lines()
        .filter_map(|line| line.trim().strip_prefix("#define SQLITE_VERSION ")?.trim().strip_prefix('"'));
    defined.next()?.strip_suffix('"')
}

/// Direct dependencies without a line on the page that says why they are there.
fn unexplained(packages: &[Package], page: &str) -> Vec<String> {
    let ours: Vec<&str> = packages
        .iter()
        .filter(|package| package.source.is_none())
        .map(|package| package.name.as_str())
        .collect();
    let mut missing: Vec<&str> = packages.iter().flat_map(|package| &package.direct).map(String::as_str).collect();
    missing.sort_unstable();
    missing.dedup();
    missing.retain(|name| !ours.contains(name) && !page.contains(&format!("`{name}`")));
    missing
        .iter()
        .map(|name| format!("{name}: a direct dependency without a line in {PAGE}"))
        .collect()
}

/// Packages in more than one version, unless deny.toml names the older one with the reason why it is still there; and names
/// that it no longer needs.
fn twice(packages: &[Package], skipped: &[(String, Version)]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<Version>> = BTreeMap::new();
    for package in packages {
        if let Ok(version) = policy::version(&package.version) {
            versions.entry(&package.name).or_default().push(version);
        }
    }
    let told = |(major, minor, patch): Version| format!("{major}.{minor}.{patch}");
    let mut complaints = Vec::new();
    for (name, found) in &versions {
        let kept: Vec<&Version> = found
            .iter()
            .filter(|version| !skipped.contains(&((*name).to_owned(), **version)))
            .collect();
        if kept.len() > 1 {
            let all: Vec<String> = kept.iter().map(|version| told(**version)).collect();
            complaints.push(format!(
                "{name} is built in several versions ({}): move to one, or name the older with a reason under [bans] skip in deny.toml",
                all.join(", ")
            ));
        }
    }
    for (name, version) in skipped {
        let needed = versions
            .get(name.as_str())
            .is_some_and(|found| found.len() > 1 && found.contains(version));
        if !needed {
            complaints.push(format!(
                "deny.toml skips {name} {}, which is not built twice any more",
                told(*version)
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, version: &str, licence: &str, parents: &[&str]) -> Vec<String> {
        let policy = "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [
            { crate = \"openssl\", reason = \"we have rustls\" },
            { crate = \"old\", wrappers = [\"friend\"], reason = \"std has it\" },
            { crate = \"bytes:<1.11.1\", reason = \"overflow\" },
        ]";
        let package = Package {
            name: name.into(),
            version: version.into(),
            licence: Some(licence.into()),
            source: Some("registry+https://github.com/rust-lang/crates.io-index".into()),
            manifest: "Cargo.toml".into(),
            id: name.into(),
            parents: parents.iter().map(ToString::to_string).collect(),
            needs: Vec::new(),
            direct: Vec::new(),
        };
        judge(&package, &Policy::read(policy).unwrap())
    }

    #[test]
    fn a_licence_must_be_allowed() {
        assert!(judged("a", "1.0.0", "MIT OR GPL-3.0", &[]).is_empty());
        assert_eq!(
            judged("a", "1.0.0", "GPL-3.0", &[]),
            ["a 1.0.0: its licence `GPL-3.0` is not among those that deny.toml allows"]
        );
        assert_eq!(judged("a", "1.0.0", "MIT OR", &[]).len(), 1);
    }

    #[test]
    fn a_banned_crate_is_told_with_its_reason_and_who_brought_it() {
        assert_eq!(
            judged("openssl", "0.10.1", "MIT", &["x"]),
            ["openssl 0.10.1: banned: we have rustls (brought in by x)"]
        );
        assert!(judged("old", "1.0.0", "MIT", &["friend"]).is_empty());
        assert_eq!(
            judged("old", "1.0.0", "MIT", &["friend", "x"]),
            ["old 1.0.0: banned: std has it (brought in by x)"]
        );
    }

    #[test]
    fn versions_below_the_floor_are_refused() {
        assert_eq!(judged("bytes", "1.11.0", "MIT", &["x"]).len(), 1);
        assert!(judged("bytes", "1.11.1", "MIT", &["x"]).is_empty());
    }

    #[test]
    fn sqlite_says_its_version_in_its_header() {
        assert_eq!(
            sqlite_version("# undef SQLITE_VERSION\n#define SQLITE_VERSION        \"3.54.1\"\n"),
            Some("3.54.1")
        );
        assert_eq!(sqlite_version("#define SQLITE_VERSION_NUMBER 3054001"), None);
    }

    /// Section by section of the published advisories: just below the floor is refused, the floor is not.
    #[test]
    fn the_floors_of_the_advisories_hold() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let policy = Policy::read(&std::fs::read_to_string(root.join("deny.toml")).unwrap()).unwrap();
        let banned = |name: &str, version: &str| {
            let number = policy::version(version).unwrap();
            policy.bans.iter().any(|ban| ban.name == name && ban.means(number))
        };
        for (name, below, floor) in [
            ("quick-xml", "0.40.9", "0.41.0"),
            ("h2", "0.4.15", "0.4.16"),
            ("hickory-proto", "0.26.0", "0.26.1"),
            ("hickory-resolver", "0.26.0", "0.26.1"),
            ("tokio-postgres", "0.7.17", "0.7.18"),
            ("postgres-protocol", "0.6.11", "0.6.12"),
            ("rustls-webpki", "0.103.12", "0.103.13"),
            ("bytes", "1.11.0", "1.11.1"),
            ("crossbeam-epoch", "0.9.19", "0.9.20"),
            ("tracing-subscriber", "0.3.19", "0.3.20"),
            ("rand", "0.8.5", "0.8.6"),
            ("rand", "0.9.2", "0.9.3"),
            ("rand", "0.10.0", "0.10.1"),
        ] {
            assert!(banned(name, below), "{name} {below} has a published advisory");
            assert!(!banned(name, floor), "{name} {floor} is fixed");
        }
        // Banned altogether, whatever their version.
        assert!(banned("time", "0.3.46") && banned("sqlx", "0.8.0"));
        assert!(OLDEST_SQLITE >= (3, 51, 3));
    }

    #[test]
    fn what_is_built_twice_needs_a_reason_and_a_reason_needs_a_second_version() {
        let package = |name: &str, version: &str| Package {
            name: name.into(),
            version: version.into(),
            licence: None,
            source: None,
            manifest: "Cargo.toml".into(),
            id: version.into(),
            parents: Vec::new(),
            needs: Vec::new(),
            direct: Vec::new(),
        };
        let both = [package("rand", "0.9.5"), package("rand", "0.10.4"), package("syn", "2.0.1")];
        let skip = |name: &str, version| vec![(name.to_owned(), version)];
        assert_eq!(twice(&both, &[]).len(), 1);
        assert!(twice(&both, &[])[0].starts_with("rand is built in several versions (0.9.5, 0.10.4)"));
        assert!(twice(&both, &skip("rand", (0, 9, 5))).is_empty());
        assert_eq!(
            twice(&both[2..], &skip("syn", (2, 0, 1))),
            ["deny.toml skips syn 2.0.1, which is not built twice any more"]
        );
    }
}
