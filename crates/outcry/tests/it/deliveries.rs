//! The kinds of delivery that are not a ping and a post, each from a lead to where the buyer finds it.

use crate::harness::{
    Buyer, Exchange, FileServer, Heard, Home, KEY, MailServer, Ran, Reply, Request, free_port, lead, repository, says, until,
};
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

/// The person of the lead, with another number at the end of phone and mail.
fn lead_number(number: u32) -> Value {
    let mut lead = lead();
    lead["phone"] = format!("919-555-01{number:02}").into();
    lead["email"] = format!("ada{number}@example.net").into();
    lead
}

fn inbox(exchange: &Exchange, key: &str, query: &str) -> Value {
    let answer = exchange.send(&Request::get(&format!("/v1/inbox{query}")).header("authorization", &format!("Bearer {key}")));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn ids(inbox: &Value) -> Vec<&str> {
    let items = inbox["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn a_buyer_fetches_what_it_bought_from_its_inbox_and_says_that_it_has_it() {
    let home = exchange(&[("waiting", "inbox_json", "30.00", "")]);
    home.edit(
        "spec/exchange.toml",
        "label = \"Acme Home Improvement LLC\"",
        "label = \"Acme Home Improvement LLC\"\nkeys = [\"secret:inbox\"]\n[buyer.other]\nlabel = \"Other\"\nkeys = [\"secret:other\"]",
    );
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    home.write("secrets.toml", &(secrets + "inbox = \"acme-fetches\"\nother = \"other-fetches\"\n"));
    let exchange = home.serve(&[]);
    for number in 0..3 {
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead_number(number))).json();
        assert_eq!(sold_at(&answer), ("sold", "24.00"));
    }
    // Nothing is lost when the process ends, and nothing of a person lies open on the disk.
    exchange.stop();
    for file in ["data/outcry.db", "data/outcry.db-wal"] {
        let bytes = std::fs::read(home.path(file)).unwrap_or_default();
        assert!(!bytes.windows(12).any(|part| part == b"Quillfeather"), "{file}");
    }
    let exchange = home.serve(&[]);
    let first = inbox(&exchange, "acme-fetches", "?limit=2");
    assert_eq!([ids(&first).len(), 2], [2, 2]);
    assert_eq!(first["more"], true);
    let item = &first["items"][0];
    assert_eq!(
        [&item["contract"], &item["item"]["price"], &item["item"]["lead"]["last_name"]],
        ["waiting", "30.00", "Quillfeather"]
    );
    let rest = inbox(&exchange, "acme-fetches", &format!("?after={}", first["items"][1]["number"]));
    assert_eq!((ids(&rest).len(), &rest["more"]), (1, &Value::Bool(false)));

    let has = |key: &str, ids: Vec<&str>| {
        let body = serde_json::json!({"ids": ids});
        exchange.send(&Request::post("/v1/inbox/acknowledge", key).json(&body)).json()["acknowledged"].clone()
    };
    assert_eq!(
        inbox(&exchange, "other-fetches", "")["items"],
        Value::Array(Vec::new()),
        "another buyer sees nothing"
    );
    assert_eq!(has("other-fetches", ids(&first)), 0, "and takes nothing");
    assert_eq!(has("acme-fetches", ids(&first)), 2);
    assert_eq!(has("acme-fetches", ids(&first)), 0, "twice does no harm");
    assert_eq!(ids(&inbox(&exchange, "acme-fetches", "")), ids(&rest));
    for (key, path, status) in [
        (KEY, "/v1/inbox", 401),
        ("acme-fetches", "/v1/inbox?limit=0", 400),
        ("acme-fetches", "/v1/inbox?after=x", 400),
    ] {
        let answer = exchange.send(&Request::get(path).header("authorization", &format!("Bearer {key}")));
        assert_eq!(answer.status, status, "{path} {answer:?}");
    }
    let wrong = exchange.send(&Request::post("/v1/inbox/acknowledge", "acme-fetches").json(&serde_json::json!({"ids": [7]})));
    assert_eq!(wrong.status, 400);
    assert_eq!(
        exchange.send(&Request::post("/v1/leads", "acme-fetches").json(&lead())).status,
        401,
        "it is no source's key"
    );
    exchange.stop();
}

/// The files of a folder by name, what begins with a dot included.
fn files(folder: &std::path::Path) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// `file_csv` with files of two rows, so that nobody waits for a clock.
fn files_of_two() -> String {
    let file = std::fs::read_to_string(repository("integrations/file_csv.toml")).unwrap();
    file.replace("rows_max = 1000", "rows_max = 2")
}

#[test]
fn leads_become_rows_of_whole_files_in_a_folder_that_is_allowed() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().display().to_string();
    let home = exchange(&[("files", "csv", "30.00", &format!("folder = \"{folder}\""))]);
    home.write("spec/integrations/csv.toml", &files_of_two());

    // Not without the operator's leave.
    let refused = Ran::of(&mut home.serve_command(&[]));
    assert!(!refused.ok);
    says(&refused.err, &["contract files", "deliveries.folders"]);

    let leave = format!("deliveries.folders={folder}");
    let exchange = home.serve(&["--set", &leave]);
    for number in 0..5 {
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead_number(number))).json();
        assert_eq!(sold_at(&answer), ("sold", "24.00"));
    }
    until("two files are there", || (files(out.path()).len() == 2).then_some(()));
    exchange.stop();
    let written = files(out.path());
    let mut phones = Vec::new();
    for (name, content) in &written {
        assert!(name.starts_with("leads-") && !name.contains("part"), "{name}");
        let lines: Vec<&str> = content.split_terminator("\r\n").collect();
        assert_eq!((lines.len(), content.ends_with("\r\n")), (3, true), "{content}");
        assert!(lines[0].starts_with("lead_id,sold_at,price,first_name"), "{content}");
        phones.extend(lines[1..].iter().map(|line| line.split(',').nth(6).unwrap().to_owned()));
    }
    phones.sort();
    assert_eq!(phones, ["+19195550100", "+19195550101", "+19195550102", "+19195550103"]);
    // The fifth waits for its quarter of an hour, through a restart too.
    assert_eq!(home.rows("tray WHERE taken IS NULL AND batch IS NULL"), 1);
    home.serve(&["--set", &leave]).stop();
    assert_eq!(files(out.path()), written);
}

#[test]
fn a_file_that_cannot_be_written_is_written_later_and_is_then_the_same() {
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("acme");
    std::fs::create_dir(&place).unwrap();
    let home = exchange(&[("files", "csv", "30.00", &format!("folder = \"{}\"", place.display()))]);
    home.write("spec/integrations/csv.toml", &files_of_two());
    let leave = format!("deliveries.folders={}", out.path().display());
    let exchange = home.serve(&["--set", &leave]);
    std::fs::remove_dir(&place).unwrap();
    for number in 0..2 {
        let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead_number(number))).json();
        assert_eq!(
            sold_at(&answer),
            ("sold", "24.00"),
            "the row is kept, whatever becomes of the folder"
        );
    }
    until("a file was gathered", || {
        (home.rows("tray WHERE batch IS NOT NULL") == 2).then_some(())
    });
    // Killed between gathering and writing; the folder comes back; the same two rows are one file.
    drop(exchange);
    std::fs::create_dir(&place).unwrap();
    let exchange = home.serve(&["--set", &leave]);
    until("the file is there", || {
        (home.rows("tray WHERE taken IS NOT NULL") == 2).then_some(())
    });
    exchange.stop();
    let files = files(&place);
    let [(_, content)] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(content.lines().count(), 3, "{content}");
}

#[test]
fn leads_become_whole_files_on_a_real_sftp_server_whose_key_is_known() {
    let (place, out) = (Home::new(), tempfile::tempdir().unwrap());
    let Some(server) = FileServer::start(&place) else { return };
    let folder = out.path().join("in");
    let params = |host_key: &str| {
        format!(
            "server = \"sftp://127.0.0.1:{}\", user = \"{}\", key = \"secret:ssh\", host_key = \"{host_key}\", folder = \"{}\"",
            server.port,
            server.user,
            folder.display()
        )
    };
    let impostor = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let file = std::fs::read_to_string(repository("integrations/sftp_csv.toml")).unwrap();
    let home_with = |host_key: &str| {
        let home = exchange(&[("files", "csv", "30.00", &params(host_key))]);
        home.write("spec/integrations/csv.toml", &file.replace("rows_max = 1000", "rows_max = 2"));
        let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
        home.write("secrets.toml", &format!("{secrets}ssh = \"\"\"{}\"\"\"\n", server.key));
        home
    };
    let sell_two = |exchange: &Exchange| {
        for number in 0..2 {
            let answer = exchange.send(&Request::post("/v1/leads", KEY).json(&lead_number(number))).json();
            assert_eq!(sold_at(&answer), ("sold", "24.00"));
        }
    };

    // Whoever answers with another key gets nothing; the rows wait.
    std::fs::create_dir(&folder).unwrap();
    let home = home_with(impostor);
    let exchange = home.serve(&[]);
    sell_two(&exchange);
    until("a file was gathered", || {
        (home.rows("tray WHERE batch IS NOT NULL") == 2).then_some(())
    });
    let log = exchange.stop();
    assert_eq!((files(&folder).len(), home.rows("tray WHERE taken IS NOT NULL")), (0, 0), "{log}");

    // The folder is not there, then it is; the same two rows are one file, and no half one is left.
    std::fs::remove_dir(&folder).unwrap();
    let home = home_with(&server.host_key);
    let exchange = home.serve(&[]);
    sell_two(&exchange);
    until("a file was gathered", || {
        (home.rows("tray WHERE batch IS NOT NULL") == 2).then_some(())
    });
    std::fs::create_dir(&folder).unwrap();
    until("the file is there", || {
        (home.rows("tray WHERE taken IS NOT NULL") == 2).then_some(())
    });
    let log = exchange.stop();
    let written = files(&folder);
    let [(name, content)] = written.as_slice() else {
        panic!("{written:?}\n{log}")
    };
    assert!(name.starts_with("leads-"), "{name}");
    assert_eq!(content.split_terminator("\r\n").count(), 3, "{content}");
    says(content, &["Quillfeather", "+19195550100", "+19195550101"]);
    assert!(!log.contains("Quillfeather") && !log.contains("PRIVATE KEY"), "{log}");
}
