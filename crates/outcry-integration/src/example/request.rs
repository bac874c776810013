//! `[[examples.ping]]` and `[[examples.post]]`: a lead in, a request out.

use super::{Comparison, given};
use crate::file::{Entry, Kind, Node, Section};
use crate::integration::Integration;
use crate::param::Params;
use crate::problem::Problems;
use crate::rehearsal::{ATTEMPT_ID, PING_ID, Rehearsal};
use crate::request::Request;
use crate::template::StepName;
use outcry_core::bid::Bid;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::{Currency, Money};
use outcry_core::ping_view::PingView;
use std::collections::BTreeMap;
use std::sync::Arc;

const NOW: &str = "2026-03-01T12:00:00Z";
const KEYS: [&str; 8] = ["name", "fields", "params", "bid", "test", "source", "now", "expect"];

/// What is given and what is expected.
#[derive(Debug)]
pub(crate) struct RequestExample {
    fields: PingView,
    params: BTreeMap<String, String>,
    bid: Bid,
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
}

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
        if step == StepName::Ping && section.get("bid").is_some() {
            problems.add(section.line, section.place("bid"), "a ping has no bid", "");
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
                .render(step, &params, &self.fields, self.rehearsal().call(step))
                .map_err(|wrong| wrong.to_string())
        });
        match (rendered, &self.expect.error) {
            (Ok(request), None) => self.expect.compare(&request, &mut compared),
            (Ok(_), Some(error)) => compared.add("error", error, "a request was written"),
            (Err(wrong), Some(error)) => compared.add("error", error, if wrong.contains(error.as_str()) { error } else { &wrong }),
            (Err(wrong), None) => compared.add("request", "written", &wrong),
        }
        compared
    }

    /// What is given, as a rehearsal.
    pub(super) fn rehearsal(&self) -> Rehearsal<'_> {
        Rehearsal {
            fields: &self.fields,
            bid: &self.bid,
            ping_id: PING_ID,
            attempt: ATTEMPT_ID,
            test: self.test,
            source: &self.source,
            now: self.now,
        }
    }

    pub(crate) const fn params(&self) -> &BTreeMap<String, String> {
        &self.params
    }

    pub(crate) const fn bid(&self) -> &Bid {
        &self.bid
    }
}

impl Expect {
    fn compare(&self, request: &Request, compared: &mut Comparison) {
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
    let section = Section::open(node, what, &["method", "url", "headers", "body", "error"], problems)?;
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
    })
}

/// A table of names and single values.
fn texts(node: &Node, what: String, problems: &mut Problems) -> Vec<(String, String)> {
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
    let section = Section::open(node, what, &["id", "price", "currency", "buyer_name", "echo"], problems)?;
    let text = |key: &str| {
        section
            .get(key)
            .filter(|node| !matches!(node.kind, Kind::Table(_)))
            .and_then(Node::scalar)
    };
    let price = text("price").map(|price| Money::parse(&price));
    if matches!(price, Some(Err(_))) {
        problems.add(section.line, section.place("price"), "is not an amount", "write it like \"12.50\"");
        return None;
    }
    let echo = section
        .get("echo")
        .map(|echo| texts(echo, section.place("echo"), problems))
        .unwrap_or_default();
    Some(Bid {
        id: text("id").map(Arc::from),
        price: price.and_then(Result::ok),
        currency: text("currency").and_then(|code| Currency::parse(&code)),
        buyer_name: text("buyer_name").map(Arc::from),
        echo: echo.into_iter().map(|(name, value)| (Arc::from(name), Arc::from(value))).collect(),
        ..Bid::at(Money::ZERO)
    })
}
