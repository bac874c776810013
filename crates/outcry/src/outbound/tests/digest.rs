//! Servers that ask who we are before they look at anything.

use super::peer::ok;
use super::*;
use outcry_integration::request::{Credentials, DigestLogin};

fn as_ann(mut call: Call) -> Call {
    let login = DigestLogin {
        user: "ann".into(),
        password: "open sesame".into(),
    };
    request_of(&mut call).credentials = Credentials {
        digest: Some(Arc::new(login)),
        ..Credentials::default()
    };
    call
}

fn asks(nonce: &str) -> String {
    format!(
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nWWW-Authenticate: Digest realm=\"buyers\", qop=\"auth\", algorithm=SHA-256, nonce=\"{nonce}\"\r\n\r\n"
    )
}

/// The nonce of a request, how often it was used, and whether the rest is as it should be: `n1 1`.
fn shown(request: &str) -> String {
    assert!(request.ends_with("\r\n\r\n{\"zip\":\"30301\"}"), "{request}");
    assert!(!request.contains("open sesame"), "{request}");
    let Some((_, header)) = request.split_once("authorization: Digest ") else {
        return "nobody".to_owned();
    };
    let (header, _) = header.split_once("\r\n").unwrap();
    let value = |name: &str| {
        let (_, value) = header.split_once(&format!("{name}=")).unwrap();
        value.split(',').next().unwrap().trim_matches('"').to_owned()
    };
    assert_eq!((value("username"), value("uri")), ("ann".to_owned(), "/ping".to_owned()));
    let count = value("nc").trim_start_matches('0').to_owned();
    format!("{} {count}", value("nonce"))
}

/// Answers so many requests on one line, and tells who sent them.
async fn hear(line: &mut Line, answers: &[&str]) -> Vec<String> {
    let mut heard = Vec::new();
    for answer in answers {
        heard.push(shown(&line.request().await));
        line.say(answer).await;
    }
    heard
}

async fn hear_first(peer: &Peer, answers: &[&str]) -> (Line, Vec<String>) {
    let mut line = peer.accept().await;
    let heard = hear(&mut line, answers).await;
    (line, heard)
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_its_nonce_used_for_every_call_after_it() {
    let (client, peer) = (client(), Peer::listen().await);
    let fine = ok("fine");
    let (end, (mut line, heard)) = play(&client, as_ann(post(&peer.url())), hear_first(&peer, &[&asks("n1"), &fine])).await;
    assert_eq!((end.as_str(), heard), ("200 fine", vec!["nobody".to_owned(), "n1 1".to_owned()]));
    let (end, heard) = play(&client, as_ann(ping(&peer.url())), hear(&mut line, &[&fine])).await;
    assert_eq!((end.as_str(), heard), ("200 fine", vec!["n1 2".to_owned()]));
    // The server has forgotten it.
    let (end, heard) = play(&client, as_ann(post(&peer.url())), hear(&mut line, &[&asks("n2"), &fine])).await;
    assert_eq!((end.as_str(), heard), ("200 fine", vec!["n1 3".to_owned(), "n2 1".to_owned()]));
    assert_eq!(client.stats().opened, 1);
}

#[tokio::test]
async fn a_refusal_that_no_answer_can_change_is_the_answer() {
    let (client, peer) = (client(), Peer::listen().await);
    let (end, (mut line, heard)) = play(&client, as_ann(post(&peer.url())), hear_first(&peer, &[&asks("n1"), &asks("n2")])).await;
    assert_eq!((end.as_str(), heard), ("401 ", vec!["nobody".to_owned(), "n1 1".to_owned()]));
    // The very nonce that was just used: the password is wrong, and asking again would not mend it.
    let (end, heard) = play(&client, as_ann(post(&peer.url())), hear(&mut line, &[&asks("n1")])).await;
    assert_eq!((end.as_str(), heard), ("401 ", vec!["n1 2".to_owned()]));
    let basic = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nwww-authenticate: Basic realm=\"x\"\r\n\r\n";
    let (end, heard) = play(&client, as_ann(post(&peer.url())), hear(&mut line, &[basic])).await;
    assert_eq!((end.as_str(), heard.len()), ("401 ", 1));
    // Who has no password to offer offers none.
    let (end, heard) = play(&client, post(&peer.url()), hear(&mut line, &[&asks("n3")])).await;
    assert_eq!((end.as_str(), heard), ("401 ", vec!["nobody".to_owned()]));
}

#[tokio::test]
async fn after_the_refusal_everything_counts_again() {
    let refuses_and_closes = asks("n1").replace("content-length", "connection: close\r\ncontent-length");
    // The second request was sent and not answered: the buyer may have it.
    let (client, peer) = (client(), Peer::listen().await);
    let (end, ()) = play(&client, as_ann(post(&peer.url())), async {
        drop(hear_first(&peer, &[&refuses_and_closes]).await);
        assert_eq!(shown(&peer.accept().await.request().await), "n1 1");
    })
    .await;
    assert_eq!(end, "broken: the connection was closed before it was answered");

    // The second request never left: the buyer has nothing.
    let (client, peer) = (self::client(), Peer::listen().await);
    let url = peer.url();
    let (end, ()) = play(&client, as_ann(post(&url)), async move {
        let mut line = peer.accept().await;
        assert_eq!(shown(&line.request().await), "nobody");
        drop(peer);
        line.say(&refuses_and_closes).await;
    })
    .await;
    assert!(end.starts_with("not sent: unreachable: "), "{end}");
}

#[tokio::test]
async fn after_its_time_no_call_is_made_again() {
    let (client, peer) = (client(), Peer::listen().await);
    let (listener, news) = late();
    let call = Call {
        late: listener,
        ..in_time(as_ann(post(&peer.url())), SHORT)
    };
    let (end, mut line) = play(&client, call, async {
        let mut line = peer.accept().await;
        assert_eq!(shown(&line.request().await), "nobody");
        line
    })
    .await;
    assert_eq!(end, "late");
    line.say(asks("n1")).await;
    assert_eq!(news.await.unwrap(), "401 ");
    drop(client);
    assert!(line.is_closed().await);
}
