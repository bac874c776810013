//! Writes HTTP/1.1 requests into one buffer, and refuses what would be read as two.

use outcry_integration::request::{Method, Request};
use std::io::Write;

const USER_AGENT: &str = concat!("Outcry/", env!("CARGO_PKG_VERSION"));

/// Why this request cannot be written; `None` if it can.
pub(in crate::outbound) fn refusal(request: &Request) -> Option<String> {
    if request.url.bytes().any(|byte| byte.is_ascii_control()) {
        return Some("the address holds a control character".to_owned());
    }
    request.headers.iter().find_map(|(name, value)| {
        if !is_token(name) {
            Some(format!("{name:?} is not a header name"))
        } else if ["host", "content-length", "transfer-encoding"]
            .iter()
            .any(|ours| name.eq_ignore_ascii_case(ours))
        {
            Some(format!("the header {name} is written by the client alone"))
        } else if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            Some(format!("the header {name} holds a control character"))
        } else {
            None
        }
    })
}

/// Path and query as they stand on the request line.
pub(in crate::outbound) fn target(request: &Request, path_at: usize) -> String {
    let mut target = Vec::new();
    write_path(&mut target, &request.url[path_at..]);
    // What is not ASCII was percent-encoded.
    target.into_iter().map(char::from).collect()
}

/// Appends the request to `out`. The path starts at `path_at` in its address; [`refusal`] has had its say.
/// `authorization` is the answer to a challenge.
pub(in crate::outbound) fn write(out: &mut Vec<u8>, request: &Request, host: &str, path_at: usize, authorization: Option<&str>) {
    out.extend_from_slice(request.method.as_str().as_bytes());
    out.push(b' ');
    write_path(out, &request.url[path_at..]);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    write_header(out, "host", host);
    for (name, ours) in [("user-agent", USER_AGENT), ("accept-encoding", "identity")] {
        if !request.headers.iter().any(|(theirs, _)| theirs.eq_ignore_ascii_case(name)) {
            write_header(out, name, ours);
        }
    }
    for (name, value) in &request.headers {
        write_header(out, name, value);
    }
    if let Some(authorization) = authorization {
        write_header(out, "authorization", authorization);
    }
    if !request.body.is_empty() || request.method != Method::Get {
        // Writing to a `Vec` cannot fail.
        let _ = write!(out, "content-length: {}\r\n", request.body.len());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&request.body);
}

fn write_header(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// The path and query as they stand, without the fragment; what may not stand in them is percent-encoded.
fn write_path(out: &mut Vec<u8>, path: &str) {
    let path = path.split('#').next().unwrap_or_default();
    if !path.starts_with('/') {
        out.push(b'/');
    }
    let mut rest = path.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| !may_stand(byte)) {
        out.extend_from_slice(&rest[..at]);
        let _ = write!(out, "%{:02X}", rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// What RFC 3986 lets stand in a path or a query (brackets aside, which it keeps for addresses).
fn may_stand(byte: u8) -> bool {
    const MAY: [bool; 256] = alphanumeric_and(b"-._~:/?@!$&'()*+,;=%");
    MAY[usize::from(byte)]
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    const TOKEN: [bool; 256] = alphanumeric_and(b"!#$%&'*+-.^_`|~");
    !name.is_empty() && name.bytes().all(|byte| TOKEN[usize::from(byte)])
}

/// A table, because every byte of every address and header name is asked.
const fn alphanumeric_and(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let headers = headers.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        Request {
            method,
            url: url.into(),
            headers,
            body: body.into(),
            credentials: outcry_integration::request::Credentials::default(),
            secrets: outcry_integration::Mask::default(),
        }
    }

    fn written(request: &Request) -> String {
        let mut out = Vec::new();
        write(&mut out, request, "buyer.test", "https://buyer.test".len(), None);
        String::from_utf8(out).unwrap().replace(USER_AGENT, "Outcry/x")
    }

    #[test]
    fn a_request_is_written_byte_for_byte() {
        let post = request(
            Method::Post,
            "https://buyer.test/ping?x=1#top",
            &[("content-type", "application/json")],
            "{\"zip\":\"30301\"}",
        );
        let expected = "POST /ping?x=1 HTTP/1.1\r\nhost: buyer.test\r\nuser-agent: Outcry/x\r\naccept-encoding: identity\r\n\
            content-type: application/json\r\ncontent-length: 15\r\n\r\n{\"zip\":\"30301\"}";
        assert_eq!(written(&post), expected);
        let get = request(
            Method::Get,
            "https://buyer.test",
            &[("user-agent", "theirs"), ("Accept-Encoding", "gzip")],
            "",
        );
        assert_eq!(
            written(&get),
            "GET / HTTP/1.1\r\nhost: buyer.test\r\nuser-agent: theirs\r\nAccept-Encoding: gzip\r\n\r\n"
        );
        let put = request(Method::Put, "https://buyer.test?a=b", &[], "");
        assert!(written(&put).starts_with("PUT /?a=b HTTP/1.1\r\n"));
        assert!(written(&put).ends_with("content-length: 0\r\n\r\n"));
    }

    #[test]
    fn a_path_is_encoded_only_where_it_must_be() {
        for (path, expected) in [
            ("", "/"),
            ("/a%20b/c+d", "/a%20b/c+d"),
            ("/a b?name=Zoë", "/a%20b?name=Zo%C3%AB"),
            ("/{x}|\"<>\\^`[]", "/%7Bx%7D%7C%22%3C%3E%5C%5E%60%5B%5D"),
            ("#fragment", "/"),
        ] {
            let mut out = Vec::new();
            write_path(&mut out, path);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn nothing_that_reads_as_a_second_request_is_written() {
        for (url, name, value, refused) in [
            ("https://b.test/ok", "x-ok", "tab\tis fine, so is Zoë", false),
            ("https://b.test/a\r\nx: y", "x", "y", true),
            ("https://b.test/a\nb", "x", "y", true),
            ("https://b.test/a\0b", "x", "y", true),
            ("https://b.test/", "x", "y\r\nhost: other", true),
            ("https://b.test/", "x", "y\n", true),
            ("https://b.test/", "x", "y\0", true),
            ("https://b.test/", "x\r\ny", "z", true),
            ("https://b.test/", "x y", "z", true),
            ("https://b.test/", "x:", "z", true),
            ("https://b.test/", "", "z", true),
            ("https://b.test/", "Host", "other", true),
            ("https://b.test/", "content-length", "3", true),
            ("https://b.test/", "Transfer-Encoding", "chunked", true),
        ] {
            assert_eq!(
                refusal(&request(Method::Post, url, &[(name, value)], "")).is_some(),
                refused,
                "{url:?} {name:?} {value:?}"
            );
        }
    }
}
