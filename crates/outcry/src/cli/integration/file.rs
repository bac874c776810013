//! Integration files from the disk, and the sentence that says why one cannot be used.

use anyhow::{Context, Result};
use outcry_integration::{Integration, Problem, SCHEMA};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Larger than any file these commands read: what is, was named by mistake.
const BYTES_MAX: u64 = 16 << 20;

/// Why a command did not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// It was called wrongly.
    #[error("{0}")]
    Usage(String),
    /// The integration file, or the values for its parameters, are wrong.
    #[error("{}", lines(file, problems))]
    Problems {
        /// The integration file.
        file: PathBuf,
        /// All of them.
        problems: Vec<Problem>,
    },
}

impl Refused {
    /// The problems for programs.
    pub(super) fn problems(&self) -> Vec<Value> {
        match self {
            Self::Usage(_) => Vec::new(),
            Self::Problems { file, problems } => problems.iter().map(|problem| as_json(file, problem)).collect(),
        }
    }
}

/// One problem for programs.
pub(super) fn as_json(file: &Path, problem: &Problem) -> Value {
    json!({
        "file": file.display().to_string(), "line": problem.line, "field": problem.what, "message": problem.message, "hint": problem.hint,
    })
}

/// Every problem with its file and line, one below the other.
pub(super) fn lines(file: &Path, problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let line = if problem.line == 0 {
            String::new()
        } else {
            format!(":{}", problem.line)
        };
        let hint = if problem.hint.is_empty() {
            String::new()
        } else {
            format!("\n  {}", problem.hint)
        };
        format!("{}{line}: {}: {}{hint}", file.display(), problem.what, problem.message)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The integration of a file.
///
/// # Errors
/// If the file cannot be read, or everything that is wrong in it.
pub(super) fn open(path: &Path) -> Result<Integration> {
    Integration::read(&text(path)?).map_err(|problems| {
        let file = path.to_owned();
        Refused::Problems { file, problems }.into()
    })
}

/// A text file, within a limit.
pub(super) fn text(path: &Path) -> Result<String> {
    String::from_utf8(bytes(path)?).map_err(|_| anyhow::anyhow!("{} is not UTF-8 text; save the file as UTF-8", path.display()))
}

/// A file within a limit; `-` is standard input.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let unreadable = || format!("{} cannot be read", path.display());
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin()
            .take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .context("standard input cannot be read")?;
    } else {
        let file = std::fs::File::open(path).with_context(unreadable)?;
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes).with_context(unreadable)?;
    }
    anyhow::ensure!(
        bytes.len() as u64 <= BYTES_MAX,
        "{} has more than {BYTES_MAX} bytes; is it the right file?",
        path.display()
    );
    Ok(bytes)
}

/// Is this text an integration file? Folders hold other TOML files too.
pub(super) fn is_integration(text: &str) -> bool {
    let family = SCHEMA.split('/').next().unwrap_or(SCHEMA);
    text.lines().any(|line| {
        line.trim_start()
            .strip_prefix("schema")
            .and_then(|rest| rest.trim_start().strip_prefix('='))
            .is_some_and(|value| value.trim_start().trim_start_matches(['"', '\'']).starts_with(family))
    })
}

/// One `NAME=VALUE` of the command line.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write it like NAME=VALUE".to_owned()),
    }
}
