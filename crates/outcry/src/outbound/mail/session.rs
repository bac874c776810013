//! The dialogue with a mail server (RFC 5321), one step after the other.

use super::letter::Letter;
use crate::outbound::stream::{Socket, Stream};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use outcry_integration::Login;
use std::fmt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Most bytes of one reply. Servers say a few hundred; more is none.
const REPLY_BYTES_MAX: usize = 16 * 1024;

/// A connection to a mail server, between two letters.
pub(super) struct Session {
    stream: Stream,
    heard: Vec<u8>,
    /// What the server offers, a line each, in capitals.
    offers: Vec<String>,
}

/// What a server said.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) text: String,
}

/// Why the dialogue went no further. Nothing of the letter has left.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The connection broke, or what came is no SMTP.
    Lost(String),
    /// The server said no.
    Refused(Reply),
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(why) => f.write_str(why),
            Self::Refused(reply) => write!(f, "the mail server said {reply}"),
        }
    }
}

impl Session {
    /// Waits to be greeted, and says hello.
    pub(super) async fn greeted(stream: Stream, hello: &str) -> Result<Self, Stopped> {
        let mut session = Self::on(stream);
        session.reply().await.and_then(expected(2))?;
        session.hello(hello).await?;
        Ok(session)
    }

    /// Says hello again, after TLS was agreed. What the server offered before may have been somebody else's words.
    pub(super) async fn resumed(stream: Stream, hello: &str) -> Result<Self, Stopped> {
        let mut session = Self::on(stream);
        session.hello(hello).await?;
        Ok(session)
    }

    fn on(stream: Stream) -> Self {
        Self {
            stream,
            heard: Vec::new(),
            offers: Vec::new(),
        }
    }

    async fn hello(&mut self, name: &str) -> Result<(), Stopped> {
        let reply = self.ask(&format!("EHLO {name}"), 2).await?;
        self.offers = reply.text.lines().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect();
        Ok(())
    }

    /// Agrees on TLS and gives the socket back for it.
    pub(super) async fn start_tls(mut self) -> Result<Socket, Stopped> {
        if !self.offers.iter().any(|offer| offer == "STARTTLS") {
            return Err(Stopped::Lost("the mail server offers no TLS".to_owned()));
        }
        self.ask("STARTTLS", 2).await?;
        // Words that arrived before TLS would be believed after it.
        match self.stream {
            Stream::Plain(socket) if self.heard.is_empty() => Ok(socket),
            _ => Err(Stopped::Lost("the mail server speaks before TLS is there".to_owned())),
        }
    }

    /// Logs in, with the first of two ways that the server offers.
    pub(super) async fn log_in(&mut self, login: &Login) -> Result<(), Stopped> {
        let ways = self.offers.iter().find_map(|offer| offer.strip_prefix("AUTH"));
        let ways: Vec<&str> = ways.map(|ways| ways.split([' ', '=']).collect()).unwrap_or_default();
        if ways.contains(&"PLAIN") {
            let words = BASE64.encode(format!("\0{}\0{}", login.user, login.password));
            self.ask(&format!("AUTH PLAIN {words}"), 2).await?;
        } else if ways.contains(&"LOGIN") {
            self.ask("AUTH LOGIN", 3).await?;
            self.ask(&BASE64.encode(&*login.user), 3).await?;
            self.ask(&BASE64.encode(&*login.password), 2).await?;
        } else {
            return Err(Stopped::Lost("the mail server offers no way to log in that we know".to_owned()));
        }
        Ok(())
    }

    /// Sender and recipients, up to the moment where the letter may begin. All recipients or none.
    pub(super) async fn envelope(&mut self, letter: &Letter) -> Result<(), Stopped> {
        self.ask(&format!("MAIL FROM:<{}>", letter.from), 2).await?;
        for to in &letter.to {
            self.ask(&format!("RCPT TO:<{to}>"), 2).await?;
        }
        self.ask("DATA", 3).await.map(|_| ())
    }

    /// The letter, and what the server says of it.
    ///
    /// # Errors
    /// If the server did not say: it may have taken it.
    pub(super) async fn letter(&mut self, letter: &Letter) -> Result<Reply, String> {
        self.say(&letter.data).await.map_err(|stopped| stopped.to_string())?;
        self.reply().await.map_err(|stopped| stopped.to_string())
    }

    /// Whether the server has said nothing unasked and has not hung up.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.heard.is_empty() && self.stream.is_quiet()
    }

    /// Says a line and wants a reply of this class.
    async fn ask(&mut self, line: &str, class: u16) -> Result<Reply, Stopped> {
        // The integration has seen to it; a line break here would be a second command.
        if line.contains(['\r', '\n']) {
            return Err(Stopped::Lost("a line break in a command".to_owned()));
        }
        self.say(format!("{line}\r\n").as_bytes()).await?;
        self.reply().await.and_then(expected(class))
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), Stopped> {
        let lost = |fault: std::io::Error| Stopped::Lost(format!("the connection to the mail server broke: {fault}"));
        self.stream.write_all(bytes).await.map_err(lost)?;
        self.stream.flush().await.map_err(lost)
    }

    /// The next reply, all its lines.
    async fn reply(&mut self) -> Result<Reply, Stopped> {
        let (mut code, mut text) = (None, String::new());
        loop {
            let line = self.line().await?;
            let (number, more, words) = parts(&line).ok_or_else(|| Stopped::Lost("the mail server does not speak SMTP".to_owned()))?;
            if code.is_some_and(|code| code != number) || text.len() > REPLY_BYTES_MAX {
                return Err(Stopped::Lost("the mail server's reply makes no sense".to_owned()));
            }
            code = Some(number);
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(words);
            if !more {
                return Ok(Reply { code: number, text });
            }
        }
    }

    async fn line(&mut self) -> Result<String, Stopped> {
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.heard.len() > REPLY_BYTES_MAX {
                return Err(Stopped::Lost("the mail server's reply has no end".to_owned()));
            }
            match self.stream.read_buf(&mut self.heard).await {
                Ok(0) => return Err(Stopped::Lost("the mail server hung up".to_owned())),
                Ok(_) => {}
                Err(fault) => return Err(Stopped::Lost(format!("the connection to the mail server broke: {fault}"))),
            }
        }
    }
}

/// `250-words` or `250 words`: the code, whether more lines follow, and the words.
fn parts(line: &str) -> Option<(u16, bool, &str)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.bytes().all(|byte| byte.is_ascii_digit()).then(|| code.parse().ok())??;
    match rest.as_bytes().first() {
        None => Some((code, false, "")),
        Some(b' ') => Some((code, false, &rest[1..])),
        Some(b'-') => Some((code, true, &rest[1..])),
        Some(_) => None,
    }
}

/// A reply of this class goes on; any other stops.
fn expected(class: u16) -> impl Fn(Reply) -> Result<Reply, Stopped> {
    move |reply| {
        if reply.code / 100 == class {
            Ok(reply)
        } else {
            Err(Stopped::Refused(reply))
        }
    }
}
