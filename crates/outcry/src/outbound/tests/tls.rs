//! The same over TLS, with a certificate that only the extra authorities vouch for.

use super::peer::ok;
use super::*;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outbound/tests").join(name)
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(fixture("peer.cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("peer.key.pem")).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn trusting() -> Client {
    client_by_name(Options {
        extra_ca: Some(fixture("peer.cert.pem")),
        ..options()
    })
}

async fn serve(line: &mut TlsStream<TcpStream>, answer: &str) {
    let mut request = Vec::new();
    while !request.ends_with(b"{\"zip\":\"30301\"}") {
        assert!(line.read_buf(&mut request).await.unwrap() > 0);
    }
    line.write_all(answer.as_bytes()).await.unwrap();
    line.flush().await.unwrap();
}

async fn accept_and_serve(peer: &Peer, acceptor: &TlsAcceptor, answer: &str) -> TlsStream<TcpStream> {
    let mut line = acceptor.accept(peer.accept_raw().await).await.unwrap();
    serve(&mut line, answer).await;
    line
}

#[tokio::test]
async fn a_tls_connection_is_kept_although_session_tickets_arrive_on_it() {
    let (client, peer, acceptor) = (trusting(), Peer::listen().await, acceptor());
    let url = format!("https://buyer.test:{}/ping", peer.port());
    let answer = ok("one");
    let (end, mut line) = play(&client, ping(&url), accept_and_serve(&peer, &acceptor, &answer)).await;
    assert_eq!(end, "200 one");
    assert_eq!(line.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    for _ in 0..3 {
        assert_eq!(play(&client, post(&url), serve(&mut line, &answer)).await.0, "200 one");
    }
    assert_eq!(client.stats().opened, 1);

    drop(line);
    tokio::time::sleep(Duration::from_millis(5)).await;
    let (end, line) = play(&client, post(&url), accept_and_serve(&peer, &acceptor, &answer)).await;
    assert_eq!(end, "200 one");
    assert_eq!(line.get_ref().1.handshake_kind(), Some(rustls::HandshakeKind::Resumed));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_sent() {
    let (peer, acceptor) = (Peer::listen().await, acceptor());
    for (client, host) in [
        (client_by_name(options()), "buyer.test"),
        (trusting(), "other.test"),
        (trusting(), "127.0.0.1"),
    ] {
        let call = ping(&format!("https://{host}:{}/", peer.port()));
        let (end, _) = play(&client, call, async { acceptor.accept(peer.accept_raw().await).await.err() }).await;
        assert!(
            end.starts_with("not sent: unreachable: ") && end.contains("TLS: invalid peer certificate"),
            "{host}: {end}"
        );
    }
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_not_sent() {
    let (client, peer) = (trusting(), Peer::listen().await);
    let (end, ()) = play(&client, ping(&format!("https://buyer.test:{}/", peer.port())), async {
        peer.accept().await.say("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    assert!(end.starts_with("not sent: unreachable: ") && end.contains("TLS: "), "{end}");
}

#[tokio::test]
async fn an_answer_to_the_end_of_the_connection_needs_a_proper_end() {
    let (peer, acceptor) = (Peer::listen().await, acceptor());
    let url = format!("https://buyer.test:{}/", peer.port());
    for (proper, expected) in [(true, "200 all of it"), (false, "broken: ")] {
        let client = trusting();
        let (end, ()) = play(&client, ping(&url), async {
            let mut line = accept_and_serve(&peer, &acceptor, "HTTP/1.1 200 OK\r\n\r\nall of it").await;
            if proper {
                line.shutdown().await.unwrap();
            }
        })
        .await;
        assert!(end.starts_with(expected), "{end}");
    }
}

#[test]
fn extra_authorities_must_be_there() {
    for file in ["peer.key.pem", "missing.pem"] {
        assert!(
            Client::new(Options {
                extra_ca: Some(fixture(file)),
                ..Options::default()
            })
            .is_err(),
            "{file}"
        );
    }
}
