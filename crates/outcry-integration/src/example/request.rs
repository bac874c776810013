//! `[[examples.ping]]` and `[[examples.post]]`: a lead in, a request out.

use super::{Comparison, given};
use crate::call::Ask;
use crate::file::{Entry, Kind, Node, Section};
use crate::integration::Integration;
use crate::kept::Kept;
use crate::outgoing::Outgoing;
use crate::param::Params;
use crate::problem::Problems;
use crate::rehearsal::{ATTEMPT_ID, PING_ID, Rehearsal};
use crate::request::Request;
use crate::step::StepName;
use outcry_core::bid::{Bid, Leg};
use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::{Currency, Money};
use outcry_core::ping_view::PingView;
use std::collections::BTreeMap;
use std::sync::Arc;

const NOW: &str = "2026-03-01T12:00:00Z";
const KEYS: [&str; 11] = [
    "name",
    "fields",
    "params",
    "bid",
    "kept",
    "ask",
    "winning_price",
    "test",
    "source",
    "now",
    "expect",
];

/// What is given and what is expected.
#[derive(Debug)]
pub(crate) struct RequestExample {
    fields: PingView,
    params: BTreeMap<String, String>,
    bid: Bid,
    kept: Kept,
    ask: Ask,
    winning_price: Option<Money>,
    test: bool,
    source: String,
    now: Moment,
    expect: Expect,
}

/// Whatever is `None` or empty is not compared.
#[derive(Debug, Default)]
struct Expect {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    /// A part of the message of a request that cannot be written.
    error: Option<String>,
    /// Parts of what does not travel over HTTP, by their names.
    parts: Vec<(String, String)>,
}

/// What may be expected of what does not travel over HTTP.
const PARTS: [&str; 10] = [
    "server", "from", "to", "reply_to", "subject", "text", "html", "item", "columns", "row",
];

impl RequestExample {
    pub(super) fn compile(node: &Node, what: &str, step: StepName, problems: &mut Problems) -> Option<Self> {
        let section = Section::open(node, what, &KEYS, problems)?;
        let fields = section
            .get("fields")
            .and_then(|fields| Section::open_any(fields, section.place("fields"), problems));
        let fields = fields
            .map(|fields| given::view(fields.entries(), &fields.what, problems))
            .unwrap_or_default();
        let params = section
            .get("params")
            .map(|params| texts(params, section.place("params"), problems))
            .unwrap_or_default();
        if !step.sees_bid() && section.get("bid").is_some() {
            problems.add(section.line, section.place("bid"), format!("a {} has no bid", step.word()), "");
        }
        let now = section
            .get("now")
            .map_or_else(|| Some(NOW.to_owned()), Node::scalar)
            .and_then(|text| Stamp::parse(&text));
        if now.is_none() {
            problems.add(
                section.line,
                section.place("now"),
                "is not a moment",
                "write it like 2026-03-01T12:00:00Z",
            );
        }
        let expect = section.need("expect", "say what the request must be", problems)?;
        Some(Self {
            fields,
            params: params.into_iter().collect(),
            bid: section.get("bid").map_or_else(
                || {
                    Some(Bid {
                        price: None,
                        ..Bid::at(Money::ZERO)
                    })
                },
                |node| bid(node, section.place("bid"), problems),
            )?,
            kept: section
                .get("kept")
                .map(|node| kept(node, &section.place("kept"), problems))
                .unwrap_or_default(),
            ask: section
                .get("ask")
                .map(|node| ask(node, section.place("ask"), problems))
                .unwrap_or_default(),
            winning_price: money(&section, "winning_price", problems),
            test: section.flag("test", problems),
            source: section.text("source", problems).unwrap_or("example_source").to_owned(),
            now: now?.at,
            expect: expected(expect, section.place("expect"), problems)?,
        })
    }

    pub(super) fn run(&self, step: StepName, integration: &Integration) -> Comparison {
        let mut compared = Comparison::default();
        let rendered = Params::bind(integration, &self.params)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
        let rendered = rendered.and_then(|params| {
            integration
                .outgoing(step, &params, &self.fields, self.rehearsal().call(step))
                .map_err(|wrong| wrong.to_string())
        });
        match (rendered, &self.expect.error) {
            (Ok(outgoing), None) => self.expect.compare(&outgoing, &mut compared),
            (Ok(_), Some(error)) => compared.add("error", error, "a request was written"),
            (Err(wrong), Some(error)) => compared.add("error", error, if wrong.contains(error.as_str()) { error } else { &wrong }),
            (Err(wrong), None) => compared.add("request", "written", &wrong),
        }
        compared
    }

    /// What is given, as a rehearsal.
    pub(crate) fn rehearsal(&self) -> Rehearsal<'_> {
        Rehearsal {
            fields: &self.fields,
            bid: &self.bid,
            ping_id: PING_ID,
            attempt: ATTEMPT_ID,
            test: self.test,
            source: &self.source,
            now: self.now,
            kept: &self.kept,
            ask: self.ask,
            winning_price: self.winning_price,
        }
    }

    pub(crate) const fn params(&self) -> &BTreeMap<String, String> {
        &self.params
    }

    pub(crate) const fn kept(&self) -> &Kept {
        &self.kept
    }

    pub(crate) const fn bid(&self) -> &Bid {
        &self.bid
    }
}

impl Expect {
    fn compare(&self, outgoing: &Outgoing, compared: &mut Comparison) {
        if let Outgoing::Http(request) = outgoing {
            self.compare_http(request, compared);
        } else {
            let of_http = [("method", &self.method), ("url", &self.url), ("body", &self.body)];
            for (name, expected) in of_http {
                if let Some(expected) = expected {
                    compared.add(name, expected, "(it does not travel over HTTP)");
                }
            }
        }
        let parts = outgoing.parts();
        for (name, expected) in &self.parts {
            let got = parts
                .iter()
                .find(|(part, _)| part == name)
                .map_or("(none)", |(_, text)| text.trim_end());
            compared.add(name, expected.trim_end(), got);
        }
    }

    fn compare_http(&self, request: &Request, compared: &mut Comparison) {
        if let Some(method) = &self.method {
            compared.add("method", method, request.method.as_str());
        }
        if let Some(url) = &self.url {
            compared.add("url", url, &request.url);
        }
        for (name, value) in &self.headers {
            let got = request.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            compared.add(&format!("header {name}"), value, got.map_or("(none)", |(_, value)| value));
        }
        if let Some(body) = &self.body {
            let got = String::from_utf8_lossy(&request.body);
            // JSON is compared as JSON, so that an example may be laid out for reading.
            let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            match (json(body), json(&got)) {
                (Some(expected), Some(found)) if expected == found => compared.add("body", &got, &got),
                _ => compared.add("body", body.trim_end_matches('\n'), &got),
            }
        }
    }
}

fn expected(node: &Node, what: String, problems: &mut Problems) -> Option<Expect> {
    let known: Vec<&str> = ["method", "url", "headers", "body", "error"].into_iter().chain(PARTS).collect();
    let section = Section::open(node, what, &known, problems)?;
    let text = |key: &str, problems: &mut Problems| section.text(key, problems).map(str::to_owned);
    Some(Expect {
        method: text("method", problems),
        url: text("url", problems),
        headers: section
            .get("headers")
            .map(|headers| texts(headers, section.place("headers"), problems))
            .unwrap_or_default(),
        body: text("body", problems),
        error: text("error", problems),
        parts: PARTS
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), text(key, problems)?)))
            .collect(),
    })
}

/// `kept = { login = { token = "…" }, ping = { answer = { lot = "…" } } }`: values under the names that holes use.
fn kept(node: &Node, what: &str, problems: &mut Problems) -> Kept {
    fn flat(node: &Node, name: &str, found: &mut Vec<(Arc<str>, Arc<str>)>) {
        match &node.kind {
            Kind::Table(entries) => entries.iter().for_each(|entry| {
                let dot = if name.is_empty() { "" } else { "." };
                flat(&entry.value, &format!("{name}{dot}{}", entry.key), found);
            }),
            _ => found.extend(node.scalar().map(|value| (Arc::from(name), Arc::from(value)))),
        }
    }
    let mut found = Vec::new();
    if Section::open_any(node, what, problems).is_some() {
        flat(node, "", &mut found);
    }
    found.into()
}

/// `ask = { floor = "10", price = "12.50" }`
fn ask(node: &Node, what: String, problems: &mut Problems) -> Ask {
    let Some(section) = Section::open(node, what, &["floor", "price"], problems) else {
        return Ask::default();
    };
    let floor = money(&section, "floor", problems).unwrap_or_default();
    Ask {
        floor,
        price: money(&section, "price", problems).unwrap_or(floor),
    }
}

/// An amount, if the key is there.
fn money(section: &Section<'_>, key: &str, problems: &mut Problems) -> Option<Money> {
    let text = section.get(key)?.scalar().unwrap_or_default();
    let price = Money::parse(&text).ok();
    if price.is_none() {
        problems.add(section.line, section.place(key), "is not an amount", "write it like \"12.50\"");
    }
    price
}

/// A table of names and single values.
pub(super) fn texts(node: &Node, what: String, problems: &mut Problems) -> Vec<(String, String)> {
    let Some(section) = Section::open_any(node, what, problems) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for Entry { key, line, value } in section.entries() {
        match value.scalar() {
            Some(text) => found.push((key.clone(), text)),
            None => problems.add(*line, section.place(key), format!("{} where text belongs", value.word()), ""),
        }
    }
    found
}

fn bid(node: &Node, what: String, problems: &mut Problems) -> Option<Bid> {
    let keys = ["id", "price", "currency", "buyer_name", "echo", "legs"];
    let section = Section::open(node, what, &keys, problems)?;
    let price = money(&section, "price", problems);
    if price.is_none() && section.get("price").is_some() {
        return None;
    }
    let legs = match section.get("legs").map(|legs| (legs, &legs.kind)) {
        None => Vec::new(),
        Some((_, Kind::Array(legs))) => {
            let legs = legs.iter().enumerate();
            legs.filter_map(|(at, node)| leg(node, format!("{}[{at}]", section.place("legs")), problems))
                .collect()
        }
        Some((legs, _)) => {
            let hint = "write it like [{ id = \"7\", price = \"9.00\" }]";
            problems.add(legs.line, section.place("legs"), "is a list of legs", hint);
            return None;
        }
    };
    Some(Bid {
        id: said(&section, "id"),
        price,
        currency: said(&section, "currency").and_then(|code| Currency::parse(&code)),
        buyer_name: said(&section, "buyer_name"),
        echo: echo(&section, problems),
        legs,
        ..Bid::at(Money::ZERO)
    })
}

fn leg(node: &Node, what: String, problems: &mut Problems) -> Option<Leg> {
    let section = Section::open(node, what, &["id", "price", "buyer_name", "group", "echo"], problems)?;
    Some(Leg {
        id: said(&section, "id"),
        price: money(&section, "price", problems).unwrap_or_default(),
        buyer_name: said(&section, "buyer_name"),
        group: said(&section, "group"),
        echo: echo(&section, problems),
    })
}

fn said(section: &Section<'_>, key: &str) -> Option<Arc<str>> {
    section.get(key).and_then(Node::scalar).map(Arc::from)
}

fn echo(section: &Section<'_>, problems: &mut Problems) -> Vec<(Arc<str>, Arc<str>)> {
    let echo = section.get("echo").map(|echo| texts(echo, section.place("echo"), problems));
    let echo = echo.unwrap_or_default().into_iter();
    echo.map(|(name, value)| (Arc::from(name), Arc::from(value))).collect()
}
