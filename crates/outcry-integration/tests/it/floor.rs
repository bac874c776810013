//! What these tests share: a call, a bid, an answer, a small integration around the part under test.

use outcry_core::id::PingId;
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_integration::{Ask, Asked, Integration, Kept, Params, PingCall, PingReading, PostReading, RawAnswer, RenderError, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-03-01T12:00:00Z.
pub(crate) const NOW_MS: i64 = 1_772_366_400_000;

const POST: &str = r#"
[post.request]
url = "https://buyer.example/post"
[post.answer]
format = "json"
rules = [{ outcome = "accepted", when = { path = "ok", equals = true } }]
"#;

const ANSWER: &str = r#"
[ping.answer]
format = "json"
rules = [{ outcome = "bid", when = { path = "ok", equals = true } }]
"#;

/// An integration whose ping request is drawn by these lines.
pub(crate) fn with_ping(request: &str) -> Integration {
    read(&format!("{}\n{request}\n{ANSWER}\n{POST}", head("")))
}

/// An integration that reads its answers by these lines.
pub(crate) fn with_answers(answers: &str) -> Integration {
    read(&format!(
        "{}\n[ping.request]\nurl = \"https://buyer.example/ping\"\n[post.request]\nurl = \"https://buyer.example/post\"\n{answers}",
        head("")
    ))
}

/// The first lines of a file, with parameters of every kind.
pub(crate) fn head(more: &str) -> String {
    format!(
        r#"schema = "outcry.integration/1"
label = "Test"
{more}
[params]
url = {{ kind = "url", default = "https://buyer.example/base/" }}
key = {{ kind = "secret" }}
account = {{ kind = "text" }}
number = {{ kind = "number", default = 7 }}
"#
    )
}

#[track_caller]
pub(crate) fn read(text: &str) -> Integration {
    Integration::read(text).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

/// A view of texts.
pub(crate) fn texts(fields: &[(&str, &str)]) -> PingView {
    view(fields.iter().map(|(name, text)| (*name, text_value(text))).collect())
}

pub(crate) fn text_value(text: &str) -> PingValue {
    PingValue::Text(Arc::from(text))
}

pub(crate) fn view(fields: Vec<(&str, PingValue)>) -> PingView {
    PingView::from_entries(fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())
}

/// Writes a ping for a contract with these values.
pub(crate) fn ping_with(integration: &Integration, params: &[(&str, &str)], view: &PingView) -> Result<Request, RenderError> {
    let params: BTreeMap<String, String> = params
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let params = Params::bind(integration, &params).unwrap();
    let now = Moment::from_unix_ms(NOW_MS);
    integration.render_ping(
        &params,
        view,
        &PingCall {
            ping_id: PingId::from_bits(1),
            wait_ms: 250,
            test: false,
            source: "north",
            now,
            kept: Kept::NONE,
            ask: Ask::default(),
        },
    )
}

/// The body of a ping, as text.
#[track_caller]
pub(crate) fn body(integration: &Integration, view: &PingView) -> String {
    String::from_utf8(ping_with(integration, &[], view).unwrap().body).unwrap()
}

pub(crate) fn answer(status: u16, body: &str) -> RawAnswer {
    RawAnswer {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

/// Reads a ping answer for a contract that gives no values.
pub(crate) fn ping(integration: &Integration, answer: &RawAnswer) -> PingReading {
    integration.read_ping(Asked::by(&Params::defaults(integration)), answer)
}

/// Reads a post answer likewise.
pub(crate) fn post(integration: &Integration, answer: &RawAnswer) -> PostReading {
    integration.read_post(Asked::by(&Params::defaults(integration)), answer)
}
