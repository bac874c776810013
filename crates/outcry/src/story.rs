//! The story of one auction in plain text: what was asked, who answered what and when, who won, why the others not.

use outcry_core::money::{Currency, Money};
use outcry_core::ping_view::{PingValue, PingView};
use outcry_core::reason::Reason;
use outcry_core::record::{Door, Ending, Event, Happened, Line, Posted, Record, Run, Sold, Subject};
use serde_json::{Value, json};
use std::fmt::Write;

/// The simulator answers within a microsecond; the quickest call on this machine takes a hundred.
const SIMULATED_US_MAX: u64 = 50;

/// Tells a record. Lines are at most about 110 columns, and there is no personal value to tell.
pub(crate) fn tell(record: &Record) -> String {
    let mut text = String::new();
    head(&mut text, record)
        .and_then(|()| contracts(&mut text, record))
        .and_then(|()| views(&mut text, record))
        .and_then(|()| events(&mut text, record))
        .expect("a String takes any text");
    text
}

fn head(text: &mut String, record: &Record) -> std::fmt::Result {
    let (what, id) = match record.subject {
        Subject::Lead(id) => ("Lead", id.to_string()),
        Subject::Quote(id) => ("Ping", id.to_string()),
    };
    let marked = if record.run == Run::Test { ", a test" } else { "" };
    let door = match record.door {
        Door::Lead => "one call",
        Door::Ping => "a ping",
        Door::Post => "a post with a quote",
    };
    writeln!(text, "{what} {id}")?;
    writeln!(
        text,
        "  came in {} by {door}{marked}, from {} for campaign {}",
        record.received, record.source, record.campaign
    )?;
    let marks = (1..)
        .zip(&record.sub_ids)
        .filter_map(|(at, mark)| Some(format!("sub{at} \"{}\"", mark.as_ref()?)));
    let marks: Vec<String> = marks.collect();
    if !marks.is_empty() {
        writeln!(text, "  marked {}", marks.join(", "))?;
    }
    if let Some(quote) = record.quote {
        writeln!(text, "  redeems {quote}")?;
    }
    writeln!(
        text,
        "  decided under catalog {} in {} ms",
        record.catalog_version,
        millis(record.took_us)
    )?;
    for said in &record.lists {
        let version = if said.version.is_empty() { "without a file" } else { &said.version };
        writeln!(text, "  list {} ({version}): {}", said.list, said.said)?;
    }
    writeln!(text, "\n{}", ending(record))?;
    for note in &record.notes {
        writeln!(text, "Note: {note}.")?;
    }
    if let Some(shadow) = &record.shadow {
        writeln!(
            text,
            "By expected value {} would stand first: {} against {}.",
            shadow.contract, shadow.expected, shadow.instead_of
        )?;
    }
    Ok(())
}

fn ending(record: &Record) -> String {
    let currency = record.currency;
    match &record.ending {
        Ending::Sold { sales, .. } => sales.iter().map(|sale| sold(sale, currency)).collect::<Vec<_>>().join("\n"),
        Ending::Unsold => "UNSOLD".to_owned(),
        Ending::Quoted { payout } => format!("QUOTED: the source was promised {payout} {currency}"),
        Ending::Review { why, .. } => format!("IN REVIEW: {why}"),
        Ending::Pending { attempt } => format!("PENDING: nobody knows yet whether the buyer of {attempt} has the lead"),
        Ending::Waiting { until } => format!("WAITING: nobody took it yet, and it is tried again at {until}"),
    }
}

fn sold(sale: &Sold, currency: Currency) -> String {
    let Sold { contract, attempt, split } = sale;
    format!(
        "SOLD to {contract} at {} {currency}: the supplier gets {}, {} stay here.\n  The buyer knows it as {attempt}.",
        split.price, split.payout, split.margin
    )
}

fn contracts(text: &mut String, record: &Record) -> std::fmt::Result {
    let mut lines: Vec<&Line> = record.lines.iter().collect();
    lines.sort_by_key(|line| (line.place.unwrap_or(usize::MAX), std::cmp::Reverse(line.bid), line.ping.is_none()));
    let width = lines.iter().map(|line| line.contract.as_str().len()).max().unwrap_or(0).max(8);
    writeln!(
        text,
        "\n  {:width$}  {:>10}  {:>9}  {:<5}  why",
        "contract", "bid", "answered", "view"
    )?;
    for line in lines {
        let bid = line.bid.map_or_else(|| "-".to_owned(), |bid| bid.to_string());
        let answered = match &line.ping {
            Some(ping) => ping
                .answered_us
                .map_or_else(|| "never".to_owned(), |at| format!("{} ms", millis(at))),
            None => "-".to_owned(),
        };
        let view = line
            .ping
            .as_ref()
            .map_or_else(|| "-".to_owned(), |ping| format!("#{}", ping.view + 1));
        writeln!(
            text,
            "  {:width$}  {bid:>10}  {answered:>9}  {view:<5}  {}",
            line.contract,
            why(record, line)
        )?;
        if let Some(reason) = &line.reason {
            writeln!(text, "  {:width$}  would have changed it: {}", "", reason.remedy())?;
        }
        for post in &line.posts {
            if is_simulated(record, line, post) {
                writeln!(text, "  {:width$}  simulated: no test address, so nobody was called", "")?;
                continue;
            }
            writeln!(
                text,
                "  {:width$}  posted as {}: {} after {} ms",
                "",
                post.attempt,
                post.verdict,
                millis(post.took_us)
            )?;
        }
        for note in line.ping.iter().flat_map(|ping| &ping.notes) {
            writeln!(text, "  {:width$}  note: {note}", "")?;
        }
    }
    Ok(())
}

fn why(record: &Record, line: &Line) -> String {
    let sale = record.ending.sales().iter().find(|sale| sale.contract == line.contract);
    match (&line.reason, &record.ending) {
        (Some(reason), _) => coded(reason),
        (None, Ending::Sold { .. }) => sale.map_or_else(|| "-".to_owned(), |sale| won(line, sale.split.price)),
        (None, Ending::Quoted { .. }) if line.place == Some(0) => "best bid, behind the quote".to_owned(),
        (None, Ending::Quoted { .. }) if line.place.is_some() => "next in line".to_owned(),
        (None, _) => "-".to_owned(),
    }
}

/// A buyer's answer to the post may bring less than it bid, never more.
fn won(line: &Line, price: Money) -> String {
    match line.bid {
        Some(bid) if price < bid => format!("won with {bid}; the buyer's post answer lowered it to {price}"),
        _ => "won".to_owned(),
    }
}

/// Did the simulator stand in for the buyer? Only a test lead's contract without a test address is accepted without a
/// ping and in no time; a call over the network takes some.
fn is_simulated(record: &Record, line: &Line, post: &Posted) -> bool {
    record.run == Run::Test && line.ping.is_none() && &*post.verdict == "accepted" && post.took_us < SIMULATED_US_MAX
}

/// A reason behind its code, which reports and the API know it by; some say it themselves.
pub(crate) fn coded(reason: &Reason) -> String {
    let (code, said) = (reason.code(), reason.to_string());
    if said.starts_with(code) { said } else { format!("{code}: {said}") }
}

/// What each distinct view told the buyers.
pub(crate) fn views(text: &mut String, record: &Record) -> std::fmt::Result {
    for (at, view) in record.views.iter().enumerate() {
        writeln!(text, "\nWhat view #{} told the buyers, and nothing else:", at + 1)?;
        let mut line = String::from(" ");
        for (name, value) in view.entries() {
            let item = format!(" {name}={}", shown(value));
            if 108 < line.len() + item.len() && 1 < line.len() {
                writeln!(text, "{line}")?;
                line = String::from(" ");
            }
            line.push_str(&item);
        }
        writeln!(text, "{line}")?;
    }
    Ok(())
}

/// A view for programs.
pub(crate) fn view_object(view: &PingView) -> Value {
    let value = |value: &PingValue| match value {
        PingValue::Bool(yes) => json!(yes),
        PingValue::Int(number) => json!(number),
        PingValue::List(rows) => rows.iter().map(view_object).collect(),
        // Decimals as text: a program that reads them as floats would change them.
        PingValue::Decimal(number) => json!(number.to_string()),
        PingValue::Text(text) => json!(&**text),
        PingValue::Date(date) => json!(date.to_string()),
        PingValue::Stamp(stamp) => json!(stamp.to_string()),
    };
    let members = view.entries().iter().map(|(name, entry)| (name.to_string(), value(entry)));
    Value::Object(members.collect())
}

/// What became of posts and bids behind the auction.
fn events(text: &mut String, record: &Record) -> std::fmt::Result {
    if !record.events.is_empty() {
        writeln!(text, "\nBehind the auction:")?;
    }
    for Event { at, contract, what } in &record.events {
        let what = match what {
            Happened::Resolved { attempt, state, way } => format!("{attempt} is {state}, by {way}"),
            Happened::Noticed { notice, heard: true } => format!("was told of its {notice}"),
            Happened::Noticed { notice, heard: false } => format!("was told of its {notice}, and did not say that it has heard"),
            Happened::BesideUnknown { attempt, policy } => {
                format!(
                    "was posted to as {attempt} though another may have the lead: the policy {policy} breaks the promise to sell it once"
                )
            }
        };
        writeln!(text, "  {at}  {contract} {what}")?;
    }
    Ok(())
}

fn shown(value: &PingValue) -> String {
    match value {
        PingValue::Bool(yes) => yes.to_string(),
        PingValue::Int(number) => number.to_string(),
        PingValue::Decimal(number) => number.to_string(),
        PingValue::Text(text) if text.contains(' ') => format!("\"{text}\""),
        PingValue::Text(text) => text.to_string(),
        PingValue::Date(date) => date.to_string(),
        PingValue::Stamp(stamp) => stamp.to_string(),
        PingValue::List(rows) => format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join("; ")),
    }
}

fn row(view: &PingView) -> String {
    view.entries()
        .iter()
        .map(|(name, value)| format!("{name}={}", shown(value)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Microseconds as milliseconds with one decimal.
fn millis(us: u64) -> String {
    format!("{}.{}", us / 1_000, us % 1_000 / 100)
}
