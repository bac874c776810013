//! The outbound port over make-believe buyers: what their replies look like to a caller whose time is limited.

use outcry_engine::loops;
use outcry_engine::ports::Later;
use outcry_engine::ports::outbound::{Call, CallEnd, LateListener, NotSent, Outbound};
use outcry_integration::Request;
use outcry_integration::answer::RawAnswer;
use outcry_market::buyers::{IncomingRequest, Reply, ReplyKind};
use outcry_market::world::World;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// Whoever listens at the addresses that the exchange calls.
pub(crate) trait Street: Send + Sync {
    /// What a request to this host leads to; `None` where nobody is.
    fn answer(&self, host: &str, request: &IncomingRequest) -> Option<Reply>;
}

impl Street for World {
    fn answer(&self, _host: &str, request: &IncomingRequest) -> Option<Reply> {
        self.answer(request)
    }
}

/// One request that left.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// When.
    pub(crate) at: Instant,
    /// To which host.
    pub(crate) host: String,
    /// What, query included.
    pub(crate) path: String,
    /// As text.
    pub(crate) body: String,
    /// Names and values.
    headers: Vec<(String, String)>,
    /// In which exchanges the lead has been, as the header says.
    pub(crate) chain: String,
}

impl Sent {
    /// The first header of a name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The outbound port of a test.
pub(crate) struct MarketOutbound {
    street: Arc<dyn Street>,
    turns: Arc<Mutex<HashMap<usize, u32>>>,
    sent: Mutex<Vec<Sent>>,
}

impl MarketOutbound {
    /// Calls whoever is in this street.
    pub(crate) fn to(street: Arc<dyn Street>) -> Self {
        Self {
            street,
            turns: Arc::default(),
            sent: Mutex::default(),
        }
    }

    /// Every request that has left so far, in order.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        lock(&self.sent).clone()
    }

    /// Notes the request and asks the street. A refused connection lets nothing out.
    fn send(&self, request: &Request) -> Result<Reply, NotSent> {
        let unreachable = || NotSent::Unreachable("there is nobody at this address".into());
        let (host, path) = split(&request.url).ok_or_else(|| NotSent::Forbidden("not an address".into()))?;
        let incoming = incoming(request, path);
        let reply = self.street.answer(host, &incoming).ok_or_else(unreachable)?;
        if reply.kind != ReplyKind::Refused {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let chain = request.headers.iter().find(|(name, _)| &**name == loops::HEADER);
            lock(&self.sent).push(Sent {
                at: Instant::now(),
                host: host.to_owned(),
                path: path.to_owned(),
                body,
                headers: request
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_string()))
                    .collect(),
                chain: chain.map_or_else(String::new, |(_, chain)| chain.to_string()),
            });
        }
        Ok(reply)
    }
}

impl Outbound for MarketOutbound {
    fn call(&self, call: Call) -> Later<'_, CallEnd> {
        let Some(turn) = Turn::take(&self.turns, call.contract, call.calls_max) else {
            return ends(CallEnd::NotSent(NotSent::Throttled));
        };
        let begun = Instant::now();
        if call.until <= begun {
            return ends(CallEnd::NotSent(NotSent::NoConnection));
        }
        let Some(request) = call.request.http() else {
            return ends(CallEnd::NotSent(NotSent::Forbidden("this street knows nothing but HTTP".into())));
        };
        let reply = match self.send(request) {
            Ok(reply) => reply,
            Err(why) => return ends(CallEnd::NotSent(why)),
        };
        let refused = reply.kind == ReplyKind::Refused;
        let mut exchange: Later<'static, CallEnd> = Box::pin(exchange(reply, begun, call.answer_bytes_max, turn));
        Box::pin(async move {
            // An answer that is complete at the very moment the time is up is in time.
            match timeout_at(call.until, &mut exchange).await {
                Ok(end) => end,
                Err(_) if refused => CallEnd::NotSent(NotSent::Unreachable("there was no connection in time".into())),
                Err(_) => {
                    tokio::spawn(listen(exchange, call.until + call.listen_on, call.late));
                    CallEnd::Late
                }
            }
        })
    }
}

fn ends(end: CallEnd) -> Later<'static, CallEnd> {
    Box::pin(std::future::ready(end))
}

/// The whole of a call, however long it takes. The turn is given back at its end.
async fn exchange(reply: Reply, begun: Instant, answer_bytes_max: usize, _turn: Turn) -> CallEnd {
    sleep(Duration::from_millis(reply.delay_ms.into())).await;
    let broken = |why: &str| CallEnd::Broken {
        why: why.into(),
        took: begun.elapsed(),
    };
    match reply.kind {
        ReplyKind::Answer {
            status,
            content_type,
            body,
        } if body.len() <= answer_bytes_max => {
            let headers = vec![("content-type".to_owned(), content_type.to_owned())];
            CallEnd::Answered {
                answer: RawAnswer {
                    status,
                    headers,
                    body: body.into_bytes(),
                },
                took: begun.elapsed(),
            }
        }
        ReplyKind::Answer { .. } => broken("the answer is too long"),
        ReplyKind::Silence => std::future::pending().await,
        ReplyKind::Reset => broken("the connection was reset"),
        ReplyKind::HalfThenReset { .. } => broken("the connection was reset in the middle of the answer"),
        ReplyKind::Refused => CallEnd::NotSent(NotSent::Unreachable("the connection was refused".into())),
    }
}

/// Hears a call to its end for a caller who has gone.
async fn listen(exchange: Later<'static, CallEnd>, until: Instant, late: Option<LateListener>) {
    let begun = Instant::now();
    let end = timeout_at(until, exchange).await.unwrap_or_else(|_| CallEnd::Broken {
        why: "there was no answer".into(),
        took: begun.elapsed(),
    });
    if let Some(late) = late {
        late(end);
    }
}

/// One of the calls that may be open to a contract at once.
struct Turn {
    turns: Arc<Mutex<HashMap<usize, u32>>>,
    contract: usize,
}

impl Turn {
    fn take(turns: &Arc<Mutex<HashMap<usize, u32>>>, contract: usize, calls_max: u32) -> Option<Self> {
        let mut open = lock(turns);
        let open = open.entry(contract).or_default();
        if calls_max <= *open {
            return None;
        }
        *open += 1;
        Some(Self {
            turns: turns.clone(),
            contract,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(open) = lock(&self.turns).get_mut(&self.contract) {
            *open -= 1;
        }
    }
}

/// `https://host/path` as host and path.
fn split(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let at = rest.find('/').unwrap_or(rest.len());
    Some(rest.split_at(at))
}

fn incoming(request: &Request, path: &str) -> IncomingRequest {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    IncomingRequest {
        method: request.method.as_str().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: request.body.clone(),
    }
}

fn lock<T>(inside: &Mutex<T>) -> MutexGuard<'_, T> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}
