//! `outcry demo`: a whole market on this machine. An exchange on a fresh data folder, the simulated buyers over real
//! sockets, sources that send leads through both doors, and a view of what happens.

mod books;
mod lists;
mod market;
mod sources;
mod stage;
mod tryout;
mod view;

use crate::cli::output;
use anyhow::{Context, Result};
use clap::Args;
use outcry_market::spec::Exchange;
use stage::Stage;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `outcry demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Which exchange to play: `market` has every lead type, `full` every rule of the trade
    #[arg(long, value_name = "NAME", default_value = "market", value_parser = exchange)]
    exchange: &'static Exchange,
    /// Stop after so many leads instead of at Ctrl-C
    #[arg(long, value_name = "N")]
    leads: Option<u64>,
    /// Print no view, and one JSON object as the last line
    #[arg(long)]
    json: bool,
    /// Keep the data in this folder instead of a fresh one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Leads a second; without it 25 while you watch, and as fast as 32 sources can go with --leads
    #[arg(long, value_name = "N")]
    rate: Option<f64>,
    /// Another market: other leads, other bids
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port of the exchange; the next free one is taken if it is busy
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Write the id of every acknowledged lead to this file, one a line
    #[arg(long, value_name = "FILE", hide = true)]
    acknowledged: Option<PathBuf>,
}

/// An exchange by its name.
fn exchange(name: &str) -> Result<&'static Exchange, String> {
    let found = Exchange::ALL.into_iter().find(|exchange| exchange.name == name);
    let names: Vec<&str> = Exchange::ALL.iter().map(|exchange| exchange.name).collect();
    found.ok_or_else(|| format!("there are {}", names.join(" and ")))
}

/// Runs the market and compares the books at the end. Fails if exchange and buyers disagree.
pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode> {
    let fresh = tempfile::Builder::new()
        .prefix("outcry-demo-")
        .tempdir()
        .context("no temporary folder can be made for the demo's data")?;
    let data = args.data.clone().unwrap_or_else(|| fresh.path().to_owned());
    let stage = Stage::set(args, &data)?;
    let watching = !args.json && args.leads.is_none();
    let rate = args.rate.or(watching.then_some(25.0));
    let outcome = if args.json {
        stage.play(args.leads, rate, &mut view::Nothing)?
    } else if std::io::stdout().is_terminal() {
        stage.play(args.leads, rate, &mut view::Screen::open()?)?
    } else {
        stage.play(args.leads, rate, &mut view::Lines::open(&stage)?)?
    };
    output::print(&if args.json {
        format!("{}\n", outcome.json())
    } else {
        outcome.text()
    })?;
    Ok(if outcome.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
