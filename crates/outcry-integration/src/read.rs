//! An answer into its meaning: first the verdict by rules, then prices, ids and reasons by path.

mod ack;
mod again;
mod bid;
mod clean;
mod comparison;
mod condition;
mod document;
mod json;
mod json_path;
mod keep;
mod pick;
mod ping;
mod post;
mod price;
mod rules;
mod xml_path;

pub(crate) use ack::{AckOutcome, AckReader};
pub(crate) use again::Again;
pub(crate) use clean::shown;
pub(crate) use comparison::{KEYS as TEST_KEYS, Test, tests};
pub(crate) use document::Found;
pub(crate) use ping::PingReader;
pub(crate) use post::PostReader;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerFormat {
    Json,
    Xml,
    /// The body is not read; the status decides.
    Ignored,
}

/// The words of `format` in an answer.
const FORMATS: [(&str, AnswerFormat); 3] = [
    ("json", AnswerFormat::Json),
    ("xml", AnswerFormat::Xml),
    ("none", AnswerFormat::Ignored),
];

/// Yes or no, by the words the trade uses.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "on" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "off" => Some(false),
        _ => None,
    }
}
