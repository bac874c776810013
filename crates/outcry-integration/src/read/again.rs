//! `again_when`: which answers say that a login is no longer good.

use super::condition::{Condition, Evidence, Held, condition};
use super::{AnswerFormat, Lens, heard};
use crate::answer::RawAnswer;
use crate::asked::Asked;
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
    pub(crate) fn compile(section: &Section<'_>, lens: Lens<'_>, problems: &mut Problems) -> Self {
        let when = section.get("again_when");
        let when = when.and_then(|node| condition(node, &section.place("again_when"), lens, problems));
        Self {
            format: lens.format.clone(),
            when,
        }
    }

    /// Does the answer say so? What cannot be read says nothing.
    pub(crate) fn asks(&self, answer: &RawAnswer) -> bool {
        let Some(when) = &self.when else {
            return answer.status == UNAUTHORIZED;
        };
        heard(
            &self.format,
            answer,
            Asked::of_nobody(),
            |from| matches!(when.holds(from), Ok(Held::Yes(evidence)) if from.heard.document.is_ok() || evidence >= Evidence::Value),
        )
    }
}
