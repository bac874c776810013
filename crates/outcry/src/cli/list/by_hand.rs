//! `outcry list check`, `add` and `remove`: one value at a time, by hand.

use super::{SettingsArgs, named};
use crate::cli::output;
use crate::clock::SystemClock;
use crate::keys::{self, MasterKeys};
use crate::lists::{self, Ask, Found, Shelved, answer_waiting};
use anyhow::{Context, Result, bail};
use clap::Args;
use outcry_core::list::{Certainty, Judgement};
use outcry_engine::people::PeopleKey;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::store::{ListChange, Store};
use outcry_store::{OpenFault, Reader, Sqlite, Vault};
use std::process::ExitCode;

/// Flags of `outcry list check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The list, as the spec files call it
    #[arg(value_name = "NAME")]
    name: String,
    /// A phone number, an address, or whatever the list is of; for a hashed list a digest will do too
    #[arg(value_name = "VALUE")]
    value: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Flags of `outcry list add` and `outcry list remove`.
#[derive(Debug, Args)]
pub(super) struct ChangeArgs {
    /// The list, as the spec files call it
    #[arg(value_name = "NAME")]
    name: String,
    /// Phone numbers, addresses, or whatever the list is of; for a hashed list digests will do too
    #[arg(value_name = "VALUE", required = true)]
    values: Vec<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Says yes or no, and what follows where nobody can be certain.
pub(super) fn check(args: &CheckArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let list = named(&settings, &args.name)?;
    let folder_keys = keys::of_folder(&settings.data, &MasterKeys::of(&settings.keys.master, &settings.data)?)?;
    let path = lists::path(&settings.data, &list.name);
    let file = path
        .exists()
        .then(|| Shelved::read(&list, &path, &lists::key(&folder_keys)))
        .transpose()?;
    let changes = match Reader::open(&settings.data) {
        Ok(reader) => reader.list_changes()?,
        Err(_) => Vec::new(),
    };
    let people = PeopleKey::new(folder_keys.people);
    let found = Found::of((&list, file.as_ref()), (&people, &changes), &args.value, SystemClock.now());
    let found = found.map_err(|misfit| anyhow::anyhow!("{misfit}"))?;
    let certain = match found.certainty {
        Certainty::Certain => "",
        Certainty::Stale { .. } => ", and its file is too old to be certain",
        Certainty::Missing => ", and it has not been imported, so nobody can be certain",
    };
    let follows = match found.judgement {
        Judgement::Refused(_) => "is not sold",
        Judgement::Flagged => "is sold, with a mark",
        Judgement::Clear | Judgement::Unknown => "is sold",
    };
    output::print(&format!(
        "{}{certain}; whoever it is {follows}\n",
        if found.on_it { "yes" } else { "no" }
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Changes the list in the store, or asks the exchange that owns the folder to.
pub(super) fn change(args: &ChangeArgs, on: bool) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let list = named(&settings, &args.name)?;
    std::fs::create_dir_all(&settings.data).with_context(|| format!("the data folder {} cannot be made", settings.data.display()))?;
    let folder_keys = keys::of_folder(&settings.data, &MasterKeys::of(&settings.keys.master, &settings.data)?)?;
    let (people, word) = (PeopleKey::new(folder_keys.people), list.entries.word());
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    for (at, value) in args.values.iter().enumerate() {
        match list.entries.entry_by_hand(value) {
            Ok(entry) => entries.push(people.of_entry(&word, &entry)),
            Err(misfit) => wrong.push(format!("value {}: {misfit}", at + 1)),
        }
    }
    if !wrong.is_empty() {
        bail!("{}; nothing was changed", wrong.join("; "));
    }
    let count = entries.len();
    let change = ListChange {
        list: list.name.clone(),
        entries,
        on,
    };
    let ask = Ask::leave(&settings.data, &change)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    runtime.block_on(async {
        match Sqlite::open(&settings.data, Vault::from_keys(&folder_keys.master)) {
            Ok(store) => answer_waiting(&settings.data, |change| store.change_list(change)).await,
            // The exchange runs, and takes it from here.
            Err(OpenFault::InUse(_)) => {}
            Err(fault) => return Err(fault.into()),
        }
        ask.answered().await
    })?;
    let done = if on { "put on" } else { "taken off" };
    output::print(&format!(
        "{} {done} {}; every later post goes by it\n",
        output::plural(count, "entry").replace("entrys", "entries"),
        list.name
    ))?;
    Ok(ExitCode::SUCCESS)
}
