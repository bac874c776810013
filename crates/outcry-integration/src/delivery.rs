//! Deliveries that are not HTTP: `[post.request]` with `via = "mail"`.
//!
//! Who carries them answers in kind: a status like HTTP's and a line of text. So the verdict is read by one fixed
//! rule, and the file has no `[post.answer]`.

mod mail;
mod server;
mod text;

pub(crate) use server::check_server;

use crate::answer::{PostOutcome, PostReading, RawAnswer};
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::outgoing::Outgoing;
use crate::read;
use crate::step::StepName;
use crate::template::{Compiler, Scope, Template};
use mail::MailTemplate;

/// How a post travels; the word after `via`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Http,
    Mail,
}

const VIAS: [(&str, Via); 2] = [("http", Via::Http), ("mail", Via::Mail)];

/// One compiled delivery.
#[derive(Debug)]
pub(crate) enum Delivery {
    Mail(MailTemplate),
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
        Via::Mail => mail::compile(request, compiler).map(Delivery::Mail),
    }
}

impl Delivery {
    /// Writes it for one lead.
    pub(crate) fn write(&self, scope: &Scope<'_>) -> Result<Outgoing, RenderError> {
        match self {
            Self::Mail(mail) => mail.write(scope).map(|mail| Outgoing::Mail(Box::new(mail))),
        }
    }
}

/// Reads what the carrier said: 2xx is taken, 4xx and 5xx are refused, and anything else nobody can know.
pub(crate) fn read(answer: &RawAnswer) -> PostReading {
    let said = read::shown(&String::from_utf8_lossy(&answer.body));
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
