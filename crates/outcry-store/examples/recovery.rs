//! How long does a start take after a crash with much in the books and much on its way?
//!
//! `cargo run --release -p outcry-store --features conformance --example recovery [leads] [open]`
//!
//! Fills a folder with leads that were sold and with such as have an open attempt, copies the files as a crash would leave
//! them, and measures from opening the copy to the end of recovery: the check of the pages, the journal brought home, intents
//! made unknown, leads closed, counters, totals and entries added up anew.

use outcry_engine::ports::store::{Intend, Settle, Store, StoreFault};
use outcry_store::conformance::sample::{self, accept, claim, hold, intend, message, record, sold};
use outcry_store::{Sqlite, Vault};
use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TASKS: usize = 256;
const LIMIT: Duration = Duration::from_secs(2);

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let leads: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let open: u64 = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let (folder, copy) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()?;
    let store = Arc::new(Sqlite::open(folder.path(), Vault::from_key([5; 32]))?);
    runtime.block_on(fill(&store, leads, open))?;
    for file in ["outcry.db", "outcry.db-wal", "outcry.journal"] {
        std::fs::copy(folder.path().join(file), copy.path().join(file))?;
    }
    let took = recover(&runtime, copy.path())?;
    println!(
        "figure: {leads} leads, {open} of them with an open attempt, {} MB: ready {:.2} s after the start of a crashed store",
        std::fs::metadata(copy.path().join("outcry.db"))?.len() >> 20,
        took.as_secs_f64()
    );
    Ok(if took < LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Many at once: the store puts them on the disk in groups.
async fn fill(store: &Arc<Sqlite>, leads: u64, open: u64) -> Result<(), StoreFault> {
    let next = Arc::new(AtomicU64::new(1));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, next) = (store.clone(), next.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if leads < number {
                        return Ok(());
                    }
                    one(&store, number, open < number).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|fault| StoreFault::Broken(fault.to_string().into()))??;
    }
    Ok(())
}

async fn one(store: &Sqlite, number: u64, ends: bool) -> Result<(), StoreFault> {
    store.accept(accept(number)).await?;
    let intent = Intend {
        holds: vec![hold("acme/day", 1, 1_000_000), hold("acme/budget", 1_200, i64::MAX)],
        claims: vec![claim("campaign/auto", number, 90_000)],
        ..intend(number, number, "acme_auto")
    };
    store.intend(intent).await?;
    if ends {
        let settle = Settle {
            record: Some(Arc::new(record(number, 10))),
            messages: vec![message(number, number)],
            ..sold(number, number, 1_200)
        };
        store.settle(settle).await?;
    }
    Ok(())
}

fn recover(runtime: &tokio::runtime::Runtime, folder: &Path) -> Result<Duration, Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let store = Sqlite::open(folder, Vault::from_key([5; 32]))?;
    let found = runtime.block_on(store.recover(
        sample::boot(2),
        sample::after_ms(3_600_000),
        outcry_engine::ports::store::tell_nobody(),
    ))?;
    let took = begun.elapsed();
    println!("{} intents made unknown, {} counters mended", found.unknown, found.counters_mended);
    Ok(took)
}
