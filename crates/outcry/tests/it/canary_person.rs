//! Persons as canaries: eight leads of made-up people, five values each, looked for in every dress in everything that the
//! program says to anybody but the buyer who bought, and in every byte it leaves on a disk.

use crate::harness::{Buyer, Heard, Home, KEY, Ran, Reply, Request, happy, lead, outcry, tiny, until};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;

const PEOPLE: usize = 8;
const FIRST: [&str; PEOPLE] = [
    "Zephyrine",
    "Thessalonike",
    "Quintilian",
    "Ermengarde",
    "Bartholomea",
    "Wilhelmina",
    "Anastasius",
    "Philippine",
];
const LAST: [&str; PEOPLE] = [
    "Quillfeather",
    "Nightingale-Voss",
    "O'Marchbanks",
    "Übelhörer",
    "Featherstonehaugh",
    "Cholmondeley",
    "Vanderbreggen",
    "Szczepanski",
];
const STREET: [&str; PEOPLE] = [
    "4711 Wrenfield Lane",
    "8102 Larkspur Hollow",
    "9053 Kingfisher Row",
    "3377 Sandpiper Quay",
    "6128 Goldcrest Mews",
    "7755 Nuthatch Bend",
    "2946 Skylark Terrace",
    "5590 Bullfinch Yard",
];

/// The five values of a person that give it away.
fn canaries(person: usize) -> [String; 5] {
    let mail = LAST[person].to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
    [
        FIRST[person].to_owned(),
        LAST[person].to_owned(),
        format!("{mail}{person}@canary.example.net"),
        format!("919555{:04}", 7_301 + 97 * person),
        STREET[person].to_owned(),
    ]
}

fn of_person(person: usize) -> Value {
    let [first, last, mail, phone, street] = canaries(person);
    let mut lead = lead();
    for (field, value) in [
        ("first_name", first),
        ("last_name", last),
        ("email", mail),
        ("phone", format!("({}) {}-{}", &phone[..3], &phone[3..6], &phone[6..])),
        ("address_line1", street),
    ] {
        lead[field] = value.into();
    }
    lead
}

/// The twelve dresses of a value, and its plain digests, by which a number or an address can be guessed.
fn dressed(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let percent = value.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02X}").unwrap();
        all
    });
    let json = value.encode_utf16().fold(String::new(), |mut all, unit| {
        write!(all, "\\u{unit:04x}").unwrap();
        all
    });
    let xml = value.chars().fold(String::new(), |mut all, c| {
        write!(all, "&#{};", u32::from(c)).unwrap();
        all
    });
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut all = vec![
        ("plain", value.as_bytes().to_vec()),
        ("lower case", value.to_lowercase().into_bytes()),
        ("upper case", value.to_uppercase().into_bytes()),
        ("form", form.into_bytes()),
        ("percent", percent.into_bytes()),
        ("JSON escapes", json.into_bytes()),
        ("XML references", xml.into_bytes()),
        ("hex", hex::encode(value).into_bytes()),
        ("HEX", hex::encode_upper(value).into_bytes()),
        ("UTF-16", value.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("SHA-256", hex::encode(Sha256::digest(value)).into_bytes()),
        ("SHA-256 raw", Sha256::digest(value).to_vec()),
    ];
    // Base64 looks different at each of three offsets; the letters at both ends depend on the neighbours.
    for before in ["", "a", "ab"] {
        for (name, engine) in [("base64", &STANDARD_NO_PAD), ("base64url", &URL_SAFE_NO_PAD)] {
            let text = engine.encode(format!("{before}{value}"));
            let skip = if before.is_empty() { 0 } else { before.len() + 1 };
            all.push((name, text.as_bytes()[skip..text.len() - 2].to_vec()));
        }
    }
    all
}

/// Looks for everything at once: by the first eight bytes, and then by the rest.
struct Finder {
    by_start: HashMap<[u8; 8], Vec<(String, Vec<u8>)>>,
    count: usize,
}

impl Finder {
    fn of(values: impl Iterator<Item = String>) -> Self {
        let mut finder = Self {
            by_start: HashMap::new(),
            count: 0,
        };
        for value in values {
            for (dress, needle) in dressed(&value) {
                let start = *needle.first_chunk().unwrap_or_else(|| panic!("{value} is too short a canary"));
                let told = format!("{value} as {dress}");
                finder.by_start.entry(start).or_default().push((told, needle));
                finder.count += 1;
            }
        }
        finder
    }

    fn found(&self, bytes: &[u8]) -> Option<&str> {
        bytes.windows(8).enumerate().find_map(|(at, start)| {
            let start: &[u8; 8] = start.try_into().unwrap();
            let here = self.by_start.get(start)?.iter().find(|(_, needle)| bytes[at..].starts_with(needle));
            here.map(|(told, _)| told.as_str())
        })
    }

    #[track_caller]
    fn misses(&self, bytes: &[u8], place: &str) {
        if let Some(told) = self.found(bytes) {
            panic!("{place} holds {told}");
        }
    }
}

/// Every file of a folder.
fn files(home: &Home, folder: &str) -> Vec<(String, Vec<u8>)> {
    let all = std::fs::read_dir(home.path(folder)).unwrap().map(|file| file.unwrap().path());
    let all = all.filter(|path| path.is_file());
    all.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect()
}

fn market() -> Buyer {
    Buyer::start(|heard: &Heard| match heard.path.as_str() {
        // Of some nobody knows what became; of some the person is said back.
        "/acme/post" if heard.body.contains("Quintilian") => Reply::new(500, "text/plain", &heard.body),
        "/acme/post" if heard.body.contains("Ermengarde") => Reply::json(&json!({ "accepted": false, "reason": heard.body }).to_string()),
        _ => happy(heard),
    })
}

#[test]
fn forty_canaries_in_twelve_dresses_are_nowhere_but_in_the_posts() {
    let finder = Finder::of((0..PEOPLE).flat_map(canaries));
    assert_eq!((0..PEOPLE).flat_map(canaries).count(), 40);
    // The finder finds what it is for: each needle in a heap of noise.
    for (told, needle) in finder.by_start.values().flatten() {
        let hay = [&[7; 1000][..], needle, &[9; 1000]].concat();
        assert!(finder.found(&hay).is_some(), "{told}");
    }
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&["--set", "log.level=trace"]);
    let mut ids = Vec::new();
    for person in 0..PEOPLE {
        let mut whole = of_person(person);
        if person == 7 {
            whole["is_test"] = true.into();
        }
        if person % 2 == 0 {
            // A source that pings with everything it has, and then posts.
            let quoted = exchange.send(&Request::post("/v1/pings", KEY).json(&whole));
            finder.misses(format!("{quoted:?}").as_bytes(), "the answer to a ping");
            whole["ping_token"] = quoted.json()["ping_token"].clone();
            let posted = exchange.send(&Request::post("/v1/posts", KEY).json(&whole));
            finder.misses(format!("{posted:?}").as_bytes(), "the answer to a post");
            ids.push(posted.json()["lead_id"].clone());
        } else {
            let sold = exchange.send(&Request::post("/v1/leads", KEY).form(&whole));
            finder.misses(format!("{sold:?}").as_bytes(), "the answer to a lead");
            ids.push(sold.json()["lead_id"].clone());
        }
        wrong(&exchange, &finder, person);
    }
    finder.misses(exchange.send(&Request::get("/metrics")).body.as_bytes(), "the metrics");

    // They were there: in the posts, and nowhere else that a buyer sees.
    let posts = market.heard("/acme/post");
    assert!(posts.len() >= 6, "{} posts", posts.len());
    assert!(finder.found(posts[0].body.as_bytes()).is_some(), "{}", posts[0].body);
    for heard in [market.heard("/acme/ping"), market.heard("/blueridge/ping")].concat() {
        finder.misses(format!("{heard:?}").as_bytes(), "a ping");
    }
    for id in ids.iter().filter_map(Value::as_str) {
        finder.misses(home.explain(id).out.as_bytes(), "outcry explain");
    }
    what_is_left(&home, exchange, &finder);
    println!("figure: {} needles of 40 canaries, 0 hits", finder.count);
}

/// What commands print, and what lies on the disk while it runs, in a backup and after the end.
fn what_is_left(home: &Home, exchange: crate::harness::Exchange, finder: &Finder) {
    let [.., phone, _] = canaries(1);
    for words in [
        vec!["backup", &home.arg("backup"), "--with-keys"],
        vec!["person", "find", "--phone", &phone],
        vec!["person", "find", "--email", &canaries(2)[1]],
        vec!["person", "erase", "--phone", &phone],
        vec!["person", "erasures"],
        vec!["audit", "list"],
        vec!["status"],
    ] {
        let ran = Ran::of(outcry().args(&words).args(["--data", &home.arg("data")]));
        finder.misses(format!("{}{}", ran.out, ran.err).as_bytes(), words[0]);
    }
    // While it runs, with everything in the database's log and the journal; in the backup; after it was killed.
    until("all is on the disk", || (home.rows("lead") >= 7).then_some(()));
    for (name, bytes) in files(home, "data").into_iter().chain(files(home, "backup")) {
        finder.misses(&bytes, &name);
    }
    let log = exchange.stop();
    assert!(log.contains("DEBUG"), "the log is not at its loudest");
    finder.misses(log.as_bytes(), "the log");
    drop(home.serve(&[]));
    for (name, bytes) in files(home, "data") {
        finder.misses(&bytes, &name);
    }
}

/// What is wrong with a request is said without what stands in it.
fn wrong(exchange: &crate::harness::Exchange, finder: &Finder, person: usize) {
    let [first, last, mail, phone, street] = canaries(person);
    let mut swapped = of_person(person);
    for (field, value) in [
        ("phone", &street),
        ("email", &last),
        ("zip", &phone),
        ("state", &first),
        ("consent_at", &mail),
    ] {
        swapped[field] = value.as_str().into();
    }
    let cut = format!("{{\"first_name\": \"{first}\", \"email\": \"{mail}\", \"phone\": {street}");
    for answer in [
        exchange.send(&Request::post("/v1/leads", KEY).json(&swapped)),
        exchange.send(&Request::post("/v1/leads", KEY).body("application/json", cut.clone())),
        exchange.send(&Request::post("/v1/leads", KEY).body("text/plain", cut.clone())),
        exchange.send(&Request::post("/v1/leads", &format!("{last}{phone}")).json(&of_person(person))),
        exchange.send(&Request::post("/v1/posts", KEY).header("ping-token", &mail).json(&of_person(person))),
        exchange.send(&Request::post("/v1/leads", KEY).body("application/x-www-form-urlencoded", format!("phone={phone}&phone={mail}"))),
    ] {
        assert!(answer.status >= 400, "{answer:?}");
        finder.misses(format!("{answer:?}").as_bytes(), "a refusal");
    }
}
