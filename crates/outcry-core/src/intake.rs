//! Intake: what a campaign does with a lead before any contract is asked. It makes further values of what came in, has
//! outside services look at it, and takes it, refuses it or has somebody look at it.
//!
//! Pure: who calls the services brings their answers.

mod computed;
#[cfg(test)]
mod tests;

pub use computed::{Case, Computed, Recipe};

use crate::field::Group;
use crate::filter::Filter;
use crate::lead::{Lead, Slot};
use crate::moment::Moment;
use crate::reason::Reason;
use crate::value::Value;
use std::sync::Arc;

/// What a campaign does with a lead before any contract is asked.
#[derive(Debug, Default)]
pub struct Intake {
    /// Values made of others, in their order: a later one may look at an earlier one.
    pub computed: Vec<Computed>,
    /// Outside services that look at the lead, all at once.
    pub checks: Vec<Check>,
    /// What the campaign takes.
    pub accept: Filter,
    /// What becomes of a lead that it does not take.
    pub unaccepted: Unaccepted,
}

/// What becomes of a lead that the campaign does not take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unaccepted {
    /// It is not sold.
    #[default]
    Refuse,
    /// Somebody looks at it first.
    Review,
}

impl Unaccepted {
    /// All, with the words of files.
    pub const WORDS: [(&'static str, Self); 2] = [("refuse", Self::Refuse), ("review", Self::Review)];
}

/// An outside service that looks at a lead.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name.
    pub name: Arc<str>,
    /// Position of how to speak with it, among the checks of the catalog.
    pub binding: usize,
    /// Positions of the fields that it may see.
    pub sends: Vec<usize>,
    /// How long it may take.
    pub timeout_ms: u32,
    /// Most requests open to it at once.
    pub calls_max: u32,
    /// Is it asked of a ping already? Otherwise it is asked once, of the full lead.
    pub at_ping: bool,
    /// Which leads it is asked about; the others pass it by.
    pub when: Filter,
    /// What becomes of a lead of which it says no.
    pub on_fail: Policy,
    /// What becomes of a lead of which it says nothing in time, or nothing that can be read.
    pub on_unknown: Policy,
    /// What it says, as positions of the lead type's fields, by the names of the answer.
    pub results: Vec<(Arc<str>, usize)>,
}

/// What becomes of a lead of which a check does not say yes. None of them is silent: each is in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It is not sold.
    Block,
    /// It is sold all the same; that it was not checked stands in its record.
    Allow,
    /// It is sold, and marked for reports and the source's file.
    Flag,
    /// Somebody looks at it first.
    Review,
}

impl Policy {
    /// All, with the words of files.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("block", Self::Block),
        ("allow", Self::Allow),
        ("flag", Self::Flag),
        ("review", Self::Review),
    ];

    /// The word of files and records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Review => "review",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The lead passed.
    Pass,
    /// It did not.
    Fail {
        /// The service's words.
        said: Arc<str>,
    },
    /// Nobody knows.
    Unknown {
        /// What stood in the way.
        why: Arc<str>,
    },
    /// The lead is not one that it looks at.
    NotAsked,
}

impl Finding {
    /// The word of records and metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::Unknown { .. } => "unknown",
            Self::NotAsked => "not_asked",
        }
    }
}

/// What becomes of a lead at the intake.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Why no contract is asked, if so.
    pub refused: Option<Reason>,
    /// Why somebody should look at it, if so. A refusal stands above it.
    pub review: Option<Arc<str>>,
    /// What the record says of it.
    pub flags: Vec<Arc<str>>,
}

impl Intake {
    /// Puts the computed values into a lead.
    pub fn compute(&self, lead: &mut Lead, now: Moment) {
        for computed in &self.computed {
            let value = computed.of(lead, now);
            lead.row.set(computed.field, value.map(Slot::Open));
        }
    }

    /// Whether the campaign takes the lead, given what each check found. `reviewed` leads were let go by somebody who
    /// looked at them: what asks for a look does not ask again, and what refuses does.
    pub fn judge(&self, lead: &Lead, findings: &[Finding], reviewed: bool, now: Moment) -> Verdict {
        let mut verdict = Verdict::default();
        for (check, finding) in self.checks.iter().zip(findings) {
            verdict.hear(check, finding);
        }
        if let Err(refusal) = self.accept.admits(lead, now) {
            match self.unaccepted {
                Unaccepted::Refuse => verdict.refuse(Reason::NotAccepted {
                    part: refusal.part,
                    found: refusal.found,
                }),
                Unaccepted::Review => verdict.look(format!(
                    "the campaign does not take it: {} (the lead has {})",
                    refusal.part, refusal.found
                )),
            }
        }
        if reviewed && let Some(why) = verdict.review.take() {
            verdict.flags.push(format!("released from review: {why}").into());
        }
        verdict
    }
}

impl Verdict {
    fn hear(&mut self, check: &Check, finding: &Finding) {
        let name = &check.name;
        let (policy, reason, words) = match finding {
            Finding::Pass | Finding::NotAsked => return,
            Finding::Fail { said } => {
                let (check_name, said) = (name.clone(), said.clone());
                let words = format!("the check {name} says no: {said}");
                (check.on_fail, Reason::CheckFailed { check: check_name, said }, words)
            }
            Finding::Unknown { why } => {
                let (check_name, why) = (name.clone(), why.clone());
                let words = format!("the check {name} could not be made: {why}");
                (check.on_unknown, Reason::CheckUnavailable { check: check_name, why }, words)
            }
        };
        match policy {
            Policy::Block => self.refuse(reason),
            Policy::Review => self.look(words),
            Policy::Allow => self.flags.push(format!("allowed: {words}").into()),
            Policy::Flag => self.flags.push(format!("flagged: {words}").into()),
        }
    }

    fn refuse(&mut self, reason: Reason) {
        self.refused.get_or_insert(reason);
    }

    fn look(&mut self, why: String) {
        self.review.get_or_insert(why.into());
    }
}

/// What a check said, put into the fields that stand for it. A value that does not fit its field is left out.
pub fn take_results<'a>(lead: &mut Lead, check: &Check, said: impl Iterator<Item = (&'a str, &'a str)>, now: Moment) {
    for (name, text) in said {
        let Some((_, at)) = check.results.iter().find(|(known, _)| **known == *name) else {
            continue;
        };
        let field = lead.lead_type.fields.fields[*at].clone();
        debug_assert_eq!(field.group, Group::Derived, "results go into fields that no source can send");
        if let Ok(value) = crate::validate::check_value(&field, &crate::raw::Raw::Text(text.into()), now) {
            lead.row.set(*at, Some(Slot::Open(value)));
        }
    }
}

/// Is anything there to be asked of outside?
impl Intake {
    /// Which checks are asked about this lead.
    pub fn asked<'a>(&'a self, lead: &'a Lead, now: Moment) -> impl Iterator<Item = usize> + 'a {
        let asks = move |check: &Check| check.when.admits(lead, now).is_ok();
        self.checks
            .iter()
            .enumerate()
            .filter(move |(_, check)| asks(check))
            .map(|(at, _)| at)
    }

    /// The values that a lead of this campaign has at most beyond what a source sends.
    pub fn is_idle(&self) -> bool {
        self.computed.is_empty() && self.checks.is_empty()
    }
}

/// A value as a computed field keeps it.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}
