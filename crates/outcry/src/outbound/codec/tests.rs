//! The forms of answers, whole and broken.

use super::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use std::io::Write;

const BODY_MAX: usize = 64;

/// Reads an answer in the given pieces, then the end if it is still not whole. What the line says: status, body, how
/// the connection goes on, what is left over.
fn read(pieces: &[&[u8]]) -> String {
    let (mut reader, mut inbox) = (Reader::new(BODY_MAX), Vec::new());
    for piece in pieces {
        inbox.extend_from_slice(piece);
        match reader.feed(&mut inbox) {
            Ok(_) => {}
            Err(oddity) => return oddity.into_owned(),
        }
    }
    if !matches!(reader.stage, Stage::Whole) && !reader.close() {
        return "unfinished".to_owned();
    }
    match reader.finish() {
        Ok(Whole { answer, keep }) => {
            let keep = match keep {
                Keep::Close => "close".to_owned(),
                Keep::Open(None) => "open".to_owned(),
                Keep::Open(Some(time)) => format!("open {time:?}"),
            };
            format!(
                "{} {:?} {keep} +{}",
                answer.status,
                String::from_utf8_lossy(&answer.body),
                inbox.len()
            )
        }
        Err(oddity) => oddity.into_owned(),
    }
}

fn check(table: &[(&str, &str)]) {
    for (answer, expected) in table {
        let answer = answer.replace('|', "\r\n");
        assert_eq!(read(&[answer.as_bytes()]), *expected, "{answer:?}");
        let bytes: Vec<&[u8]> = answer.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes), *expected, "byte by byte: {answer:?}");
    }
}

#[test]
fn an_answer_ends_where_its_framing_says() {
    check(&[
        ("HTTP/1.1 200 OK|content-length: 2||ok", "200 \"ok\" open +0"),
        ("HTTP/1.1 200|content-length: 2||ok", "200 \"ok\" open +0"),
        ("HTTP/1.1 200 OK|content-length: 0||", "200 \"\" open +0"),
        ("HTTP/1.1 200 OK\ncontent-length: 2\n\nok", "200 \"ok\" open +0"),
        ("HTTP/1.1 200 OK|Content-Length: 2|content-length: 2||ok", "200 \"ok\" open +0"),
        ("HTTP/1.1 200 OK|content-length: 2, 2||ok", "200 \"ok\" open +0"),
        ("HTTP/1.1 200 OK|content-length: 2||okHTTP", "200 \"ok\" open +4"),
        ("HTTP/1.1 200 OK|transfer-encoding: Chunked||2|ok|0||", "200 \"ok\" open +0"),
        ("HTTP/1.1 200 OK||until the end", "200 \"until the end\" close +0"),
        ("HTTP/1.1 200 OK||", "200 \"\" close +0"),
        ("HTTP/1.1 204 No Content||", "204 \"\" open +0"),
        ("HTTP/1.1 204 No Content|content-length: 5||", "204 \"\" open +0"),
        ("HTTP/1.1 304 Not Modified|content-length: 5||", "304 \"\" open +0"),
        ("HTTP/1.1 302 Found|content-length: 0|location: /||", "302 \"\" open +0"),
    ]);
}

#[test]
fn a_connection_goes_on_unless_something_speaks_against_it() {
    check(&[
        ("HTTP/1.1 200 OK|connection: keep-alive|content-length: 0||", "200 \"\" open +0"),
        (
            "HTTP/1.1 200 OK|keep-alive: timeout=5, max=9|content-length: 0||",
            "200 \"\" open 5s +0",
        ),
        ("HTTP/1.1 200 OK|keep-alive: max=9|content-length: 0||", "200 \"\" open +0"),
        ("HTTP/1.1 200 OK|connection: x, CLOSE|content-length: 0||", "200 \"\" close +0"),
        ("HTTP/1.0 200 OK|content-length: 2||ok", "200 \"ok\" close +0"),
        ("HTTP/1.0 200 OK|connection: keep-alive|content-length: 0||", "200 \"\" close +0"),
        (
            "HTTP/1.1 200 OK|content-length: 9|transfer-encoding: chunked||2|ok|0||",
            "200 \"ok\" close +0",
        ),
    ]);
}

#[test]
fn interim_answers_are_skipped_up_to_a_point() {
    check(&[
        ("HTTP/1.1 100 Continue||HTTP/1.1 200 OK|content-length: 2||ok", "200 \"ok\" open +0"),
        (
            "HTTP/1.1 103 Early Hints|link: x||HTTP/1.1 100 Continue||HTTP/1.1 204 No||",
            "204 \"\" open +0",
        ),
        (
            "HTTP/1.1 101 Switching Protocols|upgrade: websocket||",
            "an interim answer that nobody asked for",
        ),
    ]);
    let many = "HTTP/1.1 100 Continue||".repeat(9);
    check(&[(&many, "an interim answer that nobody asked for")]);
}

#[test]
fn what_cannot_be_trusted_is_refused() {
    let large_head = format!("HTTP/1.1 200 OK|x: {}||", "y".repeat(HEAD_BYTES_MAX));
    let endless_head = format!("HTTP/1.1 200 OK|x: {}", "y".repeat(HEAD_BYTES_MAX));
    let many_headers = format!("HTTP/1.1 200 OK|{}|", "x: y|".repeat(65));
    check(&[
        ("SSH-2.0-OpenSSH_9.6|", "not an HTTP/1 answer"),
        ("HTTP/2 200|content-length: 0||", "not an HTTP/1 answer"),
        ("<html>", "not an HTTP/1 answer"),
        ("|HTTP/1.1 200 OK||", "not an HTTP/1 answer"),
        ("HTTP/1.1 2x0 OK||", "not HTTP: invalid response status"),
        ("HTTP/1.1 200 OK|bad name: x||", "not HTTP: invalid header name"),
        ("HTTP/1.1 200 OK|x: y| folded: z||", "not HTTP: invalid header name"),
        (
            "HTTP/1.1 200 OK|content-length: 5|content-length: 6||hello",
            "conflicting content-lengths",
        ),
        ("HTTP/1.1 200 OK|content-length: 5, 6||hello", "conflicting content-lengths"),
        ("HTTP/1.1 200 OK|content-length: +5||hello", "the content-length is not a number"),
        ("HTTP/1.1 200 OK|content-length: -5||hello", "the content-length is not a number"),
        ("HTTP/1.1 200 OK|content-length: ||hello", "the content-length is not a number"),
        ("HTTP/1.1 200 OK|content-length: 5,||hello", "the content-length is not a number"),
        ("HTTP/1.1 200 OK|content-length: 0x5||hello", "the content-length is not a number"),
        (
            "HTTP/1.1 200 OK|content-length: 99999999999999999999||",
            "the content-length is not a number",
        ),
        ("HTTP/1.1 200 OK|content-length: 65||", "answer larger than 64 bytes"),
        (
            "HTTP/1.1 200 OK|content-length: 18446744073709551615||",
            "answer larger than 64 bytes",
        ),
        ("HTTP/1.1 200 OK|transfer-encoding: gzip, chunked||", "an unknown transfer-encoding"),
        (
            "HTTP/1.1 200 OK|transfer-encoding: chunked|transfer-encoding: chunked||",
            "an unknown transfer-encoding",
        ),
        ("HTTP/1.1 200 OK|transfer-encoding: identity||", "an unknown transfer-encoding"),
        ("HTTP/1.0 200 OK|transfer-encoding: chunked||0||", "an unknown transfer-encoding"),
        ("HTTP/1.1 200 OK|content-length: 5||hell", "unfinished"),
        ("HTTP/1.1 200 OK|content-length: 5|", "unfinished"),
        ("", "unfinished"),
        (&large_head, "the head is larger than 16 KiB"),
        (&endless_head, "the head is larger than 16 KiB"),
        (&many_headers, "not HTTP: too many headers"),
    ]);
    assert_eq!(read(&[b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 65]]), "answer larger than 64 bytes");
}

#[test]
fn headers_come_in_lower_case_and_bytes_that_are_no_text_are_replaced() {
    let (mut reader, mut inbox) = (
        Reader::new(BODY_MAX),
        b"HTTP/1.1 200 OK\r\nX-Name:  Zo\xeb \r\nContent-Length: 0\r\n\r\n".to_vec(),
    );
    assert!(reader.feed(&mut inbox).unwrap());
    let headers = reader.finish().unwrap().answer.headers;
    assert_eq!(
        headers,
        [
            ("x-name".to_owned(), "Zo\u{fffd}".to_owned()),
            ("content-length".to_owned(), "0".to_owned())
        ]
    );
}

#[test]
fn content_is_decoded_under_the_same_limit() {
    fn coded(name: &str, body: &[u8]) -> Vec<u8> {
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {name}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend_from_slice(body);
        answer
    }
    let gzip = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(b"hello").unwrap();
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::best());
    bare.write_all(b"hello").unwrap();
    let mut cut = gzip(b"hello");
    cut.truncate(12);
    for (name, body, expected) in [
        ("gzip", gzip(b"hello"), "200 \"hello\" open +0"),
        ("X-Gzip", gzip(b"hello"), "200 \"hello\" open +0"),
        ("deflate", zlib.finish().unwrap(), "200 \"hello\" open +0"),
        ("deflate", bare.finish().unwrap(), "200 \"hello\" open +0"),
        ("identity", b"hello".to_vec(), "200 \"hello\" open +0"),
        ("gzip", Vec::new(), "200 \"\" open +0"),
        ("gzip", gzip(&[b'x'; 64]), &format!("200 {:?} open +0", "x".repeat(64))),
        ("gzip", gzip(&[b'x'; 65]), "answer larger than 64 bytes"),
        ("gzip", gzip(&vec![0; 20_000]), "answer larger than 64 bytes"),
        (
            "gzip",
            b"not gzip at all".to_vec(),
            "the content-encoding is broken: invalid gzip header",
        ),
        ("gzip", cut, "the content-encoding is broken: incomplete deflate stream"),
        ("br", b"hello".to_vec(), "unknown content-encoding \"br\""),
        ("gzip, gzip", gzip(b"hello"), "unknown content-encoding \"gzip, gzip\""),
    ] {
        assert_eq!(read(&[&coded(name, &body)]), expected, "{name}");
    }
}

proptest! {
    #[test]
    fn no_bytes_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>()) {
        let mut answer = b"HTTP/1.1 200 OK\r\n".to_vec();
        answer.extend_from_slice(&bytes);
        let (first, second) = answer.split_at(cut.index(answer.len()));
        prop_assert_eq!(read(&[first, second]), read(&[&answer]));
    }
}
