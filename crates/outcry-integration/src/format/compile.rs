//! `format = "xml"` and the keys that go with it into a [`Format`].

use super::soap::{Soap, Version};
use super::text::Layout;
use super::{Format, Nesting};
use crate::body::{Missing, rooted};
use crate::file::{Kind, Section};
use crate::template::Compiler;

/// The keys that say more about a format, in a request and in a document inside of a value.
pub(crate) const KEYS: [&str; 7] = [
    "nesting",
    "declaration",
    "instruction",
    "action",
    "soap_header",
    "separator",
    "pair",
];

const NESTINGS: [(&str, Nesting); 4] = [
    ("brackets", Nesting::Brackets),
    ("dots", Nesting::Dots),
    ("repeat", Nesting::Repeat),
    ("empty_brackets", Nesting::EmptyBrackets),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Json,
    Form,
    Query,
    Xml,
    Soap(Version),
    Text,
    Multipart,
}

const WORDS: [(&str, Word); 8] = [
    ("json", Word::Json),
    ("form", Word::Form),
    ("query", Word::Query),
    ("xml", Word::Xml),
    ("soap11", Word::Soap(Version::V11)),
    ("soap12", Word::Soap(Version::V12)),
    ("text", Word::Text),
    ("multipart", Word::Multipart),
];

/// Reads the format that stands under `key` and what belongs to it; `None` if it is not there or not known.
pub(crate) fn format(key: &str, section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Format> {
    let word = section.word(key, &WORDS, compiler.problems)?;
    refuse_foreign_keys(word, section, compiler);
    let nesting = section.word("nesting", &NESTINGS, compiler.problems).unwrap_or(Nesting::Brackets);
    Some(match word {
        Word::Json => Format::Json,
        Word::Form => Format::Form(nesting),
        Word::Query => Format::Query(nesting),
        Word::Multipart => Format::Multipart(nesting),
        Word::Xml => Format::Xml {
            declaration: section.get("declaration").is_none() || section.flag("declaration", compiler.problems),
            instruction: instruction(section, compiler),
        },
        Word::Soap(version) => Format::Soap(Box::new(soap(version, section, compiler)?)),
        Word::Text => Format::Text(layout(nesting, section, compiler)?),
    })
}

/// A key that another format would understand is a mistake here.
fn refuse_foreign_keys(word: Word, section: &Section<'_>, compiler: &mut Compiler<'_>) {
    for (key, used, formats) in [
        (
            "nesting",
            matches!(word, Word::Form | Word::Query | Word::Text | Word::Multipart),
            "form, query, text and multipart",
        ),
        ("declaration", word == Word::Xml, "xml"),
        ("instruction", word == Word::Xml, "xml"),
        ("action", matches!(word, Word::Soap(_)), "soap11 and soap12"),
        ("soap_header", matches!(word, Word::Soap(_)), "soap11 and soap12"),
        ("separator", word == Word::Text, "text"),
        ("pair", word == Word::Text, "text"),
    ] {
        if let Some(node) = section.get(key).filter(|_| !used) {
            let message = format!("goes with {formats} only");
            compiler.problems.add(node.line, section.place(key), message, "");
        }
    }
}

/// `instruction = 'adf version="1.0"'`
fn instruction(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Box<str>> {
    let text = section.text("instruction", compiler.problems)?;
    let names_something = text.starts_with(|first: char| first.is_ascii_alphabetic()) && !text.to_ascii_lowercase().starts_with("xml");
    if names_something && !text.contains("?>") && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Some(text.into());
    }
    let hint = "write it without its brackets: instruction = 'adf version=\"1.0\"'";
    compiler
        .problems
        .add(section.line, section.place("instruction"), "is not a processing instruction", hint);
    None
}

fn soap(version: Version, section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Soap> {
    let action = section.text("action", compiler.problems);
    if action.is_some_and(|action| !action.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))) {
        let line = section.get("action").map_or(section.line, |node| node.line);
        let message = "is an address of plain letters, as the buyer's instructions write it";
        compiler.problems.add(line, section.place("action"), message, "");
        return None;
    }
    let bare = Soap::new(version, action, None);
    let Some(node) = section.get("soap_header") else {
        return Some(bare);
    };
    let header = rooted(
        node,
        &section.place("soap_header"),
        &Format::Soap(Box::new(bare)),
        Missing::LeaveOut,
        compiler,
    )?;
    Some(Soap::new(version, action, Some(header)))
}

fn layout(nesting: Nesting, section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Layout> {
    let mut mark = |key: &str, otherwise: &str| match section.get(key).map(|node| (node, &node.kind)) {
        None => Some(otherwise.to_owned()),
        Some((_, Kind::Text(text))) if !text.is_empty() => Some(text.clone()),
        Some((node, _)) => {
            let message = "is one or more letters in quotes";
            compiler
                .problems
                .add(node.line, section.place(key), message, "write it like separator = \"|\"");
            None
        }
    };
    let (separator, pair) = (mark("separator", "\n"), mark("pair", "="));
    Some(Layout::new(nesting, &separator?, &pair?))
}
