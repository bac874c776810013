//! `outcry status`: what the exchange of a data folder says of itself.

use super::line::Line;
use super::{SettingsArgs, output};
use crate::http::Status;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

/// Flags of `outcry status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Asks the exchange and prints its answer.
pub(crate) fn run(args: &StatusArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let status: Status = Line::to(&settings.data).get("/v1/operator/status")?;
    let said = if args.json {
        format!("{}\n", serde_json::to_string(&status)?)
    } else {
        format!(
            "outcry {} with catalog {}: {} and {}, {} under way{}\n",
            status.version,
            status.catalog,
            output::plural(status.sources, "source"),
            output::plural(status.contracts, "contract"),
            output::plural(status.auctions_under_way, "auction"),
            if status.draining { ", and no new ones: it is stopping" } else { "" }
        )
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}
