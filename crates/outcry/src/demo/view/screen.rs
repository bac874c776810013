//! The screen: drawn anew twice a second on the terminal's other page, so that nothing of the user's is lost.

use super::{Doing, View, auction};
use crate::cli::output::{self, Reader};
use crate::demo::books::Count;
use crate::demo::stage::Stage;
use anyhow::{Context, Result};
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::execute;
use crossterm::style::Stylize;
use crossterm::terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, size};
use outcry_core::record::{Door, Ending, Record};
use outcry_engine::ports::Later;
use outcry_engine::ports::store::Books;
use std::fmt::Write as _;
use std::io::stdout;
use std::time::{Duration, Instant};

/// Rows of the page that are neither auctions nor commands.
const OTHER_ROWS: usize = 12;

/// Draws the demo.
pub(in crate::demo) struct Screen {
    /// Leads a moment ago, for the rate.
    last: (Instant, u64),
    rate: f64,
    open: bool,
}

impl Screen {
    /// Turns to the terminal's other page.
    pub(in crate::demo) fn open() -> Result<Self> {
        execute!(stdout(), EnterAlternateScreen, Hide).context("the terminal cannot be drawn on")?;
        Ok(Self {
            last: (Instant::now(), 0),
            rate: 0.0,
            open: true,
        })
    }

    fn page(&mut self, stage: &Stage, doing: Doing, books: &Books, records: &[Record]) -> String {
        let (columns, rows) = size().map_or((120, 40), |(columns, rows)| (usize::from(columns), usize::from(rows)));
        self.update_rate(stage);
        let mut page = String::new();
        let mut line = |text: String| {
            let _ = write!(page, "{text}\r\n");
        };
        let head = doing.says(stage).unwrap_or_else(|| title(stage));
        line(cut(&head, columns).bold().to_string());
        line(String::new());
        let rate = matches!(doing, Doing::Selling).then_some(self.rate);
        for text in figures(stage, books, rate).lines() {
            line(cut(text, columns));
        }
        line(String::new());
        line("The latest auctions".bold().to_string());
        let explain = explain(stage);
        let commands: usize = [&stage.tryout.ping, &stage.tryout.post, &explain]
            .iter()
            .map(|command| command.chars().count().div_ceil(columns.max(1)))
            .sum();
        let room = rows.saturating_sub(OTHER_ROWS + commands).max(3);
        let shown = records
            .iter()
            .filter(|record| record.door != Door::Ping || record.ending == Ending::Unsold)
            .take(room);
        for record in shown {
            let text = cut(&auction::line(record, columns.saturating_sub(2)), columns.saturating_sub(2));
            line(format!("  {}", coloured(record, text)));
        }
        line(String::new());
        line(
            "Try it: paste these into another terminal, first the ping, then the post"
                .bold()
                .to_string(),
        );
        line(stage.tryout.ping.clone());
        line(String::new());
        line(stage.tryout.post.clone());
        line(String::new());
        line(cut(why(stage), columns).bold().to_string());
        // No line break: it would push the first line of a full page out of sight.
        page.push_str(&explain);
        page
    }

    fn update_rate(&mut self, stage: &Stage) {
        let leads = stage.count.lock().expect("nothing panics while it holds the count").leads;
        let (then, before) = self.last;
        let passed = then.elapsed().as_secs_f64();
        if 1.0 <= passed {
            self.rate = f64::from(u32::try_from(leads.saturating_sub(before)).unwrap_or(u32::MAX)) / passed;
            self.last = (Instant::now(), leads);
        }
    }
}

impl View for Screen {
    fn every(&self) -> Duration {
        Duration::from_millis(500)
    }

    fn show<'a>(&'a mut self, stage: &'a Stage, doing: Doing) -> Later<'a, Result<Reader>> {
        Box::pin(async move {
            let books = stage.books().await?;
            let records = stage.store.latest(60).await?;
            let page = self.page(stage, doing, &books, &records);
            execute!(stdout(), MoveTo(0, 0), Clear(ClearType::All)).context("the terminal cannot be drawn on")?;
            output::print(&page)
        })
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.open) {
            // The terminal may be gone already; then there is nothing to put right.
            let _ = execute!(stdout(), Show, LeaveAlternateScreen);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.close();
    }
}

fn coloured(record: &Record, text: String) -> String {
    match record.ending {
        Ending::Sold { .. } => text.green().to_string(),
        Ending::Pending { .. } | Ending::Waiting { .. } | Ending::Review { .. } => text.yellow().to_string(),
        Ending::Unsold | Ending::Quoted { .. } => text.dark_grey().to_string(),
    }
}

fn cut(text: &str, columns: usize) -> String {
    text.chars().take(columns).collect()
}

/// Where it runs and what is in it.
pub(super) fn title(stage: &Stage) -> String {
    let catalog = &stage.book.catalog;
    format!(
        "OUTCRY demo on http://127.0.0.1:{}: {} sources, {} buyers, {} contracts. Ctrl-C stops it.",
        stage.port,
        catalog.sources.len(),
        catalog.buyers.len(),
        catalog.contract_count()
    )
}

/// What the explain command is for, and how long it can be asked.
pub(super) fn why(stage: &Stage) -> &'static str {
    if stage.passing {
        "Why did the last lead go where it went? (Its folder is removed at the end; --data DIR keeps one.)"
    } else {
        "Why did the last lead go where it went?"
    }
}

/// The command that tells it, ready to be pasted.
pub(super) fn explain(stage: &Stage) -> String {
    format!("{} explain last --data {}", program(), stage.data.display())
}

/// The program as this shell can call it: below the current folder by its relative path.
fn program() -> String {
    let Ok(whole) = std::env::current_exe() else {
        return "outcry".to_owned();
    };
    let below = std::env::current_dir()
        .ok()
        .and_then(|here| Some(whole.strip_prefix(here).ok()?.to_owned()));
    match below {
        Some(below) => format!("./{}", below.display()),
        None => whole.display().to_string(),
    }
}

/// Leads, money and times of this run.
pub(super) fn figures(stage: &Stage, books: &Books, rate: Option<f64>) -> String {
    let told = stage.count.lock().expect("nothing panics while it holds the count").clone();
    let count = Count::of(books, &told);
    let rate = rate.map(|rate| format!("{rate:.0} leads/s   ")).unwrap_or_default();
    let failed = if told.failed == 0 {
        String::new()
    } else {
        format!("   {} failed", told.failed)
    };
    let selling = stage.selling().min(count.pending);
    format!(
        "{rate}{} leads: {} sold, {} unsold, {} pending, {selling} under way{failed}\n\
         answers: p50 {:.0} ms, p99 {:.0} ms, {} late\n\
         buyers owe {}, suppliers get {}, {} stay here",
        count.leads,
        count.sold,
        count.unsold,
        count.pending - selling,
        told.quantile_ms(0.5),
        told.quantile_ms(0.99),
        told.late,
        books.price,
        books.payout,
        books.margin
    )
}
