//! Given and expected, written into the file itself: an integration proves what it says.
//!
//! A request example gives lead fields and parameters and expects a request; an answer example gives a status and a
//! body and expects a reading. Only what is expected is compared.

mod answer;
mod given;
mod request;

use crate::file::{Kind, Node, Section};
use crate::integration::Integration;
use crate::problem::Problems;
use crate::step::StepName;
use answer::AnswerExample;
use request::RequestExample;

/// One example of the file.
#[derive(Debug)]
pub struct Example {
    name: String,
    line: u32,
    kind: ExampleKind,
}

#[derive(Debug)]
enum ExampleKind {
    Request(StepName, Box<RequestExample>),
    Answer(StepName, Box<AnswerExample>),
}

/// What came of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// Its name in the file.
    pub name: String,
    /// Line of the file.
    pub line: u32,
    /// Did everything expected come true?
    pub passed: bool,
    /// What the file expects, as text.
    pub expected: String,
    /// What came out instead, as text; the same as `expected` when it passed.
    pub got: String,
}

/// The kinds of examples by their tables: `[[examples.ping]]` and so on.
const TABLES: [(&str, StepName, Side); 17] = [
    ("login", StepName::Login, Side::Request),
    ("login_answer", StepName::Login, Side::Answer),
    ("pre_ping", StepName::PrePing, Side::Request),
    ("pre_ping_answer", StepName::PrePing, Side::Answer),
    ("ping", StepName::Ping, Side::Request),
    ("ping_answer", StepName::Ping, Side::Answer),
    ("post", StepName::Post, Side::Request),
    ("post_answer", StepName::Post, Side::Answer),
    ("completion", StepName::Completion, Side::Request),
    ("completion_answer", StepName::Completion, Side::Answer),
    ("poll", StepName::Poll, Side::Request),
    ("poll_answer", StepName::Poll, Side::Answer),
    ("callback_answer", StepName::Callback, Side::Answer),
    ("win", StepName::Win, Side::Request),
    ("win_answer", StepName::Win, Side::Answer),
    ("loss", StepName::Loss, Side::Request),
    ("loss_answer", StepName::Loss, Side::Answer),
];

#[derive(Clone, Copy)]
enum Side {
    Request,
    Answer,
}

/// Expected against got, one line for each thing that differs.
#[derive(Default)]
struct Comparison {
    expected: Vec<String>,
    got: Vec<String>,
    differs: bool,
}

impl Comparison {
    /// Notes one expectation and what came of it.
    fn add(&mut self, name: &str, expected: &str, got: &str) {
        self.differs |= expected != got;
        self.expected.push(format!("{name}: {expected}"));
        self.got.push(format!("{name}: {got}"));
    }
}

impl Example {
    /// Its name in the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Line of the file.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Its step and what it gives, if it is an example of a request.
    pub(crate) fn given(&self) -> Option<(StepName, &RequestExample)> {
        match &self.kind {
            ExampleKind::Request(step, example) => Some((*step, example)),
            ExampleKind::Answer(..) => None,
        }
    }

    /// Runs it.
    pub fn run(&self, integration: &Integration) -> ExampleOutcome {
        let compared = match &self.kind {
            ExampleKind::Request(step, example) => example.run(*step, integration),
            ExampleKind::Answer(step, example) => example.run(*step, integration),
        };
        ExampleOutcome {
            name: self.name.clone(),
            line: self.line,
            passed: !compared.differs,
            expected: compared.expected.join("\n"),
            got: compared.got.join("\n"),
        }
    }
}

/// Reads `[examples]`, of the steps that the file has.
pub(crate) fn declared(node: &Node, steps: &[StepName], problems: &mut Problems) -> Vec<Example> {
    let known: Vec<&str> = TABLES
        .iter()
        .filter(|(_, step, _)| steps.contains(step) || *step == StepName::Post)
        .map(|(name, ..)| *name)
        .collect();
    let Some(section) = Section::open(node, "examples", &known, problems) else {
        return Vec::new();
    };
    let mut examples = Vec::new();
    for (table, step, side) in TABLES {
        match section.get(table).map(|list| (list, &list.kind)) {
            None => {}
            Some((_, Kind::Array(items))) => examples.extend(items.iter().enumerate().filter_map(|(at, item)| {
                let what = format!("examples.{table}[{at}]");
                let kind = match side {
                    Side::Request => ExampleKind::Request(step, Box::new(RequestExample::compile(item, &what, step, problems)?)),
                    Side::Answer => ExampleKind::Answer(step, Box::new(AnswerExample::compile(item, &what, step, problems)?)),
                };
                let name = Section::open_any(item, &what, problems)?
                    .text("name", problems)
                    .map_or(what, str::to_owned);
                Some(Example {
                    name,
                    line: item.line,
                    kind,
                })
            })),
            Some((list, _)) => problems.add(
                list.line,
                section.place(table),
                "is a list",
                format!("write each as [[examples.{table}]]"),
            ),
        }
    }
    examples.sort_by_key(|example| example.line);
    examples
}
