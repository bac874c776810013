//! `outcry review`: leads that wait for somebody to look at them, let go or refused through the exchange that has them.

use super::SettingsArgs;
use super::line::Line;
use super::output::{self, plural};
use crate::http::{Decided, Decision, Queue};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::fmt::Write;
use std::process::ExitCode;

/// Flags of `outcry review`.
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print who waits, since when, and why; oldest first
    List(ListArgs),
    /// Let a lead go: it goes the whole path again
    Release(DecideArgs),
    /// Refuse a lead: nobody gets it
    Refuse(RefuseArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
struct DecideArgs {
    /// Its id, `lead_…`
    #[arg(value_name = "LEAD")]
    lead: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
struct RefuseArgs {
    #[command(flatten)]
    decide: DecideArgs,
    /// Why, for its record. Nothing personal: records are kept for good
    #[arg(long, value_name = "WORDS", default_value = "")]
    why: String,
}

/// Lists or decides.
pub(crate) fn run(args: &ReviewArgs) -> Result<ExitCode> {
    let said = match &args.command {
        Command::List(args) => list(args)?,
        Command::Release(args) => decide(args, "release", "")?,
        Command::Refuse(args) => decide(&args.decide, "refuse", &args.why)?,
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn list(args: &ListArgs) -> Result<String> {
    let queue: Queue = Line::to(&args.settings.load()?.data).get("/v1/operator/review")?;
    if args.json {
        return Ok(format!("{}\n", serde_json::to_string(&queue)?));
    }
    let mut text = String::new();
    for one in &queue.waiting {
        writeln!(
            text,
            "{}  {}  {} in {}: {}",
            one.lead_id, one.received_at, one.source, one.campaign, one.why
        )?;
    }
    writeln!(text, "{} in review", plural(queue.waiting.len(), "lead"))?;
    Ok(text)
}

fn decide(args: &DecideArgs, decision: &str, why: &str) -> Result<String> {
    let asked = Decision {
        lead_id: args.lead.clone(),
        why: why.to_owned(),
    };
    let line = Line::to(&args.settings.load()?.data);
    let decided: Decided = line.post(&format!("/v1/operator/review/{decision}"), &asked)?;
    Ok(match &*decided.decision {
        "release" => format!(
            "{} goes the whole path again; `outcry explain {0}` tells its end\n",
            decided.lead_id
        ),
        _ => format!("{} is refused\n", decided.lead_id),
    })
}
