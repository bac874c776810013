//! The files of the repository: what git tracks, and what it would track if asked now.

use crate::run;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// A file, by its path from the root with forward slashes.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// Whether the name ends in this, without the dot.
    pub(crate) fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
    }

    /// Whether it is test code only: a `tests` folder or a `tests.rs` beside what it tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs" || part == "benches")
    }

    /// Whether it is a source of a crate, in its `src` folder.
    pub(crate) fn is_source(&self) -> bool {
        self.is("rs") && self.path.split('/').any(|part| part == "src")
    }
}

/// Every file, sorted by path. One that is not UTF-8, such as a picture, is there with no text.
pub(crate) fn all(root: &Path) -> Result<Vec<File>> {
    let mut paths = listed(root).or_else(|_| walked(root))?;
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        let whole = root.join(&path);
        // A tracked file may be deleted in the working tree, and a link may point at a folder.
        if !whole.is_file() {
            continue;
        }
        let bytes = std::fs::read(&whole).with_context(|| path.clone())?;
        let text = String::from_utf8(bytes).unwrap_or_default();
        files.push(File { path, text });
    }
    Ok(files)
}

fn listed(root: &Path) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    // Build machines often check out as one user and build as another; reading the list is harmless.
    git.args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ])
    .current_dir(root);
    Ok(run::quietly(git)?
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect())
}

/// The same without git, for a tree unpacked from an archive.
fn walked(root: &Path) -> Result<Vec<String>> {
    const PASSED_BY: [&str; 4] = [".git", "target", "data", "node_modules"];
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                if !PASSED_BY.iter().any(|passed_by| name == *passed_by) {
                    folders.push(entry.path());
                }
            } else if let Some(path) = entry.path().strip_prefix(root)?.to_str() {
                found.push(path.replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> File {
        File {
            path: path.into(),
            text: String::new(),
        }
    }

    #[test]
    fn tests_and_sources_are_told_apart_by_their_place() {
        assert!(file("crates/a/tests/walk.rs").is_test());
        assert!(file("crates/a/src/rank/tests.rs").is_test());
        assert!(!file("crates/a/src/rank.rs").is_test());
        assert!(file("crates/a/src/rank.rs").is_source());
        assert!(!file("crates/a/tests/walk.rs").is_source());
    }

    #[test]
    fn without_git_the_same_files_are_found() {
        let root = run::root().unwrap();
        let walked = walked(&root).unwrap();
        assert!(walked.iter().any(|path| path == "xtask/src/files.rs"));
        assert!(!walked.iter().any(|path| path.starts_with("target/")));
    }
}
