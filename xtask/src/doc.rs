//! Documentation that holds: no broken link in a Markdown page, no broken link in a doc comment.

use crate::{files, links, run, tools};
use anyhow::Result;
use std::path::Path;

/// Checks the pages first, since that takes no time, then builds the doc comments of every crate.
///
/// Private items are included: in a program nearly everything is private, and links between them are
/// what a reader of the code follows.
pub(crate) fn complaints(root: &Path) -> Result<Vec<String>> {
    tools::c_compiler()?;
    let mut complaints = links::complaints(&files::all(root)?);
    let mut command = run::cargo(root, &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    complaints.extend(run::visibly(command)?);
    Ok(complaints)
}
