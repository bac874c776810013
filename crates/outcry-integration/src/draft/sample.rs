//! What somebody pasted: a request as raw HTTP, as a curl command or as a bare body; or an answer.

use super::names;
use super::tree::{self, Names, Shape};
use serde_json::Value;

/// One pasted text, recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sample {
    /// Something that is sent to the buyer.
    Request(RequestSample),
    /// Something that comes back.
    Answer(AnswerSample),
}

/// A request as it was pasted; what it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSample {
    /// In capitals; empty if it does not say.
    pub method: String,
    /// Absolute where it says a host.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Is it a ping that stands for a post nobody pasted?
    pub(super) drawn_from_ping: bool,
}

/// An answer as it was pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerSample {
    /// 200 if it does not say.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The name it was pasted under, which may say what it means: `rejected.json`.
    pub name: String,
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Which is which. `name` is where the text comes from, such as the name of a file.
pub fn recognise(name: &str, text: &str) -> Sample {
    let text = text.trim_start_matches('\u{feff}').trim();
    let first = text.lines().next().unwrap_or_default();
    if first.trim_start_matches("$ ").starts_with("curl ") {
        return Sample::Request(curl(text));
    }
    let mut words = first.split_whitespace();
    let (head, target) = (words.next().unwrap_or_default(), words.next());
    if METHODS.contains(&head) && target.is_some_and(|target| target.contains('/')) {
        return Sample::Request(raw(text));
    }
    if status(text).is_some() {
        return Sample::Answer(answer(name, text));
    }
    if (head.starts_with("http://") || head.starts_with("https://")) && !first.contains('<') {
        return Sample::Request(RequestSample {
            url: head.to_owned(),
            body: text[first.len()..].trim().to_owned(),
            ..RequestSample::default()
        });
    }
    let (_, body) = tree::parse(text);
    let says = name.to_ascii_lowercase();
    let leaves = tree::leaves(&body);
    let of_lead = leaves.iter().filter(|(path, _)| names::speaks_of_a_lead(path)).count();
    let of_answer = leaves.iter().filter(|(path, _)| names::speaks_of_an_answer(path)).count();
    if of_answer < of_lead && !says.contains("answer") && !says.contains("response") || says.contains("request") {
        return Sample::Request(request(text));
    }
    Sample::Answer(answer(name, text))
}

/// A text that is known to be a request.
pub fn request(text: &str) -> RequestSample {
    match recognise_head(text) {
        Some(request) => request,
        None => RequestSample {
            body: text.trim().to_owned(),
            ..RequestSample::default()
        },
    }
}

fn recognise_head(text: &str) -> Option<RequestSample> {
    let text = text.trim();
    let first = text.lines().next()?;
    let head = first.split_whitespace().next()?;
    if first.trim_start_matches("$ ").starts_with("curl ") {
        Some(curl(text))
    } else if METHODS.contains(&head) {
        Some(raw(text))
    } else if head.starts_with("http://") || head.starts_with("https://") {
        Some(RequestSample {
            url: head.to_owned(),
            body: text[first.len()..].trim().to_owned(),
            ..RequestSample::default()
        })
    } else {
        None
    }
}

/// A text that is known to be an answer.
pub fn answer(name: &str, text: &str) -> AnswerSample {
    let text = text.trim_start_matches('\u{feff}').trim();
    let (status, body) = match status(text) {
        Some(status) => (status, after_headers(text)),
        None => (200, text),
    };
    AnswerSample {
        status,
        body: body.trim().to_owned(),
        name: name.to_owned(),
    }
}

/// `HTTP/1.1 200 OK`, `HTTP 200`, `Status: 200`, `200 OK`.
fn status(text: &str) -> Option<u16> {
    let first = text.lines().next()?.trim();
    let rest = match first.split_once(char::is_whitespace) {
        Some((head, rest)) if head.to_ascii_uppercase().starts_with("HTTP") || head.eq_ignore_ascii_case("status:") => rest.trim(),
        _ => first,
    };
    let word = rest.split_whitespace().next()?;
    let code = word.parse().ok().filter(|code| (100..600).contains(code))?;
    let alone = rest
        .split_whitespace()
        .skip(1)
        .all(|word| word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
    (word.len() == 3 && alone).then_some(code)
}

/// What stands behind the first line and the headers. Headers look like headers; a body may follow at once.
fn after_headers(text: &str) -> &str {
    let mut rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    while let Some((line, more)) = rest.split_once('\n') {
        let line = line.trim_end();
        if line.is_empty() {
            return more;
        }
        if header(line).is_none() {
            return rest;
        }
        rest = more;
    }
    if header(rest.trim_end()).is_some() { "" } else { rest }
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    plain.then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
}

/// A request line, headers, a blank line, a body.
fn raw(text: &str) -> RequestSample {
    let first = text.lines().next().unwrap_or_default();
    let mut words = first.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let body = after_headers(text);
    let head = &text[..text.len() - body.len()];
    let headers: Vec<(String, String)> = head.lines().skip(1).filter_map(|line| header(line.trim_end())).collect();
    let host = headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.as_str());
    let url = match host {
        Some(host) if target.starts_with('/') => format!("https://{host}{target}"),
        _ => target.to_owned(),
    };
    RequestSample {
        method,
        url,
        headers,
        body: body.trim().to_owned(),
        ..RequestSample::default()
    }
}

/// A curl command line, with what instructions use of it.
fn curl(text: &str) -> RequestSample {
    let words = shell_words(text);
    let mut words = words.iter().skip_while(|word| *word != "curl").skip(1);
    let mut sample = RequestSample::default();
    let (mut data, mut as_query) = (Vec::new(), false);
    while let Some(word) = words.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || joined.clone().or_else(|| words.next().cloned()).unwrap_or_default();
        match flag {
            "-X" | "--request" => sample.method = value().to_ascii_uppercase(),
            "-H" | "--header" => sample.headers.extend(header(&value())),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" | "--data-urlencode" | "-F" | "--form" => {
                data.push(value());
            }
            "-u" | "--user" => {
                value();
                sample.headers.push(("authorization".to_owned(), "Basic".to_owned()));
            }
            "-G" | "--get" => as_query = true,
            "--url" => sample.url = value(),
            "-o" | "--output" | "-A" | "--user-agent" | "-b" | "--cookie" | "-m" | "--max-time" => {
                value();
            }
            _ if !flag.starts_with('-') && sample.url.is_empty() => sample.url.clone_from(word),
            _ => {}
        }
    }
    let data = data.join("&");
    if as_query && !data.is_empty() {
        sample.url = format!("{}{}{data}", sample.url, if sample.url.contains('?') { '&' } else { '?' });
        "GET".clone_into(&mut sample.method);
    } else {
        sample.body = data;
    }
    if !sample.url.contains("://") && !sample.url.is_empty() {
        sample.url = format!("https://{}", sample.url);
    }
    sample
}

/// Words as a shell splits them: quotes, backslashes, line ends escaped.
fn shell_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut begun) = (Vec::new(), String::new(), false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                begun = true;
                word.extend(letters.by_ref().take_while(|letter| *letter != '\''));
            }
            '"' => {
                begun = true;
                while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                    word.extend(if letter == '\\' { letters.next() } else { Some(letter) });
                }
            }
            '\\' => match letters.next() {
                Some('\n' | '\r') | None => {}
                Some(letter) => {
                    begun = true;
                    word.push(letter);
                }
            },
            letter if letter.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            letter => {
                begun = true;
                word.push(letter);
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

impl RequestSample {
    /// The body's shape and tree; of a request without a body, and of a GET, those of its query.
    pub(super) fn tree(&self) -> (Shape, Value) {
        let (shape, tree) = tree::parse(&self.body);
        match shape {
            Shape::Xml => (shape, tree::xml(&self.body, Names::Prefixed).unwrap_or(tree)),
            Shape::Text if self.body.is_empty() => {
                let query = self.url.split_once('?').and_then(|(_, query)| tree::form(query));
                query.map_or((Shape::Text, Value::Null), |query| (Shape::Form, query))
            }
            _ => (shape, tree),
        }
    }

    /// Does everything go behind the question mark?
    pub(super) fn is_query(&self) -> bool {
        self.body.is_empty() || self.method == "GET"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn a_request(text: &str) -> RequestSample {
        match recognise("pasted", text) {
            Sample::Request(request) => request,
            Sample::Answer(answer) => panic!("taken for an answer: {answer:?}"),
        }
    }

    #[test]
    fn a_raw_request_is_taken_apart() {
        let request = a_request("POST /api/ping HTTP/1.1\r\nHost: buyer.example\r\nX-Key: k\r\n\r\n{\"zip\": \"60601\"}");
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://buyer.example/api/ping")
        );
        assert_eq!(request.headers[1], ("x-key".to_owned(), "k".to_owned()));
        assert_eq!(request.body, "{\"zip\": \"60601\"}");
    }

    #[test]
    fn a_curl_command_is_taken_apart() {
        let request = a_request(
            "curl -X POST 'https://buyer.example/ping' \\\n  -H \"Authorization: Bearer abc\" \\\n  --data-raw '{\"zip\": \"60601\", \"who\": \"O\\\"H\"}'",
        );
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://buyer.example/ping")
        );
        assert_eq!(request.headers, [("authorization".to_owned(), "Bearer abc".to_owned())]);
        assert!(request.body.starts_with("{\"zip\""));
        let get = a_request("curl -G https://buyer.example/p -d zip=60601 -d state=IL");
        assert_eq!(
            (get.method.as_str(), get.url.as_str()),
            ("GET", "https://buyer.example/p?zip=60601&state=IL")
        );
    }

    #[test]
    fn bare_bodies_are_told_apart_by_what_they_speak_of() {
        for body in [
            "{\"zip\": \"60601\", \"api_key\": \"k\"}",
            "key=k&State=IL&Zip_Code=60601",
            "<lead><zip>60601</zip></lead>",
        ] {
            assert_eq!(a_request(body).body, body);
        }
        for (text, status) in [
            ("{\"status\": \"ACCEPTED\", \"payout\": 12.5}", 200),
            ("HTTP/1.1 422 Unprocessable Entity\nContent-Type: text/plain\n\nno", 422),
            ("HTTP 200\n<response><status>Matched</status></response>", 200),
            ("<response><status>Matched</status><price>12</price></response>", 200),
            ("ACCEPTED|12.50", 200),
        ] {
            match recognise("pasted", text) {
                Sample::Answer(answer) => assert_eq!(answer.status, status, "{text}"),
                Sample::Request(request) => panic!("taken for a request: {request:?}"),
            }
        }
    }
}
