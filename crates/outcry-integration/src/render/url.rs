//! The address of a request. A value can fill a path segment or a part of the query; scheme, host and port come
//! from the file or from a parameter of kind `url`, and from nowhere else.

use crate::call::RenderError;
use crate::format::percent::{Blank, encode};
use crate::param::{ParamDef, ParamKind};
use crate::problem::Problems;
use crate::template::{Piece, Scope, Source, Template, Val};

/// A compiled address.
#[derive(Debug)]
pub(crate) struct UrlTemplate {
    template: Template,
    /// The first piece is a `url` parameter.
    from_param: Option<usize>,
}

impl UrlTemplate {
    /// Checks a compiled text for being an address.
    pub(crate) fn new(template: Template, params: &[ParamDef], problems: &mut Problems) -> Option<Self> {
        let from_param = match template.pieces.first() {
            Some(Piece::Hole(hole)) => match hole.source {
                Source::Param(at) if params[at].kind == ParamKind::Url && hole.pipes.is_empty() => Some(at),
                _ => return refuse(&template, problems, "begins with something that is not a parameter of kind \"url\""),
            },
            Some(Piece::Literal(text)) if authority_is_complete(text) || (template.pieces.len() == 1 && is_origin(text)) => None,
            _ => {
                return refuse(
                    &template,
                    problems,
                    "must begin with http:// or https:// and a host, or with a parameter of kind \"url\"",
                );
            }
        };
        let rest = template.pieces.get(usize::from(from_param.is_some()));
        if from_param.is_some() && !matches!(rest, None | Some(Piece::Literal(_))) || starts_badly(from_param, rest) {
            return refuse(&template, problems, "after the address of the parameter must come / or ?");
        }
        for piece in &template.pieces {
            if let Piece::Literal(text) = piece
                && !text.bytes().all(is_url_byte)
            {
                return refuse(
                    &template,
                    problems,
                    "holds a character that must be percent-encoded, or a # fragment",
                );
            }
        }
        Some(Self { template, from_param })
    }

    pub(crate) fn is_settled_by_params(&self) -> bool {
        self.template.is_settled_by_params()
    }

    /// Writes the address.
    ///
    /// # Errors
    /// A value of the path that is missing, blank or a dot segment; it would lead elsewhere.
    pub(crate) fn write(&self, scope: &Scope<'_>) -> Result<String, RenderError> {
        let (mut url, mut in_query) = (Vec::new(), false);
        for (at, piece) in self.template.pieces.iter().enumerate() {
            match piece {
                Piece::Literal(text) => {
                    in_query |= text.contains('?');
                    url.extend_from_slice(text.as_bytes());
                }
                Piece::Hole(hole) => {
                    let mut text = String::new();
                    let value = self.template.hole(hole, scope)?;
                    self.template.push(&value, hole, &mut text)?;
                    if at == 0 && self.from_param.is_some() {
                        self.base(&text, &mut url)?;
                        in_query |= text.contains('?');
                    } else if !in_query && (matches!(value, Val::Missing | Val::Null) || matches!(text.trim(), "" | "." | "..")) {
                        return Err(self
                            .template
                            .fail(&format!("{{{}}} has no value that can stand in the path", hole.written)));
                    } else {
                        encode(&text, Blank::Percent20, &mut url);
                    }
                }
            }
        }
        let url = String::from_utf8(url).map_err(|_| self.template.fail("the address is not text"))?;
        let path = url.split('?').next().unwrap_or_default();
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(self.template.fail("a value makes a dot segment in the path"));
        }
        Ok(url)
    }

    fn base(&self, address: &str, url: &mut Vec<u8>) -> Result<(), RenderError> {
        let alone = self.template.pieces.len() == 1;
        if address.is_empty() {
            return Err(self.template.fail("the address is not supplied"));
        }
        if !alone && address.contains('?') {
            return Err(self.template.fail("the parameter holds a query, but the file adds a path to it"));
        }
        url.extend_from_slice(if alone { address } else { address.trim_end_matches('/') }.as_bytes());
        Ok(())
    }
}

fn refuse(template: &Template, problems: &mut Problems, message: &str) -> Option<UrlTemplate> {
    let hint = "write it like url = \"{param.base_url}/ping\" or \"https://buyer.example/ping?zip={zip}\"";
    problems.add(template.place.line, template.place.what.to_string(), message, hint);
    None
}

fn starts_badly(from_param: Option<usize>, rest: Option<&Piece>) -> bool {
    matches!((from_param, rest), (Some(_), Some(Piece::Literal(text))) if !text.starts_with(['/', '?']))
}

/// A scheme and a host, with the slash or question mark that ends them.
fn authority_is_complete(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    rest.find(['/', '?']).is_some_and(|end| is_authority(&rest[..end]))
}

/// A scheme and a host and nothing else.
fn is_origin(text: &str) -> bool {
    text.strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .is_some_and(is_authority)
}

/// A host name, IPv4 or bracketed IPv6 address, and perhaps a port. No user, no password.
pub(crate) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_ok = bracketed.map_or_else(
        || !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')),
        |inner| inner.parse::<std::net::Ipv6Addr>().is_ok(),
    );
    host_ok && port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

/// What may stand in an address as it is (RFC 3986), the fragment sign left out.
const fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
}

/// Why a text cannot be the value of a `url` parameter, if so.
pub(crate) fn check_param(text: &str) -> Option<&'static str> {
    let path = text.split('?').next().unwrap_or_default();
    if !(is_origin(text) || authority_is_complete(text)) {
        Some("must begin with http:// or https:// and a host, without user or password")
    } else if !text.bytes().all(is_url_byte) {
        Some("holds a blank, a # fragment or a character that must be percent-encoded")
    } else if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        Some("holds a dot segment")
    } else {
        None
    }
}
