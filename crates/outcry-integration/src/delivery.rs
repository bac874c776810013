//! Deliveries that are not HTTP: `[post.request]` with `via = "mail"`, `"inbox"`, `"file"` or `"sftp"`.
//!
//! Who carries them answers in kind: a status like HTTP's and a line of text. So the verdict is read by one fixed
//! rule, and the file has no `[post.answer]`.

mod drop;
mod file_name;
mod inbox;
mod mail;
mod rows;
mod server;
mod text;

pub use file_name::FileName;
pub(crate) use server::check_server;

use crate::answer::{PostOutcome, PostReading, RawAnswer};
use crate::asked::Asked;
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::outgoing::{DropOff, Item, Outgoing};
use crate::read;
use crate::step::StepName;
use crate::template::{Compiler, Scope, Template};
use drop::DropTemplate;
use inbox::InboxTemplate;
use mail::MailTemplate;
use std::sync::Arc;

/// How a post travels; the word after `via`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Http,
    Mail,
    Inbox,
    File,
    Sftp,
}

const VIAS: [(&str, Via); 5] = [
    ("http", Via::Http),
    ("mail", Via::Mail),
    ("inbox", Via::Inbox),
    ("file", Via::File),
    ("sftp", Via::Sftp),
];

/// One compiled delivery.
#[derive(Debug)]
pub(crate) enum Delivery {
    Mail(Box<MailTemplate>),
    Inbox(InboxTemplate),
    Drop(Box<DropTemplate>),
}

/// How the post of this request table travels. A word that is not known is reported and `None`.
pub(crate) fn via(request: &Node, compiler: &mut Compiler<'_>) -> Option<Via> {
    let crate::file::Kind::Table(_) = &request.kind else {
        return Some(Via::Http);
    };
    let section = Section::open_any(request, format!("{}.request", compiler.step.word()), compiler.problems)?;
    if section.get("via").is_none() {
        return Some(Via::Http);
    }
    let via = section.word("via", &VIAS, compiler.problems)?;
    if via != Via::Http && compiler.step != StepName::Post {
        compiler.problems.add(
            section.line,
            section.place("via"),
            "only a post can travel so",
            "everything else is HTTP",
        );
        return None;
    }
    Some(via)
}

/// Compiles a delivery that is not HTTP.
pub(crate) fn delivery(via: Via, request: &Node, compiler: &mut Compiler<'_>) -> Option<Delivery> {
    match via {
        Via::Http => None,
        Via::Mail => mail::compile(request, compiler).map(Box::new).map(Delivery::Mail),
        Via::Inbox => inbox::compile(request, compiler).map(Delivery::Inbox),
        Via::File | Via::Sftp => drop::compile(request, via == Via::Sftp, compiler).map(Box::new).map(Delivery::Drop),
    }
}

impl Delivery {
    /// Writes it for one lead.
    pub(crate) fn write(&self, scope: &Scope<'_>) -> Result<Outgoing, RenderError> {
        match self {
            Self::Mail(mail) => mail.write(scope).map(|mail| Outgoing::Mail(Box::new(mail))),
            Self::Inbox(inbox) => inbox.write(scope).map(Outgoing::Inbox),
            Self::Drop(files) => files.write(scope).map(Outgoing::Row),
        }
    }

    /// Where the files of a contract go; `None` if it has none.
    pub(crate) fn drop_off(&self, scope: &Scope<'_>) -> Option<Result<DropOff, RenderError>> {
        match self {
            Self::Mail(_) | Self::Inbox(_) => None,
            Self::Drop(files) => Some(files.drop_off(scope)),
        }
    }
}

/// Reads what the carrier said: 2xx is taken, 4xx and 5xx are refused, and anything else nobody can know.
pub(crate) fn read(asked: Asked<'_>, answer: &RawAnswer) -> PostReading {
    let said = read::shown(&asked.hide(&String::from_utf8_lossy(&answer.body)));
    let outcome = match answer.status {
        200..=299 => PostOutcome::Accepted,
        400..=599 => PostOutcome::Rejected,
        _ => PostOutcome::Unknown,
    };
    PostReading {
        outcome,
        price: None,
        currency: None,
        reference: None,
        redirect_url: None,
        kept: crate::kept::Kept::default(),
        reason: said.filter(|_| outcome != PostOutcome::Accepted),
        notes: Vec::new(),
    }
}

/// What is put into the tray for the attempt of this scope.
fn item(scope: &Scope<'_>, head: Arc<str>, body: Vec<u8>) -> Item {
    Item {
        attempt: scope.call.attempt.unwrap_or(crate::rehearsal::ATTEMPT_ID),
        test: scope.call.test,
        head,
        body,
    }
}

/// A text that may be missing or blank.
fn optional(template: &Template, scope: &Scope<'_>) -> Result<Option<String>, RenderError> {
    let text = template.text(scope)?.map(|text| text.trim().to_owned());
    Ok(text.filter(|text| !text.is_empty()))
}

/// A text of the section as a template.
fn template(section: &Section<'_>, key: &str, compiler: &mut Compiler<'_>) -> Option<Template> {
    let line = section.get(key)?.line;
    let text = section.text(key, compiler.problems)?;
    compiler.template(text, line, &section.place(key))
}

/// A text that a contract settles: nothing of a lead decides where a lead goes.
fn settled(section: &Section<'_>, key: &str, compiler: &mut Compiler<'_>) -> Option<Template> {
    let template = template(section, key, compiler)?;
    if !template.is_settled_by_params() {
        let hint = "say it in the file, or take it from a parameter: \"{param.NAME}\"";
        compiler
            .problems
            .add(template.place.line, section.place(key), "depends on the lead", hint);
        return None;
    }
    Some(template)
}
