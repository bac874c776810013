//! `kill -9` in the middle of a demo, twenty times on one folder: what was acknowledged is never lost.

use crate::harness::{Home, outcry, until};
use outcry_core::id::LeadId;
use outcry_engine::ports::store::LeadState;
use outcry_store::Reader;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

const ROUNDS: usize = 20;

/// A port that is free now; the demo takes the next one if somebody is quicker.
fn port() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // The demo looks a hundred ports up.
    port.min(65_000).to_string()
}

/// Lines of the list of acknowledged leads that are whole: the last one may have been cut off by the kill.
fn acknowledged(file: &Path) -> Vec<(LeadId, String)> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let whole = text
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .filter_map(|line| line.split_once(' '));
    whole
        .filter_map(|(lead, status)| Some((LeadId::parse(lead)?, status.to_owned())))
        .collect()
}

/// Runs a demo until so many more leads are acknowledged, and kills it.
fn run_and_kill(home: &Home, more: usize) {
    let list = home.path("acknowledged");
    let before = acknowledged(&list).len();
    let mut demo = outcry()
        .args(["demo", "--leads", "100000", "--json", "--rate", "200", "--port", &port()])
        .args(["--data", &home.arg("data"), "--acknowledged", &home.arg("acknowledged")])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("some leads are acknowledged", || {
        assert!(demo.try_wait().unwrap().is_none(), "the demo ended by itself");
        (before + more <= acknowledged(&list).len()).then_some(())
    });
    demo.kill().unwrap();
    demo.wait().unwrap();
}

/// Everything that was acknowledged is there, and nothing is on its way for ever.
fn all_is_there(home: &Home) -> usize {
    let reader = Reader::open(&home.path("data")).unwrap();
    let list = acknowledged(&home.path("acknowledged"));
    for (lead, told) in &list {
        let standing = reader
            .lead(*lead)
            .unwrap()
            .unwrap_or_else(|| panic!("{lead} was acknowledged as {told} and is lost"));
        let kept = match told.as_str() {
            "sold" => standing.state == LeadState::Sold,
            "unsold" | "duplicate" => standing.state == LeadState::Unsold,
            "pending" => standing.state != LeadState::Selling,
            other => panic!("{lead} was acknowledged as {other}"),
        };
        assert!(kept, "{lead} was acknowledged as {told} and is {}", standing.state.word());
    }
    let database = rusqlite::Connection::open(home.path("data/outcry.db")).unwrap();
    let ask = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(
        ask("SELECT count(*) FROM lead WHERE state = 0"),
        0,
        "no lead is on its way for ever"
    );
    assert_eq!(ask("SELECT count(*) FROM attempt WHERE state = 0"), 0, "no post is open for ever");
    assert_eq!(ask("SELECT sum(micros) FROM entry"), 0, "the books balance");
    let sold_twice = "SELECT count(*) FROM (SELECT lead FROM attempt WHERE state = 2 GROUP BY lead HAVING 1 < count(*))";
    assert_eq!(ask(sold_twice), 0, "nothing is sold twice");
    let whole: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    list.len()
}

#[test]
fn twenty_kills_lose_no_acknowledged_lead() {
    let home = Home::new();
    for round in 0..ROUNDS {
        // From the very first lead to a good crowd, in no order that anything could be in step with.
        run_and_kill(&home, 1 + round * 17 % 40);
    }
    let last = outcry()
        .args(["demo", "--leads", "5", "--json", "--port", &port(), "--data", &home.arg("data")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&last.stdout);
    assert!(last.status.success(), "{said}{}", String::from_utf8_lossy(&last.stderr));
    let kept = all_is_there(&home);
    println!("{ROUNDS} kills, {kept} acknowledged leads, none lost");
    assert!(ROUNDS <= kept);
}
