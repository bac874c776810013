//! Our own accept loop, because a silent or trickling client must be cut off, and the ready-made one has no timer.

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
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
pub(crate) async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken, drain: Duration) {
    let open = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => serve_connection(stream, &routes, &open),
            Err(fault) => give_way(&fault).await,
        }
    }
    drop(listener);
    if tokio::time::timeout(drain, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open when the time to drain was over");
    }
}

fn serve_connection(stream: TcpStream, routes: &Router, open: &GracefulShutdown) {
    // A failure here only costs latency on this connection.
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes.clone()));
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(fault) = connection.await {
            tracing::debug!(error = %fault, "a connection ended badly");
        }
    });
}

/// Out of descriptors or memory: wait a little instead of spinning. Anything else is the client's business.
async fn give_way(fault: &io::Error) {
    tracing::warn!(error = %fault, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(20)).await;
}
