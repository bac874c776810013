//! `outcry reconcile FILE`: a buyer's list of what became of posts. CSV with a line of names; other names and words than
//! ours are translated by flags.

use super::{SettingsArgs, office, output};
use crate::unknowns::{self, ReconcileBody, ReconciledBody, RowBody};
use crate::wire::Exchange;
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `outcry reconcile`.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    #[arg(
        value_name = "FILE",
        help = "CSV with the columns attempt_id and outcome, and perhaps price and reason"
    )]
    file: PathBuf,
    /// A column under another name, such as `--column attempt_id=LeadRef`
    #[arg(long = "column", value_name = "OURS=THEIRS")]
    columns: Vec<String>,
    /// A word for an outcome, such as `--word Sold=accepted`
    #[arg(long = "word", value_name = "THEIRS=OURS")]
    words: Vec<String>,
    /// Say what would be recorded, and record nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

const COLUMNS: [&str; 4] = ["attempt_id", "outcome", "price", "reason"];

/// Records what the file says. A file with a line that cannot be read is refused as a whole.
pub(crate) fn run(args: &ReconcileArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let shown = args.file.display();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("the file {shown} cannot be read"))?;
    let body = Reading::of(args)?.rows(&text).with_context(|| format!("{shown} cannot be used"))?;
    let rows = match body.read() {
        Ok(rows) => rows,
        Err(why) => bail!("{shown} cannot be used, and nothing was recorded: {why}"),
    };
    if args.dry_run {
        output::print(&format!(
            "{} can be read; nothing was recorded\n",
            output::plural(rows.len(), "line")
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let here = |exchange: Exchange| async move {
        let done = unknowns::reconcile(&exchange.engine, rows).await?;
        let detail = json!({ "rows": done.rows.len(), "recorded": done.recorded() });
        let noted = exchange
            .audit
            .note(exchange.engine.now(), office::HERE, unknowns::RECONCILED, "exchange", &detail);
        noted.await?;
        Ok(done)
    };
    let done: ReconciledBody = office::act(&settings, "/v1/operator/reconcile", &body, here)?;
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&done)?)
    } else {
        told(&done)
    };
    output::print(&text)?;
    let refused = done
        .rows
        .iter()
        .any(|row| matches!(&*row.decided.result, "contradicts" | "unbookable" | "under_way"));
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn told(done: &ReconciledBody) -> String {
    let others = done.rows.iter().filter(|row| row.decided.result != "recorded");
    let mut lines: Vec<String> = others.map(|row| format!("line {}: {}\n", row.line, row.decided.detail)).collect();
    let all = output::plural(done.rows.len(), "line");
    lines.push(format!("{} of {all} recorded\n", done.recorded()));
    lines.concat()
}

/// How a file is read.
struct Reading {
    /// Their name of each column.
    names: HashMap<&'static str, String>,
    /// Their words, in lower case, and ours.
    words: HashMap<String, String>,
}

impl Reading {
    fn of(args: &ReconcileArgs) -> Result<Self> {
        let mut names: HashMap<&'static str, String> = COLUMNS.into_iter().map(|name| (name, name.to_owned())).collect();
        for pair in &args.columns {
            let (ours, theirs) = pair
                .split_once('=')
                .with_context(|| format!("--column takes OURS=THEIRS, not {pair}"))?;
            let ours = COLUMNS.into_iter().find(|name| *name == ours);
            let ours = ours.with_context(|| format!("there is no column of ours like that in {pair}; there are {}", COLUMNS.join(", ")))?;
            names.insert(ours, theirs.to_owned());
        }
        let mut words = HashMap::new();
        for pair in &args.words {
            let (theirs, ours) = pair
                .split_once('=')
                .with_context(|| format!("--word takes THEIRS=OURS, not {pair}"))?;
            words.insert(theirs.to_lowercase(), ours.to_owned());
        }
        Ok(Self { names, words })
    }

    fn rows(&self, text: &str) -> Result<ReconcileBody> {
        let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(text))?.into_iter();
        let (_, head) = records.next().context("the file is empty")?;
        let column = |ours: &str| {
            let theirs = self.names.get(ours).map_or(ours, String::as_str);
            head.iter().position(|name| name.trim().eq_ignore_ascii_case(theirs))
        };
        let needed = |ours: &'static str| {
            let hint = format!("it has no column {}; name it with --column {ours}=THEIRS", self.names[ours]);
            column(ours).context(hint)
        };
        let (attempt_id, outcome) = (needed("attempt_id")?, needed("outcome")?);
        let (price, reason) = (column("price"), column("reason"));
        let cell = |record: &[String], at: Option<usize>| {
            let text = record.get(at?)?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let row = |(line, record): (u64, Vec<String>)| {
            let said = cell(&record, Some(outcome)).unwrap_or_default();
            let outcome = self.words.get(&said.to_lowercase()).cloned().unwrap_or(said);
            RowBody {
                line,
                attempt_id: cell(&record, Some(attempt_id)).unwrap_or_default(),
                price: cell(&record, price).filter(|_| outcome == "accepted"),
                reason: cell(&record, reason),
                outcome,
            }
        };
        let filled = records.filter(|(_, record)| record.iter().any(|cell| !cell.trim().is_empty()));
        Ok(ReconcileBody {
            rows: filled.map(row).collect(),
        })
    }
}

/// The records of a CSV file (RFC 4180), each with the line it begins in.
fn records(text: &str) -> Result<Vec<(u64, Vec<String>)>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut begun, mut quoted) = (1, 1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += u64::from(letter == '\n');
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push((begun, std::mem::take(&mut record)));
                begun = line;
            }
            other => cell.push(other),
        }
    }
    if quoted {
        bail!("a quote that is opened in line {begun} is never closed");
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push((begun, record));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(columns: &[&str], words: &[&str]) -> Reading {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Reading::of(&ReconcileArgs {
            file: PathBuf::new(),
            columns: texts(columns),
            words: texts(words),
            dry_run: false,
            json: false,
            settings: SettingsArgs::default(),
        })
        .unwrap()
    }

    #[test]
    fn a_buyers_own_names_and_words_are_understood() {
        let text = "\u{feff}LeadRef,Status,Paid,Note\r\nattempt_1,Sold,12.50,\"fine, \"\"thanks\"\"\"\r\n\r\nattempt_2,Dup,0,\r\n";
        let body = reading(
            &["attempt_id=LeadRef", "outcome=Status", "price=Paid", "reason=Note"],
            &["Sold=accepted", "dup=rejected"],
        );
        let rows = body.rows(text).unwrap().rows;
        let told: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {} {} {:?} {:?}", row.line, row.attempt_id, row.outcome, row.price, row.reason))
            .collect();
        assert_eq!(
            told,
            [
                r#"2 attempt_1 accepted Some("12.50") Some("fine, \"thanks\"")"#,
                "4 attempt_2 rejected None None"
            ]
        );
    }

    #[test]
    fn a_file_that_is_not_what_it_should_be_says_so() {
        let wrong = |text: &str| reading(&[], &[]).rows(text).err().map(|fault| format!("{fault:#}")).unwrap();
        assert!(wrong("").contains("empty"));
        assert!(wrong("id,outcome\n1,accepted\n").contains("no column attempt_id; name it with --column attempt_id=THEIRS"));
        assert!(wrong("attempt_id,outcome\n\"a,accepted\n").contains("line 2 is never closed"));
    }
}
