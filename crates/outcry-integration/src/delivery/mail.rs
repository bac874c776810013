//! `via = "mail"`: a lead as a mail.

use super::server::{self, Scheme};
use super::text::{self, Escape};
use super::{optional, settled, template};
use crate::body::{self, Missing, Tree};
use crate::call::RenderError;
use crate::file::{Kind, Node, Section};
use crate::format::{self, Format, Nesting};
use crate::outgoing::{Login, Mail};
use crate::template::{Compiler, Scope, Template};
use std::sync::Arc;

const KEYS: [&str; 12] = [
    "via", "server", "user", "password", "from", "to", "reply_to", "subject", "text", "html", "missing", "body",
];
/// How the fields are named: `drivers.0.gender`.
const NESTING: Nesting = Nesting::Dots;
/// The fields have the shape of a form.
const FIELDS: Format = Format::Form(NESTING);
/// A subject beyond this is cut: a value of a lead may be long, and a header line may not.
const SUBJECT_MAX: usize = 200;

/// A mail as the file draws it.
#[derive(Debug)]
pub(crate) struct MailTemplate {
    server: Template,
    login: Option<(Template, Template)>,
    from: Template,
    to: Box<[Template]>,
    reply_to: Option<Template>,
    subject: Template,
    text: Option<Template>,
    html: Option<Template>,
    /// Written as lines `name: value` under the text, and as a table under the HTML.
    fields: Option<Tree>,
}

/// Reads `[post.request]` with `via = "mail"`.
pub(super) fn compile(node: &Node, compiler: &mut Compiler<'_>) -> Option<MailTemplate> {
    let section = Section::open(node, format!("{}.request", compiler.step.word()), &KEYS, compiler.problems)?;
    let server = server::compile(&section, Scheme::Mail, compiler);
    let login = login(&section, compiler);
    let from = needed(&section, "from", "write it like from = \"leads@example.com\"", compiler);
    let to = recipients(&section, compiler);
    let reply_to = template(&section, "reply_to", compiler);
    section.need("subject", "say it in one line", compiler.problems);
    let subject = template(&section, "subject", compiler);
    let (text, html) = (template(&section, "text", compiler), template(&section, "html", compiler));
    let missing = body::missing(&section, Missing::LeaveOut, compiler);
    let fields = match section.get("body") {
        None => None,
        Some(node) => Some(body::rooted(node, &section.place("body"), &FIELDS, missing, compiler)?),
    };
    if ["text", "html", "body"].iter().all(|key| section.get(key).is_none()) {
        let hint = "write `text`, `html`, or a `body` whose fields are listed: body = { \"*\" = \"{lead}\" }";
        compiler
            .problems
            .add(section.line, section.what.clone(), "the mail says nothing", hint);
    }
    Some(MailTemplate {
        server: server?,
        login,
        from: from?,
        to: to?,
        reply_to,
        subject: subject?,
        text,
        html,
        fields,
    })
}

fn needed(section: &Section<'_>, key: &str, hint: &str, compiler: &mut Compiler<'_>) -> Option<Template> {
    section.need(key, hint, compiler.problems)?;
    settled(section, key, compiler)
}

/// User and password, both or none.
fn login(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<(Template, Template)> {
    if section.get("user").is_some() != section.get("password").is_some() {
        compiler
            .problems
            .add(section.line, section.what.clone(), "`user` and `password` go together", "");
    }
    let (user, password) = (settled(section, "user", compiler), settled(section, "password", compiler));
    user.zip(password)
}

/// One mailbox or a list. Nothing of a lead decides who reads it.
fn recipients(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Box<[Template]>> {
    let hint = "write it like to = \"{param.to}\" or a list of them";
    let node = section.need("to", hint, compiler.problems)?;
    let Kind::Array(items) = &node.kind else {
        return settled(section, "to", compiler).map(|to| Box::from([to]));
    };
    let mut found = Vec::new();
    for item in items {
        let template = item
            .text()
            .and_then(|text| compiler.template(text, item.line, &section.place("to")));
        match template {
            Some(template) if template.is_settled_by_params() => found.push(template),
            _ => compiler
                .problems
                .add(item.line, section.place("to"), "is not a mailbox that a contract settles", hint),
        }
    }
    if items.is_empty() {
        compiler.problems.add(node.line, section.place("to"), "names nobody", hint);
    }
    (!found.is_empty()).then(|| found.into())
}

impl MailTemplate {
    /// Writes the mail of one lead.
    pub(super) fn write(&self, scope: &Scope<'_>) -> Result<Mail, RenderError> {
        let login = match &self.login {
            Some((user, password)) => login_of(optional(user, scope)?, optional(password, scope)?, user)?,
            None => None,
        };
        let fields = match &self.fields {
            Some(tree) => format::named(tree, scope, NESTING)?,
            None => Vec::new(),
        };
        let mut subject = text::written(&self.subject, scope, text::line)?.replace(text::is_break, " ");
        if let Some((at, _)) = subject.char_indices().nth(SUBJECT_MAX) {
            subject.truncate(at);
        }
        Ok(Mail {
            server: given(&self.server, scope)?.into(),
            login,
            from: mailbox(&self.from, &given(&self.from, scope)?)?.into(),
            to: self.recipients(scope)?,
            reply_to: self.reply_to(scope)?,
            subject: subject.trim().to_owned(),
            text: part(self.text.as_ref(), text::line, scope, &lines(&fields))?,
            html: match &self.html {
                Some(html) => part(Some(html), text::html, scope, &table(&fields))?,
                None => None,
            },
            reference: scope.call.attempt.map(|id| id.to_string()).unwrap_or_default(),
            secrets: scope.params.mask().clone(),
        })
    }

    fn recipients(&self, scope: &Scope<'_>) -> Result<Vec<Arc<str>>, RenderError> {
        let mut found = Vec::new();
        for template in &self.to {
            let written = given(template, scope)?;
            for one in written.split(',') {
                found.push(mailbox(template, one.trim())?.into());
            }
        }
        Ok(found)
    }

    /// An address that is none is left out: the person may have written anything, and the lead counts all the same.
    fn reply_to(&self, scope: &Scope<'_>) -> Result<Option<String>, RenderError> {
        let Some(template) = &self.reply_to else { return Ok(None) };
        let written = optional(template, scope)?;
        Ok(written.filter(|text| mailbox(template, text).is_ok()))
    }
}

/// One of the two bodies: what the file says, and the fields under it.
fn part(template: Option<&Template>, escape: Escape, scope: &Scope<'_>, fields: &str) -> Result<Option<String>, RenderError> {
    let mut written = match template {
        Some(template) => text::written(template, scope, escape)?,
        None => String::new(),
    };
    if !written.is_empty() && !written.ends_with('\n') {
        written.push('\n');
    }
    written.push_str(fields);
    Ok((template.is_some() || !written.is_empty()).then_some(written))
}

fn login_of(user: Option<String>, password: Option<String>, place: &Template) -> Result<Option<Login>, RenderError> {
    match (user, password) {
        (Some(user), Some(password)) => Ok(Some(Login {
            user: user.into(),
            password: password.into(),
        })),
        (None, None) => Ok(None),
        _ => Err(place.fail("`user` and `password` go together, and one of them has no value")),
    }
}

fn given(template: &Template, scope: &Scope<'_>) -> Result<String, RenderError> {
    optional(template, scope)?.ok_or_else(|| template.fail("has no value"))
}

/// `leads@example.com`, or `A name <leads@example.com>`: in ASCII, and in one line.
fn mailbox<'t>(place: &Template, text: &'t str) -> Result<&'t str, RenderError> {
    let address = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((_, address)) => address,
        None => text,
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte))
    };
    let fits = address.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host)) && address.len() <= 254;
    if fits && !text.chars().any(text::is_break) {
        Ok(text)
    } else {
        Err(place.fail("is not a mail address"))
    }
}

fn lines(fields: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        text::line(name, &mut out);
        out.push_str(": ");
        text::line(value, &mut out);
        out.push('\n');
    }
    out
}

fn table(fields: &[(String, String)]) -> String {
    let mut out = String::new();
    if fields.is_empty() {
        return out;
    }
    out.push_str("<table>\n");
    for (name, value) in fields {
        out.push_str("<tr><th align=\"left\">");
        text::html(name, &mut out);
        out.push_str("</th><td>");
        text::html(value, &mut out);
        out.push_str("</td></tr>\n");
    }
    out.push_str("</table>\n");
    out
}
