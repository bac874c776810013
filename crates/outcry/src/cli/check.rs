//! `outcry check`: every problem of a folder of spec files, at once.

use super::output::{self, plural};
use crate::folder;
use crate::secrets::Vaulted;
use crate::settings::environment;
use anyhow::Result;
use clap::Args;
use outcry_core::catalog::Campaign;
use outcry_core::lead_type::SellerSpecific;
use outcry_integration::book::Book;
use outcry_spec::{Outcome, Severity, SpecFile};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Flags of `outcry check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Folder of the spec files
    #[arg(value_name = "DIR", default_value = "spec")]
    spec: PathBuf,
    /// File with the secrets that the spec files name
    #[arg(long, value_name = "FILE")]
    secrets: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Print the page of a diagnostic code, such as OC0301, and nothing else
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
}

/// Checks and prints. Fails if there is an error; warnings pass.
pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode> {
    if let Some(code) = &args.explain {
        let page = outcry_spec::codes::explain(code).ok_or_else(|| {
            anyhow::anyhow!(
                "there is no diagnostic code {code}; codes look like OC0201 and stand in brackets in what `outcry check` prints"
            )
        })?;
        output::print(&format!("{page}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let files = folder::read(&args.spec)?;
    let secrets = Vaulted::load(args.secrets.as_deref().unwrap_or_else(|| Path::new("")), environment())?;
    let outcome = outcry_spec::compile(&files, &secrets);
    let said = if args.json {
        as_json(&outcome).to_string()
    } else {
        as_text(&outcome, &files)
    };
    output::print(&format!("{said}\n"))?;
    Ok(if outcome.has_errors() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn as_text(outcome: &Outcome, files: &[SpecFile]) -> String {
    let mut parts: Vec<String> = outcome.diagnostics.iter().map(ToString::to_string).collect();
    parts.extend(outcome.book.iter().flat_map(unsaid));
    parts.push(summary(outcome, files));
    parts.join("\n\n")
}

/// A sentence for each campaign that takes a consent for every buyer and never said so. Nobody sells so by silence: whoever
/// means it writes `open`, and hears of that too.
pub(crate) fn unsaid(book: &Book) -> Vec<String> {
    let silent = book.catalog.campaigns.iter().filter(|campaign| {
        campaign.consent.demand.sellers.is_none() && campaign.lead_type.compliance.seller_specific != SellerSpecific::Always
    });
    let sentence = |campaign: &Arc<Campaign>| {
        format!(
            "campaign `{}` does not say which buyers a consent covers, and its lead type does not ask for one by name everywhere: any buyer may have its leads\n  \
             hint: `consent = {{ sellers = \"named\" }}` asks that the person was told of the buyer; whoever means it writes \"open\"",
            campaign.name
        )
    };
    silent.map(sentence).collect()
}

/// One line: what was read and how it is.
pub(crate) fn summary(outcome: &Outcome, files: &[SpecFile]) -> String {
    let files = files.iter().filter(|file| folder::is_spec(Path::new(&file.path))).count();
    let count = |severity| outcome.diagnostics.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let problems = format!("{} and {}", plural(errors, "error"), plural(warnings, "warning"));
    match &outcome.book {
        Some(book) => {
            let catalog = &book.catalog;
            let parts = [
                plural(catalog.campaigns.len(), "campaign"),
                plural(catalog.sources.len(), "source"),
                plural(catalog.buyers.len(), "buyer"),
                plural(catalog.contract_count(), "contract"),
            ];
            format!(
                "{} read: {} (version {}), {problems}",
                plural(files, "file"),
                parts.join(", "),
                catalog.version
            )
        }
        None => format!("{} read: {problems}", plural(files, "file")),
    }
}

fn as_json(outcome: &Outcome) -> serde_json::Value {
    let list = outcome.diagnostics.iter().map(|one| {
        json!({
            "code": one.code, "severity": one.severity.word(), "file": one.file, "line": one.line, "column": one.column,
            "message": one.message, "hint": one.hint,
        })
    });
    let unsaid: Vec<String> = outcome.book.iter().flat_map(unsaid).collect();
    json!({ "ok": !outcome.has_errors(), "diagnostics": list.collect::<Vec<_>>(), "unsaid": unsaid })
}
