//! Answers as they come over a real wire; the forms themselves are in the codec's tests.

use super::peer::ok;
use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

async fn answered(pieces: &[&[u8]], call: impl FnOnce(Call) -> Call) -> (String, Stats) {
    let (client, peer) = (client(), Peer::listen().await);
    let (end, ()) = play(&client, call(ping(&peer.url())), async {
        let mut line = peer.accept().await;
        line.request().await;
        for piece in pieces {
            line.say(piece).await;
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    })
    .await;
    (end, client.stats())
}

#[tokio::test]
async fn an_answer_may_come_in_pieces() {
    let (end, _) = answered(
        &[b"HT", b"TP/1.1 200 OK\r\ncontent-le", b"ngth: 5\r\n\r", b"\nhel", b"lo"],
        |call| call,
    )
    .await;
    assert_eq!(end, "200 hello");
    let (end, _) = answered(
        &[
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5",
            b"\r\nhel",
            b"lo\r\n0\r",
            b"\n\r\n",
        ],
        |call| call,
    )
    .await;
    assert_eq!(end, "200 hello");
    let (end, _) = answered(&[b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo"], |call| call).await;
    assert_eq!(end, "200 hello");
}

#[tokio::test]
async fn half_an_answer_is_broken() {
    for answer in [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let (end, stats) = answered(&[answer.as_bytes()], |call| call).await;
        assert_eq!(end, "broken: the connection was closed in the middle of the answer", "{answer:?}");
        assert_eq!((stats.broken, stats.opened), (1, 1), "half an answer is never asked for again");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let (end, stats) = answered(
        &[b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"],
        |call| call,
    )
    .await;
    assert_eq!((end.as_str(), stats.opened), ("302 ", 1));
}

#[tokio::test]
async fn an_oversized_answer_is_broken_and_its_connection_closed() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; 10 << 20]).unwrap();
    let bomb = gzip.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        bomb.len()
    );
    let long = ok(&"x".repeat(65));
    for pieces in [
        vec![head.as_bytes(), &bomb],
        vec![long.as_bytes()],
        vec![b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 65]],
        vec![b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n41\r\n"],
    ] {
        let max = if pieces.len() == 2 && pieces[1].len() > 65 {
            bomb.len()
        } else {
            64
        };
        let (end, stats) = answered(&pieces, |call| Call {
            answer_bytes_max: max,
            ..call
        })
        .await;
        assert_eq!(end, format!("broken: answer larger than {max} bytes"));
        assert_eq!((stats.broken, stats.open_now), (1, 0));
    }
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    let body = "0123456789abcdef".repeat(1 << 16);
    let (end, _) = answered(&[ok(&body).as_bytes()], |call| Call {
        answer_bytes_max: body.len(),
        ..call
    })
    .await;
    assert!(end == format!("200 {body}"));
}

#[tokio::test]
async fn an_answer_may_come_before_the_request_is_out() {
    let (client, peer) = (client(), Peer::listen().await);
    let mut call = post(&peer.url());
    request_of(&mut call).body = vec![b'x'; 32 << 20];
    let (end, mut line) = play(&client, call, async {
        let mut line = peer.accept().await;
        line.take(1000).await;
        line.say("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n").await;
        line
    })
    .await;
    assert_eq!(end, "413 ");
    while !line.is_closed().await {}
    assert_eq!(client.stats().open_now, 0);
}
