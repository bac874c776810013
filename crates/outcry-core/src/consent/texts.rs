//! The registry of approved texts: what people may have been shown before a lead is sold here.
//!
//! Two texts are the same when their normal forms are: in lower case, white space single and trimmed, as the `text_id`
//! of pings has it. Nothing else is forgiven, for a text of which a word was changed is another text. A place in braces
//! (`{sellers}`) stands for up to 2,000 characters that differ from page to page.

use super::{ConsentRecord, Uncovered};
use crate::moment::Moment;
use crate::transform::{normalised, text_id};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Most characters that stand in for a place in braces.
const SLOT_MAX: usize = 2_000;

/// A text in the form in which texts are compared.
pub fn normal_text(text: &str) -> String {
    normalised(text)
}

/// An approved text, and from when until when it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedText {
    /// Its name.
    pub name: Arc<str>,
    form: Form,
    /// From when on; always if nothing is said.
    pub from: Option<Moment>,
    /// Until when.
    pub until: Option<Moment>,
    /// The buyers on the list of partners that the text links, by name.
    pub sellers: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// What stands between the places in braces, in normal form.
    Pieces(Vec<String>),
    /// SHA-256 of the normal form in lower-case hexadecimal, or the beginning of it.
    Digest(String),
}

impl ApprovedText {
    /// By its words.
    pub fn of_text(name: Arc<str>, text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)))
        {
            pieces.push(before);
            rest = after;
        }
        pieces.push(rest);
        Self::new(name, Form::Pieces(pieces.into_iter().map(piece).collect()))
    }

    /// By the digest of its normal form, whole (64 digits) or as the `text_id` of pings (16); `None` for anything else.
    pub fn of_digest(name: Arc<str>, digest: &str) -> Option<Self> {
        let hexadecimal = digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (hexadecimal && matches!(digest.len(), 16 | 64)).then(|| Self::new(name, Form::Digest(digest.to_owned())))
    }

    /// Shown between these days only.
    #[must_use]
    pub const fn shown(mut self, from: Option<Moment>, until: Option<Moment>) -> Self {
        (self.from, self.until) = (from, until);
        self
    }

    /// With a list of partners that it links.
    #[must_use]
    pub fn linking(mut self, sellers: Vec<Arc<str>>) -> Self {
        self.sellers = sellers;
        self
    }

    const fn new(name: Arc<str>, form: Form) -> Self {
        Self {
            name,
            form,
            from: None,
            until: None,
            sellers: Vec::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn of_words(&self, words: &str) -> bool {
        self.form == Form::Pieces(vec![normal_text(words)])
    }

    fn is(&self, normal: &str, given: Moment) -> bool {
        let shown = self.from.is_none_or(|from| from <= given) && self.until.is_none_or(|until| given < until);
        shown
            && match &self.form {
                Form::Pieces(pieces) => fits(normal, pieces),
                Form::Digest(digest) => hex::encode(Sha256::digest(normal)).starts_with(digest),
            }
    }
}

/// A piece between two places keeps the single spaces at its ends.
fn piece(text: &str) -> String {
    let space = |edge: Option<char>| if edge.is_some_and(char::is_whitespace) { " " } else { "" };
    let normal = normal_text(text);
    if normal.is_empty() {
        return space(text.chars().next()).to_owned();
    }
    format!("{}{normal}{}", space(text.chars().next()), space(text.chars().next_back()))
}

/// Does the text begin with the first piece, end with the last, and hold the others in between in their order?
fn fits(text: &str, pieces: &[String]) -> bool {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return false;
    };
    if pieces.len() == 1 {
        return text == first.trim();
    }
    let Some(mut rest) = text.strip_prefix(first.trim_start()) else {
        return false;
    };
    for piece in &pieces[1..pieces.len() - 1] {
        let Some(at) = rest.find(&**piece).filter(|at| rest[..*at].chars().count() <= SLOT_MAX) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.strip_suffix(last.trim_end())
        .is_some_and(|slot| slot.chars().count() <= SLOT_MAX)
}

/// What becomes of a lead whose text is not approved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// It is not posted.
    #[default]
    Refuse,
    /// It is sold, and its record says so.
    Flag,
    /// Somebody looks at it before it is sold.
    Review,
}

impl Unknown {
    /// All, with the words of files.
    pub const WORDS: [(&'static str, Self); 3] = [("refuse", Self::Refuse), ("flag", Self::Flag), ("review", Self::Review)];
}

/// The approved texts of a campaign. None: it has no registry, and each text will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Each of them.
    pub approved: Vec<Arc<ApprovedText>>,
    /// What becomes of a lead with another.
    pub unknown: Unknown,
}

impl Texts {
    /// The approved text that this record shows.
    pub fn find(&self, record: &ConsentRecord<'_>) -> Option<&Arc<ApprovedText>> {
        let (normal, given) = (record.normal_text()?, record.given_at?.at);
        self.approved.iter().find(|text| text.is(normal, given))
    }

    /// Is the text one that was not approved? Its id, as pings have it.
    pub fn unknown_text(&self, record: &ConsentRecord<'_>) -> Option<String> {
        (!self.approved.is_empty() && self.find(record).is_none()).then(|| record.text.map(text_id).unwrap_or_default())
    }

    /// The same, found once for all who ask about the record.
    pub fn found<'a>(&'a self, record: &ConsentRecord<'_>) -> Found<'a> {
        Found {
            registry: self,
            text: if self.approved.is_empty() {
                None
            } else {
                self.find(record).map(AsRef::as_ref)
            },
        }
    }
}

/// What a registry knows of the text of one record.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    registry: &'a Texts,
    text: Option<&'a ApprovedText>,
}

impl Found<'_> {
    /// Is the text one that the campaign posts? What it only flags or looks at is settled before anybody is asked.
    pub(super) fn admit(&self, record: &ConsentRecord<'_>) -> Result<(), Uncovered> {
        let unknown = !self.registry.approved.is_empty() && self.text.is_none();
        if unknown && self.registry.unknown == Unknown::Refuse {
            return Err(Uncovered::Text {
                text: record.text.map(text_id).unwrap_or_default().into(),
            });
        }
        Ok(())
    }

    /// Does the text link a list of partners with this buyer on it?
    pub(super) fn names(&self, buyer: [&str; 2]) -> bool {
        let on = |text: &ApprovedText| text.sellers.iter().any(|seller| seller.eq_ignore_ascii_case(buyer[0]));
        self.text.is_some_and(on)
    }
}
