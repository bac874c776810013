//! `outcry restore BACKUP --data DIR`: a data folder made of a backup, checked, and with those erased again who were erased
//! since.

use super::{SettingsArgs, output};
use crate::audit::written;
use crate::backup::{self, DATABASE};
use crate::clock::SystemClock;
use crate::keys::{self, MasterKeys};
use crate::settings::Settings;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use outcry_engine::ports::clock::Clock;
use outcry_store::{AuditKey, Erase, Reader, Sqlite, Vault, check_file};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Flags of `outcry restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of the backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    /// The folder of the key files, if they are not in the backup
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// A data folder or a later backup that knows of erasures since this one: they are done again
    #[arg(long, value_name = "DIR")]
    erased_in: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Makes the data folder and says what is in it.
pub(crate) fn run(args: &RestoreArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let data = &settings.data;
    let manifest = backup::read(&args.backup)?;
    if data.join(DATABASE).exists() {
        bail!(
            "there is a database in {} already; restore into another folder with --data",
            data.display()
        );
    }
    std::fs::create_dir_all(data).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let from = args.keys.as_ref().unwrap_or(&args.backup);
    let missing: Vec<PathBuf> = keys::files_of(from)
        .into_iter()
        .filter(|file| file.file_name().is_some_and(|name| !data.join(name).exists()))
        .collect();
    backup::copy_all(&missing, data)?;
    let vault = vault(&settings, &manifest.master_keys)?;
    // The database comes last: a folder with one is a data folder.
    backup::copy_all(&[args.backup.join(DATABASE)], data)?;
    check_file(&data.join(DATABASE))?;
    let again = erase_again(data, vault, args.erased_in.as_deref())?;
    let books = Reader::open(data)?.books()?;
    output::print(&format!(
        "{} holds the exchange as of {}: {} live leads, {} sold; {} done again\n",
        data.display(),
        manifest.at,
        books.leads,
        books.sold,
        output::plural(again, "erasure")
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The keys that open the backup. A restored exchange without them would be of no use, and would look like one.
fn vault(settings: &Settings, wanted: &[String]) -> Result<Vault> {
    let keys = MasterKeys::of(&settings.keys.master, &settings.data)?
        .read()
        .context("the keys are not in the backup; name the folder that has them with --keys")?;
    let vault = Vault::from_keys(&keys);
    let has = vault.key_ids();
    let missing: Vec<&str> = wanted.iter().filter(|id| !has.contains(id)).map(String::as_str).collect();
    ensure!(
        missing.is_empty(),
        "the master keys {} are missing, and what the backup seals under them could not be opened; name the folder that has them with --keys",
        missing.join(", ")
    );
    for name in ["token.key", "people.key", "audit.key", "pepper.key"] {
        ensure!(
            settings.data.join(name).exists(),
            "{name} is neither in the backup nor in the data folder; name the folder that has it with --keys"
        );
    }
    Ok(vault)
}

/// Does the erasures again that the other folder knows of and the backup does not, and writes down the restoring.
fn erase_again(data: &Path, vault: Vault, other: Option<&Path>) -> Result<usize> {
    let known: Vec<u128> = Reader::open(data)?.erasures()?.into_iter().map(|(id, ..)| id).collect();
    let later = match other {
        Some(other) => Reader::open(other)?.erasures()?,
        None => Vec::new(),
    };
    let audit = AuditKey::new(keys::audit_of(data)?);
    let store = Sqlite::open(data, vault)?;
    let runtime = super::serve::runtime(1)?;
    let mut done = 0;
    for (id, at, _, people) in later.into_iter().filter(|(id, ..)| !known.contains(id)) {
        let erase = Erase {
            id,
            at,
            people,
            // They were told when it was done the first time.
            tell: Arc::new(|_, _, _| None),
            audit: audit.clone(),
            actor: "restore".into(),
        };
        runtime
            .block_on(store.erase_again(erase))
            .context("an erasure could not be done again")?;
        done += 1;
    }
    let act = written(
        SystemClock.now(),
        "restore",
        "backup.restore",
        &data.display().to_string(),
        &json!({ "erasures": done }),
    );
    runtime
        .block_on(store.note(&audit, act))
        .context("the audit log cannot be written")?;
    Ok(done)
}
