//! An envelope of SOAP 1.1 or 1.2 around XML. Its prefix is `soap`.

use super::xml::{self, Prefixes};
use crate::body::Tree;
use crate::call::RenderError;
use crate::template::Scope;
use std::borrow::Cow;

/// The prefixes that the envelope declares.
pub(super) const PREFIXES: Prefixes<'static> = Prefixes::of(&["soap", "xsi", "xsd"]);

/// Which envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V11,
    V12,
}

/// A compiled envelope.
#[derive(Debug)]
pub(crate) struct Soap {
    version: Version,
    action: Option<Box<str>>,
    header: Option<Tree>,
}

impl Soap {
    pub(super) fn new(version: Version, action: Option<&str>, header: Option<Tree>) -> Self {
        Self {
            version,
            action: action.map(Box::from),
            header,
        }
    }

    /// SOAP 1.2 says its action here.
    pub(super) fn content_type(&self) -> Cow<'static, str> {
        match (self.version, &self.action) {
            (Version::V11, _) => "text/xml; charset=utf-8".into(),
            (Version::V12, None) => "application/soap+xml; charset=utf-8".into(),
            (Version::V12, Some(action)) => format!("application/soap+xml; charset=utf-8; action=\"{action}\"").into(),
        }
    }

    /// SOAP 1.1 says its action in a header of its own, and must, even if it has none.
    pub(super) fn action_header(&self) -> Option<String> {
        match self.version {
            Version::V11 => Some(format!("\"{}\"", self.action.as_deref().unwrap_or_default())),
            Version::V12 => None,
        }
    }

    /// Appends the envelope with a header, if the file has one, and the body.
    pub(super) fn write(&self, tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        out.extend_from_slice(xml::DECLARATION);
        out.extend_from_slice(match self.version {
            Version::V11 => b"<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"".as_slice(),
            Version::V12 => b"<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"".as_slice(),
        });
        out.extend_from_slice(b" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">");
        if let Some(header) = &self.header {
            out.extend_from_slice(b"<soap:Header>");
            xml::children(header, scope, out)?;
            out.extend_from_slice(b"</soap:Header>");
        }
        out.extend_from_slice(b"<soap:Body>");
        xml::children(tree, scope, out)?;
        out.extend_from_slice(b"</soap:Body></soap:Envelope>");
        Ok(())
    }
}
