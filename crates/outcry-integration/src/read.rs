//! An answer into its meaning: first the verdict by rules, then prices, ids and reasons by readers.

mod ack;
mod again;
mod bid;
mod clean;
mod comparison;
mod condition;
mod document;
mod form;
mod json;
mod json_path;
mod keep;
mod legs;
mod pattern;
mod pick;
mod ping;
mod post;
mod price;
mod price_pick;
mod reader;
mod rules;
mod text;
mod visits;
mod xml_guard;
mod xml_path;

use crate::answer::RawAnswer;
use crate::asked::Asked;
use crate::file::{Node, Section};
use crate::param::ParamDef;
use crate::problem::Problems;
use crate::table::Tables;
pub(crate) use ack::{AckOutcome, AckReader};
pub(crate) use again::Again;
pub(crate) use clean::shown;
pub(crate) use comparison::{KEYS as TEST_KEYS, Test, tests};
pub(crate) use document::Found;
use document::{Cursor, Heard};
use form::Marks;
pub(crate) use ping::PingReader;
pub(crate) use post::PostReader;

/// How an answer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AnswerFormat {
    Json,
    Xml,
    /// Names and values.
    Form(Marks),
    /// Words that only regular expressions look at: plain text, HTML.
    Text,
    /// The body is not read; the status decides, and headers.
    Ignored,
}

/// What every step of a file may speak of.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) params: &'a [ParamDef],
    pub(crate) tables: &'a Tables,
}

/// What readers are compiled with.
#[derive(Clone, Copy)]
pub(crate) struct Lens<'a> {
    pub(crate) format: &'a AnswerFormat,
    pub(crate) known: Known<'a>,
    /// May `status = true` stand for the status as a value? In a condition it is one of its own.
    pub(crate) reads_status: bool,
}

/// The keys that say how an answer is written.
pub(crate) const FORMAT_KEYS: [&str; 3] = ["format", "separator", "pair"];

#[derive(Clone, Copy)]
enum Word {
    Json,
    Xml,
    Form,
    Text,
    Ignored,
}

const FORMATS: [(&str, Word); 5] = [
    ("json", Word::Json),
    ("xml", Word::Xml),
    ("form", Word::Form),
    ("text", Word::Text),
    ("none", Word::Ignored),
];

/// Reads `format`, and for pairs how they are written.
pub(crate) fn format(section: &Section<'_>, problems: &mut Problems) -> Option<AnswerFormat> {
    section.need("format", "say how the answer is written: json, xml, form, text or none", problems)?;
    let mark = |key: &str, problems: &mut Problems| section.text(key, problems).filter(|mark| !mark.is_empty()).map(Box::from);
    let (separator, pair) = (mark("separator", problems), mark("pair", problems));
    let word = section.word("format", &FORMATS, problems)?;
    if !matches!(word, Word::Form) && (separator.is_some() || pair.is_some()) {
        problems.add(
            section.line,
            section.place("format"),
            "has no pairs to separate",
            "use format = \"form\"",
        );
    }
    Some(match word {
        Word::Json => AnswerFormat::Json,
        Word::Xml => AnswerFormat::Xml,
        Word::Text => AnswerFormat::Text,
        Word::Ignored => AnswerFormat::Ignored,
        Word::Form => AnswerFormat::Form(Marks {
            separator,
            pair: pair.unwrap_or_else(|| "=".into()),
        }),
    })
}

impl<'a> Lens<'a> {
    /// For an answer of this format.
    pub(crate) const fn new(format: &'a AnswerFormat, known: Known<'a>) -> Self {
        Self {
            format,
            known,
            reads_status: false,
        }
    }

    /// Why a value of the file is no path here, and what would be one.
    fn no_path(&self, node: &Node) -> (String, &'static str) {
        let found = match (node.text(), self.format) {
            (_, AnswerFormat::Ignored) => "a path, but the body is not read".to_owned(),
            (_, AnswerFormat::Text) => "a path, but plain text has none".to_owned(),
            (None, _) => format!("{} where a path belongs", node.word()),
            (Some(path), _) => format!("\"{path}\" is not a path"),
        };
        let hint = match self.format {
            AnswerFormat::Ignored => "set format = \"json\" or \"xml\", or read a header",
            AnswerFormat::Text => "write { regex = \"price=([0-9.]+)\" }",
            AnswerFormat::Form(_) => "write the name as it is, and name[*] if it may stand several times",
            AnswerFormat::Json => "write it like status, data.bids[0].price, bids[*].price or [\"dotted.key\"]",
            AnswerFormat::Xml => "write it like response/status, //price or bid/@id, with local names and no prefixes",
        };
        (found, hint)
    }
}

/// Parses an answer and looks at it: text, document and whatever they hold live as long as the look.
pub(crate) fn heard<T>(format: &AnswerFormat, answer: &RawAnswer, asked: Asked<'_>, look: impl FnOnce(Cursor<'_>) -> T) -> T {
    let text = text::text_of(answer);
    let heard = Heard::new(format, answer, &text.text, text.fault, asked);
    look(heard.cursor())
}

/// Yes or no, by the words the trade uses.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "on" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "off" => Some(false),
        _ => None,
    }
}
