//! `sign = { … }`: an HMAC over exactly what is sent, and the headers that carry it.

use super::auth::{line, secret, value};
use super::header::HeaderTemplate;
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::request::Method;
use crate::step::StepName;
use crate::template::{Compiler, Scope, Sent, SentPart, Template};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use outcry_core::moment::{Moment, Stamp};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use std::sync::Arc;

const KEYS: [&str; 7] = ["hmac", "key", "key_encoding", "text", "encode", "timestamp", "headers"];
const HASHES: [(&str, Hash); 3] = [("sha256", Hash::Sha256), ("sha1", Hash::Sha1), ("sha512", Hash::Sha512)];
const KEY_FORMS: [(&str, KeyForm); 3] = [("text", KeyForm::Text), ("hex", KeyForm::Hex), ("base64", KeyForm::Base64)];
const ENCODINGS: [(&str, Encoding); 3] = [
    ("hex", Encoding::Hex),
    ("base64", Encoding::Base64),
    ("base64url", Encoding::Base64Url),
];
const CLOCKS: [(&str, Clock); 3] = [
    ("seconds", Clock::Seconds),
    ("milliseconds", Clock::Milliseconds),
    ("rfc3339", Clock::Rfc3339),
];

/// How a request is signed.
#[derive(Debug)]
pub(crate) struct Sign {
    hash: Hash,
    key: Template,
    key_form: KeyForm,
    text: Template,
    encoding: Encoding,
    clock: Clock,
    pub(crate) headers: Box<[HeaderTemplate]>,
}

#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// How the bytes of a key are written down.
#[derive(Clone, Copy, Debug)]
enum KeyForm {
    Text,
    Hex,
    Base64,
    /// Base64 behind `whsec_`, as Standard Webhooks hands keys out.
    Webhook,
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Hex,
    Base64,
    /// With `-` and `_`, and without `=`.
    Base64Url,
}

/// How `{timestamp}` is written.
#[derive(Clone, Copy, Debug)]
enum Clock {
    Seconds,
    Milliseconds,
    Rfc3339,
}

/// A hash that has taken its key, so that this is not done again for each lead.
#[derive(Clone)]
pub(crate) enum Keyed {
    Sha1(Box<Hmac<Sha1>>),
    Sha256(Box<Hmac<Sha256>>),
    Sha512(Box<Hmac<Sha512>>),
}

impl Sign {
    /// Compiles one `sign` table.
    pub(crate) fn compile(node: &Node, what: String, compiler: &mut Compiler<'_>) -> Option<Self> {
        let section = Section::open_any(node, what.clone(), compiler.problems)?;
        if section.get("standard_webhooks").is_some() {
            let section = Section::open(node, what, &["standard_webhooks"], compiler.problems)?;
            return Self::standard_webhooks(&section, compiler);
        }
        let section = Section::open(node, what, &KEYS, compiler.problems)?;
        section.need("hmac", "name the hash: sha256, sha512 or sha1", compiler.problems);
        section.need(
            "text",
            "say what is signed, such as text = \"{timestamp}.{body}\"",
            compiler.problems,
        );
        let hash = section.word("hmac", &HASHES, compiler.problems);
        let key = secret(&section, "key", compiler);
        let key_form = or_first(&section, "key_encoding", &KEY_FORMS, compiler);
        let encoding = or_first(&section, "encode", &ENCODINGS, compiler);
        let clock = or_first(&section, "timestamp", &CLOCKS, compiler);
        let text = section.text("text", compiler.problems);
        let text = text.and_then(|text| signed(text, line(&section, "text"), &section.place("text"), compiler));
        let headers = headers(&section, compiler);
        Some(Self {
            hash: hash?,
            key: key?,
            key_form: key_form?,
            text: text?,
            encoding: encoding?,
            clock: clock?,
            headers: headers?,
        })
    }

    /// The Standard Webhooks specification, version 1, with symmetric keys.
    fn standard_webhooks(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Self> {
        let key = secret(section, "standard_webhooks", compiler)?;
        // The same for every try of one message, which is what the id is for.
        let id = if compiler.step == StepName::Ping {
            "{ping.id}"
        } else {
            "{attempt.id}"
        };
        let (line, what) = (line(section, "standard_webhooks"), section.place("standard_webhooks"));
        let text = signed(&format!("{id}.{{timestamp}}.{{body}}"), line, &what, compiler)?;
        let named = [
            ("webhook-id", id),
            ("webhook-timestamp", "{timestamp}"),
            ("webhook-signature", "v1,{signature}"),
        ];
        let headers = named.map(|(name, value)| said(name, value, line, &what, compiler));
        Some(Self {
            hash: Hash::Sha256,
            key,
            key_form: KeyForm::Webhook,
            text,
            encoding: Encoding::Base64,
            clock: Clock::Seconds,
            headers: headers.into_iter().collect::<Option<_>>()?,
        })
    }

    /// The key, if the parameters alone settle it.
    ///
    /// # Errors
    /// A key that is missing or not written as the file says.
    pub(crate) fn settle(&self, scope: &Scope<'_>) -> Result<Option<Keyed>, RenderError> {
        if self.key.is_settled_by_params() {
            self.keyed(scope).map(Some)
        } else {
            Ok(None)
        }
    }

    fn keyed(&self, scope: &Scope<'_>) -> Result<Keyed, RenderError> {
        let text = value(&self.key, scope, "the key")?;
        let bytes = self.key_form.bytes(&text).map_err(|wrong| self.key.fail(wrong))?;
        Ok(Keyed::new(self.hash, &bytes))
    }

    /// Signs what is about to be sent, and adds the headers that say so.
    ///
    /// # Errors
    /// A key or an id that has no value, or a body that is not text.
    pub(crate) fn write(
        &self,
        keyed: Option<&Keyed>,
        (method, url, body): (Method, &str, &[u8]),
        scope: &Scope<'_>,
        headers: &mut Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<(), RenderError> {
        let keyed = match keyed {
            Some(keyed) => keyed.clone(),
            None => self.keyed(scope)?,
        };
        let (path, query) = as_sent(url);
        let timestamp = self.clock.write(scope.call.now);
        let sent = Sent {
            method: method.as_str(),
            url,
            path: &path,
            query: &query,
            body: std::str::from_utf8(body).map_err(|_| self.text.fail("the body is not text"))?,
            timestamp: &timestamp,
            signature: "",
        };
        let to_sign = Scope {
            sent: Some(sent),
            ..*scope
        };
        let text = self.text.text(&to_sign)?.unwrap_or_default();
        let signature = self.encoding.write(&keyed.sign(text.as_bytes()));
        let signed = Scope {
            sent: Some(Sent {
                signature: &signature,
                ..sent
            }),
            ..*scope
        };
        for header in &self.headers {
            headers.extend(header.write(&signed)?);
        }
        Ok(())
    }
}

impl Keyed {
    fn new(hash: Hash, key: &[u8]) -> Self {
        const ANY_LENGTH: &str = "an HMAC takes a key of any length (RFC 2104)";
        match hash {
            Hash::Sha1 => Self::Sha1(Box::new(Hmac::new_from_slice(key).expect(ANY_LENGTH))),
            Hash::Sha256 => Self::Sha256(Box::new(Hmac::new_from_slice(key).expect(ANY_LENGTH))),
            Hash::Sha512 => Self::Sha512(Box::new(Hmac::new_from_slice(key).expect(ANY_LENGTH))),
        }
    }

    fn sign(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
            Self::Sha256(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
            Self::Sha512(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
        }
    }
}

impl KeyForm {
    /// The bytes of a key, or what is wrong with how it is written. Never repeats it.
    fn bytes(self, text: &str) -> Result<Vec<u8>, &'static str> {
        let text = text.trim();
        match self {
            Self::Text => Ok(text.as_bytes().to_vec()),
            Self::Hex => hex::decode(text).map_err(|_| "the key is not written in hex, as the file says it is"),
            Self::Base64 => STANDARD
                .decode(text)
                .map_err(|_| "the key is not written in base64, as the file says it is"),
            Self::Webhook => STANDARD
                .decode(text.strip_prefix("whsec_").unwrap_or(text))
                .map_err(|_| "the key is not one of Standard Webhooks: whsec_ and then base64"),
        }
    }
}

impl Encoding {
    fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }
}

impl Clock {
    fn write(self, now: Moment) -> String {
        match self {
            Self::Seconds => now.unix_ms().div_euclid(1_000).to_string(),
            Self::Milliseconds => now.unix_ms().to_string(),
            Self::Rfc3339 => {
                let at = Moment::from_unix_ms(now.unix_ms().div_euclid(1_000) * 1_000);
                Stamp { at, offset_minutes: 0 }.to_string().replace("+00:00", "Z")
            }
        }
    }
}

/// A word of a closed list; the first of it if the key is not there.
fn or_first<T: Copy>(section: &Section<'_>, key: &str, words: &[(&str, T)], compiler: &mut Compiler<'_>) -> Option<T> {
    match section.get(key) {
        None => words.first().map(|(_, meaning)| *meaning),
        Some(_) => section.word(key, words, compiler.problems),
    }
}

/// A text that may speak of the request.
fn signed(text: &str, line: u32, what: &str, compiler: &mut Compiler<'_>) -> Option<Template> {
    compiler.sent = SentPart::SIGNED;
    let template = compiler.template(text, line, what);
    compiler.sent = &[];
    template
}

/// A header that may speak of the signature.
fn said(name: &str, text: &str, line: u32, what: &str, compiler: &mut Compiler<'_>) -> Option<HeaderTemplate> {
    compiler.sent = SentPart::SAID;
    let value = compiler.template(text, line, what);
    compiler.sent = &[];
    Some(HeaderTemplate {
        name: Arc::from(name),
        value: value?,
    })
}

fn headers(section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<Box<[HeaderTemplate]>> {
    let hint = "write headers = { x-timestamp = \"{timestamp}\", x-signature = \"{signature}\" }";
    let node = section.need("headers", hint, compiler.problems)?;
    let table = Section::open_any(node, section.place("headers"), compiler.problems)?;
    let speaks = table
        .entries()
        .iter()
        .any(|entry| entry.value.text().is_some_and(|text| text.contains("{signature")));
    if !speaks {
        compiler.problems.add(node.line, &table.what, "no header carries {signature}", hint);
    }
    let mut headers = Vec::new();
    for entry in table.entries() {
        let (name, what) = (entry.key.to_ascii_lowercase(), table.place(&entry.key));
        if let Some(why) = super::header::refuse_name(&name) {
            compiler.problems.add(entry.line, &what, why, "");
        }
        let text = table.text(&entry.key, compiler.problems);
        headers.push(text.and_then(|text| said(&name, text, entry.line, &what, compiler)));
    }
    headers.into_iter().collect()
}

/// Path and query of an address as they stand on the request line: brackets encoded, and `/` for no path.
fn as_sent(url: &str) -> (String, String) {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let target = url[authority..].find(['/', '?']).map_or("", |at| &url[authority + at..]);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let encoded = |text: &'_ str| text.replace('[', "%5B").replace(']', "%5D");
    (encoded(if path.is_empty() { "/" } else { path }), encoded(query))
}
