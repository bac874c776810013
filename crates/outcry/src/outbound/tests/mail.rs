//! Mail against a server that says what the table tells it to. A real one is in the tests of the program.

use super::*;
use outcry_integration::{Login, Mail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

fn mail(server: &str) -> Mail {
    Mail {
        server: server.into(),
        login: None,
        from: "leads@outcry.example".into(),
        to: vec!["sales@buyer.example".into()],
        reply_to: None,
        subject: "A lead".to_owned(),
        text: Some("zip: 60601\n".to_owned()),
        html: None,
        reference: "attempt_1".to_owned(),
        secrets: outcry_integration::Mask::default(),
    }
}

fn sent(mail: Mail) -> Call {
    Call {
        request: Outgoing::Mail(Box::new(mail)),
        ..post("http://127.0.0.1/")
    }
}

/// What is said to each command; `letter` stands for the end of the letter, `hello` for the moment of connecting.
/// What is not named is answered as a friendly server would; `hang up` hangs up and `silence` says nothing.
struct Script(Vec<(&'static str, &'static str)>);

impl Script {
    fn of(line: &'static str) -> Self {
        let steps = line.split(", ").filter(|step| !step.is_empty());
        Self(steps.map(|step| step.split_once(": ").unwrap()).collect())
    }

    fn answer(&self, step: &str) -> String {
        let told = self.0.iter().find(|(name, _)| *name == step).map(|(_, answer)| *answer);
        told.unwrap_or(match step {
            "hello" => "220 mail.buyer.example",
            "EHLO" => "250-mail.buyer.example\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "letter" => "250 2.0.0 queued as 7",
            "QUIT" => "221 bye",
            _ => "250 ok",
        })
        .to_owned()
    }

    /// Plays the part on one connection; tells what was heard.
    async fn play(&self, tcp: TcpStream) -> Vec<String> {
        let (mut line, mut heard) = (BufReader::new(tcp), Vec::new());
        let mut step = "hello".to_owned();
        loop {
            match self.answer(&step).as_str() {
                "hang up" => return heard,
                "silence" => {}
                answer => line.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap(),
            }
            let mut command = String::new();
            if step == "DATA" && self.answer("DATA").starts_with("354") {
                while !command.ends_with("\r\n.\r\n") {
                    if line.read_line(&mut command).await.unwrap() == 0 {
                        return heard;
                    }
                }
                "letter".clone_into(&mut step);
            } else {
                if !matches!(line.read_line(&mut command).await, Ok(1..)) {
                    return heard;
                }
                step = command.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            }
            heard.push(command);
        }
    }
}

/// Plays the script once, and tells how the call ended.
async fn check(script: &'static str, expected: &str) {
    let (client, peer, script) = (client(), Peer::listen().await, Script::of(script));
    let server = format!("smtp+plain://127.0.0.1:{}", peer.port());
    let end = {
        let mut part = std::pin::pin!(async { script.play(peer.accept_raw().await).await });
        let mut call = std::pin::pin!(client.call(sent(mail(&server))));
        tokio::select! {
            end = &mut call => told(end),
            _ = &mut part => told(call.await),
        }
    };
    let end = end.replace(&peer.port().to_string(), "PORT");
    assert!(end.starts_with(expected), "{:?}: {end}", script.0);
}

#[tokio::test]
async fn how_far_a_mail_got_decides_what_is_known_of_it() {
    for (script, expected) in [
        ("", "250 2.0.0 queued as 7"),
        ("hello: hang up", "not sent: unreachable: 127.0.0.1:PORT: the mail server hung up"),
        (
            "hello: 554 go away",
            "not sent: unreachable: 127.0.0.1:PORT: the mail server said 554 go away",
        ),
        (
            "hello: HTTP/1.1 400 Bad Request",
            "not sent: unreachable: 127.0.0.1:PORT: the mail server does not speak SMTP",
        ),
        (
            "EHLO: 502 what",
            "not sent: unreachable: 127.0.0.1:PORT: the mail server said 502 what",
        ),
        ("MAIL: 550 not you", "550 not you"),
        ("MAIL: 530 log in first", "not sent: unreachable: 530 log in first"),
        (
            "MAIL: hang up",
            "not sent: unreachable: smtp+plain://127.0.0.1:PORT: the mail server hung up",
        ),
        ("RCPT: 550 no such user", "550 no such user"),
        ("RCPT: 451 try later", "451 try later"),
        ("RCPT: 421 closing", "not sent: unreachable: 421 closing"),
        ("DATA: 554 no", "554 no"),
        ("DATA: hang up", "not sent: unreachable"),
        ("letter: 554 5.7.1 looks like spam", "554 5.7.1 looks like spam"),
        ("letter: 452 no room", "452 no room"),
        (
            "letter: hang up",
            "broken: the mail server did not say whether it took the mail: the mail server hung up",
        ),
        (
            "letter: yes",
            "broken: the mail server did not say whether it took the mail: the mail server does not speak SMTP",
        ),
        ("letter: 250-a\r\n251 b", "broken: the mail server did not say"),
    ] {
        check(script, expected).await;
    }
}

#[tokio::test]
async fn a_letter_that_is_out_when_the_time_is_up_is_listened_to() {
    let (client, peer) = (client(), Peer::listen().await);
    let server = format!("smtp+plain://127.0.0.1:{}", peer.port());
    let (listener, news) = late();
    let call = Call {
        late: listener,
        ..in_time(sent(mail(&server)), SHORT * 4)
    };
    let script = Script::of("letter: silence");
    let part = async {
        let mut line = BufReader::new(peer.accept_raw().await);
        for step in ["hello", "EHLO", "MAIL", "RCPT", "DATA"] {
            line.write_all(format!("{}\r\n", script.answer(step)).as_bytes()).await.unwrap();
            line.read_line(&mut String::new()).await.unwrap();
        }
        line
    };
    let (end, mut line) = play(&client, call, part).await;
    assert_eq!(end, "late");
    line.write_all(b"250 after all\r\n").await.unwrap();
    assert_eq!(news.await.unwrap(), "250 after all");
}

#[tokio::test]
async fn before_the_letter_is_out_a_slow_server_costs_nothing() {
    for silent in ["hello: silence", "MAIL: silence", "RCPT: silence", "DATA: silence"] {
        let (client, peer, script) = (client(), Peer::listen().await, Script::of(silent));
        let server = format!("smtp+plain://127.0.0.1:{}", peer.port());
        let call = client.call(in_time(sent(mail(&server)), SHORT));
        let mut part = std::pin::pin!(async { script.play(peer.accept_raw().await).await });
        let end = tokio::select! {
            end = call => told(end),
            _ = &mut part => panic!("{silent}: the client hung up first"),
        };
        assert!(end.starts_with("not sent"), "{silent}: {end}");
        let heard = part.await;
        assert!(heard.iter().all(|line| !line.contains("60601")), "{silent}: {heard:?}");
    }
}

#[tokio::test]
async fn the_next_mail_takes_the_same_connection() {
    let (client, peer, script) = (client(), Peer::listen().await, Script::of(""));
    let server = format!("smtp+plain://127.0.0.1:{}", peer.port());
    let part = async { script.play(peer.accept_raw().await).await };
    let calls = async {
        for _ in 0..3 {
            assert_eq!(told(client.call(sent(mail(&server))).await), "250 2.0.0 queued as 7");
        }
        // Another login is another connection.
        let other = Mail {
            login: Some(Login {
                user: "u".into(),
                password: "p".into(),
            }),
            ..mail(&server)
        };
        let (end, heard) = tokio::join!(client.call(sent(other)), async {
            let mut tcp = peer.accept_raw().await;
            let mut byte = [0];
            tcp.write_all(b"554 busy\r\n").await.unwrap();
            let _closed = tcp.read(&mut byte).await;
        });
        let ((), end) = (heard, told(end));
        assert!(end.contains("554 busy"), "{end}");
        drop(client);
    };
    let (heard, ()) = tokio::join!(part, calls);
    let hellos = heard.iter().filter(|line| line.starts_with("EHLO outcry.example")).count();
    let letters = heard.iter().filter(|line| line.contains("zip: 60601")).count();
    assert_eq!((hellos, letters), (1, 3));
}

#[tokio::test]
async fn without_tls_no_password_and_no_lead_leaves() {
    let (client, peer, script) = (client(), Peer::listen().await, Script::of(""));
    let server = format!("smtp://127.0.0.1:{}", peer.port());
    let login = Login {
        user: "u".into(),
        password: "hunter2".into(),
    };
    let mail = Mail {
        login: Some(login),
        ..mail(&server)
    };
    let call = client.call(sent(mail));
    let (end, heard) = tokio::join!(call, async { script.play(peer.accept_raw().await).await });
    assert!(told(end).contains("the mail server offers no TLS"));
    assert_eq!(heard, ["EHLO outcry.example\r\n"]);
}

#[tokio::test]
async fn words_before_tls_are_not_believed_after_it() {
    let (client, peer) = (client(), Peer::listen().await);
    let server = format!("smtp://127.0.0.1:{}", peer.port());
    let script = Script::of("EHLO: 250-x\r\n250 STARTTLS, STARTTLS: 220 go\r\n250 AUTH PLAIN");
    let call = client.call(sent(mail(&server)));
    let (end, _) = tokio::join!(call, async { script.play(peer.accept_raw().await).await });
    let end = told(end);
    assert!(end.contains("speaks before TLS is there"), "{end}");
}

#[tokio::test]
async fn a_mail_server_passes_the_same_address_filter_as_everything() {
    let open = Client::new(Options::default()).unwrap();
    for (server, why) in [
        ("smtps://10.0.0.1", "the address is not a public one"),
        ("smtp://169.254.169.254:25", "the address is not a public one"),
        ("smtps://0x7f000001", "the address is not a public one"),
        ("smtps://[::1]:465", "the address is not a public one"),
        ("smtp+plain://8.8.8.8", "plain http is not allowed"),
        ("http://8.8.8.8", "not the address of a mail server"),
    ] {
        let end = told(open.call(sent(mail(server))).await);
        assert!(end.starts_with("not sent: forbidden") && end.ends_with(why), "{server}: {end}");
    }
}
