//! The operator's door and the audit log: commands beside a serving exchange.

use crate::harness::{Home, KEY, Ran, Request, lead, market, outcry, says, tiny};
use std::os::unix::fs::PermissionsExt;

/// A command on the home's data folder.
fn run(home: &Home, words: &[&str]) -> Ran {
    Ran::of(outcry().args(words).args(["--data", &home.arg("data")]))
}

#[test]
fn a_command_speaks_with_the_exchange_that_has_the_folder() {
    let home = tiny(&market());
    let nobody = run(&home, &["status"]);
    assert!(!nobody.ok);
    says(&nobody.err, &["no exchange serves the data folder", "outcry serve"]);

    let exchange = home.serve(&[]);
    let status = run(&home, &["status"]);
    says(&status.out, &["3 sources and 3 contracts", "0 auctions under way"]);
    let door = home.path("data/operator.sock");
    assert_eq!(std::fs::metadata(&door).unwrap().permissions().mode() & 0o777, 0o600);

    // The doors of sources know nothing of it.
    let outside = exchange.send(&Request::get("/v1/operator/status"));
    assert_eq!(outside.status, 404, "{outside:?}");
    exchange.stop();
    assert!(!door.exists(), "the door is gone with the exchange");
}

#[test]
fn a_door_that_a_killed_exchange_left_is_opened_anew() {
    let home = tiny(&market());
    drop(home.serve(&[]));
    assert!(home.path("data/operator.sock").exists());
    says(&run(&home, &["status"]).err, &["no exchange serves the data folder"]);
    let _exchange = home.serve(&[]);
    assert!(run(&home, &["status"]).ok);
}

#[test]
fn what_people_did_is_listed_and_verified_beside_the_exchange() {
    let home = tiny(&market());
    let exchange = home.serve(&[]);
    let sold = exchange.send(&Request::post("/v1/leads", KEY).json(&lead()));
    assert_eq!(sold.json()["status"], "sold");
    let noted = run(&home, &["audit", "note", "Blue Ridge paused by phone", "--subject", "blueridge"]);
    says(&noted.out, &["written down as entry 2, head 2:"]);
    let listed = run(&home, &["audit", "list"]);
    says(&listed.out, &["1 2", "catalog.serve", "blueridge", "Blue Ridge paused by phone"]);
    let head = noted.out.trim().rsplit(' ').next().unwrap().to_owned();
    says(
        &run(&home, &["audit", "verify", "--head", &head]).out,
        &["is whole: 2 entries", &head],
    );
    exchange.stop();

    // The same catalog again is no act; another is.
    home.serve(&[]).stop();
    says(&run(&home, &["audit", "verify"]).out, &["2 entries"]);
    home.edit("spec/more.toml", "quote_seconds = 1", "quote_seconds = 2");
    home.serve(&[]).stop();
    says(&run(&home, &["audit", "verify", "--head", &head]).out, &["3 entries"]);

    // Somebody takes the last entries off the end.
    let database = rusqlite::Connection::open(home.path("data/outcry.db")).unwrap();
    database
        .execute_batch("DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE seq > 1")
        .unwrap();
    drop(database);
    assert!(run(&home, &["audit", "verify"]).ok, "a shorter log is whole in itself");
    let cut = run(&home, &["audit", "verify", "--head", &head]);
    assert!(!cut.ok);
    says(&cut.err, &["the audit log is not whole", "entry 2"]);
}

#[test]
fn an_issued_key_opens_by_its_line_alone() {
    let home = tiny(&market());
    let made = run(&home, &["key", "new", "northwind_home", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made.out).unwrap();
    let (key, line) = (made["key"].as_str().unwrap(), made["line"].as_str().unwrap());
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    let rest = secrets.lines().filter(|line| !line.starts_with("northwind_home_key"));
    let rest = rest.collect::<Vec<_>>().join("\n");
    home.write("secrets.toml", &format!("{rest}\nnorthwind_home_key = \"{line}\"\n"));
    let exchange = home.serve(&[]);
    let send = |key: &str| exchange.send(&Request::post("/v1/leads", key).json(&lead()));
    assert_eq!(send(key).json()["status"], "sold");
    let mistyped = send(&format!("{}0", &key[..key.len() - 1]));
    assert_eq!(mistyped.status, 401);
    says(&mistyped.body, &["mistyped"]);
    for wrong in [KEY, line, "oc_live_src_"] {
        assert_eq!(send(wrong).status, 401, "{wrong}");
    }
    // Those that are given in full go on working.
    assert_ne!(send(crate::harness::OTHER_KEY).status, 401);
    exchange.stop();

    // Over, and of somebody else.
    let over = run(&home, &["key", "new", "northwind_home", "--json", "--expires", "2026-01-31"]);
    let over: serde_json::Value = serde_json::from_str(&over.out).unwrap();
    home.write(
        "secrets.toml",
        &format!("{rest}\nnorthwind_home_key = \"{}\"\n", over["line"].as_str().unwrap()),
    );
    let exchange = home.serve(&[]);
    let late = exchange.send(&Request::post("/v1/leads", over["key"].as_str().unwrap()).json(&lead()));
    assert_eq!(late.status, 401);
    says(&late.body, &["expired"]);
    exchange.stop();
    home.write(
        "secrets.toml",
        &format!("{rest}\nnorthwind_home_key = \"{}\"\n", line.replace("_src_", "_buy_")),
    );
    says(&home.check(&[]).out, &["OC0501", "somebody else's key"]);
}
