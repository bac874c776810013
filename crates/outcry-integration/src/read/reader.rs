//! How one value is found: by a path, an expression, a header, the status, or by a second reader in what the first
//! one found.

mod compile;

use super::AnswerFormat;
use super::document::{At, Cursor, Document, Doubt, Found};
use super::form::FormPath;
use super::json::Json;
use super::json_path::JsonPath;
use super::pattern::Pattern;
use super::xml_path::{XmlFound, XmlPath};
use crate::table::{Cell, Table};
pub(crate) use compile::{KEYS, named};
use std::borrow::Cow;
use std::sync::Arc;

/// One compiled reader.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    from: Source,
    then: Option<Box<Then>>,
    /// What the words found stand for.
    words: Option<Words>,
}

/// A table, and what stands for a word that is not in it; without that, the word stays.
#[derive(Clone, Debug)]
struct Words {
    table: Arc<Table>,
    otherwise: Option<Box<str>>,
}

/// Where a reader looks.
#[derive(Clone, Debug)]
enum Source {
    Json(JsonPath),
    Xml(XmlPath),
    Form(FormPath),
    /// An expression over the text as it came, or over the text at hand.
    Pattern(Pattern),
    /// That text, whole.
    Raw,
    Header(Box<str>),
    Status,
}

/// What reads on in a text that was found.
#[derive(Clone, Debug)]
struct Then {
    format: AnswerFormat,
    reader: Reader,
}

impl Reader {
    /// Does it look at what came as it came, so that it finds something even in an answer that does not parse?
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.from, Source::Pattern(_) | Source::Raw | Source::Header(_))
    }

    /// Does it find something whatever the answer says?
    pub(crate) const fn is_status(&self) -> bool {
        matches!(self.from, Source::Status)
    }

    /// Everything it finds, in the order of the answer.
    ///
    /// # Errors
    /// A name on the way that stands twice, or a place that cannot be read.
    pub(crate) fn find<'d>(&self, from: Cursor<'d>, visit: &mut dyn FnMut(Found<'d>)) -> Result<(), Doubt> {
        match &self.words {
            None => self.find_words(from, visit),
            Some(words) => self.find_words(from, &mut |found| visit(words.meant(found))),
        }
    }

    fn find_words<'d>(&self, from: Cursor<'d>, visit: &mut dyn FnMut(Found<'d>)) -> Result<(), Doubt> {
        let Some(then) = &self.then else {
            return self.from.find(from, visit);
        };
        let mut read = Ok(());
        self.from.find(from, &mut |found| match found {
            Found::Text(text) if read.is_ok() => {
                read = then.with(from, &text, |inner| then.reader.find(inner, &mut |found| visit(found.into_owned())));
            }
            _ => {}
        })?;
        read
    }

    /// The items it leads to, each a place for further readers; false if it leads nowhere. A JSON array stands for
    /// its items, even if it has none.
    ///
    /// # Errors
    /// A name on the way that stands twice, or a place that cannot be read.
    pub(crate) fn each_item(&self, from: Cursor<'_>, visit: &mut dyn FnMut(Cursor<'_>)) -> Result<bool, Doubt> {
        let Some(then) = &self.then else {
            return self.from.each_item(from, visit);
        };
        let (mut read, mut any) = (Ok(()), false);
        self.from.find(from, &mut |found| match found {
            Found::Text(text) if read.is_ok() => {
                read = then.with(from, &text, |inner| {
                    any |= then.reader.each_item(inner, visit)?;
                    Ok(())
                });
            }
            _ => {}
        })?;
        read.map(|()| any)
    }
}

impl Words {
    fn meant<'d>(&self, found: Found<'d>) -> Found<'d> {
        let Found::Text(word) = found else { return found };
        let cell = self.table.find([Some(Cow::Borrowed(&*word))].into_iter());
        let text = cell.and_then(Cell::text).or_else(|| self.otherwise.as_deref().map(Cow::Borrowed));
        Found::Text(text.map_or(word, |text| Cow::Owned(text.into_owned())))
    }
}

impl Then {
    /// Parses a text and looks at it.
    fn with(&self, from: Cursor<'_>, text: &str, look: impl FnOnce(Cursor<'_>) -> Result<(), Doubt>) -> Result<(), Doubt> {
        // Parsing costs about as much as visiting a node for every few bytes.
        from.heard.visits.add(text.len() / 8)?;
        let document = Document::parse(&self.format, text);
        let document = document.map_err(|why| Doubt::Unreadable(format!("inside a value: {why}").into()))?;
        look(Cursor {
            heard: from.heard,
            at: document.begin(),
        })
    }
}

impl Source {
    fn find<'d>(&self, from: Cursor<'d>, visit: &mut dyn FnMut(Found<'d>)) -> Result<(), Doubt> {
        let mut text = |text: &'d str| match text.trim() {
            "" => visit(Found::Nothing),
            text => visit(Found::Text(Cow::Borrowed(text))),
        };
        match (self, from.at) {
            (Self::Json(path), At::Json { root, at }) => path.find(if path.from_root { root } else { at }, &mut |json| visit(json.into())),
            (Self::Xml(path), At::Xml { root, at }) => {
                let start = if path.from_root { root } else { at };
                path.find(start, &from.heard.visits, &mut |found| visit(found.into()))
            }
            (Self::Form(path), At::Form(form)) => path.find(form, visit),
            (Self::Pattern(pattern), at) => pattern.find(at.text(from), &mut text),
            (Self::Raw, at) => {
                text(at.text(from));
                Ok(())
            }
            (Self::Header(name), _) => {
                from.heard.header(name).into_iter().for_each(text);
                Ok(())
            }
            (Self::Status, _) => {
                visit(Found::Text(Cow::Owned(from.heard.status.to_string())));
                Ok(())
            }
            (Self::Json(_) | Self::Xml(_) | Self::Form(_), _) => from.heard.unparsed(),
        }
    }

    fn each_item(&self, from: Cursor<'_>, visit: &mut dyn FnMut(Cursor<'_>)) -> Result<bool, Doubt> {
        let mut any = false;
        match (self, from.at) {
            (Self::Json(path), At::Json { root, at }) => {
                path.find(if path.from_root { root } else { at }, &mut |found| {
                    let items = match found {
                        Json::Null => return,
                        Json::Array(items) => items.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    any = true;
                    for at in items {
                        visit(from.standing(At::Json { root, at }));
                    }
                })?;
            }
            (Self::Xml(path), At::Xml { root, at }) => {
                let start = if path.from_root { root } else { at };
                path.find(start, &from.heard.visits, &mut |found| {
                    if let XmlFound::Element(at) = found {
                        any = true;
                        visit(from.standing(At::Xml { root, at }));
                    }
                })?;
            }
            (Self::Pattern(pattern), at) => pattern.matches(at.text(from))?.into_iter().for_each(|one| {
                any = true;
                visit(from.standing(At::Text(one)));
            }),
            _ => self.find(from, &mut |found| {
                if let Found::Text(text) = found {
                    any = true;
                    visit(from.standing(At::Text(&text)));
                }
            })?,
        }
        Ok(any)
    }
}

impl<'d> At<'d> {
    /// The text that patterns look at: the one at hand, or the whole answer.
    const fn text(self, from: Cursor<'d>) -> &'d str {
        match self {
            Self::Text(text) => text,
            _ => from.heard.text,
        }
    }
}

impl<'d> Cursor<'d> {
    /// The same answer, another place in it.
    fn standing<'e>(self, at: At<'e>) -> Cursor<'e>
    where
        'd: 'e,
    {
        Cursor { heard: self.heard, at }
    }
}
