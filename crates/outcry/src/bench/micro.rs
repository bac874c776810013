//! `outcry bench --micro`: how long the CPU is busy with one ping to one buyer, in each format: the request of a lead of
//! 20 fields written, an answer read; and with screening ([`screening`]).
//!
//! Nothing waits and nothing is shared, so this is the least that a ping costs. The integrations are files like any
//! other; they stand beside this one.

use super::screening;
use anyhow::{Context, Result};
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_integration::kept::Kept;
use outcry_integration::rehearsal::{PING_ID, WAIT_MS};
use outcry_integration::{Ask, Asked, Integration, Params, PingCall, PingReading, Problem, RawAnswer, RenderError, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The goal for JSON, written and read, on one core.
const GOAL_NS: f64 = 10_000.0;
/// Batches, of which the median counts: the slow ones were disturbed.
const BATCHES: usize = 41;
/// How long a batch should take, so that the clock's own steps do not matter.
const BATCH: Duration = Duration::from_millis(10);

/// A format under test: its word, the ping of its file, what a buyer answers.
const FORMATS: [(&str, &str, &str); 5] = [
    (
        "json",
        include_str!("micro/json.toml"),
        r#"{"status":"bid","id":"p-100200","bids":[{"id":"b-1","price":"21.105","buyer_name":"North Insurance"}]}"#,
    ),
    (
        "form",
        include_str!("micro/form.toml"),
        r#"{"status":"bid","id":"p-100200","price":"21.105","buyer_name":"North Insurance"}"#,
    ),
    (
        "xml",
        include_str!("micro/xml.toml"),
        "<?xml version=\"1.0\"?><response><status>bid</status><id>p-100200</id><price>21.105</price><buyer>North Insurance</buyer></response>",
    ),
    (
        "soap",
        include_str!("micro/soap.toml"),
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><PingResponse xmlns=\"urn:b\"><status>bid</status><id>p-100200</id><price>21.105</price></PingResponse></s:Body></s:Envelope>",
    ),
    ("text", include_str!("micro/text.toml"), "OK|p-100200|21.105|North Insurance"),
];

/// What was measured of one format, in nanoseconds.
struct Row {
    format: &'static str,
    request_bytes: usize,
    answer_bytes: usize,
    render: f64,
    read: f64,
}

/// Measures every format and prints a table, and as the last line an object if asked.
pub(super) fn run(as_json: bool) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build, and its figures mean nothing; use cargo run --release -- bench --micro");
    }
    let rows = FORMATS.into_iter().map(measure).collect::<Result<Vec<_>>>()?;
    println!("{}", table(&rows));
    let screening = screening::measure(screening::CONTRACTS)?;
    println!("\n{}", screening.table());
    if as_json {
        let mut object = object(&rows);
        object["screening"] = screening.object();
        println!("{object}");
    }
    Ok(())
}

/// One format made ready, as a contract is at load.
struct Subject {
    integration: Integration,
    params: Params,
    view: PingView,
    answer: RawAnswer,
}

impl Subject {
    fn new(format: &str, file: &str, body: &str) -> Result<Self> {
        let told = |problems: Vec<Problem>| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the file of {format}: {}", lines.join("; "))
        };
        let integration = Integration::read(file).map_err(told)?;
        let values = [("url", "https://buyer.example/leads"), ("key", "k-1234567890")];
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let params = Params::bind(&integration, &values.collect::<BTreeMap<_, _>>()).map_err(told)?;
        let answer = RawAnswer {
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        Ok(Self {
            integration,
            params,
            view: view(),
            answer,
        })
    }

    fn render(&self) -> Result<Request, RenderError> {
        let call = PingCall {
            ping_id: PING_ID,
            wait_ms: WAIT_MS,
            test: false,
            source: "north",
            now: Moment::from_unix_ms(1_772_366_400_000),
            kept: Kept::NONE,
            ask: Ask::default(),
        };
        self.integration.render_ping(&self.params, black_box(&self.view), &call)
    }

    fn read(&self) -> PingReading {
        let asked = Asked::by(&self.params).about(&self.view);
        self.integration.read_ping(asked, black_box(&self.answer))
    }
}

fn measure((format, file, body): (&'static str, &str, &str)) -> Result<Row> {
    let subject = Subject::new(format, file, body)?;
    let request = subject.render().with_context(|| format!("the ping of {format}"))?;
    Ok(Row {
        format,
        request_bytes: request.body.len(),
        answer_bytes: body.len(),
        render: median(|| drop(black_box(subject.render()))),
        read: median(|| drop(black_box(subject.read()))),
    })
}

/// Nanoseconds of one round: the median of batches.
pub(super) fn median(mut round: impl FnMut()) -> f64 {
    let mut batch = |rounds: u32| {
        let start = Instant::now();
        for _ in 0..rounds {
            round();
        }
        start.elapsed()
    };
    batch(100);
    let once = batch(1_000) / 1_000;
    let rounds = u32::try_from(BATCH.as_nanos() / once.as_nanos().max(1)).unwrap_or(u32::MAX).max(1);
    let mut took: Vec<Duration> = (0..BATCHES).map(|_| batch(rounds)).collect();
    took.sort_unstable();
    took[BATCHES / 2].as_secs_f64() * 1e9 / f64::from(rounds)
}

/// A lead of 20 fields, of the kinds that pings are made of.
fn view() -> PingView {
    let text = |text: &str| PingValue::Text(Arc::from(text));
    let mut entries: Vec<(Arc<str>, PingValue)> = (0..15)
        .map(|at| (Arc::from(format!("field_{at}")), text("a usual value")))
        .collect();
    entries.extend([
        (Arc::from("zip"), text("60601")),
        (Arc::from("state"), text("IL")),
        (Arc::from("insured"), PingValue::Bool(true)),
        (Arc::from("months"), PingValue::Int(18)),
        (Arc::from("dob"), PingValue::Date(jiff::civil::date(1988, 2, 29))),
    ]);
    PingView::from_entries(entries)
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("format   request B   answer B   render us   read us   both us\n");
    for row in rows {
        writeln!(
            text,
            "{:<8} {:>9}  {:>9}  {:>10.2}  {:>8.2}  {:>8.2}",
            row.format,
            row.request_bytes,
            row.answer_bytes,
            row.render / 1e3,
            row.read / 1e3,
            row.both() / 1e3
        )
        .expect("a String takes any text");
    }
    let kept = if goal_is_kept(rows) { "kept" } else { "missed" };
    let goal = GOAL_NS / 1e3;
    text + &format!("\nThe goal for JSON, {goal:.0} us for both on one core, is {kept}. Medians of {BATCHES} batches.")
}

fn object(rows: &[Row]) -> Value {
    let rows_json = rows.iter().map(|row| {
        json!({
            "format": row.format, "request_bytes": row.request_bytes, "answer_bytes": row.answer_bytes,
            "render_ns": row.render.round(), "read_ns": row.read.round(), "both_ns": row.both().round(),
        })
    });
    json!({
        "micro": rows_json.collect::<Vec<_>>(), "goal_json_ns": GOAL_NS, "goal_kept": goal_is_kept(rows),
        "batches": BATCHES, "debug_build": cfg!(debug_assertions),
    })
}

fn goal_is_kept(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.format == "json" && row.both() < GOAL_NS)
}

impl Row {
    fn both(&self) -> f64 {
        self.render + self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::money::Money;
    use outcry_integration::PingOutcome;

    #[test]
    fn what_is_measured_is_a_whole_ping_and_a_bid() {
        for (format, file, body) in FORMATS {
            let subject = Subject::new(format, file, body).unwrap();
            let request = subject.render().unwrap();
            let written = String::from_utf8(request.body).unwrap();
            assert_eq!(written.matches("usual").count(), 15, "{format}: {written}");
            for part in ["60601", "IL", "Yes", "18", "ping_"] {
                assert!(written.contains(part), "{format}: no {part} in {written}");
            }
            assert!(
                written.contains("02/29/1988") || written.contains("02%2F29%2F1988"),
                "{format}: {written}"
            );
            let reading = subject.read();
            assert_eq!(reading.outcome, PingOutcome::Bid, "{format}: {reading:?}");
            assert_eq!(reading.bids[0].price, Money::parse("21.105").ok(), "{format}");
        }
    }
}
