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
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A connection that has not sent a whole request head within this is closed; so is an idle one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of a request head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Most headers of a request.
const HEADERS_MAX: usize = 64;

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
