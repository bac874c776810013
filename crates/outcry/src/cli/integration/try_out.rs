//! `outcry integration try`: one request sent for real, to an address of the operator's choice.
//!
//! It goes through the same client and the same address filter as an exchange's calls. Nothing is sold and nothing is
//! recorded: whoever answers at that address gets the lead of the file that was named.

use super::super::output;
use super::super::serve::runtime;
use super::call::{CallArgs, Ids};
use super::file::{self, Refused};
use super::read::Reading;
use super::render::{Shown, say};
use crate::outbound::{Client, Options};
use anyhow::{Context, Result};
use clap::Args;
use ipnet::IpNet;
use outcry_engine::ports::outbound::{Call, CallEnd, Connection, Outbound};
use outcry_integration::{Asked, Outgoing, RawAnswer, Request};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// What `--allow-private` opens: this machine and private networks, also without TLS.
const PRIVATE: [&str; 6] = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
];
/// An answer beyond this is not a buyer's.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Flags of `outcry integration try`.
#[derive(Debug, Args)]
pub(super) struct TryArgs {
    /// The integration file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    call: CallArgs,
    /// Where to send it. Scheme and host go in the place of the file's; a path does too, if there is one; the query stays
    #[arg(long, value_name = "URL")]
    url: Url,
    /// Allow addresses of this machine and of private networks, and there also without TLS
    #[arg(long)]
    allow_private: bool,
    /// Milliseconds to wait for the answer
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    timeout_ms: u64,
    /// Show secrets as they are; otherwise `[secret]` stands in their place
    #[arg(long)]
    show_secrets: bool,
    /// One JSON object instead of text
    #[arg(long)]
    pub(super) json: bool,
}

/// Sends it and shows both sides. Fails if there was no whole answer.
pub(super) fn run(args: &TryArgs) -> Result<ExitCode> {
    let integration = file::open(&args.file)?;
    let written = args.call.write(&args.file, &integration, Ids::fresh())?;
    let Outgoing::Http(mut request) = written.request else {
        let message = format!(
            "{} travels by {}, and only HTTP can be tried",
            args.call.step,
            written.request.via()
        );
        return Err(Refused::Usage(message).into());
    };
    request.url = aimed(&request.url, &args.url)?.as_str().into();
    let shown = Shown::new(&request, args.show_secrets);
    let masked = |text: &str| {
        if args.show_secrets { text.to_owned() } else { request.masked(text) }
    };
    let end = runtime(1)?.block_on(send(args, request.clone()))?;
    let (answer, took) = match end {
        CallEnd::Answered { answer, took } => (Ok(answer), took),
        CallEnd::Broken { why, took } => (Err(format!("it was sent, and the answer is broken: {why}")), took),
        CallEnd::NotSent(why) => (Err(format!("it was not sent: {why}{}", hint(args))), Duration::ZERO),
        CallEnd::Late => (
            Err(format!("it was sent, and there was no answer within {} ms", args.timeout_ms)),
            Duration::from_millis(args.timeout_ms),
        ),
    };
    let reading = answer.as_ref().ok().map(|answer| {
        let asked = Asked::by(&written.params).about(&written.fields);
        Reading::of(&integration, &args.call.step, asked, answer).masked(&masked)
    });
    if args.json {
        let object = json!({
            "ok": answer.is_ok(), "step": args.call.step, "request": shown.as_json(),
            "answer": answer.as_ref().ok().map(|answer| answer_json(answer, &masked)),
            "error": answer.as_ref().err(), "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "reading": reading.as_ref().map(Reading::as_json), "notes": written.notes,
        });
        output::print(&format!("{object}\n"))?;
    } else {
        say(&written.notes);
        output::print(&marked('>', &shown.as_text()))?;
        if let (Ok(answer), Some(reading)) = (&answer, &reading) {
            let head = format!("\nanswered in {} ms\n\n", took.as_millis());
            let said = marked('<', &answer_text(answer, &masked));
            output::print(&format!("{head}{said}\nread as {}", reading.as_text()))?;
        }
    }
    if let Err(why) = &answer {
        eprintln!("outcry: {why}");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// The address of the request with the operator's choice of where.
fn aimed(written: &str, to: &Url) -> Result<Url> {
    if !matches!(to.scheme(), "http" | "https") {
        return Err(Refused::Usage(format!("--url {to} is not an address; write it like https://buyer.example")).into());
    }
    let written = Url::parse(written).context("the file writes an address that cannot be read")?;
    let mut aimed = to.clone();
    if to.path() == "/" {
        aimed.set_path(written.path());
    }
    if to.query().is_none() {
        aimed.set_query(written.query());
    }
    aimed.set_fragment(None);
    Ok(aimed)
}

async fn send(args: &TryArgs, request: Request) -> Result<CallEnd> {
    let allow = PRIVATE.iter().filter(|_| args.allow_private).map(|net| net.parse::<IpNet>());
    let client = Client::new(Options {
        allow: allow.collect::<Result<_, _>>().context("a private network cannot be read")?,
        ..Options::default()
    })?;
    let call = Call {
        request: request.into(),
        contract: 0,
        calls_max: 1,
        until: Instant::now() + Duration::from_millis(args.timeout_ms),
        send_by: None,
        listen_on: Duration::ZERO,
        late: None,
        answer_bytes_max: ANSWER_BYTES_MAX,
        connection: Connection::Any,
    };
    Ok(client.call(call).await)
}

const fn hint(args: &TryArgs) -> &'static str {
    if args.allow_private {
        ""
    } else {
        " (--allow-private allows this machine and private networks, also without TLS)"
    }
}

fn answer_text(answer: &RawAnswer, masked: &dyn Fn(&str) -> String) -> String {
    let mut lines = vec![format!("HTTP {}", answer.status)];
    lines.extend(answer.headers.iter().map(|(name, value)| format!("{name}: {}", masked(value))));
    if !answer.body.is_empty() {
        lines.extend([String::new(), masked(&String::from_utf8_lossy(&answer.body))]);
    }
    lines.join("\n")
}

fn answer_json(answer: &RawAnswer, masked: &dyn Fn(&str) -> String) -> Value {
    let headers: Vec<[String; 2]> = answer.headers.iter().map(|(name, value)| [name.clone(), masked(value)]).collect();
    json!({ "status": answer.status, "headers": headers, "body": masked(&String::from_utf8_lossy(&answer.body)) })
}

/// Which side said a line: `>` we, `<` they.
fn marked(side: char, text: &str) -> String {
    let lines = text.lines().map(|line| format!("{side} {line}").trim_end().to_owned() + "\n");
    lines.collect()
}
