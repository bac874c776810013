//! `outcry audit`: what people did to the exchange, and whether the log of it is whole. It only reads, so it may run beside
//! a serving exchange on the same folder.

use super::line::Line;
use super::{SettingsArgs, output};
use crate::http::{Note, Noted};
use crate::keys;
use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use outcry_store::{AuditEntry, AuditHead, AuditKey, Reader};
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

/// Flags of `outcry audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what people did, oldest first
    List(ListArgs),
    /// Add a sentence of your own, through the exchange that serves the folder
    Note(NoteArgs),
    /// Check that no entry was changed, taken out or slipped in
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Only entries behind this one
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: u64,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// An end of the log that was noted before, as `verify` prints it; the log must still hold it
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<String>,
}

#[derive(Debug, Args)]
struct NoteArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// What it is about: a name or an id
    #[arg(long, value_name = "NAME", default_value = "exchange")]
    subject: String,
    /// The sentence. Nothing personal: the log is kept for good
    #[arg(value_name = "TEXT")]
    text: String,
}

/// Lists, notes or verifies.
pub(crate) fn run(args: &AuditArgs) -> Result<ExitCode> {
    match &args.command {
        Command::List(args) => list(args),
        Command::Note(args) => note(args),
        Command::Verify(args) => verify(args),
    }
}

fn note(args: &NoteArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let note = Note {
        subject: args.subject.clone(),
        text: args.text.clone(),
    };
    let noted: Noted = Line::to(&settings.data).post("/v1/operator/notes", &note)?;
    output::print(&format!("written down as entry {}, head {}:{}\n", noted.seq, noted.seq, noted.hash))?;
    Ok(ExitCode::SUCCESS)
}

fn list(args: &ListArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let entries = Reader::open(&settings.data)?.audit(args.after, args.limit)?;
    let mut said = String::new();
    for entry in &entries {
        let line = if args.json { object(entry).to_string() } else { told(entry) };
        writeln!(said, "{line}")?;
    }
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn told(entry: &AuditEntry) -> String {
    let act = &entry.act;
    let detail = if &*act.detail == "{}" { "" } else { &*act.detail };
    format!("{} {} {} {} {} {detail}", entry.seq, act.at, act.actor, act.act, act.subject)
        .trim_end()
        .to_owned()
}

fn object(entry: &AuditEntry) -> Value {
    let act = &entry.act;
    let detail: Value = serde_json::from_str(&act.detail).unwrap_or_default();
    json!({
        "seq": entry.seq, "at": act.at.to_string(), "actor": act.actor, "act": act.act, "subject": act.subject,
        "detail": detail, "hash": hex::encode(entry.hash),
    })
}

fn verify(args: &VerifyArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let noted = args.head.as_deref().map(head).transpose()?;
    let key = AuditKey::new(keys::audit_of(&settings.data)?);
    let head = Reader::open(&settings.data)?
        .verify_audit(&key, noted)
        .map_err(|fault| anyhow!("the audit log is not whole: {fault}"))?;
    output::print(&format!(
        "the audit log is whole: {}, head {}:{}\n",
        if head.seq == 1 {
            "1 entry".to_owned()
        } else {
            format!("{} entries", head.seq)
        },
        head.seq,
        hex::encode(head.hash)
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn head(text: &str) -> Result<AuditHead> {
    let read = || {
        let (seq, hash) = text.split_once(':')?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).ok()?;
        Some(AuditHead {
            seq: seq.parse().ok()?,
            hash: bytes,
        })
    };
    read().with_context(|| format!("{text} is no head; one looks like 12:5f0c…, with 64 hex digits"))
}
