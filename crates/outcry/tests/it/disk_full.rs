//! A disk that is full: a small file system of its own under the data folder, filled and emptied while leads come in.
//!
//! The file system is mounted in a namespace that only the exchange is in, so it is gone with it; from outside it is
//! reached through `/proc`. Where that is not allowed the test says so and is over.

use crate::harness::{Buyer, Evidence, Exchange, Home, KEY, Request, Traffic, accepted_at_buyers, installed, lead, market, tiny, until};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const SOURCES: usize = 4;
const SIZE_MB: usize = 24;

/// An exchange whose data folder is a disk of its own; `None`, with a line that says so, where none can be mounted.
fn on_a_small_disk(home: &Home, least_mb: usize) -> Option<(Exchange, PathBuf)> {
    let unshare = installed("unshare", "util-linux")?;
    let data = home.arg("data");
    fs::create_dir_all(home.path("data")).unwrap();
    let mount = format!("mount -t tmpfs -o size={SIZE_MB}m tmpfs '{data}'");
    let mut allowed = Command::new(&unshare);
    if !allowed.args(["-rm", "sh", "-c", &mount]).status().unwrap().success() {
        eprintln!("SKIPPED: no file system can be mounted here, not even in a namespace of its own");
        return None;
    }
    let least = format!("limits.disk_free_mb={least_mb}");
    let serve = home.serve_command(&[
        "--set",
        "outbound.allow=127.0.0.0/8",
        "--set",
        "limits.answer_ms=5000",
        "--set",
        &least,
    ]);
    let mut command = Command::new(unshare);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.args(["-rm", "sh", "-c", &format!("{mount} && exec \"$@\""), "sh"]);
    command.arg(serve.get_program()).args(serve.get_args());
    let exchange = Exchange::start(&mut command);
    let disk = PathBuf::from(format!("/proc/{}/root{data}", exchange.pid()));
    Some((exchange, disk))
}

/// Writes until there is no room at all, or for less than so many bytes.
fn fill(disk: &Path, name: &str, most: usize) {
    let mut ballast = File::create(disk.join(name)).unwrap();
    let block = vec![7; 64 << 10];
    for _ in 0..most.div_ceil(block.len()) {
        if ballast.write_all(&block).is_err() {
            break;
        }
    }
}

/// What lies on the disk, as a crash would leave it; started once and ended, so that all is at home.
fn looked_at(home: &Home, disk: &Path) -> Evidence {
    let copy = home.path("copy");
    fs::create_dir_all(&copy).unwrap();
    for file in [
        "outcry.db",
        "outcry.db-wal",
        "outcry.journal",
        "master.key",
        "people.key",
        "token.key",
    ] {
        fs::copy(disk.join(file), copy.join(file)).unwrap();
    }
    let copied = home.arg("copy");
    home.serve(&["--data", &copied, "--set", "outbound.allow=127.0.0.0/8"]).stop();
    Evidence::read(&copy)
}

/// Checks the disk against sources and buyers, and says what was seen.
fn judge(home: &Home, disk: &Path, traffic: &Traffic, market: &Buyer, what: &str) {
    let posts = accepted_at_buyers(&[market.heard("/acme/post"), market.heard("/blueridge/post")].concat(), |_| true);
    let told = traffic.told();
    assert_eq!(looked_at(home, disk).against(&told, &posts), [""; 0]);
    println!(
        "figure: {what}: {} leads acknowledged, each on the disk; {} refused with 503; {} posts, each with its intent; leads are taken again by themselves",
        told.len(),
        traffic.refused().len(),
        posts.len()
    );
}

fn more_told(traffic: &Traffic, more: usize) {
    let before = traffic.told().len();
    until("leads are answered", || (before + more <= traffic.told().len()).then_some(()));
}

#[test]
fn a_disk_that_is_nearly_full_takes_no_new_lead_and_ends_those_under_way() {
    let (market, mut traffic) = (market(), Traffic::new(KEY));
    let home = tiny(&market);
    home.edit("spec/exchange.toml", "limit = 50", "limit = 1000000");
    let Some((exchange, disk)) = on_a_small_disk(&home, 8) else {
        return;
    };
    traffic.begin(&exchange.address, SOURCES);
    more_told(&traffic, 10);
    fill(&disk, "ballast", (SIZE_MB - 8 + 4) << 20);
    until("a lead is refused", || traffic.refused().pop());
    traffic.end();
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead()));
    assert_eq!((answer.status, answer.text("code").as_str()), (503, "disk_full"), "{answer:?}");
    assert!(
        answer.header("retry-after").is_some() && answer.text("detail").contains("not taken"),
        "{answer:?}"
    );
    let page = exchange.send(&Request::get("/metrics")).body;
    assert!(page.contains("outcry_auctions_under_way 0"), "those under way have ended");
    fs::remove_file(disk.join("ballast")).unwrap();
    traffic.begin(&exchange.address, SOURCES);
    more_told(&traffic, 10);
    traffic.end();
    judge(&home, &disk, &traffic, &market, "disk nearly full");
}

#[test]
fn a_disk_that_is_full_loses_nothing_that_was_acknowledged_and_needs_nobody_to_go_on() {
    let (market, mut traffic) = (market(), Traffic::new(KEY));
    let home = tiny(&market);
    home.edit("spec/exchange.toml", "limit = 50", "limit = 1000000");
    // Without a mark nothing is held back: the disk fills up in the middle of auctions.
    let Some((exchange, disk)) = on_a_small_disk(&home, 0) else {
        return;
    };
    traffic.begin(&exchange.address, SOURCES);
    for round in 0..3 {
        more_told(&traffic, 10);
        fill(&disk, "ballast", SIZE_MB << 20);
        let refused = traffic.refused().len();
        until("a lead is refused", || (refused < traffic.refused().len()).then_some(()));
        // A while in which everybody tries and nothing can be kept.
        let end = Instant::now() + Duration::from_millis(400);
        until("some time has passed", || (end < Instant::now()).then_some(()));
        let told = traffic.refused();
        let others = told.iter().find(|(status, body)| *status != 503 && !body.contains("in_flight"));
        assert!(others.is_none(), "round {round}: {others:?}");
        fs::remove_file(disk.join("ballast")).unwrap();
    }
    more_told(&traffic, 10);
    traffic.end();
    until("nothing is under way", || {
        exchange
            .send(&Request::get("/metrics"))
            .body
            .contains("outcry_auctions_under_way 0")
            .then_some(())
    });
    assert!(
        traffic
            .refused()
            .iter()
            .any(|(status, body)| *status == 503 && body.contains("store_unavailable"))
    );
    judge(&home, &disk, &traffic, &market, "disk full three times");
}
