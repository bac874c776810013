//! The exchange of `examples/tiny`, with a stub market behind it and more time than in earnest: these tests are about
//! what happens, and a busy machine is not a slow buyer.

use super::{Buyer, Heard, Home, Reply, repository};
use serde_json::{Value, json};

/// The key of its source.
pub(crate) const KEY: &str = "key-of-northwind-home";
/// The key of a second source of the same campaign.
pub(crate) const OTHER_KEY: &str = "key-of-another-source";
/// The key of a source whose quotes last a second.
pub(crate) const QUICK_KEY: &str = "key-of-a-hasty-source";

/// What Acme answers to pings and posts.
pub(crate) const ACME: [&str; 2] = [
    r#"{"wanted": true, "price": "31.50", "bid_id": "b-77"}"#,
    r#"{"accepted": true, "reference": "A-4711"}"#,
];
/// What Blue Ridge answers. It has a standing price.
pub(crate) const BLUERIDGE: [&str; 2] = [r#"{"wanted": true, "bid_id": "r-1"}"#, r#"{"accepted": true, "reference": "R-1"}"#];

const MORE: &str = r#"
[source.northwind_other]
supplier = "northwind"
campaign = "home"
keys = ["secret:other_key"]

[source.northwind_quick]
supplier = "northwind"
campaign = "quick"
keys = ["secret:quick_key"]

[campaign.quick]
lead_type = "home_services"
payout = "50%"
quote_seconds = 1
ping_window_ms = 8000

[contract.acme_quick]
buyer = "acme"
campaign = "quick"
integration = "plain_json"
ping_timeout_ms = 8000
params = { base_url = "${market}/acme", key = "secret:acme_key" }
"#;

/// A market where both buyers are happy.
pub(crate) fn market() -> Buyer {
    Buyer::start(happy)
}

/// What happy buyers answer.
pub(crate) fn happy(heard: &Heard) -> Reply {
    Reply::json(match heard.path.as_str() {
        "/acme/ping" => ACME[0],
        "/acme/post" => ACME[1],
        "/blueridge/ping" => BLUERIDGE[0],
        "/blueridge/post" => BLUERIDGE[1],
        _ => "nobody lives here",
    })
}

/// `examples/tiny` in a folder of its own, with two more sources.
pub(crate) fn tiny(market: &Buyer) -> Home {
    let home = Home::new();
    home.copy(&repository("examples/tiny"), "spec");
    let file = "spec/exchange.toml";
    home.edit(file, "http://127.0.0.1:9100", &market.url);
    home.edit(file, "floor = \"5.00\"", "floor = \"5.00\"\nping_window_ms = 8000");
    home.edit(
        file,
        "integration = \"plain_json\"",
        "integration = \"plain_json\"\nping_timeout_ms = 8000",
    );
    home.write("spec/more.toml", MORE);
    let secrets = [
        ("northwind_home_key", KEY),
        ("other_key", OTHER_KEY),
        ("quick_key", QUICK_KEY),
        ("acme_key", "a-1"),
        ("blueridge_key", "b-1"),
    ];
    home.write(
        "secrets.toml",
        &secrets.map(|(name, value)| format!("{name} = \"{value}\"\n")).concat(),
    );
    home
}

/// A roof in North Carolina, and the person under it.
pub(crate) fn lead() -> Value {
    json!({
        "first_name": "Zephyrine", "last_name": "Quillfeather", "email": "zephyrine.quillfeather@example.net",
        "phone": "919-555-0142", "address_line1": "4711 Wrenfield Lane", "city": "Raleigh", "state": "NC", "zip": "27601",
        "consent_given": true, "consent_at": "2025-03-04T15:04:05-05:00",
        "consent_text": "By pressing the button I agree to be called about my roof by Acme and Blue Ridge.",
        "consent_page_url": "https://roofs.example.com/start", "ip_address": "198.51.100.77",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Example/1.0",
        "service": "roofing", "project_scope": "replace", "buy_timeframe": "immediately", "own_home": "yes",
    })
}

/// What of a lead goes into a source's ping.
pub(crate) fn ping_part(lead: &Value) -> Value {
    let names = [
        "state",
        "zip",
        "consent_given",
        "service",
        "project_scope",
        "buy_timeframe",
        "own_home",
        "is_test",
    ];
    let part = names.iter().filter_map(|name| Some(((*name).to_owned(), lead.get(name)?.clone())));
    Value::Object(part.collect())
}
