//! Consent through the whole program: certificates asked over real connections, withdrawals, leads in review.

use crate::harness::{
    Buyer, Exchange, Heard, Home, KEY, OTHER_KEY, Ran, Reply, Request, keeps_back, lead, market, outcry, says, tiny, until,
};
use outcry_core::moment::Moment;
use outcry_market::buyers::{IncomingRequest, ReplyKind};
use outcry_market::vendors::{Certificate, LeadId, Token, TrustedForm};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

const ID: &str = "00000000000000000000000000000000000000a1";
const OLD: &str = "00000000000000000000000000000000000000b2";
const STRANGE: &str = "00000000000000000000000000000000000000c3";
const TOKEN: &str = "0F2B4C6D-1111-2222-3333-444455556666";
const DAY_MS: i64 = 86_400_000;

#[allow(clippy::disallowed_methods)] // what a vendor compares with runs on the wall clock, as the exchange does
fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Moment::from_unix_ms(i64::try_from(since.as_millis()).unwrap())
}

/// A request as the simulated services read it.
fn incoming(heard: &Heard) -> IncomingRequest {
    let headers = heard.headers.lines().filter_map(|line| line.split_once(':'));
    IncomingRequest {
        method: heard.method.clone(),
        path: heard.path.split('?').next().unwrap().to_owned(),
        query: String::new(),
        headers: headers
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: heard.body.clone().into_bytes(),
    }
}

fn reply(reply: outcry_market::buyers::Reply) -> Reply {
    match reply.kind {
        ReplyKind::Answer {
            status,
            content_type,
            body,
        } => Reply::new(status, content_type, &body),
        other => panic!("{other:?}"),
    }
}

fn trustedform() -> Buyer {
    let mut vendor = TrustedForm::with_key("tf-key");
    let certificate = Certificate {
        created: now().plus_ms(-150_000),
        expires: now().plus_ms(3 * DAY_MS),
        page_url: "https://roofs.example.com/start".into(),
        page_text: "By pressing the button I agree to be called about my roof.".into(),
        phone: "+19195550142".into(),
        email: "zephyrine.quillfeather@example.net".into(),
        approved: true,
        sandbox: false,
    };
    vendor.certify(
        OLD,
        Certificate {
            created: now().plus_ms(-2 * DAY_MS),
            ..certificate.clone()
        },
    );
    vendor.certify(
        STRANGE,
        Certificate {
            phone: "+12025550143".into(),
            email: "else@example.com".into(),
            ..certificate.clone()
        },
    );
    vendor.certify(ID, certificate);
    let vendor = Mutex::new(vendor);
    Buyer::start(move |heard| reply(vendor.lock().unwrap().answer(&incoming(heard), now())))
}

/// The tiny exchange with further terms of its campaign and further tables.
fn with(market: &Buyer, terms: &str, tables: &str) -> Home {
    let home = tiny(market);
    home.edit("spec/exchange.toml", "floor = \"5.00\"", &format!("floor = \"5.00\"\n{terms}"));
    home.write("spec/tables.toml", tables);
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    home.write("secrets.toml", &format!("{secrets}tf_key = \"tf-key\"\nleadid_key = \"li-key\"\n"));
    home
}

fn certified(address: &str) -> Value {
    let mut lead = lead();
    lead["trustedform_cert_url"] = json!(address);
    lead
}

/// What the story of a lead says of it, after it was sold or not.
fn told(home: &Home, exchange: &crate::harness::Exchange, key: &str, lead: &Value) -> String {
    let answer = exchange.send(&Request::post("/v1/leads", key).json(lead));
    assert_eq!(answer.status, 200, "{answer:?}");
    home.explain(&answer.text("lead_id")).out
}

#[test]
fn trustedform_is_asked_over_a_real_connection_and_lured_nowhere() {
    let (market, vendor) = (market(), trustedform());
    let check = format!(
        "[check.trustedform]\nintegration = \"trustedform\"\nparams = {{ api_key = \"secret:tf_key\", base_url = \"{}\" }}\n\
         sends = [\"trustedform_cert_url\", \"phone\", \"email\"]\nresults = {{ age_seconds__certificate_age = \"int\" }}\ntimeout_ms = 10000\n",
        vendor.url
    );
    let terms = "checks = [\"trustedform\"]\naccept = 'certificate_age < 86400'";
    let home = with(&market, terms, &check);
    let exchange = home.serve(&[]);
    let at = |id: &str| certified(&format!("https://cert.trustedform.com/{id}"));

    says(
        &told(&home, &exchange, KEY, &at(ID)),
        &["SOLD to acme_home", "check trustedform: pass"],
    );
    let asked = vendor.heard(&format!("/{ID}"));
    assert_eq!(asked.len(), 1, "once a lead");
    keeps_back(&asked[0].body, &["9195550142", "zephyrine"]);
    says(
        &told(&home, &exchange, KEY, &at(OLD)),
        &["UNSOLD", "the campaign does not take it: certificate_age < 86400"],
    );
    says(
        &told(&home, &exchange, KEY, &at(STRANGE)),
        &["UNSOLD", "the check trustedform says no: the certificate is of somebody else"],
    );
    let unknown = "00000000000000000000000000000000000000dd";
    says(
        &told(&home, &exchange, KEY, &at(unknown)),
        &["UNSOLD", "the check trustedform says no: Certificate not found"],
    );
    says(
        &told(&home, &exchange, KEY, &lead()),
        &["UNSOLD", "the check trustedform could not be made", "trustedform_id"],
    );

    // Another address is no certificate, and is not called.
    let before = vendor.count();
    for wrong in [
        format!("https://cert.trustedform.com.evil.example/{ID}"),
        format!("{}/{ID}", market.url),
    ] {
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&certified(&wrong)));
        assert_eq!(answer.status, 422, "{wrong}: {answer:?}");
    }
    assert_eq!(vendor.count(), before);
    exchange.stop();
}

#[test]
fn a_redirect_of_a_service_is_not_followed_and_is_no_yes() {
    let market = market();
    let thief = Buyer::start(|_| Reply::json(r#"{"outcome": "success", "match_lead": {"result": {"success": true}}}"#));
    let elsewhere = format!("application/json\r\nlocation: {}/stolen", thief.url);
    let vendor = Buyer::start(move |_| {
        Reply::new(
            302,
            &elsewhere,
            r#"{"outcome": "success", "match_lead": {"result": {"success": true}}}"#,
        )
    });
    let check = format!(
        "[check.trustedform]\nintegration = \"trustedform\"\nparams = {{ api_key = \"secret:tf_key\", base_url = \"{}\" }}\n\
         sends = [\"trustedform_cert_url\", \"phone\"]\ntimeout_ms = 10000\n",
        vendor.url
    );
    let home = with(&market, "checks = [\"trustedform\"]", &check);
    let exchange = home.serve(&[]);
    let lead = certified(&format!("https://cert.trustedform.com/{ID}"));
    says(
        &told(&home, &exchange, KEY, &lead),
        &["UNSOLD", "the check trustedform could not be made"],
    );
    assert_eq!(
        (vendor.count(), thief.count()),
        (1, 0),
        "the key went to the address that the operator set"
    );
    exchange.stop();
}

#[test]
fn leadid_is_asked_over_a_real_connection() {
    let market = market();
    let mut vendor = LeadId::with_account("AC1", "li-key");
    let token = Token {
        created: now().plus_ms(-DAY_MS),
        phone: "+19195550142".into(),
        email: "zephyrine.quillfeather@example.net".into(),
        opted_out: false,
        disclosed: true,
    };
    vendor.witness(
        "0F2B4C6D-1111-2222-3333-444455556677",
        Token {
            opted_out: true,
            ..token.clone()
        },
    );
    vendor.witness(TOKEN, token);
    let vendor = Mutex::new(vendor);
    let vendor = Buyer::start(move |heard| reply(vendor.lock().unwrap().answer(&incoming(heard), now())));
    let check = format!(
        "[check.leadid]\nintegration = \"leadid\"\nparams = {{ account = \"AC1\", key = \"secret:leadid_key\", base_url = \"{}\" }}\n\
         sends = [\"jornaya_leadid\", \"phone\", \"email\"]\ntimeout_ms = 10000\n",
        vendor.url
    );
    let home = with(&market, "checks = [\"leadid\"]", &check);
    let exchange = home.serve(&[]);
    let with_token = |token: &str| {
        let mut lead = lead();
        lead["jornaya_leadid"] = json!(token);
        lead
    };
    says(
        &told(&home, &exchange, KEY, &with_token(TOKEN)),
        &["SOLD to acme_home", "check leadid: pass"],
    );
    let opted_out = with_token("0F2B4C6D-1111-2222-3333-444455556677");
    says(&told(&home, &exchange, KEY, &opted_out), &["UNSOLD", "the check leadid says no"]);
    let unknown = with_token("0F2B4C6D-1111-2222-3333-444455556688");
    says(&told(&home, &exchange, KEY, &unknown), &["UNSOLD", "the check leadid says no"]);
    exchange.stop();
}

/// A command on the home's data folder.
fn run(home: &Home, words: &[&str]) -> Ran {
    Ran::of(outcry().args(words).args(["--data", &home.arg("data")]))
}

fn person(phone: &str) -> Value {
    let mut lead = lead();
    lead["phone"] = json!(phone);
    lead["email"] = json!(format!("{phone}@example.net"));
    lead
}

#[test]
fn a_withdrawal_is_in_force_when_it_is_answered_and_after_a_restart() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    home.write("gone.csv", "phone,when\n\"(919) 555-0143\",2026-11-01\nnonsense\n919.555.0144,x\n");

    let by_file = run(&home, &["withdraw", "--file", &home.arg("gone.csv")]);
    assert!(!by_file.ok, "a line of it cannot be read");
    says(&by_file.out, &["2 consents taken back (all), in force for every later post"]);
    says(&by_file.err, &["1 line of the file: no number and no address (line 3)"]);
    let by_hand = run(&home, &["withdraw", "--phone", "919-555-0145", "--buyer", "acme"]);
    says(&by_hand.out, &["1 consent taken back (buyer/acme)"]);
    let by_source = exchange.send(&Request::post("/v1/withdrawals", OTHER_KEY).json(&json!({"phone": "+1 919 555 0146"})));
    assert_eq!(
        (by_source.status, by_source.json()["scope"].clone()),
        (200, json!("all")),
        "{by_source:?}"
    );

    for phone in ["9195550143", "9195550144", "9195550146"] {
        says(
            &told(&home, &exchange, KEY, &person(phone)),
            &["UNSOLD", "the person has withdrawn the consent (all)"],
        );
    }
    let partly = told(&home, &exchange, KEY, &person("9195550145"));
    says(
        &partly,
        &["SOLD to blueridge_roofs", "the person has withdrawn the consent (buyer/acme)"],
    );
    says(&told(&home, &exchange, KEY, &person("9195550147")), &["SOLD to acme_home"]);
    an_operator_lifts_a_withdrawal_with_a_note(&home, &exchange);
    exchange.stop();

    let again = home.serve(&[]);
    let mut once_more = person("9195550143");
    once_more["first_name"] = json!("Another");
    says(
        &told(&home, &again, KEY, &once_more),
        &["UNSOLD", "the person has withdrawn the consent (all)"],
    );
    again.stop();
    for file in std::fs::read_dir(home.path("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        let holds = |digits: &[u8]| bytes.windows(digits.len()).any(|window| window == digits);
        assert!(!holds(b"9195550143") && !holds(b"5550146"), "digests only");
    }
}

/// One who was taken for another: sold again, and the audit log says why.
fn an_operator_lifts_a_withdrawal_with_a_note(home: &Home, exchange: &Exchange) {
    let phone = ["withdraw", "--phone", "919-555-0144"];
    let without = run(home, &[&phone[..], &["--lift"]].concat());
    assert!(!without.ok && without.err.contains("--note"), "{}", without.err);
    let of_another_scope = [&phone[..], &["--lift", "--note", "wrong number", "--buyer", "acme"]].concat();
    says(&run(home, &of_another_scope).out, &["0 withdrawals lifted"]);
    let mut lead = person("9195550144");
    lead["first_name"] = json!("Still");
    says(
        &told(home, exchange, KEY, &lead),
        &["UNSOLD", "the person has withdrawn the consent (all)"],
    );

    let lifted = run(
        home,
        &[&phone[..], &["--lift", "--note", "a typing error of ours, ticket 71"]].concat(),
    );
    assert!(lifted.ok, "{}", lifted.err);
    says(&lifted.out, &["1 withdrawal lifted"]);
    lead["first_name"] = json!("Again");
    says(&told(home, exchange, KEY, &lead), &["SOLD to acme_home"]);
    let log = run(home, &["audit", "list"]);
    says(&log.out, &["lift_withdrawal", "a typing error of ours, ticket 71"]);
}

#[test]
fn a_withdrawal_that_cannot_be_read_takes_nothing_back() {
    let market = market();
    let home = tiny(&market);
    let exchange = home.serve(&[]);
    let send = |key: &str, body: Value| exchange.send(&Request::post("/v1/withdrawals", key).json(&body));
    assert_eq!(send("nobodys", json!({"phone": "9195550143"})).status, 401);
    for wrong in [
        json!({}),
        json!({"phones": []}),
        json!({"phones": ["9195550143", "nonsense"]}),
        json!({"phone": "9195550143", "channel": "fax"}),
        json!({"phone": "9195550143", "seller": "nobody"}),
        json!({"phone": "9195550143", "channel": "sms", "seller": "acme"}),
        json!({"phone": "9195550143", "why": "x"}),
    ] {
        let answer = send(KEY, wrong.clone());
        assert_eq!((answer.status, answer.text("code")), (400, "bad_withdrawal".to_owned()), "{wrong}");
        assert!(!format!("{answer:?}").contains("9195550143"), "{answer:?}");
    }
    says(&told(&home, &exchange, KEY, &person("9195550143")), &["SOLD"]);
    exchange.stop();
}

#[test]
fn who_waits_is_listed_let_go_and_refused_from_the_command_line() {
    let market = market();
    let home = with(&market, "accept = 'zip = \"27602\"'\nunaccepted = \"review\"", "");
    let exchange = home.serve(&[]);
    let sent = |phone: &str| {
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&person(phone)));
        assert_eq!((answer.status, answer.text("status")), (202, "pending".to_owned()), "{answer:?}");
        answer.text("lead_id")
    };
    let (one, two) = (sent("9195550151"), sent("9195550152"));
    assert_eq!(market.count(), 0, "nobody hears of them");
    let listed = run(&home, &["review", "list"]);
    says(
        &listed.out,
        &[
            &*one,
            &*two,
            "northwind_home in home",
            "the campaign does not take it",
            "2 leads in review",
        ],
    );

    says(&run(&home, &["review", "release", &one]).out, &["goes the whole path again"]);
    until("the lead is sold", || {
        home.explain(&one).out.contains("SOLD to acme_home").then_some(())
    });
    says(&run(&home, &["review", "refuse", &two, "--why", "a business"]).out, &["is refused"]);
    says(&home.explain(&two).out, &["UNSOLD", "the lead was refused in review: a business"]);
    let late = run(&home, &["review", "release", &two]);
    assert!(!late.ok);
    says(&late.err, &["does not wait for review"]);
    says(&run(&home, &["review", "list"]).out, &["0 leads in review"]);
    exchange.stop();
}
