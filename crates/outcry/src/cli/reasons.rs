//! `outcry reasons`: what each contract lost leads by, added up over the records of a data folder. It may run beside a
//! serving exchange on the same folder.

use super::{SettingsArgs, output};
use anyhow::{Context, Result, bail};
use clap::Args;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::record::{Finding, Record, Subject};
use outcry_core::tally::{Cause, Lost, Tallies, Tally};
use outcry_engine::ports::clock::Clock;
use outcry_store::Reader;
use serde_json::{Value, json};
use std::fmt::{self, Write};
use std::process::ExitCode;

/// Flags of `outcry reasons`.
#[derive(Debug, Args)]
pub(crate) struct ReasonsArgs {
    /// Only this contract
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    /// Only this campaign
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// Only this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only leads with this sub-id, in any of the five places
    #[arg(long, value_name = "TEXT")]
    sub_id: Option<String>,
    /// Only what came in since then: a moment with its offset, or 90m, 36h, 30d before now
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Derive each reason once more from its record, and say which follow, which cannot be derived, and which are wrong
    #[arg(long)]
    check: bool,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Adds up and prints. With `--check` it fails if a reason contradicts its record.
pub(crate) fn run(args: &ReasonsArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let now = crate::clock::SystemClock.now();
    let since = since(args.since.as_deref(), now)?;
    let (mut tallies, mut check) = (Tallies::default(), Check::default());
    Reader::open(&settings.data)?.each_record_since(since, |record| {
        if args.wants(&record) {
            if args.check {
                check.add(&record, args.contract.as_deref());
            }
            tallies.add(&record, now);
        }
    })?;
    if let Some(name) = &args.contract {
        tallies.contracts.retain(|contract, _| contract.as_str() == name);
        if tallies.contracts.is_empty() {
            bail!("no auction on record had the contract {name}; `outcry reasons` without --contract lists those that there are");
        }
    }
    let said = if args.json {
        format!("{}\n", object(&tallies, &check, args.check))
    } else {
        text(&tallies, &check, args.check)
    };
    output::print(&said)?;
    Ok(if check.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl ReasonsArgs {
    fn wants(&self, record: &Record) -> bool {
        let sub_id = |wanted: &String| record.sub_ids.iter().flatten().any(|own| **own == **wanted);
        self.campaign.as_ref().is_none_or(|name| record.campaign.as_str() == name)
            && self.source.as_ref().is_none_or(|name| record.source.as_str() == name)
            && self.sub_id.as_ref().is_none_or(sub_id)
    }
}

/// A moment, or so long before now.
fn since(written: Option<&str>, now: Moment) -> Result<Moment> {
    let Some(written) = written else {
        return Ok(Moment::from_unix_ms(0));
    };
    let ago = |unit: char, ms: i64| {
        let number = written.strip_suffix(unit)?.parse::<i64>().ok().filter(|number| *number >= 0)?;
        Some(now.plus_ms(number.saturating_mul(ms).saturating_neg()))
    };
    let before = ago('m', 60_000).or_else(|| ago('h', 3_600_000)).or_else(|| ago('d', 86_400_000));
    before
        .or_else(|| Stamp::parse(written).map(|stamp| stamp.at))
        .with_context(|| format!("{written} is no moment; write 2026-11-23T15:00:00Z, or 90m, 36h or 30d"))
}

/// Reasons held against their records.
#[derive(Default)]
struct Check {
    follow: u64,
    not_from_here: u64,
    wrong: Vec<String>,
}

impl Check {
    fn add(&mut self, record: &Record, contract: Option<&str>) {
        let wanted = |name: &str| contract.is_none_or(|contract| contract == name);
        let lines = record.lines.iter().zip(record.check());
        for (line, finding) in lines.filter(|(line, _)| wanted(line.contract.as_str())) {
            match finding {
                Finding::Follows => self.follow += 1,
                Finding::NotFromHere => self.not_from_here += 1,
                Finding::Contradicts(why) => {
                    let id = match record.subject {
                        Subject::Lead(id) => id.to_string(),
                        Subject::Quote(id) => id.to_string(),
                    };
                    let code = line.reason.as_ref().map_or("no reason", |reason| reason.code());
                    self.wrong.push(format!("{id}, {}: {code}, but {why}", line.contract));
                }
            }
        }
    }
}

/// So many contradictions are named.
const NAMED_MAX: usize = 20;

fn text(tallies: &Tallies, check: &Check, checked: bool) -> String {
    let mut text = String::new();
    writeln!(
        text,
        "{}",
        output::plural(usize::try_from(tallies.records).unwrap_or(usize::MAX), "auction")
    )
    .and_then(|()| {
        tallies
            .contracts
            .iter()
            .try_for_each(|(name, tally)| contract(&mut text, name.as_str(), tally))
    })
    .and_then(|()| if checked { told(&mut text, check) } else { Ok(()) })
    .expect("a String takes any text");
    text
}

fn contract(text: &mut String, name: &str, tally: &Tally) -> fmt::Result {
    let losses = tally.losses();
    writeln!(
        text,
        "\n{name}: {} auctions, {} pings, {} with a bid, {} won for {}; {losses} lost",
        tally.auctions, tally.pinged, tally.bid, tally.won, tally.paid
    )?;
    for (cause, lost) in tally.causes() {
        writeln!(text, "  {:>5}  {:>7}  {}", share(lost.times, losses), lost.times, said(cause, lost))?;
    }
    if tally.quoted > 0 {
        writeln!(text, "         {:>7}  in line behind a quote that was not redeemed", tally.quoted)?;
    }
    let posts = tally.accepted + tally.rejected;
    if posts > 0 {
        writeln!(
            text,
            "  bait score {}: of {posts} posts it rejected {}",
            share(tally.bait_ppm().into(), 1_000_000),
            tally.rejected
        )?;
    }
    Ok(())
}

/// `filter on zip`, `outbid by a median of 1.10`
fn said(cause: &Cause, lost: &Lost) -> String {
    let about = if cause.about.is_empty() {
        String::new()
    } else {
        format!(" on {}", cause.about)
    };
    let by = lost.median().map_or_else(String::new, |median| format!(" by a median of {median}"));
    format!("{}{about}{by}", cause.code)
}

/// In whole percent, rounded down but for what is there at all.
fn share(part: u64, whole: u64) -> String {
    match part * 100 / whole.max(1) {
        0 if part > 0 => "<1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

fn told(text: &mut String, check: &Check) -> fmt::Result {
    writeln!(
        text,
        "\nHeld against their records: {} follow, {} cannot be derived from the record alone, {} contradict it",
        check.follow,
        check.not_from_here,
        check.wrong.len()
    )?;
    check.wrong.iter().take(NAMED_MAX).try_for_each(|wrong| writeln!(text, "  {wrong}"))
}

fn object(tallies: &Tallies, check: &Check, checked: bool) -> Value {
    let contracts = tallies.contracts.iter().map(|(name, tally)| {
        let lost = tally.causes().into_iter().map(|(cause, lost)| {
            json!({
                "code": cause.code, "about": &*cause.about, "times": lost.times, "median_gap": lost.median().map(|gap| gap.to_string()),
            })
        });
        json!({
            "contract": name.as_str(), "auctions": tally.auctions, "pings": tally.pinged, "bids": tally.bid, "won": tally.won,
            "paid": tally.paid.to_string(), "quoted": tally.quoted, "losses": tally.losses(), "posts_accepted": tally.accepted,
            "posts_rejected": tally.rejected, "bait_ppm": tally.bait_ppm(), "lost": lost.collect::<Vec<_>>(),
        })
    });
    let mut object = json!({ "auctions": tallies.records, "contracts": contracts.collect::<Vec<_>>() });
    if checked {
        object["check"] = json!({ "follow": check.follow, "not_from_here": check.not_from_here, "contradict": check.wrong });
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_moment_or_so_long_ago() {
        let now = Moment::from_unix_ms(1_795_446_000_000);
        let at = |text: &str| since(Some(text), now).map(|moment| moment.to_string()).unwrap_or_default();
        assert_eq!(at("90m"), "2026-11-23T13:30:00.000Z");
        assert_eq!(at("30d"), "2026-10-24T15:00:00.000Z");
        assert_eq!(at("2026-11-01T00:00:00-05:00"), "2026-11-01T05:00:00.000Z");
        assert_eq!((at("yesterday"), at("-3h")), (String::new(), String::new()));
    }

    #[test]
    fn a_share_is_whole_and_what_is_there_is_not_called_nothing() {
        let table = [(0, 9), (1, 812), (495, 812), (812, 812), (3, 0)];
        assert_eq!(
            table.map(|(part, whole)| share(part, whole)),
            ["0 %", "<1 %", "60 %", "100 %", "300 %"]
        );
    }
}
