//! `outcry backup DIR`: a copy of the database of a running exchange, as it is at one moment.

use super::line::Line;
use super::{SettingsArgs, output};
use crate::http::{BackupAsked, BackupMade};
use anyhow::{Context, Result};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `outcry backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// A folder that is empty or not there yet; the exchange writes into it
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Put the key files into it too. Whoever has such a backup can read it
    #[arg(long)]
    with_keys: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Asks the exchange for it and says what was made.
pub(crate) fn run(args: &BackupArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let asked = BackupAsked {
        folder: std::path::absolute(&args.folder).context("the folder of the backup has no absolute path")?,
        with_keys: args.with_keys,
    };
    let made: BackupMade = Line::to(&settings.data).post("/v1/operator/backup", &asked)?;
    let mut said = format!(
        "{} holds everything that was answered before {}: {} bytes, SHA-256 {}\n",
        asked.folder.display(),
        made.at,
        made.bytes,
        made.sha256
    );
    if !args.with_keys {
        let names: Vec<String> = made.key_files.iter().map(|path| path.display().to_string()).collect();
        writeln!(
            said,
            "the keys are not in it; keep a copy of these somewhere else, it is of no use without them: {}",
            names.join(", ")
        )?;
    }
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}
