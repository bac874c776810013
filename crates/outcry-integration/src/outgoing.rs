//! What a post becomes, ready for whoever carries it: an HTTP request, a mail, an item for the tray.

pub use crate::delivery::FileName;
use crate::mask::Mask;
use crate::request::Request;
use outcry_core::id::AttemptId;
use std::sync::Arc;

/// What leaves for a buyer. It may hold secrets and personal data, so it has no `Debug`.
#[derive(Clone)]
pub enum Outgoing {
    /// A request over HTTP.
    Http(Request),
    /// A mail, over SMTP.
    Mail(Box<Mail>),
    /// A document, for the buyer to fetch.
    Inbox(Item),
    /// A row of a file to come.
    Row(Item),
}

/// Something for the tray, where it waits for whoever takes it.
#[derive(Clone)]
pub struct Item {
    /// Our id of the attempt; the same attempt is in the tray once.
    pub attempt: AttemptId,
    /// Is the lead a test?
    pub test: bool,
    /// The line that must stand above the row; empty for none. It holds names of columns and nothing of a lead.
    pub head: Arc<str>,
    /// A JSON document, or a row without the end of the line.
    pub body: Vec<u8>,
}

/// Where the files of one contract go, and when they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropOff {
    /// Where to.
    pub place: DropPlace,
    /// How they are named.
    pub name: FileName,
    /// Rows that came before a multiple of so many minutes (UTC) are written after it.
    pub every_minutes: u32,
    /// So many rows are written at once, whatever the time.
    pub rows_max: u32,
}

/// A place for files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DropPlace {
    /// A folder of this machine.
    Folder(Arc<str>),
    /// A folder of a server, over SFTP.
    Sftp(Box<SftpPlace>),
}

/// A folder of a server, and how to get there. Its secrets are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SftpPlace {
    /// `sftp://host:22`.
    pub server: Arc<str>,
    /// Who we are there.
    pub user: Arc<str>,
    /// How we prove it, unless by a key.
    pub password: Option<Arc<str>>,
    /// A private key in OpenSSH's or PEM form.
    pub key: Option<Arc<str>>,
    /// Who the server is: a public key as `ssh-keyscan` prints it, or its fingerprint `SHA256:…`.
    pub host_key: Arc<str>,
    /// Where the files go.
    pub folder: Arc<str>,
}

impl std::fmt::Debug for SftpPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SftpPlace")
            .field("server", &self.server)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
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

impl Item {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
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
            Self::Inbox(_) => "inbox",
            Self::Row(_) => "file",
        }
    }

    /// What is not HTTP, part by part, under the names that examples use. Passwords are no part of it.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Http(_) => Vec::new(),
            Self::Mail(mail) => mail.parts(),
            Self::Inbox(item) => vec![("item", item.text())],
            Self::Row(item) if item.head.is_empty() => vec![("row", item.text())],
            Self::Row(item) => vec![("columns", item.head.to_string()), ("row", item.text())],
        }
    }

    /// The request, if it is one.
    pub const fn http(&self) -> Option<&Request> {
        match self {
            Self::Http(request) => Some(request),
            Self::Mail(_) | Self::Inbox(_) | Self::Row(_) => None,
        }
    }
}
