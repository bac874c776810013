//! The verdict: rules in order, the first that holds decides.

use super::condition::{Condition, condition};
use super::document::{Cursor, Document, Found, Twice};
use super::{AnswerFormat, clean};
use crate::answer::RawAnswer;
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use std::sync::Arc;

/// Rules of one answer.
#[derive(Debug)]
pub(crate) struct Rules<O>(Box<[Rule<O>]>);

#[derive(Debug)]
struct Rule<O> {
    when: Option<Condition>,
    outcome: O,
    /// Said instead of what the answer says.
    reason: Option<Arc<str>>,
}

/// What an outcome promises.
pub(crate) trait Outcome: Copy + 'static {
    /// The words of the file.
    const WORDS: &'static [(&'static str, Self)];
    /// Taken when no rule holds, and for whatever cannot be read.
    const UNREAD: Self;

    /// Does it lead to money or to a lead that is gone? Then only a plain success may say so.
    fn is_good_news(self) -> bool;
}

/// A verdict, and what was noteworthy on the way.
#[derive(Debug)]
pub(crate) struct Judged<O> {
    pub(crate) outcome: O,
    pub(crate) reason: Option<Arc<str>>,
    pub(crate) notes: Vec<String>,
}

impl<O: Outcome> Rules<O> {
    /// Reads `rules` of an answer.
    pub(crate) fn compile(section: &Section<'_>, format: AnswerFormat, problems: &mut Problems) -> Option<Self> {
        let node = section.need("rules", "say which answers mean what: [[….answer.rules]]", problems)?;
        let what = section.place("rules");
        let Kind::Array(items) = &node.kind else {
            problems.add(
                node.line,
                what,
                format!("{} where a list of rules belongs", node.word()),
                "write each as [[….answer.rules]]",
            );
            return None;
        };
        let rules: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(at, item)| rule(item, format!("{what}[{at}]"), format, problems))
            .collect();
        if let Some((at, _)) = items
            .iter()
            .enumerate()
            .rev()
            .skip(1)
            .find(|(at, _)| matches!(rules.get(*at), Some(Some(Rule { when: None, .. }))))
        {
            problems.add(
                items[at].line,
                format!("{what}[{at}]"),
                "always holds, so the rules after it never count",
                "add `when`, or move it to the end",
            );
        }
        rules.into_iter().collect::<Option<_>>().map(Self)
    }

    /// Judges an answer that was parsed, or one that could not be.
    pub(crate) fn judge(&self, answer: &RawAnswer, document: &Result<Document<'_>, String>) -> Judged<O> {
        match document {
            Ok(document) => self.judge_read(answer.status, document.cursor()),
            Err(why) => self.judge_unread(answer.status, why),
        }
    }

    fn judge_read(&self, status: u16, from: Cursor<'_>) -> Judged<O> {
        for rule in &self.0 {
            if !rule.may_speak(status) {
                continue;
            }
            match rule.when.as_ref().map_or(Ok(true), |when| when.holds(status, from)) {
                Ok(true) => {
                    return Judged {
                        outcome: rule.outcome,
                        reason: rule.reason.clone(),
                        notes: Vec::new(),
                    };
                }
                Ok(false) => {}
                Err(Twice(what)) => return unread(what),
            }
        }
        unread(self.nothing_held(status, from))
    }

    /// The status alone may decide, but never for good news: a page in place of an answer is no sale.
    fn judge_unread(&self, status: u16, why: &str) -> Judged<O> {
        let decides = |rule: &&Rule<O>| {
            let only = rule.when.as_ref().is_some_and(Condition::speaks_of_status_only);
            only && !rule.outcome.is_good_news()
                && rule
                    .when
                    .as_ref()
                    .is_some_and(|when| when.holds(status, Cursor::Nowhere) == Ok(true))
        };
        let judged = self.0.iter().find(decides).map(|rule| (rule.outcome, rule.reason.clone()));
        let (outcome, reason) = judged.unwrap_or((O::UNREAD, None));
        Judged {
            outcome,
            reason,
            notes: vec![format!("{why}; status {status}")],
        }
    }

    /// Names the words that no rule knew.
    fn nothing_held(&self, status: u16, from: Cursor<'_>) -> String {
        let mut readers = Vec::new();
        self.0
            .iter()
            .filter_map(|rule| rule.when.as_ref())
            .for_each(|when| when.readers(&mut readers));
        let mut words = Vec::new();
        for reader in readers.into_iter().take(3) {
            // A name that stands twice was reported by the rule that met it.
            let _ = reader.find(from, &mut |found| {
                if let Found::Text(text) = found {
                    words.extend(clean::shown(&text.chars().take(40).collect::<String>()));
                }
            });
        }
        words.truncate(3);
        let said = if words.is_empty() {
            String::new()
        } else {
            format!(", which says \"{}\"", words.join("\", \""))
        };
        format!("no rule knows this answer{said}; status {status}")
    }
}

impl<O: Outcome> Rule<O> {
    /// A failure of the server, and good news outside of a 2xx, count only for a rule that speaks of the status.
    fn may_speak(&self, status: u16) -> bool {
        let plain = if self.outcome.is_good_news() {
            (200..300).contains(&status)
        } else {
            status < 500
        };
        plain || self.when.as_ref().is_some_and(Condition::speaks_of_status)
    }
}

fn unread<O: Outcome>(note: String) -> Judged<O> {
    Judged {
        outcome: O::UNREAD,
        reason: None,
        notes: vec![note],
    }
}

fn rule<O: Outcome>(node: &Node, what: String, format: AnswerFormat, problems: &mut Problems) -> Option<Rule<O>> {
    let section = Section::open(node, what, &["when", "outcome", "reason"], problems)?;
    let when = section
        .get("when")
        .map(|when| condition(when, &section.place("when"), format, problems));
    let reason = section.text("reason", problems).and_then(clean::shown);
    section.need("outcome", "say what the answer means", problems)?;
    let outcome = section.word("outcome", O::WORDS, problems);
    let when = match when {
        Some(when) => Some(when?),
        None => None,
    };
    Some(Rule {
        when,
        outcome: outcome?,
        reason,
    })
}
