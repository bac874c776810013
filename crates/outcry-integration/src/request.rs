//! A request to a buyer, written out: what the outbound client sends, byte for byte.

use std::sync::Arc;

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Everything in the query.
    Get,
    /// A body.
    Post,
    /// A body, replacing.
    Put,
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One request. It may hold secrets and, for a post, personal data, so it has no `Debug`; `integration render`
/// shows it with [`Request::masked`].
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Absolute address, query included. Shared between leads where nothing of the lead is in it.
    pub url: Arc<str>,
    /// Names in lower case, values checked for line breaks. `content-type` is among them when there is a body;
    /// `host` and `content-length` are the client's business.
    pub headers: Vec<(Arc<str>, Arc<str>)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Secrets that were written into it, for masking.
    pub secrets: Vec<Arc<str>>,
}

impl Request {
    /// A text with every secret of this request replaced by `[secret]`.
    pub fn masked(&self, text: &str) -> String {
        self.secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(&**secret, "[secret]"))
    }
}
