//! Servers that want to see a certificate of ours.

use super::peer::ok;
use super::*;
use outcry_integration::request::{ClientCertificate, Credentials};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outbound/tests").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

/// A server that trusts `ours` and nobody else.
fn acceptor(version: &'static rustls::SupportedProtocolVersion) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut trusted = RootCertStore::empty();
    trusted
        .add(CertificateDer::from_pem_file(fixture("ours.cert.pem")).unwrap())
        .unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(trusted), Arc::clone(&provider))
        .build()
        .unwrap();
    let certificate = CertificateDer::from_pem_file(fixture("peer.cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("peer.key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn trusting() -> Client {
    client_by_name(Options {
        extra_ca: Some(fixture("peer.cert.pem")),
        ..options()
    })
}

/// The certificate of one partner with the key of one, shown under this id.
fn certificate(certificate: &str, key: &str) -> Arc<ClientCertificate> {
    let mut id = [0; 32];
    id[..certificate.len()].copy_from_slice(certificate.as_bytes());
    Arc::new(ClientCertificate {
        certificate: text(&format!("{certificate}.cert.pem")).into(),
        key: text(&format!("{key}.key.pem")).into(),
        id,
    })
}

fn showing(name: Option<&str>, mut call: Call) -> Call {
    request_of(&mut call).credentials = Credentials {
        certificate: name.map(|name| certificate(name, name)),
        ..Credentials::default()
    };
    call
}

async fn serve(line: &mut TlsStream<TcpStream>) {
    let mut request = Vec::new();
    while !request.ends_with(b"{\"zip\":\"30301\"}") {
        assert!(line.read_buf(&mut request).await.unwrap() > 0);
    }
    line.write_all(ok("fine").as_bytes()).await.unwrap();
    line.flush().await.unwrap();
}

/// Refuses, and stays until the client has heard why.
async fn refuse(peer: &Peer, acceptor: &TlsAcceptor) {
    let refused = acceptor.accept(peer.accept_raw().await).into_fallible().await;
    let Err((_, mut tcp)) = refused else { panic!("it was let in") };
    while tcp.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {}
}

#[tokio::test]
async fn a_connection_is_used_again_for_the_same_certificate_and_for_no_other() {
    let (client, peer, acceptor) = (trusting(), Peer::listen().await, acceptor(&TLS13));
    let url = format!("https://buyer.test:{}/ping", peer.port());
    let (end, mut line) = play(&client, showing(Some("ours"), ping(&url)), async {
        let mut line = acceptor.accept(peer.accept_raw().await).await.unwrap();
        serve(&mut line).await;
        line
    })
    .await;
    assert_eq!(end, "200 fine");
    let shown = line.get_ref().1.peer_certificates().unwrap();
    assert_eq!(shown, [CertificateDer::from_pem_file(fixture("ours.cert.pem")).unwrap()]);
    assert_eq!(
        play(&client, showing(Some("ours"), post(&url)), serve(&mut line)).await.0,
        "200 fine"
    );
    assert_eq!(client.stats().opened, 1);

    // The same origin, and the open connection at hand: still, a call for somebody else knocks for itself. A session
    // that was resumed would have let it in.
    for other in [Some("theirs"), None] {
        let (end, ()) = play(&client, showing(other, post(&url)), refuse(&peer, &acceptor)).await;
        assert!(
            end.starts_with("not sent: unreachable: TLS: received fatal alert: "),
            "{other:?}: {end}"
        );
    }
    assert_eq!(
        play(&client, showing(Some("ours"), post(&url)), serve(&mut line)).await.0,
        "200 fine"
    );
    assert_eq!(client.stats().opened, 3);
}

#[tokio::test]
async fn who_is_not_let_in_has_sent_nothing_whatever_the_version() {
    for version in [&TLS12, &TLS13] {
        for other in [Some("theirs"), None] {
            let (client, peer, acceptor) = (trusting(), Peer::listen().await, acceptor(version));
            let url = format!("https://buyer.test:{}/ping", peer.port());
            let (end, ()) = play(&client, showing(other, post(&url)), refuse(&peer, &acceptor)).await;
            assert!(
                end.starts_with("not sent: unreachable: ") && end.contains("fatal alert"),
                "{version:?}: {end}"
            );
            assert_eq!(client.stats().broken, 0);
        }
    }
}

#[tokio::test]
async fn a_certificate_is_never_left_out_for_want_of_tls() {
    let (client, peer) = (trusting(), Peer::listen().await);
    let end = told(client.call(showing(Some("ours"), post(&peer.url()))).await);
    assert!(
        end.starts_with("not sent: forbidden: ") && end.ends_with("a client certificate needs https"),
        "{end}"
    );
    assert_eq!(client.stats().opened, 0);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_shown_is_said_in_words() {
    let sound = certificate("ours", "ours");
    let with = |certificate: &str, key: &str| ClientCertificate {
        certificate: certificate.into(),
        key: key.into(),
        id: [9; 32],
    };
    let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    assert_eq!(wrong_with(&sound), None);
    for (certificate, why) in [
        (
            with(&sound.certificate, &text("theirs.key.pem")),
            "the key is not the one of the certificate",
        ),
        (with(&pem("CERTIFICATE"), &sound.key), "the certificate cannot be read"),
        (with("", &sound.key), "there is no certificate in it"),
        (
            with(&sound.certificate, &pem("PRIVATE KEY")),
            "the key cannot be read, or is of a kind that TLS does not use",
        ),
        (
            with(&sound.certificate, &pem("DSA PRIVATE KEY")),
            "the key is not PEM of a kind we know: PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY",
        ),
    ] {
        assert_eq!(wrong_with(&certificate).as_deref(), Some(why));
        let mut call = post("https://buyer.test/");
        request_of(&mut call).credentials.certificate = Some(Arc::new(certificate));
        let expected = format!("not sent: forbidden: the client certificate cannot be used: {why}");
        assert_eq!(told(trusting().call(call).await), expected);
    }
}
