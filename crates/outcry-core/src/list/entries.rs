//! What the entries of a list are, how one is read, and what of a lead is looked up among them.

use super::{Hash, List, network};
use crate::field;
use crate::lead::{Lead, Row, Slot};
use crate::lead_type::FieldSet;
use crate::validate::{domain, email, phone, zip};
use crate::value::Value;
use std::sync::Arc;

/// What the entries of a list are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// What they stand for.
    pub kind: Kind,
    /// How they were hashed, if they come as digests.
    pub hash: Option<Hash>,
}

/// What entries stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Phone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Domains of e-mail addresses, each with all below it.
    Domain,
    /// Addresses and networks of the internet.
    Ip,
    /// ZIP codes.
    Zip,
}

/// Why a text is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misfit(pub Arc<str>);

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Phone, Self::Email, Self::Domain, Self::Ip, Self::Zip];

    /// The word for it in spec files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Domain => "domain",
            Self::Ip => "ip",
            Self::Zip => "zip",
        }
    }

    /// Does a field of a lead hold what is looked up?
    pub const fn is_in(self, field: &field::Kind) -> bool {
        matches!(
            (self, field),
            (Self::Phone, field::Kind::Phone)
                | (Self::Email | Self::Domain, field::Kind::Email)
                | (Self::Ip, field::Kind::Ip)
                | (Self::Zip, field::Kind::Zip)
        )
    }

    /// A written value in its normal form.
    ///
    /// # Errors
    /// A [`Misfit`] that says what it looks like.
    pub fn read(self, text: &str) -> Result<String, Misfit> {
        let text = text.trim();
        let read = match self {
            Self::Phone => phone(text).ok_or("not a phone number"),
            Self::Email => email(text).map(Into::into).ok_or("not an e-mail address"),
            Self::Domain => domain(text).ok_or("not a domain"),
            Self::Ip => network::read(text),
            Self::Zip => match text.len() {
                3 | 4 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Err("too short for a ZIP code: did a spreadsheet take its leading zeros?")
                }
                _ => zip(text).map(Into::into).ok_or("not a ZIP code"),
            },
        };
        read.map_err(|what| Misfit(format!("{what}{}", looks_hashed(text)).into()))
    }
}

/// A digest among plain values is the most usual of mistakes.
fn looks_hashed(text: &str) -> &'static str {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        32 if hex => "; it looks like an MD5: declare `hash = \"md5\"`",
        40 if hex => "; it looks like a SHA-1: declare `hash = \"sha1\"`",
        64 if hex => "; it looks like a SHA-256: declare `hash = \"sha256\"`",
        44 if text.ends_with('=') => "; it looks like a SHA-256 in Base64: declare `hash = \"sha256\"` and `encoding = \"base64\"`",
        _ => "",
    }
}

impl Entries {
    /// What they are, for keys and for files: two declarations of one word find the same entries.
    pub fn word(&self) -> String {
        match &self.hash {
            None => self.kind.word().to_owned(),
            Some(hash) => hash.word(self.kind.word()),
        }
    }

    /// An entry of a file in its normal form.
    ///
    /// # Errors
    /// A [`Misfit`], for a text that is no such entry.
    pub fn read(&self, text: &str) -> Result<String, Misfit> {
        let Some(hash) = &self.hash else { return self.kind.read(text) };
        let text = text.trim();
        hash.read(text).ok_or_else(|| {
            let scheme = hash.scheme.word();
            let plain = if self.kind.read(text).is_ok() {
                ": it is a plain value"
            } else {
                ""
            };
            Misfit(format!("not a digest of {scheme}, which has {} bytes{plain}", hash.scheme.length()).into())
        })
    }

    /// What to look up for a value that a person wrote, in any form that can be read.
    ///
    /// # Errors
    /// A [`Misfit`], for a text that is no such value and no such entry either.
    pub fn asked_by_hand(&self, text: &str) -> Result<Vec<String>, Misfit> {
        if self.hash.is_some()
            && let Ok(digest) = self.read(text)
        {
            return Ok(vec![digest]);
        }
        match self.kind {
            // The domain of an address, or a domain.
            Kind::Domain => Ok(self.entries_of(&email(text).map_or_else(|| self.kind.read(text), |text| Ok(text.into()))?)),
            Kind::Ip => Ok(self.kind.read(text).map(|network| match network.split_once('/') {
                Some((address, "32" | "128")) => self.entries_of(address),
                _ => vec![network],
            })?),
            Kind::Phone | Kind::Email | Kind::Zip => Ok(self.entries_of(&self.kind.read(text)?)),
        }
    }

    /// The entry that stands for a value that a person wrote.
    ///
    /// # Errors
    /// A [`Misfit`], for a text that is no such value and no such entry either.
    pub fn entry_by_hand(&self, text: &str) -> Result<String, Misfit> {
        let Some(hash) = &self.hash else { return self.kind.read(text) };
        let plain = |_| {
            let normal = self.kind.read(text)?;
            hash.hex(&normal)
                .ok_or_else(|| Misfit(format!("it has no form `{}`, which is hashed here", hash.form.word()).into()))
        };
        self.read(text).or_else(plain)
    }

    /// Every entry that a value in normal form would be found by.
    fn entries_of(&self, value: &str) -> Vec<String> {
        let plain = match self.kind {
            Kind::Phone | Kind::Email | Kind::Zip => vec![value.to_owned()],
            Kind::Ip => network::around(value),
            Kind::Domain => with_parents(value.rsplit_once('@').map_or(value, |(_, domain)| domain)),
        };
        match &self.hash {
            None => plain,
            Some(hash) => plain.iter().filter_map(|value| hash.hex(value)).collect(),
        }
    }
}

/// `a.b.example.com`, `b.example.com`, `example.com`.
fn with_parents(domain: &str) -> Vec<String> {
    let mut domains = vec![domain.to_owned()];
    let mut rest = domain;
    while let Some((_, parent)) = rest.split_once('.').filter(|(_, parent)| parent.contains('.')) {
        domains.push(parent.to_owned());
        rest = parent;
    }
    domains
}

impl List {
    /// Every entry by which a lead would be found on it; none if the lead has no value of the kind.
    pub fn asked_of(&self, lead: &Lead) -> Vec<String> {
        let mut values = Vec::new();
        self.gather(&lead.lead_type.fields, &lead.row, true, &mut values);
        values.sort_unstable();
        values.dedup();
        values.into_iter().flat_map(|value| self.entries.entries_of(value)).collect()
    }

    /// Fields by name are those of the lead itself; without names the rows of its lists count too, because a second
    /// driver's number is somebody's number.
    fn gather<'l>(&self, set: &FieldSet, row: &'l Row, top: bool, values: &mut Vec<&'l str>) {
        let named = |field: &field::Field| self.fields.is_empty() || top && self.fields.contains(&field.name);
        for (at, field) in set.fields.iter().enumerate() {
            let value = match row.slot(at) {
                Some(Slot::Open(value)) => value,
                Some(Slot::Personal(value)) => value.reveal(),
                None => continue,
            };
            match (value, field.rows()) {
                (Value::Text(text), _) if self.entries.kind.is_in(&field.kind) && named(field) => values.push(text),
                (Value::List(rows), Some(inner)) if self.fields.is_empty() => {
                    for row in rows {
                        self.gather(inner, row, false, values);
                    }
                }
                _ => {}
            }
        }
    }
}
