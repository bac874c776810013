//! One call as a buyer sees it, and what it does about it. No sockets: whoever serves a buyer brings the bytes.

/// A request that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncomingRequest {
    /// `POST`, `GET`.
    pub method: String,
    /// From the first slash up to the query.
    pub path: String,
    /// Behind the question mark; empty for none.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// All of it.
    pub body: Vec<u8>,
}

impl IncomingRequest {
    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the buyer does, and after how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// How long after the request arrived.
    pub delay_ms: u32,
    /// What then happens.
    pub kind: ReplyKind,
}

/// What happens to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// An answer, whole.
    Answer {
        /// HTTP status.
        status: u16,
        /// Of the body.
        content_type: &'static str,
        /// All of it.
        body: String,
    },
    /// Nothing, ever: the connection stays open and mute.
    Silence,
    /// The connection is reset without a byte.
    Reset,
    /// This answer begins, with the length of the whole in its head, and the connection is reset in the middle of it.
    HalfThenReset {
        /// HTTP status.
        status: u16,
        /// Of the body.
        content_type: &'static str,
        /// All of it; a half is sent.
        body: String,
    },
    /// The connection is refused: not one byte of the request arrives. Over real HTTP such a buyer has an address at which
    /// nobody listens; see [`crate::buyers::Temperament::Dead`].
    Refused,
}
