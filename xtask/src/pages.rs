//! Rules about the documentation as a whole: nothing lost, nothing claimed that no test shows.

use crate::code;
use crate::files::File;
use crate::links;
use std::collections::BTreeSet;

const INDEX: &str = "docs/README.md";
const CHANGES: &str = "CHANGELOG.md";
const CAPABILITIES: &str = "docs/reference/capabilities.md";

/// Every rule of this file.
pub(crate) fn complaints(files: &[File]) -> Vec<String> {
    let mut complaints = lost(files);
    complaints.extend(no_unreleased(files));
    complaints.extend(unproven(files));
    complaints
}

/// Files of `docs/` that no chain of links from the index leads to.
fn lost(files: &[File]) -> Vec<String> {
    let mut reached = BTreeSet::from([INDEX.to_owned()]);
    let mut open = vec![INDEX.to_owned()];
    while let Some(path) = open.pop() {
        let Some(page) = files.iter().find(|file| file.path == path && file.is("md")) else {
            continue;
        };
        let paths = links::of(page).into_iter().filter_map(|link| link.path);
        open.extend(paths.filter(|path| reached.insert(path.clone())));
    }
    let lost = files
        .iter()
        .filter(|file| file.path.starts_with("docs/") && !reached.contains(&file.path));
    lost.map(|file| format!("{}: no link leads here from {INDEX}", file.path)).collect()
}

fn no_unreleased(files: &[File]) -> Option<String> {
    let told = files
        .iter()
        .any(|file| file.path == CHANGES && file.text.lines().any(|line| line.starts_with("## [Unreleased]")));
    (!told).then(|| format!("{CHANGES}: there is no `## [Unreleased]` section to tell users of this change"))
}

/// Rows of the table of capabilities that claim more than they show, or name a test that does not exist.
fn unproven(files: &[File]) -> Vec<String> {
    let Some(page) = files.iter().find(|file| file.path == CAPABILITIES) else {
        return Vec::new();
    };
    let tests: BTreeSet<String> = files.iter().filter(|file| file.is("rs")).flat_map(functions).collect();
    let mut complaints = Vec::new();
    for (at, line) in page.text.lines().enumerate() {
        let [number, _, state, proof] = &cells(line)[..] else { continue };
        if !number.chars().next_back().is_some_and(|c| c.is_ascii_digit()) {
            continue;
        }
        if let Some(wrong) = wrong(state, proof, &tests) {
            complaints.push(format!("{CAPABILITIES}:{}: {number} {wrong}", at + 1));
        }
    }
    complaints
}

fn wrong(state: &str, proof: &str, tests: &BTreeSet<String>) -> Option<String> {
    let shown: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
    match state {
        "works" | "partly" if shown.is_empty() => return Some(format!("is said to be `{state}`, but nothing shows it")),
        "not yet" | "works" | "partly" => {}
        _ => return Some(format!("is neither `works` nor `partly` nor `not yet`, but `{state}`")),
    }
    // A command has a blank in it; what has none is a test, with or without the path of its module.
    let names = shown.into_iter().filter(|shown| !shown.contains(' '));
    let gone = names
        .filter_map(|name| name.rsplit("::").next())
        .find(|name| !tests.contains(*name))?;
    Some(format!("points to `{gone}`, and there is no such function"))
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|'));
    inner.map(|inner| inner.split('|').map(str::trim).collect()).unwrap_or_default()
}

fn functions(file: &File) -> Vec<String> {
    let paths = code::paths(&code::bare(&file.text));
    let pairs = paths.windows(2).filter(|pair| pair[0].path == "fn");
    pairs.map(|pair| pair[1].path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Vec<File> {
        files
            .iter()
            .map(|(path, text)| File {
                path: (*path).into(),
                text: (*text).into(),
            })
            .collect()
    }

    #[test]
    fn a_page_is_lost_without_a_chain_of_links_from_the_index() {
        let found = lost(&files(&[
            (INDEX, "[a](guides/a.md)"),
            ("docs/guides/a.md", "[b](b.md)"),
            ("docs/guides/b.md", ""),
            ("docs/c.md", "[c](c.md) [d](d.md)"),
            ("docs/d.md", "[c](c.md)"),
        ]));
        assert_eq!(
            found,
            ["docs/c.md", "docs/d.md"].map(|path| format!("{path}: no link leads here from {INDEX}"))
        );
    }

    #[test]
    fn the_next_release_has_a_place_for_its_news() {
        assert!(no_unreleased(&files(&[(CHANGES, "# Changelog\n\n## [Unreleased]\n")])).is_none());
        assert!(no_unreleased(&files(&[(CHANGES, "# Changelog\n")])).is_some());
    }

    #[test]
    fn a_claim_needs_a_test_that_exists() {
        let check = |row: &str, expected: Option<&str>| {
            let found = unproven(&files(&[(CAPABILITIES, row), ("a.rs", "fn it_works() {}")]));
            assert_eq!(found.is_empty(), expected.is_none(), "{found:?}");
            assert!(found.iter().zip(expected).all(|(found, part)| found.contains(part)), "{found:?}");
        };
        check("| A1 | Two calls | not yet | |", None);
        check("| A1 | Two calls | works | `core::it_works` |", None);
        check("| A1 | Two calls | partly | `outcry demo --leads 1` |", None);
        check("| A1 | Two calls | works | |", Some("nothing shows it"));
        check("| A1 | Two calls | works | `gone` |", Some("no such function"));
        check("| A1 | Two calls | done | `it_works` |", Some("neither"));
        check("| # | Capability | State | Shown by |", None);
    }
}
