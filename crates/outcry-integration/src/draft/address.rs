//! Where a pasted request goes, and what it shows to be let in.

use super::assemble::{line, texts};
use super::names::Meaning;
use super::request::{Drawer, Param, key, snake};
use super::sample::RequestSample;
use super::tree;
use super::value::toml_text;
use crate::step::StepName;
use serde_json::Value;

/// Headers that belong to whoever sends, or follow from the format.
const NOT_OURS: [&str; 15] = [
    "soapaction",
    "host",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "accept-encoding",
    "cookie",
    "cache-control",
    "postman-token",
    "origin",
    "referer",
    "authorization",
    "pragma",
    "accept-language",
];

/// The address as a template, and what was guessed of it.
pub(super) fn draw(sample: &RequestSample, format: &str, drawer: &mut Drawer<'_>) -> (String, Option<String>) {
    let step = drawer.step.word();
    let Some((scheme, rest)) = sample.url.split_once("://") else {
        base_param(drawer, "base_url", None);
        let path = sample.url.split('?').next().filter(|path| path.starts_with('/'));
        return match path {
            Some(path) => (format!("{{param.base_url}}{}", encoded_path(path)), None),
            None => (format!("{{param.base_url}}/{step}"), Some("the sample has no address".to_owned())),
        };
    };
    let (host, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let base = format!("{scheme}://{host}");
    let known = drawer.needs.params.iter().find(|param| param.name == "base_url");
    let name = match known {
        Some(known) if known.default.as_ref().is_some_and(|known| *known != base) => format!("{step}_base_url"),
        _ => "base_url".to_owned(),
    };
    base_param(drawer, &name, Some(base));
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let (mut parts, mut guess) = (vec![format!("{{param.{name}}}")], None);
    for written in path.split('/').skip(1) {
        let (part, doubt) = segment(written, drawer);
        parts.push(part);
        guess = doubt.or(guess);
    }
    let mut url = parts.join("/");
    if format != "query" && !query.is_empty() {
        let query = tree::form(query).unwrap_or(Value::Null);
        let pairs: Vec<String> = query
            .as_object()
            .map(texts)
            .unwrap_or_default()
            .iter()
            .map(|(name, value)| pair(name, value, drawer))
            .collect();
        url.push('?');
        url.push_str(&pairs.join("&"));
        guess = guess.or_else(|| Some("the query".to_owned()));
    }
    (url, guess)
}

/// One part of the path as a template, and what was guessed.
fn segment(written: &str, drawer: &mut Drawer<'_>) -> (String, Option<String>) {
    let link = drawer.links.find("", written).filter(|_| drawer.step == StepName::Post);
    if let Some(link) = link {
        drawer.needs.bid(&link.hole, written);
        let guess = format!("the same value as {} in the ping's answer", link.path);
        return (format!("{{{}}}", link.hole), Some(guess));
    }
    if let Some(name) = placeholder(written) {
        let hole = match drawer.trade.meaning(name) {
            Meaning::BidId | Meaning::OurId if drawer.step == StepName::Post => {
                drawer.needs.bid("bid.id", name);
                "bid.id".to_owned()
            }
            Meaning::Secret => format!("param.{}", drawer.named_param(name, "secret", "")),
            _ => format!("param.{}", drawer.named_param(name, "text", &snake(name))),
        };
        return (format!("{{{hole}}}"), Some("the instructions leave a place open".to_owned()));
    }
    if is_token(written) {
        let name = format!("{}_path_key", drawer.step.word());
        let param = drawer.named_param(&name, "secret", written);
        return (format!("{{param.{param}}}"), Some("a part of the path looks like a key".to_owned()));
    }
    (encoded_path(written), None)
}

fn pair(name: &str, value: &str, drawer: &mut Drawer<'_>) -> String {
    let hole = match drawer.trade.meaning(name) {
        Meaning::Secret => Some(format!("param.{}", drawer.named_param(name, "secret", value))),
        Meaning::Account => Some(format!("param.{}", drawer.named_param(name, "text", value))),
        Meaning::BidId if drawer.step == StepName::Post => {
            drawer.needs.bid("bid.id", value);
            Some("bid.id".to_owned())
        }
        _ => None,
    };
    match hole {
        Some(hole) => format!("{}={{{hole}}}", encoded(name)),
        None => format!("{}={}", encoded(name), encoded(value)),
    }
}

fn base_param(drawer: &mut Drawer<'_>, name: &str, default: Option<String>) {
    let example = default.clone().unwrap_or_else(|| "https://buyer.example".to_owned());
    drawer.needs.params(Param {
        name: name.to_owned(),
        kind: "url",
        default,
        example,
        about: "Where the buyer is called.".to_owned(),
    });
}

/// Long, and of letters and digits: a key more likely than a word.
fn is_token(segment: &str) -> bool {
    let letters = segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    16 <= segment.len() && letters && 4 <= segment.bytes().filter(u8::is_ascii_digit).count()
}

/// `{id}`, `<id>`, `[id]`, `:id`: what instructions write where a value belongs.
fn placeholder(segment: &str) -> Option<&str> {
    let inside = |open, close| segment.strip_prefix(open)?.strip_suffix(close);
    let name = inside('{', '}')
        .or_else(|| inside('<', '>'))
        .or_else(|| inside('[', ']'))
        .or_else(|| segment.strip_prefix(':'));
    name.filter(|name| !name.is_empty())
}

/// A part of a path with everything encoded that may not stand there.
fn encoded_path(text: &str) -> String {
    let parts = text.split('/').map(|part| encoded(&tree::decoded(&part.replace('+', "%2B"))));
    parts.collect::<Vec<_>>().join("/")
}

fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

fn encoded(text: &str) -> String {
    crate::format::percent::encoded(text, crate::format::percent::Blank::Percent20)
}

/// `auth = …` out of an Authorization header.
pub(super) fn auth(sample: &RequestSample, drawer: &mut Drawer<'_>) -> Vec<String> {
    let Some((_, value)) = sample.headers.iter().find(|(name, _)| name == "authorization") else {
        return Vec::new();
    };
    let scheme = value.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let toml = match scheme.as_str() {
        "basic" => {
            drawer.named_param("user", "text", "example-user");
            drawer.named_param("password", "secret", "");
            r#"{ basic = { user = "{param.user}", password = "{param.password}" } }"#
        }
        "digest" => {
            drawer.named_param("user", "text", "example-user");
            drawer.named_param("password", "secret", "");
            r#"{ digest = { user = "{param.user}", password = "{param.password}" } }"#
        }
        "bearer" => {
            drawer.named_param("token", "secret", "");
            r#"{ bearer = "{param.token}" }"#
        }
        _ => return Vec::new(),
    };
    vec![line("auth", toml, Some("from the Authorization header"))]
}

/// The headers that a file has to name.
pub(super) fn headers(sample: &RequestSample, drawer: &mut Drawer<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in &sample.headers {
        let scheme = value.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let bare_key = name == "authorization" && !matches!(scheme.as_str(), "basic" | "digest" | "bearer");
        if NOT_OURS.contains(&name.as_str()) && !bare_key {
            continue;
        }
        let secret = bare_key || drawer.trade.meaning(name) == Meaning::Secret;
        let (toml, guess) = match (secret, is_token(value)) {
            (true, _) => (
                format!("{{param.{}}}", drawer.named_param(&snake(name), "secret", value)),
                Some("a secret of the contract"),
            ),
            (_, true) => (
                format!("{{param.{}}}", drawer.named_param(&snake(name), "text", value)),
                Some("differs from contract to contract"),
            ),
            _ => (escaped(value), (name != "accept").then_some("the same for every lead")),
        };
        lines.push(line(&key(name), &toml_text(&toml), guess));
    }
    lines
}
