//! A request to a buyer, written out: what the outbound client sends, byte for byte.

use crate::mask::Mask;
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
    /// A body, changing.
    Patch,
    /// Taking back.
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
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
    /// What the client needs to prove who we are; the request itself holds the rest.
    pub credentials: Credentials,
    /// The contract's secrets, for masking.
    pub secrets: Mask,
}

/// Proofs that are made while the call is under way, and so cannot be written beforehand.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The answer to a Digest challenge.
    pub digest: Option<Arc<DigestLogin>>,
    /// Shown in the TLS handshake.
    pub certificate: Option<Arc<ClientCertificate>>,
}

/// A user and a password for HTTP Digest (RFC 7616). Prints nothing.
pub struct DigestLogin {
    /// Printable ASCII.
    pub user: Arc<str>,
    /// Any text.
    pub password: Arc<str>,
}

/// A certificate of ours and its key. Prints nothing.
pub struct ClientCertificate {
    /// The certificate in PEM, and those that vouch for it behind it.
    pub certificate: Arc<str>,
    /// Its private key in PEM.
    pub key: Arc<str>,
    /// SHA-256 over both: connections are shared only where it is the same.
    pub id: [u8; 32],
}

impl Request {
    /// A text with every secret of the contract replaced by `[secret]`.
    pub fn masked(&self, text: &str) -> String {
        self.secrets.hide(text).into_owned()
    }
}
