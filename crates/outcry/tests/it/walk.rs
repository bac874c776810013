//! Walks through the whole program as a source and an operator take them.

use crate::harness::{Answer, Exchange, Home, KEY, Request, keeps_back, lead, market, ping_part, says, tiny, until};
use serde_json::{Value, json};

/// What nobody but the winner may ever see.
const PERSONAL: [&str; 7] = [
    "Zephyrine",
    "Quillfeather",
    "zephyrine",
    "5550142",
    "555-0142",
    "Wrenfield",
    "198.51.100.77",
];

fn sell(exchange: &Exchange, lead: &Value) -> Answer {
    exchange.send(&Request::post("/v1/leads", KEY).json(lead))
}

#[test]
fn one_call_sells_to_the_best_bid_and_the_story_says_why() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let answer = sell(&exchange, &lead());
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json")),
        "{answer:?}"
    );
    let id = answer.text("lead_id");
    assert_eq!(
        answer.json(),
        json!({"lead_id": id, "status": "sold", "payout": "25.20", "currency": "USD"})
    );

    // Both were pinged with the same fields, and nobody was told who it is.
    let pings = [market.heard("/acme/ping"), market.heard("/blueridge/ping")];
    for ping in &pings {
        let [ping] = ping.as_slice() else { panic!("{pings:?}") };
        let told = json!({"test": false, "state": "NC", "zip": "27601", "service": "roofing", "scope": "replace", "when": "immediately", "owner": "yes"});
        let mut heard = ping.json();
        assert!(heard.as_object_mut().unwrap().remove("ping_id").is_some());
        assert_eq!(heard, told);
    }
    // The winner got the person, the other one nothing.
    let posts = market.heard("/acme/post");
    assert_eq!((posts.len(), market.heard("/blueridge/post").len()), (1, 0));
    let post = posts[0].json();
    assert_eq!(
        [&post["bid_id"], &post["last_name"], &post["phone"]],
        ["b-77", "Quillfeather", "+19195550142"]
    );
    assert!(
        posts[0].headers.to_lowercase().contains("authorization: bearer a-1"),
        "{}",
        posts[0].headers
    );

    // Beside the running exchange, by the lead's id and as the latest.
    for subject in [id.as_str(), "last"] {
        let told = home.explain(subject);
        assert!(told.ok, "{}", told.err);
        let expected = [
            &format!("Lead {id}"),
            "by one call, from northwind_home for campaign home",
            "SOLD to acme_home at 31.50 USD: the supplier gets 25.20, 6.30 stay here.",
            "outbid: 22.50 against 31.50",
            "accepted after ",
            "What view #1 told the buyers, and nothing else:",
            " state=NC",
            " service=roofing",
        ];
        says(&told.out, &expected);
        let mut pinged = told.out.lines().filter(|line| line.contains(" ms ") && line.contains("#1"));
        let won = pinged.find(|line| line.trim_start().starts_with("acme_home"));
        assert!(won.is_some_and(|line| line.ends_with("won")), "{}", told.out);
        assert_eq!(told.out.matches("outbid").count(), 1, "each says it once");
        keeps_back(&told.out, &PERSONAL);
    }
}

#[test]
fn a_contract_that_was_not_asked_has_its_reason() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let mut texas = lead();
    texas["state"] = json!("TX");
    texas["zip"] = json!("75201");
    let id = sell(&exchange, &texas).text("lead_id");
    let told = home.explain(&id).out;
    let line = told
        .lines()
        .find(|line| line.trim_start().starts_with("blueridge_roofs"))
        .unwrap_or_else(|| panic!("{told}"));
    assert!(
        line.contains("filter: the filter says no: state in") && line.contains("TX"),
        "{line}"
    );
    assert!(market.heard("/blueridge/ping").is_empty());
    assert!(told.contains("SOLD to acme_home"), "{told}");
}

/// Ping, quote, post, sold; and each door takes JSON and forms.
fn two_calls(write: fn(Request, &Value) -> Request) {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let ping = write(Request::post("/v1/pings", KEY), &ping_part(&lead()));
    let quoted = exchange.send(&ping);
    assert_eq!(quoted.status, 200, "{quoted:?}");
    let quote = quoted.json();
    assert_eq!(
        [&quote["status"], &quote["payout"], &quote["currency"], &quote["expires_seconds"]],
        [&json!("quoted"), &json!("25.20"), &json!("USD"), &json!(60)]
    );
    assert!(quote["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{quote}");
    assert_eq!((home.rows("lead"), market.heard("/acme/post").len()), (0, 0), "a ping is no lead");
    assert_eq!(exchange.send(&ping).json(), quote, "a repeated ping gets the same quote");
    assert_eq!(market.heard("/acme/ping").len(), 1);

    // A quote is not on the disk before the source has it.
    let story = until("the ping is on record", || {
        Some(home.explain(&quoted.text("quote_id"))).filter(|story| story.ok)
    });
    assert!(story.out.contains("QUOTED: the source was promised 25.20 USD"), "{story:?}");

    let mut whole = lead();
    whole["ping_token"] = quote["ping_token"].clone();
    let post = write(Request::post("/v1/posts", KEY), &whole);
    let sold = exchange.send(&post);
    assert_eq!(
        (sold.status, sold.text("status"), sold.text("payout")),
        (200, "sold".to_owned(), "25.20".to_owned())
    );
    assert_eq!(exchange.send(&post).json(), sold.json(), "a repeated post gets the same answer");
    assert_eq!((market.heard("/acme/post").len(), market.heard("/blueridge/post").len()), (1, 0));

    let story = home.explain(&sold.text("lead_id"));
    for part in [
        "by a post with a quote",
        &format!("redeems {}", quoted.text("quote_id")),
        "outbid: 22.50 against 31.50",
    ] {
        assert!(story.out.contains(part), "{part} is not in\n{}", story.out);
    }
}

#[test]
fn two_calls_with_json_bodies() {
    two_calls(Request::json);
}

#[test]
fn two_calls_with_form_bodies() {
    two_calls(Request::form);
}

#[test]
fn the_token_may_stand_in_a_header_and_the_post_may_leave_out_what_was_pinged() {
    let market = market();
    let exchange_home = tiny(&market);
    let exchange = exchange_home.serve(&[]);
    let token = exchange
        .send(&Request::post("/v1/pings", KEY).json(&ping_part(&lead())))
        .text("ping_token");
    let mut rest = lead();
    for pinged in ["state", "zip", "service", "project_scope", "buy_timeframe", "own_home"] {
        rest.as_object_mut().unwrap().shift_remove(pinged);
    }
    let sold = exchange.send(&Request::post("/v1/posts", KEY).header("ping-token", &token).json(&rest));
    assert_eq!(sold.text("status"), "sold");
    assert_eq!(market.heard("/acme/post")[0].json()["state"], "NC");
}

#[test]
fn a_test_lead_walks_the_whole_path_and_is_neither_sent_nor_counted() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let mut test = lead();
    test["is_test"] = json!(true);
    let answer = sell(&exchange, &test);
    assert_eq!((answer.text("status"), &answer.json()["test"]), ("sold".to_owned(), &json!(true)));
    assert_eq!(market.count(), 0, "these contracts have no address for tests");
    let books = home.books();
    assert_eq!((books.leads, books.sold, books.price.to_string().as_str()), (0, 0, "0.00"));
    assert!(home.explain(&answer.text("lead_id")).out.contains("by one call, a test, from"));
}

#[test]
fn a_test_lead_goes_to_the_test_address_of_a_contract_that_has_one() {
    let (real, trial) = (market(), market());
    let home = tiny(&real);
    let own = format!("test_params = {{ base_url = \"{}/acme\" }}\ncaps = [", trial.url);
    home.edit("spec/exchange.toml", "caps = [", &own);
    // Of simulated bids one could be higher.
    home.edit("spec/exchange.toml", "price = \"22.50\"", "price = \"22.50\"\npaused = true");
    let exchange = home.serve(&[]);
    let mut test = lead();
    test["is_test"] = json!(true);
    assert_eq!(sell(&exchange, &test).text("status"), "sold");
    assert_eq!(
        (real.count(), trial.heard("/acme/ping").len(), trial.heard("/acme/post").len()),
        (0, 1, 1)
    );
    assert_eq!(trial.heard("/acme/post")[0].json()["test"], true);
    assert_eq!(home.books().leads, 0);
}

#[test]
fn the_same_lead_again_gets_the_same_answer_and_is_sold_once() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let first = sell(&exchange, &lead());
    assert_eq!(sell(&exchange, &lead()).body, first.body);
    let keyed = Request::post("/v1/leads", KEY).header("idempotency-key", "order-1").json(&lead());
    let keyed = [exchange.send(&keyed), exchange.send(&keyed)].map(|answer| answer.text("lead_id"));
    assert!(
        keyed[0] == keyed[1] && keyed[0] != first.text("lead_id"),
        "a key of its own makes it another request"
    );
    drop(exchange);
    // After a crash it is still the same request.
    let exchange = home.serve(&[]);
    assert_eq!(sell(&exchange, &lead()).body, first.body);
    assert_eq!(market.heard("/acme/post").len(), 2);
}

#[test]
fn health_readiness_and_metrics_are_there() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    for (path, says) in [("/healthz", "alive"), ("/readyz", "ready")] {
        let answer = exchange.send(&Request::get(path));
        assert_eq!((answer.status, answer.body.trim()), (200, says));
    }
    sell(&exchange, &lead());
    exchange.send(&Request::post("/v1/leads", KEY).body("text/plain", "hello"));
    let metrics = exchange.send(&Request::get("/metrics"));
    assert!(metrics.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
    let counted = [
        "outcry_requests_total{door=\"lead\",code=\"ok\"} 1",
        "outcry_requests_total{door=\"lead\",code=\"content_type\"} 1",
        "outcry_request_seconds_count{door=\"lead\"} 2",
        "outcry_auctions_under_way 0",
    ];
    says(&metrics.body, &counted);
    keeps_back(&metrics.body, &PERSONAL);
}

/// Everything a source can send, right and wrong, at the most talkative level, in both formats.
#[test]
fn no_personal_data_is_in_the_logs() {
    for format in ["text", "json"] {
        let market = market();
        let home = tiny(&market);
        let exchange = home.serve(&["--set", "log.level=trace", "--set", &format!("log.format={format}")]);
        assert_eq!(sell(&exchange, &lead()).text("status"), "sold");
        exchange.send(&Request::post("/v1/leads", KEY).form(&lead()));
        let token = exchange
            .send(&Request::post("/v1/pings", KEY).json(&ping_part(&lead())))
            .text("ping_token");
        exchange.send(&Request::post("/v1/posts", KEY).header("ping-token", &token).json(&lead()));
        let mut wrong = lead();
        wrong["zip"] = wrong["phone"].clone();
        wrong["Zephyrine Quillfeather"] = json!("zephyrine");
        let refused = [
            sell(&exchange, &wrong),
            exchange.send(&Request::post("/v1/leads", KEY).form(&wrong)),
            exchange.send(&Request::post("/v1/leads", KEY).body("application/json", &lead().to_string()[..300])),
        ];
        for answer in refused {
            assert!((400..500).contains(&answer.status), "{answer:?}");
            keeps_back(&answer.body, &PERSONAL);
        }
        let log = exchange.stop();
        says(&log, &["ready", "stopping"]);
        keeps_back(&log, &PERSONAL);
        keeps_back(&log, &[KEY, "a-1\"", &token]);
        at_rest(&home);
    }
}

/// Nor does it stand on the disk in the clear.
fn at_rest(home: &Home) {
    for entry in std::fs::read_dir(home.path("data")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for part in PERSONAL {
            let found = bytes.windows(part.len()).any(|window| window == part.as_bytes());
            assert!(!found, "{part} is in {}", path.display());
        }
    }
}
