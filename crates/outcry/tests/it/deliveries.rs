//! The kinds of delivery that are not a ping and a post, each from a lead to where the buyer finds it.

use crate::harness::{Buyer, Heard, Home, KEY, MailServer, Reply, Request, free_port, lead, says};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// One source and one campaign that tries everybody in the order of their standing prices.
const EXCHANGE: &str = r#"
[supplier.northwind]
label = "Northwind Media"

[source.northwind_home]
supplier = "northwind"
campaign = "home"
keys = ["secret:northwind_home_key"]

[campaign.home]
lead_type = "home_services"
payout = "80%"
posts_max = 9

[buyer.acme]
label = "Acme Home Improvement LLC"
"#;

/// An exchange with these contracts. Each is a name, an integration, a price and parameters.
fn exchange(contracts: &[(&str, &str, &str, &str)]) -> Home {
    let home = Home::new();
    let contract = |(name, integration, price, params): &(&str, &str, &str, &str)| {
        format!(
            "[contract.{name}]\nbuyer = \"acme\"\ncampaign = \"home\"\nintegration = \"{integration}\"\nprice = \"{price}\"\n\
             post_timeout_ms = 30000\nparams = {{ {params} }}\n"
        )
    };
    home.write("spec/exchange.toml", EXCHANGE);
    home.write("spec/contracts.toml", &contracts.iter().map(contract).collect::<String>());
    home.write(
        "secrets.toml",
        &format!("northwind_home_key = \"{KEY}\"\nmail = \"s3cret\"\nwrong = \"guess\"\n"),
    );
    home
}

fn sold_at(answer: &Value) -> (&str, &str) {
    (answer["status"].as_str().unwrap(), answer["payout"].as_str().unwrap())
}

/// The verdict of each post, by the name of the contract.
fn verdicts(home: &Home, lead: &str) -> Vec<String> {
    let record = home.record(lead);
    let lines = record.lines.iter();
    let mut told: Vec<String> = lines
        .flat_map(|line| line.posts.iter().map(|post| format!("{} {}", line.contract, post.verdict)))
        .collect();
    told.sort();
    told
}

#[test]
fn a_buyer_without_a_ping_is_posted_to_at_its_standing_price() {
    let market = Buyer::start(|heard: &Heard| {
        Reply::json(match heard.path.as_str() {
            "/dear" => r#"{"ok": false, "why": "full"}"#,
            _ => r#"{"ok": true, "id": 7}"#,
        })
    });
    let url = |path| format!("url = \"{}/{path}\"", market.url);
    let (dear, fair) = (url("dear"), url("fair"));
    let home = exchange(&[("dear", "direct", "40.00", &dear), ("fair", "direct", "30.00", &fair)]);
    home.write(
        "spec/integrations/direct.toml",
        r#"schema = "outcry.integration/1"
label = "Direct"
[params]
url = { kind = "url", required = true }
[post.request]
url = "{param.url}"
format = "form"
[post.request.body]
price = "{bid.price}"
"*" = "{lead}"
[post.answer]
format = "json"
reason = "why"
[[post.answer.rules]]
when = { path = "ok", equals = true }
outcome = "accepted"
[[post.answer.rules]]
when = { path = "ok", equals = false }
outcome = "rejected"
"#,
    );
    let exchange = home.serve(&[]);
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead())).json();
    assert_eq!(sold_at(&answer), ("sold", "24.00"));
    let heard = market.heard("/fair");
    assert_eq!(heard.len(), 1, "one request, and no ping before it");
    says(&heard[0].body, &["price=30.00", "last_name=Quillfeather"]);
    assert_eq!(
        verdicts(&home, answer["lead_id"].as_str().unwrap()),
        ["dear rejected", "fair accepted"]
    );
    exchange.stop();
}

/// The parameters of a contract that gets mails, with a login if its secret is named.
fn mail(server: &str, to: &str, secret: &str) -> String {
    let login = match secret {
        "" => String::new(),
        name => format!(", user = \"outcry\", password = \"secret:{name}\""),
    };
    format!("server = \"{server}\", from = \"leads@outcry.example\", to = \"{to}\"{login}")
}

/// What a mail of the sold lead says, on its way and in its text.
const MAILED: [&str; 7] = [
    "sales@members.example",
    "Subject: New lead: Zephyrine Quillfeather",
    "Reply-To: zephyrine.quillfeather@example.net",
    "Price: 43.00",
    "phone: +19195550142",
    "TLS",
    "outcry",
];

#[test]
fn a_lead_goes_out_as_a_mail_through_a_real_server_and_every_verdict_is_its_own() {
    let home = exchange(&[]);
    let Some(server) = MailServer::start(&home) else { return };
    let (port, tls_port, nobody_there) = (server.port, server.tls_port, free_port());
    let starttls = format!("smtp://localhost:{port}");
    let closed = format!("smtps://localhost:{nobody_there}");
    let other_name = format!("smtps://127.0.0.1:{tls_port}");
    let contracts = [
        ("a_closed_port", "49.00", mail(&closed, "sales@buyer.example", "")),
        ("b_no_such_user", "48.00", mail(&starttls, "nobody@buyer.example", "")),
        (
            "c_one_of_two",
            "47.00",
            mail(&starttls, "sales@buyer.example, nobody@buyer.example", ""),
        ),
        ("d_busy", "46.00", mail(&starttls, "busy@buyer.example", "")),
        ("e_not_its_name", "45.00", mail(&other_name, "sales@buyer.example", "")),
        ("f_wrong_password", "44.00", mail(&starttls, "sales@members.example", "wrong")),
        ("g_sold", "43.00", mail(&starttls, "sales@members.example", "mail")),
    ];
    let contracts: Vec<(&str, &str, &str, &str)> = contracts
        .iter()
        .map(|(name, price, params)| (*name, "mail_plain", *price, params.as_str()))
        .collect();
    let with_contracts = exchange(&contracts);
    let authority = format!("outbound.extra_ca={}", home.arg("mail/cert.pem"));
    let exchange = with_contracts.serve(&["--set", &authority]);
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead())).json();
    assert_eq!(sold_at(&answer), ("sold", "34.40"));
    let id = answer["lead_id"].as_str().unwrap();
    assert_eq!(
        verdicts(&with_contracts, id),
        [
            "a_closed_port not_sent",
            "b_no_such_user rejected",
            "c_one_of_two rejected",
            "d_busy rejected",
            "e_not_its_name not_sent",
            "f_wrong_password not_sent",
            "g_sold accepted"
        ]
    );
    let mails = server.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:#?}") };
    says(mail, &MAILED);
    let log = exchange.stop();
    for secret in ["s3cret", "guess", "Quillfeather"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_second_lead_as_a_mail_with_tls_from_the_first_byte() {
    let home = exchange(&[]);
    let Some(server) = MailServer::start(&home) else { return };
    let params = format!(
        "server = \"smtps://localhost:{}\", from = \"Outcry <leads@outcry.example>\", to = \"sales@buyer.example\"",
        server.tls_port
    );
    let sales = exchange(&[("sales", "mail_plain", "20.00", &params)]);
    let authority = format!("outbound.extra_ca={}", home.arg("mail/cert.pem"));
    let exchange = sales.serve(&["--set", &authority]);
    for number in 0..3 {
        let mut lead = lead();
        lead["phone"] = format!("919-555-010{number}").into();
        lead["email"] = format!("ada{number}@example.net").into();
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead)).json();
        assert_eq!(sold_at(&answer), ("sold", "16.00"));
    }
    assert_eq!(server.mails().len(), 3);
    exchange.stop();
}

/// 24 bytes that both sides know.
const WEBHOOK_KEY: &[u8] = b"0123456789abcdef01234567";

/// Checks a request by the words of the specification of Standard Webhooks, with nothing of ours.
fn is_signed(heard: &Heard) -> bool {
    let header = |name: &str| {
        let lines = heard.headers.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    };
    let id = header("webhook-id").unwrap();
    let signed = format!("{id}.{}.{}", header("webhook-timestamp").unwrap(), heard.body);
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_KEY).unwrap();
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()));
    header("webhook-signature") == Some(expected.as_str())
}

#[test]
fn a_signed_webhook_can_be_checked_by_whoever_knows_the_secret() {
    let market = Buyer::start(|heard: &Heard| match heard.path.as_str() {
        "/knows" => Reply::new(409, "text/plain", ""),
        _ => Reply::new(if is_signed(heard) { 200 } else { 401 }, "text/plain", ""),
    });
    let at = |path, secret| format!("url = \"{}/{path}\", secret = \"secret:{secret}\"", market.url);
    let (knows, other, fair) = (at("knows", "hook"), at("other", "other_hook"), at("fair", "hook"));
    let home = exchange(&[
        ("a_knows", "webhook_signed", "30.00", &knows),
        ("b_another_secret", "webhook_signed", "29.00", &other),
        ("c_fair", "webhook_signed", "28.00", &fair),
    ]);
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    let key = |bytes: &[u8]| format!("whsec_{}", BASE64.encode(bytes));
    let keys = format!("hook = \"{}\"\nother_hook = \"{}\"\n", key(WEBHOOK_KEY), key(&[7; 24]));
    home.write("secrets.toml", &(secrets + &keys));
    let exchange = home.serve(&[]);
    let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead())).json();
    assert_eq!(sold_at(&answer), ("sold", "22.40"));
    assert_eq!(
        verdicts(&home, answer["lead_id"].as_str().unwrap()),
        ["a_knows rejected", "b_another_secret rejected", "c_fair accepted"]
    );
    let heard = market.heard("/fair")[0].json();
    assert_eq!(
        [&heard["data"]["price"], &heard["data"]["lead"]["last_name"]],
        ["28.00", "Quillfeather"]
    );
    exchange.stop();
}
