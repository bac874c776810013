//! The verdict: rules in order, the first that holds decides.

use super::condition::{Condition, Evidence, Held, condition};
use super::document::{Cursor, Found};
use super::{Lens, clean};
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

    /// What it must rest on in an answer of which not everything could be read. A page in place of an answer has no
    /// word of a buyer in it, and from what is missing there nothing follows.
    fn least_evidence(self) -> Evidence {
        if self.is_good_news() { Evidence::Plain } else { Evidence::Value }
    }
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
    pub(crate) fn compile(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Option<Self> {
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
            .map(|(at, item)| rule(item, format!("{what}[{at}]"), lens, problems))
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

    /// Judges an answer. A rule that hangs on what cannot be read does not hold, and from then on the others need
    /// evidence.
    pub(crate) fn judge(&self, from: Cursor<'_>) -> Judged<O> {
        let heard = from.heard;
        let mut unread = heard.document.as_ref().err().cloned();
        for rule in self.0.iter().filter(|rule| rule.may_speak(heard.status)) {
            let held = match &rule.when {
                None => Held::Yes(Evidence::Absence),
                Some(when) => match when.holds(from) {
                    Ok(held) => held,
                    Err(doubt) => return self::unread(doubt.to_string()),
                },
            };
            match held {
                Held::Yes(evidence) if unread.is_none() || evidence >= rule.outcome.least_evidence() => {
                    return Judged {
                        outcome: rule.outcome,
                        reason: rule.reason.clone(),
                        notes: unread.map(|why| fallback(&why, heard.status)).into_iter().collect(),
                    };
                }
                Held::Unclear if unread.is_none() => unread = heard.doubts().pop(),
                Held::Yes(_) | Held::No | Held::Unclear => {}
            }
        }
        match unread {
            Some(why) => self::unread(format!("{why}; status {}", heard.status)),
            None => self::unread(self.nothing_held(from)),
        }
    }

    /// Names the words that no rule knew.
    fn nothing_held(&self, from: Cursor<'_>) -> String {
        let mut readers = Vec::new();
        self.0
            .iter()
            .filter_map(|rule| rule.when.as_ref())
            .for_each(|when| when.readers(&mut readers));
        let mut words: Vec<Arc<str>> = Vec::new();
        for reader in readers.into_iter().filter(|reader| !reader.is_status()).take(8) {
            // A name that stands twice was reported by the rule that met it.
            let _ = reader.find(from, &mut |found| {
                if let Found::Text(text) = found
                    && words.len() < 3
                {
                    let word = clean::shown(&from.heard.asked.hide(&text).chars().take(40).collect::<String>());
                    words.extend(word.filter(|word| !words.contains(word)));
                }
            });
        }
        let said = if words.is_empty() {
            String::new()
        } else {
            format!(", which says \"{}\"", words.join("\", \""))
        };
        format!("no rule knows this answer{said}; status {}", from.heard.status)
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

/// The note about a verdict that was read around what could not be.
fn fallback(why: &str, status: u16) -> String {
    format!("{why}; judged by what could be read; status {status}")
}

fn unread<O: Outcome>(note: String) -> Judged<O> {
    Judged {
        outcome: O::UNREAD,
        reason: None,
        notes: vec![note],
    }
}

fn rule<O: Outcome>(node: &Node, what: String, lens: Lens<'_>, problems: &mut Problems) -> Option<Rule<O>> {
    let section = Section::open(node, what, &["when", "outcome", "reason"], problems)?;
    let when = section
        .get("when")
        .map(|when| condition(when, &section.place("when"), lens, problems));
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
