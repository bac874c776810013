//! The manners of hostile peers, a row each: what they do with a connection. Everything is said by hand, byte by byte.

use super::fixture;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What is known of a post to such a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Post {
    /// A byte has left: it may have the lead, whatever it says.
    MayHaveIt,
    /// Provably nothing has reached it, or it has clearly said no.
    HasNotGotIt,
}
use Post::{HasNotGotIt, MayHaveIt};

/// One way to behave.
pub(super) struct Manner {
    pub(super) name: &'static str,
    pub(super) post: Post,
    tls: bool,
    act: fn(&mut TcpStream) -> Act,
}

/// What came of a connection; an error is the other end closing, which is its good right.
type Act = std::io::Result<()>;

const fn plain(name: &'static str, post: Post, act: fn(&mut TcpStream) -> Act) -> Manner {
    Manner {
        name,
        post,
        tls: false,
        act,
    }
}

const fn tls(name: &'static str, act: fn(&mut TcpStream) -> Act) -> Manner {
    Manner {
        name,
        post: HasNotGotIt,
        tls: true,
        act,
    }
}

/// A peer at work.
pub(super) struct Peer {
    pub(super) manner: &'static Manner,
    /// With its scheme and port.
    pub(super) url: String,
    served: Arc<AtomicUsize>,
}

impl Peer {
    pub(super) fn start(manner: &'static Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if manner.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let served = Arc::<AtomicUsize>::default();
        let count = served.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                std::thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    let _closed = (manner.act)(&mut stream);
                });
            }
        });
        Self { manner, url, served }
    }

    /// Connections it has had.
    pub(super) fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

/// How long the patient ones go on: longer than any deadline here.
const LONG: Duration = Duration::from_secs(15);

/// What would win every auction, if anybody took it for an answer.
const BID: &str = r#"{"wanted": true, "price": "99.00", "bid_id": "b", "accepted": true}"#;

/// Reads one request in whole.
fn request(stream: &mut TcpStream) -> Act {
    let (mut bytes, mut part) = (Vec::new(), [0; 4_096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if length <= body.len() {
                return Ok(());
            }
        }
        match stream.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&part[..count]),
        }
    }
}

/// Waits until the other end has closed, or for long.
fn hold(stream: &mut TcpStream) -> Act {
    stream.set_read_timeout(Some(LONG))?;
    while 0 < stream.read(&mut [0; 4_096])? {}
    Ok(())
}

/// Reads the request, says this, and holds the connection open.
fn say(stream: &mut TcpStream, answer: impl AsRef<[u8]>) -> Act {
    request(stream)?;
    stream.write_all(answer.as_ref())?;
    hold(stream)
}

/// The same, and closes.
fn say_and_close(stream: &mut TcpStream, answer: impl AsRef<[u8]>) -> Act {
    request(stream)?;
    stream.write_all(answer.as_ref())?;
    stream.shutdown(Shutdown::Both)
}

/// An answer of this body with a true length.
fn ok(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// Closes with a reset: what the other end has sent and we have not read goes back as one.
fn reset(stream: &TcpStream) -> Act {
    // An unread byte in the socket at its close is a reset on every system.
    stream.peek(&mut [0])?;
    stream.shutdown(Shutdown::Write)
}

/// So much of the request, then a reset.
fn reset_after(stream: &mut TcpStream, read: usize) -> Act {
    if 0 < read {
        stream.read_exact(&mut vec![0; read])?;
    }
    reset(stream)
}

/// Says this a byte at a time, for long.
fn trickle(stream: &mut TcpStream, answer: &[u8]) -> Act {
    let end = Instant::now() + LONG;
    for byte in answer.iter().cycle() {
        stream.write_all(&[*byte])?;
        std::thread::park_timeout(Duration::from_millis(40));
        if end < Instant::now() {
            break;
        }
    }
    Ok(())
}

/// Says this again and again until nobody takes it any more.
fn endless(stream: &mut TcpStream, start: &str, part: &str) -> Act {
    request(stream)?;
    stream.write_all(start.as_bytes())?;
    let (end, block) = (Instant::now() + LONG, part.repeat(64));
    stream.set_write_timeout(Some(LONG))?;
    while Instant::now() < end {
        stream.write_all(block.as_bytes())?;
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// 16 MB of blanks before a bid. Made once: making it is harder than taking it.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| gzip(&[vec![b' '; 16 << 20], BID.as_bytes().to_vec()].concat()))
}

/// Shakes hands with this certificate, and would bid if it got so far.
fn tls_with(stream: &mut TcpStream, certificate: &str, key: &str) -> Act {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(fixture(certificate)).unwrap()],
            PrivateKeyDer::from_pem_file(fixture(key)).unwrap(),
        )
        .unwrap();
    let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
    let mut stream = rustls::Stream::new(&mut connection, stream);
    stream.read_exact(&mut [0; 100])?;
    stream.write_all(&ok("", BID))
}

/// All of them. Names are names of buyers in a spec.
pub(super) const MANNERS: &[Manner] = &[
    // Says nothing, or too little.
    plain("never_reads", MayHaveIt, |_| {
        std::thread::park_timeout(LONG);
        Ok(())
    }),
    plain("reads_and_is_silent", MayHaveIt, |stream| {
        request(stream)?;
        hold(stream)
    }),
    plain("trickles_the_head", MayHaveIt, |stream| {
        request(stream)?;
        trickle(
            stream,
            b"HTTP/1.1 200 OK\r\nx: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        )
    }),
    plain("trickles_the_body", MayHaveIt, |stream| {
        request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n")?;
        trickle(stream, b" ")
    }),
    plain("trickles_chunks", MayHaveIt, |stream| {
        request(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        trickle(stream, b"1\r\n \r\n")
    }),
    plain("stops_in_the_status_line", MayHaveIt, |stream| say(stream, "HTTP/1.1 20")),
    plain("stops_in_a_header", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 200 OK\r\ncontent-le")
    }),
    plain("stops_in_the_body", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"wanted\"")
    }),
    plain("answers_too_late", MayHaveIt, |stream| {
        request(stream)?;
        std::thread::park_timeout(Duration::from_secs(5));
        stream.write_all(&ok("", "{\"wanted\": false}"))
    }),
    // Says too much.
    plain("endless_headers", MayHaveIt, |stream| {
        endless(stream, "HTTP/1.1 200 OK\r\n", "x-more: of the same\r\n")
    }),
    plain("one_endless_header", MayHaveIt, |stream| {
        endless(stream, "HTTP/1.1 200 OK\r\nx: ", "aaaaaaaaaaaaaaaa")
    }),
    plain("endless_body", MayHaveIt, |stream| {
        endless(stream, "HTTP/1.1 200 OK\r\n\r\n", "                ")
    }),
    plain("endless_chunks", MayHaveIt, |stream| {
        endless(
            stream,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "10\r\n                \r\n",
        )
    }),
    plain("endless_trailers", MayHaveIt, |stream| {
        endless(
            stream,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
            "x-more: of the same\r\n",
        )
    }),
    plain("endless_chunk_extension", MayHaveIt, |stream| {
        endless(
            stream,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;",
            "name=value;aaaaa",
        )
    }),
    plain("continue_for_ever", MayHaveIt, |stream| {
        endless(stream, "", "HTTP/1.1 100 Continue\r\n\r\n")
    }),
    plain("hints_for_ever", MayHaveIt, |stream| {
        endless(stream, "", "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
    }),
    plain("huge_body", MayHaveIt, |stream| say(stream, ok("", " ".repeat(1 << 20) + BID))),
    plain("announces_a_terabyte", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n{")
    }),
    plain("a_thousand_headers", MayHaveIt, |stream| {
        say(stream, ok(&"x: y\r\n".repeat(1_000), BID))
    }),
    plain("a_cookie_of_a_megabyte", MayHaveIt, |stream| {
        say(stream, ok(&format!("set-cookie: a={}\r\n", "b".repeat(1 << 20)), BID))
    }),
    // Compressed.
    plain("gzip_bomb", MayHaveIt, |stream| {
        say(stream, ok("content-encoding: gzip\r\n", bomb()))
    }),
    plain("gzip_in_gzip", MayHaveIt, |stream| {
        say(stream, ok("content-encoding: gzip, gzip\r\n", gzip(bomb())))
    }),
    plain("broken_gzip", MayHaveIt, |stream| {
        say(stream, ok("content-encoding: gzip\r\n", &gzip(BID.as_bytes())[..20]))
    }),
    plain("gzip_that_is_none", MayHaveIt, |stream| {
        say(stream, ok("content-encoding: gzip\r\n", BID))
    }),
    plain("unknown_coding", MayHaveIt, |stream| {
        say(stream, ok("content-encoding: zstd\r\n", BID))
    }),
    // Lies about lengths.
    plain("two_lengths", MayHaveIt, |stream| say(stream, ok("content-length: 5\r\n", BID))),
    plain("length_and_chunks", MayHaveIt, |stream| {
        say(
            stream,
            // Chunks count (RFC 9112, section 6.3), and the connection is not used again: the bid behind them is never read.
            ok(
                "transfer-encoding: chunked\r\n",
                format!("f\r\n{{\"sorry\": true}}\r\n0\r\n\r\n{BID}"),
            ),
        )
    }),
    plain("negative_length", MayHaveIt, |stream| {
        say(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{BID}"))
    }),
    plain("length_in_words", MayHaveIt, |stream| {
        say(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{BID}"))
    }),
    plain("longer_than_it_is", MayHaveIt, |stream| {
        say_and_close(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{BID}"))
    }),
    plain("chunk_beyond_all_numbers", MayHaveIt, |stream| {
        say(
            stream,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
        )
    }),
    plain("chunk_that_is_no_number", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}")
    }),
    plain("chunks_without_an_end", MayHaveIt, |stream| {
        say_and_close(
            stream,
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{BID}\r\n", BID.len()),
        )
    }),
    plain("coding_of_its_own", MayHaveIt, |stream| {
        say(stream, format!("HTTP/1.1 200 OK\r\ntransfer-encoding: magic\r\n\r\n{BID}"))
    }),
    // Hangs up.
    plain("closes_after_reading", MayHaveIt, |stream| {
        request(stream)?;
        stream.shutdown(Shutdown::Both)
    }),
    plain("resets_before_reading", MayHaveIt, |stream| reset_after(stream, 0)),
    plain("resets_in_the_request", MayHaveIt, |stream| reset_after(stream, 40)),
    plain("resets_after_reading", MayHaveIt, |stream| {
        request(stream)?;
        stream.write_all(b"H")?;
        stream.shutdown(Shutdown::Both)
    }),
    plain("closes_in_the_head", MayHaveIt, |stream| {
        say_and_close(stream, "HTTP/1.1 200 OK\r\ncontent-")
    }),
    plain("closes_in_the_body", MayHaveIt, |stream| say_and_close(stream, &ok("", BID)[..90])),
    plain("closes_its_half", MayHaveIt, |stream| {
        stream.shutdown(Shutdown::Write)?;
        hold(stream)
    }),
    // Sends elsewhere.
    plain("redirects_to_metadata", MayHaveIt, |stream| {
        say(
            stream,
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/meta-data/\r\ncontent-length: 0\r\n\r\n",
        )
    }),
    plain("redirects_to_itself", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 307 Again\r\nlocation: /ping\r\ncontent-length: 0\r\n\r\n")
    }),
    plain("redirects_to_a_file", MayHaveIt, |stream| {
        say(
            stream,
            "HTTP/1.1 301 Moved\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n",
        )
    }),
    // Speaks something else.
    plain("speaks_before_it_is_asked", MayHaveIt, |stream| {
        stream.write_all(b"220 mail.example ESMTP\r\n")?;
        hold(stream)
    }),
    plain("speaks_http_2", MayHaveIt, |stream| {
        say(
            stream,
            b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff".as_slice(),
        )
    }),
    plain("speaks_http_0_9", MayHaveIt, |stream| say_and_close(stream, BID)),
    plain("speaks_noise", MayHaveIt, |stream| {
        say(stream, [0_u8, 255, 13, 10, 13, 10, 7].repeat(500))
    }),
    plain("switches_protocols", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n")
    }),
    plain("a_status_of_letters", MayHaveIt, |stream| {
        say(stream, format!("HTTP/1.1 abc OK\r\ncontent-length: {}\r\n\r\n{BID}", BID.len()))
    }),
    plain("a_zero_in_a_header", MayHaveIt, |stream| say(stream, ok("x: a\0b\r\n", BID))),
    plain("a_folded_header", MayHaveIt, |stream| {
        say(stream, ok("x: a\r\n b\r\n", "{\"sorry\": true}"))
    }),
    plain("a_second_answer_nobody_asked_for", MayHaveIt, |stream| {
        // If the connection were used again, the next lead would be answered with the bid.
        say(stream, [ok("", "{\"sorry\": true}"), ok("", BID)].concat())
    }),
    // Answers in full, with nonsense in it.
    plain("an_empty_answer", MayHaveIt, |stream| say(stream, ok("", ""))),
    plain("an_error_page", MayHaveIt, |stream| say(stream, ok("", "<html>Bad gateway</html>"))),
    plain("bytes_that_are_no_text", MayHaveIt, |stream| {
        say(stream, ok("", b"{\"wanted\": true, \"price\": \"\xff\xfe\"}"))
    }),
    plain("nested_a_hundred_thousand_deep", MayHaveIt, |stream| {
        say(stream, ok("", "[".repeat(100_000)))
    }),
    plain("half_a_document", MayHaveIt, |stream| {
        say(stream, ok("", "{\"wanted\": true, \"price\": "))
    }),
    plain("a_document_type", MayHaveIt, |stream| {
        say(stream, ok("", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"))
    }),
    plain("a_price_that_is_no_number", MayHaveIt, |stream| {
        say(stream, ok("", r#"{"wanted": true, "price": "NaN"}"#))
    }),
    plain("a_price_beyond_all_numbers", MayHaveIt, |stream| {
        say(stream, ok("", r#"{"wanted": true, "price": 1e999}"#))
    }),
    plain("a_price_below_nothing", MayHaveIt, |stream| {
        say(stream, ok("", r#"{"wanted": true, "price": "-5.00"}"#))
    }),
    plain("a_price_of_many_digits", MayHaveIt, |stream| {
        say(stream, ok("", format!(r#"{{"wanted": true, "price": {}}}"#, "9".repeat(200_000))))
    }),
    plain("a_server_error", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops")
    }),
    plain("busy_for_a_year", MayHaveIt, |stream| {
        say(stream, "HTTP/1.1 503 Busy\r\nretry-after: 31536000\r\ncontent-length: 0\r\n\r\n")
    }),
    // Rude, and clear.
    plain("says_no_in_full_and_then_noise", HasNotGotIt, |stream| {
        say(
            stream,
            [ok("", "{\"accepted\": false, \"wanted\": false}"), vec![0, 255, 7]].concat(),
        )
    }),
    // TLS, up to where a request could leave.
    tls("tls_never_begins", hold),
    tls("tls_noise", |stream| {
        stream.write_all(&[22, 3, 3, 0, 4, 1, 2, 3, 4].repeat(100))?;
        hold(stream)
    }),
    tls("tls_plain_text", |stream| {
        stream.write_all(b"HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n")?;
        hold(stream)
    }),
    tls("tls_hangs_up", |stream| {
        stream.read_exact(&mut [0; 5])?;
        stream.shutdown(Shutdown::Both)
    }),
    tls("tls_too_old", |stream| {
        stream.read_exact(&mut [0; 5])?;
        // A fatal alert: this peer speaks no version that we would.
        stream.write_all(&[21, 3, 1, 0, 2, 2, 70])?;
        hold(stream)
    }),
    tls("tls_of_nobody_we_know", |stream| {
        tls_with(stream, "stranger.cert.pem", "stranger.key.pem")
    }),
    tls("tls_of_another_name", |stream| {
        tls_with(stream, "elsewhere.cert.pem", "elsewhere.key.pem")
    }),
    tls("tls_expired", |stream| tls_with(stream, "expired.cert.pem", "expired.key.pem")),
];
