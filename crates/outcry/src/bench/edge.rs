//! What a crowd costs those who behave: `outcry bench --edge WHICH`.
//!
//! Everything is measured against the same machine a minute before: the capacity first, then answer times at 80 per cent of
//! it, then the same with the trouble. Load, buyers and engine share the processors, as on any small machine.

mod stalled;

use super::load::{self, Keys, Loop, Measured, Target};
use super::process::{Process, free_ports};
use super::spec::{self, Shape};
use super::{BenchArgs, fresh_run, role, runtime, serve};
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::path::Path;
use std::time::Duration;

const BUYERS: u16 = 5;
/// Buyers answer after so many milliseconds: quicker than most, so that the machine is the limit and not their pace.
const DELAY_MS: u64 = 50;
const SOURCES: u16 = 10;
/// Connections that find out the capacity.
const CONNECTIONS: usize = 512;
/// The usual load, as a part of the capacity.
const REFERENCE: f64 = 0.8;
/// After a rush everything must be as before within this.
const BACK: Duration = Duration::from_secs(5);
/// Ten times the capacity is for so long.
const STORM: Duration = Duration::from_secs(30);

/// Which trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Edge {
    /// Twice the capacity, then ten times
    Overload,
    /// One of ten sources sends ten times its part
    Flood,
    /// A thousand sockets that begin and do not go on
    Stalled,
}

/// Measures, and prints a line for each figure. True if all are what they must be.
pub(super) fn run(edge: Edge, args: &BenchArgs) -> Result<bool> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let stage = Stage::set(args, folder.path())?;
    runtime(1)?.block_on(async {
        let capacity = stage.capacity().await?;
        let usual = stage.open(stage.everybody(), REFERENCE * capacity, stage.warm, stage.counted).await;
        println!(
            "figure: capacity {capacity:.0} leads a second; at 80 per cent p99 {:.1} ms, {} refused, {} failed",
            usual.quantile_ms(0.99),
            usual.refused,
            usual.failed
        );
        let seen = Seen { capacity, usual };
        match edge {
            Edge::Overload => stage.overload(&seen, folder.path()).await,
            Edge::Flood => Ok(stage.flood(&seen).await),
            Edge::Stalled => stage.stalled(&seen).await,
        }
    })
}

/// The engine and its buyers.
struct Stage {
    engine: Process,
    _buyers: Process,
    port: u16,
    warm: Duration,
    counted: Duration,
}

/// What was seen before the trouble.
struct Seen {
    capacity: f64,
    usual: Measured,
}

impl Seen {
    /// How much longer the slowest hundredth waits.
    fn times(&self, measured: &Measured) -> f64 {
        measured.quantile_ms(0.99) / self.usual.quantile_ms(0.99)
    }
}

impl Stage {
    fn set(args: &BenchArgs, home: &Path) -> Result<Self> {
        let (buyer_port, port) = (free_ports(BUYERS)?, free_ports(2 + BUYERS)? + BUYERS);
        Ok(Self {
            engine: serve(args, home, port, buyer_port, BUYERS, SOURCES)?,
            _buyers: role("buyers", 0, buyer_port, BUYERS, DELAY_MS, home)?,
            port,
            warm: Duration::from_secs(args.warm),
            counted: Duration::from_secs(args.seconds),
        })
    }

    /// Sources from this number to that one, taking turns.
    fn sources(&self, from: u16, to: u16) -> Target {
        let bearer = |source| format!("authorization: Bearer {}\r\n", spec::source_key(source));
        Target {
            port: self.port,
            path: "/v1/leads".to_owned(),
            headers: (from..to).map(bearer).collect(),
            buyers: BUYERS.into(),
            rules: true,
            shape: Shape::Auto,
        }
    }

    fn everybody(&self) -> Target {
        self.sources(0, SOURCES)
    }

    async fn open(&self, target: Target, rate: f64, warm: Duration, counted: Duration) -> Measured {
        load::run(&target, Loop::Open(rate), warm, counted, &Keys::new(fresh_run()), || ()).await
    }

    async fn capacity(&self) -> Result<f64> {
        let (target, keys) = (self.everybody(), Keys::new(fresh_run()));
        let measured = load::run(&target, Loop::Closed(CONNECTIONS), self.warm, self.counted, &keys, || ()).await;
        ensure!(
            0 < measured.answered,
            "not one lead was answered within {} s, so there is no capacity to compare with; use the release build, and a machine that does nothing else",
            self.counted.as_secs()
        );
        Ok(measured.per_second())
    }

    async fn overload(&self, seen: &Seen, home: &Path) -> Result<bool> {
        let twice = self.open(self.everybody(), 2.0 * seen.capacity, self.warm, self.counted).await;
        let (times, goodput) = (seen.times(&twice), twice.per_second() / seen.capacity);
        let refusals = twice.refused_quantile_ms(0.99);
        println!(
            "figure: twice the capacity: p99 {:.1} ms, {times:.2} times; goodput {:.0} %; {} refused, p99 {refusals:.1} ms, {} without Retry-After; {} failed, {} pending",
            twice.quantile_ms(0.99),
            goodput * 100.0,
            twice.refused,
            twice.mute,
            twice.failed,
            twice.pending
        );
        let after = self.open(self.everybody(), REFERENCE * seen.capacity, BACK, self.counted).await;
        let back = seen.times(&after);
        println!(
            "figure: five seconds after it: p99 {back:.2} times, {} refused, {} failed",
            after.refused, after.failed
        );
        let before_mb = self.engine.rss_mb();
        let storm = self
            .open(self.everybody(), 10.0 * seen.capacity, Duration::ZERO, STORM.min(self.counted))
            .await;
        let kept = leads_kept(home)?;
        let growth = self.engine.rss_mb() - before_mb;
        println!(
            "figure: ten times the capacity: {:.0} leads a second answered, {} refused, memory {growth:+.0} MB; {kept} leads kept",
            storm.per_second(),
            storm.refused
        );
        let told = seen.usual.answered + twice.answered + after.answered + storm.answered;
        Ok(times <= 1.2 && 0.9 <= goodput && refusals < 10.0 && twice.mute == 0 && back <= 1.2 && after.refused == 0 && told <= kept)
    }

    async fn flood(&self, seen: &Seen) -> bool {
        let part = REFERENCE * seen.capacity / f64::from(SOURCES);
        let (others, flood) = tokio::join!(
            self.open(self.sources(1, SOURCES), part * f64::from(SOURCES - 1), self.warm, self.counted),
            self.open(self.sources(0, 1), part * 10.0, self.warm, self.counted)
        );
        let times = seen.times(&others);
        let refused = others.turned_away();
        println!(
            "figure: one source at ten times its part: p99 of the other nine {:.1} ms, {times:.2} times; {:.3} % of theirs refused; of its own {:.0} %",
            others.quantile_ms(0.99),
            refused * 100.0,
            flood.turned_away() * 100.0
        );
        times <= 1.2 && refused <= 0.001
    }

    async fn stalled(&self, seen: &Seen) -> Result<bool> {
        let key = spec::source_key(SOURCES - 1);
        let crowd = stalled::Crowd::gather(self.port, &key, self.warm, self.warm + self.counted.max(stalled::LIMIT));
        let honest = self.sources(0, SOURCES - 1);
        let (closed, measured) = tokio::join!(crowd, self.open(honest, REFERENCE * seen.capacity, self.warm, self.counted));
        let closed = closed?;
        let (times, refused) = (seen.times(&measured), measured.turned_away());
        println!(
            "figure: {} stalled sockets, {} closed after {:.1} s at most; honest p99 {:.1} ms, {times:.2} times; {:.3} % of theirs refused, without the stalled ones {:.3} %",
            stalled::SOCKETS,
            closed.count,
            closed.longest.as_secs_f64(),
            measured.quantile_ms(0.99),
            refused * 100.0,
            seen.usual.turned_away() * 100.0
        );
        let turned_away = refused <= seen.usual.turned_away() + 0.001;
        Ok(closed.longest <= stalled::LIMIT && stalled::SOCKETS <= closed.count && times <= 1.2 && turned_away)
    }
}

/// Live leads in the books, read beside the process that writes them.
fn leads_kept(home: &Path) -> Result<u64> {
    let reader = outcry_store::Reader::open(&home.join("data"))?;
    Ok(reader.books()?.leads)
}
