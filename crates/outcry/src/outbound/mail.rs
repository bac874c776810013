//! Mail: takes a letter to the operator's mail server, over connections that are kept for the next one.
//!
//! The dialogue is our own, because a verdict depends on how far it got: until the first byte of the letter has left,
//! the next buyer may have the lead; after that only the server's reply can say so.

mod letter;
mod session;

use super::dial::{Dialer, shake_hands, unreachable};
use super::place::Place;
use super::progress::{Progress, Step};
use super::stream::Stream;
use outcry_engine::ports::outbound::{CallEnd, NotSent};
use outcry_integration::answer::RawAnswer;
use outcry_integration::{Login, Mail};
use session::{Reply, Session, Stopped};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a connection may lie idle: mail servers wait for five minutes (RFC 5321, section 4.5.3.2.7), and busy ones less.
const IDLE: Duration = Duration::from_mins(1);
/// Connections kept, over all servers.
const IDLE_MAX: usize = 32;

/// Sends mails.
pub(super) struct Mailer {
    dialer: Dialer,
    idle: Mutex<Vec<Idle>>,
}

/// A connection that waits for the next letter. It serves only those who come with the same server and login.
struct Idle {
    server: Arc<str>,
    login: Option<Login>,
    since: Instant,
    session: Session,
}

/// How a server is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte.
    Implicit,
    /// TLS asked for with STARTTLS; without it nothing is said.
    Asked,
    /// None; for networks that the operator allows.
    None,
}

/// The schemes of a server's address, and the ports that are usual there.
const SCHEMES: [(&str, Security, &str, u16); 3] = [
    ("smtps://", Security::Implicit, "https://", 465),
    ("smtp://", Security::Asked, "https://", 587),
    ("smtp+plain://", Security::None, "http://", 25),
];

impl Mailer {
    pub(super) fn new(dialer: Dialer) -> Self {
        Self {
            dialer,
            idle: Mutex::default(),
        }
    }

    /// Sends one mail. What the server says is the answer; its reply codes are read like statuses.
    pub(super) async fn send(&self, mail: &Mail, progress: &Progress, begun: Instant) -> CallEnd {
        let letter = match letter::write(mail) {
            Ok(letter) => letter,
            Err(why) => return CallEnd::NotSent(NotSent::Forbidden(why.into())),
        };
        if let Some(mut session) = self.take(mail) {
            match session.envelope(&letter).await {
                Ok(()) => return self.hand_over(mail, session, &letter, progress, begun).await,
                // An idle connection may have been closed meanwhile, and nothing of the letter was in it.
                Err(Stopped::Lost(_)) => {}
                Err(Stopped::Refused(reply)) => return refused(reply, begun),
            }
        }
        progress.reach(Step::Connecting);
        let mut session = match self.open(mail, letter.sender_host()).await {
            Ok(session) => session,
            Err(not_sent) => return CallEnd::NotSent(not_sent),
        };
        match session.envelope(&letter).await {
            Ok(()) => self.hand_over(mail, session, &letter, progress, begun).await,
            Err(Stopped::Lost(why)) => CallEnd::NotSent(NotSent::Unreachable(format!("{}: {why}", mail.server).into())),
            Err(Stopped::Refused(reply)) => refused(reply, begun),
        }
    }

    /// The letter itself. From its first byte on, only a reply tells what became of it.
    async fn hand_over(&self, mail: &Mail, mut session: Session, letter: &letter::Letter, progress: &Progress, begun: Instant) -> CallEnd {
        progress.reach(Step::Sent);
        match session.letter(letter).await {
            Ok(reply) => {
                self.keep(mail, session);
                answered(reply, begun)
            }
            Err(why) => CallEnd::Broken {
                why: format!("the mail server did not say whether it took the mail: {why}").into(),
                took: begun.elapsed(),
            },
        }
    }

    /// A new connection, greeted, secured and logged in.
    async fn open(&self, mail: &Mail, hello: &str) -> Result<Session, NotSent> {
        let (place, security) = place(&mail.server, &self.dialer)?;
        let slow = || unreachable(&place, &"connecting took too long");
        timeout(self.dialer.connect_timeout, self.greeted(mail, hello, &place, security))
            .await
            .unwrap_or_else(|_| Err(slow()))
    }

    async fn greeted(&self, mail: &Mail, hello: &str, place: &Place, security: Security) -> Result<Session, NotSent> {
        let stopped = |stopped: Stopped| unreachable(place, &stopped);
        let socket = self.dialer.socket(place).await?;
        let mut session = match security {
            Security::Implicit => {
                let stream = shake_hands(&self.dialer.tls, place, socket).await?;
                Session::greeted(stream, hello).await.map_err(stopped)?
            }
            Security::None => Session::greeted(Stream::Plain(socket), hello).await.map_err(stopped)?,
            Security::Asked => {
                let plain = Session::greeted(Stream::Plain(socket), hello).await.map_err(stopped)?;
                let socket = plain.start_tls().await.map_err(stopped)?;
                let stream = shake_hands(&self.dialer.tls, place, socket).await?;
                Session::resumed(stream, hello).await.map_err(stopped)?
            }
        };
        if let Some(login) = &mail.login {
            session.log_in(login).await.map_err(stopped)?;
        }
        Ok(session)
    }

    /// A kept connection that is still open, as far as one can see.
    fn take(&self, mail: &Mail) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain_mut(|one| one.since.elapsed() < IDLE && one.session.is_quiet());
        let at = idle.iter().position(|one| one.server == mail.server && one.login == mail.login)?;
        Some(idle.swap_remove(at).session)
    }

    fn keep(&self, mail: &Mail, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(Idle {
                server: Arc::clone(&mail.server),
                login: mail.login.clone(),
                since: Instant::now(),
                session,
            });
        }
    }
}

/// Where a server is, behind the same rules as any other address.
fn place(server: &str, dialer: &Dialer) -> Result<(Place, Security), NotSent> {
    let forbidden = |why: String| NotSent::Forbidden(why.into());
    let known = SCHEMES
        .iter()
        .find_map(|(scheme, security, http, port)| Some((server.strip_prefix(scheme)?, *security, *http, *port)));
    let (authority, security, http, port) = known.ok_or_else(|| forbidden(format!("{server}: not the address of a mail server")))?;
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let origin = if has_port {
        format!("{http}{authority}")
    } else {
        format!("{http}{authority}:{port}")
    };
    let place = Place::parse(&origin, &dialer.filter).map_err(forbidden)?;
    Ok((place, security))
}

/// A refusal before the letter. Some codes speak of us or of the server and not of the letter: then nothing was sent.
fn refused(reply: Reply, begun: Instant) -> CallEnd {
    match reply.code {
        421 | 454 | 530 | 534 | 535 | 538 => CallEnd::NotSent(NotSent::Unreachable(reply.to_string().into())),
        _ => answered(reply, begun),
    }
}

fn answered(reply: Reply, begun: Instant) -> CallEnd {
    CallEnd::Answered {
        answer: RawAnswer {
            status: reply.code,
            headers: Vec::new(),
            body: reply.text.into_bytes(),
        },
        took: begun.elapsed(),
    }
}
