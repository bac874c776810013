//! [`Expr`] + [`LeadType`] → [`Filter`]: names become positions, lists become sets, and what cannot be is refused.

use super::axis::Axis;
use super::eval::{Among, Check, Test};
use super::expr::{Expr, Is, Node, Subject};
use super::found::Watch;
use super::known::Known;
use super::names::Scope;
use super::problem::{FilterProblem, Trouble};
use super::spans::Spans;
use super::state_set::StateSet;
use super::texts::Texts;
use super::truth::{Join, Truth};
use super::{Clause, Filter};
use crate::lead_type::LeadType;
use std::collections::HashSet;
use std::sync::Arc;

pub(super) fn compile(expr: &Expr, lead_type: &LeadType, known: &Known) -> Result<Filter, Vec<FilterProblem>> {
    let mut compiler = Compiler {
        texts: Texts::default(),
        problems: Vec::new(),
    };
    let parts = spine(expr);
    let pieces = compiler.parts(&parts, Join::And, &Scope::of_lead(lead_type, known));
    if !compiler.problems.is_empty() {
        return Err(compiler.problems);
    }
    let mut states: Option<StateSet> = None;
    let clauses = parts.iter().zip(pieces.into_iter().flatten()).map(|(part, piece)| {
        if let Some(own) = piece.body.truth().and_then(Truth::states) {
            states = Some(states.map_or(own, |known| known.intersection(own)));
        }
        let check = piece.body.into_check(&compiler.texts);
        let brief: Arc<str> = part.brief().into();
        Clause {
            whole: if matches!(check, Check::Test(_)) {
                brief.clone()
            } else {
                part.to_string().into()
            },
            check,
            part: brief,
            watched: piece.watched.into(),
        }
    });
    let clauses: Box<[Clause]> = clauses.collect();
    Ok(Filter { clauses, states })
}

/// The conditions that must all hold, however they were put in parentheses: each can be the deciding part.
fn spine(expr: &Expr) -> Vec<&Expr> {
    match &expr.node {
        Node::And(parts) => parts.iter().flat_map(spine).collect(),
        Node::Or(_) | Node::Not(_) | Node::AnyRow(..) | Node::AllRows(..) | Node::Test(..) => vec![expr],
    }
}

struct Compiler {
    texts: Texts,
    problems: Vec<FilterProblem>,
}

/// A condition, compiled, and the values it looks at.
struct Piece {
    body: Body,
    watched: Vec<Watch>,
}

/// As far as a condition speaks of one value, it stays a set.
enum Body {
    Truth(Truth),
    Check(Check),
}

impl Compiler {
    /// `None` where it stands on a problem, which is noted.
    fn piece(&mut self, expr: &Expr, scope: &Scope<'_>) -> Option<Piece> {
        match &expr.node {
            Node::And(parts) => self.joined(parts, Join::And, scope),
            Node::Or(parts) => self.joined(parts, Join::Or, scope),
            Node::Not(inner) => Some(self.piece(inner, scope)?.negated()),
            Node::AnyRow(list, each) => self.rows(expr, list, each, scope, Check::AnyRow),
            Node::AllRows(list, each) => self.rows(expr, list, each, scope, Check::AllRows),
            Node::Test(subject, is) => {
                let piece = self.test(subject, is, scope);
                self.noted(expr, piece)
            }
        }
    }

    fn noted<T>(&mut self, expr: &Expr, result: Result<T, Trouble>) -> Option<T> {
        match result {
            Ok(fine) => Some(fine),
            Err(trouble) => {
                self.problems.push(FilterProblem {
                    at: expr.at,
                    part: expr.brief().into(),
                    trouble,
                });
                None
            }
        }
    }

    fn test(&mut self, subject: &Subject, is: &Is, scope: &Scope<'_>) -> Result<Piece, Trouble> {
        let (source, axis) = scope.value(subject, is)?;
        let name: Arc<str> = subject.to_string().into();
        let watched = vec![Watch::Value(name.clone(), source.clone())];
        let (spans, missing) = match is {
            Is::Present => (Spans::all(), false),
            Is::Absent => (Spans::none(), true),
            Is::StartsWith(prefix) if matches!(axis, Axis::Texts) => {
                let test = Test {
                    of: source,
                    missing: false,
                    among: Among::Prefix(prefix.as_ref().into()),
                };
                return Ok(Piece {
                    body: Body::Check(Check::Test(test)),
                    watched,
                });
            }
            _ => (axis.spans(&name, is, &mut self.texts, scope.known)?, false),
        };
        let truth = Truth {
            subject: subject.clone(),
            source,
            axis: Arc::new(axis),
            spans,
            missing,
        };
        if truth.is_never() {
            Err(Trouble::Never)
        } else if truth.is_always() {
            Err(Trouble::Always)
        } else {
            Ok(Piece {
                body: Body::Truth(truth),
                watched,
            })
        }
    }

    fn rows(
        &mut self,
        expr: &Expr,
        list: &Arc<str>,
        each: &Expr,
        scope: &Scope<'_>,
        check: fn(usize, Box<Check>) -> Check,
    ) -> Option<Piece> {
        let (at, rows) = self.noted(expr, scope.rows(list))?;
        let Piece { body, watched } = self.piece(each, &rows)?;
        let body = Body::Check(check(at, Box::new(body.into_check(&self.texts))));
        Some(Piece {
            body,
            watched: vec![Watch::Rows(list.clone(), at, watched)],
        })
    }

    fn joined(&mut self, parts: &[Expr], join: Join, scope: &Scope<'_>) -> Option<Piece> {
        let pieces = self.parts(&parts.iter().collect::<Vec<_>>(), join, scope);
        let mut watched = Vec::new();
        let mut bodies = Vec::new();
        for piece in pieces {
            let piece = piece?;
            Watch::merge(&mut watched, piece.watched);
            bodies.push(piece.body);
        }
        let body = match one_truth(&bodies, join) {
            Some(truth) => Body::Truth(truth),
            None => Body::Check(join.check(bodies.into_iter().map(|body| body.into_check(&self.texts)).collect())),
        };
        Some(Piece { body, watched })
    }

    /// The parts of one `and` or `or`, each for itself and then against the others.
    fn parts(&mut self, parts: &[&Expr], join: Join, scope: &Scope<'_>) -> Vec<Option<Piece>> {
        let pieces: Vec<Option<Piece>> = parts.iter().map(|part| self.piece(part, scope)).collect();
        if parts.len() > 1 {
            self.note_twice(parts);
            let truths = parts
                .iter()
                .zip(&pieces)
                .filter_map(|(part, piece)| Some((*part, piece.as_ref()?.body.truth()?)));
            self.note_together(&truths.collect::<Vec<_>>(), join);
        }
        pieces
    }

    fn note_twice(&mut self, parts: &[&Expr]) {
        let mut said = HashSet::new();
        for part in parts.iter().filter(|part| !said.insert(part.to_string())) {
            self.noted(part, Err::<(), _>(Trouble::Twice));
        }
    }

    /// Takes together what is said of each value.
    fn note_together(&mut self, truths: &[(&Expr, &Truth)], join: Join) {
        for (first, (part, truth)) in truths.iter().enumerate() {
            let same = |(_, other): &&(&Expr, &Truth)| other.is_of_same_value(truth);
            if truths[..first].iter().any(|other| same(&other)) || !truths[first + 1..].iter().any(|other| same(&other)) {
                continue;
            }
            let later = truths[first + 1..].iter().filter(same);
            let all = later.fold((*truth).clone(), |all, (_, other)| all.joined(other, join));
            let trouble = match join {
                Join::And if all.is_never() => Trouble::NeverTogether {
                    subject: truth.subject.to_string().into(),
                },
                Join::Or if all.is_always() => Trouble::Always,
                Join::And | Join::Or => continue,
            };
            let said: Vec<String> = truths[first..].iter().filter(same).map(|(part, _)| part.brief()).collect();
            self.problems.push(FilterProblem {
                at: part.at,
                part: said.join(join.word()).into(),
                trouble,
            });
        }
    }
}

/// One truth for parts that all speak of one value.
fn one_truth(bodies: &[Body], join: Join) -> Option<Truth> {
    let (first, rest) = bodies.split_first()?;
    rest.iter().try_fold(first.truth()?.clone(), |all, body| {
        let truth = body.truth().filter(|truth| truth.is_of_same_value(&all))?;
        Some(all.joined(truth, join))
    })
}

impl Piece {
    fn negated(self) -> Self {
        let body = match self.body {
            Body::Truth(truth) => Body::Truth(truth.negated()),
            Body::Check(check) => Body::Check(Check::Not(Box::new(check))),
        };
        Self { body, ..self }
    }
}

impl Body {
    const fn truth(&self) -> Option<&Truth> {
        match self {
            Self::Truth(truth) => Some(truth),
            Self::Check(_) => None,
        }
    }

    fn into_check(self, texts: &Texts) -> Check {
        match self {
            Self::Check(check) => check,
            Self::Truth(truth) => Check::Test(truth.into_test(texts)),
        }
    }
}
