//! `again_when`: which answers say that a login is no longer good.

use super::AnswerFormat;
use super::condition::{Condition, condition};
use super::document::{Cursor, Document};
use crate::answer::RawAnswer;
use crate::file::Section;
use crate::problem::Problems;

/// The condition of a step, or a 401.
#[derive(Debug)]
pub(crate) struct Again {
    format: AnswerFormat,
    when: Option<Condition>,
}

/// "Unauthorized" (RFC 9110, section 15.5.2).
const UNAUTHORIZED: u16 = 401;

impl Again {
    /// Reads `again_when` of an answer.
    pub(crate) fn compile(section: &Section<'_>, format: AnswerFormat, problems: &mut Problems) -> Self {
        let when = section.get("again_when");
        let when = when.and_then(|node| condition(node, &section.place("again_when"), format, problems));
        Self { format, when }
    }

    /// Does the answer say so? One that cannot be parsed says it by its status alone.
    pub(crate) fn asks(&self, answer: &RawAnswer) -> bool {
        let Some(when) = &self.when else {
            return answer.status == UNAUTHORIZED;
        };
        match Document::parse(self.format, answer) {
            Ok(document) => when.holds(answer.status, document.cursor()) == Ok(true),
            Err(_) => when.speaks_of_status_only() && when.holds(answer.status, Cursor::Nowhere) == Ok(true),
        }
    }
}
