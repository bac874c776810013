//! How the program ends and begins: SIGTERM, a crash, and its settings.

use crate::harness::{
    ACME, BLUERIDGE, Buyer, Heard, Home, KEY, PATIENCE, Ran, Reply, Request, lead, market, outcry, ping_part, tiny, until,
};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

/// A market whose Acme keeps every post waiting until it is told to answer.
fn slow_market() -> (Buyer, Sender<()>) {
    let (go, wait) = channel();
    let wait = Mutex::new(wait);
    let market = Buyer::start(move |heard: &Heard| {
        Reply::json(match heard.path.as_str() {
            "/acme/ping" => ACME[0],
            "/blueridge/ping" => BLUERIDGE[0],
            _ => {
                wait.lock().unwrap().recv_timeout(PATIENCE).unwrap();
                ACME[1]
            }
        })
    });
    (market, go)
}

fn patient(market: &Buyer) -> Home {
    let home = tiny(market);
    home.edit("spec/exchange.toml", "ping_timeout_ms", "post_timeout_ms = 30000\nping_timeout_ms");
    home
}

#[test]
fn sigterm_lets_the_lead_under_way_end_and_takes_no_new_one() {
    let (market, go) = slow_market();
    let home = patient(&market);
    let exchange = home.serve(&[]);
    let address = exchange.address.clone();
    let source = std::thread::spawn(move || Request::post("/v1/leads", KEY).json(&lead()).send(&address));
    until("the lead is at the buyer", || market.heard("/acme/post").pop());
    exchange.terminate();
    until("nobody is let in any more", || TcpStream::connect(&exchange.address).err());
    go.send(()).unwrap();
    assert_eq!(source.join().unwrap().text("status"), "sold");
    let (well, log) = exchange.ended();
    assert!(well, "{log}");
    assert!(log.contains("stopping: no new leads"), "{log}");
    assert_eq!(home.books().sold, 1);
}

#[test]
fn a_crash_after_the_first_byte_leaves_the_lead_uncertain_and_sells_it_to_nobody_else() {
    let (market, go) = slow_market();
    let home = patient(&market);
    let exchange = home.serve(&[]);
    let mut stream = TcpStream::connect(&exchange.address).unwrap();
    let body = lead().to_string();
    let head = format!(
        "POST /v1/leads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    std::io::Write::write_all(&mut stream, format!("{head}{body}").as_bytes()).unwrap();
    until("the lead is at the buyer", || market.heard("/acme/post").pop());
    drop(exchange);
    go.send(()).unwrap();

    let exchange = home.serve(&[]);
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead()));
    assert_eq!((answer.status, answer.text("status")), (202, "pending".to_owned()), "{answer:?}");
    assert_eq!((market.heard("/acme/post").len(), market.heard("/blueridge/post").len()), (1, 0));
    let log = exchange.stop();
    assert!(log.contains("recovered from an earlier run") && log.contains("unknown=1"), "{log}");
    assert_eq!((home.books().sold, home.books().pending), (0, 1));
}

#[test]
fn a_quote_does_not_outlive_the_process_and_says_so() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let token = exchange
        .send(&Request::post("/v1/pings", KEY).json(&ping_part(&lead())))
        .text("ping_token");
    exchange.stop();
    let exchange = home.serve(&[]);
    let answer = exchange.send(&Request::post("/v1/posts", KEY).header("ping-token", &token).json(&lead()));
    assert_eq!((answer.status, answer.text("code")), (409, "quote_lost".to_owned()));
    assert!(answer.text("detail").contains("ping again for a new one"), "{answer:?}");
    assert_eq!(home.rows("lead"), 0);
}

#[test]
fn printed_settings_load_back() {
    let market = market();
    let home = tiny(&market);
    let printed = Ran::of(outcry().arg("settings"));
    assert!(printed.ok && printed.out.contains("\n[limits]\n"), "{printed:?}");
    home.write("settings.toml", &printed.out);
    let exchange = home.serve(&["--settings", &home.arg("settings.toml")]);
    assert_eq!(exchange.send(&Request::get("/readyz")).status, 200);
    let log = exchange.stop();
    assert!(log.contains("ready"), "{log}");
}

#[test]
fn a_settings_file_can_say_everything() {
    let market = market();
    let home = tiny(&market);
    let [spec, data, secrets] = ["spec", "data", "secrets.toml"].map(|name| home.arg(name));
    let text = format!(
        "listen = \"127.0.0.1:0\"\nspec = \"{spec}\"\ndata = \"{data}\"\nsecrets = \"{secrets}\"\n[outbound]\nallow = [\"127.0.0.0/8\"]\n[limits]\nanswer_ms = 30000\n"
    );
    home.write("settings.toml", &text);
    let exchange = crate::harness::Exchange::start(outcry().arg("serve").env("OUTCRY_SETTINGS", home.arg("settings.toml")));
    assert_eq!(exchange.send(&Request::post("/v1/leads", KEY).json(&lead())).text("status"), "sold");
}
