//! Power cuts: what the disk would hold if the current went away at any moment, with everything lost that was not synced.
//!
//! The exchange runs under `strace`, which writes down every call it makes to the system: each write to its files, each sync, and
//! each byte that leaves for a source or a buyer, in their order. From that the disk is built again as it was at any moment of
//! the run (`power_cut/log.rs`, `power_cut/disk.rs`), the store is opened on it, and laid beside what had been said by then. So it is the
//! program's own calls that are judged: one sync too few and the lead is not there.
//!
//! What this does not show: a disk that lies about syncs, and a file system that loses the name of a file whose content was synced.

mod disk;
mod log;

use crate::harness::{Evidence, Exchange, Home, KEY, Told, Traffic, installed, market, times, tiny, until};
use disk::{Disk, Loss};
use log::{Event, events};
use outcry_core::id::{AttemptId, BootId, LeadId, time_ordered};
use outcry_core::moment::Moment;
use outcry_engine::ports::store::Store;
use outcry_store::{Sqlite, Vault};
use std::path::Path;
use std::process::Command;

const LEADS: usize = 60;
const FILES: [&str; 3] = ["outcry.db", "outcry.db-wal", "outcry.journal"];

/// A run of some leads, as the system saw it.
fn watched(home: &Home, strace: &Path) -> Vec<Event> {
    let serve = home.serve_command(&["--set", "outbound.allow=127.0.0.0/8", "--set", "limits.answer_ms=20000"]);
    let mut command = Command::new(strace);
    command.env_clear();
    command.args([
        "-f",
        "-y",
        "-xx",
        "-s",
        "1000000",
        "-e",
        "signal=none",
        "-e",
        "trace=openat,lseek,write,pwrite64,writev,sendto,fsync,fdatasync,ftruncate",
    ]);
    command
        .args(["-o", &home.arg("calls")])
        .arg(serve.get_program())
        .args(serve.get_args());
    let exchange = Exchange::start(&mut command);
    let mut traffic = Traffic::new(KEY);
    traffic.begin(&exchange.address, 4);
    until("some leads are answered", || (LEADS <= traffic.told().len()).then_some(()));
    traffic.end();
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", exchange.pid())).unwrap();
    let ended = Command::new("sh")
        .args(["-c", &format!("kill -KILL {}", children.trim())])
        .status()
        .unwrap();
    assert!(ended.success());
    let _killed = exchange.ended();
    events(&std::fs::read_to_string(home.path("calls")).unwrap(), &home.arg("data"), &FILES)
}

/// What had left by some moment.
#[derive(Clone, Default)]
struct Said {
    told: Vec<Told>,
    posts: Vec<(AttemptId, bool)>,
}

impl Said {
    fn hear(&mut self, sent: &str) {
        if let Some(lead) = behind(sent, "\"lead_id\":\"").and_then(LeadId::parse) {
            let status = behind(sent, "\"status\":\"").unwrap_or_default().to_owned();
            self.told.push(Told { lead, status });
        }
        if let Some(attempt) = behind(sent, "\"lead_id\":\"").and_then(AttemptId::parse) {
            self.posts.push((attempt, false));
        }
    }
}

/// The text behind a mark, up to the next quotation mark.
fn behind<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark)?.1.split('"').next()
}

/// Opens the store on what is left, as a start would, and complains.
fn complaints(folder: &Path, said: &Said) -> Vec<String> {
    let store = match Sqlite::open(folder, Vault::from_key([0; 32])) {
        Ok(store) => store,
        Err(fault) => return vec![format!("the store does not open: {fault}")],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let now = Moment::from_unix_ms(4_000_000_000_000);
    let found = runtime
        .block_on(store.recover(
            BootId::from_bits(time_ordered(now.unix_ms(), 1)),
            now,
            outcry_engine::ports::store::tell_nobody(),
        ))
        .unwrap();
    drop(store);
    let mut complaints = Evidence::read(folder).against(&said.told, &said.posts);
    if found.counters_mended != 0 {
        complaints.push(format!("{} counters did not match their holds", found.counters_mended));
    }
    complaints
}

/// Cuts the power at so many moments of a run, evenly over all of it, and gives every complaint with its moment.
fn cut(events: &[Event], cuts: usize, deaf_for: Option<&str>) -> Vec<String> {
    let first = events.iter().position(|event| matches!(event, Event::Sent(_))).unwrap();
    let (mut disk, mut said, mut found) = (Disk::new(&FILES), Said::default(), Vec::new());
    let every = |at: usize| first <= at && (at - first) * cuts / (events.len() - first) != (at + 1 - first) * cuts / (events.len() - first);
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Sent(text) => said.hear(text),
            Event::Synced(file) if Some(*file) == deaf_for => {}
            other => disk.happens(other),
        }
        if every(at) {
            let loss = if at % 2 == 0 { Loss::All } else { Loss::Some(at as u64) };
            let folder = tempfile::tempdir().unwrap();
            disk.write_to(folder.path(), &loss);
            let complaints = complaints(folder.path(), &said);
            found.extend(
                complaints
                    .into_iter()
                    .map(|complaint| format!("cut after call {at}, losing {loss:?}: {complaint}")),
            );
        }
    }
    found
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged() {
    let cuts = times("OUTCRY_CUTS", 40);
    let Some(strace) = installed("strace", "strace") else { return };
    let market = market();
    let home = tiny(&market);
    home.edit("spec/exchange.toml", "limit = 50", "limit = 1000000");
    let events = watched(&home, &strace);
    let (mut said, mut syncs) = (Said::default(), 0);
    for event in &events {
        match event {
            Event::Sent(text) => said.hear(text),
            Event::Synced(_) => syncs += 1,
            Event::Wrote { .. } | Event::Cut { .. } => {}
        }
    }
    assert!(
        LEADS <= said.told.len() && LEADS <= said.posts.len(),
        "{} told, {} posts",
        said.told.len(),
        said.posts.len()
    );
    assert_eq!(cut(&events, cuts, None), [""; 0]);
    // If the journal's syncs did nothing, leads would be lost: this test sees it.
    assert!(!cut(&events, 12, Some("outcry.journal")).is_empty());
    println!(
        "figure: {cuts} power cuts in {} calls with {syncs} syncs: {} leads acknowledged and {} posts, none lost, every store opened sound; without the journal's syncs the same cuts lose leads",
        events.len(),
        said.told.len(),
        said.posts.len()
    );
}
