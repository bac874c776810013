//! The steps beside ping and post: login, a call before the ping, completion, polls and notices.

use crate::answer::RawAnswer;
use crate::file::{Kind, Node, Section};
use crate::problem::{Problems, did_you_mean};
use crate::read::{AckOutcome, AckReader, Again, Known, PingReader, PostReader};
use crate::step::StepName;
use crate::template::Uses;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

const TIMEOUT_MS: RangeInclusive<i64> = 1..=300_000;
const EVERY_SECONDS: RangeInclusive<i64> = 1..=3_600;
const CARRIED: [(&str, Carried); 2] = [("body", Carried::Body), ("query", Carried::Query)];
const ASKS_ABOUT: [(&str, bool); 2] = [("queued", false), ("any_unknown", true)];
const FOR_SECONDS: RangeInclusive<i64> = 1..=7 * 24 * 3_600;

/// The answers of all steps, and their times.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    pub(crate) login: Option<AckReader<AckOutcome>>,
    pub(crate) pre_ping: Option<AckReader<crate::answer::StepOutcome>>,
    pub(crate) ping: Option<PingReader>,
    pub(crate) post: Option<PostReader>,
    pub(crate) completion: Option<PostReader>,
    pub(crate) poll: Option<(PollTimes, PostReader)>,
    pub(crate) callback: Option<(Carried, PostReader)>,
    /// Does the buyer take a post with the same id once, however often it is sent?
    pub(crate) idempotent: bool,
    /// A win and a loss need no answer: a 2xx will do.
    pub(crate) win: Option<AckReader<AckOutcome>>,
    pub(crate) loss: Option<AckReader<AckOutcome>>,
    timeouts: BTreeMap<StepName, Duration>,
    /// Steps that show what a login gave.
    with_login: Vec<StepName>,
}

/// Where a buyer that calls puts what it has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// In the body.
    Body,
    /// Behind the question mark of the address.
    Query,
}

/// How often and how long the final word on a queued post is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollTimes {
    /// Between two polls, and before the first.
    pub every: Duration,
    /// After the post was queued; then it stays unknown.
    pub for_at_most: Duration,
    /// Is it asked for too where the answer to the post was lost? By our id, which is all that both know then.
    pub any_unknown: bool,
}

impl Steps {
    /// Reads the answer of a step.
    pub(crate) fn answer(&mut self, step: StepName, section: &Section<'_>, known: Known<'_>, problems: &mut Problems) {
        if step == StepName::Post {
            self.idempotent = section.flag("idempotent", problems);
        }
        if let Some(timeout) = number(section, "timeout_ms", &TIMEOUT_MS, problems) {
            self.timeouts.insert(step, Duration::from_millis(timeout));
        }
        let node = match (section.get("answer"), step.is_notice()) {
            (None, true) => return,
            (None, false) => section.need("answer", "say how the answer is read", problems),
            (found, _) => found,
        };
        let Some(node) = node else { return };
        match step {
            StepName::Login => self.login = AckReader::compile(step, node, known, problems),
            StepName::PrePing => self.pre_ping = AckReader::compile(step, node, known, problems),
            StepName::Ping => self.ping = PingReader::compile(node, known, problems),
            StepName::Post => self.post = PostReader::compile(step, node, known, problems),
            StepName::Completion => self.completion = PostReader::compile(step, node, known, problems),
            StepName::Callback => {
                let carried = section.word("carried", &CARRIED, problems).unwrap_or(Carried::Body);
                self.callback = Some(carried).zip(PostReader::compile(step, node, known, problems));
            }
            StepName::Poll => {
                let times = times(section, problems);
                self.poll = times.zip(PostReader::compile(step, node, known, problems));
            }
            StepName::Win => self.win = AckReader::compile(step, node, known, problems),
            StepName::Loss => self.loss = AckReader::compile(step, node, known, problems),
        }
    }

    /// What each step speaks of must have been kept by one before it.
    pub(crate) fn check(&mut self, uses: &BTreeMap<StepName, Uses>, problems: &mut Problems) {
        self.check_calls(uses, problems);
        let kept: Vec<&str> = self.kept_names();
        let echoes: Vec<&str> = self.ping.iter().flat_map(PingReader::echo_names).collect();
        for (step, uses) in uses {
            let place = format!("{}.request", step.word());
            for (name, line) in uses.echoes.iter().filter(|(name, _)| !echoes.contains(&name.as_str())) {
                let near = did_you_mean(name, &echoes);
                let hint = format!("keep it under [ping.answer.bid] with echo = {{ {name} = \"…\" }}; {near}");
                problems.add(*line, &place, format!("{{bid.echo.{name}}} is not kept from the ping answer"), hint);
            }
            for (name, line) in uses.kept.iter().filter(|(name, _)| !kept.contains(&name.as_str())) {
                let (from, short) = name.rsplit_once('.').unwrap_or(("", name));
                let table = if from.ends_with(".answer") {
                    from.to_owned()
                } else {
                    format!("{from}.answer")
                };
                let near = did_you_mean(name, &kept);
                let hint = format!("keep it under [{table}] with keep = {{ {short} = \"…\" }}; {near}");
                problems.add(*line, &place, format!("{{{name}}} is not kept"), hint);
            }
        }
        let shows = |uses: &Uses| uses.kept.iter().any(|(name, _)| name.starts_with("login."));
        self.with_login = uses.iter().filter(|(_, uses)| shows(uses)).map(|(step, _)| *step).collect();
    }

    /// A buyer that is told where to call must be understood, and one that is asked whether it has a post at all has said
    /// nothing yet that could be repeated.
    fn check_calls(&self, uses: &BTreeMap<StepName, Uses>, problems: &mut Problems) {
        for (step, uses) in uses {
            if let (Some(line), None) = (uses.callback, &self.callback) {
                let hint = "say how its call is read: [callback.answer] with rules as in [post.answer]";
                let what = format!("{}.request", step.word());
                problems.add(
                    line,
                    what,
                    "{callback.url} tells the buyer to call, and there is no [callback]",
                    hint,
                );
            }
        }
        if self.poll.as_ref().is_some_and(|(times, _)| times.any_unknown) {
            let kept = uses.get(&StepName::Poll).into_iter().flat_map(|uses| &uses.kept);
            for (name, line) in kept.filter(|(name, _)| name.starts_with("post.") || name.starts_with("completion.")) {
                let message = format!("{{{name}}} is not known where the answer to the post was lost");
                problems.add(
                    *line,
                    "poll.request",
                    message,
                    "ask by {attempt.id}, or take asks_about = \"any_unknown\" out",
                );
            }
        }
    }

    fn kept_names(&self) -> Vec<&str> {
        let login = self.login.iter().flat_map(AckReader::kept_names);
        let pre_ping = self.pre_ping.iter().flat_map(AckReader::kept_names);
        let ping = self.ping.iter().flat_map(PingReader::kept_names);
        let posts = self.post.iter().chain(&self.completion).flat_map(PostReader::kept_names);
        login.chain(pre_ping).chain(ping).chain(posts).collect()
    }

    /// How long one call of a step may take, where the file says so.
    pub(crate) fn timeout(&self, step: StepName) -> Option<Duration> {
        self.timeouts.get(&step).copied()
    }

    /// Does the step show what a login gave?
    pub(crate) fn shows_login(&self, step: StepName) -> bool {
        self.with_login.contains(&step)
    }

    /// Does the answer of a step that shows a login say that it is no longer good?
    pub(crate) fn login_is_over(&self, step: StepName, answer: &RawAnswer) -> bool {
        let again = |again: Option<&Again>| again.is_some_and(|again| again.asks(answer));
        self.shows_login(step)
            && match step {
                StepName::Login | StepName::Callback => false,
                StepName::PrePing => again(self.pre_ping.as_ref().map(AckReader::again)),
                StepName::Ping => again(self.ping.as_ref().map(PingReader::again)),
                StepName::Post => again(self.post.as_ref().map(PostReader::again)),
                StepName::Completion => again(self.completion.as_ref().map(PostReader::again)),
                StepName::Poll => again(self.poll.as_ref().map(|(_, reader)| reader.again())),
                StepName::Win => again(self.win.as_ref().map(AckReader::again)),
                StepName::Loss => again(self.loss.as_ref().map(AckReader::again)),
            }
    }
}

/// The keys of a step's table.
pub(crate) fn keys(step: StepName) -> &'static [&'static str] {
    match step {
        StepName::Post => &["request", "answer", "timeout_ms", "idempotent"],
        StepName::Poll => &["request", "answer", "timeout_ms", "every_seconds", "for_seconds", "asks_about"],
        StepName::Callback => &["answer", "carried"],
        _ => &["request", "answer", "timeout_ms"],
    }
}

fn times(section: &Section<'_>, problems: &mut Problems) -> Option<PollTimes> {
    section.need("every_seconds", "say how often it is asked: every_seconds = 30", problems);
    section.need("for_seconds", "say for how long: for_seconds = 3600", problems);
    let every = number(section, "every_seconds", &EVERY_SECONDS, problems);
    let for_at_most = number(section, "for_seconds", &FOR_SECONDS, problems);
    let any_unknown = section.word("asks_about", &ASKS_ABOUT, problems);
    Some(PollTimes {
        every: Duration::from_secs(every?),
        for_at_most: Duration::from_secs(for_at_most?),
        any_unknown: any_unknown.unwrap_or(false),
    })
}

/// A whole number within bounds, if the key is there.
fn number(section: &Section<'_>, key: &str, bounds: &RangeInclusive<i64>, problems: &mut Problems) -> Option<u64> {
    let node: &Node = section.get(key)?;
    match node.kind {
        Kind::Int(number) if bounds.contains(&number) => u64::try_from(number).ok(),
        _ => {
            let message = format!("must be a whole number between {} and {}", bounds.start(), bounds.end());
            problems.add(node.line, section.place(key), message, "");
            None
        }
    }
}
