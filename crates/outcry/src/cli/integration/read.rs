//! `outcry integration read`: what a file understands of a buyer's answer.

use super::super::output;
use super::call::check_step;
use super::params::ParamArgs;
use super::render::say;
use super::{file, lead};
use crate::clock::SystemClock;
use anyhow::Result;
use clap::Args;
use outcry_core::bid::{Bid, Leg};
use outcry_core::ping_view::PingView;
use outcry_engine::ports::clock::Clock;
use outcry_integration::{Asked, Integration, PingReading, PostReading, RawAnswer, StepName, StepReading};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Flags of `outcry integration read`.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// The integration file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The step that was answered: ping, post, or another that the file has
    #[arg(long, value_name = "STEP")]
    step: String,
    /// The HTTP status of the answer
    #[arg(long, value_name = "N", default_value_t = 200)]
    status: u16,
    /// A header of the answer, such as 'Content-Type: text/xml'. May be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The body of the answer, or - for standard input
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// The lead that was asked about, where a price depends on it: a JSON object of fields
    #[arg(long, value_name = "FILE")]
    lead: Option<PathBuf>,
    #[command(flatten)]
    params: ParamArgs,
    /// One JSON object instead of text
    #[arg(long)]
    pub(super) json: bool,
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned())),
        _ => Err("write it like 'Name: value'".to_owned()),
    }
}

/// Reads the answer and prints what it means. Every answer means something, so only the call itself can fail.
pub(super) fn run(args: &ReadArgs) -> Result<ExitCode> {
    let integration = file::open(&args.file)?;
    check_step(&args.file, &integration, &args.step)?;
    // What stands in for parameters matters to a request; a reading hardly ever looks at them.
    let params = args.params.bind(&args.file, &integration, &args.step, &mut Vec::new())?;
    let mut notes = Vec::new();
    let answer = RawAnswer {
        status: args.status,
        headers: args.headers.clone(),
        body: file::bytes(&args.body)?,
    };
    let lead = match &args.lead {
        None => PingView::default(),
        Some(path) => lead::view(path, None, &integration, &args.step, SystemClock.now(), &mut notes)?,
    };
    let reading = Reading::of(&integration, &args.step, Asked::by(&params).about(&lead), &answer);
    say(&notes);
    let said = if args.json {
        format!("{}\n", reading.as_json())
    } else {
        reading.as_text()
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// What an answer means, whichever step it answers.
pub(super) enum Reading {
    Ping(PingReading),
    Post(PostReading),
    Step(StepReading),
}

impl Reading {
    pub(super) fn of(integration: &Integration, step: &str, asked: Asked<'_>, answer: &RawAnswer) -> Self {
        match StepName::parse(step).unwrap_or(StepName::Post) {
            StepName::Ping => Self::Ping(integration.read_ping(asked, answer)),
            step @ (StepName::Post | StepName::Completion | StepName::Poll | StepName::Callback) => {
                Self::Post(integration.read_verdict(step, asked, answer))
            }
            step => Self::Step(integration.read_step(step, asked, answer)),
        }
    }

    /// The same for people: ids of bids, which are kept whole to be sent back, without what `masked` takes out.
    pub(super) fn masked(mut self, masked: &dyn Fn(&str) -> String) -> Self {
        if let Self::Ping(reading) = &mut self {
            for bid in &mut reading.bids {
                let echoes = bid.echo.iter_mut().map(|(_, value)| value);
                for text in bid.id.iter_mut().chain(echoes) {
                    *text = masked(text).into();
                }
            }
        }
        self
    }

    /// The keys are a promise to programs: they are always all there.
    pub(super) fn as_json(&self) -> Value {
        match self {
            Self::Ping(reading) => {
                let best = best(&reading.bids);
                json!({
                    "outcome": reading.outcome.word(),
                    "price": best.and_then(|bid| bid.price).map(|price| price.to_string()),
                    "currency": best.and_then(|bid| bid.currency).map(|code| code.to_string()),
                    "bid_id": reading.bid_id,
                    "reason": reading.reason,
                    "redirect_url": null,
                    "bids": reading.bids.iter().map(bid).collect::<Vec<_>>(),
                    "expires_seconds": best.and_then(|bid| bid.expires_seconds),
                    "notes": reading.notes,
                    "reference": null,
                    "kept": best.map(|bid| names(&bid.kept)).unwrap_or_default(),
                })
            }
            Self::Post(reading) => json!({
                "outcome": reading.outcome.word(),
                "price": reading.price.map(|price| price.to_string()),
                "currency": reading.currency.map(|code| code.to_string()),
                "bid_id": reading.reference,
                "reason": reading.reason,
                "redirect_url": reading.redirect_url,
                "bids": [],
                "expires_seconds": null,
                "notes": reading.notes,
                "reference": reading.reference,
                "kept": names(reading.kept.entries()),
            }),
            Self::Step(reading) => json!({
                "outcome": reading.outcome.word(),
                "price": null,
                "currency": null,
                "bid_id": null,
                "reason": reading.reason,
                "redirect_url": null,
                "bids": [],
                "expires_seconds": reading.expires_seconds,
                "notes": reading.notes,
                "reference": null,
                "kept": names(reading.kept.entries()),
            }),
        }
    }

    /// One line for each thing the answer says.
    pub(super) fn as_text(&self) -> String {
        let object = self.as_json();
        let mut lines = vec![object["outcome"].as_str().unwrap_or_default().to_owned()];
        for (key, label) in [
            ("price", "price"),
            ("currency", "currency"),
            ("bid_id", "id"),
            ("reason", "reason"),
            ("redirect_url", "redirect"),
            ("expires_seconds", "expires s"),
        ] {
            match &object[key] {
                Value::Null => {}
                Value::String(said) => lines.push(format!("  {label:<10}{said}")),
                said => lines.push(format!("  {label:<10}{said}")),
            }
        }
        if let Self::Ping(reading) = self
            && 1 < reading.bids.len()
        {
            lines.extend(table(&reading.bids));
        }
        let (Self::Ping(PingReading { notes, .. }) | Self::Post(PostReading { notes, .. }) | Self::Step(StepReading { notes, .. })) = self;
        lines.extend(notes.iter().map(|note| format!("  {:<10}{note}", "note")));
        lines.join("\n") + "\n"
    }
}

/// The bid with the highest price.
fn best(bids: &[Bid]) -> Option<&Bid> {
    // Of equal prices the first: `max_by_key` would take the last.
    bids.iter().rev().max_by_key(|bid| bid.price)
}

fn bid(bid: &Bid) -> Value {
    json!({
        "id": bid.id,
        "price": bid.price.map(|price| price.to_string()),
        "buyer_name": bid.buyer_name,
        "exclusive": bid.exclusive,
        "currency": bid.currency.map(|code| code.to_string()),
        "expires_seconds": bid.expires_seconds,
        "expires_at": bid.expires_at.map(|at| at.to_string()),
        "echo": pairs(&bid.echo),
        "legs": bid.legs.iter().map(leg).collect::<Vec<_>>(),
    })
}

fn pairs(pairs: &[(Arc<str>, Arc<str>)]) -> Value {
    Value::Object(pairs.iter().map(|(name, value)| (name.to_string(), json!(value))).collect())
}

/// The full names of what later steps may repeat. The values may let a caller in, so they are not shown.
fn names(kept: &[(Arc<str>, Arc<str>)]) -> Vec<&str> {
    kept.iter().map(|(name, _)| &**name).collect()
}

fn leg(leg: &Leg) -> Value {
    json!({
        "id": leg.id,
        "price": leg.price.to_string(),
        "buyer_name": leg.buyer_name,
        "group": leg.group,
        "echo": pairs(&leg.echo),
    })
}

/// Several bids, one a line, prices below each other.
fn table(bids: &[Bid]) -> Vec<String> {
    let price = |bid: &Bid| bid.price.map_or_else(|| "-".to_owned(), |price| price.to_string());
    let id = |bid: &Bid| bid.id.as_deref().unwrap_or("-").to_owned();
    let width = |of: &dyn Fn(&Bid) -> String| bids.iter().map(|bid| of(bid).chars().count()).max().unwrap_or_default();
    let (prices, ids) = (width(&price), width(&id));
    let lines = bids.iter().enumerate().map(|(at, bid)| {
        let label = if at == 0 { "bids" } else { "" };
        let exclusive = match bid.exclusive {
            Some(true) => "exclusive",
            Some(false) => "shared",
            None => "",
        };
        let name = bid.buyer_name.as_deref().unwrap_or_default();
        let line = format!("  {label:<10}{:>prices$}  {:<ids$}  {name}  {exclusive}", price(bid), id(bid));
        line.trim_end().to_owned()
    });
    lines.collect()
}
