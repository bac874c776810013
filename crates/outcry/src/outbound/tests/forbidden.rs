//! Addresses that no call may reach, in every way somebody could write, name, redirect or smuggle them in. A listener on every
//! address of this machine counts who comes.

use super::peer::ok;
use super::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// Loopback, private, shared, link-local, metadata and reserved addresses, spelled as browsers, libraries and attackers do.
const LITERALS: &str = "127.0.0.1 127.1 127.0.1 127.255.255.254 127.0.0.1. 2130706433 017700000001 0x7f000001 0x7f.1 0x7f.0.0.1 0177.0.0.1 0177.1 \
    0x7F.0x0.0x0.0x1 127.0x0.01.1 %31%32%37.0.0.1 ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1 0 0.0.0.0 0x0 00 0.1.2.3 \
    10.0.0.1 10.1 0xa000001 167772161 012.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 0xac100001 192.168.0.1 192.168.1 0xc0a80001 \
    3232235521 100.64.0.1 100.127.255.255 169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 169.254.170.2 169.254.43518 \
    100.100.100.200 192.0.0.192 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 \
    239.255.255.255 240.0.0.1 255.255.255.255 4294967295 0xffffffff \
    [::] [::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] \
    [0:0:0:0:0:ffff:127.0.0.1] [::ffff:10.0.0.1] [::ffff:a00:1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:0:127.0.0.1] \
    [::ffff:0.0.0.0] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2002:7f00:1::] [2002:a9fe:a9fe::] [2002:a00:1::1] [2001::1] \
    [2001:0:7f00:1::] [2001:10::1] [2001:20::1] [2001:db8::1] [3fff::1] [5f00::1] [100::1] [fc00::1] [fd00::1] [fd00:ec2::254] [fd20:ce::254] [fe80::1] \
    [fe80::a9fe:a9fe] [fec0::1] [ff01::1] [ff02::1] [ff05::1:3]";

/// What names may turn out to be.
const RESOLVED: &str = "127.0.0.1 127.0.0.53 0.0.0.0 10.1.2.3 172.20.0.5 192.168.178.1 100.64.0.7 169.254.169.254 100.100.100.200 198.18.0.9 224.0.0.251 \
    255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::ffff:169.254.169.254 fd00:ec2::254 fe80::1 64:ff9b::7f00:1 2002:7f00:1::";

/// Counts whoever connects to any address of this machine on one port.
struct Ear {
    port: u16,
    heard: Arc<AtomicUsize>,
}

impl Ear {
    async fn everywhere() -> Self {
        let listener = match TcpListener::bind("[::]:0").await {
            Ok(both) => both,
            // A machine without IPv6.
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        let (port, heard) = (listener.local_addr().unwrap().port(), Arc::<AtomicUsize>::default());
        let count = Arc::clone(&heard);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::Relaxed)
    }
}

/// Nothing but the address is against a call.
fn open_to_all() -> Options {
    Options {
        plain_http: true,
        ..Options::default()
    }
}

/// A client for which names are what the script says, one answer after the other and the last for ever.
fn told_by(options: Options, answers: Vec<Vec<IpAddr>>) -> Client {
    let answers = Arc::new(Mutex::new(answers));
    let look_up = move |_: Arc<str>| -> Later<'static, _> {
        let mut left = answers.lock().unwrap();
        let answer = if left.len() > 1 { left.remove(0) } else { left[0].clone() };
        Box::pin(async move { Ok(answer) })
    };
    Client::with_resolver(options, Resolver::new(Box::new(look_up))).unwrap()
}

fn addresses(text: &str) -> Vec<IpAddr> {
    text.split_whitespace().map(|address| address.parse().unwrap()).collect()
}

/// Calls, and wants to hear that it was forbidden or cannot even be an address.
async fn refused(client: &Client, url: &str) {
    let end = told(client.call(in_time(ping(url), LONG)).await);
    assert!(end.starts_with("not sent: forbidden: "), "{url}: {end}");
    assert_eq!(client.stats().opened, 0, "{url}");
}

#[tokio::test]
async fn no_spelling_name_redirect_or_macro_leads_to_a_forbidden_address() {
    let ear = Ear::everywhere().await;
    let mut targets = 0;

    let client = Client::new(open_to_all()).unwrap();
    for host in LITERALS.split_whitespace() {
        for scheme in ["http", "https"] {
            refused(&client, &format!("{scheme}://{host}:{}/x", ear.port)).await;
        }
        targets += 1;
    }
    for name in ["localhost", "LOCALHOST", "localhost."] {
        let end = told(client.call(ping(&format!("http://{name}:{}/", ear.port))).await);
        assert!(end.starts_with("not sent: "), "{name}: {end}");
        targets += 1;
    }
    for address in addresses(RESOLVED) {
        let client = told_by(open_to_all(), vec![vec![address]]);
        refused(&client, &format!("http://metadata.buyer.test:{}/", ear.port)).await;
        targets += 1;
    }
    targets += disguised(&ear).await;
    assert_eq!(client.stats().opened, 0);
    assert_eq!(ear.heard(), 0);
    targets += rebound().await + redirected().await;
    println!("figure: {targets} forbidden targets, 0 connections");
    assert!(120 <= targets);
}

/// The host ends where it ends, whatever stands behind or in front of it: what a lead or a postback puts into a path or a query
/// is no place to go to.
async fn disguised(ear: &Ear) -> usize {
    let (port, client) = (ear.port, told_by(open_to_all(), vec![addresses("127.0.0.1")]));
    let urls = [
        format!("http://buyer.test@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}@buyer.test/"),
        format!("http://buyer.test:{port}\\@127.0.0.1/"),
        format!("http://buyer.test:{port}/@127.0.0.1:{port}/"),
        format!("http://buyer.test:{port}/x?to=http://127.0.0.1:{port}/"),
        format!("http://buyer.test:{port}#@127.0.0.1:{port}/"),
        format!("http://buyer.test:{port}/%0d%0ahost:%20127.0.0.1"),
        format!("http://buyer.test\t:{port}/"),
        format!("http://127.0.0.1\n:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http:127.0.0.1:{port}"),
        format!("gopher://127.0.0.1:{port}/"),
        format!("file://127.0.0.1:{port}/etc/passwd"),
    ];
    for url in &urls {
        refused(&client, url).await;
    }
    urls.len()
}

/// A name that changes its mind: the address that was looked at is the address that is called. 127.0.0.2 stands for the public one.
async fn rebound() -> usize {
    let (good, bad) = ("127.0.0.2", "127.0.0.1");
    let allowed = || Options {
        allow: vec!["127.0.0.2/32".parse().unwrap()],
        ..options_without_networks()
    };
    let script = [
        (vec![addresses(good), addresses(bad)], true),
        (vec![addresses(bad), addresses(good)], false),
        (vec![addresses(&format!("{bad} {good}"))], true),
        (vec![addresses(&format!("{good} {bad}"))], true),
        (vec![addresses(&format!("::ffff:{bad} {bad} ::1"))], false),
    ];
    let count = script.len();
    for (answers, reaches) in script {
        let right = TcpListener::bind((good, 0)).await.unwrap();
        let port = right.local_addr().unwrap().port();
        let wrong = TcpListener::bind((bad, port)).await;
        let client = told_by(allowed(), answers.clone());
        let url = format!("http://buyer.test:{port}/");
        let mut call = std::pin::pin!(client.call(in_time(ping(&url), LONG)));
        tokio::select! {
            end = &mut call => assert!(!reaches && told(end).starts_with("not sent: forbidden: "), "{answers:?}"),
            came = right.accept() => assert!(reaches && came.is_ok(), "{answers:?}"),
        }
        // Asked again at once, and by a client that has forgotten: the second word of the name changes nothing for the worse.
        if let Ok(wrong) = wrong {
            let came = tokio::time::timeout(SHORT, wrong.accept()).await;
            assert!(came.is_err(), "{answers:?}");
        }
    }
    count
}

fn options_without_networks() -> Options {
    Options {
        allow: Vec::new(),
        ..Options::default()
    }
}

/// A buyer that sends us elsewhere is a buyer that has answered.
async fn redirected() -> usize {
    let ear = Ear::everywhere().await;
    let codes = [301, 302, 303, 307, 308];
    for code in codes {
        let (client, peer) = (client(), Peer::listen().await);
        let answer = ok("").replace(
            "HTTP/1.1 200 OK\r\n",
            &format!(
                "HTTP/1.1 {code} Elsewhere\r\nlocation: http://127.0.0.1:{}/latest/meta-data/\r\nrefresh: 0\r\n",
                ear.port
            ),
        );
        let (end, _line) = play(&client, ping(&peer.url()), peer.serve(&answer)).await;
        assert!(end.starts_with(&code.to_string()), "{end}");
    }
    tokio::time::sleep(SHORT).await;
    assert_eq!(ear.heard(), 0);
    codes.len()
}
