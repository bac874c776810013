//! The outbound client: calls buyers over HTTP/1.1, or sends them a mail, and knows of every call how far it got.
//!
//! Not built on a client library, for three reasons: the calls are nearly all of an auction's work, and a library's
//! share of it is as large as the kernel's; a deadline must not close a connection (see [`pool`]); and whether a byte of
//! a post has left decides who may be sold the lead next, which no library tells exactly.
//!
//! It refuses to know about buyers: no redirect is followed, no cookie kept, no proxy taken from the environment.

mod address;
mod codec;
mod connection;
mod dial;
mod digest;
mod identities;
mod mail;
mod origins;
mod place;
mod pool;
mod progress;
mod resolve;
mod sftp;
mod stats;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod turns;

pub(crate) use stats::Stats;
pub(crate) use tls::wrong_with;

use address::Filter;
use codec::{Oddity, Reader, request};
use connection::Outcome;
use dial::Dialer;
use digest::Challenge;
use futures_util::future::join_all;
use identities::Identities;
use ipnet::IpNet;
use mail::Mailer;
use outcry_engine::ports::Later;
use outcry_engine::ports::outbound::{Call, CallEnd, Connection, LateListener, NotSent, Outbound};
use outcry_integration::request::Request;
use outcry_integration::{Outgoing, SftpPlace};
use pool::{Origin, Want};
use progress::{Progress, Step};
use resolve::Resolver;
use sftp::Uploader;
use stats::Counters;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tls::{Authorities, HTTP};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use turns::{Turn, Turns};

/// What an operator can set.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Most connections to one origin, open or being opened.
    pub(crate) connections_max_per_origin: usize,
    /// How long a connection may lie idle; less where the buyer's server says so.
    pub(crate) idle: Duration,
    /// Networks that may be called although they are not public, and without TLS.
    pub(crate) allow: Vec<IpNet>,
    /// Whether public addresses may be called without TLS.
    pub(crate) plain_http: bool,
    /// A PEM file of certificate authorities to trust beside the web's own.
    pub(crate) extra_ca: Option<PathBuf>,
    /// How long opening a connection may take, from the look-up of the name to the end of the handshake.
    pub(crate) connect_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections_max_per_origin: 512,
            idle: Duration::from_secs(30),
            allow: Vec::new(),
            plain_http: false,
            extra_ca: None,
            connect_timeout: Duration::from_secs(3),
        }
    }
}

/// Calls buyers.
pub(crate) struct Client {
    identities: Identities,
    mailer: Arc<Mailer>,
    uploader: Uploader,
    turns: Turns,
    shared: Arc<Shared>,
}

/// What outlives a call.
struct Shared {
    counters: Arc<Counters>,
    background: TaskTracker,
}

impl Client {
    /// A client without a connection.
    ///
    /// # Errors
    /// If the extra authorities cannot be read.
    pub(crate) fn new(options: Options) -> anyhow::Result<Self> {
        Self::with_resolver(options, Resolver::of_the_system())
    }

    fn with_resolver(options: Options, resolver: Resolver) -> anyhow::Result<Self> {
        let counters = Arc::new(Counters::default());
        let authorities = Authorities::new(options.extra_ca.as_deref())?;
        let dialer = Dialer {
            resolver: Arc::new(resolver),
            tls: authorities.connector(None, HTTP).map_err(anyhow::Error::msg)?,
            filter: Arc::new(Filter {
                allow: options.allow,
                plain_http: options.plain_http,
            }),
            connect_timeout: options.connect_timeout,
            idle: options.idle,
            counters: Arc::clone(&counters),
        };
        let mail_tls = authorities.connector(None, &[]).map_err(anyhow::Error::msg)?;
        let mailer = Arc::new(Mailer::new(Dialer {
            tls: mail_tls,
            ..dialer.clone()
        }));
        let uploader = Uploader::new(dialer.clone());
        Ok(Self {
            identities: Identities::new(options.connections_max_per_origin, dialer, authorities),
            mailer,
            uploader,
            turns: Turns::default(),
            shared: Arc::new(Shared {
                counters,
                background: TaskTracker::new(),
            }),
        })
    }

    /// Opens connections to the origin of `url` until there are `count`, as far as that works.
    pub(crate) async fn warm(&self, url: &str, count: usize) {
        let Ok((origin, _)) = self.identities.nobody.find(url) else {
            return;
        };
        let missing = count.saturating_sub(origin.connections());
        let progress = Progress::default();
        // All are lent before the first is given back.
        join_all((0..missing).map(|_| origin.lease(Want::New, &progress))).await;
    }

    /// Puts a file on a server, over SFTP.
    ///
    /// # Errors
    /// Why it is not there, or cannot be known to be; then the same file may be sent again.
    pub(crate) async fn upload(&self, to: &SftpPlace, name: &str, content: &[u8]) -> Result<(), String> {
        self.uploader.upload(to, name, content).await
    }

    /// What it has done so far.
    pub(crate) fn stats(&self) -> Stats {
        let Shared { counters, background } = &*self.shared;
        let closed = counters.closed.total();
        let opened = counters.opened.total();
        Stats {
            opened,
            reused: counters.reused.total(),
            open_now: opened.saturating_sub(closed),
            throttled: counters.throttled.total(),
            late: counters.late.total(),
            broken: counters.broken.total(),
            listening: background.len() as u64,
        }
    }

    /// Waits for the calls that are still listened to; true if all have ended by `until`.
    pub(crate) async fn drain(&self, until: Instant) -> bool {
        self.shared.background.close();
        timeout_at(until, self.shared.background.wait()).await.is_ok()
    }

    /// What must be right before anybody waits.
    fn prepare(&self, request: &Request, until: Instant, begun: Instant) -> Result<(Arc<Origin>, usize), NotSent> {
        if let Some(why) = request::refusal(request) {
            return Err(NotSent::Forbidden(why.into()));
        }
        let found = self.identities.find(request)?;
        if until <= begun {
            return Err(NotSent::NoConnection);
        }
        Ok(found)
    }

    /// What is to be done for a call, once it has a turn.
    fn exchange(&self, request: Outgoing, terms: Terms, progress: Arc<Progress>) -> Result<Later<'static, CallEnd>, NotSent> {
        let begun = Instant::now();
        terms.is_too_late()?;
        match request {
            Outgoing::Http(request) => {
                let (origin, path_at) = self.prepare(&request, terms.until, begun)?;
                let exchange = Exchange {
                    _turn: self.turn(terms)?,
                    origin,
                    path_at,
                    request,
                    terms,
                    begun,
                    progress,
                    shared: Arc::clone(&self.shared),
                };
                Ok(Box::pin(exchange.run()))
            }
            Outgoing::Mail(mail) => {
                let (mailer, turn) = (Arc::clone(&self.mailer), self.turn(terms)?);
                Ok(Box::pin(async move {
                    let end = mailer.send(&mail, &progress, begun).await;
                    drop(turn);
                    end
                }))
            }
            Outgoing::Inbox(_) | Outgoing::Row(_) => Err(NotSent::Forbidden("it has no address".into())),
        }
    }

    /// One of the contract's open calls.
    fn turn(&self, terms: Terms) -> Result<Turn, NotSent> {
        self.turns.take(terms.contract, terms.calls_max).ok_or_else(|| {
            self.shared.counters.throttled.count();
            NotSent::Throttled
        })
    }
}

const TOO_LATE: &str = "too much time had passed since the intent was written down";

/// What a call allows.
#[derive(Clone, Copy)]
struct Terms {
    contract: usize,
    calls_max: u32,
    until: Instant,
    send_by: Option<Instant>,
    answer_bytes_max: usize,
    connection: Connection,
}

impl Terms {
    /// Has too much time passed for the first byte to leave?
    fn is_too_late(&self) -> Result<(), NotSent> {
        match self.send_by.filter(|by| *by <= Instant::now()) {
            Some(_) => Err(NotSent::Unreachable(TOO_LATE.into())),
            None => Ok(()),
        }
    }
}

impl Outbound for Client {
    fn call(&self, call: Call) -> Later<'_, CallEnd> {
        let terms = Terms {
            contract: call.contract,
            calls_max: call.calls_max,
            until: call.until,
            send_by: call.send_by,
            answer_bytes_max: call.answer_bytes_max,
            connection: call.connection,
        };
        let progress = Arc::new(Progress::default());
        let exchange = match self.exchange(call.request, terms, Arc::clone(&progress)) {
            Ok(exchange) => exchange,
            Err(not_sent) => return Box::pin(std::future::ready(CallEnd::NotSent(not_sent))),
        };
        let mut waiting = Waiting {
            exchange: Some(exchange),
            progress,
            shared: Arc::clone(&self.shared),
            listen_until: call.until + call.listen_on,
            late: call.late,
        };
        Box::pin(async move { waiting.until(call.until).await })
    }
}

/// A caller waiting for its exchange. However it stops waiting, a request that was sent is listened to.
struct Waiting {
    exchange: Option<Later<'static, CallEnd>>,
    progress: Arc<Progress>,
    shared: Arc<Shared>,
    listen_until: Instant,
    late: Option<LateListener>,
}

impl Waiting {
    async fn until(&mut self, until: Instant) -> CallEnd {
        let Some(exchange) = &mut self.exchange else { return CallEnd::Late };
        if let Ok(end) = timeout_at(until, exchange).await {
            self.exchange = None;
            return end;
        }
        match self.progress.step() {
            Step::Waiting => CallEnd::NotSent(NotSent::NoConnection),
            Step::Connecting => CallEnd::NotSent(NotSent::Unreachable("there was no connection in time".into())),
            Step::Sent => {
                self.shared.counters.late.count();
                CallEnd::Late
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(exchange) = self.exchange.take() else { return };
        // Nothing sent: the exchange ends here, and what it waited for goes to others.
        if self.progress.step() != Step::Sent {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            self.shared
                .background
                .spawn_on(listen(exchange, self.listen_until, self.late.take()), &runtime);
        }
    }
}

/// Reads on for a caller who has gone, so that the connection stays whole and the answer is known.
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

/// One request on its way to one answer, on one connection or, at most, a second.
struct Exchange {
    origin: Arc<Origin>,
    path_at: usize,
    request: Request,
    terms: Terms,
    begun: Instant,
    progress: Arc<Progress>,
    shared: Arc<Shared>,
    /// Held until the answer has come, whoever waits for it.
    _turn: Turn,
}

impl Exchange {
    /// The call, and where the server first wants to know who we are, the same once more with the answer. Its refusal
    /// is clear: the buyer has taken nothing.
    async fn run(self) -> CallEnd {
        let Some(login) = &self.request.credentials.digest else {
            return self.attempt(None).await;
        };
        let (method, target) = (self.request.method.as_str(), request::target(&self.request, self.path_at));
        let sessions = &self.origin.digests;
        let known = sessions.next(&login.user);
        let authorization = known.as_ref().map(|turn| turn.answer(login, method, &target));
        let end = self.attempt(authorization.as_deref()).await;
        let challenge = match &end {
            CallEnd::Answered { answer, .. } => Challenge::of(answer),
            CallEnd::NotSent(_) | CallEnd::Broken { .. } | CallEnd::Late => None,
        };
        let Some(challenge) = challenge else { return end };
        let refused_for_good = known.is_some_and(|turn| turn.has_nonce_of(&challenge));
        let turn = sessions.learn(&login.user, challenge);
        // After its time nobody waits for the call any more, and a post may have gone elsewhere.
        if refused_for_good || self.terms.until <= Instant::now() {
            return end;
        }
        self.progress.begin_again();
        self.attempt(Some(&turn.answer(login, method, &target))).await
    }

    /// One request and its answer.
    async fn attempt(&self, authorization: Option<&str>) -> CallEnd {
        let mut want = Want::from(self.terms.connection);
        let mut spoilt: Option<Oddity> = None;
        loop {
            let mut lease = match (self.origin.lease(want, &self.progress).await, spoilt.take()) {
                (Err(not_sent), None) => return CallEnd::NotSent(not_sent),
                (Err(not_sent), Some(first)) => return self.broken(format!("{first}; then {not_sent}").into()),
                (Ok(_), Some(first)) if self.terms.until <= Instant::now() => return self.broken(first),
                (Ok(lease), first) => {
                    spoilt = first;
                    lease
                }
            };
            // Connecting may have taken longer than the intent is good for.
            if let (Err(not_sent), None) = (self.terms.is_too_late(), &spoilt) {
                return CallEnd::NotSent(not_sent);
            }
            if lease.reused {
                self.shared.counters.reused.count();
            }
            let write = |out: &mut Vec<u8>| {
                request::write(out, &self.request, &self.origin.place.authority, self.path_at, authorization);
            };
            match lease
                .exchange(write, Reader::new(self.terms.answer_bytes_max), &self.progress)
                .await
            {
                Outcome::Answered { answer, .. } => {
                    return CallEnd::Answered {
                        answer,
                        took: self.begun.elapsed(),
                    };
                }
                Outcome::Unsent(_) if lease.reused => want = Want::New,
                Outcome::Unsent(why) if spoilt.is_none() => return CallEnd::NotSent(NotSent::Unreachable(why.into())),
                Outcome::Silent(why) if lease.reused && self.may_repeat(spoilt.as_ref()) => {
                    spoilt = Some(why);
                    want = Want::New;
                }
                Outcome::Refused(why) if spoilt.is_none() => return CallEnd::NotSent(NotSent::Unreachable(why.into())),
                Outcome::Refused(why) | Outcome::Unsent(why) | Outcome::Silent(why) | Outcome::Broken(why) => return self.broken(why),
            }
        }
    }

    /// A ping may be repeated once, in time: the server closed an idle connection as the request arrived. A post never
    /// is, because the buyer may have it.
    fn may_repeat(&self, spoilt: Option<&Oddity>) -> bool {
        self.terms.connection == Connection::Any && spoilt.is_none() && Instant::now() < self.terms.until
    }

    fn broken(&self, why: Oddity) -> CallEnd {
        self.shared.counters.broken.count();
        CallEnd::Broken {
            why: why.into(),
            took: self.begun.elapsed(),
        }
    }
}
