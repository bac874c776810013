//! Text with holes: `Bearer {param.key}`, `{zip}`, `{dob | date %m/%d/%Y}`.
//!
//! A template is compiled once and then only walked. A hole that stands alone keeps the type of its value;
//! beside other text everything becomes text. Which characters are dangerous is not decided here: the
//! formats write a value only after they have escaped it for its place.

mod compile;
mod digest;
mod lex;
mod path;
mod pipe;
mod pipe_parse;
mod scope;
mod value;

pub(crate) use compile::{Compiler, Uses};
pub(crate) use digest::hex;
pub(crate) use path::{Root, SentPart, Source};
pub(crate) use scope::{Call, Scope, Sent};
pub(crate) use value::Val;

use crate::call::RenderError;
use pipe::Pipe;
use std::borrow::Cow;
use std::sync::Arc;

/// A compiled text with holes, and where it stands in the file.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) pieces: Box<[Piece]>,
    pub(crate) place: Place,
}

/// Where something stands in the file, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) what: Arc<str>,
}

/// A stretch of plain text, or a hole.
#[derive(Debug)]
pub(crate) enum Piece {
    Literal(Box<str>),
    Hole(Hole),
}

/// One `{…}`: where the value comes from and what is done to it.
#[derive(Clone, Debug)]
pub(crate) struct Hole {
    pub(crate) source: Source,
    pub(crate) pipes: Box<[Pipe]>,
    /// As written, for messages.
    pub(crate) written: Box<str>,
    pub(crate) need: Need,
}

/// What becomes of a hole without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It is missing, and the leaf with it.
    No,
    /// `{zip!}`: there is no request.
    Request,
    /// `{zip?}`: there is no table around it.
    Table,
}

impl Template {
    /// The value: typed if one hole stands alone, otherwise text. Missing if every hole is.
    pub(crate) fn value<'a>(&'a self, scope: &Scope<'a>) -> Result<Val<'a>, RenderError> {
        match &*self.pieces {
            [] => Ok(Val::Text(Cow::Borrowed(""))),
            [Piece::Literal(text)] => Ok(Val::Text(Cow::Borrowed(text))),
            [Piece::Hole(hole)] => self.hole(hole, scope),
            pieces => self.joined(pieces, scope),
        }
    }

    fn joined<'a>(&'a self, pieces: &'a [Piece], scope: &Scope<'a>) -> Result<Val<'a>, RenderError> {
        let (mut text, mut any) = (String::new(), false);
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Hole(hole) => {
                    let value = self.hole(hole, scope)?;
                    any |= !value.is_missing();
                    self.push(&value, hole, &mut text)?;
                }
            }
        }
        Ok(if any { Val::Text(Cow::Owned(text)) } else { Val::Missing })
    }

    /// The value as text; `None` if it is missing.
    pub(crate) fn text<'a>(&'a self, scope: &Scope<'a>) -> Result<Option<Cow<'a, str>>, RenderError> {
        match self.value(scope)? {
            Val::Missing => Ok(None),
            Val::Text(text) => Ok(Some(text)),
            other => {
                let mut text = String::new();
                if other.push_text(&mut text) {
                    Ok(Some(Cow::Owned(text)))
                } else {
                    Err(self.fail("a list is not text; join it or write a tree"))
                }
            }
        }
    }

    /// The value of one hole.
    pub(crate) fn hole<'a>(&'a self, hole: &'a Hole, scope: &Scope<'a>) -> Result<Val<'a>, RenderError> {
        let value = hole
            .pipes
            .iter()
            .fold(hole.source.value(scope), |value, pipe| pipe.apply(value, scope));
        if hole.need == Need::Request && (value.is_missing() || value.is_blank()) {
            return Err(self.fail(&format!("{{{}}} has no value, and the buyer requires one", hole.written)));
        }
        Ok(value)
    }

    /// Appends a value to a text of several pieces.
    pub(crate) fn push(&self, value: &Val<'_>, hole: &Hole, text: &mut String) -> Result<(), RenderError> {
        if value.push_text(text) {
            Ok(())
        } else {
            Err(self.fail(&format!("{{{}}} is a list, not text; join it", hole.written)))
        }
    }

    /// Does it hold a `{value?}`?
    pub(crate) fn may_lack_its_value(&self) -> bool {
        self.needed().next().is_some()
    }

    /// Is there a `{value?}` that has none?
    pub(crate) fn lacks_its_value(&self, scope: &Scope<'_>) -> Result<bool, RenderError> {
        for hole in self.needed() {
            let value = self.hole(hole, scope)?;
            if value.is_missing() || value.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn needed(&self) -> impl Iterator<Item = &Hole> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) if hole.need == Need::Table => Some(hole),
            _ => None,
        })
    }

    /// Is it one hole that names something and does nothing to it?
    pub(crate) fn is_plain(&self) -> bool {
        matches!(&*self.pieces, [Piece::Hole(hole)] if hole.pipes.is_empty())
    }

    /// What its pipes make of a value that comes from elsewhere.
    pub(crate) fn through<'a>(&'a self, value: Val<'a>, scope: &Scope<'a>) -> Val<'a> {
        let pipes = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Hole(hole) => &*hole.pipes,
            Piece::Literal(_) => &[],
        });
        pipes.fold(value, |value, pipe| pipe.apply(value, scope))
    }

    /// A failure at this place.
    pub(crate) fn fail(&self, message: &str) -> RenderError {
        RenderError {
            line: self.place.line,
            what: self.place.what.to_string(),
            message: message.to_owned(),
        }
    }

    /// Is there no hole in it, and something to say?
    pub(crate) fn is_fixed(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|piece| matches!(piece, Piece::Literal(_)))
    }

    /// Does it speak of parameters and fixed words only, so that a contract settles it once?
    pub(crate) fn is_settled_by_params(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Literal(_) => true,
            Piece::Hole(hole) => hole.source.is_param() && hole.pipes.iter().all(Pipe::is_settled_by_params),
        })
    }
}
