//! Not sent, sent, answered: told apart exactly.

use super::peer::ok;
use super::*;

#[tokio::test]
async fn an_answer_is_an_answer() {
    let (client, peer) = (client(), Peer::listen().await);
    let (end, request) = play(&client, ping(&peer.url()), async {
        let mut line = peer.accept().await;
        let request = line.request().await;
        line.say(ok("{\"price\":12.50}")).await;
        request
    })
    .await;
    assert_eq!(end, "200 {\"price\":12.50}");
    assert!(
        request.starts_with(&format!("POST /ping HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n", peer.port())),
        "{request}"
    );
}

#[tokio::test]
async fn a_forbidden_address_is_not_called() {
    let peer = Peer::listen().await;
    let by_number = Client::new(Options {
        plain_http: true,
        ..Options::default()
    })
    .unwrap();
    let by_name = client_by_name(Options {
        plain_http: true,
        ..Options::default()
    });
    for (client, host) in [
        (&by_number, "127.0.0.1"),
        (&by_number, "2130706433"),
        (&by_name, "buyer.test"),
        (&by_name, "localhost"),
    ] {
        let end = told(client.call(ping(&format!("http://{host}:{}/", peer.port()))).await);
        assert!(
            end.starts_with("not sent: forbidden: ") && end.ends_with("not a public one"),
            "{host}: {end}"
        );
    }
    let own_name = Client::new(Options {
        plain_http: true,
        ..Options::default()
    })
    .unwrap();
    let end = told(own_name.call(ping(&format!("http://localhost:{}/", peer.port()))).await);
    assert!(end.starts_with("not sent: forbidden: "), "{end}");
    assert_eq!((by_number.stats().opened, by_name.stats().opened), (0, 0));
}

#[tokio::test]
async fn a_name_leads_to_an_allowed_network_even_without_tls() {
    let (client, peer) = (client_by_name(options()), Peer::listen().await);
    let answer = ok("fine");
    let (end, _line) = play(&client, ping(&format!("http://buyer.test:{}/", peer.port())), peer.serve(&answer)).await;
    assert_eq!(end, "200 fine");
}

#[tokio::test]
async fn nothing_that_reads_as_a_second_request_leaves() {
    let (client, peer) = (client(), Peer::listen().await);
    for (url, name, value) in [
        (peer.url() + "?a=\r\nx: y", "x", "y"),
        (peer.url(), "x", "y\r\n\r\nPOST / HTTP/1.1"),
        (peer.url(), "x\ny", "z"),
        (peer.url(), "x", "nul\0"),
        (peer.url(), "host", "other"),
    ] {
        let mut call = ping(&url);
        request_of(&mut call).headers.push((name.into(), value.into()));
        let end = told(client.call(call).await);
        assert!(end.starts_with("not sent: forbidden: "), "{name:?} {value:?}: {end}");
    }
    assert_eq!(client.stats().opened, 0);
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let (client, peer) = (client(), Peer::listen().await);
    let url = peer.url();
    drop(peer);
    let end = told(client.call(ping(&url)).await);
    assert!(end.starts_with("not sent: unreachable: ") && end.contains("refused"), "{end}");
}

#[tokio::test]
async fn every_caller_hears_that_the_connection_was_refused() {
    let client = Client::new(Options {
        connections_max_per_origin: 2,
        ..options()
    })
    .unwrap();
    let url = Peer::listen().await.url();
    let ends = join_all((0..20).map(|_| client.call(ping(&url)))).await;
    assert!(ends.into_iter().map(told).all(|end| end.contains("refused")));
}

#[tokio::test]
async fn a_name_that_is_not_found_is_not_sent() {
    let look_up = |_: Arc<str>| -> Later<'static, _> { Box::pin(async { Err(std::io::Error::other("no such host")) }) };
    let client = Client::with_resolver(options(), Resolver::new(Box::new(look_up))).unwrap();
    assert_eq!(
        told(client.call(ping("https://buyer.test/")).await),
        "not sent: unreachable: buyer.test: no such host"
    );
}

#[tokio::test]
async fn a_connection_that_does_not_come_is_not_sent() {
    let peer = Peer::listen().await;
    let impatient = client_by_name(Options {
        connect_timeout: SHORT,
        ..options()
    });
    // Accepted by the kernel, and then no handshake.
    let url = format!("https://buyer.test:{}/", peer.port());
    let end = told(impatient.call(ping(&url)).await);
    assert_eq!(
        end,
        format!("not sent: unreachable: buyer.test:{}: connecting took too long", peer.port())
    );
    let patient = client_by_name(options());
    let end = told(patient.call(in_time(ping(&url), SHORT)).await);
    assert_eq!(end, "not sent: unreachable: there was no connection in time");
}

#[tokio::test]
async fn a_call_whose_time_is_up_is_not_made() {
    let (client, peer) = (client(), Peer::listen().await);
    assert_eq!(
        told(client.call(in_time(ping(&peer.url()), Duration::ZERO)).await),
        "not sent: no connection"
    );
    assert_eq!(client.stats().opened, 0);
}

#[tokio::test]
async fn a_contract_has_so_many_calls_open_and_those_listened_to_count() {
    let (client, peer) = (client(), Peer::listen().await);
    let limited = |time| Call {
        calls_max: 1,
        contract: 5,
        ..in_time(ping(&peer.url()), time)
    };
    let (end, mut line) = play(&client, limited(SHORT), peer.accept()).await;
    assert_eq!(end, "late");
    assert_eq!(told(client.call(limited(LONG)).await), "not sent: throttled");
    assert_eq!(client.stats().throttled, 1);
    line.serve(&ok("at last")).await;
    until(&client, |stats| stats.listening == 0).await;
    let answer = ok("again");
    assert_eq!(play(&client, limited(LONG), line.serve(&answer)).await.0, "200 again");
}

#[tokio::test]
async fn a_request_of_which_a_part_left_is_broken() {
    let (client, peer) = (client(), Peer::listen().await);
    let mut call = post(&peer.url());
    request_of(&mut call).body = vec![b'x'; 32 << 20];
    let (end, ()) = play(&client, call, async {
        let mut line = peer.accept().await;
        line.take(1000).await;
        line.reset();
    })
    .await;
    assert!(end.starts_with("broken: "), "{end}");
    assert_eq!(client.stats().broken, 1);
}
