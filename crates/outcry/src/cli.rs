//! The command line: one file for each command.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod caps;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod integration;
pub(crate) mod key;
pub(crate) mod keys;
pub(crate) mod line;
pub(crate) mod list;
pub(crate) mod office;
pub(crate) mod output;
pub(crate) mod person;
pub(crate) mod reasons;
pub(crate) mod reconcile;
pub(crate) mod resolve;
pub(crate) mod restore;
pub(crate) mod review;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod try_lead;
pub(crate) mod unknowns;
pub(crate) mod withdraw;

use crate::settings::{Settings, environment};
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "Outcry: the open, self-hosted ping-post exchange for leads",
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a whole market at work: an exchange, sources and buyers on this machine, and leads being sold
    Demo(crate::demo::DemoArgs),
    /// Run an exchange from a folder of spec files
    Serve(serve::ServeArgs),
    /// Check a folder of spec files and print every problem with its file, line and mend
    Check(check::CheckArgs),
    /// Decide on one lead from the spec files alone: who would be pinged and with what, who would win, and why not the
    /// others. Nothing is sent
    Try(Box<try_lead::TryArgs>),
    /// Show how much of every cap and budget is used, and when it will be full at this pace
    Caps(caps::CapsArgs),
    /// Tell the story of one auction: who was asked, what they answered, who won and why the others did not
    Explain(explain::ExplainArgs),
    /// Add up what each contract lost leads by, over the records of a data folder
    Reasons(reasons::ReasonsArgs),
    /// List the posts of which nobody knows whether their buyer has the lead, with what is known of each
    Unknowns(unknowns::UnknownsArgs),
    /// Say what became of an unknown post: did its buyer take it, refuse it, or shall nobody look any more?
    Resolve(resolve::ResolveArgs),
    /// Read from a buyer's file what became of unknown posts
    Reconcile(reconcile::ReconcileArgs),
    /// Try, prove and draft the file of a buyer: its examples, its requests, its answers
    Integration(Box<integration::IntegrationArgs>),
    /// Say how the exchange of a data folder is doing
    Status(status::StatusArgs),
    /// List what people did to the exchange, or verify that the log of it is whole
    Audit(audit::AuditArgs),
    /// Make a key for a source or a buyer
    Key(key::KeyArgs),
    /// Show the master keys in use, seal under a fresh one, or give the old ones up
    Keys(keys::KeysArgs),
    /// Find the leads of a person, erase the person, and see which buyers were told
    Person(person::PersonArgs),
    /// Copy the database of a running exchange, as it is at one moment
    Backup(backup::BackupArgs),
    /// Make a data folder of a backup
    Restore(restore::RestoreArgs),
    /// See which leads wait for somebody to look at them, let them go or refuse them
    Review(review::ReviewArgs),
    /// Take consents back for persons, in force for every later post
    Withdraw(withdraw::WithdrawArgs),
    /// Fill the lists of who must not be sold, or is the only one that may be; ask and change them
    List(Box<list::ListArgs>),
    /// Measure the engine on this machine, beside a bare floor in the same run
    Bench(crate::bench::BenchArgs),
    /// Play the exchange in a make-believe world where everything goes wrong, from a seed, and check what was promised
    Sim(crate::sim::SimArgs),
    /// Print all settings with their defaults
    Settings,
}

/// Settings that several commands take.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SettingsArgs {
    /// Settings file, laid over the defaults that `outcry settings` prints
    #[arg(long, value_name = "FILE", env = "OUTCRY_SETTINGS")]
    pub(crate) settings: Option<PathBuf>,
    /// Address to listen on, such as 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Folder of the database and the keys
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Folder of the spec files
    #[arg(long, value_name = "DIR")]
    pub(crate) spec: Option<PathBuf>,
    /// File with the secrets that spec files name
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets: Option<PathBuf>,
    /// Any other setting, such as `--set limits.answer_ms=1500`
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
}

impl SettingsArgs {
    /// The settings these flags, the environment and the file make together.
    pub(crate) fn load(&self) -> Result<Settings> {
        let shown = |path: &PathBuf| path.display().to_string();
        let named = [
            ("listen", self.listen.clone()),
            ("data", self.data.as_ref().map(shown)),
            ("spec", self.spec.as_ref().map(shown)),
            ("secrets", self.secrets.as_ref().map(shown)),
        ];
        let mut flags: Vec<(&str, String)> = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        for pair in &self.set {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| anyhow::anyhow!("--set takes NAME=VALUE, such as --set limits.answer_ms=1500, not {pair}"))?;
            flags.push((name, value.to_owned()));
        }
        Ok(Settings::load(self.settings.as_deref(), environment(), &flags)?)
    }
}
