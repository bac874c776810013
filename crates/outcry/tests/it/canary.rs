//! Secrets go to the buyer they are for, and are found nowhere else: not in a log at its loudest, not in a record, not
//! in the data folder, not in an answer, not on the screen. The buyer here says all of them back, in every way.

use crate::harness::{ACME, BLUERIDGE, Buyer, Heard, Home, KEY, Ran, Reply, Request, lead, market, outcry, tiny};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What every secret begins with. Nothing else does.
const SONG: &str = "Kanarienvogel";

/// Every secret of the contracts, with marks that each format writes in a way of its own.
const SECRETS: [(&str, &str); 9] = [
    ("token", "Kanarienvogel-token/+=&<>\"'%7B"),
    ("user", "Kanarienvogel-user&<>"),
    ("password", "Kanarienvogel-password/\\\"&<é>'+ 1"),
    ("header_key", "Kanarienvogel-header&<>\"'"),
    ("query_key", "Kanarienvogel-query&<>\"' /+"),
    ("path_key", "Kanarienvogel-path&<>\"' /+"),
    ("body_key", "Kanarienvogel-body&<>\"'/\\ é"),
    ("signing_key", "Kanarienvogel-signing&<>\"'"),
    (
        "long_key",
        "Kanarienvogel-singt-ein-Lied-das-niemand-hören-darf-und-das-länger-ist-als-jede-Zeile-dieses-Hauses",
    ),
];

const INTEGRATION: &str = r#"
schema = "outcry.integration/1"
label = "A buyer that says everything back"
[params]
base_url = { kind = "url", required = true }
token = { kind = "secret", required = true }
user = { kind = "secret", required = true }
password = { kind = "secret", required = true }
header_key = { kind = "secret", required = true }
query_key = { kind = "secret", required = true }
path_key = { kind = "secret", required = true }
body_key = { kind = "secret", required = true }
signing_key = { kind = "secret", required = true }
long_key = { kind = "secret", required = true }

[ping.request]
url = "{param.base_url}/ping/{param.path_key}?key={param.query_key}"
format = "json"
headers = { x-key = "{param.header_key}", x-token = "{param.token}" }
body = { zip = "{zip}", key = "{param.body_key}", long = "{param.long_key}", hash = "{param.body_key | sha256}" }
auth = { basic = { user = "{param.user}", password = "{param.password}" } }
sign = { hmac = "sha256", key = "{param.signing_key}", text = "{timestamp}.{body}", headers = { x-signature = "{signature}" } }

[ping.answer]
format = "FORMAT"
id = "id"
reason = "reason"
bid = { price = "price", id = "id", buyer_name = "name" }
[[ping.answer.rules]]
when = { path = "word", equals = "yes" }
outcome = "bid"
[[ping.answer.rules]]
when = { path = "word", equals = "no" }
outcome = "no_bid"

[post.request]
url = "{param.base_url}/post/{param.path_key}?key={param.query_key}"
format = "form"
headers = { x-key = "{param.header_key}" }
body = { phone = "{phone}", key = "{param.body_key}", long = "{param.long_key}", bid = "{bid.id}" }
auth = { bearer = "{param.token}" }
sign = { hmac = "sha512", key = "{param.signing_key}", encode = "base64", text = "{body}", headers = { x-signature = "{signature}" } }

[post.answer]
format = "FORMAT"
reason = "reason"
reference = "id"
redirect_url = "url"
price = "price"
[[post.answer.rules]]
when = { path = "word", equals = "yes" }
outcome = "accepted"
[[post.answer.rules]]
when = { path = "word", equals = "no" }
outcome = "rejected"
"#;

/// All secrets, in one dress after the other.
fn dressed() -> Vec<String> {
    let each = |dress: fn(&str) -> String| SECRETS.map(|(_, secret)| dress(secret)).join(" ");
    let form: fn(&str) -> String = |secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let xml: fn(&str) -> String = |secret| {
        let text = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', "&#39;")
    };
    let ascii: fn(&str) -> String = |secret| json!(secret).to_string().replace('é', "\\u00e9").replace('/', "\\/");
    vec![
        each(str::to_owned),
        each(form),
        each(xml),
        each(|secret| json!(secret).to_string()),
        each(ascii),
        each(|secret| hex::encode(secret)),
        each(|secret| hex::encode_upper(secret)),
        each(|secret| STANDARD.encode(secret)),
        each(|secret| URL_SAFE_NO_PAD.encode(format!(":{secret}"))),
        each(|secret| STANDARD.encode(format!("ab{secret}cd"))),
    ]
}

/// What gives a secret away, however little is left of it.
fn traces() -> Vec<String> {
    let start = &SONG[..8];
    let shifted = |before: &str, from: usize| STANDARD.encode(format!("{before}{start}"))[from..from + 8].to_owned();
    vec![
        start.to_owned(),
        hex::encode(start),
        hex::encode_upper(start),
        shifted("", 0),
        shifted(":", 2),
        shifted("ab", 3),
    ]
}

/// Fails if a trace of a secret is in the text.
#[track_caller]
fn keeps(text: &[u8], place: &str) {
    let text = String::from_utf8_lossy(text);
    for trace in traces() {
        if let Some(at) = text.find(&trace) {
            let around: String = text[at..].chars().take(120).collect();
            let before: String = text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{place} gives {trace} away: {before}>>>{around}");
        }
    }
}

/// Answers by the name of the contract, which is the first part of the path.
fn echo(heard: &Heard) -> Reply {
    let (contract, step) = heard.path[1..].split_once('/').unwrap();
    let step = &step[..4];
    let all = format!("{}\n{}\n{}\n{}", heard.path, heard.headers, heard.body, dressed().join(" "));
    let at: usize = contract
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .parse()
        .unwrap_or_default();
    let dress = dressed().get(at).cloned().unwrap_or_else(|| all.clone());
    let secret = SECRETS[8].1;
    let body = match (contract.trim_end_matches(char::is_numeric), step) {
        // Each dress in the words of a refusal, and each cut off at another letter.
        ("refuses", "ping") => json!({ "word": "no", "id": dress, "reason": dress }),
        ("cuts", "ping") => json!({ "word": "no", "reason": format!("{} {secret}", "x".repeat(150 + 4 * at)) }),
        ("unknown", "ping") | ("holds", "post") => json!({ "word": secret, "reason": all }),
        ("price", "ping") => json!({ "word": "yes", "price": secret }),
        ("broken", "ping") => return Reply::json(&format!("{{\"{secret}\": {all}")),
        ("tags", "ping") => return Reply::new(200, "text/xml", &format!("<a><word>no</word><{SONG}-token></a>")),
        ("status", "ping") => return Reply::new(503, "text/plain", &all),
        ("rejects", "ping") => json!({ "word": "yes", "price": "90", "id": secret, "name": all }),
        ("rejects", "post") => json!({ "word": "no", "reason": all }),
        ("takes", "ping") => json!({ "word": "yes", "price": "80", "id": dress, "name": dress }),
        ("takes", "post") => {
            json!({ "word": "yes", "id": dressed()[0], "price": secret, "url": format!("https://buyer.example/?k={}", dressed()[1].replace(' ', "&k=")) })
        }
        ("holds", "ping") => json!({ "word": "yes", "price": "70" }),
        _ => panic!("{}", heard.path),
    };
    Reply::json(&body.to_string())
}

/// The tiny exchange and, beside its two buyers, one contract for each way of saying everything back.
fn exchange(buyer: &Buyer) -> Home {
    let home = tiny(&market());
    home.write("spec/integrations/canary.toml", &INTEGRATION.replace("FORMAT", "json"));
    home.write("spec/integrations/canary_xml.toml", &INTEGRATION.replace("FORMAT", "xml"));
    let names = (0..dressed().len()).map(|at| format!("refuses{at}"));
    let names = names.chain((0..14).map(|at| format!("cuts{at}")));
    let others = ["unknown", "price", "broken", "tags", "status", "rejects", "takes"].map(str::to_owned);
    let values: Vec<String> = SECRETS
        .iter()
        .map(|(name, _)| format!("{name} = \"secret:canary_{name}\""))
        .collect();
    let contract = |name: &str, campaign: &str| {
        let integration = if name == "tags" { "canary_xml" } else { "canary" };
        let values = format!("base_url = \"{}/{name}\", {}", buyer.url, values.join(", "));
        let terms = format!("buyer = \"canary\"\ncampaign = \"{campaign}\"\nintegration = \"{integration}\"");
        format!("[contract.{name}]\n{terms}\nping_timeout_ms = 8000\nparams = {{ {values} }}\n")
    };
    let contracts: String = names.chain(others).map(|name| contract(&name, "home")).collect();
    let buyer = "[buyer.canary]\nlabel = \"Canary Inc.\"\n";
    home.write("spec/canary.toml", &format!("{buyer}{contracts}{}", contract("holds", "quick")));
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    let own = SECRETS.map(|(name, secret)| format!("canary_{name} = {}\n", toml::Value::from(secret)));
    home.write("secrets.toml", &format!("{secrets}{}", own.concat()));
    home
}

#[test]
fn no_secret_is_ever_seen_by_anybody_but_its_buyer() {
    let buyer = Buyer::start(echo);
    let home = exchange(&buyer);
    let running = home.serve(&["--set", "log.level=trace"]);
    let mut person = lead();
    person["consent_text"] = "I agree to be called by Acme, Blue Ridge and Canary Inc.".into();
    let sold = running.send(&Request::post("/v1/leads", KEY).json(&person));
    keeps(format!("{sold:?}").as_bytes(), "the answer to the source");
    assert_eq!(sold.json()["status"], "sold", "{sold:?}");
    person["phone"] = "919-555-0177".into();
    let held = running.send(&Request::post("/v1/leads", crate::harness::QUICK_KEY).json(&person));
    keeps(format!("{held:?}").as_bytes(), "the answer to the source");

    // They did go to the buyer, and the buyer did say them back.
    let posts = buyer.heard_below("/takes/post");
    assert_eq!(posts.len(), 1);
    assert!(
        posts[0].headers.contains(SECRETS[0].1) && posts[0].path.contains(SONG),
        "{:?}",
        posts[0]
    );
    assert!(!buyer.heard_below("/holds/post").is_empty());

    for answer in [&sold, &held] {
        let told = home.explain(&answer.text("lead_id"));
        assert!(told.ok && told.out.contains("[secret]"), "{}{}", told.out, told.err);
        keeps(told.out.as_bytes(), "outcry explain");
    }
    let log = running.stop();
    assert!(
        log.contains("TRACE") || log.contains("DEBUG"),
        "the log is not at its loudest:\n{log}"
    );
    keeps(log.as_bytes(), "the log");
    for file in std::fs::read_dir(home.path("data")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            keeps(&std::fs::read(&path).unwrap(), &path.display().to_string());
        }
    }
}

#[test]
fn the_commands_show_requests_and_answers_without_their_secrets() {
    let buyer = Buyer::start(echo);
    let home = exchange(&buyer);
    home.write("lead.json", &json!({ "zip": "27601", "phone": "+19195550142" }).to_string());
    let (file, lead) = (home.arg("spec/integrations/canary.toml"), home.arg("lead.json"));
    let params: Vec<String> = SECRETS.iter().map(|(name, secret)| format!("{name}={secret}")).collect();
    for (contract, step) in [
        ("refuses0", "ping"),
        ("unknown", "ping"),
        ("broken", "ping"),
        ("rejects", "post"),
        ("takes", "post"),
    ] {
        let url = format!("{}/{contract}", buyer.url);
        let run = |command: &str, more: &[&str]| {
            let mut ran = outcry();
            ran.args(["integration", command, &file, "--step", step, "--lead", &lead])
                .args(more);
            ran.args(params.iter().flat_map(|value| ["--param", value]));
            Ran::of(&mut ran)
        };
        for json in [&[][..], &["--json"]] {
            let base = format!("base_url={url}");
            let shown = run("render", &[&["--param", &base], json].concat());
            assert!(shown.out.contains("[secret]"), "{}{}", shown.out, shown.err);
            keeps(shown.out.as_bytes(), "integration render");
            let tried = run("try", &[&["--param", &base, "--url", &buyer.url, "--allow-private"], json].concat());
            assert!(tried.out.contains("[secret]"), "{}{}", tried.out, tried.err);
            keeps(tried.out.as_bytes(), "integration try");
            keeps(tried.err.as_bytes(), "integration try");
        }
    }
}

#[test]
fn a_person_whom_a_buyer_speaks_of_is_not_recorded() {
    let buyer = Buyer::start(|heard: &Heard| {
        let said = "Zephyrine QUILLFEATHER (919.555.0142, zephyrine.quillfeather@example.net) of 4711 Wrenfield Lane is on file";
        Reply::json(&match heard.path.as_str() {
            "/acme/ping" => ACME[0].to_owned(),
            "/acme/post" => json!({ "accepted": false, "reason": said }).to_string(),
            "/blueridge/ping" => BLUERIDGE[0].to_owned(),
            // A word that no rule knows is repeated in a note.
            _ => json!({ "accepted": "+19195550142", "duplicate": "Quillfeather" }).to_string(),
        })
    });
    let home = tiny(&buyer);
    let running = home.serve(&["--set", "log.level=trace"]);
    let answer = running.send(&Request::post("/v1/leads", KEY).json(&lead()));
    let told = home.explain(&answer.text("lead_id"));
    assert!(told.out.contains("••• ••• (•••, •••) of ••• is on file"), "{}", told.out);
    assert!(told.out.contains("which says \"•••\", \"•••\""), "{}", told.out);
    let log = running.stop();
    let data = std::fs::read_dir(home.path("data")).unwrap().map(|file| file.unwrap().path());
    let files = data.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    for bytes in files.chain([log.into_bytes(), told.out.into_bytes()]) {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for word in ["quillfeather", "zephyrine", "5550142", "555.0142", "wrenfield"] {
            assert!(!text.contains(word), "{word} was written down");
        }
    }
}

/// A secret that an error speaks of is named and not shown.
#[test]
fn what_is_wrong_with_a_secret_is_said_without_it() {
    let home = exchange(&Buyer::start(echo));
    for (name, wrong) in [
        ("token", "Kanarienvogel\\u0007"),
        ("header_key", "Kanarienvögel\\r\\nx: y"),
        ("user", "Kanarienvogel:x"),
    ] {
        let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
        let kept = secrets.lines().filter(|line| !line.starts_with(&format!("canary_{name} ")));
        let changed = format!("{}\ncanary_{name} = \"{wrong}\"\n", kept.collect::<Vec<_>>().join("\n"));
        home.write("secrets.toml", &changed);
        let ran = home.check(&["--json"]);
        let said: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(said["ok"], false, "{name}: {}", ran.out);
        keeps(ran.out.as_bytes(), "outcry check");
        home.write("secrets.toml", &secrets);
    }
}
