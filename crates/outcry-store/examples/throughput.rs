//! How many auctions a second does the store carry, and what does one cost?
//!
//! `cargo run --release -p outcry-store --features conformance --example throughput [tasks] [seconds] [folder]`
//!
//! Each task sells one lead after another: T1 with sealed contents and two people, T2 with two claims, three holds and a
//! suppression list, T3 with a sale, a record of ten lines and a postback. What it costs to make the samples is measured
//! first and taken off. CPU is the whole process, kernel included, as the scheduler counts it. In a folder of its own the
//! run may be killed and started again: it then says how long recovery took.

use outcry_core::money::Money;
use outcry_engine::ports::store::{Accept, Accepted, Intend, Intended, ListChange, Settle, Settled, Store, StoreFault, tell_nobody};
use outcry_store::conformance::sample::{self, accept, claim, hold, intend, list_check, message, person, record, sold};
use outcry_store::{Sqlite, Vault};
use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CONTRACTS: u64 = 20;
const SUPPRESSED: u64 = 100_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let tasks = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let scratch = tempfile::tempdir()?;
    let folder = arguments.next().map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()?;
    let store = Arc::new(Sqlite::open(&folder, Vault::from_key([5; 32]))?);
    runtime.block_on(async {
        recover(&store).await?;
        let change = ListChange {
            list: "dnc".into(),
            entries: (0..SUPPRESSED).map(|number| person(number + (1 << 50))).collect(),
            on: true,
        };
        store.change_list(change).await?;
        let sample_us = sample_cost();
        let run = run(&store, tasks, Duration::from_secs(seconds)).await;
        report(&run, sample_us);
        Ok(())
    })
}

async fn recover(store: &Sqlite) -> Result<(), StoreFault> {
    let leads = store.books().await?.leads;
    let started = Instant::now();
    let found = store.recover(sample::boot(2), sample::after_ms(3_600_000), tell_nobody()).await?;
    if leads > 0 {
        println!(
            "recovery of {leads} leads took {:.0} ms: {found:?}",
            started.elapsed().as_secs_f64() * 1e3
        );
    }
    Ok(())
}

struct Run {
    auctions: f64,
    seconds: f64,
    cpu_us: f64,
    commits: f64,
    steps_ms: [Vec<f64>; 3],
}

async fn run(store: &Arc<Sqlite>, tasks: u64, length: Duration) -> Run {
    // Numbers that no earlier run in the folder can have used.
    let first = store.books().await.map_or(0, |books| books.leads * 2);
    let (next, stop) = (Arc::new(AtomicU64::new(first)), Arc::new(AtomicBool::new(false)));
    let (started, cpu, commits) = (Instant::now(), cpu_us(), store.commits());
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let (store, next, stop) = (store.clone(), next.clone(), stop.clone());
            tokio::spawn(async move {
                let mut steps: [Vec<f64>; 3] = Default::default();
                while !stop.load(Ordering::Relaxed) {
                    auction(&*store, next.fetch_add(1, Ordering::Relaxed), &mut steps).await;
                }
                steps
            })
        })
        .collect();
    tokio::time::sleep_until(tokio::time::Instant::from_std(started + length)).await;
    stop.store(true, Ordering::Relaxed);
    let mut steps_ms: [Vec<f64>; 3] = Default::default();
    for task in running {
        for (all, own) in steps_ms.iter_mut().zip(task.await.expect("no auction fails")) {
            all.extend(own);
        }
    }
    Run {
        auctions: lossless(next.load(Ordering::Relaxed) - first),
        seconds: started.elapsed().as_secs_f64(),
        cpu_us: cpu_us() - cpu,
        commits: lossless(store.commits() - commits),
        steps_ms,
    }
}

async fn auction(store: &dyn Store, number: u64, steps: &mut [Vec<f64>; 3]) {
    let (accept, intend, settle) = samples(number);
    let mut start = Instant::now();
    let mut lap = |step: usize| {
        steps[step].push(start.elapsed().as_secs_f64() * 1e3);
        start = Instant::now();
    };
    assert_eq!(store.accept(accept).await.expect("T1"), Accepted::New);
    lap(0);
    assert_eq!(store.intend(intend).await.expect("T2"), Intended::Go);
    lap(1);
    assert_eq!(store.settle(settle).await.expect("T3"), Settled::Done);
    lap(2);
}

fn samples(number: u64) -> (Accept, Intend, Settle) {
    let contract = format!("contract_{}", number % CONTRACTS);
    let hold = |kind: &str, amount| hold(&format!("{contract}/{kind}"), amount, i64::MAX / 2);
    let intend = Intend {
        claims: vec![
            claim("campaign/auto", number, 90_000),
            claim(&format!("contract/{contract}"), number, 90_000),
        ],
        holds: vec![
            hold("posts/hour", 1),
            hold("sales/day", 1),
            hold("price/day", Money::from_cents(1_200).micros()),
        ],
        lists: vec![list_check("dnc", number, false, false)],
        ..intend(number, number, &contract)
    };
    let settle = Settle {
        record: Some(Arc::new(record(number, 10))),
        messages: vec![message(number, number)],
        ..sold(number, number, 1_200)
    };
    (accept(number), intend, settle)
}

/// What it costs to make the samples of one auction, in microseconds.
fn sample_cost() -> f64 {
    const ROUNDS: u64 = 20_000;
    sample::contents(1);
    let started = Instant::now();
    for number in 0..ROUNDS {
        std::hint::black_box(samples(number));
    }
    started.elapsed().as_secs_f64() * 1e6 / lossless(ROUNDS)
}

fn report(run: &Run, sample_us: f64) {
    let each = run.cpu_us / run.auctions;
    println!("{:.0} auctions/s", run.auctions / run.seconds);
    println!(
        "{:.1} us of CPU per auction in the store ({each:.1} less {sample_us:.1} for making the samples)",
        each - sample_us
    );
    println!(
        "{:.3} commits per auction ({:.0} commands per commit)",
        run.commits / run.auctions,
        3.0 * run.auctions / run.commits
    );
    for (name, times) in ["T1 accept", "T2 intent", "T3 outcome"].iter().zip(&run.steps_ms) {
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |part: usize| sorted.get(sorted.len() * part / 1_000).copied().unwrap_or_default();
        println!(
            "{name:10}  p50 {:6.2} ms   p99 {:6.2} ms   p99.9 {:6.2} ms",
            at(500),
            at(990),
            at(999)
        );
    }
}

/// User and system time of this process so far: fields 14 and 15 of `/proc/self/stat`, in hundredths of a second.
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        * 10_000.0
}

/// Counts here stay far below 2^53.
#[allow(clippy::cast_precision_loss)]
fn lossless(count: u64) -> f64 {
    count as f64
}
