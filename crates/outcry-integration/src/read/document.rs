//! An answer, parsed: one way to find values whatever the format, and nothing to find if it does not parse.

use super::AnswerFormat;
use super::form::{Form, Marks};
use super::json::Json;
use super::visits::Visits;
use super::xml_guard;
use crate::answer::RawAnswer;
use crate::asked::Asked;
use std::borrow::Cow;
use std::cell::RefCell;

/// XML nodes an answer may have; thirty legs of a hundred values each stay far below.
const XML_NODES_MAX: u32 = 100_000;

/// An answer while it is read: what came, and what was asked.
pub(crate) struct Heard<'d> {
    pub(crate) status: u16,
    pub(crate) text: &'d str,
    /// Why it could not be parsed, in the place of a document.
    pub(crate) document: Result<Document<'d>, String>,
    pub(crate) asked: Asked<'d>,
    answer: &'d RawAnswer,
    pub(crate) visits: Visits,
    /// What could not be read on the way to the verdict.
    doubts: RefCell<Vec<String>>,
}

/// The body of an answer, or a text found in it, parsed.
pub(crate) enum Document<'d> {
    Json(Json<'d>),
    Xml(roxmltree::Document<'d>),
    Form(Form<'d>),
    /// Only patterns look at it.
    Text(&'d str),
    /// The file says not to read it.
    Ignored,
}

/// A place in an answer from which readers begin.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'d> {
    pub(crate) heard: &'d Heard<'d>,
    pub(crate) at: At<'d>,
}

/// Where a cursor stands.
#[derive(Clone, Copy)]
pub(crate) enum At<'d> {
    Json {
        root: &'d Json<'d>,
        at: &'d Json<'d>,
    },
    Xml {
        root: roxmltree::Node<'d, 'd>,
        at: roxmltree::Node<'d, 'd>,
    },
    Form(&'d Form<'d>),
    /// A text found by a reader.
    Text(&'d str),
    Nowhere,
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found<'d> {
    /// Null, blank text, an empty list.
    Nothing,
    /// Trimmed, not blank.
    Text(Cow<'d, str>),
    /// Something with parts.
    Structure,
}

/// Why a value cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It stands twice, or differs from place to place: nobody may choose.
    Twice(String),
    /// It stands where nothing could be read. Another reader may find it.
    Unreadable(Cow<'static, str>),
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Twice(what) => f.write_str(what),
            Self::Unreadable(what) => f.write_str(what),
        }
    }
}

impl<'d> Heard<'d> {
    /// Parses an answer whose text is known, and what is wrong with the text.
    pub(crate) fn new(format: &AnswerFormat, answer: &'d RawAnswer, text: &'d str, fault: Option<&str>, asked: Asked<'d>) -> Self {
        let document = match (format, fault) {
            (AnswerFormat::Json | AnswerFormat::Xml | AnswerFormat::Form(_), Some(fault)) => Err(fault.to_owned()),
            _ => Document::parse(format, text),
        };
        Self {
            status: answer.status,
            text,
            document,
            asked,
            answer,
            visits: Visits::default(),
            doubts: RefCell::default(),
        }
    }

    /// The place where it begins.
    pub(crate) fn cursor(&'d self) -> Cursor<'d> {
        Cursor {
            heard: self,
            at: self.document.as_ref().map_or(At::Nowhere, Document::begin),
        }
    }

    /// A header of the answer; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&'d str> {
        self.answer.header(name)
    }

    /// What a path finds where there is no document for it: nothing, if that is how the file wants it.
    ///
    /// # Errors
    /// The answer did not parse, so nobody knows.
    pub(crate) fn unparsed(&self) -> Result<(), Doubt> {
        match &self.document {
            Ok(_) => Ok(()),
            Err(why) => Err(Doubt::Unreadable(Cow::Owned(why.clone()))),
        }
    }

    /// That the answer does not parse is said once, not again for each thing that is not found for it.
    pub(crate) fn say_once(&self, notes: &mut Vec<String>) {
        let Err(why) = &self.document else { return };
        let mut said = false;
        notes.retain(|note| !(note.contains(why.as_str()) && std::mem::replace(&mut said, true)));
    }

    /// Remembers what could not be read, once.
    pub(crate) fn doubt(&self, why: &str) {
        let mut doubts = self.doubts.borrow_mut();
        if doubts.len() < 3 && !doubts.iter().any(|known| known == why) {
            doubts.push(why.to_owned());
        }
    }

    /// What could not be read so far.
    pub(crate) fn doubts(&self) -> Vec<String> {
        self.doubts.borrow().clone()
    }
}

impl<'d> Document<'d> {
    /// Parses a text.
    ///
    /// # Errors
    /// Why it cannot be read, without a word of it.
    pub(crate) fn parse(format: &AnswerFormat, text: &'d str) -> Result<Self, String> {
        match format {
            AnswerFormat::Ignored => Ok(Self::Ignored),
            _ if text.bytes().all(|byte| byte.is_ascii_whitespace()) => Err("the answer is empty".to_owned()),
            AnswerFormat::Json => json(text).map(Self::Json),
            AnswerFormat::Xml => xml(text).map(Self::Xml),
            AnswerFormat::Form(marks) => form(text, marks).map(Self::Form),
            AnswerFormat::Text => Ok(Self::Text(text)),
        }
    }

    /// Where paths begin.
    pub(crate) fn begin(&'d self) -> At<'d> {
        match self {
            Self::Json(root) => At::Json { root, at: root },
            Self::Xml(document) => At::Xml {
                root: document.root(),
                at: document.root(),
            },
            Self::Form(form) => At::Form(form),
            Self::Text(text) => At::Text(text),
            Self::Ignored => At::Nowhere,
        }
    }
}

impl Found<'_> {
    /// The same, with nothing borrowed.
    pub(crate) fn into_owned(self) -> Found<'static> {
        match self {
            Self::Nothing => Found::Nothing,
            Self::Structure => Found::Structure,
            Self::Text(text) => Found::Text(Cow::Owned(text.into_owned())),
        }
    }
}

fn json(text: &str) -> Result<Json<'_>, String> {
    serde_json::from_str(text).map_err(|wrong| {
        let kind = if wrong.to_string().contains("recursion limit") {
            "the answer is nested too deeply"
        } else {
            "the answer is not valid JSON"
        };
        format!("{kind} (line {}, column {})", wrong.line(), wrong.column())
    })
}

fn form<'d>(text: &'d str, marks: &Marks) -> Result<Form<'d>, String> {
    Form::parse(text, marks).map_err(str::to_owned)
}

fn xml(text: &str) -> Result<roxmltree::Document<'_>, String> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: XML_NODES_MAX,
        ..Default::default()
    };
    let text = without_doctype(text.trim())?;
    xml_guard::look_over(text)?;
    roxmltree::Document::parse_with_options(text, options).map_err(|wrong| match wrong {
        roxmltree::Error::DtdDetected => "the answer holds a DOCTYPE where none belongs".to_owned(),
        roxmltree::Error::NodesLimitReached => "the answer has too many XML elements".to_owned(),
        other => format!("the answer is not valid XML (line {}, column {})", other.pos().row, other.pos().col),
    })
}

/// The document behind its DOCTYPE. What that names is never fetched, and one that declares anything is refused:
/// an entity is how a short answer becomes a long one.
fn without_doctype(text: &str) -> Result<&str, String> {
    const MARK: &str = "<!doctype";
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let skipped = if rest.starts_with("<?") {
            rest.split_once("?>")
        } else if rest.starts_with("<!--") {
            rest.split_once("-->")
        } else {
            break;
        };
        match skipped {
            Some((_, after)) => rest = after,
            None => return Ok(text),
        }
    }
    if !rest.get(..MARK.len()).is_some_and(|start| start.eq_ignore_ascii_case(MARK)) {
        return Ok(text);
    }
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok(&rest[at + 1..]),
            (None, b'[') => return Err("the answer declares things in its DOCTYPE, which is not read".to_owned()),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    Err("the DOCTYPE of the answer does not end".to_owned())
}
