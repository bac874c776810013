//! One integration: a file, read and compiled once.

use crate::answer::{PingReading, PostReading, RawAnswer};
use crate::call::{PingCall, PostCall, RenderError};
use crate::example::{Example, ExampleOutcome};
use crate::file::{self, Section};
use crate::param::{self, ParamDef, Params};
use crate::problem::{Problem, Problems, did_you_mean};
use crate::read::{PingReader, PostReader};
use crate::render::{self, RequestTemplate};
use crate::request::Request;
use crate::template::{Call, Compiler, Scope, StepName, Uses};
use outcry_core::ping_view::PingView;
use outcry_core::post_view::PostView;
use outcry_core::view::View;
use std::collections::BTreeMap;

/// The version of the file format this crate reads.
pub const SCHEMA: &str = "outcry.integration/1";

const KEYS: [&str; 7] = ["schema", "label", "about", "params", "ping", "post", "examples"];
/// Larger files are refused unread.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// How to speak with one buyer: requests as trees, answers as rules and paths, and examples of both.
#[derive(Debug)]
pub struct Integration {
    label: String,
    params: Vec<ParamDef>,
    /// The requests by their step; there will be more steps than two.
    requests: BTreeMap<StepName, RequestTemplate>,
    ping_answer: Option<PingReader>,
    post_answer: PostReader,
    ping_fields: Vec<(String, u32)>,
    examples: Vec<Example>,
}

impl Integration {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let integration = read(text, &mut problems);
        problems.into_result(integration)
    }

    /// The name for people.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What a contract must or may supply, in the order of the file.
    pub fn params(&self) -> &[ParamDef] {
        &self.params
    }

    /// Does it ping? An integration for direct posts does not.
    pub const fn has_ping(&self) -> bool {
        self.ping_answer.is_some()
    }

    /// Every lead field that the ping names in its address, headers or body, with the line: `zip`, `drivers`,
    /// `drivers[].gender`. A field may come more than once. `{lead}` names none: it is whatever the ping view holds.
    pub fn ping_fields(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ping_fields.iter().map(|(name, line)| (name.as_str(), *line))
    }

    /// Writes a ping.
    ///
    /// # Errors
    /// A required value that is missing, or one that its place cannot carry; or the integration has no ping.
    pub fn render_ping(&self, params: &Params, view: &PingView, call: &PingCall<'_>) -> Result<Request, RenderError> {
        self.render(StepName::Ping, params, view, call.into())
    }

    /// Writes a post.
    ///
    /// # Errors
    /// A required value that is missing, or one that its place cannot carry.
    pub fn render_post(&self, params: &Params, view: &PostView<'_>, call: &PostCall<'_>) -> Result<Request, RenderError> {
        self.render(StepName::Post, params, view, call.into())
    }

    /// Writes a step for any view. Stays inside the crate: a post to a buyer takes a [`PostView`], and with it the
    /// proof of consent.
    pub(crate) fn render<'a>(
        &'a self,
        step: StepName,
        params: &'a Params,
        lead: &'a dyn View,
        call: Call<'a>,
    ) -> Result<Request, RenderError> {
        let scope = Scope {
            lead,
            row: None,
            params,
            call,
            sent: None,
        };
        let absent = || RenderError {
            line: 0,
            what: step.word().to_owned(),
            message: "the integration has no such step".to_owned(),
        };
        self.requests.get(&step).ok_or_else(absent)?.write(&scope)
    }

    /// Reads a ping answer. Whatever cannot be read is an error with a note.
    pub fn read_ping(&self, answer: &RawAnswer) -> PingReading {
        match &self.ping_answer {
            Some(reader) => reader.read(answer),
            None => PingReader::absent(),
        }
    }

    /// Reads a post answer. Whatever cannot be read is unknown, with a note.
    pub fn read_post(&self, answer: &RawAnswer) -> PostReading {
        self.post_answer.read(answer)
    }

    /// The examples of the file.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Runs every example of the file.
    pub fn run_examples(&self) -> Vec<ExampleOutcome> {
        self.examples.iter().map(|example| example.run(self)).collect()
    }

    /// The compiled requests.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &RequestTemplate> {
        self.requests.values()
    }
}

fn read(text: &str, problems: &mut Problems) -> Option<Integration> {
    if text.len() > FILE_BYTES_MAX {
        problems.add(1, "file", "is larger than a megabyte", "");
        return None;
    }
    let root = file::parse(text, problems)?;
    let section = Section::open(&root, "", &KEYS, problems)?;
    schema(&section, problems);
    section.need("label", "name the buyer or platform, for people", problems);
    let label = section.text("label", problems).unwrap_or_default().to_owned();
    section.text("about", problems);
    let params = section
        .get("params")
        .map(|node| param::declared(node, problems))
        .unwrap_or_default();
    let mut steps = Steps {
        requests: BTreeMap::new(),
        uses: BTreeMap::new(),
    };
    let ping = section
        .get("ping")
        .and_then(|node| step(node, StepName::Ping, &params, &mut steps, problems));
    let ping_answer = ping.and_then(|answer| PingReader::compile(answer, problems));
    let post = section.need("post", "an integration without a post can sell nothing", problems);
    let post = post.and_then(|node| step(node, StepName::Post, &params, &mut steps, problems));
    let post_answer = post.and_then(|answer| PostReader::compile(answer, problems));
    let has_ping = section.get("ping").is_some();
    let examples = section
        .get("examples")
        .map(|node| crate::example::declared(node, has_ping, problems))
        .unwrap_or_default();
    check_echoes(&steps, ping_answer.as_ref(), problems);
    let ping_fields = steps.uses.remove(&StepName::Ping).map(|uses| uses.fields).unwrap_or_default();
    Some(Integration {
        label,
        params,
        requests: steps.requests,
        ping_answer,
        post_answer: post_answer?,
        ping_fields,
        examples,
    })
}

fn schema(section: &Section<'_>, problems: &mut Problems) {
    let hint = format!("begin the file with schema = \"{SCHEMA}\"");
    if section
        .need("schema", &hint, problems)
        .is_some_and(|node| node.text() != Some(SCHEMA))
    {
        problems.add(section.line, "schema", "is not one this version reads", hint);
    }
}

/// The requests that were compiled, and what they speak of.
struct Steps {
    requests: BTreeMap<StepName, RequestTemplate>,
    uses: BTreeMap<StepName, Uses>,
}

/// Compiles the request of a step; gives back its answer for whoever knows how to read it.
fn step<'n>(
    node: &'n file::Node,
    name: StepName,
    params: &[ParamDef],
    steps: &mut Steps,
    problems: &mut Problems,
) -> Option<&'n file::Node> {
    let section = Section::open(node, name.word(), &["request", "answer"], problems)?;
    if let Some(request) = section.need("request", "say what is sent", problems) {
        let mut compiler = Compiler::new(params, name, problems);
        let template = render::request(request, &mut compiler);
        steps.uses.insert(name, compiler.used);
        steps.requests.extend(template.map(|request| (name, request)));
    }
    section.need("answer", "say how the answer is read", problems)
}

/// A post can repeat only what the ping answer kept.
fn check_echoes(steps: &Steps, ping: Option<&PingReader>, problems: &mut Problems) {
    let known: Vec<&str> = ping.into_iter().flat_map(PingReader::echo_names).collect();
    for (name, line) in steps.uses.get(&StepName::Post).into_iter().flat_map(|uses| &uses.echoes) {
        if !known.contains(&name.as_str()) {
            let hint = format!(
                "keep it under [ping.answer.bid] with echo = {{ {name} = \"…\" }}; {}",
                did_you_mean(name, &known)
            );
            problems.add(
                *line,
                "post.request",
                format!("{{bid.echo.{name}}} is not kept from the ping answer"),
                hint,
            );
        }
    }
}
