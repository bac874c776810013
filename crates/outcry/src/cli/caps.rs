//! `outcry caps`: how much of every cap is used, and when it will be full at this pace. It may run beside a serving exchange.

use super::check::summary;
use super::{SettingsArgs, output};
use crate::clock::SystemClock;
use crate::folder;
use crate::secrets::Vaulted;
use crate::settings::environment;
use anyhow::{Result, bail};
use clap::Args;
use outcry_core::cap::Forecast;
use outcry_engine::caps::{CapStanding, standings};
use outcry_engine::ports::clock::Clock;
use outcry_store::Reader;
use std::process::ExitCode;

/// Flags of `outcry caps`.
#[derive(Debug, Args)]
pub(crate) struct CapsArgs {
    /// Only caps whose name holds this, such as "acme" or "source/"
    #[arg(value_name = "PART")]
    part: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Prints a line for each cap.
pub(crate) fn run(args: &CapsArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let files = folder::read(&settings.spec)?;
    let outcome = outcry_spec::compile(&files, &Vaulted::load(&settings.secrets, environment())?);
    let said = summary(&outcome, &files);
    let Some(book) = outcome.book else {
        bail!("{said}; `outcry check` shows what is wrong");
    };
    let counters = Reader::open(&settings.data)?.counters()?;
    let mut caps = standings(&book.catalog, counters, SystemClock.now());
    if let Some(part) = &args.part {
        caps.retain(|standing| standing.cap.key.contains(part.as_str()));
    }
    output::print(&table(&caps))?;
    Ok(ExitCode::SUCCESS)
}

/// Columns as wide as what stands in them.
fn table(caps: &[CapStanding]) -> String {
    if caps.is_empty() {
        return "there are no such caps\n".to_owned();
    }
    let head = ["CAP", "USED", "LIMIT", "PER", "FORECAST"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(caps.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..4).map(width).collect();
    let line = |[cap, used, limit, per, forecast]: &[String; 5]| {
        format!(
            "{cap:<0$}  {used:>1$}  {limit:>2$}  {per:<3$}  {forecast}\n",
            widths[0], widths[1], widths[2], widths[3]
        )
    };
    rows.iter().map(line).collect()
}

fn row(standing: &CapStanding) -> [String; 5] {
    let CapStanding { cap, used, forecast } = standing;
    let at = |moment: &outcry_core::moment::Moment| moment.shown_in(&cap.clock.zone);
    let forecast = match forecast {
        Forecast::Full { opens: Some(opens) } => format!("full until {}", at(opens)),
        Forecast::Full { opens: None } => "full".to_owned(),
        Forecast::FullAt(full) => format!("full at {} at this pace", at(full)),
        Forecast::Open { at_end: Some(units) } => format!("{} at the end of the window at this pace", cap.shown(*units)),
        Forecast::Open { at_end: None } => "not full at this pace".to_owned(),
        Forecast::Unknown => "too early to tell".to_owned(),
    };
    [
        cap.key.to_string(),
        cap.shown(*used),
        cap.shown(cap.limit),
        cap.clock.shown(),
        forecast,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::moment::Moment;
    use outcry_engine::ports::store::Counter;
    use outcry_spec::SpecFile;
    use std::collections::BTreeMap;

    #[test]
    fn a_line_says_how_much_of_a_cap_is_used_and_when_it_will_be_full() {
        let text = include_str!("../../../../examples/tiny/exchange.toml");
        let caps = "caps = [{ count = \"sales\", per = \"day\", limit = 50, zone = \"America/New_York\" },\n\
                    { count = \"price\", per = \"total\", limit = \"500.00\" },\n\
                    { count = \"posts\", per = \"hour\", limit = 9 }]";
        let own = "caps = [{ count = \"sales\", per = \"day\", limit = 50, zone = \"America/New_York\" }]";
        assert!(text.contains(own));
        let file = SpecFile {
            path: "exchange.toml".to_owned(),
            text: text.replace(own, caps),
        };
        let names = text.split("secret:").skip(1).filter_map(|rest| rest.split('"').next());
        let secrets: BTreeMap<String, String> = names.map(|name| (name.to_owned(), "a long enough value".to_owned())).collect();
        let integration = SpecFile {
            path: "integrations/plain_json.toml".to_owned(),
            text: include_str!("../../../../examples/tiny/integrations/plain_json.toml").to_owned(),
        };
        let outcome = outcry_spec::compile(&[file, integration], &secrets);
        let book = outcome.book.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics));
        let contract = "acme_home";
        // It is eleven in New York, and the first lead of the day came at nine.
        let (first, now) = (Moment::from_unix_ms(1_795_442_400_000), Moment::from_unix_ms(1_795_449_600_000));
        let midnight = Moment::from_unix_ms(1_795_410_000_000);
        let counter = |what: &str, window, used| Counter {
            cap: format!("contract/{contract}/{what}").into(),
            window,
            used,
            first: Some(first),
        };
        let counters = vec![
            counter("sales/day", midnight, 20),
            counter("price/total", Moment::from_unix_ms(0), 500_000_000),
        ];
        let told = table(&standings(&book.catalog, counters, now));
        let lines: Vec<&str> = told
            .lines()
            .map(|line| line.split_once("  ").map_or(line, |(_, rest)| rest.trim_start()))
            .collect();
        assert_eq!(
            lines,
            [
                "USED   LIMIT  PER                      FORECAST",
                "0       9  hour                     too early to tell",
                "500.00  500.00  total                    full",
                "20      50  day in America/New_York  full at 2026-11-23 14:00 at this pace",
            ],
            "\n{told}"
        );
    }
}
