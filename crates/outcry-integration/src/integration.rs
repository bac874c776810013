//! One integration: a file, read and compiled once.

use crate::answer::{PingReading, PostReading, RawAnswer, StepReading};
use crate::asked::Asked;
use crate::call::{LoginCall, NoticeCall, PingCall, PollCall, PostCall, RenderError};
use crate::delivery::{self, Delivery, Via};
use crate::example::{Example, ExampleOutcome};
use crate::file::{self, Section};
use crate::outgoing::{DropOff, Outgoing};
use crate::param::{self, ParamDef, Params};
use crate::problem::{Problem, Problems};
use crate::read::{Known, PingReader, PostReader};
use crate::render::{self, RequestTemplate};
use crate::request::Request;
use crate::step::StepName;
use crate::steps::{self, Carried, PollTimes, Steps};
use crate::table::Tables;
use crate::template::{Call, Compiler, Scope, Uses};
use outcry_core::check_view::CheckView;
use outcry_core::moment::Moment;
use outcry_core::money::Currency;
use outcry_core::ping_view::PingView;
use outcry_core::post_view::PostView;
use outcry_core::view::View;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the file format this crate reads.
pub const SCHEMA: &str = "outcry.integration/1";

const KEYS: [&str; 16] = [
    "schema",
    "label",
    "about",
    "currency",
    "params",
    "tables",
    "login",
    "pre_ping",
    "ping",
    "post",
    "completion",
    "poll",
    "callback",
    "win",
    "loss",
    "examples",
];
/// Larger files are refused unread.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// How to speak with one buyer: requests as trees, answers as rules and paths, and examples of both.
#[derive(Debug)]
pub struct Integration {
    label: String,
    /// Of prices that name none; else it is the campaign's.
    currency: Option<Currency>,
    params: Vec<ParamDef>,
    /// The requests by their step.
    requests: BTreeMap<StepName, RequestTemplate>,
    steps: Steps,
    /// SHA-256 of the file.
    digest: [u8; 32],
    /// How a post travels, where it does not travel over HTTP.
    delivery: Option<Delivery>,
    ping_fields: Vec<(String, u32)>,
    ping_optional: Vec<(String, u32)>,
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
        self.steps.ping.is_some()
    }

    /// Does it have this step?
    pub fn has(&self, step: StepName) -> bool {
        self.requests.contains_key(&step) || step == StepName::Callback && self.has_callback()
    }

    /// How long one call of a step may take, where the file says so.
    pub fn timeout(&self, step: StepName) -> Option<Duration> {
        self.steps.timeout(step)
    }

    /// Does the step show what a login gave?
    pub fn shows_login(&self, step: StepName) -> bool {
        self.steps.shows_login(step)
    }

    /// Does the answer of a step say that the login it showed is no longer good?
    pub fn login_is_over(&self, step: StepName, answer: &RawAnswer) -> bool {
        self.steps.login_is_over(step, answer)
    }

    /// How often and how long a queued post is asked about, if it is.
    pub fn poll_times(&self) -> Option<PollTimes> {
        self.steps.poll.as_ref().map(|(times, _)| *times)
    }

    /// Where a buyer that calls with the final word puts it, if it calls.
    pub fn callback(&self) -> Option<Carried> {
        self.steps.callback.as_ref().map(|(carried, _)| *carried)
    }

    /// May the buyer call with the final word?
    pub const fn has_callback(&self) -> bool {
        self.steps.callback.is_some()
    }

    /// Does the buyer take a post with the same id once, however often it is sent?
    pub const fn is_idempotent(&self) -> bool {
        self.steps.idempotent
    }

    /// May somebody have to come back to a post of it: to ask, to send it again, to hear a call?
    pub const fn comes_back(&self) -> bool {
        self.steps.poll.is_some() || self.steps.callback.is_some() || self.steps.idempotent
    }

    /// Does each leg that was chosen of a bid get a post of its own?
    pub fn posts_each_leg(&self) -> bool {
        self.steps.ping.as_ref().is_some_and(PingReader::posts_each_leg)
    }

    /// Every lead field that the ping, or the step before it, names in its address, headers or body, with the line: `zip`, `drivers`,
    /// `drivers[].gender`. A field may come more than once. `{lead}` names none: it is whatever the ping view holds.
    pub fn ping_fields(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ping_fields.iter().map(|(name, line)| (name.as_str(), *line))
    }

    /// The same of holes that are content with a lead type that has no such field, or keeps it home: `{?zip}`.
    pub fn optional_ping_fields(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ping_optional.iter().map(|(name, line)| (name.as_str(), *line))
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
    pub fn render_post(&self, params: &Params, view: &PostView<'_>, call: &PostCall<'_>) -> Result<Outgoing, RenderError> {
        self.outgoing(StepName::Post, params, view, call.into())
    }

    /// Writes the request of a check: the post of a file that stands for a service, with what the check may send.
    ///
    /// # Errors
    /// What stood in the way.
    pub fn render_check(&self, params: &Params, view: &CheckView<'_>, call: &PostCall<'_>) -> Result<Outgoing, RenderError> {
        self.outgoing(StepName::Post, params, view, call.into())
    }

    /// Writes a step for any view, however it travels.
    pub(crate) fn outgoing<'a>(
        &'a self,
        step: StepName,
        params: &'a Params,
        lead: &'a dyn View,
        call: Call<'a>,
    ) -> Result<Outgoing, RenderError> {
        match &self.delivery {
            Some(delivery) if step == StepName::Post => delivery.write(&Scope {
                lead,
                row: None,
                params,
                call,
                sent: None,
            }),
            _ => self.render(step, params, lead, call).map(Outgoing::Http),
        }
    }

    /// Writes a login. It is shared by many leads, so it knows none.
    ///
    /// # Errors
    /// A required value that is missing, or one that its place cannot carry; or the integration has no login.
    pub fn render_login(&self, params: &Params, call: &LoginCall) -> Result<Request, RenderError> {
        self.render(StepName::Login, params, &PingView::default(), call.into())
    }

    /// Writes the call before the ping. It sees what the ping sees.
    ///
    /// # Errors
    /// As [`render_ping`](Self::render_ping).
    pub fn render_pre_ping(&self, params: &Params, view: &PingView, call: &PingCall<'_>) -> Result<Request, RenderError> {
        self.render(StepName::PrePing, params, view, call.into())
    }

    /// Writes the call that completes an accepted post.
    ///
    /// # Errors
    /// As [`render_post`](Self::render_post).
    pub fn render_completion(&self, params: &Params, view: &PostView<'_>, call: &PostCall<'_>) -> Result<Request, RenderError> {
        self.render(StepName::Completion, params, view, call.into())
    }

    /// Writes a question about a queued post.
    ///
    /// # Errors
    /// As [`render_ping`](Self::render_ping).
    pub fn render_poll(&self, params: &Params, call: &PollCall<'_>) -> Result<Request, RenderError> {
        self.render(StepName::Poll, params, &PingView::default(), call.into())
    }

    /// Writes a win or a loss notice, whichever the call says.
    ///
    /// # Errors
    /// As [`render_ping`](Self::render_ping).
    pub fn render_notice(&self, params: &Params, call: &NoticeCall<'_>) -> Result<Request, RenderError> {
        let step = if call.notice.won { StepName::Win } else { StepName::Loss };
        self.render(step, params, &PingView::default(), call.into())
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

    /// Reads the answer to a login, to the call before the ping, or to a notice. Whatever cannot be read is an error
    /// with a note. A notice without an answer in the file has arrived with a 2xx.
    pub fn read_step(&self, step: StepName, asked: Asked<'_>, answer: &RawAnswer) -> StepReading {
        let plain = || StepReading::by_status(answer.status);
        match step {
            StepName::Login => self.steps.login.as_ref().map(|reader| reader.read(asked, answer)),
            StepName::PrePing => self.steps.pre_ping.as_ref().map(|reader| reader.read(asked, answer)),
            StepName::Win => self.steps.win.as_ref().map(|reader| reader.read(asked, answer)),
            StepName::Loss => self.steps.loss.as_ref().map(|reader| reader.read(asked, answer)),
            StepName::Ping | StepName::Post | StepName::Completion | StepName::Poll | StepName::Callback => None,
        }
        .unwrap_or_else(plain)
    }

    /// Reads a ping answer. Whatever cannot be read is an error with a note.
    pub fn read_ping(&self, asked: Asked<'_>, answer: &RawAnswer) -> PingReading {
        let Some(reader) = &self.steps.ping else {
            return PingReader::absent();
        };
        let mut reading = reader.read(asked, answer);
        for bid in reading.bids.iter_mut().filter(|bid| bid.price.is_some()) {
            bid.currency = bid.currency.or(self.currency);
        }
        reading
    }

    /// Reads a post answer. Whatever cannot be read is unknown, with a note.
    pub fn read_post(&self, asked: Asked<'_>, answer: &RawAnswer) -> PostReading {
        self.read_verdict(StepName::Post, asked, answer)
    }

    /// Reads the answer of a step that gives a verdict: a post, its completion, a poll. Whatever cannot be read is
    /// unknown, with a note. A call of the buyer is read as the answer to a question that nobody asked.
    pub fn read_verdict(&self, step: StepName, asked: Asked<'_>, answer: &RawAnswer) -> PostReading {
        if step == StepName::Post && self.has_delivery() {
            return delivery::read(asked, answer);
        }
        let reader = match step {
            StepName::Completion => self.steps.completion.as_ref(),
            StepName::Poll => self.steps.poll.as_ref().map(|(_, reader)| reader),
            StepName::Callback => self.steps.callback.as_ref().map(|(_, reader)| reader),
            _ => self.steps.post.as_ref(),
        };
        let mut reading = reader.map_or_else(PostReader::absent, |reader| reader.read(asked, answer));
        if reading.price.is_some() {
            reading.currency = reading.currency.or(self.currency);
        }
        reading
    }

    /// The examples of the file.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Runs every example of the file.
    pub fn run_examples(&self) -> Vec<ExampleOutcome> {
        self.examples.iter().map(|example| example.run(self)).collect()
    }

    /// SHA-256 of the file it was read from.
    pub(crate) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Where the files of a contract with these parameters go; `None` if its posts are not rows of files.
    pub fn drop_off(&self, params: &Params) -> Option<Result<DropOff, RenderError>> {
        let scope = Scope {
            lead: &PingView::default(),
            row: None,
            params,
            call: Call::at(Moment::from_unix_ms(0)),
            sent: None,
        };
        self.delivery.as_ref()?.drop_off(&scope)
    }

    /// Does its post wait in an inbox?
    pub const fn has_inbox(&self) -> bool {
        matches!(self.delivery, Some(Delivery::Inbox(_)))
    }

    /// Does its post travel by something else than HTTP?
    pub(crate) const fn has_delivery(&self) -> bool {
        self.delivery.is_some()
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
    let currency = currency(&section, problems);
    let params = section
        .get("params")
        .map(|node| param::declared(node, problems))
        .unwrap_or_default();
    let tables = section.get("tables").map(|node| Tables::read(node, problems)).unwrap_or_default();
    let known = Known {
        params: &params,
        tables: &tables,
    };
    let mut all = Compiled::default();
    section.need("post", "an integration without a post can sell nothing", problems);
    for name in StepName::ALL {
        if let Some(node) = section.get(name.word()) {
            step(node, name, known, &mut all, problems);
        }
    }
    all.steps.check(&all.uses, problems);
    let present: Vec<StepName> = StepName::ALL
        .into_iter()
        .filter(|name| section.get(name.word()).is_some())
        .collect();
    let examples = section
        .get("examples")
        .map(|node| crate::example::declared(node, &present, problems))
        .unwrap_or_default();
    let (mut ping_fields, mut ping_optional) = (Vec::new(), Vec::new());
    for uses in [StepName::PrePing, StepName::Ping]
        .into_iter()
        .filter_map(|name| all.uses.remove(&name))
    {
        ping_fields.extend(uses.fields);
        ping_optional.extend(uses.optional);
    }
    // Without a post's answer there is a problem already, and nothing is built.
    if all.delivery.is_none() {
        all.steps.post.as_ref()?;
    }
    Some(Integration {
        label,
        currency,
        params,
        digest: Sha256::digest(text.as_bytes()).into(),
        requests: all.requests,
        steps: all.steps,
        delivery: all.delivery,
        ping_fields,
        ping_optional,
        examples,
    })
}

/// What has been compiled so far.
#[derive(Default)]
struct Compiled {
    requests: BTreeMap<StepName, RequestTemplate>,
    uses: BTreeMap<StepName, Uses>,
    steps: Steps,
    delivery: Option<Delivery>,
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

fn currency(section: &Section<'_>, problems: &mut Problems) -> Option<Currency> {
    let text = section.text("currency", problems)?;
    let currency = Currency::parse(text);
    if currency.is_none() {
        let line = section.get("currency").map_or(section.line, |node| node.line);
        problems.add(line, "currency", "is not a currency", "write its three letters: currency = \"USD\"");
    }
    currency
}

/// Compiles the request of a step, and its answer into `steps`.
fn step(node: &file::Node, name: StepName, known: Known<'_>, all: &mut Compiled, problems: &mut Problems) {
    let Some(section) = Section::open(node, name.word(), steps::keys(name), problems) else {
        return;
    };
    if name.is_heard() {
        return all.steps.answer(name, &section, known, problems);
    }
    let mut via = Some(Via::Http);
    if let Some(request) = section.need("request", "say what is sent", problems) {
        let mut compiler = Compiler::new(known.params, known.tables, name, problems);
        via = delivery::via(request, &mut compiler);
        match via {
            Some(Via::Http) => {
                let template = render::request(request, &mut compiler);
                all.requests.extend(template.map(|request| (name, request)));
            }
            Some(via) => all.delivery = delivery::delivery(via, request, &mut compiler),
            None => {}
        }
        all.uses.insert(name, compiler.used);
    }
    match (via, section.get("answer")) {
        (Some(Via::Http), _) => all.steps.answer(name, &section, known, problems),
        (Some(_), Some(answer)) => {
            let message = "whoever carries the post says what became of it";
            problems.add(answer.line, section.place("answer"), message, "take [post.answer] out");
        }
        _ => {}
    }
}
