//! What a bench run found, as a table and as JSON; and the little it asks of the engine for that.

use super::Measurement;
use super::freeze::Frozen;
use anyhow::{Context, Result};
use outcry_engine::ports::store::{ListChange, PersonKey, Store};
use outcry_store::{Sqlite, Vault};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::Path;

/// Everything one run found.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) rows: Vec<Row>,
    pub(super) freeze: Option<Frozen>,
}

/// One number of buyers at one delay.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) buyers: u16,
    pub(super) buyer_delay_ms: u64,
    pub(super) engine: Figures,
    pub(super) floor: Figures,
    pub(super) peer: Option<Figures>,
}

/// What was measured of one engine.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    per_second: f64,
    cpu_ms: f64,
    open_cpu_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    rss_mb: f64,
    commits: Option<f64>,
    wrong: u64,
    failed: u64,
}

impl Row {
    pub(super) fn put(&mut self, name: &str, closed: &Measurement, open: &Measurement) {
        let per = |total: f64, measurement: &Measurement| total / (measurement.load.per_second() * measurement.load.seconds).max(1.0);
        let figures = Figures {
            per_second: closed.load.per_second(),
            cpu_ms: per(closed.cpu_ms, closed),
            open_cpu_ms: per(open.cpu_ms, open),
            p50_ms: open.load.quantile_ms(0.5),
            p99_ms: open.load.quantile_ms(0.99),
            p999_ms: open.load.quantile_ms(0.999),
            rss_mb: closed.rss_mb.max(open.rss_mb),
            commits: closed.commits.map(|commits| per(commits, closed)),
            wrong: closed.load.wrong + open.load.wrong,
            failed: closed.load.failed + open.load.failed + closed.load.pending + open.load.pending,
        };
        match name {
            "engine" => self.engine = figures,
            "floor" => self.floor = figures,
            _ => self.peer = Some(figures),
        }
    }
}

impl Run {
    /// Answers of the engine that were not the best eligible bid.
    pub(super) fn wrong_winners(&self) -> u64 {
        self.rows.iter().map(|row| row.engine.wrong).sum()
    }
}

/// The table for people. Rates and CPU are of the closed loop, times of the open loop.
pub(super) fn table(run: &Run) -> String {
    let mut text = String::from(
        "\n                     ---- closed loop, 32 connections ----   -- open loop, answer ms --\n\
         buyers delay who      auctions/s  cpu ms  of floor  commits      p50     p99   p99.9   rss MB  wrong failed\n",
    );
    for row in &run.rows {
        let who = [
            ("engine", Some(&row.engine)),
            ("floor", Some(&row.floor)),
            ("peer", row.peer.as_ref()),
        ];
        for (name, figures) in who.into_iter().filter_map(|(name, figures)| Some((name, figures?))) {
            let commits = figures.commits.map_or_else(|| "-".to_owned(), |commits| format!("{commits:.2}"));
            let wrong = if name == "engine" {
                figures.wrong.to_string()
            } else {
                "-".to_owned()
            };
            writeln!(
                text,
                "{:>6} {:>3}ms {name:<7} {:>11.0} {:>7.3} {:>9.2} {commits:>8} {:>8.1} {:>7.1} {:>7.1} {:>8.0} {wrong:>6} {:>6}",
                row.buyers,
                row.buyer_delay_ms,
                figures.per_second,
                figures.cpu_ms,
                figures.cpu_ms / row.floor.cpu_ms,
                figures.p50_ms,
                figures.p99_ms,
                figures.p999_ms,
                figures.rss_mb,
                figures.failed
            )
            .expect("a String takes any text");
        }
    }
    if let Some(growth) = growth(run) {
        writeln!(text, "\nCPU per auction grows {growth:.2} times from 10 to 50 buyers.").expect("a String takes any text");
    }
    if let Some(frozen) = &run.freeze {
        let share = share(frozen);
        writeln!(
            text,
            "After a freeze of one second at 1,000 leads a second, {} of {} leads of the next five seconds were lost ({share:.2} %), and memory grew by {:.0} MB.",
            frozen.lost, frozen.answered, frozen.rss_growth_mb
        )
        .expect("a String takes any text");
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts of five seconds")]
fn share(frozen: &Frozen) -> f64 {
    100.0 * frozen.lost as f64 / frozen.answered.max(1) as f64
}

fn growth(run: &Run) -> Option<f64> {
    let cpu = |buyers| {
        run.rows
            .iter()
            .find(|row| row.buyers == buyers && row.buyer_delay_ms == 0)
            .map(|row| row.engine.cpu_ms)
    };
    Some(cpu(50)? / cpu(10)?)
}

/// The object for machines.
pub(super) fn json(run: &Run) -> Value {
    let rows = run.rows.iter().map(|row| {
        let mut object = json!({
            "buyers": row.buyers,
            "buyer_delay_ms": row.buyer_delay_ms,
            "auctions_per_s": rounded(row.engine.per_second),
            "p50_ms": rounded(row.engine.p50_ms),
            "p99_ms": rounded(row.engine.p99_ms),
            "p999_ms": rounded(row.engine.p999_ms),
            "cpu_ms_per_auction": rounded(row.engine.cpu_ms),
            "open_cpu_ms_per_auction": rounded(row.engine.open_cpu_ms),
            "floor_auctions_per_s": rounded(row.floor.per_second),
            "floor_cpu_ms_per_auction": rounded(row.floor.cpu_ms),
            "cpu_ratio": rounded(row.engine.cpu_ms / row.floor.cpu_ms),
            "commits_per_auction": row.engine.commits.map(rounded),
            "rss_mb": rounded(row.engine.rss_mb),
            "wrong_winners": row.engine.wrong,
            "failed": row.engine.failed,
        });
        if let (Some(peer), Value::Object(members)) = (&row.peer, &mut object) {
            members.insert("peer_cpu_ms_per_auction".to_owned(), json!(rounded(peer.cpu_ms)));
            members.insert("peer_ratio".to_owned(), json!(rounded(peer.cpu_ms / row.engine.cpu_ms)));
        }
        object
    });
    let mut whole = Map::new();
    whole.insert("settings".to_owned(), rows.collect());
    if let Some(growth) = growth(run) {
        whole.insert("cpu_growth_10_to_50".to_owned(), json!(rounded(growth)));
    }
    if let Some(frozen) = &run.freeze {
        whole.insert("freeze".to_owned(), json!({"lost": frozen.lost, "of": frozen.answered, "lost_percent": rounded(share(frozen)), "rss_growth_mb": rounded(frozen.rss_growth_mb)}));
    }
    Value::Object(whole)
}

fn rounded(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}

/// Commits the engine has made so far, from its metrics.
pub(super) fn commits(port: u16) -> Option<f64> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        .ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("outcry_store_commits_total ")?.trim().parse().ok())
}

/// Puts made-up people by hand on the list of a fresh data folder.
pub(super) fn fill_list(data: &Path, people: u32) -> Result<()> {
    std::fs::create_dir_all(data).context("the data folder of the bench cannot be made")?;
    let master = crate::keys::MasterKeys::of("", data)?;
    let keys = crate::keys::of_folder(data, &master)?.master;
    let store = Sqlite::open(data, Vault::from_keys(&keys))?;
    let runtime = super::runtime(1)?;
    for batch in (0..people).collect::<Vec<_>>().chunks(50_000) {
        let entries = batch
            .iter()
            .map(|n| PersonKey(u128::from(*n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()))
            .collect();
        runtime
            .block_on(store.change_list(ListChange {
                list: "house".into(),
                entries,
                on: true,
            }))
            .context("the list of the bench cannot be filled")?;
    }
    Ok(())
}
