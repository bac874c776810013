//! Standard output: what a command says, to a reader who may have read enough.

use anyhow::{Context, Result};
use std::io::{ErrorKind, Write, stdout};

/// Is there still somebody who reads?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// As far as one can know.
    Listens,
    /// It has closed its end of the pipe, as `head` does. That is no failure of ours.
    Gone,
}

/// Writes a text as it is, at once.
///
/// # Errors
/// If it cannot be written for another reason than a reader who has gone, such as a full disk.
pub(crate) fn print(text: &str) -> Result<Reader> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::Listens),
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(fault) => Err(fault).context("standard output cannot be written"),
    }
}

/// `1 file`, `2 files`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}
