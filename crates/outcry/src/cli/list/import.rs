//! `outcry list import NAME FILE`: streams a file into a list, in bounded memory, and puts it in its place only if all is well.

use super::proof::{self, Sample};
use super::rows::{Columns, Rows};
use super::{SettingsArgs, named};
use crate::cli::output;
use crate::keys::{self, MasterKeys};
use crate::lists;
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use outcry_core::list::List;
use outcry_store::list::{About, List as ListOnDisk, ListBuilder};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Of so many lines one may be no entry.
const MISFIT_ONE_IN: u64 = 1_000;
/// Problems told with their line; the others are counted.
const TOLD_MOST: usize = 20;
/// A list that holds less than a tenth of what it held is a mistake until somebody says otherwise.
const SHRUNK_TO: u64 = 10;

/// Flags of `outcry list import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The list, as the spec files call it
    #[arg(value_name = "NAME")]
    name: String,
    /// The file: one entry a line, or columns; plain or packed with gzip
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column with the entries: its heading, its number from 1, or several that make one entry together: 1,2
    #[arg(long, value_name = "COLUMN")]
    column: Option<String>,
    /// The version as its source names it; the file's name if it is not given
    #[arg(long, value_name = "TEXT")]
    version: Option<String>,
    /// When its source made it, as YYYY-MM-DD or with a time; when the file was last changed if it is not given
    #[arg(long, value_name = "DATE")]
    made: Option<String>,
    /// Pairs of a value and its digest that prove how the list was hashed, one a line: value,digest
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Values of people who must be on the list, one a line
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Take a hashed list without any proof of how it was made
    #[arg(long)]
    unproven: bool,
    /// Take a list that is empty, or a tenth of what it was
    #[arg(long)]
    shrunk: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// What was read.
#[derive(Default)]
struct Tally {
    rows: u64,
    misfits: u64,
    told: Vec<(u64, String)>,
    kinds: BTreeMap<String, u64>,
}

impl Tally {
    /// Neither here nor in a log stands what a line said: it may be somebody's number.
    fn misfit(&mut self, line: u64, what: String) {
        self.misfits += 1;
        if self.told.len() < TOLD_MOST {
            self.told.push((line, what.clone()));
        }
        *self.kinds.entry(what).or_default() += 1;
    }

    /// Every problem, by line as far as they are told, and counted.
    fn problems(&self, file: &Path) -> String {
        let mut text = String::new();
        for (line, what) in &self.told {
            let _ = writeln!(text, "{}:{line}: {what}", file.display());
        }
        if self.told.len() as u64 != self.misfits {
            for (what, count) in &self.kinds {
                let _ = writeln!(text, "{count} lines: {what}");
            }
        }
        text
    }
}

/// Imports.
pub(super) fn run(args: &ImportArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let list = named(&settings, &args.name)?;
    let proven = prove(args, &list)?;
    let data = &settings.data;
    std::fs::create_dir_all(lists::folder(data)).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let key = lists::key(&keys::of_folder(data, &MasterKeys::of(&settings.keys.master, data)?)?);
    let path = lists::path(data, &list.name);
    let before = ListOnDisk::about_of(&path).ok();
    let about = About::new(list.entries.word(), version(args), made_at_ms(args)?);
    let mut builder = ListBuilder::new(&path, about, &key);
    let mut sample = args.sample.as_deref().map(|path| Sample::read(&list.entries, path)).transpose()?;
    let tally = stream(args, &list, &mut builder, sample.as_mut())?;
    let problems = tally.problems(&args.file);
    eprint!("{problems}");
    let entries = tally.rows - tally.misfits;
    if tally.misfits * MISFIT_ONE_IN > tally.rows {
        bail!(
            "{} of {} lines are no entries of this list, which is more than one in {MISFIT_ONE_IN}; nothing was imported",
            tally.misfits,
            tally.rows
        );
    }
    let held = before.as_ref().map_or(0, |about| about.entries);
    if !args.shrunk && (entries == 0 || entries < held / SHRUNK_TO) {
        bail!("the file holds {entries} entries, and the list held {held}; nothing was imported. If that is right, say --shrunk");
    }
    let found = sample.map(|sample| sample.judge()).transpose().context("nothing was imported")?;
    let about = builder.finish()?;
    let mut said = format!("{}: {} entries, version {}", list.name, about.entries, about.version);
    if tally.misfits > 0 {
        let _ = write!(said, "; {} lines were left out", tally.misfits);
    }
    for proof in proven.into_iter().chain(found) {
        let _ = write!(said, "; {proof}");
    }
    said.push_str("; a running exchange takes it within a moment\n");
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows how a hashed list was made, or wants it said that nobody knows.
fn prove(args: &ImportArgs, list: &List) -> Result<Option<String>> {
    if let Some(path) = &args.known {
        let pairs = proof::known(&list.entries, path).context("nothing was imported")?;
        return Ok(Some(format!("proven by {pairs} known digests")));
    }
    if list.entries.hash.is_some() && args.sample.is_none() && !args.unproven {
        bail!(
            "nothing shows that {} was hashed as its table says, and a list that was not finds nobody; give pairs that are known (--known FILE), or people who must be on it (--sample FILE), or say --unproven",
            list.name
        );
    }
    Ok(None)
}

fn stream(args: &ImportArgs, list: &List, builder: &mut ListBuilder, mut sample: Option<&mut Sample>) -> Result<Tally> {
    let mut columns = Columns::parse(args.column.as_deref())?;
    let mut rows = Rows::open(&args.file)?;
    let (mut tally, mut bar, mut headings) = (Tally::default(), Bar::new(), None);
    while let Some(row) = rows.next()? {
        bar.show(rows.thousandths(), tally.rows);
        if tally.rows == 0 && columns.settle(&row)? {
            continue;
        }
        let read = match columns.of(&row) {
            Some(value) => list.entries.read(&value).map_err(|misfit| misfit.to_string()),
            None => Err("too few columns".to_owned()),
        };
        match read {
            Ok(entry) => {
                tally.rows += 1;
                if let Some(sample) = sample.as_deref_mut() {
                    sample.see(&entry);
                }
                match lists::us10(&entry).filter(|_| list.entries.word() == "phone") {
                    Some(number) => builder.add_phone(number).map(|_| ())?,
                    None => builder.add(&list.entries.word(), &entry)?,
                }
            }
            // A first line that fits nothing is one of headings, unless it is all there is.
            Err(what) if rows.number == 1 => headings = Some(what),
            Err(what) => {
                tally.rows += 1;
                tally.misfit(rows.number, what);
            }
        }
    }
    bar.end();
    if let Some(what) = headings.filter(|_| tally.rows == 0) {
        tally.rows += 1;
        tally.misfit(1, what);
    }
    Ok(tally)
}

fn version(args: &ImportArgs) -> String {
    let name = || {
        args.file
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    args.version.clone().unwrap_or_else(name)
}

/// A date is its last moment in UTC's terms at the earliest: its beginning, so that a list is never taken for younger than it is.
fn made_at_ms(args: &ImportArgs) -> Result<i64> {
    let Some(text) = &args.made else {
        let changed = std::fs::metadata(&args.file).and_then(|about| about.modified());
        let changed = changed.with_context(|| format!("the file {} cannot be read", args.file.display()))?;
        let since = changed.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        return Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    };
    let day = |date: Date| date.to_zoned(TimeZone::UTC).map(|moment| moment.timestamp());
    let read = text.parse::<jiff::Timestamp>().or_else(|_| text.parse::<Date>().and_then(day));
    read.map(jiff::Timestamp::as_millisecond)
        .with_context(|| format!("--made takes a date as YYYY-MM-DD, or a moment such as 2026-11-23T06:00:00Z, not {text}"))
}

/// How far the import has come, for whoever watches a terminal.
struct Bar {
    shown: bool,
    at: u64,
}

impl Bar {
    const WIDTH: u64 = 40;

    fn new() -> Self {
        Self {
            shown: std::io::stderr().is_terminal(),
            at: u64::MAX,
        }
    }

    fn show(&mut self, thousandths: u64, rows: u64) {
        if !self.shown || thousandths == self.at {
            return;
        }
        self.at = thousandths;
        let full = thousandths.min(1_000) * Self::WIDTH / 1_000;
        let bar: String = (0..Self::WIDTH).map(|at| if at < full { '#' } else { '.' }).collect();
        eprint!("\r[{bar}] {:>3} %  {rows} lines", thousandths / 10);
    }

    fn end(&self) {
        if self.shown && self.at != u64::MAX {
            eprintln!();
        }
    }
}
