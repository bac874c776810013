//! Which connections are used again, for what, and what happens when one has died meanwhile.

use super::peer::ok;
use super::*;

/// A client and its one connection, on which one ping has been answered.
async fn with_one_line(answer: &str) -> (Client, Peer, Line) {
    let (client, peer) = (client(), Peer::listen().await);
    let (end, line) = play(&client, ping(&peer.url()), peer.serve(answer)).await;
    assert!(end.starts_with("200"), "{end}");
    (client, peer, line)
}

#[tokio::test]
async fn a_connection_is_used_again_and_the_last_one_first() {
    let (client, peer) = (client(), Peer::listen().await);
    client.warm(&peer.url(), 3).await;
    assert_eq!((client.stats().opened, client.stats().open_now), (3, 3));
    client.warm(&peer.url(), 3).await;
    let mut lines = [peer.accept().await, peer.accept().await, peer.accept().await];
    let serve = async |lines: &mut [Line; 3]| {
        let [a, b, c] = lines;
        tokio::select! {
            request = a.request() => { a.say(ok("a")).await; request }
            request = b.request() => { b.say(ok("b")).await; request }
            request = c.request() => { c.say(ok("c")).await; request }
        }
    };
    let first = play(&client, ping(&peer.url()), serve(&mut lines)).await.0;
    for _ in 0..5 {
        assert_eq!(play(&client, ping(&peer.url()), serve(&mut lines)).await.0, first);
    }
    assert_eq!((client.stats().opened, client.stats().reused), (3, 6));
}

#[tokio::test]
async fn two_spellings_of_an_origin_share_its_connections() {
    let (client, peer, mut line) = with_one_line(&ok("one")).await;
    let answer = ok("two");
    let url = format!("HTTP://0x7f.1:{}/x", peer.port());
    assert_eq!(play(&client, ping(&url), line.serve(&answer)).await.0, "200 two");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn an_answer_that_ends_its_connection_is_the_last_on_it() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nConnection: foo, Close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ] {
        let (client, peer, mut line) = with_one_line(answer).await;
        assert!(line.is_closed().await, "{answer:?}");
        let again = ok("new");
        assert_eq!(
            play(&client, ping(&peer.url()), peer.serve(&again)).await.0,
            "200 new",
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_closed_or_spoke_while_idle_is_not_used() {
    for stray in ["", "HTTP/1.1 408 Request Timeout\r\n\r\n"] {
        let (client, peer, mut line) = with_one_line(&ok("one")).await;
        line.say(stray).await;
        if stray.is_empty() {
            drop(line);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        let answer = ok("two");
        assert_eq!(play(&client, post(&peer.url()), peer.serve(&answer)).await.0, "200 two");
        assert_eq!(
            client.stats(),
            Stats {
                opened: 2,
                open_now: 1,
                ..Stats::default()
            }
        );
    }
}

#[tokio::test]
async fn idle_connections_are_closed_in_the_end() {
    let (client, peer, line) = with_one_line(&ok("one")).await;
    pass(Duration::from_secs(31)).await;
    let answer = ok("two");
    assert_eq!(play(&client, ping(&peer.url()), peer.serve(&answer)).await.0, "200 two");
    assert_eq!(client.stats().opened, 2);
    pass(Duration::from_secs(31)).await;
    until(&client, |stats| stats.open_now == 0).await;
    drop(line);
}

#[tokio::test]
async fn a_peer_may_ask_for_less_idle_time() {
    let (client, peer, mut line) = with_one_line("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=5, max=100\r\n\r\n").await;
    pass(Duration::from_millis(3500)).await;
    let answer = ok("");
    assert_eq!(play(&client, ping(&peer.url()), line.serve(&answer)).await.0, "200 ");
    pass(Duration::from_millis(4500)).await;
    assert_eq!(play(&client, ping(&peer.url()), peer.serve(&answer)).await.0, "200 ");
    assert_eq!(client.stats().opened, 2);
}

#[tokio::test]
async fn a_post_takes_a_connection_answered_on_just_now_and_no_older_one() {
    let (client, peer, mut line) = with_one_line(&ok("ping")).await;
    pass(Duration::from_millis(1500)).await;
    let answer = ok("post");
    assert_eq!(play(&client, post(&peer.url()), line.serve(&answer)).await.0, "200 post");
    pass(Duration::from_millis(2500)).await;
    assert_eq!(play(&client, post(&peer.url()), peer.serve(&answer)).await.0, "200 post");
    assert_eq!((client.stats().opened, client.stats().open_now), (2, 2));
}

#[tokio::test]
async fn at_the_limit_an_old_connection_makes_room_for_a_post() {
    let client = Client::new(Options {
        connections_max_per_origin: 1,
        ..options()
    })
    .unwrap();
    let peer = Peer::listen().await;
    let answer = ok("fine");
    let (_, mut line) = play(&client, ping(&peer.url()), peer.serve(&answer)).await;
    pass(Duration::from_millis(2500)).await;
    assert_eq!(play(&client, post(&peer.url()), peer.serve(&answer)).await.0, "200 fine");
    assert!(line.is_closed().await);
    assert_eq!((client.stats().opened, client.stats().open_now), (2, 1));
}

#[tokio::test]
async fn a_ping_whose_connection_dies_in_silence_is_repeated_once() {
    let (client, peer, mut line) = with_one_line(&ok("one")).await;
    let (end, _line) = play(&client, ping(&peer.url()), async {
        line.request().await;
        drop(line);
        peer.serve(&ok("two")).await
    })
    .await;
    assert_eq!(end, "200 two");

    let (client, peer, mut line) = with_one_line(&ok("one")).await;
    let (end, ()) = play(&client, ping(&peer.url()), async {
        line.request().await;
        line.reset();
        peer.accept().await.request().await;
    })
    .await;
    assert!(end.starts_with("broken: ") && end.ends_with("before it was answered"), "{end}");
    assert_eq!((client.stats().opened, client.stats().broken), (2, 1));
}

#[tokio::test]
async fn a_ping_on_a_new_connection_is_not_repeated() {
    let (client, peer) = (client(), Peer::listen().await);
    let (end, _) = play(&client, ping(&peer.url()), async { peer.accept().await.request().await }).await;
    assert_eq!(end, "broken: the connection was closed before it was answered");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn a_ping_is_not_repeated_after_its_time() {
    let (client, peer, mut line) = with_one_line(&ok("one")).await;
    let (listener, news) = late();
    let (end, _) = play(
        &client,
        Call {
            late: listener,
            ..in_time(ping(&peer.url()), SHORT)
        },
        line.request(),
    )
    .await;
    assert_eq!(end, "late");
    drop(line);
    assert_eq!(news.await.unwrap(), "broken: the connection was closed before it was answered");
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn a_post_whose_connection_dies_in_silence_is_broken_and_never_repeated() {
    let (client, peer, mut line) = with_one_line(&ok("one")).await;
    let (end, ()) = play(&client, post(&peer.url()), async {
        line.request().await;
        drop(line);
    })
    .await;
    assert_eq!(end, "broken: the connection was closed before it was answered");
    assert_eq!((client.stats().opened, client.stats().broken), (1, 1));
}

#[tokio::test]
async fn an_unseen_close_spoils_a_post_and_not_a_ping() {
    // Between the close and the call nothing awaits, so the client's reactor cannot have seen it.
    let (client, peer, line) = with_one_line(&ok("one")).await;
    drop(line);
    let answer = ok("two");
    assert_eq!(play(&client, ping(&peer.url()), peer.serve(&answer)).await.0, "200 two");

    let (client, peer, line) = with_one_line(&ok("one")).await;
    drop(line);
    let end = told(client.call(post(&peer.url())).await);
    assert!(end.starts_with("broken: ") && end.ends_with("before it was answered"), "{end}");
}

#[tokio::test]
async fn a_connection_that_takes_no_byte_is_replaced_for_posts_too() {
    for call in [ping, post] {
        let (client, peer, line) = with_one_line(&ok("one")).await;
        line.reset();
        let answer = ok("two");
        assert_eq!(play(&client, call(&peer.url()), peer.serve(&answer)).await.0, "200 two");
        assert_eq!((client.stats().opened, client.stats().broken), (2, 0));
    }
}
