//! `[[examples.ping_answer]]` and `[[examples.post_answer]]`: a status, headers and a body in, a reading out.

use super::request::texts;
use super::{Comparison, given};
use crate::answer::RawAnswer;
use crate::asked::Asked;
use crate::file::{Kind, Node, Section};
use crate::integration::Integration;
use crate::param::Params;
use crate::problem::Problems;
use crate::step::StepName;
use outcry_core::bid::{Bid, Leg};
use outcry_core::moment::Stamp;
use outcry_core::money::Money;
use outcry_core::ping_view::PingView;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is given and what is expected.
#[derive(Debug)]
pub(super) struct AnswerExample {
    answer: RawAnswer,
    params: BTreeMap<String, String>,
    /// The lead that was asked about.
    fields: PingView,
    /// By name; compared with the reading under the same name.
    expect: Vec<(String, String)>,
    /// What must be kept, by the name in `keep`.
    kept: Vec<(String, String)>,
    bids: Option<Vec<Expected>>,
}

/// What is expected of a bid or of a leg.
#[derive(Debug)]
struct Expected {
    parts: Vec<(String, String)>,
    legs: Option<Vec<Expected>>,
}

const KEYS: [&str; 7] = ["name", "status", "headers", "body", "params", "fields", "expect"];
const PING_KEYS: [&str; 13] = [
    "outcome",
    "price",
    "currency",
    "id",
    "bid_id",
    "buyer_name",
    "exclusive",
    "expires_seconds",
    "expires_at",
    "reason",
    "note",
    "bids",
    "kept",
];

const POST_KEYS: [&str; 8] = [
    "outcome",
    "price",
    "currency",
    "reference",
    "redirect_url",
    "reason",
    "note",
    "kept",
];
const STEP_KEYS: [&str; 5] = ["outcome", "expires_seconds", "reason", "note", "kept"];
const BID_KEYS: [&str; 9] = [
    "price",
    "currency",
    "id",
    "buyer_name",
    "exclusive",
    "expires_seconds",
    "expires_at",
    "echo",
    "legs",
];
const LEG_KEYS: [&str; 5] = ["price", "id", "buyer_name", "group", "echo"];
/// How the absence of a value is written in an expectation.
const NONE: &str = "none";

impl AnswerExample {
    pub(super) fn compile(node: &Node, what: &str, step: StepName, problems: &mut Problems) -> Option<Self> {
        let section = Section::open(node, what, &KEYS, problems)?;
        let status = match section.get("status").map(|node| &node.kind) {
            None => Some(200),
            Some(Kind::Int(status)) => u16::try_from(*status).ok(),
            Some(_) => None,
        };
        if status.is_none() {
            problems.add(section.line, section.place("status"), "is not a status", "write it like 200");
        }
        let body = section.text("body", problems).unwrap_or_default().as_bytes().to_vec();
        let expect = section.need("expect", "say what the answer means", problems)?;
        let keys: &[&str] = match step {
            StepName::Ping => &PING_KEYS,
            StepName::Post | StepName::Completion | StepName::Poll | StepName::Callback => &POST_KEYS,
            StepName::Login | StepName::PrePing | StepName::Win | StepName::Loss => &STEP_KEYS,
        };
        let expect = Section::open(expect, section.place("expect"), keys, problems)?;
        let kept = expect
            .get("kept")
            .and_then(|node| Section::open_any(node, expect.place("kept"), problems));
        let kept = kept.map(|section| scalars(&section, problems)).unwrap_or_default();
        let bids = expect
            .get("bids")
            .map(|bids| several(bids, &expect.place("bids"), &BID_KEYS, problems));
        let given = |key: &str, problems: &mut Problems| {
            let table = section.get(key).map(|table| texts(table, section.place(key), problems));
            table.unwrap_or_default()
        };
        let headers = given("headers", problems).into_iter();
        let answer = RawAnswer {
            status: status?,
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
            body,
        };
        let fields = section
            .get("fields")
            .and_then(|fields| Section::open_any(fields, section.place("fields"), problems));
        let fields = fields.map(|fields| given::view(fields.entries(), &fields.what, problems));
        Some(Self {
            answer,
            params: given("params", problems).into_iter().collect(),
            fields: fields.unwrap_or_default(),
            expect: scalars(&expect, problems),
            kept,
            bids,
        })
    }

    pub(super) fn run(&self, step: StepName, integration: &Integration) -> Comparison {
        match step {
            StepName::Ping => self.run_ping(integration),
            StepName::Post | StepName::Completion | StepName::Poll | StepName::Callback => self.run_verdict(step, integration),
            StepName::Login | StepName::PrePing | StepName::Win | StepName::Loss => self.run_step(step, integration),
        }
    }

    fn run_ping(&self, integration: &Integration) -> Comparison {
        let params = Params::some(integration, &self.params);
        let reading = integration.read_ping(Asked::by(&params).about(&self.fields), &self.answer);
        let best = reading.bids.iter().max_by_key(|bid| bid.price);
        let mut compared = Comparison::default();
        for (name, expected) in &self.expect {
            let got = match name.as_str() {
                "outcome" => reading.outcome.word().to_owned(),
                "bid_id" => shown(reading.bid_id.as_ref()),
                "reason" => shown(reading.reason.as_ref()),
                "note" => note(&reading.notes, expected),
                part => best.map_or_else(|| NONE.to_owned(), |bid| part_of(bid, part)),
            };
            compared.add(name, &normal(name, expected), &got);
        }
        let kept = best.map_or(&[][..], |bid| &bid.kept);
        compare_kept(StepName::Ping, &self.kept, kept, &mut compared);
        if let Some(bids) = &self.bids {
            compared.add("bids", &bids.len().to_string(), &reading.bids.len().to_string());
            for (at, (expected, got)) in bids.iter().zip(&reading.bids).enumerate() {
                expected.compare(&format!("bids[{at}]"), &|part| part_of(got, part), &mut compared);
                let Some(legs) = &expected.legs else { continue };
                compared.add(&format!("bids[{at}].legs"), &legs.len().to_string(), &got.legs.len().to_string());
                for (number, (expected, got)) in legs.iter().zip(&got.legs).enumerate() {
                    expected.compare(&format!("bids[{at}].legs[{number}]"), &|part| part_of_leg(got, part), &mut compared);
                }
            }
        }
        compared
    }

    fn run_verdict(&self, step: StepName, integration: &Integration) -> Comparison {
        let params = Params::some(integration, &self.params);
        let reading = integration.read_verdict(step, Asked::by(&params).about(&self.fields), &self.answer);
        let mut compared = Comparison::default();
        for (name, expected) in &self.expect {
            let got = match name.as_str() {
                "outcome" => reading.outcome.word().to_owned(),
                "price" => reading.price.map_or_else(|| NONE.to_owned(), |price| price.to_string()),
                "currency" => reading.currency.map_or_else(|| NONE.to_owned(), |code| code.to_string()),
                "reference" => shown(reading.reference.as_ref()),
                "redirect_url" => shown(reading.redirect_url.as_ref()),
                "reason" => shown(reading.reason.as_ref()),
                _ => note(&reading.notes, expected),
            };
            compared.add(name, &normal(name, expected), &got);
        }
        compare_kept(step, &self.kept, reading.kept.entries(), &mut compared);
        compared
    }

    fn run_step(&self, step: StepName, integration: &Integration) -> Comparison {
        let reading = integration.read_step(step, Asked::of_nobody(), &self.answer);
        let mut compared = Comparison::default();
        for (name, expected) in &self.expect {
            let got = match name.as_str() {
                "outcome" => reading.outcome.word().to_owned(),
                "expires_seconds" => reading
                    .expires_seconds
                    .map_or_else(|| NONE.to_owned(), |seconds| seconds.to_string()),
                "reason" => shown(reading.reason.as_ref()),
                _ => note(&reading.notes, expected),
            };
            compared.add(name, expected, &got);
        }
        compare_kept(step, &self.kept, reading.kept.entries(), &mut compared);
        compared
    }
}

/// What was kept, by short names.
fn compare_kept(step: StepName, expected: &[(String, String)], kept: &[(Arc<str>, Arc<str>)], compared: &mut Comparison) {
    for (name, value) in expected {
        let full = format!("{}.{name}", step.kept_prefix());
        let got = crate::kept::find(kept, &full).unwrap_or(NONE);
        compared.add(&format!("kept.{name}"), value, got);
    }
}

fn shown(text: Option<&Arc<str>>) -> String {
    text.map_or_else(|| NONE.to_owned(), ToString::to_string)
}

/// A note need only contain what is expected of it.
fn note(notes: &[String], expected: &str) -> String {
    if notes.iter().any(|note| note.contains(expected)) {
        expected.to_owned()
    } else {
        notes.join("; ")
    }
}

/// Prices compare as amounts: `25` is `25.00`.
fn normal(name: &str, expected: &str) -> String {
    match Money::parse(expected) {
        Ok(price) if name == "price" => price.to_string(),
        _ => match Stamp::parse(expected).filter(|_| name == "expires_at") {
            Some(stamp) => stamp.at.to_string(),
            None => expected.to_owned(),
        },
    }
}

impl Expected {
    fn compare(&self, what: &str, part: &dyn Fn(&str) -> String, compared: &mut Comparison) {
        for (name, value) in &self.parts {
            compared.add(&format!("{what}.{name}"), &normal(name, value), &part(name));
        }
    }
}

fn part_of(bid: &Bid, part: &str) -> String {
    let known = match part {
        "price" => bid.price.map(|price| price.to_string()),
        "currency" => bid.currency.map(|code| code.to_string()),
        "id" => bid.id.as_ref().map(ToString::to_string),
        "buyer_name" => bid.buyer_name.as_ref().map(ToString::to_string),
        "exclusive" => bid.exclusive.map(|yes| yes.to_string()),
        "expires_at" => bid.expires_at.map(|at| at.to_string()),
        "expires_seconds" => bid.expires_seconds.map(|seconds| seconds.to_string()),
        echo => echoed(&bid.echo, echo),
    };
    known.unwrap_or_else(|| NONE.to_owned())
}

fn part_of_leg(leg: &Leg, part: &str) -> String {
    let known = match part {
        "price" => Some(leg.price.to_string()),
        "id" => leg.id.as_ref().map(ToString::to_string),
        "buyer_name" => leg.buyer_name.as_ref().map(ToString::to_string),
        "group" => leg.group.as_ref().map(ToString::to_string),
        echo => echoed(&leg.echo, echo),
    };
    known.unwrap_or_else(|| NONE.to_owned())
}

/// `echo.NAME` among the values kept.
fn echoed(echo: &[(Arc<str>, Arc<str>)], part: &str) -> Option<String> {
    let name = part.strip_prefix("echo.")?;
    echo.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.to_string())
}

fn scalars(section: &Section<'_>, problems: &mut Problems) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in section
        .entries()
        .iter()
        .filter(|entry| !["bids", "legs", "kept"].contains(&entry.key.as_str()))
    {
        match (entry.value.scalar(), entry.key.as_str()) {
            (Some(text), _) => found.push((entry.key.clone(), text)),
            (None, "echo") => {
                let echo = texts(&entry.value, section.place("echo"), problems).into_iter();
                found.extend(echo.map(|(name, value)| (format!("echo.{name}"), value)));
            }
            (None, _) => problems.add(
                entry.line,
                section.place(&entry.key),
                format!("{} where one value belongs", entry.value.word()),
                "",
            ),
        }
    }
    found
}

/// A list of bids, or of the legs of one.
fn several(node: &Node, what: &str, keys: &[&str], problems: &mut Problems) -> Vec<Expected> {
    let Kind::Array(items) = &node.kind else {
        problems.add(
            node.line,
            what,
            "must be a list",
            "write it like [{ id = \"…\", price = \"12.50\" }]",
        );
        return Vec::new();
    };
    let items = items.iter().enumerate().filter_map(|(at, item)| {
        let section = Section::open(item, format!("{what}[{at}]"), keys, problems)?;
        Some(Expected {
            parts: scalars(&section, problems),
            legs: section
                .get("legs")
                .map(|legs| several(legs, &section.place("legs"), &LEG_KEYS, problems)),
        })
    });
    items.collect()
}
