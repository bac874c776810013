//! What is wrong in the spec files: where, why, and what would be right.

use std::fmt;

/// One problem, at one place of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code, `OC0101`; [`crate::codes::explain`] has a page on it.
    pub code: &'static str,
    /// Does it keep the files from being used?
    pub severity: Severity,
    /// The path of the file, as it was handed in.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Characters, counted from 1.
    pub column: u32,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right, where that can be said.
    pub hint: Option<String>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// There is no catalog as long as it stands.
    Error,
    /// It works, and probably not as meant.
    Warning,
}

impl Severity {
    /// The word that is shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Diagnostic {
    /// As compilers write it, so that editors can jump: `buyers.toml:3:9: error[OC0301]: …`, then the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            severity,
            file,
            line,
            column,
            message,
            hint,
        } = self;
        write!(f, "{file}:{line}:{column}: {}[{code}]: {message}", severity.word())?;
        match hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}
