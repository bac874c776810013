//! An answer, parsed: one way to find values whatever the format, and nothing to find if it does not parse.

use super::AnswerFormat;
use super::json::Json;
use super::json_path::JsonPath;
use super::xml_path::{XmlFound, XmlPath};
use crate::answer::RawAnswer;
use std::borrow::Cow;

/// XML nodes an answer may have; thirty legs of a hundred values each stay far below.
const XML_NODES_MAX: u32 = 100_000;

/// The body of an answer, parsed.
pub(crate) enum Document<'d> {
    Json(Json<'d>),
    Xml(roxmltree::Document<'d>),
    /// The file says not to read it.
    Ignored,
}

/// A place in an answer from which paths begin.
#[derive(Clone, Copy)]
pub(crate) enum Cursor<'d> {
    Json {
        root: &'d Json<'d>,
        at: &'d Json<'d>,
    },
    Xml {
        root: roxmltree::Node<'d, 'd>,
        at: roxmltree::Node<'d, 'd>,
    },
    Nowhere,
}

/// How one value is found. Each kind of answer has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Json(JsonPath),
    Xml(XmlPath),
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

/// What makes an answer ambiguous.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Twice(pub(crate) String);

impl<'d> Document<'d> {
    /// Parses the body.
    ///
    /// # Errors
    /// Why it cannot be read, without a word of it.
    pub(crate) fn parse(format: AnswerFormat, answer: &'d RawAnswer) -> Result<Self, String> {
        let body = answer.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&answer.body);
        match format {
            AnswerFormat::Ignored => Ok(Self::Ignored),
            _ if body.iter().all(u8::is_ascii_whitespace) => Err("the answer is empty".to_owned()),
            AnswerFormat::Json => json(body).map(Self::Json),
            AnswerFormat::Xml => xml(body).map(Self::Xml),
        }
    }

    /// The place where it begins.
    pub(crate) fn cursor(&'d self) -> Cursor<'d> {
        match self {
            Self::Json(root) => Cursor::Json { root, at: root },
            Self::Xml(document) => Cursor::Xml {
                root: document.root(),
                at: document.root(),
            },
            Self::Ignored => Cursor::Nowhere,
        }
    }
}

fn json(body: &[u8]) -> Result<Json<'_>, String> {
    serde_json::from_slice(body).map_err(|wrong| {
        let kind = if wrong.to_string().contains("recursion limit") {
            "the answer is nested too deeply"
        } else {
            "the answer is not valid JSON"
        };
        format!("{kind} (line {}, column {})", wrong.line(), wrong.column())
    })
}

fn xml(body: &[u8]) -> Result<roxmltree::Document<'_>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: XML_NODES_MAX,
        ..Default::default()
    };
    roxmltree::Document::parse_with_options(text, options).map_err(|wrong| match wrong {
        roxmltree::Error::DtdDetected => "the answer holds a DOCTYPE, which is not read".to_owned(),
        roxmltree::Error::NodesLimitReached => "the answer has too many XML elements".to_owned(),
        other => format!("the answer is not valid XML (line {}, column {})", other.pos().row, other.pos().col),
    })
}

impl Reader {
    /// Reads a path of the file.
    pub(crate) fn parse(format: AnswerFormat, path: &str) -> Option<Self> {
        match format {
            AnswerFormat::Json => JsonPath::parse(path).map(Self::Json),
            AnswerFormat::Xml => XmlPath::parse(path).map(Self::Xml),
            AnswerFormat::Ignored => None,
        }
    }

    /// Everything it finds, in the order of the answer.
    ///
    /// # Errors
    /// A name on the way that stands twice.
    pub(crate) fn find<'d>(&self, from: Cursor<'d>, visit: &mut dyn FnMut(Found<'d>)) -> Result<(), Twice> {
        match (self, from) {
            (Self::Json(path), Cursor::Json { root, at }) => {
                path.find(if path.from_root { root } else { at }, &mut |json| visit(json.into()))
            }
            (Self::Xml(path), Cursor::Xml { root, at }) => {
                path.find(if path.from_root { root } else { at }, &mut |found| visit(found.into()));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The items it leads to, each a place for further paths; `None` if it leads nowhere. A JSON array stands for
    /// its items, even if it has none.
    ///
    /// # Errors
    /// A name on the way that stands twice.
    pub(crate) fn items<'d>(&self, from: Cursor<'d>) -> Result<Option<Vec<Cursor<'d>>>, Twice> {
        let (mut items, mut found_list) = (Vec::new(), false);
        match (self, from) {
            (Self::Json(path), Cursor::Json { root, at }) => {
                path.find(if path.from_root { root } else { at }, &mut |found| match found {
                    Json::Array(list) => {
                        found_list = true;
                        items.extend(list.iter().map(|at| Cursor::Json { root, at }));
                    }
                    Json::Null => {}
                    at => items.push(Cursor::Json { root, at }),
                })?;
            }
            (Self::Xml(path), Cursor::Xml { root, at }) => path.find(if path.from_root { root } else { at }, &mut |found| {
                if let XmlFound::Element(at) = found {
                    items.push(Cursor::Xml { root, at });
                }
            }),
            _ => {}
        }
        Ok((found_list || !items.is_empty()).then_some(items))
    }
}
