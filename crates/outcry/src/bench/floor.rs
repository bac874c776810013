//! The floor: the least that any engine must do for one auction, with a pooled library client.
//!
//! It takes a lead, fans out the same pings as the engine does, picks the maximum, writes a record to disk, posts,
//! writes another record to disk, and answers. No validation, no filters, no caps, no duplicates, no consent.

use super::spec::PingBody;
use crate::http::server;
use anyhow::{Context, Result};
use axum::body::Bytes;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Deserialize;
use std::convert::Infallible;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// The same deadline as the engine's pings.
const PING_DEADLINE: Duration = Duration::from_millis(600);
/// Kept-alive connections per origin; with fewer the library closes and reopens them all the time.
const IDLE_MAX: usize = 256;

struct Floor {
    client: Client<HttpConnector, Full<Bytes>>,
    pings: Vec<Uri>,
    posts: Vec<Uri>,
    log: Log,
}

#[derive(Deserialize)]
struct Bid {
    accept: bool,
    price: serde_json::Number,
}

/// Serves until the process is ended.
///
/// # Errors
/// If the port is taken or the log cannot be written.
pub(super) async fn serve(port: u16, first_buyer_port: u16, buyers: u16, log: &Path) -> Result<()> {
    let uri =
        |what: &str, buyer: u16| -> Result<Uri> { Ok(format!("http://127.0.0.1:{}/{what}/{buyer}", first_buyer_port + buyer).parse()?) };
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(IDLE_MAX)
        .pool_timer(TokioTimer::new())
        .build(connector);
    let floor = Arc::new(Floor {
        client,
        pings: (0..buyers).map(|buyer| uri("ping", buyer)).collect::<Result<_>>()?,
        posts: (0..buyers).map(|buyer| uri("post", buyer)).collect::<Result<_>>()?,
        log: Log::open(log)?,
    });
    let listener = server::listen(([127, 0, 0, 1], port).into()).with_context(|| format!("port {port} is taken"))?;
    println!("ready");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let floor = floor.clone();
        let service = service_fn(move |request| {
            let floor = floor.clone();
            async move { Ok::<_, Infallible>(floor.answer(request).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

impl Floor {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let body = request
            .into_body()
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        let text = match self.auction(&body).await {
            Some(price) => format!("{{\"status\":\"sold\",\"payout\":\"{price}\"}}"),
            None => "{\"status\":\"unsold\"}".to_owned(),
        };
        Response::new(Full::new(Bytes::from(text)))
    }

    /// The winner's price, or `None` if nobody bid or the post failed.
    async fn auction(&self, lead: &Bytes) -> Option<String> {
        let ping: PingBody<'_> = serde_json::from_slice(lead).ok()?;
        let ping = Bytes::from(serde_json::to_vec(&ping).ok()?);
        let calls = self
            .pings
            .iter()
            .map(|uri| tokio::time::timeout(PING_DEADLINE, self.call(uri, ping.clone())));
        let answers = join_all(calls).await;
        let bids = answers.into_iter().enumerate().filter_map(|(buyer, answer)| {
            let bid: Bid = serde_json::from_slice(&answer.ok()??).ok()?;
            let price = bid.accept.then(|| bid.price.to_string())?;
            Some((outcry_core::money::Money::parse(&price).ok()?, buyer, price))
        });
        let (_, winner, price) = bids.max_by_key(|(amount, buyer, _)| (*amount, std::cmp::Reverse(*buyer)))?;
        self.log.commit(b"intent", lead).await;
        let answer = self.call(&self.posts[winner], lead.clone()).await?;
        let accepted = super::bids::find(&answer, b"accepted").is_some();
        self.log.commit(b"outcome", lead).await;
        accepted.then_some(price)
    }

    async fn call(&self, uri: &Uri, body: Bytes) -> Option<Bytes> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri.clone())
            .header("content-type", "application/json");
        let response = self.client.request(request.body(Full::new(body)).ok()?).await.ok()?;
        response.into_body().collect().await.ok().map(http_body_util::Collected::to_bytes)
    }
}

/// Records on disk: everything that waits at one moment shares one write and one fdatasync.
struct Log {
    queue: mpsc::Sender<(Vec<u8>, oneshot::Sender<()>)>,
}

impl Log {
    fn open(path: &Path) -> Result<Self> {
        let mut file = File::create(path).with_context(|| format!("{} cannot be made", path.display()))?;
        let (queue, waiting) = mpsc::channel::<(Vec<u8>, oneshot::Sender<()>)>();
        std::thread::spawn(move || {
            while let Ok(first) = waiting.recv() {
                let batch: Vec<_> = std::iter::once(first).chain(waiting.try_iter()).collect();
                let bytes: Vec<u8> = batch.iter().flat_map(|(record, _)| record.iter().copied()).collect();
                if file.write_all(&bytes).and_then(|()| file.sync_data()).is_err() {
                    return;
                }
                for (_, told) in batch {
                    let _ = told.send(());
                }
            }
        });
        Ok(Self { queue })
    }

    async fn commit(&self, stage: &[u8], lead: &[u8]) {
        let record = [stage, b" ", lead, b"\n"].concat();
        let (told, hear) = oneshot::channel();
        if self.queue.send((record, told)).is_ok() {
            let _ = hear.await;
        }
    }
}
