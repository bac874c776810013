//! Stub buyers: `/ping/{i}` bids and `/post/{i}` accepts, on one port for each buyer, after a fixed delay.

use super::bids::{key_of, price_cents};
use crate::http::server;
use anyhow::{Context, Result};
use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;

/// Listens on `first_port` and the ports after it, one for each buyer, until the process is ended.
///
/// # Errors
/// If a port is taken.
pub(super) async fn serve(first_port: u16, buyers: u16, delay: Duration) -> Result<()> {
    let mut listeners = Vec::new();
    for port in first_port..first_port + buyers {
        listeners.push(server::listen(([127, 0, 0, 1], port).into()).with_context(|| format!("port {port} is taken"))?);
    }
    println!("ready");
    let accepting = listeners.into_iter().map(|listener| accept(listener, delay));
    futures_util::future::join_all(accepting).await;
    Ok(())
}

async fn accept(listener: TcpListener, delay: Duration) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |request| answer(request, delay));
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, delay: Duration) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request
        .into_body()
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let text = if path.starts_with("/post/") {
        "{\"status\":\"accepted\",\"ref\":\"stub\"}".to_owned()
    } else {
        let buyer = path.rsplit('/').next().and_then(|last| last.parse().ok()).unwrap_or(0);
        let cents = price_cents(buyer, key_of(&body));
        format!(
            "{{\"accept\":true,\"price\":{}.{:02},\"bid_id\":\"b{buyer}\"}}",
            cents / 100,
            cents % 100
        )
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    response
        .headers_mut()
        .insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}
