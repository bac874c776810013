//! The answer of a step that is neither ping nor post: did it go well, and what is kept of it?

use super::again::Again;
use super::bid::{pick, words};
use super::document::Document;
use super::keep::{self, Keep};
use super::pick::Pick;
use super::rules::{Outcome, Rules};
use super::{AnswerFormat, FORMATS};
use crate::answer::{RawAnswer, StepOutcome, StepReading};
use crate::file::{Kind, Node, Section};
use crate::kept::Kept;
use crate::problem::Problems;
use crate::step::StepName;

/// A login that is good for longer is fetched anew all the same.
const LOGIN_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

const KEYS: [&str; 6] = ["format", "rules", "keep", "reason", "again_when", "expires_seconds"];

/// How the answer is read. `O` has the outcomes that the step knows.
#[derive(Debug)]
pub(crate) struct AckReader<O> {
    format: AnswerFormat,
    /// Without rules a 2xx that holds everything to be kept is `ok`.
    rules: Option<Rules<O>>,
    keep: Keep,
    reason: Option<Pick>,
    expires: Option<Expiry>,
    again: Again,
}

/// How long a login is good.
#[derive(Debug)]
enum Expiry {
    Fixed(u32),
    Said(Pick),
}

/// The outcomes of a login or a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AckOutcome {
    Ok,
    Error,
}

impl Outcome for AckOutcome {
    const WORDS: &'static [(&'static str, Self)] = &[("ok", Self::Ok), ("error", Self::Error)];
    const UNREAD: Self = Self::Error;

    fn is_good_news(self) -> bool {
        self == Self::Ok
    }
}

impl Outcome for StepOutcome {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("ok", Self::Ok),
        ("no_bid", Self::NoBid),
        ("duplicate", Self::Duplicate),
        ("error", Self::Error),
    ];
    const UNREAD: Self = Self::Error;

    fn is_good_news(self) -> bool {
        self == Self::Ok
    }
}

impl From<AckOutcome> for StepOutcome {
    fn from(outcome: AckOutcome) -> Self {
        match outcome {
            AckOutcome::Ok => Self::Ok,
            AckOutcome::Error => Self::Error,
        }
    }
}

impl<O: Outcome + Into<StepOutcome>> AckReader<O> {
    /// Reads the answer of a step.
    pub(crate) fn compile(step: StepName, node: &Node, problems: &mut Problems) -> Option<Self> {
        let known: Vec<&str> = KEYS.into_iter().filter(|key| may_have(step, key)).collect();
        let section = keep::open(step, node, &known, problems)?;
        section.need("format", "say how the answer is written", problems)?;
        let format = section.word("format", &FORMATS, problems)?;
        let rules = match section.get("rules") {
            Some(_) => Some(Rules::compile(&section, format, problems)?),
            None => None,
        };
        if step == StepName::Login {
            section.need(
                "keep",
                "say what the later steps show: keep = { token = \"access_token\" }",
                problems,
            );
        }
        Some(Self {
            format,
            rules,
            keep: Keep::compile(step, &section, format, problems),
            reason: pick(&section, "reason", format, problems),
            expires: section
                .get("expires_seconds")
                .and_then(|node| expiry(node, &section, format, problems)),
            again: Again::compile(&section, format, problems),
        })
    }

    /// Which answers say that the login is no longer good.
    pub(crate) const fn again(&self) -> &Again {
        &self.again
    }

    /// The full names of what it keeps.
    pub(crate) fn kept_names(&self) -> impl Iterator<Item = &str> {
        self.keep.names()
    }

    /// Reads an answer. Never fails: what cannot be read is an error with a note.
    pub(crate) fn read(&self, answer: &RawAnswer) -> StepReading {
        let document = Document::parse(self.format, answer);
        let mut reading = StepReading {
            outcome: StepOutcome::Error,
            kept: Kept::default(),
            expires_seconds: None,
            reason: None,
            notes: Vec::new(),
        };
        if let Some(rules) = &self.rules {
            let judged = rules.judge(answer, &document);
            (reading.outcome, reading.reason, reading.notes) = (judged.outcome.into(), judged.reason, judged.notes);
        } else if (200..300).contains(&answer.status) {
            reading.outcome = StepOutcome::Ok;
        } else {
            reading.notes.push(format!("HTTP {}", answer.status));
        }
        match &document {
            Ok(document) => self.values(document, &mut reading),
            Err(why) => {
                reading.outcome = StepOutcome::Error;
                reading.notes.push(why.clone());
            }
        }
        reading
    }

    fn values(&self, document: &Document<'_>, reading: &mut StepReading) {
        let from = document.cursor();
        if reading.outcome != StepOutcome::Ok {
            if reading.reason.is_none() {
                reading.reason = words(self.reason.as_ref(), from, &mut reading.notes);
            }
            return;
        }
        let kept = self.keep.read(from, &mut reading.notes);
        if let Some(name) = self.keep.lacking(&kept) {
            reading.outcome = StepOutcome::Error;
            reading.notes.push(format!("the answer has no {} to keep", keep::short(name)));
        }
        reading.kept = Kept::from(kept);
        reading.expires_seconds = match &self.expires {
            Some(Expiry::Fixed(seconds)) => Some(*seconds),
            Some(Expiry::Said(pick)) => match pick.one(from) {
                Ok(text) => text.and_then(|text| text.split('.').next()?.parse().ok()),
                Err(_) => None,
            },
            None => None,
        }
        .map(|seconds: u32| seconds.min(LOGIN_SECONDS_MAX));
    }
}

fn may_have(step: StepName, key: &str) -> bool {
    match key {
        "expires_seconds" => step == StepName::Login,
        "again_when" => step != StepName::Login,
        "keep" => !step.is_notice(),
        _ => true,
    }
}

/// `expires_seconds = 3600`, or where the answer says it.
fn expiry(node: &Node, section: &Section<'_>, format: AnswerFormat, problems: &mut Problems) -> Option<Expiry> {
    match node.kind {
        Kind::Int(seconds) => match u32::try_from(seconds) {
            Ok(seconds) if (1..=LOGIN_SECONDS_MAX).contains(&seconds) => Some(Expiry::Fixed(seconds)),
            _ => {
                let hint = "write a whole number of seconds, or where the answer says it: expires_seconds = \"expires_in\"";
                problems.add(node.line, section.place("expires_seconds"), "must lie between 1 and 2592000", hint);
                None
            }
        },
        _ => pick(section, "expires_seconds", format, problems).map(Expiry::Said),
    }
}
