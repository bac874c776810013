//! `auth = { … }`: who we are, in the way the buyer's server asks for it.

use super::header::is_header_byte;
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::param::ParamKind;
use crate::request::DigestLogin;
use crate::template::{Compiler, Piece, Scope, Source, Template};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// The header that carries `auth`.
pub(crate) const AUTHORIZATION: &str = "authorization";
const KINDS: [&str; 3] = ["basic", "bearer", "digest"];

/// How a request says who sends it.
#[derive(Debug)]
pub(crate) enum Auth {
    Basic(Login),
    Bearer(Template),
    Digest(Login),
}

/// A user and a password. The password may be blank where the file says so: some servers want a key and nothing else.
#[derive(Debug)]
pub(crate) struct Login {
    user: Template,
    password: Template,
}

/// What a request carries in the end.
#[derive(Clone)]
pub(crate) enum Authorized {
    /// The name and the value of a header.
    Header(Arc<str>, Arc<str>),
    /// Left to the client, which hears the challenge.
    Digest(Arc<DigestLogin>),
}

impl Auth {
    /// Compiles one `auth` table.
    pub(crate) fn compile(node: &Node, what: String, compiler: &mut Compiler<'_>) -> Option<Self> {
        let section = Section::open(node, what, &KINDS, compiler.problems)?;
        let [entry] = section.entries() else {
            compiler.problems.add(
                node.line,
                &section.what,
                "names one way",
                "write auth = { basic = { user = \"{param.user}\", password = \"{param.password}\" } }, { bearer = \"{param.token}\" } or { digest = { … } }",
            );
            return None;
        };
        match entry.key.as_str() {
            "basic" => Login::compile(&entry.value, section.place("basic"), compiler).map(Self::Basic),
            "digest" => Login::compile(&entry.value, section.place("digest"), compiler).map(Self::Digest),
            "bearer" => secret(&section, "bearer", compiler).map(Self::Bearer),
            _ => None,
        }
    }

    pub(crate) fn is_settled_by_params(&self) -> bool {
        match self {
            Self::Basic(login) | Self::Digest(login) => login.user.is_settled_by_params() && login.password.is_settled_by_params(),
            Self::Bearer(token) => token.is_settled_by_params(),
        }
    }

    /// The credentials of one request.
    ///
    /// # Errors
    /// A value that is missing or that cannot be carried: a request is never sent with half a credential.
    pub(crate) fn write(&self, scope: &Scope<'_>) -> Result<Authorized, RenderError> {
        match self {
            Self::Basic(login) => {
                let (user, password) = login.values(scope)?;
                if user.contains(':') {
                    return Err(login.user.fail("a user name cannot hold a colon"));
                }
                Ok(Authorized::header(&format!(
                    "Basic {}",
                    STANDARD.encode(format!("{user}:{password}"))
                )))
            }
            Self::Bearer(template) => {
                let token = value(template, scope, "the token")?;
                if token.bytes().all(is_header_byte) {
                    Ok(Authorized::header(&format!("Bearer {}", token.trim())))
                } else {
                    Err(template.fail("the token holds characters that a header cannot carry"))
                }
            }
            Self::Digest(login) => {
                let (user, password) = login.values(scope)?;
                if !user.bytes().all(is_header_byte) {
                    return Err(login.user.fail("the user name holds characters that a header cannot carry"));
                }
                Ok(Authorized::Digest(Arc::new(DigestLogin {
                    user: user.into(),
                    password: password.into(),
                })))
            }
        }
    }

    /// Texts as secret as the password in them.
    pub(crate) fn derived(&self, scope: &Scope<'_>) -> Option<String> {
        match self {
            Self::Basic(login) if self.is_settled_by_params() => {
                let (user, password) = login.values(scope).ok()?;
                Some(format!("{user}:{password}"))
            }
            _ => None,
        }
    }
}

impl Authorized {
    fn header(value: &str) -> Self {
        Self::Header(AUTHORIZATION.into(), value.into())
    }
}

impl Login {
    fn compile(node: &Node, what: String, compiler: &mut Compiler<'_>) -> Option<Self> {
        let section = Section::open(node, what, &["user", "password"], compiler.problems)?;
        section.need("user", "write it like user = \"{param.user}\"", compiler.problems);
        let user = section
            .text("user", compiler.problems)
            .and_then(|text| compiler.template(text, line(&section, "user"), &section.place("user")));
        let password = secret(&section, "password", compiler);
        Some(Self {
            user: user?,
            password: password?,
        })
    }

    fn values(&self, scope: &Scope<'_>) -> Result<(String, String), RenderError> {
        let user = value(&self.user, scope, "the user name")?;
        let password = if self.password.pieces.is_empty() {
            String::new()
        } else {
            value(&self.password, scope, "the password")?
        };
        for (template, text) in [(&self.user, &user), (&self.password, &password)] {
            if text.chars().any(char::is_control) {
                return Err(template.fail("the value holds a control character"));
            }
        }
        Ok((user, password))
    }
}

/// A template that must not spell out a secret: it speaks of a secret parameter, or of what an earlier step was given.
/// A blank text is fine; it is no secret.
pub(crate) fn secret(section: &Section<'_>, key: &str, compiler: &mut Compiler<'_>) -> Option<Template> {
    let hint = format!("write {key} = \"{{param.NAME}}\" and declare NAME = {{ kind = \"secret\" }} under [params]");
    section.need(key, &hint, compiler.problems);
    let text = section.text(key, compiler.problems)?;
    let (line, what) = (line(section, key), section.place(key));
    let template = compiler.template(text, line, &what)?;
    let open = template.pieces.iter().find_map(|piece| match piece {
        Piece::Hole(hole) => match hole.source {
            Source::Param(at) if compiler.params[at].kind != ParamKind::Secret => Some("comes from a parameter that is not a secret"),
            Source::Field(..) | Source::Whole(_) => Some("comes from the lead"),
            _ => None,
        },
        Piece::Literal(_) => None,
    });
    if let Some(wrong) = open.or(template.is_fixed().then_some("has no place in an integration file")) {
        compiler.problems.add(line, what, wrong, hint);
        return None;
    }
    Some(template)
}

/// The value of a credential, which must be there.
pub(crate) fn value(template: &Template, scope: &Scope<'_>, called: &str) -> Result<String, RenderError> {
    match template.text(scope)? {
        Some(text) if !text.trim().is_empty() => Ok(text.into_owned()),
        _ => Err(template.fail(&format!("{called} has no value"))),
    }
}

/// The line of a key, or of its table.
pub(crate) fn line(section: &Section<'_>, key: &str) -> u32 {
    section.get(key).map_or(section.line, |node| node.line)
}
