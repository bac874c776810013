//! How long the CPU is busy with one buyer: write a JSON ping of 20 fields, read its answer.
//!
//! `cargo run --release -p outcry-integration --example micro`

use outcry_core::id::PingId;
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_integration::{Ask, Asked, Integration, Kept, Params, PingCall, RawAnswer};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const ROUNDS: u32 = 200_000;

fn main() {
    let integration = Integration::read(&file()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let values = [("url", "https://buyer.example/leads"), ("key", "k-1234567890")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let params = Params::bind(&integration, &BTreeMap::from(values)).unwrap_or_else(|problems| panic!("{problems:?}"));
    let view = view();
    let now = Moment::from_unix_ms(1_772_366_400_000);
    let call = PingCall {
        ping_id: PingId::from_bits(77),
        wait_ms: 600,
        test: false,
        source: "north",
        now,
        kept: Kept::NONE,
        ask: Ask::default(),
    };
    let body = br#"{"status":"bid","id":"p-100200","bids":[{"id":"b-1","price":"21.105","buyer_name":"North Insurance"}]}"#.to_vec();
    let answer = RawAnswer {
        status: 200,
        headers: Vec::new(),
        body,
    };

    let size = integration
        .render_ping(&params, &view, &call)
        .map(|request| request.body.len())
        .unwrap_or_default();
    println!(
        "a ping of 20 fields, {size} bytes; an answer of {} bytes; best of 5 times {ROUNDS}",
        answer.body.len()
    );
    let write = best(|| black_box(integration.render_ping(black_box(&params), black_box(&view), &call)).is_ok());
    let read = best(|| {
        black_box(integration.read_ping(Asked::by(&params).about(&view), black_box(&answer)))
            .bids
            .len()
            == 1
    });
    println!("write {write:.2} us, read {read:.2} us, together {:.2} us", write + read);
}

/// Microseconds a round, the best of five runs: the others were disturbed.
fn best(mut round: impl FnMut() -> bool) -> f64 {
    let run = |round: &mut dyn FnMut() -> bool| {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            assert!(round(), "the round did not work");
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
    };
    (0..5).map(|_| run(&mut round)).fold(f64::INFINITY, f64::min)
}

fn file() -> String {
    let mut body = String::new();
    for at in 0..15 {
        let _ = writeln!(body, "Field{at} = \"{{field_{at}}}\"");
    }
    format!(
        r#"schema = "outcry.integration/1"
label = "Micro"
[params]
url = {{ kind = "url", required = true }}
key = {{ kind = "secret", required = true }}
[ping.request]
url = "{{param.url}}/ping"
format = "json"
headers = {{ authorization = "Bearer {{param.key}}" }}
[ping.request.body]
{body}
zip = "{{zip}}"
insured = "{{insured | words yes=Yes no=No}}"
months = "{{months}}"
born = "{{dob | date %m/%d/%Y}}"
ping_id = "{{ping.id}}"
[ping.answer]
format = "json"
id = "id"
reason = "reason"
bid = {{ price = "price" }}
bids = {{ each = "bids", price = "price", id = "id", buyer_name = "buyer_name" }}
rules = [{{ when = {{ path = "status", equals = "no_bid" }}, outcome = "no_bid" }}, {{ when = {{ path = "status", equals = "bid" }}, outcome = "bid" }}]
[post.request]
url = "{{param.url}}/post"
[post.answer]
format = "json"
rules = [{{ outcome = "unknown" }}]
"#
    )
}

fn view() -> PingView {
    let text = |text: &str| PingValue::Text(Arc::from(text));
    let mut entries: Vec<(Arc<str>, PingValue)> = (0..15)
        .map(|at| (Arc::from(format!("field_{at}")), text("a usual value")))
        .collect();
    entries.push((Arc::from("zip"), text("60601")));
    entries.push((Arc::from("insured"), PingValue::Bool(true)));
    entries.push((Arc::from("months"), PingValue::Int(18)));
    entries.push((Arc::from("dob"), PingValue::Date(jiff::civil::date(1988, 2, 29))));
    PingView::from_entries(entries)
}
