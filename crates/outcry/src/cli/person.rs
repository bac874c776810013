//! `outcry person`: the leads of a person, their erasure, and whom it was told.

use super::line::Line;
use super::{SettingsArgs, output};
use crate::http::{ErasedBody, FoundBody, PersonAsked, Told, ToldAsked};
use anyhow::Result;
use clap::{Args, Subcommand};
use outcry_store::Reader;
use serde_json::json;
use std::fmt::Write;
use std::process::ExitCode;

/// Flags of `outcry person`.
#[derive(Debug, Args)]
pub(crate) struct PersonArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the leads of a person and who was posted to; nothing of what the leads say
    Find(WhoArgs),
    /// Erase the person from every lead, and tell the buyers that got them
    Erase(WhoArgs),
    /// List the erasures, and which buyers were told
    Erasures(ListArgs),
    /// Write down that a buyer without an address for it was told by a person
    Told(ToldArgs),
}

#[derive(Debug, Args)]
struct WhoArgs {
    /// A phone number, as the person writes it
    #[arg(long)]
    phone: Option<String>,
    /// A mail address
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ToldArgs {
    /// An erasure_… id
    #[arg(value_name = "ERASURE")]
    erasure: String,
    /// The name of the buyer
    #[arg(long)]
    buyer: String,
    #[command(flatten)]
    list: ListArgs,
}

/// Runs one of them.
pub(crate) fn run(args: &PersonArgs) -> Result<ExitCode> {
    let said = match &args.command {
        Command::Find(args) => find(args)?,
        Command::Erase(args) => erase(args)?,
        Command::Erasures(args) => erasures(args)?,
        Command::Told(args) => told(args)?,
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn line(list: &ListArgs) -> Result<Line> {
    Ok(Line::to(&list.settings.load()?.data))
}

fn who(args: &WhoArgs) -> PersonAsked {
    PersonAsked {
        phone: args.phone.clone(),
        email: args.email.clone(),
    }
}

fn find(args: &WhoArgs) -> Result<String> {
    let found: FoundBody = line(&args.list)?.post("/v1/operator/persons/find", &who(args))?;
    if args.list.json {
        return Ok(format!("{}\n", serde_json::to_string(&found)?));
    }
    let mut said = format!("{}\n", output::plural(found.leads.len(), "lead"));
    for lead in &found.leads {
        writeln!(
            said,
            "{} {} {} from {} in {}",
            lead.lead_id, lead.received_at, lead.state, lead.source, lead.campaign
        )?;
        for post in &lead.posts {
            writeln!(said, "  {} {} of {}: {}", post.attempt_id, post.contract, post.buyer, post.state)?;
        }
    }
    Ok(said)
}

fn erase(args: &WhoArgs) -> Result<String> {
    let erased: ErasedBody = line(&args.list)?.post("/v1/operator/persons/erase", &who(args))?;
    if args.list.json {
        return Ok(format!("{}\n", serde_json::to_string(&erased)?));
    }
    let mut said = format!(
        "{} at {}: {} erased; buyers of {} are told by a message\n",
        erased.erasure_id,
        erased.at,
        output::plural(usize::try_from(erased.leads)?, "lead"),
        output::plural(usize::try_from(erased.told)?, "post"),
    );
    if erased.to_tell > 0 {
        writeln!(
            said,
            "{} went to buyers without an `erasure` address: tell them, and write it down with `outcry person told {} --buyer NAME`",
            output::plural(usize::try_from(erased.to_tell)?, "post"),
            erased.erasure_id
        )?;
    }
    Ok(said)
}

fn erasures(args: &ListArgs) -> Result<String> {
    let settings = args.settings.load()?;
    let reader = Reader::open(&settings.data)?;
    let (erasures, notices) = (reader.erasures()?, reader.erasure_notices()?);
    if args.json {
        let list = erasures.iter().map(|(id, at, leads, _)| {
            let own = notices.iter().filter(|notice| notice.erasure == *id).map(
                |notice| json!({ "buyer": notice.buyer, "lead_id": notice.lead.to_string(), "attempt_id": notice.attempt.to_string(), "state": notice.state }),
            );
            json!({ "erasure_id": format!("erasure_{id:032x}"), "at": at.to_string(), "leads": leads, "notices": own.collect::<Vec<_>>() })
        });
        return Ok(format!("{}\n", json!({ "erasures": list.collect::<Vec<_>>() })));
    }
    let mut said = String::new();
    for (id, at, leads, _) in &erasures {
        let leads = output::plural(usize::try_from(*leads)?, "lead");
        writeln!(said, "erasure_{id:032x} {at}: {leads}")?;
        for notice in notices.iter().filter(|notice| notice.erasure == *id) {
            writeln!(said, "  {} {} {}: {}", notice.buyer, notice.lead, notice.attempt, notice.state)?;
        }
    }
    Ok(said)
}

fn told(args: &ToldArgs) -> Result<String> {
    let asked = ToldAsked {
        erasure_id: args.erasure.clone(),
        buyer: args.buyer.clone(),
    };
    let told: Told = line(&args.list)?.post("/v1/operator/persons/told", &asked)?;
    Ok(format!(
        "{} written down as told\n",
        output::plural(usize::try_from(told.notices)?, "notice")
    ))
}
