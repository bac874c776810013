//! `outcry key new`: a key for a source or a buyer, shown once, and the line that is kept of it.

use super::{SettingsArgs, output};
use crate::keyring::mac;
use crate::keys;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use outcry_core::door_key::{self, Holder, IssuedKey};
use serde_json::json;
use std::process::ExitCode;

/// Flags of `outcry key`.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key; it is shown this once, and a line of it goes into the secrets file
    New(NewArgs),
}

#[derive(Debug, Args)]
struct NewArgs {
    /// The source or buyer it is for
    #[arg(value_name = "NAME")]
    name: String,
    /// For the inbox of a buyer
    #[arg(long)]
    buyer: bool,
    /// Marked as a key for tests
    #[arg(long)]
    test: bool,
    /// The day from which on it opens nothing, such as 2027-01-31 (UTC)
    #[arg(long, value_name = "DAY")]
    expires: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Makes it and prints it. Nothing of it is written anywhere.
pub(crate) fn run(args: &KeyArgs) -> Result<ExitCode> {
    let Command::New(args) = &args.command;
    let settings = args.settings.load()?;
    std::fs::create_dir_all(&settings.data)?;
    let pepper = keys::pepper_of(&settings.data)?;
    let holder = if args.buyer { Holder::Buyer } else { Holder::Source };
    let random: [u8; 128] = rand::random();
    let Some(key) = door_key::fresh(args.test, holder, &random) else {
        bail!("chance was against it; run the command again");
    };
    let id = door_key::presented(&key).map_or("", |presented| presented.id);
    let mut line = IssuedKey::line(id, &mac(&pepper, key.as_bytes()));
    if let Some(day) = &args.expires {
        line = format!("{line};expires={day}");
    }
    if let Err(why) = IssuedKey::parse(&line, holder) {
        bail!("{} {why}", args.expires.as_deref().unwrap_or("the line"));
    }
    let name = format!("{}_key", args.name);
    let table = if args.buyer { "buyer" } else { "source" };
    output::print(&if args.json {
        format!("{}\n", json!({ "key": key, "secret": name, "line": line }))
    } else {
        format!(
            "the key, shown this once; give it to whoever sends:\n  {key}\n\nits line for the secrets file, from which the key cannot be made again:\n  {name} = \"{line}\"\n\nin [{table}.{}] of the spec, beside other keys if there are:\n  keys = [\"secret:{name}\"]\n",
            args.name
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
