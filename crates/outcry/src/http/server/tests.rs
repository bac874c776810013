//! The accept loop against clients that stall, on real sockets of the loopback, with time paused: it jumps to the next timer
//! as soon as nobody has anything to do.

use super::*;
use crate::http::body;
use axum::body::Body;
use axum::http::Request;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// More than fits into the sockets of both ends.
const LONG_ANSWER: usize = 32 << 20;

async fn take(request: Request<Body>) -> axum::response::Response {
    match body::read(request.into_body(), 1_000).await {
        Ok(whole) => whole.len().to_string().into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn start(most: usize, most_of_one: usize) -> (SocketAddr, Arc<Crowd>, CancellationToken) {
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new()
        .route("/take", post(take))
        .route("/long", get(async || "x".repeat(LONG_ANSWER)));
    let (crowd, stop) = (Crowd::new(most, most_of_one), CancellationToken::new());
    tokio::spawn(serve(listener, routes, crowd.clone(), stop.clone(), Duration::from_secs(5)));
    (address, crowd, stop)
}

#[expect(clippy::disallowed_methods, reason = "it calls this machine only")]
async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Sends this and waits; tells after how many seconds the other end closed, and what it said.
async fn stall(address: SocketAddr, sent: &str) -> (u64, String) {
    let mut stream = connect(address).await;
    stream.write_all(sent.as_bytes()).await.unwrap();
    let (begun, mut said) = (Instant::now(), Vec::new());
    // A reset is a way to close, too.
    let _ = stream.read_to_end(&mut said).await;
    (begun.elapsed().as_secs(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(start_paused = true)]
async fn whoever_stalls_is_closed_after_ten_seconds_wherever_it_stalls() {
    let (address, crowd, _stop) = start(100, 100);
    let body = "POST /take HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n";
    for (sent, status) in [
        (String::new(), ""),
        ("P".to_owned(), ""),
        ("POST /take HT".to_owned(), ""),
        ("POST /take HTTP/1.1\r\n".to_owned(), ""),
        ("POST /take HTTP/1.1\r\nhost: x\r\nauthoriz".to_owned(), ""),
        ("POST /take HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n".to_owned(), ""),
        (body.to_owned(), "400"),
        (format!("{body}four"), "400"),
        (
            "POST /take HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab".to_owned(),
            "400",
        ),
        // Whole, and then idle.
        (format!("{body}ninebytes"), "200"),
        // Whole, and the next one in the middle of its head.
        (format!("{body}ninebytesPOST /take HT"), "200"),
    ] {
        let (seconds, said) = stall(address, &sent).await;
        assert_eq!(seconds, 10, "{sent:?}: {said}");
        assert_eq!(said.get(9..12).unwrap_or(""), status, "{sent:?}: {said}");
    }
    assert_eq!(crowd.count(), 0, "every seat is free again");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_fetches_is_given_up() {
    let (address, crowd, _stop) = start(100, 100);
    let mut stream = connect(address).await;
    stream.write_all(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let begun = Instant::now();
    while crowd.count() != 1 {
        tokio::task::yield_now().await;
    }
    // A little at a time does not help.
    while crowd.count() != 0 {
        stream.read_exact(&mut [0; 1_000]).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((10..=12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_all_of_a_long_answer() {
    let (address, _crowd, _stop) = start(100, 100);
    let mut stream = connect(address).await;
    stream
        .write_all(b"GET /long HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.unwrap();
    assert!(LONG_ANSWER < said.len());
}

#[tokio::test]
async fn a_crowd_of_one_moment_waits_at_the_door() {
    const CROWD: usize = 300;
    let system = std::fs::read_to_string("/proc/sys/net/core/somaxconn").ok();
    if system
        .and_then(|most| most.trim().parse::<usize>().ok())
        .is_some_and(|most| most < CROWD)
    {
        println!("this system lets nobody wait at the door, so nothing is shown");
        return;
    }
    // Nobody accepts, as when the processor is elsewhere.
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let connected = tokio::time::timeout(Duration::from_secs(20), connect(address)).await;
        crowd.push(connected.unwrap_or_else(|_| panic!("number {number} was not heard")));
    }
}

#[tokio::test]
async fn beyond_the_limits_a_connection_is_told_when_to_come_again() {
    for (most, most_of_one, status) in [(1, 5, "503"), (5, 1, "429")] {
        let (address, crowd, _stop) = start(most, most_of_one);
        let first = connect(address).await;
        while crowd.count() != 1 {
            tokio::task::yield_now().await;
        }
        let (_, said) = stall(address, "").await;
        assert_eq!(&said[9..12], status);
        assert!(said.contains("retry-after: "), "{said}");
        drop(first);
        while crowd.count() != 0 {
            tokio::task::yield_now().await;
        }
        let (_, said) = stall(
            address,
            "POST /take HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        )
        .await;
        assert_eq!(&said[9..12], "200", "whoever has left makes room: {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_idle_connections_close_at_once_and_busy_ones_are_waited_for() {
    let (address, _crowd, stop) = start(100, 100);
    let idle = tokio::spawn(stall(address, "POST /take HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"));
    let mut busy = connect(address).await;
    busy.write_all(b"POST /take HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nfour")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.cancel();
    let (seconds, said) = idle.await.unwrap();
    assert_eq!((seconds, &said[9..12]), (1, "200"));
    busy.write_all(b"bytes").await.unwrap();
    let mut said = String::new();
    busy.read_to_string(&mut said).await.unwrap();
    assert_eq!(&said[9..12], "200");
}
