//! `client_certificate = { … }`: a certificate of ours and its key, from secrets that hold them in PEM.
//!
//! Whether the two belong together is for whoever shows them to say; here it is only seen that they are what they
//! should be, so that a wrong secret is told when the contract is read and not when the first lead is lost.

use super::auth::secret;
use crate::call::RenderError;
use crate::file::{Node, Section};
use crate::request::ClientCertificate;
use crate::template::{Compiler, Scope, Template};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A certificate as the file names it.
#[derive(Debug)]
pub(crate) struct CertificateTemplate {
    certificate: Template,
    key: Template,
}

/// What a text holds between `-----BEGIN X-----` and `-----END X-----`: X, and whether it can be decoded.
struct Block<'t> {
    label: &'t str,
    whole: bool,
}

impl CertificateTemplate {
    /// Compiles one `client_certificate` table.
    pub(crate) fn compile(node: &Node, what: String, compiler: &mut Compiler<'_>) -> Option<Self> {
        let section = Section::open(node, what, &["certificate", "key"], compiler.problems)?;
        let certificate = secret(&section, "certificate", compiler);
        let key = secret(&section, "key", compiler);
        let template = Self {
            certificate: certificate?,
            key: key?,
        };
        for text in [&template.certificate, &template.key] {
            if !text.is_settled_by_params() {
                let wrong = "a certificate belongs to a contract and cannot change with the call";
                compiler
                    .problems
                    .add(text.place.line, &*text.place.what, wrong, "take it from a parameter");
            }
        }
        Some(template)
    }

    /// The certificate of a contract; `None` if it gives neither part.
    ///
    /// # Errors
    /// One without the other, or a text that does not hold what it should.
    pub(crate) fn settle(&self, scope: &Scope<'_>) -> Result<Option<Arc<ClientCertificate>>, RenderError> {
        let given = |template: &Template| -> Result<Option<String>, RenderError> {
            // Who sets an environment variable on one line writes the line ends out.
            let text = template.text(scope)?.map(|text| text.replace("\\n", "\n"));
            Ok(text.filter(|text| !text.trim().is_empty()))
        };
        let (certificate, key) = match (given(&self.certificate)?, given(&self.key)?) {
            (Some(certificate), Some(key)) => (certificate, key),
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(self.key.fail("the certificate is given and its key is not")),
            (None, Some(_)) => return Err(self.certificate.fail("the key is given and its certificate is not")),
        };
        if let Some(wrong) = wrong_certificate(&certificate) {
            return Err(self.certificate.fail(wrong));
        }
        if let Some(wrong) = wrong_key(&key) {
            return Err(self.key.fail(wrong));
        }
        let mut id = Sha256::new();
        id.update(&certificate);
        id.update([0]);
        id.update(&key);
        Ok(Some(Arc::new(ClientCertificate {
            certificate: certificate.into(),
            key: key.into(),
            id: id.finalize().into(),
        })))
    }
}

fn wrong_certificate(text: &str) -> Option<&'static str> {
    let blocks = blocks(text);
    if blocks.iter().any(|block| block.label.ends_with("PRIVATE KEY")) {
        Some("holds a private key; that belongs under `key` alone")
    } else if !blocks.iter().any(|block| block.label == "CERTIFICATE") {
        Some(
            "holds no certificate in PEM: the text between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----, those lines included",
        )
    } else if blocks.iter().any(|block| !block.whole) {
        Some("the PEM is damaged: it ends early or does not decode")
    } else {
        None
    }
}

fn wrong_key(text: &str) -> Option<&'static str> {
    let blocks = blocks(text);
    let keys: Vec<&Block<'_>> = blocks.iter().filter(|block| block.label.ends_with("PRIVATE KEY")).collect();
    match &*keys {
        [] => Some(
            "holds no private key in PEM: the text between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----, those lines included",
        ),
        [key] if key.label.starts_with("ENCRYPTED") => {
            Some("the key is locked with a passphrase; give it without one: openssl pkey -in locked.pem -out open.pem")
        }
        [key] if !key.whole => Some("the PEM is damaged: it ends early, is locked with a passphrase, or does not decode"),
        [_] => None,
        _ => Some("holds more than one private key"),
    }
}

/// The blocks of a PEM text (RFC 7468).
fn blocks(text: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut rest) = (Vec::new(), text);
    while let Some((label, after)) = rest.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once("-----")) {
        let end = format!("-----END {label}-----");
        let (body, after) = after.split_once(&end).map_or((None, after), |(body, after)| (Some(body), after));
        let decodes = |body: &str| {
            STANDARD
                .decode(body.split_ascii_whitespace().collect::<String>())
                .is_ok_and(|bytes| !bytes.is_empty())
        };
        blocks.push(Block {
            label,
            whole: body.is_some_and(decodes),
        });
        rest = after;
    }
    blocks
}
