//! Opens connections: looks the name up, checks the addresses, connects, shakes hands.

use super::address::Filter;
use super::connection::Connection;
use super::place::{HostName, Place};
use super::resolve::Resolver;
use super::stats::Counters;
use super::stream::{Socket, Stream};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use outcry_engine::ports::outbound::NotSent;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

/// How long one address of several has before the next is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// What it takes to open a connection.
#[derive(Clone)]
pub(super) struct Dialer {
    pub(super) resolver: Arc<Resolver>,
    pub(super) filter: Arc<Filter>,
    pub(super) tls: TlsConnector,
    /// From the look-up to the end of the handshake.
    pub(super) connect_timeout: Duration,
    /// How long the connections may lie idle.
    pub(super) idle: Duration,
    pub(super) counters: Arc<Counters>,
}

impl Dialer {
    /// A new connection.
    ///
    /// # Errors
    /// [`NotSent::Forbidden`] or [`NotSent::Unreachable`].
    pub(super) async fn open(&self, place: &Place) -> Result<Connection, NotSent> {
        match timeout(self.connect_timeout, self.connect(place)).await {
            Ok(opened) => opened.map(|stream| Connection::new(stream, self.idle, Arc::clone(&self.counters))),
            Err(_) => Err(unreachable(place, &"connecting took too long")),
        }
    }

    async fn connect(&self, place: &Place) -> Result<Stream, NotSent> {
        let socket = self.socket(place).await?;
        shake_hands(&self.tls, place, socket).await
    }

    /// A bare connection to a place that may be called. Whatever the place is spoken to with, this is the way there.
    pub(super) async fn socket(&self, place: &Place) -> Result<Socket, NotSent> {
        let addresses = match &place.host {
            HostName::Address(address) => Arc::from([*address]),
            HostName::Name(name) => self.resolver.addresses(name).await.map_err(|why| unreachable(place, &why))?,
        };
        let permitted = self.permitted(place, &addresses)?;
        let tcp = first_to_answer(&permitted).await.map_err(|fault| unreachable(place, &fault))?;
        tcp.set_nodelay(true).map_err(|fault| unreachable(place, &fault))?;
        Ok(Socket::new(tcp))
    }

    /// The addresses that may be called. The connection goes to one of these very addresses: a second look-up could
    /// give others.
    fn permitted(&self, place: &Place, addresses: &[IpAddr]) -> Result<Vec<SocketAddr>, NotSent> {
        let mut refused = None;
        let mut permitted = Vec::with_capacity(addresses.len());
        for &address in addresses {
            match self.filter.refusal(address, place.tls.is_some()) {
                None => permitted.push(SocketAddr::new(address, place.port)),
                Some(why) => refused = Some((address, why)),
            }
        }
        match refused {
            Some((address, why)) if permitted.is_empty() => {
                Err(NotSent::Forbidden(format!("{} ({address}): {why}", place.authority).into()))
            }
            _ => Ok(permitted),
        }
    }
}

/// TLS with the name of the place; a place without one stays as it is.
pub(super) async fn shake_hands(tls: &TlsConnector, place: &Place, socket: Socket) -> Result<Stream, NotSent> {
    let Some(name) = &place.tls else { return Ok(Stream::Plain(socket)) };
    match tls.connect(name.clone(), socket).await {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
        Err(fault) => Err(unreachable(place, &format_args!("TLS: {fault}"))),
    }
}

/// Connects to the first address that answers, asking each a little after the one before.
#[expect(clippy::disallowed_methods, reason = "the one place that connects: behind the address filter")]
async fn first_to_answer(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut rest = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        attempts.extend(rest.next().map(|&address| TcpStream::connect(address)));
        tokio::select! {
            Some(attempt) = attempts.next() => match attempt {
                Ok(tcp) => return Ok(tcp),
                Err(fault) => last = fault,
            },
            () = sleep(HEAD_START), if rest.len() > 0 => {}
            else => return Err(last),
        }
    }
}

/// A connection that did not come about, and why.
pub(super) fn unreachable(place: &Place, why: &dyn std::fmt::Display) -> NotSent {
    NotSent::Unreachable(format!("{}: {why}", place.authority).into())
}
