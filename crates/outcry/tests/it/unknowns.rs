//! Posts that nobody knows the end of, from the outside: a buyer calls back over HTTP, operators list and decide, files
//! reconcile; before a kill and after it.

use crate::harness::{Buyer, Exchange, Heard, Home, KEY, Ran, Reply, Request, lead, outcry, says};
use serde_json::{Value, json};

const SPEC: &str = r#"
[supplier.northwind]
label = "Northwind Media"

[source.northwind_home]
supplier = "northwind"
campaign = "home"
keys = ["secret:northwind_home_key"]

[campaign.home]
lead_type = "home_services"
payout = "80%"

[buyer.acme]
label = "Acme Home Improvement LLC"
"#;

const CALLS: &str = r#"schema = "outcry.integration/1"
label = "Calls back"
[params]
url = { kind = "url", required = true }
[post.request]
url = "{param.url}/post"
format = "json"
body = { phone = "{phone}", id = "{attempt.id}", call = "{callback.url!}" }
[post.answer]
format = "json"
[[post.answer.rules]]
when = { path = "queued", equals = true }
outcome = "queued"
[callback]
carried = "query"
[callback.answer]
format = "form"
price = "paid"
[[callback.answer.rules]]
when = { path = "status", equals = "sold" }
outcome = "accepted"
[[callback.answer.rules]]
when = { path = "status", equals = "refused" }
outcome = "rejected"
"#;

fn home(buyer: &Buyer) -> Home {
    let home = Home::new();
    let contract = format!(
        "[contract.acme]\nbuyer = \"acme\"\ncampaign = \"home\"\nintegration = \"calls\"\nprice = \"20.00\"\npost_timeout_ms = 30000\n\
         params = {{ url = \"{}\" }}\n",
        buyer.url
    );
    home.write("spec/exchange.toml", &format!("{SPEC}{contract}"));
    home.write("spec/integrations/calls.toml", CALLS);
    home.write("secrets.toml", &format!("northwind_home_key = \"{KEY}\"\n"));
    home
}

fn queueing() -> Buyer {
    Buyer::start(|_: &Heard| Reply::json(r#"{"queued": true}"#))
}

const REACHED: [&str; 2] = ["--set", "public_url=https://exchange.example"];

/// A lead that the buyer has queued: what its source heard, and the path that the buyer may call.
fn queued(exchange: &Exchange, buyer: &Buyer, phone: &str) -> (Value, String) {
    let mut lead = lead();
    lead["phone"] = json!(phone);
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead)).json();
    assert_eq!(answer["status"], "pending", "{answer}");
    let post = buyer.heard("/post").pop().unwrap().json();
    let url = post["call"].as_str().unwrap().to_owned();
    (answer, url.strip_prefix("https://exchange.example").unwrap().to_owned())
}

fn command(home: &Home, args: &[&str]) -> Ran {
    let mut command = outcry();
    command.args(args).args(["--data", &home.arg("data")]);
    command.args(["--spec", &home.arg("spec"), "--secrets", &home.arg("secrets.toml")]);
    Ran::of(command.args(["--set", "outbound.allow=127.0.0.0/8"]))
}

fn status(home: &Home, answer: &Value) -> String {
    home.record(answer["lead_id"].as_str().unwrap()).ending.word().to_owned()
}

#[test]
fn a_buyer_calls_and_is_heard_once_before_a_kill_and_after_it() {
    let buyer = queueing();
    let home = home(&buyer);
    let exchange = home.serve(&REACHED);
    let (first, path) = queued(&exchange, &buyer, "+13125550111");
    let call = |exchange: &Exchange, path: &str| {
        let answer = exchange.send(&Request::get(path));
        (answer.status, answer.json())
    };
    let (code, problem) = call(&exchange, &format!("{}AAAA?status=sold", &path[..path.len() - 4]));
    assert_eq!((code, problem["code"].as_str()), (403, Some("callback_forged")));
    let (code, problem) = call(&exchange, &format!("{path}?status=perhaps"));
    assert_eq!((code, problem["code"].as_str()), (422, Some("callback_not_understood")));
    let (code, said) = call(&exchange, &format!("{path}?status=sold&paid=18.00"));
    assert_eq!((code, said), (200, json!({"status": "recorded", "outcome": "accepted"})));
    let (code, said) = call(&exchange, &format!("{path}?status=sold&paid=18.00"));
    assert_eq!((code, said), (200, json!({"status": "known", "outcome": "accepted"})));
    let (code, problem) = call(&exchange, &format!("{path}?status=refused"));
    assert_eq!((code, problem["code"].as_str()), (409, Some("callback_contradicts")));
    assert_eq!(status(&home, &first), "sold");
    let (second, path) = queued(&exchange, &buyer, "+13125550112");
    drop(exchange);
    let exchange = home.serve(&REACHED);
    let (code, said) = call(&exchange, &format!("{path}?status=refused"));
    assert_eq!((code, said), (200, json!({"status": "recorded", "outcome": "rejected"})));
    assert_eq!(status(&home, &second), "unsold");
    exchange.stop();
    let books = home.books();
    assert_eq!((books.sold, books.unsold, books.price.to_string()), (1, 1, "18.00".to_owned()));
    says(
        &home.explain(first["lead_id"].as_str().unwrap()).out,
        &["is accepted, by a callback"],
    );
}

#[test]
fn an_exchange_whose_buyers_call_has_to_say_where() {
    let buyer = queueing();
    let home = home(&buyer);
    let ran = Ran::of(&mut home.serve_command(&[]));
    assert!(!ran.ok);
    says(&ran.err, &["contract acme", "public_url"]);
}

#[test]
fn an_operator_decides_beside_a_running_exchange_and_without_one() {
    let buyer = queueing();
    let home = home(&buyer);
    let exchange = home.serve(&REACHED);
    let nothing = command(&home, &["unknowns"]);
    says(&nothing.out, &["Nothing is unknown"]);
    let mut open = Vec::new();
    for phone in ["+13125550111", "+13125550112", "+13125550113"] {
        queued(&exchange, &buyer, phone);
        open.push(buyer.heard("/post").pop().unwrap().json()["id"].as_str().unwrap().to_owned());
    }
    let listed = command(&home, &["unknowns"]);
    says(
        &listed.out,
        &[
            &open[0],
            "unknown for",
            "to acme (acme), held at 20.00",
            "the final word comes later",
            "3 posts.",
        ],
    );
    let done = command(&home, &["resolve", &open[0], "accepted", "--price", "15.00"]);
    assert!(done.ok, "{done:?}");
    says(&done.out, &["is sold, the supplier gets 12.00"]);
    let again = command(&home, &["resolve", &open[0], "rejected"]);
    assert!(!again.ok);
    says(&again.out, &["nothing of it is unknown"]);
    let wrong = command(&home, &["resolve", &open[1], "sold"]);
    assert!(!wrong.ok);
    says(
        &wrong.err,
        &["the outcome cannot be sold; it is accepted, rejected, not_sent or written_off"],
    );
    let answer = exchange.send(&Request::get("/v1/operator/unknowns"));
    assert_eq!(answer.status, 404, "the doors of sources lead to no office");
    exchange.stop();
    reconciled_without_an_exchange(&home, &open);
}

/// The buyer's own list, in its names and words, of the two that are left.
fn reconciled_without_an_exchange(home: &Home, open: &[String]) {
    home.write(
        "theirs.csv",
        &format!(
            "LeadRef,Result,Paid\n{},Sold,17.00\n{},Dup,\nattempt_{:032x},Sold,\n",
            open[1], open[2], 7
        ),
    );
    let file = home.arg("theirs.csv");
    let flags = [
        "--column",
        "attempt_id=LeadRef",
        "--column",
        "outcome=Result",
        "--column",
        "price=Paid",
    ];
    let unread = command(home, &[&["reconcile", &file], &flags[..]].concat());
    assert!(!unread.ok);
    says(&unread.err, &["nothing was recorded", "line 2: the outcome cannot be Sold"]);
    let words = ["--word", "sold=accepted", "--word", "dup=rejected"];
    let done = command(home, &[&["reconcile", &file], &flags[..], &words].concat());
    assert!(done.ok, "{done:?}");
    says(&done.out, &["line 4: nothing of it is unknown", "2 of 3 lines recorded"]);
    let books = home.books();
    assert_eq!(
        (books.sold, books.unsold, books.pending, books.price.to_string()),
        (2, 1, 0, "32.00".to_owned())
    );
}

/// As if the process had died between putting the item into the tray and writing down what came of it.
fn died_before_the_outcome(home: &Home) {
    let store = rusqlite::Connection::open(home.path("data/outcry.db")).unwrap();
    store
        .execute_batch(
            "UPDATE attempt SET state = 0, ended = NULL, verdict = NULL, sale = NULL; UPDATE lead SET state = 0, answer = NULL;
             DELETE FROM record; DELETE FROM entry; UPDATE tally SET total = 0 WHERE what <> 'leads';",
        )
        .unwrap();
}

#[test]
fn what_lay_in_the_tray_when_the_process_died_was_delivered_and_what_did_not_was_never_sent() {
    for (arrived, ending, price) in [(true, "sold", "20.00"), (false, "unsold", "0.00")] {
        let home = Home::new();
        let contract = "[contract.acme]\nbuyer = \"acme\"\ncampaign = \"home\"\nintegration = \"inbox_json\"\nprice = \"20.00\"\npost_timeout_ms = 30000\n";
        home.write("spec/exchange.toml", &format!("{SPEC}keys = [\"secret:acme_key\"]\n{contract}"));
        home.write(
            "secrets.toml",
            &format!("northwind_home_key = \"{KEY}\"\nacme_key = \"a-key-of-acme-for-its-inbox\"\n"),
        );
        let exchange = home.serve(&[]);
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead())).json();
        assert_eq!(answer["status"], "sold", "{answer}");
        exchange.stop();
        died_before_the_outcome(&home);
        if !arrived {
            let store = rusqlite::Connection::open(home.path("data/outcry.db")).unwrap();
            store.execute("DELETE FROM tray", []).unwrap();
        }
        let exchange = home.serve(&[]);
        let again = exchange.send(&Request::post("/v1/leads", KEY).json(&lead())).json();
        assert_eq!((again["status"].as_str(), &again["lead_id"]), (Some(ending), &answer["lead_id"]));
        let log = exchange.stop();
        says(&log, &["resolved=1"]);
        assert_eq!(home.books().price.to_string(), price);
        says(&command(&home, &["unknowns"]).out, &["Nothing is unknown"]);
    }
}
