//! The client against real sockets on the loopback. The peers are scripted by hand, so nothing waits for a timer that
//! need not: deadlines are either far away or the point of the test.

mod answers;
mod deadlines;
mod digest;
mod forbidden;
mod identities;
mod mail;
mod peer;
mod phases;
mod reuse;
mod tls;

use super::*;
use peer::{Line, Peer};
use std::net::IpAddr;

/// Far enough away to mean "in time" on a busy machine.
const LONG: Duration = Duration::from_secs(30);
/// Long enough for the loopback to carry what is under way.
const SHORT: Duration = Duration::from_millis(60);

fn options() -> Options {
    Options {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..Options::default()
    }
}

fn client() -> Client {
    Client::new(options()).unwrap()
}

/// A client for which every name is the loopback.
fn client_by_name(options: Options) -> Client {
    let look_up = |_: Arc<str>| -> Later<'static, _> { Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) }) };
    Client::with_resolver(options, Resolver::new(Box::new(look_up))).unwrap()
}

/// A ping.
fn ping(url: &str) -> Call {
    Call {
        request: Request {
            method: outcry_integration::request::Method::Post,
            url: url.into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body: b"{\"zip\":\"30301\"}".to_vec(),
            credentials: outcry_integration::request::Credentials::default(),
            secrets: outcry_integration::Mask::default(),
        }
        .into(),
        contract: 0,
        calls_max: 1000,
        until: Instant::now() + LONG,
        send_by: None,
        listen_on: LONG,
        late: None,
        answer_bytes_max: 64 * 1024,
        connection: Connection::Any,
    }
}

/// The request of a call, to be changed.
fn request_of(call: &mut Call) -> &mut Request {
    match &mut call.request {
        Outgoing::Http(request) => request,
        Outgoing::Mail(_) | Outgoing::Inbox(_) | Outgoing::Row(_) => panic!("no request"),
    }
}

fn post(url: &str) -> Call {
    Call {
        connection: Connection::Fresh,
        ..ping(url)
    }
}

fn in_time(call: Call, time: Duration) -> Call {
    Call {
        until: Instant::now() + time,
        ..call
    }
}

/// An end in one line.
fn told(end: CallEnd) -> String {
    match end {
        CallEnd::Answered { answer, .. } => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
        CallEnd::NotSent(NotSent::Throttled) => "not sent: throttled".to_owned(),
        CallEnd::NotSent(NotSent::NoConnection) => "not sent: no connection".to_owned(),
        CallEnd::NotSent(NotSent::Forbidden(why)) => format!("not sent: forbidden: {why}"),
        CallEnd::NotSent(NotSent::Unreachable(why)) => format!("not sent: unreachable: {why}"),
        CallEnd::Broken { why, .. } => format!("broken: {why}"),
        CallEnd::Late => "late".to_owned(),
    }
}

/// Makes a call and lets the peer play its part meanwhile.
async fn play<T>(client: &Client, call: Call, part: impl Future<Output = T>) -> (String, T) {
    let (end, played) = tokio::join!(client.call(call), part);
    (told(end), played)
}

/// A listener for late answers, and where its news arrive.
fn late() -> (Option<LateListener>, tokio::sync::oneshot::Receiver<String>) {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    (Some(Box::new(move |end| drop(sender.send(told(end))))), receiver)
}

/// Waits until something becomes true of the figures.
async fn until(client: &Client, wanted: impl Fn(Stats) -> bool) {
    let give_up = Instant::now() + LONG;
    while !wanted(client.stats()) {
        assert!(Instant::now() < give_up, "{:?}", client.stats());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Lets time pass for the client's clock without waiting.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
