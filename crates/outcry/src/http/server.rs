//! Our own accept loop, because a silent or trickling client must be cut off, and the ready-made one has no timer.
//!
//! A connection that brings no request head in time is closed, be it new, idle or in the middle of a line. A body has its own time
//! (`body.rs`), and so has an answer that nobody fetches (`line.rs`). There are so many connections and no more, in all
//! and for each address (`crowd.rs`).

mod crowd;
mod line;
#[cfg(test)]
mod tests;

use axum::Router;
pub(crate) use crowd::Crowd;
use crowd::{Refused, Seat};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use line::Line;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

/// A connection that has not sent a whole request head within this is closed; so is an idle one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of a request head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Most headers of a request.
const HEADERS_MAX: usize = 64;

/// Connections that may wait at the door while the processor is elsewhere; the system may have a lower limit of its own
/// (`net.core.somaxconn`). The usual 128 are too few: whoever came beyond them in a crowd of one moment, honest or not, was
/// not heard by the system and came again after one second, then three, then seven.
const AT_THE_DOOR_MAX: u32 = 4_096;

/// Listens on an address.
///
/// # Errors
/// If it is taken, or not ours to listen on.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Connections of an earlier run that are not quite over do not keep its port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(AT_THE_DOOR_MAX)
}

/// Serves until `stop` is cancelled, then lets open requests end for at most `drain`.
pub(crate) async fn serve(listener: TcpListener, routes: Router, crowd: Arc<Crowd>, stop: CancellationToken, drain: Duration) {
    let open = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => match crowd.seat(peer.ip()) {
                Ok(seat) => serve_connection(stream, seat, &routes, &open),
                Err(refused) => turn_away(&stream, refused),
            },
            Err(fault) => give_way(&fault).await,
        }
    }
    drop(listener);
    if tokio::time::timeout(drain, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open when the time to drain was over");
    }
}

fn serve_connection(stream: TcpStream, seat: Seat, routes: &Router, open: &GracefulShutdown) {
    // A failure here only costs latency on this connection.
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(Line::new(stream)), TowerToHyperService::new(routes.clone()));
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(fault) = connection.await {
            tracing::debug!(error = %fault, "a connection ended badly");
        }
        drop(seat);
    });
}

/// Says why, if that fits into the socket at once, and closes.
fn turn_away(stream: &TcpStream, refused: Refused) {
    let _unheard = stream.try_write(refused.answer().as_bytes());
    metrics::counter!("outcry_connections_refused_total", "why" => refused.word()).increment(1);
}

/// Out of descriptors or memory: wait a little instead of spinning. Anything else is the client's business.
async fn give_way(fault: &io::Error) {
    tracing::warn!(error = %fault, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(20)).await;
}
