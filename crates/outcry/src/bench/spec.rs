//! The exchange that is measured, and the leads it is measured with: every rule is on.

use super::bids::STATES;
use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::Path;

/// The key of the first source.
pub(super) const SOURCE_KEY: &str = "bench-source-key";

/// The key of a source by its number, from zero.
pub(super) fn source_key(number: u16) -> String {
    match number {
        0 => SOURCE_KEY.to_owned(),
        _ => format!("{SOURCE_KEY}-{number}"),
    }
}
const INTEGRATION: &str = include_str!("bench_json.toml");

/// What the floor reads of a lead and sends in its pings; the engine's pings carry the same.
#[derive(Deserialize, Serialize)]
pub(super) struct PingBody<'a> {
    sub_id: &'a str,
    state: &'a str,
    zip: &'a str,
    currently_insured: bool,
    coverage_type: &'a str,
    residence_type: &'a str,
}

/// Which lead a target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A whole auto insurance lead, for the engine and the floor.
    Auto,
    /// The same lead with a `lead_id` and a `product`, as a peer of another make wants it.
    Named,
}

/// Writes the spec folder: one campaign, and for each buyer a contract with a filter, caps, a budget, two duplicate
/// rules and a list of people.
pub(super) fn write(folder: &Path, first_buyer_port: u16, buyers: u16, sources: u16) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("integrations"))?;
    std::fs::write(folder.join("integrations/bench_json.toml"), INTEGRATION)?;
    let mut text = String::from(
        "[supplier.bench]\nlabel = \"Bench\"\n\n\
         [campaign.auto]\nlead_type = \"auto_insurance\"\ndistribution = \"highest_bid\"\nfloor = \"0.50\"\nceiling = \"150\"\npayout = \"100%\"\n\
         duplicate_days = 30\n\n\
         [list.house]\nentries = \"phone\"\nlive = true\ncampaigns = [\"auto\"]\n\n",
    );
    let mut secrets = String::new();
    for source in 0..sources {
        write!(
            text,
            "[source.bench_{source}]\nsupplier = \"bench\"\ncampaign = \"auto\"\nkeys = [\"secret:bench_source_{source}\"]\n\n"
        )
        .expect("a String takes any text");
        writeln!(secrets, "bench_source_{source} = \"{}\"", source_key(source)).expect("a String takes any text");
    }
    for buyer in 0..buyers {
        let state = STATES[usize::from(buyer) % STATES.len()];
        let port = first_buyer_port + buyer;
        write!(
            text,
            "[buyer.b{buyer:03}]\nlabel = \"Stub buyer {buyer}\"\n\n\
             [contract.b{buyer:03}_auto]\nbuyer = \"b{buyer:03}\"\ncampaign = \"auto\"\nintegration = \"bench_json\"\n\
             params = {{ base_url = \"http://127.0.0.1:{port}\", buyer = \"{buyer}\" }}\n\
             filter = 'state != \"{state}\" and any(drivers, age(dob) >= 18) and coverage_type in [\"standard\", \"preferred\"]'\n\
             caps = [\n  {{ count = \"sales\", per = \"day\", limit = 10000000, zone = \"America/New_York\" }},\n  \
             {{ count = \"price\", per = \"month\", limit = \"900000000\" }},\n]\nduplicate_days = 90\ncalls_max = 2000\n\n"
        )
        .expect("a String takes any text");
    }
    std::fs::write(folder.join("exchange.toml"), text)?;
    std::fs::write(folder.join("../secrets.toml"), secrets)
}

/// One lead, with a phone and an e-mail of its own.
pub(super) fn lead(shape: Shape, run: u64, n: u64, key: &str, state: &str) -> Bytes {
    let phone = phone(run, n);
    let zip = 10_000 + n * 7_919 % 89_999;
    // What a peer of another make asks for besides; the rest of its lead is the same.
    let own = match shape {
        Shape::Auto => String::new(),
        Shape::Named => format!("\"lead_id\":\"{key}\",\"product\":\"auto_insurance\","),
    };
    let text = format!(
        "{{{own}\"first_name\":\"Ann\",\"last_name\":\"Example\",\"email\":\"ann.{key}@example.com\",\"phone\":\"+1{phone}\",\
         \"address_line1\":\"{n} Main Street {run}\",\"city\":\"Springfield\",\"state\":\"{state}\",\"zip\":\"{zip}\",\"country\":\"US\",\
         \"consent_given\":true,\"consent_at\":\"2026-11-01T10:00:00-05:00\",\
         \"consent_text\":\"By pressing Get My Quotes I agree that the sellers named on this page may call or text me about my request.\",\
         \"consent_page_url\":\"https://quotes.example.com/auto?step=9\",\"consent_call\":true,\"opt_in_type\":\"manual\",\
         \"ip_address\":\"203.0.113.7\",\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36\",\
         \"landing_page_url\":\"https://quotes.example.com/landing?utm_source=bench\",\"session_seconds\":148,\"language\":\"en\",\"sub_id\":\"{key}\",\
         \"currently_insured\":true,\"current_carrier\":\"Example Mutual\",\"continuous_coverage_months\":24,\"current_policy_expires_on\":\"2027-01-15\",\
         \"coverage_type\":\"standard\",\"residence_type\":\"own\",\"credit_rating\":\"good\",\
         \"drivers\":[{{\"relationship\":\"self\",\"first_name\":\"Ann\",\"last_name\":\"Example\",\"gender\":\"female\",\"dob\":\"1985-04-17\",\
         \"marital_status\":\"married\",\"license_status\":\"active\",\"license_state\":\"{state}\",\"sr22_required\":false}}],\
         \"vehicles\":[{{\"year\":2019,\"make\":\"Toyota\",\"model\":\"Camry\",\"ownership\":\"finance\",\"primary_use\":\"commute_work\",\"commercial_use\":false,\"annual_mileage\":12500}}]}}"
    );
    Bytes::from(text)
}

/// A phone number of its own for each lead of a run, valid by the North American plan: area code and exchange begin
/// with 2 to 9, and neither is of the form N11.
fn phone(run: u64, n: u64) -> String {
    let line = n % 10_000;
    let exchange = 220 + (n / 10_000) % 80;
    let area = 220 + (n / 800_000 + run * 7) % 80;
    format!("{area}{exchange}{line:04}")
}
