//! Small rules that keep the tree a pleasure to walk: each is a function from a file to what is wrong with it.
//!
//! What clippy can see is left to clippy. Rules about the documentation as a whole are in `pages.rs`.

use crate::code;
use crate::files::{self, File};
use crate::pages;
use anyhow::Result;
use std::path::Path;

/// A finding: the line, counted from one, and what is wrong there.
type Finding = (usize, String);

/// A Rust file longer than this holds a second noun. Test code is excepted: tables of cases may be long.
const LONGEST_FILE: usize = 500;

/// Sources that may put a whole thread to sleep, each with its reason. Tests never may: time is paused there.
const SLEEPERS: &[(&str, &str)] = &[(
    "crates/outcry-store/src/sqlite/reader.rs",
    "looks into the folder of another process, which has no way to tell it when its journal is home",
)];

/// Folders of the machines we happen to work on. In two pieces, or this file would break its own rule.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("/", "Users/"),
];

/// What is written by hand and therefore kept free of tabs and trailing blanks. Recorded samples are not.
const BY_HAND: [&str; 13] = [
    "rs", "toml", "md", "json", "yaml", "yml", "sh", "sql", "html", "css", "js", "ts", "tsx",
];

/// Every rule over every file.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    let files = files::all(root)?;
    let mut complaints = Vec::new();
    for file in &files {
        for (line, what) in findings(file) {
            complaints.push(format!("{}:{line}: {what}", file.path));
        }
    }
    complaints.extend(pages::complaints(&files));
    if !files.iter().any(|file| file.path == "Cargo.lock") {
        complaints.push("Cargo.lock is missing: builds are --locked, so it belongs to the sources".to_owned());
    }
    Ok(complaints)
}

fn findings(file: &File) -> Vec<Finding> {
    let mut findings = machine_paths(file);
    findings.extend(blanks(file));
    if file.is("rs") {
        let bare = code::bare(&file.text);
        findings.extend(too_long(file));
        findings.extend(no_introduction(file));
        findings.extend(leftovers(&bare));
        findings.extend(sleeps(file, &bare));
    }
    findings
}

fn too_long(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let long = lines > LONGEST_FILE && !file.is_test();
    long.then(|| (lines, format!("{lines} lines, more than {LONGEST_FILE}: look for the second noun")))
}

fn no_introduction(file: &File) -> Option<Finding> {
    let starts = file.text.trim_start().starts_with("//!");
    // The name of a test file has said it all.
    (file.is_source() && !file.is_test() && !starts)
        .then(|| (1, "a source starts with `//!`: what it is, and what it refuses to know".to_owned()))
}

fn leftovers(bare: &str) -> Vec<Finding> {
    const LEFTOVERS: [(&str, &str); 4] = [
        ("todo!", "finish it, or leave it out"),
        ("unimplemented!", "finish it, or leave it out"),
        ("dbg!", "say it with tracing, or not at all"),
        ("#[ignore", "a test that does not run is not a test"),
    ];
    let found = each_line(bare).flat_map(|(line, text)| {
        let here = LEFTOVERS.iter().filter(move |(mark, _)| text.contains(mark));
        here.map(move |(mark, what)| (line, format!("`{mark}`: {what}")))
    });
    found.collect()
}

fn sleeps(file: &File, bare: &str) -> Vec<Finding> {
    if SLEEPERS.iter().any(|(path, _)| *path == file.path) {
        return Vec::new();
    }
    let named = code::paths(bare).into_iter().filter(|named| named.path.ends_with("thread::sleep"));
    let what = "`thread::sleep` blocks a worker and makes tests slow or flaky: wait for what you wait for";
    named.map(|named| (named.line, what.to_owned())).collect()
}

fn machine_paths(file: &File) -> Vec<Finding> {
    let found = each_line(&file.text).filter_map(|(line, text)| {
        let path = MACHINE_PATHS
            .iter()
            .find(|path| text.match_indices(*path).any(|(at, _)| starts_a_path(&text[..at])))?;
        Some((line, format!("`{path}` is a place on one machine")))
    });
    found.collect()
}

/// Whether what follows is a path from the root of a machine and not the middle of a relative one or of an address.
fn starts_a_path(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "._-/~})*".contains(c))
}

fn blanks(file: &File) -> Vec<Finding> {
    let by_hand = BY_HAND.iter().any(|extension| file.is(extension)) || file.path.starts_with(".ci/");
    if !by_hand || (file.is_test() && !file.is("rs")) {
        return Vec::new();
    }
    let mut found: Vec<Finding> = Vec::new();
    for (line, text) in each_line(&file.text) {
        if text.contains('\t') {
            found.push((line, "a tab: use spaces, or \\t in a literal".to_owned()));
        }
        if text.ends_with([' ', '\t', '\r']) {
            found.push((line, "blanks at the end of the line".to_owned()));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        found.push((file.text.lines().count(), "no line end at the end of the file".to_owned()));
    }
    found
}

fn each_line(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').enumerate().map(|(at, line)| (at + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[(usize, &str)]) {
        let found = findings(&File {
            path: path.into(),
            text: text.into(),
        });
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((line, what), (expected_line, part)) in found.iter().zip(expected) {
            assert!(
                line == expected_line && what.contains(part),
                "line {line}: {what}; expected {part} in line {expected_line}"
            );
        }
    }

    #[test]
    fn leftovers_are_found_in_code_and_not_in_talk() {
        check("crates/a/src/b.rs", "//! B.\nfn b() { todo!() }\n", &[(2, "todo!")]);
        check("crates/a/src/b.rs", "//! B, no todo!\nconst B: &str = \"dbg!\";\n", &[]);
        check("crates/a/tests/b.rs", "#[test]\n#[ignore]\nfn b() {}\n", &[(2, "#[ignore")]);
    }

    #[test]
    fn a_source_introduces_itself_and_stays_short() {
        check("crates/a/src/b.rs", "fn b() {}\n", &[(1, "//!")]);
        let long = format!("//! Long.\n{}", "\n".repeat(LONGEST_FILE));
        check("crates/a/src/b.rs", &long, &[(501, "second noun")]);
        check("crates/a/src/b/tests.rs", &long, &[]);
        check("crates/a/src/b/tests.rs", "use super::*;\n", &[]);
    }

    #[test]
    fn places_on_one_machine_are_told_from_addresses() {
        let home = MACHINE_PATHS[0];
        check("a.md", &format!("see {home}me/x\n"), &[(1, home)]);
        check("a.md", &format!("see https://example.com{home}x and crates{home}y\n"), &[]);
    }

    #[test]
    fn nobody_sleeps() {
        check(
            "crates/a/tests/b.rs",
            "use std::thread;\nfn b() { thread::sleep(t) }\n",
            &[(2, "thread::sleep")],
        );
        check(
            "crates/a/src/b.rs",
            "//! B.\nuse std::{thread::{sleep}};\n",
            &[(2, "thread::sleep")],
        );
    }

    #[test]
    fn blanks_matter_only_in_what_is_written_by_hand() {
        check(
            "a.toml",
            "a = 1 \n\tb = 2",
            &[(1, "end of the line"), (2, "tab"), (2, "no line end")],
        );
        check("crates/a/tests/answers/b.json", "{} \n", &[]);
        check("integrations/a/answer.txt", "a\tb \n", &[]);
    }
}
