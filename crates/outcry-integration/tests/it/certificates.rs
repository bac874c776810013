//! `client_certificate`: what its secrets must hold, said when the contract is read.

use crate::floor::{ping_with, read, texts};
use outcry_integration::{Integration, Params};
use std::collections::BTreeMap;

fn file(certificate: &str) -> String {
    format!(
        r#"schema = "outcry.integration/1"
label = "Test"
[params]
cert = {{ kind = "secret" }}
key = {{ kind = "secret" }}
[ping.request]
url = "https://buyer.example/ping"
client_certificate = {certificate}
[ping.answer]
format = "none"
rules = [{{ outcome = "bid", when = {{ status = 200 }} }}]
[post.request]
url = "https://buyer.example/post"
[post.answer]
format = "none"
rules = [{{ outcome = "accepted", when = {{ status = 200 }} }}]
"#
    )
}

const SHOWN: &str = "{ certificate = \"{param.cert}\", key = \"{param.key}\" }";

fn pem(label: &str) -> String {
    format!("-----BEGIN {label}-----\nc2Vj\ncmV0\n-----END {label}-----\n")
}

fn bound(integration: &Integration, certificate: Option<&str>, key: Option<&str>) -> Result<Params, String> {
    let values = [("cert", certificate), ("key", key)].into_iter();
    let values: BTreeMap<String, String> = values
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    Params::bind(integration, &values).map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_is_no_certificate_or_no_key_is_said_at_once_and_never_shown() {
    let integration = read(&file(SHOWN));
    let (certificate, key) = (pem("CERTIFICATE"), pem("PRIVATE KEY"));
    let (locked, older) = (pem("ENCRYPTED PRIVATE KEY"), pem("RSA PRIVATE KEY"));
    let (both, twice, cut) = (
        format!("{certificate}{key}"),
        format!("{key}{key}"),
        certificate.replace("-----END", ""),
    );
    let old_lock =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n";
    for (certificate, key, expected) in [
        (
            Some("/etc/ssl/me.pem"),
            Some(&*key),
            "certificate: holds no certificate in PEM: the text between",
        ),
        (
            Some(&*certificate),
            Some("c2VjcmV0"),
            "key: holds no private key in PEM: the text between",
        ),
        (
            Some(&*key),
            Some(&*certificate),
            "certificate: holds a private key; that belongs under `key` alone",
        ),
        (Some(&*both), Some(&*key), "certificate: holds a private key"),
        (Some(&*cut), Some(&*key), "certificate: the PEM is damaged"),
        (Some(&*certificate), Some(&*locked), "key: the key is locked with a passphrase"),
        (
            Some(&*certificate),
            Some(old_lock),
            "key: the PEM is damaged: it ends early, is locked with a passphrase",
        ),
        (Some(&*certificate), Some(&*twice), "key: holds more than one private key"),
        (Some(&*certificate), None, "key: the certificate is given and its key is not"),
        (None, Some(&*older), "certificate: the key is given and its certificate is not"),
    ] {
        let said = bound(&integration, certificate, key).err().unwrap_or_default();
        assert!(
            said.contains(&format!("line 8: ping.request.client_certificate.{expected}")),
            "{expected}: {said}"
        );
        assert!(!said.contains("c2Vj"), "{said}");
    }
}

#[test]
fn a_contract_shows_its_certificate_in_the_steps_that_ask_for_it() {
    let integration = read(&file(SHOWN));
    let chain = format!("subject=CN = us\n{}{}", pem("CERTIFICATE"), pem("CERTIFICATE"));
    let on_one_line = pem("EC PRIVATE KEY").replace('\n', "\\n");
    let shown = |certificate: &[(&str, &str)]| ping_with(&integration, certificate, &texts(&[])).unwrap().credentials.certificate;
    let first = shown(&[("cert", &chain), ("key", &on_one_line)]).unwrap();
    assert_eq!((&*first.certificate, &*first.key), (&*chain, &*pem("EC PRIVATE KEY")));
    let params = bound(&integration, Some(&chain), Some(&on_one_line)).unwrap();
    assert_eq!(params.certificates().count(), 1);
    let other = shown(&[("cert", &chain), ("key", &pem("PRIVATE KEY"))]).unwrap();
    assert_ne!(other.id, first.id);
    // A contract for the buyer's sandbox may have none.
    assert!(shown(&[]).is_none());
}

#[test]
fn a_certificate_comes_from_secrets_that_a_contract_settles() {
    for (table, expected) in [
        (
            "{ certificate = \"-----BEGIN\", key = \"{param.key}\" }",
            "certificate: has no place in an integration file",
        ),
        ("{ certificate = \"{param.cert}\" }", "key: is missing"),
        (
            "{ certificate = \"{ping.id}\", key = \"{param.key}\" }",
            "certificate: a certificate belongs to a contract",
        ),
        ("{ certificate = \"{param.cert}\", key = \"{zip}\" }", "key: comes from the lead"),
    ] {
        let problems = Integration::read(&file(table)).err().unwrap_or_default();
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            lines
                .iter()
                .any(|line| line.contains(&format!("ping.request.client_certificate.{expected}"))),
            "{expected}\n{}",
            lines.join("\n")
        );
    }
}
