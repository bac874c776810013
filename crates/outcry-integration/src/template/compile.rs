//! Compiles the texts of one step, and keeps book of what they speak of.

use super::lex::{self, Part};
use super::path::{Root, SentPart, Source, Step, steps};
use super::pipe::Pipe;
use super::pipe_parse::{self, Names, Parsed, Wrong};
use super::{Hole, Need, Piece, Place, Template};
use crate::param::{ParamDef, ParamKind};
use crate::problem::{Problems, did_you_mean};
use crate::step::StepName;
use crate::table::{Table, Tables};
use outcry_core::bid::Leg;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The compiler of one step's templates.
pub(crate) struct Compiler<'p> {
    pub(crate) params: &'p [ParamDef],
    pub(crate) tables: &'p Tables,
    pub(crate) step: StepName,
    pub(crate) problems: &'p mut Problems,
    /// The full names of the lists of each `each` around the place being compiled, outermost first: `drivers[]`.
    pub(crate) rows: Vec<String>,
    /// What can be said of the request itself: something only where it is signed.
    pub(crate) sent: &'static [SentPart],
    /// Is the hole being compiled content with a lead type that has no such field?
    optional: bool,
    pub(crate) used: Uses,
}

/// The legs of a bid, as the list of an `each` and as what one of its rows is called.
const LEGS: &str = "bid.legs";
const LEGS_ROW: &str = "bid.legs[]";

/// What the templates of a step speak of.
#[derive(Default)]
pub(crate) struct Uses {
    /// Lead fields by their full name, with the line.
    pub(crate) fields: Vec<(String, u32)>,
    /// The same, of holes that are content with a lead type that has no such field: `{?zip}`.
    pub(crate) optional: Vec<(String, u32)>,
    /// Values repeated from the bid, with the line.
    pub(crate) echoes: Vec<(String, u32)>,
    /// Values that earlier steps kept, by their full name, with the line.
    pub(crate) kept: Vec<(String, u32)>,
    /// The line that tells the buyer where to call.
    pub(crate) callback: Option<u32>,
    /// Parameters by position.
    pub(crate) params: BTreeSet<usize>,
    /// What is made of secrets: no less secret than they are.
    pub(crate) derived: Vec<Template>,
}

impl<'p> Compiler<'p> {
    pub(crate) fn new(params: &'p [ParamDef], tables: &'p Tables, step: StepName, problems: &'p mut Problems) -> Self {
        Self {
            params,
            tables,
            step,
            problems,
            rows: Vec::new(),
            sent: &[],
            optional: false,
            used: Uses::default(),
        }
    }

    /// Compiles one text.
    pub(crate) fn template(&mut self, text: &str, line: u32, what: &str) -> Option<Template> {
        let parts = match lex::parts(text) {
            Ok(parts) => parts,
            Err(wrong) => {
                self.problems.add(line, what, wrong, "");
                return None;
            }
        };
        let pieces = parts.into_iter().map(|part| match part {
            Part::Literal(text) => Some(Piece::Literal(text.into())),
            Part::Hole(text) => self.hole(text, line, what).map(Piece::Hole),
        });
        let pieces: Option<Box<[Piece]>> = pieces.collect::<Vec<_>>().into_iter().collect();
        Some(Template {
            pieces: pieces?,
            place: Place {
                line,
                what: Arc::from(what),
            },
        })
    }

    fn hole(&mut self, text: &str, line: u32, what: &str) -> Option<Hole> {
        let mut parts = lex::pipes(text).into_iter();
        let path = parts.next().unwrap_or_default();
        let (path, optional) = path.strip_prefix('?').map_or((path, false), |path| (path.trim_start(), true));
        self.optional = optional;
        let hole = self.hole_of(path, parts, text, line, what);
        self.optional = false;
        hole
    }

    fn hole_of<'t>(&mut self, path: &'t str, parts: impl Iterator<Item = &'t str>, text: &str, line: u32, what: &str) -> Option<Hole> {
        let marks = [('!', Need::Request), ('?', Need::Table)];
        let marked = marks
            .into_iter()
            .find_map(|(mark, need)| Some((path.strip_suffix(mark)?.trim_end(), need)));
        let (path, mut need) = marked.unwrap_or((path, Need::No));
        let mut pipes = Vec::new();
        let mut others = lex::others(path).into_iter();
        let source = self.source(others.next().unwrap_or_default(), line, what);
        let typed = source.as_ref().is_some_and(|source| self.is_number(source));
        pipes.extend(typed.then_some(Pipe::Number));
        for other in others {
            pipes.push(self.source(other, line, what).map(|source| self.or(source))?);
        }
        for part in parts {
            match pipe_parse::parse(part, &mut Namer { compiler: self, line }) {
                Ok(Parsed::Required) => need = Need::Request,
                Ok(Parsed::Pipe(pipe)) => pipes.push(pipe),
                Err((message, hint)) => self.problems.add(line, what, format!("in {{{text}}}: {message}"), hint),
            }
        }
        let hole = Hole {
            source: source?,
            pipes: pipes.into(),
            written: text.into(),
            need,
        };
        self.derive(&hole, line, what);
        Some(hole)
    }

    /// Keeps book of what a hole makes of secrets, be it with the first thing it names or with one behind `??`.
    fn derive(&mut self, hole: &Hole, line: u32, what: &str) {
        let others = hole.pipes.iter().enumerate().filter_map(|(at, pipe)| match pipe {
            Pipe::Or { source, .. } => Some((source, &hole.pipes[at + 1..])),
            _ => None,
        });
        for (source, pipes) in std::iter::once((&hole.source, &*hole.pipes)).chain(others) {
            if matches!(source, Source::Param(at) if self.params[*at].kind == ParamKind::Secret) && !pipes.is_empty() {
                let made = Hole {
                    source: source.clone(),
                    pipes: pipes.into(),
                    ..hole.clone()
                };
                let place = Place {
                    line,
                    what: Arc::from(what),
                };
                self.used.derived.push(Template {
                    pieces: Box::new([Piece::Hole(made)]),
                    place,
                });
            }
        }
    }

    fn or(&self, source: Source) -> Pipe {
        let number = self.is_number(&source);
        Pipe::Or { source, number }
    }

    /// A parameter of kind `number` is one wherever it stands.
    fn is_number(&self, source: &Source) -> bool {
        matches!(source, Source::Param(at) if self.params[*at].kind == ParamKind::Number)
    }

    /// Finds out what a path names.
    pub(crate) fn source(&mut self, path: &str, line: u32, what: &str) -> Option<Source> {
        let found = self.named(path, line);
        if let Err((message, hint)) = &found {
            self.problems.add(line, what, message, hint);
        }
        found.ok()
    }

    fn named(&mut self, path: &str, line: u32) -> Result<Source, (String, String)> {
        if let Some(part) = self.sent.iter().find(|part| part.word() == path) {
            return Ok(Source::Sent(*part));
        }
        let (head, tail) = path.split_once('.').unwrap_or((path, ""));
        match (head, tail) {
            ("param", name) => self.param(name),
            ("ping", "id") => self.only(StepName::is_of_one_lead, path, Source::PingId),
            ("ping", "wait_ms") => self.only(StepName::is_before_bid, path, Source::PingWaitMs),
            ("ping", name) => match name.strip_prefix("answer.") {
                Some(name) => self.kept(StepName::Ping, name, line),
                None => Err((
                    format!("{{{path}}} is not known"),
                    "there is {ping.id}, in a ping {ping.wait_ms}, and behind it {ping.answer.NAME}".to_owned(),
                )),
            },
            ("login", name) if !name.is_empty() => self.kept(StepName::Login, name, line),
            ("pre_ping", name) if !name.is_empty() => self.kept(StepName::PrePing, name, line),
            ("post", name) if !name.is_empty() => self.kept(StepName::Post, name, line),
            ("completion", name) if !name.is_empty() => self.kept(StepName::Completion, name, line),
            ("attempt", "id") => self.only(StepName::sees_attempt, path, Source::AttemptId),
            ("callback", "url") => {
                self.used.callback = Some(line);
                self.only(StepName::sees_lead, path, Source::CallbackUrl)
                    .and_then(|source| self.only(StepName::sees_attempt, path, source))
            }
            ("callback", _) => Err((format!("{{{path}}} is not known"), "there is {callback.url}".to_owned())),
            ("attempt", _) => Err((format!("{{{path}}} is not known"), "there is {attempt.id}".to_owned())),
            ("bid", name) => {
                let source = self.bid(name, line)?;
                self.only(StepName::sees_bid, path, source)
            }
            ("ask", "floor") => self.only(StepName::sees_lead, path, Source::AskFloor),
            ("ask", "price") => self.only(StepName::sees_lead, path, Source::AskPrice),
            ("ask", _) => Err((
                format!("{{{path}}} is not known"),
                "there is {ask.floor} and {ask.price}".to_owned(),
            )),
            ("result", "") if self.step.is_notice() => Ok(Source::Result),
            ("winning_price", "") if self.step.is_notice() => Ok(Source::WinningPrice),
            ("test", "") => self.only(StepName::is_of_one_lead, path, Source::Test),
            ("source", "") => self.only(StepName::is_of_one_lead, path, Source::Supplier),
            ("now", "") => Ok(Source::Now),
            ("lead", "") => self.only(StepName::sees_lead, path, Source::Whole(Root::Lead)),
            ("lead", field) => self.field(Root::Lead, field, line),
            ("row" | "index" | "number", _) if self.rows.is_empty() => Err((
                format!("{{{path}}} outside of `each`"),
                format!("for a lead field of that name write {{lead.{path}}}"),
            )),
            ("row", "") => Ok(Source::Whole(Root::Row)),
            ("row", field) => self.field(Root::Row, field, line),
            ("index", "") => Ok(Source::RowNumber(0)),
            ("number", "") => Ok(Source::RowNumber(1)),
            _ => self.field(if self.rows.is_empty() { Root::Lead } else { Root::Row }, path, line),
        }
    }

    /// What only some steps may speak of.
    fn only(&self, may: fn(StepName) -> bool, path: &str, source: Source) -> Result<Source, (String, String)> {
        if may(self.step) {
            Ok(source)
        } else {
            Err((format!("{{{path}}} does not exist in a {}", self.step.word()), String::new()))
        }
    }

    /// A value kept from the answer of an earlier step. Whether it is kept is checked when all steps are known.
    fn kept(&mut self, from: StepName, name: &str, line: u32) -> Result<Source, (String, String)> {
        let name = format!("{}.{name}", from.kept_prefix());
        if !self.step.hears_of(from) {
            let hint = format!("what a {} kept is known to the steps behind it", from.word());
            return Err((format!("{{{name}}} does not exist in a {}", self.step.word()), hint));
        }
        let source = Source::Kept(name.as_str().into());
        self.used.kept.push((name, line));
        Ok(source)
    }

    fn param(&mut self, name: &str) -> Result<Source, (String, String)> {
        let at = self.params.iter().position(|def| &*def.name == name);
        let names: Vec<&str> = self.params.iter().map(|def| &*def.name).collect();
        let at = at.ok_or_else(|| {
            (
                format!("there is no parameter \"{name}\""),
                format!("declare it under [params]; {}", did_you_mean(name, &names)),
            )
        })?;
        self.used.params.insert(at);
        Ok(Source::Param(at))
    }

    fn bid(&mut self, name: &str, line: u32) -> Result<Source, (String, String)> {
        match name.split_once('.') {
            Some(("echo", echo)) if !echo.is_empty() => {
                self.used.echoes.push((echo.to_owned(), line));
                return Ok(Source::BidEcho(echo.into()));
            }
            _ => {}
        }
        if name == "legs" || name.starts_with("legs[") {
            return self.legs(name, line);
        }
        match name {
            "id" => Ok(Source::BidId),
            "price" => Ok(Source::BidPrice),
            "currency" => Ok(Source::BidCurrency),
            "buyer_name" => Ok(Source::BidBuyerName),
            _ => Err((
                format!("{{bid.{name}}} is not known"),
                did_you_mean(name, &["id", "price", "currency", "buyer_name", "echo.NAME", "legs[*].id"]),
            )),
        }
    }

    /// `legs`, `legs[0].id`, `legs[*].NAME`.
    fn legs(&mut self, path: &str, line: u32) -> Result<Source, (String, String)> {
        let steps = steps(path).filter(|steps| !matches!(steps.get(1), Some(Step::Name(_))));
        let steps = steps.ok_or_else(|| {
            let hint = "write it like {bid.legs[*].id} or {bid.legs[0].price}".to_owned();
            (format!("{{bid.{path}}} is not a path"), hint)
        })?;
        self.used.fields.push((LEGS.to_owned(), line));
        for step in &steps[1..] {
            if let Step::Name(name) | Step::Where(name, _) = step {
                self.of_leg(name, line);
            }
        }
        Ok(Source::BidLegs(steps[1..].into()))
    }

    /// What a leg has of itself, or kept under a name of the file.
    fn of_leg(&mut self, name: &str, line: u32) {
        if !Leg::FIELDS.contains(&name) {
            self.used.echoes.push((name.to_owned(), line));
        }
    }

    fn field(&mut self, root: Root, path: &str, line: u32) -> Result<Source, (String, String)> {
        if !self.step.sees_lead() {
            let message = format!("{{{path}}}: a {} knows nothing of the lead", self.step.word());
            return Err((message, "it may speak of parameters and of what earlier steps kept".to_owned()));
        }
        let steps = steps(path).ok_or_else(|| {
            (
                format!("\"{path}\" is not a path"),
                "write it like zip, drivers[0].dob, drivers[*].dob or drivers[gender=male]".to_owned(),
            )
        })?;
        if let Some([Step::Name(list), Step::Name(field)]) = steps.windows(2).find(|pair| matches!(pair, [Step::Name(_), Step::Name(_)])) {
            let hint = format!("of a list, say which row: {list}[0].{field}, or {list}[*].{field} for all");
            return Err((format!("{{{path}}}: a field has no fields"), hint));
        }
        if let (Root::Row, [Step::Name(name)], Some(LEGS_ROW)) = (root, &*steps, self.rows.last().map(String::as_str)) {
            self.of_leg(name, line);
        }
        let mut named = vec![(self.full_name(root, &steps), line)];
        for (at, step) in steps.iter().enumerate() {
            if let Step::Where(field, _) = step {
                let list = self.full_name(root, &steps[..=at]);
                named.push((format!("{list}.{field}"), line));
            }
        }
        let used = if self.optional {
            &mut self.used.optional
        } else {
            &mut self.used.fields
        };
        used.extend(named);
        Ok(Source::Field(root, steps.into()))
    }

    /// `drivers[].dob`: the name of a field without the numbers of rows.
    fn full_name(&self, root: Root, steps: &[Step]) -> String {
        let mut name = match root {
            Root::Row => self.rows.last().map_or_else(String::new, |list| format!("{list}.")),
            Root::Lead => String::new(),
        };
        for step in steps {
            match step {
                Step::Name(field) if name.is_empty() || name.ends_with('.') => name.push_str(field),
                Step::Name(field) => {
                    name.push('.');
                    name.push_str(field);
                }
                Step::Index(_) | Step::Every | Step::Where(..) if name.ends_with("[]") => {}
                Step::Index(_) | Step::Every | Step::Where(..) => name.push_str("[]"),
            }
        }
        name
    }
}

/// Lets a pipe name fields, parameters and tables.
struct Namer<'c, 'p> {
    compiler: &'c mut Compiler<'p>,
    line: u32,
}

impl Names for Namer<'_, '_> {
    fn source(&mut self, path: &str) -> Result<Source, Wrong> {
        self.compiler.named(path, self.line)
    }

    fn or(&mut self, path: &str) -> Result<Pipe, Wrong> {
        let source = self.source(path)?;
        Ok(self.compiler.or(source))
    }

    fn table(&self, name: &str) -> Result<Arc<Table>, Wrong> {
        self.compiler.tables.get(name).cloned()
    }
}
