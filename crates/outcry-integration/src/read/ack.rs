//! The answer of a step that is neither ping nor post: did it go well, and what is kept of it?

use super::again::Again;
use super::bid::{pick, words};
use super::document::Cursor;
use super::keep::{self, Keep};
use super::pick::Pick;
use super::rules::{Outcome, Rules};
use super::{AnswerFormat, FORMAT_KEYS, Known, Lens, heard};
use crate::answer::{RawAnswer, StepOutcome, StepReading};
use crate::asked::Asked;
use crate::discreet::Discreet;
use crate::file::{Kind, Node, Section};
use crate::kept::Kept;
use crate::problem::Problems;
use crate::step::StepName;

/// A login that is good for longer is fetched anew all the same.
const LOGIN_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

const KEYS: [&str; 5] = ["rules", "keep", "reason", "again_when", "expires_seconds"];

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
    pub(crate) fn compile(step: StepName, node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Self> {
        let keys = KEYS.into_iter().chain(FORMAT_KEYS).filter(|key| may_have(step, key));
        let section = keep::open(step, node, &keys.collect::<Vec<_>>(), problems)?;
        let format = super::format(&section, problems)?;
        let lens = Lens::new(&format, known);
        let rules = match section.get("rules") {
            Some(_) => Some(Rules::compile(&section, lens, problems)?),
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
            rules,
            keep: Keep::compile(step, &section, lens, problems),
            reason: pick(&section, "reason", lens, problems),
            expires: section
                .get("expires_seconds")
                .and_then(|node| expiry(node, &section, lens, problems)),
            again: Again::compile(&section, lens, problems),
            format,
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
    pub(crate) fn read(&self, asked: Asked<'_>, answer: &RawAnswer) -> StepReading {
        heard(&self.format, answer, asked, |from| self.read_from(from)).discreet(asked)
    }

    fn read_from(&self, from: Cursor<'_>) -> StepReading {
        let status = from.heard.status;
        let mut reading = StepReading {
            outcome: StepOutcome::Error,
            kept: Kept::default(),
            expires_seconds: None,
            reason: None,
            notes: Vec::new(),
        };
        if let Some(rules) = &self.rules {
            let judged = rules.judge(from);
            (reading.outcome, reading.reason, reading.notes) = (judged.outcome.into(), judged.reason, judged.notes);
        } else if (200..300).contains(&status) {
            reading.outcome = StepOutcome::Ok;
            // Where something is to be kept it may still be found in the text, and is looked for below.
            if let Err(why) = &from.heard.document {
                reading.notes.push(why.clone());
                if self.keep.names().next().is_none() {
                    reading.outcome = StepOutcome::Error;
                }
            }
        } else {
            reading.notes.push(format!("HTTP {status}"));
        }
        self.values(from, &mut reading);
        from.heard.say_once(&mut reading.notes);
        reading
    }

    fn values(&self, from: Cursor<'_>, reading: &mut StepReading) {
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
fn expiry(node: &Node, section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<Expiry> {
    match node.kind {
        Kind::Int(seconds) => match u32::try_from(seconds) {
            Ok(seconds) if (1..=LOGIN_SECONDS_MAX).contains(&seconds) => Some(Expiry::Fixed(seconds)),
            _ => {
                let hint = "write a whole number of seconds, or where the answer says it: expires_seconds = \"expires_in\"";
                problems.add(node.line, section.place("expires_seconds"), "must lie between 1 and 2592000", hint);
                None
            }
        },
        _ => pick(section, "expires_seconds", lens, problems).map(Expiry::Said),
    }
}
