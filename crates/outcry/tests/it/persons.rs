//! Keys, persons and backups: the commands of an operator on a trading exchange.

use crate::harness::{ACME, BLUERIDGE, Buyer, Exchange, Heard, Home, KEY, Ran, Reply, Request, lead, market, outcry, says, tiny, until};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

/// A command on the home's data folder.
fn run(home: &Home, words: &[&str]) -> Ran {
    Ran::of(outcry().args(words).args(["--data", &home.arg("data")]))
}

/// The same, which must go well; its one JSON object.
fn asked(home: &Home, words: &[&str]) -> Value {
    let ran = run(home, &[words, &["--json"]].concat());
    assert!(ran.ok, "{words:?}: {}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

fn send(exchange: &Exchange, lead: &Value) -> Value {
    exchange.send(&Request::post("/v1/leads", KEY).json(lead)).json()
}

/// What is sealed of the leads, as it lies on the disk.
fn sealed(home: &Home) -> Vec<Vec<u8>> {
    // Waits until everything that was answered is in the database.
    home.rows("lead");
    let store = rusqlite::Connection::open(home.path("data/outcry.db")).unwrap();
    let mut find = store.prepare("SELECT sealed FROM contents ORDER BY seq").unwrap();
    let rows = find.query_map((), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Does any file of the data folder hold these bytes?
fn holds(home: &Home, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(home.path("data")).unwrap().map(|file| file.unwrap().path());
    let mut files = files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    files.any(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

#[test]
fn an_erased_person_is_gone_from_every_file_and_the_buyers_are_told() {
    let buyer = Buyer::start(|heard: &Heard| {
        Reply::json(match heard.path.as_str() {
            "/acme/ping" => ACME[0],
            "/acme/post" => ACME[1],
            "/blueridge/ping" => BLUERIDGE[0],
            "/blueridge/post" => BLUERIDGE[1],
            _ => "{}",
        })
    });
    let home = tiny(&buyer);
    let told = format!("erasure = \"{}/acme/erased?lead={{lead_id}}&post={{attempt_id}}\"\n", buyer.url);
    home.edit("spec/exchange.toml", "[buyer.acme]\n", &format!("[buyer.acme]\n{told}"));
    let exchange = home.serve(&[]);
    let sold = send(&exchange, &lead());
    assert_eq!(sold["status"], "sold");
    let mut other = lead();
    other["phone"] = "919-555-0177".into();
    other["email"] = "somebody.else@example.net".into();
    send(&exchange, &other);
    let before = sealed(&home);
    assert!(before.iter().all(|bytes| holds(&home, &bytes[21..69])), "data keys are there");

    // Found by either, however it is written.
    for who in [["--phone", "(919) 555-0142"], ["--email", "Zephyrine.Quillfeather@EXAMPLE.net"]] {
        let found = asked(&home, &[&["person", "find"], &who[..]].concat());
        assert_eq!(found["leads"].as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found["leads"][0]["lead_id"], sold["lead_id"]);
        assert_eq!(found["leads"][0]["posts"][0]["buyer"], "acme");
    }

    let erased = asked(&home, &["person", "erase", "--phone", "9195550142"]);
    assert_eq!(
        (&erased["leads"], &erased["told"], &erased["to_tell"]),
        (&json!(1), &json!(1), &json!(0)),
        "{erased}"
    );
    assert!(!holds(&home, &before[0][21..69]), "the data key is gone");
    assert!(!holds(&home, &before[0][81..]), "the contents are gone");
    assert!(holds(&home, &before[1][21..69]), "and nobody else's");
    assert_eq!(
        asked(&home, &["person", "find", "--email", "zephyrine.quillfeather@example.net"])["leads"],
        json!([])
    );

    // The buyer hears of it, by ids alone.
    let heard = until("the buyer is told", || {
        let calls = buyer.heard_below("/acme/erased");
        calls.into_iter().next()
    });
    assert!(heard.path.contains(sold["lead_id"].as_str().unwrap()), "{heard:?}");
    let arrived = || (asked(&home, &["person", "erasures"])["erasures"][0]["notices"][0]["state"] == "arrived").then_some(());
    until("the notice has arrived", arrived);

    // The story and the books stay, and the log says that it was done, without the person.
    assert!(home.explain(sold["lead_id"].as_str().unwrap()).ok);
    assert_eq!(home.books().sold, 2);
    let listed = run(&home, &["audit", "list"]);
    says(&listed.out, &["person.erase", erased["erasure_id"].as_str().unwrap()]);
    assert!(!listed.out.contains("5550142"), "{}", listed.out);
    assert!(run(&home, &["audit", "verify"]).ok);
    let log = exchange.stop();
    assert!(!log.contains("5550142"), "{log}");
}

#[test]
fn a_buyer_without_an_address_is_told_by_a_person_and_that_is_written_down() {
    let home = tiny(&market());
    let _exchange = {
        let exchange = home.serve(&[]);
        send(&exchange, &lead());
        exchange
    };
    let erased = asked(&home, &["person", "erase", "--email", "zephyrine.quillfeather@example.net"]);
    assert_eq!(erased["to_tell"], 1, "{erased}");
    let id = erased["erasure_id"].as_str().unwrap();
    let state = || asked(&home, &["person", "erasures"])["erasures"][0]["notices"][0]["state"].clone();
    assert_eq!(state(), "by_hand");
    assert!(run(&home, &["person", "told", id, "--buyer", "acme"]).ok);
    assert_eq!(state(), "told");
    says(&run(&home, &["person", "told", id, "--buyer", "acme"]).err, &["no open notice"]);
    says(&run(&home, &["person", "find"]).err, &["name a phone number"]);
    says(&run(&home, &["person", "find", "--phone", "12"]).err, &["no phone"]);
}

#[test]
fn master_keys_change_under_way_and_the_old_one_can_be_given_up() {
    let home = tiny(&market());
    let exchange = home.serve(&[]);
    send(&exchange, &lead());
    let keys = || std::fs::read_to_string(home.path("data/master.key")).unwrap();
    assert_eq!(asked(&home, &["keys", "status"])["keys"][0]["seals"], 1);
    assert_eq!(asked(&home, &["keys", "rotate"])["rewrapped"], 1);
    assert_eq!(keys().lines().count(), 2, "the old key stays until it is given up");
    drop(exchange);

    // A crash between the new key and the sealing anew leaves exactly this.
    home.write("data/master.key", &format!("{}\n{}", "ab".repeat(32), keys()));
    let exchange = home.serve(&[]);
    let status = asked(&home, &["keys", "status"]);
    assert_eq!((&status["keys"][0]["seals"], &status["keys"][1]["seals"]), (&json!(0), &json!(1)));
    says(&run(&home, &["keys", "forget"]).err, &["run `outcry keys rotate` first"]);
    let finished = asked(&home, &["keys", "rotate"]);
    assert_eq!((&finished["finished_earlier"], &finished["rewrapped"]), (&json!(true), &json!(1)));
    assert_eq!(asked(&home, &["keys", "forget"])["keys"].as_array().unwrap().len(), 1);
    assert_eq!(keys(), format!("{}\n", "ab".repeat(32)));
    exchange.stop();

    let exchange = home.serve(&[]);
    let status = asked(&home, &["keys", "status"]);
    assert_eq!((&status["lost"], &status["keys"][0]["seals"]), (&json!(0), &json!(1)));
    says(&run(&home, &["audit", "list"]).out, &["keys.rotate", "keys.forget"]);
    exchange.stop();
}

/// A lead of a person of its own.
fn numbered(number: usize) -> Value {
    let mut lead = lead();
    lead["phone"] = format!("919-555-{:04}", 1000 + number).into();
    lead["email"] = format!("person{number}@example.net").into();
    lead
}

#[test]
fn a_backup_under_load_holds_every_lead_acknowledged_before_it_began() {
    let home = tiny(&market());
    let exchange = home.serve(&[]);
    let (stop, start) = (AtomicBool::new(false), Barrier::new(4));
    let acknowledged = Arc::<std::sync::Mutex<Vec<String>>>::default();
    let backup = home.arg("backup");
    let (before, ran) = std::thread::scope(|scope| {
        for source in 0..3 {
            let (stop, start, acknowledged, exchange) = (&stop, &start, acknowledged.clone(), &exchange);
            scope.spawn(move || {
                start.wait();
                for number in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let answer = send(exchange, &numbered(source * 2000 + number));
                    acknowledged.lock().unwrap().push(answer["lead_id"].as_str().unwrap().to_owned());
                }
            });
        }
        start.wait();
        until("there is a load", || (acknowledged.lock().unwrap().len() > 20).then_some(()));
        let before = acknowledged.lock().unwrap().clone();
        let ran = run(&home, &["backup", &backup]);
        // Sources go on while it is made, and behind it.
        until("the load goes on", || {
            (acknowledged.lock().unwrap().len() > before.len() + 3).then_some(())
        });
        stop.store(true, Ordering::SeqCst);
        (before, ran)
    });
    assert!(ran.ok, "{}", ran.err);
    says(&ran.out, &["SHA-256", "the keys are not in it", "people.key"]);
    exchange.stop();

    // Without its keys it is refused, and no folder looks as if it were one.
    let restore = |data: &str, more: &[&str]| Ran::of(outcry().args(["restore", &backup, "--data", data]).args(more));
    says(&restore(&home.arg("none"), &[]).err, &["--keys"]);
    assert!(!home.path("none/outcry.db").exists());

    let restored = restore(&home.arg("restored"), &["--keys", &home.arg("data")]);
    assert!(restored.ok, "{}", restored.err);
    says(&restore(&home.arg("restored"), &[]).err, &["there is a database in"]);
    let reader = outcry_store::Reader::open(&home.path("restored")).unwrap();
    for lead in &before {
        let id = outcry_core::id::LeadId::parse(lead).unwrap();
        assert!(
            reader.lead(id).unwrap().is_some(),
            "{lead} was acknowledged and is not in the backup"
        );
    }
    drop(reader);

    // It opens, recovers and trades.
    let again = home.serve(&["--data", &home.arg("restored")]);
    assert_eq!(send(&again, &numbered(8_000))["status"], "sold");
    again.stop();
    let whole = Ran::of(outcry().args(["audit", "verify", "--data", &home.arg("restored")]));
    assert!(whole.ok, "{}", whole.err);

    // One changed byte, and it is none.
    let mut bytes = std::fs::read(home.path("backup/outcry.db")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(home.path("backup/outcry.db"), bytes).unwrap();
    says(
        &restore(&home.arg("other"), &["--keys", &home.arg("data")]).err,
        &["is not the one that was copied"],
    );
}

#[test]
fn a_restored_backup_is_erased_again() {
    let home = tiny(&market());
    let exchange = home.serve(&[]);
    send(&exchange, &lead());
    assert!(run(&home, &["backup", &home.arg("backup"), "--with-keys"]).ok);
    asked(&home, &["person", "erase", "--phone", "919-555-0142"]);
    exchange.stop();
    let restored = Ran::of(outcry().args([
        "restore",
        &home.arg("backup"),
        "--data",
        &home.arg("restored"),
        "--erased-in",
        &home.arg("data"),
    ]));
    says(&restored.out, &["1 erasure done again"]);
    let _again = home.serve(&["--data", &home.arg("restored")]);
    let words = [
        "person",
        "find",
        "--phone",
        "919-555-0142",
        "--json",
        "--data",
        &home.arg("restored"),
    ];
    assert_eq!(Ran::of(outcry().args(words)).out.trim(), "{\"leads\":[]}");
}

#[test]
fn what_leads_say_is_erased_when_their_time_is_over() {
    let home = tiny(&market());
    let exchange = home.serve(&[]);
    let sold = send(&exchange, &lead());
    exchange.stop();
    let data_key = sealed(&home)[0][21..69].to_vec();
    // A hundred days pass.
    let store = rusqlite::Connection::open(home.path("data/outcry.db")).unwrap();
    store.execute("UPDATE lead SET received = received - 100 * 86400000", ()).unwrap();
    drop(store);
    home.serve(&["--set", "retention.unsold_days=10"]).stop();
    assert!(holds(&home, &data_key), "it was sold, and nobody said how long that is kept");
    home.edit("spec/exchange.toml", "[campaign.home]\n", "[campaign.home]\nkeep_sold_days = 90\n");
    let exchange = home.serve(&[]);
    until("it is erased", || (!holds(&home, &data_key)).then_some(()));
    exchange.stop();
    assert!(home.explain(sold["lead_id"].as_str().unwrap()).ok, "its story stays");
    assert_eq!(home.books().sold, 1, "and its money");
}
