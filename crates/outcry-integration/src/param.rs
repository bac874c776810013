//! What a contract must or may supply to an integration: addresses, keys, plain words.

use crate::delivery::check_server;
use crate::file::{Entry, Node, Section};
use crate::integration::Integration;
use crate::mask::Mask;
use crate::problem::{Problem, Problems, did_you_mean};
use crate::render::{RequestTemplate, Settled, check_param};
use crate::request::ClientCertificate;
use crate::step::StepName;
use crate::template::{Call, Scope};
use outcry_core::moment::Moment;
use outcry_core::ping_view::PingView;
use outcry_core::value::Decimal;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One parameter as the file declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamDef {
    /// The name in `{param.NAME}`.
    pub name: Arc<str>,
    /// What it may hold.
    pub kind: ParamKind,
    /// Must a contract supply it?
    pub required: bool,
    /// Taken when a contract does not.
    pub default: Option<Arc<str>>,
    /// Where the file declares it.
    pub line: u32,
}

/// What a parameter may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Any words.
    Text,
    /// Words that no log and no screen may show.
    Secret,
    /// An absolute `http` or `https` address; the only thing that may name a host.
    Url,
    /// A decimal number.
    Number,
    /// The address of a server that is not spoken to over HTTP: `smtps://mail.example.com:465`.
    Server,
}

/// The values of one contract, checked, and whatever of its requests they already settle.
#[derive(Clone, Default)]
pub struct Params {
    values: Vec<Option<Arc<str>>>,
    settled: Vec<Settled>,
    mask: Mask,
    login: Option<LoginKey>,
}

/// What makes two logins the same: the file, and every value that its login speaks. A digest, so that no table of
/// logins holds a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoginKey([u8; 32]);

impl LoginKey {
    fn of(integration: &Integration, login: &RequestTemplate, values: &[Option<Arc<str>>]) -> Self {
        let mut digest = Sha256::new();
        digest.update(integration.digest());
        for at in &login.params {
            let value = values.get(*at).and_then(Option::as_deref).unwrap_or_default();
            digest.update(value.len().to_be_bytes());
            digest.update(value);
        }
        Self(digest.finalize().into())
    }

    /// A small number made of it, for tables with few places.
    pub const fn slot(&self, slots: usize) -> usize {
        self.0[0] as usize % slots
    }
}

impl Params {
    /// Takes the values of a contract; secrets are resolved by the caller.
    ///
    /// # Errors
    /// Every parameter that is missing, unknown or malformed. No message repeats a value.
    pub fn bind(integration: &Integration, values: &BTreeMap<String, String>) -> Result<Self, Vec<Problem>> {
        let (defs, mut problems) = (integration.params(), Problems::default());
        let names: Vec<&str> = defs.iter().map(|def| &*def.name).collect();
        for name in values.keys().filter(|name| !names.contains(&name.as_str())) {
            problems.add(0, place(name), "the integration has no such parameter", did_you_mean(name, &names));
        }
        let bound = defs.iter().map(|def| bound(def, values.get(&*def.name), &mut problems)).collect();
        let mut params = Self {
            values: bound,
            settled: Vec::new(),
            mask: Mask::default(),
            login: None,
        };
        if problems.is_empty() {
            params.settle(integration, &mut problems);
        }
        problems.into_result(Some(params))
    }

    /// Only what the file itself gives: for reading an answer of which no contract is known.
    pub fn defaults(integration: &Integration) -> Self {
        Self {
            values: integration.params().iter().map(|def| def.default.clone()).collect(),
            ..Self::default()
        }
    }

    /// Some values beside what the file itself gives: enough to read an answer, not to write a request.
    pub(crate) fn some(integration: &Integration, values: &BTreeMap<String, String>) -> Self {
        let defs = integration.params().iter();
        let value = |def: &ParamDef| values.get(&*def.name).map(|value| Arc::from(value.as_str()));
        Self {
            values: defs.map(|def| value(def).or_else(|| def.default.clone())).collect(),
            ..Self::default()
        }
    }

    fn settle(&mut self, integration: &Integration, problems: &mut Problems) {
        let (mut settled, mut secrets) = (Vec::new(), self.secrets(integration));
        for request in integration.requests() {
            let scope = Scope {
                lead: &PingView::default(),
                row: None,
                params: self,
                call: Call::at(Moment::from_unix_ms(0)),
                sent: None,
            };
            secrets.extend(request.derived(&scope));
            match request.settle(&scope) {
                Ok(done) => settled.push(done),
                Err(wrong) => problems.add(wrong.line, wrong.what, wrong.message, "check the values of the contract"),
            }
        }
        if let Some(Err(wrong)) = integration.drop_off(self) {
            problems.add(wrong.line, wrong.what, wrong.message, "check the values of the contract");
        }
        self.settled = settled;
        let login = integration.requests().find(|request| request.step == StepName::Login);
        self.login = login.map(|login| LoginKey::of(integration, login, &self.values));
        self.mask = Mask::of(secrets.iter().map(AsRef::as_ref));
    }

    fn secrets(&self, integration: &Integration) -> Vec<String> {
        let all = integration.params().iter().zip(&self.values);
        all.filter(|(def, _)| def.kind == ParamKind::Secret)
            .filter_map(|(_, value)| value.as_deref().map(str::to_owned))
            .collect()
    }

    /// The certificates that its requests show.
    pub fn certificates(&self) -> impl Iterator<Item = &ClientCertificate> {
        self.settled.iter().filter_map(|settled| settled.certificate.as_deref())
    }

    /// Hides the secrets of this contract, and what its requests make of them.
    pub const fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The addresses among the values: where this contract's buyer will be called.
    pub fn addresses<'a>(&'a self, integration: &'a Integration) -> impl Iterator<Item = &'a str> {
        let urls = integration
            .params()
            .iter()
            .enumerate()
            .filter(|(_, def)| def.kind == ParamKind::Url);
        urls.filter_map(|(at, _)| self.value(at))
    }

    /// Which login the contract uses, if its integration has one. All with the same key share it.
    pub const fn login(&self) -> Option<LoginKey> {
        self.login
    }

    /// A value by the position of its parameter.
    pub(crate) fn value(&self, at: usize) -> Option<&str> {
        self.values.get(at)?.as_deref()
    }

    /// What is settled of a step's request.
    pub(crate) fn settled(&self, step: StepName) -> Option<&Settled> {
        self.settled.iter().find(|settled| settled.step == step)
    }
}

fn place(name: &str) -> String {
    format!("params.{name}")
}

fn bound(def: &ParamDef, value: Option<&String>, problems: &mut Problems) -> Option<Arc<str>> {
    let value = value.map(|value| Arc::from(value.as_str())).or_else(|| def.default.clone());
    match &value {
        None if def.required => problems.add(
            def.line,
            place(&def.name),
            "is required and not supplied",
            "add it to the params of the contract",
        ),
        None => {}
        Some(value) => {
            if let Some(why) = def.refuse(value) {
                problems.add(def.line, place(&def.name), why, "");
            }
        }
    }
    value
}

impl ParamDef {
    /// Why a text cannot be a value, if so.
    pub(crate) fn refuse(&self, value: &str) -> Option<&'static str> {
        match self.kind {
            ParamKind::Url => check_param(value),
            ParamKind::Server => check_server(value),
            ParamKind::Number if Decimal::parse(value).is_none() => Some("must be a plain decimal number"),
            ParamKind::Secret if value.trim().is_empty() => Some("is empty"),
            ParamKind::Text | ParamKind::Secret | ParamKind::Number => None,
        }
    }
}

const KINDS: [(&str, ParamKind); 5] = [
    ("text", ParamKind::Text),
    ("secret", ParamKind::Secret),
    ("url", ParamKind::Url),
    ("number", ParamKind::Number),
    ("server", ParamKind::Server),
];

/// Reads `[params]`.
pub(crate) fn declared(node: &Node, problems: &mut Problems) -> Vec<ParamDef> {
    let Some(table) = Section::open_any(node, "params", problems) else {
        return Vec::new();
    };
    table.entries().iter().filter_map(|entry| declaration(entry, problems)).collect()
}

fn declaration(entry: &Entry, problems: &mut Problems) -> Option<ParamDef> {
    let what = place(&entry.key);
    let plain = entry.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        problems.add(entry.line, &what, "a parameter is named with letters, digits and _", "");
    }
    let section = Section::open(&entry.value, what, &["kind", "required", "default", "about"], problems)?;
    section.text("about", problems);
    let kind = match section.get("kind") {
        None => ParamKind::Text,
        Some(_) => section.word("kind", &KINDS, problems)?,
    };
    let default = section.get("default").and_then(Node::scalar).map(Arc::from);
    let required = section.flag("required", problems);
    let def = ParamDef {
        name: Arc::from(entry.key.as_str()),
        kind,
        required,
        default,
        line: entry.line,
    };
    let wrong = match &def.default {
        Some(_) if required => Some("has a default, so it is never missing: take out `required`"),
        Some(_) if kind == ParamKind::Secret => Some("a secret has no place in an integration file"),
        Some(default) => def.refuse(default),
        None => None,
    };
    if let Some(wrong) = wrong {
        problems.add(entry.line, section.place("default"), wrong, "");
    }
    Some(def)
}
