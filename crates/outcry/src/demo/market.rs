//! The market's buyers over real HTTP: each simulated buyer behind `/b/<buyer>/…` on a port of its own.

use crate::clock::SystemClock;
use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use outcry_engine::ports::clock::Clock;
use outcry_market::buyers::{IncomingRequest, ReplyKind};
use outcry_market::vendors::Desk;
use outcry_market::world::World;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Answers for every buyer of the world and for the services, each on a port of its own, until the process ends.
pub(super) async fn serve(listeners: Vec<std::net::TcpListener>, world: Arc<World>, desk: Arc<Desk>) {
    let accepting = listeners
        .into_iter()
        .filter_map(|listener| TcpListener::from_std(listener).ok())
        .map(|listener| accept(listener, world.clone(), desk.clone()));
    futures_util::future::join_all(accepting).await;
}

async fn accept(listener: TcpListener, world: Arc<World>, desk: Arc<Desk>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, world.clone(), desk.clone()));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, desk: Arc<Desk>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, world.clone(), desk.clone()));
    // A reset is how some of these buyers answer, so an error here is part of the play.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error resets the connection.
async fn answer(request: Request<Incoming>, world: Arc<World>, desk: Arc<Desk>) -> Result<Response<Body>> {
    let request = incoming(request).await?;
    let reply = world.answer(&request).or_else(|| desk.answer(&request, SystemClock.now()));
    let Some(reply) = reply else {
        return Ok(response(404, "text/plain", Body::from("no such buyer\n")));
    };
    tokio::time::sleep(Duration::from_millis(reply.delay_ms.into())).await;
    match reply.kind {
        ReplyKind::Answer {
            status,
            content_type,
            body,
        } => Ok(response(status, content_type, Body::from(body))),
        ReplyKind::Silence => std::future::pending().await,
        ReplyKind::Reset | ReplyKind::Refused => Err(reset().into()),
        ReplyKind::HalfThenReset {
            status,
            content_type,
            body,
        } => {
            let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
            let parts = futures_util::stream::iter([Ok(half), Err(reset())]);
            let mut response = response(status, content_type, Body::from_stream(parts));
            response.headers_mut().insert("content-length", body.len().into());
            Ok(response)
        }
    }
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

async fn incoming(request: Request<Incoming>) -> Result<IncomingRequest> {
    let (head, body) = request.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(IncomingRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        headers: headers.collect(),
        body: body.collect().await.context("a request to a buyer broke off")?.to_bytes().to_vec(),
    })
}

fn response(status: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert("content-type", http::HeaderValue::from_static(content_type));
    response
}
