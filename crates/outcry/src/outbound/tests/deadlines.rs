//! A deadline ends a wait, never a connection.

use super::peer::ok;
use super::*;

#[tokio::test]
async fn a_late_answer_is_read_told_and_its_connection_kept() {
    let (client, peer) = (client(), Peer::listen().await);
    let (listener, news) = late();
    let (end, mut line) = play(
        &client,
        Call {
            late: listener,
            ..in_time(ping(&peer.url()), SHORT)
        },
        peer.accept(),
    )
    .await;
    assert_eq!(end, "late");
    assert_eq!((client.stats().late, client.stats().listening), (1, 1));

    line.serve(&ok("sorry")).await;
    assert_eq!(news.await.unwrap(), "200 sorry");
    until(&client, |stats| stats.listening == 0).await;
    let answer = ok("in time");
    assert_eq!(play(&client, ping(&peer.url()), line.serve(&answer)).await.0, "200 in time");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_connection_whole() {
    let (client, peer) = (client(), Peer::listen().await);
    let (listener, news) = late();
    let mut line = {
        let mut call = client.call(Call {
            late: listener,
            ..ping(&peer.url())
        });
        let accepted = async {
            let mut line = peer.accept().await;
            line.request().await;
            line
        };
        tokio::select! {
            _ = &mut call => panic!("nobody has answered yet"),
            line = accepted => line,
        }
    };
    line.say(ok("anybody there?")).await;
    assert_eq!(news.await.unwrap(), "200 anybody there?");
    until(&client, |stats| stats.listening == 0).await;
    let answer = ok("yes");
    assert_eq!(play(&client, ping(&peer.url()), line.serve(&answer)).await.0, "200 yes");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_before_the_first_byte_sends_nothing() {
    let client = Client::new(Options {
        connections_max_per_origin: 1,
        ..options()
    })
    .unwrap();
    let peer = Peer::listen().await;
    let (end, mut line) = play(&client, in_time(ping(&peer.url()), SHORT), peer.accept()).await;
    assert_eq!(end, "late");
    let mut gone = client.call(ping(&peer.url()));
    assert!(futures_util::poll!(&mut gone).is_pending());
    drop(gone);
    line.serve(&ok("one")).await;
    until(&client, |stats| stats.listening == 0).await;
    let (end, request) = play(&client, post(&(peer.url() + "/two")), async {
        let request = line.request().await;
        line.say(ok("two")).await;
        request
    })
    .await;
    assert_eq!(end, "200 two");
    assert!(request.starts_with("POST /ping/two "), "{request}");
}

#[tokio::test]
async fn beyond_the_listening_time_the_connection_is_closed() {
    let (client, peer) = (client(), Peer::listen().await);
    let (listener, news) = late();
    let call = Call {
        late: listener,
        listen_on: SHORT,
        ..in_time(ping(&peer.url()), SHORT)
    };
    let (end, mut line) = play(&client, call, peer.accept()).await;
    assert_eq!(end, "late");
    assert_eq!(news.await.unwrap(), "broken: there was no answer");
    line.request().await;
    assert!(line.is_closed().await);
    until(&client, |stats| stats.open_now == 0 && stats.listening == 0).await;
}

#[tokio::test]
async fn a_connection_that_comes_too_late_for_its_caller_serves_the_next() {
    let (client, peer) = (client(), Peer::listen().await);
    // Polled once, so that connecting has begun, and dropped.
    let mut gone = client.call(ping(&peer.url()));
    assert!(futures_util::poll!(&mut gone).is_pending());
    drop(gone);
    let mut line = peer.accept().await;
    until(&client, |stats| stats.open_now == 1).await;
    let answer = ok("fine");
    assert_eq!(play(&client, ping(&peer.url()), line.serve(&answer)).await.0, "200 fine");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn the_wait_for_a_busy_origin_is_bounded() {
    let client = Client::new(Options {
        connections_max_per_origin: 1,
        ..options()
    })
    .unwrap();
    let peer = Peer::listen().await;
    let (end, mut line) = play(&client, in_time(ping(&peer.url()), SHORT), peer.accept()).await;
    assert_eq!(end, "late");
    assert_eq!(
        told(client.call(in_time(ping(&peer.url()), SHORT)).await),
        "not sent: no connection"
    );
    let (end, ()) = play(&client, ping(&peer.url()), async {
        line.serve(&ok("one")).await;
        line.serve(&ok("two")).await;
    })
    .await;
    assert_eq!(end, "200 two", "the connection went to the one who still waited");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn a_burst_of_late_calls_ends_at_the_limit_of_connections() {
    let client = Client::new(Options {
        connections_max_per_origin: 16,
        ..options()
    })
    .unwrap();
    let peer = Peer::listen().await;
    let time = Duration::from_millis(400);
    let (ends, mut lines) = tokio::join!(join_all((0..200).map(|_| client.call(in_time(ping(&peer.url()), time)))), async {
        let mut lines = Vec::new();
        for _ in 0..16 {
            lines.push(peer.accept().await);
        }
        lines
    });
    let ends: Vec<String> = ends.into_iter().map(told).collect();
    assert_eq!(ends.iter().filter(|end| *end == "late").count(), 16);
    assert_eq!(ends.iter().filter(|end| end.starts_with("not sent: ")).count(), 184);
    for line in &mut lines {
        line.serve(&ok("late")).await;
    }
    until(&client, |stats| stats.listening == 0).await;

    let answer = ok("in time");
    let (ends, _) = tokio::join!(
        join_all((0..16).map(|_| client.call(ping(&peer.url())))),
        join_all(lines.iter_mut().map(|line| line.serve(&answer)))
    );
    assert!(ends.into_iter().map(told).all(|end| end == "200 in time"));
    assert_eq!((client.stats().opened, client.stats().open_now), (16, 16));
}

#[tokio::test]
async fn draining_waits_for_those_listened_to() {
    let (client, peer) = (client(), Peer::listen().await);
    let (end, mut line) = play(&client, in_time(ping(&peer.url()), SHORT), peer.accept()).await;
    assert_eq!(end, "late");
    assert!(!client.drain(Instant::now() + SHORT).await);
    line.serve(&ok("bye")).await;
    assert!(client.drain(Instant::now() + LONG).await);
}
