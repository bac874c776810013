//! `outcry unknowns`: posts of which nobody knows whether their buyer has the lead. It may run beside a serving exchange.

use super::{SettingsArgs, output};
use crate::clock::SystemClock;
use crate::unknowns::{Listed, OpenBody, listed};
use anyhow::Result;
use clap::Args;
use outcry_engine::ports::clock::Clock;
use outcry_store::Reader;
use std::fmt::Write;
use std::process::ExitCode;

const PAGE: usize = 1_000;

/// Flags of `outcry unknowns`.
#[derive(Debug, Args)]
pub(crate) struct UnknownsArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Lists them, the oldest first.
pub(crate) fn run(args: &UnknownsArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let reader = Reader::open(&settings.data)?;
    let (mut open, mut after) = (Vec::new(), None);
    loop {
        let page = reader.unknowns(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some((last.began, last.attempt));
        open.extend(page);
    }
    let listed = listed(&open, SystemClock.now());
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&listed)?)
    } else {
        told(&listed)
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn told(listed: &Listed) -> String {
    if listed.unknowns.is_empty() {
        return "Nothing is unknown: of every post it is known whether its buyer has the lead.\n".to_owned();
    }
    let mut text = String::new();
    for open in &listed.unknowns {
        one(&mut text, open);
    }
    let count = output::plural(listed.unknowns.len(), "post");
    let _infallible = writeln!(
        text,
        "{count}. Ask the buyer by the attempt's id, then: outcry resolve ATTEMPT accepted|rejected|not_sent|written_off"
    );
    text
}

fn one(text: &mut String, open: &OpenBody) {
    let marked = if open.test { ", a test" } else { "" };
    let _infallible = writeln!(
        text,
        "{}  {} for {}\n  lead {} of {}, campaign {}{marked}\n  to {} ({}), held at {}\n  seen: {}\n",
        open.attempt_id,
        open.state,
        age(open.age_seconds),
        open.lead_id,
        open.source,
        open.campaign,
        open.contract,
        open.buyer,
        open.held_price,
        open.seen
    );
}

fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
