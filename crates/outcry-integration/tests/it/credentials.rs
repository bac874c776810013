//! Who we are, and what we sign: `auth` and `sign`, from secrets and from nowhere else.

use crate::floor::{head, ping_with, texts, with_ping};
use outcry_core::ping_view::PingView;
use outcry_integration::{Integration, Params, Request};
use std::collections::BTreeMap;

fn lead() -> PingView {
    texts(&[("zip", "02139"), ("body", "of the lead")])
}

/// A ping with these lines in its request, for a contract whose key is this.
#[track_caller]
fn sent(lines: &str, key: &str) -> Request {
    let integration = with_ping(&format!("[ping.request]\nurl = \"https://buyer.example/ping\"\n{lines}\n"));
    ping_with(&integration, &[("key", key), ("account", "Aladdin")], &lead()).unwrap()
}

fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    let found = request.headers.iter().find(|(key, _)| &**key == name);
    found.map_or("(none)", |(_, value)| value)
}

/// Why a contract with this key cannot be had.
fn refused(lines: &str, key: Option<&str>) -> String {
    let integration = with_ping(&format!("[ping.request]\nurl = \"https://buyer.example/ping\"\n{lines}\n"));
    let values: BTreeMap<String, String> = key.into_iter().map(|key| ("key".to_owned(), key.to_owned())).collect();
    let problems = Params::bind(&integration, &values).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

const JSON: &str = "format = \"json\"\nbody = { zip = \"{zip}\" }\n";

#[test]
fn basic_and_bearer_are_written_as_their_standards_say() {
    let basic = "auth = { basic = { user = \"{param.account}\", password = \"{param.key}\" } }";
    // The example of RFC 7617, section 2.
    assert_eq!(
        header(&sent(basic, "open sesame"), "authorization"),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
    let key_alone = "auth = { basic = { user = \"{param.key}\", password = \"\" } }";
    assert_eq!(header(&sent(key_alone, "k1"), "authorization"), "Basic azE6");
    let bearer = "auth = { bearer = \"{param.key}\" }\nheaders = { x-account = \"{param.account}\", x-key = \"{param.key}\" }";
    let request = sent(bearer, "tok-1");
    assert_eq!(header(&request, "authorization"), "Bearer tok-1");
    assert_eq!((header(&request, "x-account"), header(&request, "x-key")), ("Aladdin", "tok-1"));
}

#[test]
fn digest_is_handed_to_the_client_and_leaves_no_trace_in_the_request() {
    let request = sent(
        "auth = { digest = { user = \"{param.account}\", password = \"{param.key}\" } }",
        "open sesame",
    );
    let login = request.credentials.digest.as_ref().unwrap();
    assert_eq!((&*login.user, &*login.password), ("Aladdin", "open sesame"));
    assert_eq!(header(&request, "authorization"), "(none)");
}

/// What is signed and how; then the header, made with `openssl dgst -hmac` over the same bytes.
const SIGNATURES: &[(&str, &str)] = &[
    (
        r#"hmac = "sha256", text = "{timestamp}.{body}", headers = { x-signature = "{signature}" }"#,
        "c89d0dedce37c07f0d55d04f35e994f165a6f8e4bc4e161f8a5384da81486775",
    ),
    (
        r#"hmac = "sha1", text = "{timestamp}.{body}", headers = { x-signature = "sha1={signature | upper}" }"#,
        "sha1=EBEF1B2DCC2C300D292A5221F85A190D1F627C4B",
    ),
    (
        r#"hmac = "sha512", text = "{timestamp}.{body}", headers = { x-signature = "t={timestamp},v1={signature}" }"#,
        "t=1772366400,v1=7a93e033a0f20743ffb7280d9d7b906cd4df2f95a8dca4a3cccee8a32e2a923923fb5f0ec0978499c50dbccc222cacde5cccb4b2e2de1d0c9c359373478cfe68",
    ),
    (
        // `body` is the request's here; the lead's field of that name is {lead.body}.
        r#"hmac = "sha256", encode = "base64", text = "{lead.body}{body | sha256}", headers = { x-signature = "{signature}" }"#,
        "6o6IoKLRKCxS30gMiGPiTVGbt7zYOHfBJuNHyzbjAd4=",
    ),
];

#[test]
fn a_signature_is_made_over_exactly_the_bytes_that_are_sent() {
    for (sign, expected) in SIGNATURES {
        let request = sent(&format!("{JSON}sign = {{ key = \"{{param.key}}\", {sign} }}"), "open-sesame");
        assert_eq!(String::from_utf8_lossy(&request.body), r#"{"zip":"02139"}"#);
        assert_eq!(header(&request, "x-signature"), *expected, "{sign}");
    }
}

#[test]
fn the_method_and_the_address_can_be_signed_as_they_stand_on_the_request_line() {
    let integration = with_ping(
        r#"
[ping.request]
method = "GET"
url = "https://buyer.example/a[1]?x=1"
format = "query"
body = { zip = "{zip}" }
[ping.request.sign]
hmac = "sha256"
key = "{param.key}"
encode = "base64url"
timestamp = "rfc3339"
text = "{method}\n{path}\n{query}\n{timestamp}\n{body}"
headers = { x-timestamp = "{timestamp}", x-signature = "{signature}" }
"#,
    );
    let request = ping_with(&integration, &[("key", "open-sesame")], &lead()).unwrap();
    assert_eq!(header(&request, "x-timestamp"), "2026-03-01T12:00:00Z");
    assert_eq!(header(&request, "x-signature"), "jittLTPPBilyF-iWEiF0iC3xELNX90nRpLWBA655yqA");
}

#[test]
fn standard_webhooks_are_signed_as_their_specification_says() {
    // The specification's own example.
    let published = r#"
format = "json"
body = { event_type = "ping", data = { success = true } }
sign = { hmac = "sha256", key = "{param.key}", key_encoding = "base64", encode = "base64", text = "msg_loFOjxBNrRLzqYUf.1731705121.{body}", headers = { s = "{signature}" } }
"#;
    let request = sent(published, "plJ3nmyCDGBKInavdOK15jsl");
    assert_eq!(header(&request, "s"), "rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");

    let request = sent(
        &format!("{JSON}sign = {{ standard_webhooks = \"{{param.key}}\" }}"),
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
    );
    assert_eq!(header(&request, "webhook-id"), "ping_00000000000000000000000000000001");
    assert_eq!(header(&request, "webhook-timestamp"), "1772366400");
    assert_eq!(
        header(&request, "webhook-signature"),
        "v1,3rGs5A3C3coRaCYLc+GYVVBanbgb6YIEt1G8QQjotlU="
    );
}

#[test]
fn a_credential_that_is_missing_or_malformed_is_said_when_the_contract_is_read_and_never_shown() {
    let password = "auth = { basic = { user = \"u\", password = \"{param.key}\" } }";
    let colon = "auth = { basic = { user = \"{param.key}\", password = \"\" } }";
    let digest = "auth = { digest = { user = \"{param.key}\", password = \"{param.key}\" } }";
    let sign = |form: &str| {
        format!(
            "sign = {{ hmac = \"sha256\", key = \"{{param.key}}\", key_encoding = \"{form}\", text = \"{{body}}\", headers = {{ s = \"{{signature}}\" }} }}"
        )
    };
    let webhook = "sign = { standard_webhooks = \"{param.key}\" }";
    for (lines, key, expected) in [
        (password, None, "auth.basic.password: the password has no value"),
        (
            password,
            Some("s3cr\u{7}et"),
            "auth.basic.password: the value holds a control character",
        ),
        (colon, Some("s3cr:et"), "auth.basic.user: a user name cannot hold a colon"),
        (digest, Some("s3crét"), "auth.digest.user: the user name holds characters"),
        ("auth = { bearer = \"{param.key}\" }", None, "auth.bearer: the token has no value"),
        (
            "auth = { bearer = \"{param.key}\" }",
            Some("s3cr\r\nx: y"),
            "auth.bearer: the token holds characters",
        ),
        (&sign("text"), None, "sign.key: the key has no value"),
        (&sign("hex"), Some("s3cret"), "sign.key: the key is not written in hex"),
        (&sign("base64"), Some("s3cr?t"), "sign.key: the key is not written in base64"),
        (
            webhook,
            Some("whsec_s3cr?t"),
            "sign.standard_webhooks: the key is not one of Standard Webhooks",
        ),
    ] {
        let said = refused(lines, key);
        assert!(said.contains(&format!("ping.request.{expected}")), "{lines}: {said}");
        assert!(!said.contains("s3cr"), "{said}");
    }
}

#[test]
fn no_secret_is_spelled_out_in_a_file_and_no_header_has_two_authors() {
    for (lines, expected) in [
        (
            "auth = { basic = { user = \"u\", password = \"s3cret\" } }",
            "auth.basic.password: has no place in an integration file (write password = \"{param.NAME}\" and declare NAME = { kind = \"secret\" } under [params])",
        ),
        (
            "auth = { bearer = \"{param.account}\" }",
            "auth.bearer: comes from a parameter that is not a secret",
        ),
        ("auth = { bearer = \"{zip}\" }", "auth.bearer: comes from the lead"),
        ("auth = {}", "auth: names one way"),
        ("auth = { bearer = \"{param.key}\", basic = {} }", "auth: names one way"),
        (
            "auth = { baerer = \"{param.key}\" }",
            "auth.baerer: there is no such key (did you mean \"bearer\"?)",
        ),
        (
            "headers = { Authorization = \"Bearer s3cret\" }",
            "headers.Authorization: a credential has no place",
        ),
        (
            "auth = { bearer = \"{param.key}\" }\nheaders = { authorization = \"{param.key}\" }",
            "headers.authorization: is written by `auth` already",
        ),
        (
            "headers = { s = \"1\" }\nsign = { hmac = \"sha256\", key = \"{param.key}\", text = \"{body}\", headers = { S = \"{signature}\" } }",
            "headers.s: is written by `sign` already",
        ),
        (
            "sign = { hmac = \"md5\", key = \"{param.key}\", text = \"{body}\", headers = { s = \"{signature}\" } }",
            "sign.hmac: \"md5\" is not known",
        ),
        (
            "sign = { hmac = \"sha256\", key = \"{param.key}\", text = \"{body}\", headers = { s = \"x\" } }",
            "sign.headers: no header carries {signature}",
        ),
        (
            "sign = { hmac = \"sha256\", key = \"{param.key}\", text = \"{body}\", headers = { host = \"{signature}\" } }",
            "sign.headers.host: is written by the client itself",
        ),
        (
            "sign = { standard_webhooks = \"{param.key}\", text = \"{body}\" }",
            "sign.text: there is no such key",
        ),
    ] {
        let file = format!(
            "{}\n[ping.request]\nurl = \"https://buyer.example/\"\n{lines}\n[ping.answer]\nformat = \"none\"\nrules = []\n[post.request]\nurl = \"https://buyer.example/\"\n[post.answer]\nformat = \"none\"\nrules = []\n",
            head("")
        );
        let problems = Integration::read(&file).err().unwrap_or_default();
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            lines.iter().any(|line| line.contains(&format!("ping.request.{expected}"))),
            "{expected}\n{}",
            lines.join("\n")
        );
        assert!(!lines.concat().contains("s3cret"), "{lines:?}");
    }
}

#[test]
fn what_is_made_of_a_secret_is_masked_like_the_secret() {
    let request = sent(
        "auth = { basic = { user = \"{param.account}\", password = \"{param.key}\" } }\nheaders = { x-hash = \"{param.key | sha256}\" }",
        "open-sesame",
    );
    let shown: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", request.masked(value)))
        .collect();
    assert_eq!(shown, ["x-hash: [secret]", "authorization: Basic [secret]"]);
}

#[test]
fn a_mail_server_that_says_the_password_back_is_not_quoted() {
    let text = std::fs::read_to_string(crate::shipped::folder().join("mail_plain.toml")).unwrap();
    let integration = crate::floor::read(&text);
    let given = [
        ("server", "smtps://mail.outcry.example:465"),
        ("user", "us"),
        ("password", "open-sesame"),
        ("from", "us@outcry.example"),
        ("to", "leads@buyer.example"),
    ];
    let values = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let params = Params::bind(&integration, &values).unwrap_or_else(|problems| panic!("{problems:?}"));
    // Once whole, and once where the reason is cut.
    for before in ["not known:", &"x".repeat(194)] {
        let said = crate::floor::answer(535, &format!("{before} open-sesame"));
        let reading = integration.read_post(outcry_integration::Asked::by(&params), &said);
        let reason = reading.reason.unwrap();
        assert!(!reason.contains("ope") && reason.contains("[s"), "{reason}");
    }
}
