//! The desk: the files under compilation, what may stand behind their `${names}`, and the problems found so far.

use crate::compile::{Secrets, SpecFile};
use crate::diagnostic::{Diagnostic, Severity};
use outcry_core::filter::{Known, Place};
use outcry_integration::request::ClientCertificate;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

/// A place: a file by its position, and bytes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) file: usize,
    pub(crate) at: usize,
}

/// A problem on its way to becoming a [`Diagnostic`].
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: &'static str,
    severity: Severity,
    spot: Spot,
    message: String,
    hint: Option<String>,
}

impl Problem {
    /// What keeps the files from being used.
    pub(crate) fn error(code: &'static str, spot: Spot, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            spot,
            message: message.into(),
            hint: None,
        }
    }

    /// Is it of this code?
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// What is probably not as meant.
    pub(crate) fn warning(code: &'static str, spot: Spot, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, spot, message)
        }
    }

    /// The same, with words before the message.
    pub(crate) fn says(self, before: &str) -> Self {
        Self {
            message: format!("{before}{}", self.message),
            ..self
        }
    }

    /// What would be right.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// What would be right, if it is known.
    pub(crate) fn hint_if(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

/// What every reader of a file needs at hand.
pub(crate) struct Desk<'a> {
    files: &'a [SpecFile],
    secrets: &'a dyn Secrets,
    variables: BTreeMap<String, String>,
    problems: RefCell<Vec<Problem>>,
    incomplete: Cell<bool>,
    known: OnceCell<Known>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(files: &'a [SpecFile], secrets: &'a dyn Secrets) -> Self {
        Self {
            files,
            secrets,
            variables: BTreeMap::new(),
            problems: RefCell::default(),
            incomplete: Cell::new(false),
            known: OnceCell::new(),
        }
    }

    /// The files, in the order they were handed in.
    pub(crate) fn files(&self) -> &'a [SpecFile] {
        self.files
    }

    /// The value behind `secret:name`.
    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        self.secrets.secret(name)
    }

    /// Why a client certificate cannot be shown, if so.
    pub(crate) fn wrong_with(&self, certificate: &ClientCertificate) -> Option<String> {
        self.secrets.wrong_with(certificate)
    }

    /// The values behind `${name}`.
    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// Once all `[variables]` are read.
    pub(crate) fn set_variables(&mut self, variables: BTreeMap<String, String>) {
        self.variables = variables;
    }

    /// Once it is known who sends and where places are.
    pub(crate) fn set_known(&self, known: Known) {
        // Set once, before any filter is read; a second one would say the same.
        let _ = self.known.set(known);
    }

    /// What filters may name beyond the fields of a lead.
    pub(crate) fn known(&self) -> &Known {
        self.known.get_or_init(Known::default)
    }

    /// Notes a problem.
    pub(crate) fn tell(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Notes a problem, if there is one.
    pub(crate) fn tell_if(&self, problem: Option<Problem>) {
        self.problems.borrow_mut().extend(problem);
    }

    /// Notes that a file could not be read to its end, so that what seems to be missing may stand in it.
    pub(crate) fn set_incomplete(&self) {
        self.incomplete.set(true);
    }

    /// May something that seems to be missing stand in a file that could not be read?
    pub(crate) fn incomplete(&self) -> bool {
        self.incomplete.get()
    }

    /// The place of a line, counted from 1, at its first character that is not a space.
    pub(crate) fn line(&self, file: usize, line: usize) -> Spot {
        let text = &self.files[file].text;
        let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let indent = text[start..].find(|c: char| c != ' ' && c != '\t').unwrap_or(0);
        Spot { file, at: start + indent }
    }

    /// A place as people write it: `buyers.toml:12`.
    pub(crate) fn show(&self, spot: Spot) -> String {
        let SpecFile { path, text } = &self.files[spot.file];
        format!("{path}:{}", Place::of(text, spot.at).line)
    }

    /// Every problem once, in order of path and place.
    pub(crate) fn diagnostics(self) -> Vec<Diagnostic> {
        let mut problems = self.problems.into_inner();
        problems.sort_by(|a, b| {
            let place = |problem: &Problem| (&self.files[problem.spot.file].path, problem.spot);
            place(a).cmp(&place(b)).then(a.severity.cmp(&b.severity)).then(a.code.cmp(b.code))
        });
        let mut diagnostics: Vec<Diagnostic> = problems.into_iter().map(|problem| diagnostic(self.files, problem)).collect();
        diagnostics.dedup();
        diagnostics
    }
}

fn diagnostic(files: &[SpecFile], problem: Problem) -> Diagnostic {
    let Problem {
        code,
        severity,
        spot,
        message,
        hint,
    } = problem;
    let SpecFile { path, text } = &files[spot.file];
    let place = Place::of(text, spot.at);
    let counted = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Diagnostic {
        code,
        severity,
        file: path.clone(),
        line: counted(place.line),
        column: counted(place.column),
        message,
        hint,
    }
}
