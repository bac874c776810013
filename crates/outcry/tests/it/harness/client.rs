//! A source's end of the wire: one raw request on a connection of its own, so that nothing tidies it up on the way.

use super::PATIENCE;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Barrier;

/// A request as it will stand on the wire.
#[derive(Clone)]
pub(crate) struct Request {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
    announced: Option<usize>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            line: format!("{method} {path} HTTP/1.1"),
            headers: Vec::new(),
            body: Vec::new(),
            announced: None,
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// A POST with the key of a source.
    pub(crate) fn post(path: &str, key: &str) -> Self {
        Self::new("POST", path).header("authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(format!("{name}: {value}"));
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// The members of an object as a form, rows of lists as `drivers[0][gender]`.
    pub(crate) fn form(self, body: &Value) -> Self {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        flatten("", body, &mut pairs);
        self.body("application/x-www-form-urlencoded", pairs.finish())
    }

    /// Announces another length than is sent, and hangs up after what is sent.
    pub(crate) const fn announcing(mut self, bytes: usize) -> Self {
        self.announced = Some(bytes);
        self
    }

    /// As it goes over the wire.
    fn bytes(&self, address: &str) -> Vec<u8> {
        let length = self.announced.unwrap_or(self.body.len());
        let headers: String = self.headers.iter().flat_map(|header| [header, "\r\n"]).collect();
        let head = format!(
            "{}\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n",
            self.line
        );
        [head.as_bytes(), &self.body].concat()
    }

    /// Connects, waits until everybody is there, and sends it; nothing if the exchange goes away before all of the answer has come.
    pub(crate) fn send_together(&self, address: &str, everybody: &Barrier) -> Option<Answer> {
        let stream = TcpStream::connect(address);
        everybody.wait();
        let mut stream = stream.ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&self.bytes(address)).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let answer = Answer::parse(&bytes)?;
        let length: usize = answer.header("content-length")?.parse().ok()?;
        (answer.body.len() == length).then_some(answer)
    }

    /// Sends it and reads until the other end closes.
    pub(crate) fn send(&self, address: &str) -> Answer {
        let mut stream = TcpStream::connect(address).unwrap_or_else(|fault| panic!("nobody listens on {address}: {fault}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // Who is refused early may find the door shut before all is said; what counts is the answer.
        let written = stream.write_all(&self.bytes(address));
        if self.announced.is_some() {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes).unwrap_or_else(|| {
            panic!(
                "{} was answered with {:?} ({written:?}, {read:?})",
                self.line,
                String::from_utf8_lossy(&bytes)
            )
        })
    }
}

fn flatten(name: &str, value: &Value, pairs: &mut url::form_urlencoded::Serializer<'_, String>) {
    let inside = |part: &str| {
        if name.is_empty() {
            part.to_owned()
        } else {
            format!("{name}[{part}]")
        }
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(part, value)| flatten(&inside(part), value, pairs)),
        Value::Array(rows) => rows
            .iter()
            .enumerate()
            .for_each(|(row, value)| flatten(&inside(&row.to_string()), value, pairs)),
        Value::String(text) => drop(pairs.append_pair(name, text)),
        other => drop(pairs.append_pair(name, &other.to_string())),
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        pairs
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{self:?} is not JSON: {fault}"))
    }

    /// A text member of the answer.
    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("{self:?} has no text {name}"))
            .to_owned()
    }
}
