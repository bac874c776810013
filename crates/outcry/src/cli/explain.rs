//! `outcry explain LEAD`: the story of one auction. It may run beside a serving exchange on the same folder.

use super::{SettingsArgs, output};
use crate::story;
use anyhow::{Result, bail};
use clap::Args;
use outcry_core::id::{LeadId, QuoteId};
use outcry_core::record::Subject;
use outcry_store::Reader;
use std::process::ExitCode;

/// Flags of `outcry explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A lead_… or quote_… id, or "last" for the latest auction
    #[arg(value_name = "LEAD")]
    subject: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Prints the story.
pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode> {
    let subject = subject(&args.subject)?;
    let settings = args.settings.load()?;
    let reader = Reader::open(&settings.data)?;
    let record = match subject {
        Some(subject) => reader.record(subject)?,
        None => reader.latest(1)?.into_iter().next(),
    };
    match record {
        Some(record) => {
            output::print(&story::tell(&record))?;
            Ok(ExitCode::SUCCESS)
        }
        None => bail!(
            "no auction of {} is on record in {}; is it the right --data folder, and has the lead been settled?",
            args.subject,
            settings.data.display()
        ),
    }
}

/// `None` asks for the latest.
fn subject(text: &str) -> Result<Option<Subject>> {
    if text == "last" {
        return Ok(None);
    }
    let lead = LeadId::parse(text).map(Subject::Lead);
    match lead.or_else(|| QuoteId::parse(text).map(Subject::Quote)) {
        Some(subject) => Ok(Some(subject)),
        None => bail!("{text} is not an id; a lead's id looks like lead_0192…, a ping's like quote_0192…, each with 32 hex digits"),
    }
}
