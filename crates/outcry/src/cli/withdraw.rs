//! `outcry withdraw`: persons have taken their consent back. Through the exchange that serves the data folder, so that it is in
//! force at once.

use super::SettingsArgs;
use super::line::Line;
use super::output::{self, plural};
use crate::http::{Lift, Lifted, Withdraw, Withdrawn};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Numbers and addresses of one request; more go in several.
const BATCH: usize = 50_000;

/// Flags of `outcry withdraw`.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// A phone number, however it is written; may be given more than once
    #[arg(long, value_name = "NUMBER")]
    phone: Vec<String>,
    /// An e-mail address; may be given more than once
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// A file with one number or address a line, perhaps with more columns behind a comma
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only this way to be reached: call, sms or email
    #[arg(long, value_name = "WAY", conflicts_with = "buyer")]
    channel: Option<String>,
    /// Only this buyer
    #[arg(long, value_name = "NAME")]
    buyer: Option<String>,
    /// The other way round: end withdrawals, of one way or buyer if one is named, or all of theirs
    #[arg(long, requires = "note")]
    lift: bool,
    /// Why they end, for the audit log, which keeps it for good: name nobody
    #[arg(long, value_name = "TEXT", requires = "lift")]
    note: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Takes them back. Fails if a line of the file is no number and no address; the others are in force all the same.
pub(crate) fn run(args: &WithdrawArgs) -> Result<ExitCode> {
    let mut people: Vec<(usize, String)> = args.phone.iter().chain(&args.email).map(|one| (0, one.clone())).collect();
    if let Some(file) = &args.file {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        people.extend(lines(&text));
    }
    if people.is_empty() {
        bail!("name somebody with --phone, --email or --file");
    }
    let line = Line::to(&args.settings.load()?.data);
    let (said, bad) = match &args.note {
        Some(note) => lift(args, note, &people, &line)?,
        None => take(args, &people, &line)?,
    };
    output::print(&said)?;
    Ok(told(&bad))
}

/// What to print, and the lines that could not be read.
type Done = (String, Vec<usize>);

fn asked(args: &WithdrawArgs, batch: &[(usize, String)]) -> Withdraw {
    Withdraw {
        people: batch.iter().map(|(_, one)| one.clone()).collect(),
        channel: args.channel.clone(),
        buyer: args.buyer.clone(),
    }
}

/// Line numbers of what could not be read of a batch.
fn unread(batch: &[(usize, String)], positions: &[usize]) -> Vec<usize> {
    let read = positions.iter().filter_map(|at| batch.get(at.checked_sub(1)?));
    read.map(|(number, _)| *number).collect()
}

fn take(args: &WithdrawArgs, people: &[(usize, String)], line: &Line) -> Result<Done> {
    let (mut taken, mut scope, mut bad) = (0, String::new(), Vec::new());
    for batch in people.chunks(BATCH) {
        let done: Withdrawn = line.post("/v1/operator/withdrawals", &asked(args, batch))?;
        taken += done.taken;
        scope = done.scope;
        bad.extend(unread(batch, &done.unreadable));
    }
    let said = format!("{} taken back ({scope}), in force for every later post\n", plural(taken, "consent"));
    Ok((said, bad))
}

fn lift(args: &WithdrawArgs, note: &str, people: &[(usize, String)], line: &Line) -> Result<Done> {
    let (mut lifted, mut bad) = (0, Vec::new());
    for batch in people.chunks(BATCH) {
        let of = asked(args, batch);
        let note = note.to_owned();
        let done: Lifted = line.post("/v1/operator/withdrawals/lift", &Lift { of, note })?;
        lifted += done.lifted;
        bad.extend(unread(batch, &done.unreadable));
    }
    let lifted = usize::try_from(lifted).unwrap_or(usize::MAX);
    Ok((format!("{} lifted\n", plural(lifted, "withdrawal")), bad))
}

/// First columns with their line numbers. A first line without a digit and without an `@` is a header.
fn lines(text: &str) -> Vec<(usize, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let column = |line: &str| {
        line.split([',', ';', '\t'])
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"')
            .to_owned()
    };
    let numbered = (1..).zip(text.lines().map(column)).filter(|(_, value)| !value.is_empty());
    numbered
        .filter(|(number, value)| *number != 1 || value.contains('@') || value.chars().any(|c| c.is_ascii_digit()))
        .collect()
}

/// Says which lines were no number and no address. Their text is not repeated.
fn told(bad: &[usize]) -> ExitCode {
    if bad.is_empty() {
        return ExitCode::SUCCESS;
    }
    let given = bad.iter().filter(|number| **number == 0).count();
    let numbers: Vec<String> = bad
        .iter()
        .filter(|number| **number != 0)
        .take(20)
        .map(ToString::to_string)
        .collect();
    if given != 0 {
        eprintln!("{} on the command line is no number and no address", plural(given, "value"));
    }
    if !numbers.is_empty() {
        let lines = bad.len() - given;
        eprintln!(
            "{} of the file: no number and no address (line {}{})",
            plural(lines, "line"),
            numbers.join(", "),
            if 20 < lines { ", …" } else { "" }
        );
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn a_file_may_have_a_header_further_columns_and_empty_lines() {
        let text = "\u{feff}phone,when\r\n\"+1 (202) 555-0143\",2026-11-23\n\navery@example.com;x\n  2025550144\n";
        let read = lines(text);
        let read: Vec<(usize, &str)> = read.iter().map(|(number, value)| (*number, value.as_str())).collect();
        assert_eq!(read, [(2, "+1 (202) 555-0143"), (4, "avery@example.com"), (5, "2025550144")]);
        assert_eq!(lines("2025550144\n").len(), 1, "a first line that is a number is one");
    }
}
