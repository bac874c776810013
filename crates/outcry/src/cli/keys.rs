//! `outcry keys`: the master keys that seal what leads say, through the exchange that serves the folder.

use super::line::Line;
use super::{SettingsArgs, output};
use crate::http::{KeysShown, Rotated};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::Write;
use std::process::ExitCode;

/// Flags of `outcry keys`.
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the master keys by name, and how much is sealed under each
    Status(Flags),
    /// Make a fresh master key and seal every data key under it; finishes an earlier change that was cut off
    Rotate(Flags),
    /// Give up all master keys but the newest: backups from before the change cannot be read any more
    Forget(Flags),
}

#[derive(Debug, Args)]
struct Flags {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Asks the exchange and prints its answer.
pub(crate) fn run(args: &KeysArgs) -> Result<ExitCode> {
    let said = match &args.command {
        Command::Status(flags) => shown(&line(flags)?.get("/v1/operator/keys")?, flags)?,
        Command::Forget(flags) => shown(&line(flags)?.post("/v1/operator/keys/forget", &json!({}))?, flags)?,
        Command::Rotate(flags) => {
            let done: Rotated = line(flags)?.post("/v1/operator/keys/rotate", &json!({}))?;
            if flags.json {
                format!("{}\n", serde_json::to_string(&done)?)
            } else {
                let what = if done.finished_earlier {
                    "the earlier change is finished"
                } else {
                    "a fresh key seals from now on"
                };
                format!("{what}: {}; {} data keys were sealed anew\n", done.newest, done.rewrapped)
            }
        }
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn line(flags: &Flags) -> Result<Line> {
    Ok(Line::to(&flags.settings.load()?.data))
}

fn shown(keys: &KeysShown, flags: &Flags) -> Result<String> {
    if flags.json {
        return Ok(format!("{}\n", serde_json::to_string(keys)?));
    }
    let mut said = format!("master keys from {}, the newest first:\n", keys.from);
    for key in &keys.keys {
        writeln!(said, "  {}  seals {}", key.id, key.seals)?;
    }
    if keys.lost > 0 {
        writeln!(
            said,
            "  {} things are sealed under keys that are not there, and stay closed",
            keys.lost
        )?;
    }
    Ok(said)
}
