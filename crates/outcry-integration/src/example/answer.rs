//! `[[examples.ping_answer]]` and `[[examples.post_answer]]`: a status and a body in, a reading out.

use super::Comparison;
use crate::answer::RawAnswer;
use crate::file::{Kind, Node, Section};
use crate::integration::Integration;
use crate::problem::Problems;
use crate::step::StepName;
use outcry_core::bid::Bid;
use outcry_core::money::Money;
use std::sync::Arc;

/// What is given and what is expected.
#[derive(Debug)]
pub(super) struct AnswerExample {
    answer: RawAnswer,
    /// By name; compared with the reading under the same name.
    expect: Vec<(String, String)>,
    /// What must be kept, by the name in `keep`.
    kept: Vec<(String, String)>,
    bids: Option<Vec<Vec<(String, String)>>>,
}

const PING_KEYS: [&str; 10] = [
    "outcome",
    "price",
    "currency",
    "id",
    "bid_id",
    "buyer_name",
    "reason",
    "note",
    "bids",
    "kept",
];
const POST_KEYS: [&str; 7] = ["outcome", "price", "reference", "redirect_url", "reason", "note", "kept"];
const STEP_KEYS: [&str; 5] = ["outcome", "expires_seconds", "reason", "note", "kept"];
const BID_KEYS: [&str; 6] = ["price", "currency", "id", "buyer_name", "exclusive", "expires_seconds"];
/// How the absence of a value is written in an expectation.
const NONE: &str = "none";

impl AnswerExample {
    pub(super) fn compile(node: &Node, what: &str, step: StepName, problems: &mut Problems) -> Option<Self> {
        let section = Section::open(node, what, &["name", "status", "body", "expect"], problems)?;
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
            StepName::Post | StepName::Completion | StepName::Poll => &POST_KEYS,
            StepName::Login | StepName::PrePing | StepName::Win | StepName::Loss => &STEP_KEYS,
        };
        let expect = Section::open(expect, section.place("expect"), keys, problems)?;
        let kept = expect
            .get("kept")
            .and_then(|node| Section::open_any(node, expect.place("kept"), problems));
        let kept = kept.map(|section| scalars(&section, problems)).unwrap_or_default();
        let bids = expect.get("bids").map(|bids| bids_of(bids, &expect.place("bids"), problems));
        let answer = RawAnswer {
            status: status?,
            headers: Vec::new(),
            body,
        };
        Some(Self {
            answer,
            expect: scalars(&expect, problems),
            kept,
            bids,
        })
    }

    pub(super) fn run(&self, step: StepName, integration: &Integration) -> Comparison {
        match step {
            StepName::Ping => self.run_ping(integration),
            StepName::Post | StepName::Completion | StepName::Poll => self.run_verdict(step, integration),
            StepName::Login | StepName::PrePing | StepName::Win | StepName::Loss => self.run_step(step, integration),
        }
    }

    fn run_ping(&self, integration: &Integration) -> Comparison {
        let reading = integration.read_ping(&self.answer);
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
                for (name, value) in expected {
                    compared.add(&format!("bids[{at}].{name}"), &normal(name, value), &part_of(got, name));
                }
            }
        }
        compared
    }

    fn run_verdict(&self, step: StepName, integration: &Integration) -> Comparison {
        let reading = integration.read_verdict(step, &self.answer);
        let mut compared = Comparison::default();
        for (name, expected) in &self.expect {
            let got = match name.as_str() {
                "outcome" => reading.outcome.word().to_owned(),
                "price" => reading.price.map_or_else(|| NONE.to_owned(), |price| price.to_string()),
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
        let reading = integration.read_step(step, &self.answer);
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
        _ => expected.to_owned(),
    }
}

fn part_of(bid: &Bid, part: &str) -> String {
    let known = match part {
        "price" => bid.price.map(|price| price.to_string()),
        "currency" => bid.currency.map(|code| code.to_string()),
        "id" => bid.id.as_ref().map(ToString::to_string),
        "buyer_name" => bid.buyer_name.as_ref().map(ToString::to_string),
        "exclusive" => bid.exclusive.map(|yes| yes.to_string()),
        _ => bid.expires_seconds.map(|seconds| seconds.to_string()),
    };
    known.unwrap_or_else(|| NONE.to_owned())
}

fn scalars(section: &Section<'_>, problems: &mut Problems) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in section.entries().iter().filter(|entry| entry.key != "bids" && entry.key != "kept") {
        match entry.value.scalar() {
            Some(text) => found.push((entry.key.clone(), text)),
            None => problems.add(
                entry.line,
                section.place(&entry.key),
                format!("{} where one value belongs", entry.value.word()),
                "",
            ),
        }
    }
    found
}

fn bids_of(node: &Node, what: &str, problems: &mut Problems) -> Vec<Vec<(String, String)>> {
    let Kind::Array(items) = &node.kind else {
        problems.add(
            node.line,
            what,
            "must be a list of bids",
            "write it like [{ id = \"…\", price = \"12.50\" }]",
        );
        return Vec::new();
    };
    let bids = items.iter().enumerate().filter_map(|(at, item)| {
        let section = Section::open(item, format!("{what}[{at}]"), &BID_KEYS, problems)?;
        Some(scalars(&section, problems))
    });
    bids.collect()
}
