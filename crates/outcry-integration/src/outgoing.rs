//! What a post becomes, ready for whoever carries it: an HTTP request, or a mail.

use crate::mask::Mask;
use crate::request::Request;
use std::sync::Arc;

/// What leaves for a buyer. It may hold secrets and personal data, so it has no `Debug`.
#[derive(Clone)]
pub enum Outgoing {
    /// A request over HTTP.
    Http(Request),
    /// A mail, over SMTP.
    Mail(Box<Mail>),
}

/// One mail, and the server that takes it.
#[derive(Clone)]
pub struct Mail {
    /// `smtps://host:465`, `smtp://host:587` (TLS is asked for and must be given) or `smtp+plain://host:25`.
    pub server: Arc<str>,
    /// Who we are to the server.
    pub login: Option<Login>,
    /// A mailbox: `leads@example.com` or `Leads <leads@example.com>`.
    pub from: Arc<str>,
    /// At least one mailbox. The server takes the mail for all of them or for none.
    pub to: Vec<Arc<str>>,
    /// Where an answer goes.
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// What readers without HTML see; there is this or `html` or both.
    pub text: Option<String>,
    /// The same as HTML.
    pub html: Option<String>,
    /// Our id of the attempt; the message id is made of it, so that the same mail twice is seen for what it is.
    pub reference: String,
    /// The contract's secrets, for masking.
    pub secrets: Mask,
}

impl Mail {
    fn parts(&self) -> Vec<(&'static str, String)> {
        let parts = [
            ("server", Some(self.server.to_string())),
            ("from", Some(self.from.to_string())),
            ("to", Some(self.to.join(", "))),
            ("reply_to", self.reply_to.clone()),
            ("subject", Some(self.subject.clone())),
            ("text", self.text.clone()),
            ("html", self.html.clone()),
        ];
        parts.into_iter().filter_map(|(name, part)| Some((name, part?))).collect()
    }
}

/// A user and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: Arc<str>,
    /// The password.
    pub password: Arc<str>,
}

impl From<Request> for Outgoing {
    fn from(request: Request) -> Self {
        Self::Http(request)
    }
}

impl Outgoing {
    /// The word after `via` in the file.
    pub const fn via(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Mail(_) => "mail",
        }
    }

    /// What is not HTTP, part by part, under the names that examples use. Passwords are no part of it.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Http(_) => Vec::new(),
            Self::Mail(mail) => mail.parts(),
        }
    }

    /// The request, if it is one.
    pub const fn http(&self) -> Option<&Request> {
        match self {
            Self::Http(request) => Some(request),
            Self::Mail(_) => None,
        }
    }
}
