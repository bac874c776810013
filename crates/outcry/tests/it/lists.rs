//! Lists as an operator fills and changes them, with the program itself.

use crate::harness::{Buyer, Exchange, Home, KEY, Ran, Request, lead, market, outcry, says, tiny, until};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;

const LIST: &str = "
[list.dnc]
entries = \"phone\"
max_age_days = 3650
everywhere = true

[list.house]
entries = \"phone\"
live = true
everywhere = true

[list.optouts]
entries = \"phone\"
hash = \"sha256\"
form = \"us10\"
unknown = \"allow\"
everywhere = true
";

/// The exchange of the other walks, with lists.
fn with_lists(market: &Buyer) -> Home {
    let home = tiny(market);
    home.write("spec/lists.toml", LIST);
    home
}

fn list(home: &Home, args: &[&str]) -> Ran {
    let mut command = outcry();
    command.arg("list").args(args);
    for (flag, name) in [("--spec", "spec"), ("--secrets", "secrets.toml"), ("--data", "data")] {
        command.args([flag, &home.arg(name)]);
    }
    Ran::of(&mut command)
}

fn with_phone(phone: &str) -> Value {
    let mut lead = lead();
    lead["phone"] = json!(phone);
    lead
}

fn status(exchange: &Exchange, phone: &str) -> String {
    exchange
        .send(&Request::post("/v1/leads", KEY).json(&with_phone(phone)))
        .text("status")
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[test]
fn a_list_is_filled_and_changed_beside_a_running_exchange() {
    let market = market();
    let home = with_lists(&market);
    home.write("dnc.csv", "area,number\n919,5550142\n202,5550143\n");
    let imported = list(
        &home,
        &["import", "dnc", &home.arg("dnc.csv"), "--column", "1,2", "--version", "2026-11"],
    );
    assert!(imported.ok, "{}", imported.err);
    says(&imported.out, &["dnc: 2 entries, version 2026-11"]);
    let exchange = home.serve(&[]);
    assert_eq!(status(&exchange, "(919) 555-0142"), "unsold", "it is on the list");
    assert_eq!(status(&exchange, "919-555-0199"), "sold");

    // By hand, and effective when the command returns.
    for (phone, says) in [("9195550177", "sold"), ("9195550178", "unsold")] {
        if says == "unsold" {
            let added = list(&home, &["add", "house", phone]);
            assert!(added.ok, "{}", added.err);
        }
        assert_eq!(status(&exchange, phone), says);
    }
    let removed = list(&home, &["remove", "dnc", "919-555-0142"]);
    assert!(removed.ok, "{}", removed.err);
    let mut again = with_phone("9195550142");
    again["email"] = json!("another@example.com");
    assert_eq!(
        exchange.send(&Request::post("/v1/leads", KEY).json(&again)).text("status"),
        "sold",
        "taken off by hand"
    );

    // A new file takes the place of the old one while leads run.
    home.write("dnc2.csv", "9195550155\n9195550142\n");
    assert!(list(&home, &["import", "dnc", &home.arg("dnc2.csv"), "--version", "2026-12"]).ok);
    let mut n = 0;
    until("the new file is in place", || {
        n += 1;
        let mut lead = with_phone("9195550155");
        lead["email"] = json!(format!("n{n}@example.com"));
        (exchange.send(&Request::post("/v1/leads", KEY).json(&lead)).text("status") == "unsold").then_some(())
    });
    tells_how_they_stand(&home);
    let counted = exchange.send(&Request::get("/metrics")).body;
    says(
        &counted,
        &["outcry_list_certain{list=\"dnc\"} 1", "outcry_list_age_seconds{list=\"dnc\"} "],
    );
    drop(exchange);
    // And after a restart.
    let exchange = home.serve(&[]);
    let mut third = with_phone("9195550178");
    third["email"] = json!("third@example.com");
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&third));
    assert_eq!(answer.text("status"), "unsold");
}

/// What the commands say of the lists by then.
fn tells_how_they_stand(home: &Home) {
    let told = list(home, &["status"]);
    says(
        &told.out,
        &[
            "version 2026-12: 2 entries",
            "by hand: 0 put on it, 1 taken off",
            "kept by hand",
            "by hand: 1 put on it, 0 taken off",
            "MISSING",
        ],
    );
    for (name, value, answer) in [
        ("dnc", "9195550155", "yes; whoever it is is not sold"),
        ("dnc", "9195550142", "no; whoever it is is sold"),
        ("house", "+1 919 555 0178", "yes; whoever it is is not sold"),
        (
            "optouts",
            "9195550178",
            "no, and it has not been imported, so nobody can be certain; whoever it is is sold",
        ),
    ] {
        assert_eq!(list(home, &["check", name, value]).out.trim(), answer);
    }
    let story = home.explain("last");
    says(&story.out, &["dnc", "2026-12"]);
}

#[test]
fn every_line_that_is_no_entry_is_told_and_nothing_is_half_written() {
    let market = market();
    let home = with_lists(&market);
    let good: String = (0..50).fold(String::new(), |mut text, n| {
        writeln!(text, "91955501{n:02}").unwrap();
        text
    });
    home.write("good.txt", &good);
    let import = |file: &str, more: &[&str]| list(&home, &[&["import", "dnc", &home.arg(file)], more].concat());
    assert!(import("good.txt", &["--version", "good"]).ok);
    let in_place = std::fs::read(home.path("data/lists/dnc.list")).unwrap();

    home.write(
        "mixed.txt",
        &format!("phone\n{good}not a number\n+1 (555\navery@example.com\n{}\n", sha256("x")),
    );
    let mixed = import("mixed.txt", &[]);
    assert!(!mixed.ok);
    says(
        &mixed.err,
        &[
            "mixed.txt:52: not a phone number",
            "mixed.txt:53: not a phone number",
            "mixed.txt:54: not a phone number",
            "mixed.txt:55: not a phone number; it looks like a SHA-256",
            "4 of 54 lines are no entries of this list",
            "nothing was imported",
        ],
    );
    assert!(!mixed.err.contains("avery@example.com"), "what a line says is nobody's business");
    home.write("empty.txt", "\n\n");
    says(
        &import("empty.txt", &[]).err,
        &["the file holds 0 entries, and the list held 50", "--shrunk"],
    );
    home.write("small.txt", "9195550101\n");
    says(&import("small.txt", &[]).err, &["the file holds 1 entries, and the list held 50"]);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(good.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    std::fs::write(home.path("cut.gz"), &packed[..packed.len() / 2]).unwrap();
    assert!(!import("cut.gz", &[]).ok, "half of a packed file is no file");
    assert_eq!(
        std::fs::read(home.path("data/lists/dnc.list")).unwrap(),
        in_place,
        "the list in place stays as it was"
    );
    let left: Vec<_> = std::fs::read_dir(home.path("data/lists"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["dnc.list"], "nothing half-written stays behind");

    std::fs::write(home.path("whole.gz"), &packed).unwrap();
    says(&import("whole.gz", &[]).out, &["dnc: 50 entries, version whole.gz"]);
    says(&import("small.txt", &["--shrunk"]).out, &["dnc: 1 entries"]);
    says(
        &list(&home, &["import", "nobody", &home.arg("good.txt")]).err,
        &["there is no list nobody; there is dnc, house, optouts"],
    );
}

#[test]
fn a_hashed_list_is_taken_with_a_proof_and_a_wrong_declaration_is_told() {
    let market = market();
    let home = with_lists(&market);
    let numbers = ["9195550142", "2025550143", "3125550188"];
    let digests = |form: &str| {
        numbers.iter().fold(String::new(), |mut text, number| {
            writeln!(text, "{}", sha256(&format!("{form}{number}"))).unwrap();
            text
        })
    };
    home.write("us10.txt", &digests(""));
    home.write("us11.txt", &digests("1"));
    home.write("known10.csv", &format!("(202) 555-0143,{}\n", sha256("2025550143")));
    home.write("known11.csv", &format!("value,digest\n(202) 555-0143,{}\n", sha256("12025550143")));
    home.write("sample.txt", "2025550143\n9195550142\n9195550100\n");
    home.write("strangers.txt", "2025550100\n");
    let import = |file: &str, more: &[&str]| list(&home, &[&["import", "optouts", &home.arg(file)], more].concat());
    says(
        &import("us10.txt", &[]).err,
        &[
            "nothing shows that optouts was hashed as its table says",
            "--known",
            "--sample",
            "--unproven",
        ],
    );
    let known = |name: &str| home.arg(name);
    says(
        &import("us11.txt", &["--known", &known("known11.csv")]).err,
        &[
            "of 1 known digests 0 are made as declared (hash = \"sha256\", form = \"us10\")",
            "1 are made so: hash = \"sha256\", form = \"us11\"",
        ],
    );
    says(
        &import("us11.txt", &["--sample", &known("sample.txt")]).err,
        &["of 3 people who must be on the list 0 are found as declared, and 2 if `form = \"us11\"`"],
    );
    says(
        &import("us10.txt", &["--sample", &known("strangers.txt")]).err,
        &["of 1 people who must be on the list nobody is found"],
    );
    home.write("md5.txt", "e807f1fcf82d132f9bb018ca6738a19f\n");
    says(
        &import("md5.txt", &["--unproven"]).err,
        &["md5.txt:1: not a digest of sha256, which has 32 bytes"],
    );
    says(
        &import("us10.txt", &["--sample", &known("sample.txt")]).out,
        &["3 entries", "2 of 3 people of the sample are on it"],
    );
    says(
        &import("us10.txt", &["--known", &known("known10.csv")]).out,
        &["3 entries", "proven by 1 known digests"],
    );
    finds_by_digest(&home);
}

fn finds_by_digest(home: &Home) {
    let exchange = home.serve(&[]);
    home.write("dnc.txt", "2025550100\n");
    assert!(list(home, &["import", "dnc", &home.arg("dnc.txt")]).ok);
    let mut n = 0;
    until("the new file is in place", || {
        n += 1;
        let mut lead = with_phone("3365550100");
        lead["email"] = json!(format!("n{n}@example.com"));
        (exchange.send(&Request::post("/v1/leads", KEY).json(&lead)).text("status") == "sold").then_some(())
    });
    assert_eq!(status(&exchange, "919-555-0142"), "unsold", "found by its digest");
}
