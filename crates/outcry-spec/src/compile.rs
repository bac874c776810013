//! Files in, a book or diagnostics out.

use crate::desk::Desk;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Documents;
use crate::integrations::Integrations;
use crate::shared::Shared;
use crate::spec::pacing::Numbers;
use crate::specs::{Named, Specs};
use crate::world::World;
use crate::{lead_types, places, trade, variables};
use outcry_core::filter::Known;
use outcry_integration::book::Book;
use outcry_integration::request::ClientCertificate;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One file: its path, for recognising it and for diagnostics, and its text.
#[derive(Clone, Debug)]
pub struct SpecFile {
    /// Relative to the spec's folder, with `/` between folders: `integrations/acme.toml`.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Where the values behind `secret:name` come from.
pub trait Secrets {
    /// The secret of this name, if there is one.
    fn secret(&self, name: &str) -> Option<String>;

    /// Why a client certificate cannot be shown, if so: this crate knows no TLS, and who holds the secrets may.
    fn wrong_with(&self, certificate: &ClientCertificate) -> Option<String> {
        let _ = certificate;
        None
    }
}

impl Secrets for BTreeMap<String, String> {
    fn secret(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

/// What came of the files.
#[derive(Debug)]
pub struct Outcome {
    /// Present when there is no error; warnings may accompany it.
    pub book: Option<Book>,
    /// Everything that is wrong, over all files, in order of file and line.
    pub diagnostics: Vec<Diagnostic>,
}

impl Outcome {
    /// Is there anything that keeps the files from being used?
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Compiles files into a book.
pub fn compile(files: &[SpecFile], secrets: &dyn Secrets) -> Outcome {
    compile_with(files, secrets, &BTreeMap::new())
}

/// Compiles files into a book, with variables that stand above those of the files' own `[variables]`.
pub fn compile_with(files: &[SpecFile], secrets: &dyn Secrets, variables: &BTreeMap<String, String>) -> Outcome {
    let mut desk = Desk::new(files, secrets);
    let documents = Documents::read(&desk);
    desk.set_variables(variables::read(&desk, &documents, variables));
    let book = read(&desk, &documents, version(files, variables));
    let diagnostics = desk.diagnostics();
    let sound = diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning);
    Outcome {
        book: sound.then_some(book),
        diagnostics,
    }
}

fn read(desk: &Desk<'_>, documents: &Documents<'_>, version: Arc<str>) -> Book {
    let specs = Specs::gather(desk, documents);
    desk.set_known(known(desk, documents, &specs));
    let lead_types = lead_types::gather(desk, documents);
    let integrations = Integrations::gather(desk, documents);
    let world = World {
        desk,
        specs: &specs,
        lead_types: &lead_types,
        integrations: &integrations,
        numbers: Numbers::default(),
        shared: &Shared::default(),
    };
    let (shared, checks) = Shared::read(&world, &specs);
    let world = World { shared: &shared, ..world };
    trade::book(&world, version, checks)
}

/// What filters may name. A name that stands in a file which could not be read must not be called unknown.
fn known(desk: &Desk<'_>, documents: &Documents<'_>, specs: &Specs<'_>) -> Known {
    let names = |named: &Named<'_>| {
        let all = named.keys().map(|name| Arc::from(name.as_str()));
        if desk.incomplete() { Vec::new() } else { all.collect() }
    };
    Known {
        places: places::gather(desk, documents),
        sources: names(&specs.sources),
        suppliers: names(&specs.suppliers),
    }
}

/// 16 hex digits of SHA-256 over paths and texts in order of the paths, and over the caller's variables: the same
/// digits, the same catalog.
fn version(files: &[SpecFile], variables: &BTreeMap<String, String>) -> Arc<str> {
    let mut parts: Vec<(&str, &str)> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    parts.sort_unstable();
    parts.extend(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut hash = Sha256::new();
    for (name, text) in parts {
        // Lengths keep the end of one text apart from the beginning of the next.
        hash.update(name.len().to_le_bytes());
        hash.update(name);
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hex::encode(&hash.finalize()[..8]).into()
}
