//! `outcry integration schema`: the JSON Schema of integration files, for editors.

use super::super::output;
use anyhow::Result;
use clap::Args;
use outcry_integration::schema;
use std::process::ExitCode;

/// Flags of `outcry integration schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Taken for the sake of the other commands: the schema is JSON anyway
    #[arg(long)]
    pub(super) json: bool,
}

/// Prints it.
pub(super) fn run() -> Result<ExitCode> {
    output::print(schema::JSON)?;
    Ok(ExitCode::SUCCESS)
}
