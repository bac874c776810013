//! JSON that remembers its lines, so that a problem can be pointed at.

use super::LeadTypeProblem;
use outcry_core::raw::Raw;

/// A value and the line it begins on.
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) json: Json,
}

/// What JSON knows; numbers keep their text.
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Box<str>),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A name and its value; repeated names are kept, to be reported.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) value: Node,
}

impl Node {
    pub(super) const fn kind(&self) -> &'static str {
        match self.json {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    pub(super) fn raw(&self) -> Raw {
        match &self.json {
            Json::Null => Raw::Null,
            Json::Bool(yes) => Raw::Bool(*yes),
            Json::Number(text) => Raw::Number(text.clone()),
            Json::Text(text) => Raw::Text(text.as_str().into()),
            Json::List(items) => Raw::List(items.iter().map(Self::raw).collect()),
            Json::Object(members) => Raw::Object(members.iter().map(|m| (m.name.as_str().into(), m.value.raw())).collect()),
        }
    }
}

/// Reads JSON text.
///
/// serde judges the syntax and the depth; what follows here only has to find the places, and may trust every byte.
pub(super) fn parse(text: &str) -> Result<Node, LeadTypeProblem> {
    if let Err(fault) = serde_json::from_str::<serde_json::Value>(text) {
        let line = u32::try_from(fault.line()).unwrap_or(u32::MAX);
        return Err(LeadTypeProblem {
            line,
            field: String::new(),
            message: format!("this is not JSON: {fault}"),
            hint: String::new(),
        });
    }
    Ok(Scanner { text, at: 0, line: 1 }.node())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Scanner<'_> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(b' ')
    }

    /// The next byte that is not white space.
    fn next_mark(&mut self) -> u8 {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => return *byte,
            }
            self.at += 1;
        }
        b' '
    }

    fn node(&mut self) -> Node {
        let mark = self.next_mark();
        let line = self.line;
        let json = match mark {
            b'{' => Json::Object(self.members()),
            b'[' => Json::List(self.items()),
            b'"' => Json::Text(self.string()),
            _ => self.word(),
        };
        Node { line, json }
    }

    fn members(&mut self) -> Vec<Member> {
        let mut members = Vec::new();
        self.at += 1;
        while self.next_mark() == b'"' {
            let line = self.line;
            let name = self.string();
            self.next_mark();
            self.at += 1; // the colon
            members.push(Member {
                name,
                line,
                value: self.node(),
            });
            self.skip_comma();
        }
        self.at += 1;
        members
    }

    fn items(&mut self) -> Vec<Node> {
        let mut items = Vec::new();
        self.at += 1;
        while !matches!(self.next_mark(), b']' | b' ') {
            items.push(self.node());
            self.skip_comma();
        }
        self.at += 1;
        items
    }

    fn skip_comma(&mut self) {
        if self.next_mark() == b',' {
            self.at += 1;
        }
    }

    /// Escapes are left to serde.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while self.at < self.text.len() && self.peek() != b'"' {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(self.text.len());
        self.text
            .get(start..self.at)
            .and_then(|quoted| serde_json::from_str(quoted).ok())
            .unwrap_or_default()
    }

    fn word(&mut self) -> Json {
        let start = self.at;
        while self.at < self.text.len() && !matches!(self.peek(), b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        match &self.text[start..self.at] {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            number => Json::Number(number.into()),
        }
    }
}
