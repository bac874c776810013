//! `outcry list`: fills the lists of an exchange, says how they stand, and asks or changes them by hand. Nothing here reads
//! an entry out.

mod by_hand;
mod import;
mod proof;
mod rows;
mod status;

use super::SettingsArgs;
use crate::folder;
use crate::secrets::Vaulted;
use crate::settings::{Settings, environment};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use outcry_core::list::List;
use std::process::ExitCode;
use std::sync::Arc;

/// Flags of `outcry list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Fill a list from a file: plain lines or columns, perhaps packed with gzip. It takes the place of what was imported before
    Import(import::ImportArgs),
    /// Say how each list stands: its version, age and size
    Status(SettingsArgs),
    /// Ask a list for one value: yes or no
    Check(by_hand::CheckArgs),
    /// Put values on a list by hand, effective for every later post when this returns
    Add(by_hand::ChangeArgs),
    /// Take values off a list by hand, effective for every later post when this returns
    Remove(by_hand::ChangeArgs),
}

/// Does what was asked.
pub(crate) fn run(args: &ListArgs) -> Result<ExitCode> {
    match &args.act {
        Act::Import(args) => import::run(args),
        Act::Status(args) => status::run(args),
        Act::Check(args) => by_hand::check(args),
        Act::Add(args) => by_hand::change(args, true),
        Act::Remove(args) => by_hand::change(args, false),
    }
}

/// The lists that the spec files declare.
fn declared(settings: &Settings) -> Result<Vec<Arc<List>>> {
    let files = folder::read(&settings.spec)?;
    let secrets = Vaulted::load(&settings.secrets, environment())?;
    let outcome = outcry_spec::compile(&files, &secrets);
    match outcome.book {
        Some(book) => Ok(book.catalog.lists.clone()),
        None => bail!(
            "the spec files have errors, so nobody knows what a list is; see `outcry check {}`",
            settings.spec.display()
        ),
    }
}

/// One of them.
fn named(settings: &Settings, name: &str) -> Result<Arc<List>> {
    let lists = declared(settings)?;
    if let Some(list) = lists.iter().find(|list| &*list.name == name) {
        return Ok(list.clone());
    }
    let names: Vec<&str> = lists.iter().map(|list| &*list.name).collect();
    if names.is_empty() {
        bail!("the spec files declare no list; add `[list.{name}]`");
    }
    bail!("there is no list {name}; there is {}", names.join(", "))
}
