//! One of two parts, by a condition on the lead, the contract or the call: what a buyer wants "only if".

use super::{Style, Tree, compile};
use crate::call::RenderError;
use crate::file::{Kind, Node, Section};
use crate::read::{Found, TEST_KEYS, Test, tests};
use crate::template::{Compiler, Scope, Template, Val};
use std::borrow::Cow;

/// `{ when = { field = "lead_type", equals = "refinance" }, then = …, else = … }`
#[derive(Debug)]
pub(crate) struct Choice {
    when: When,
    then: Option<Tree>,
    otherwise: Option<Tree>,
}

/// A compiled condition.
#[derive(Debug)]
enum When {
    All(Vec<When>),
    Any(Vec<When>),
    Not(Box<When>),
    /// The value, or one of several, passes every test.
    Value(Template, Vec<Test>),
}

impl Choice {
    /// The part that is sent, if one is.
    pub(crate) fn pick(&self, scope: &Scope<'_>) -> Result<Option<&Tree>, RenderError> {
        let holds = self.when.holds(scope)?;
        Ok(if holds { self.then.as_ref() } else { self.otherwise.as_ref() })
    }

    /// Both parts.
    pub(crate) fn branches(&self) -> impl Iterator<Item = &Tree> {
        self.then.iter().chain(&self.otherwise)
    }

    /// Is this table a choice, and not a table that a buyer wants?
    pub(super) fn is_meant(section: &Section<'_>) -> bool {
        let has_branch = section.get("then").is_some() || section.get("else").is_some();
        has_branch && matches!(section.get("when").map(|when| &when.kind), Some(Kind::Table(_)))
    }

    pub(super) fn compile(node: &Node, what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Self> {
        let section = Section::open(node, what, &["when", "then", "else"], compiler.problems)?;
        let when = condition(section.get("when")?, &section.place("when"), compiler);
        let mut branch = |key: &str| {
            section
                .get(key)
                .map(|node| compile::tree(node, &section.place(key), style, compiler))
        };
        let (then, otherwise) = (branch("then"), branch("else"));
        Some(Self {
            when: when?,
            then: then.map_or(Some(None), |tree| tree.map(Some))?,
            otherwise: otherwise.map_or(Some(None), |tree| tree.map(Some))?,
        })
    }
}

impl When {
    fn holds(&self, scope: &Scope<'_>) -> Result<bool, RenderError> {
        Ok(match self {
            Self::Not(inner) => !inner.holds(scope)?,
            Self::All(inner) => {
                for one in inner {
                    if !one.holds(scope)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Any(inner) => {
                for one in inner {
                    if one.holds(scope)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Value(template, tests) => passes(&template.value(scope)?, tests),
        })
    }
}

/// Nothing, null, blank text and an empty list count as absent, as in answers.
fn passes(value: &Val<'_>, asked: &[Test]) -> bool {
    let all = |found: &Found<'_>| asked.iter().all(|test| test.passes(found) == Ok(true));
    let said = |text: &str| match text.trim() {
        "" => asked.iter().all(|test| matches!(test, Test::Absent)),
        text => all(&Found::Text(Cow::Borrowed(text))),
    };
    match value {
        Val::Missing | Val::Null => said(""),
        Val::Texts(texts) if texts.is_empty() => said(""),
        Val::Texts(texts) => texts.iter().any(|text| said(text)),
        Val::List(rows) if rows.is_empty() => said(""),
        Val::Rows(rows) if rows.is_empty() => said(""),
        Val::Text(text) => said(text),
        other => {
            let mut text = String::new();
            // Rows and views have no text; they are there, and that is all that can be asked of them.
            if other.push_text(&mut text) {
                said(&text)
            } else {
                all(&Found::Structure)
            }
        }
    }
}

/// Compiles a condition table; everything in one table must hold.
fn condition(node: &Node, what: &str, compiler: &mut Compiler<'_>) -> Option<When> {
    let keys: Vec<&str> = ["all", "any", "not", "field", "value", "exact"]
        .into_iter()
        .chain(TEST_KEYS)
        .collect();
    let section = Section::open(node, what, &keys, compiler.problems)?;
    let mut parts = Vec::new();
    for entry in section.entries() {
        let place = section.place(&entry.key);
        match entry.key.as_str() {
            "all" => parts.push(list(&entry.value, &place, compiler).map(When::All)),
            "any" => parts.push(list(&entry.value, &place, compiler).map(When::Any)),
            "not" => parts.push(condition(&entry.value, &place, compiler).map(|inner| When::Not(Box::new(inner)))),
            "field" | "value" => parts.push(value(&entry.key, &section, compiler)),
            _ => {}
        }
    }
    let mut parts: Vec<When> = parts.into_iter().collect::<Option<_>>()?;
    match (parts.pop(), parts.is_empty()) {
        (None, _) => {
            let hint = "write it like { field = \"lead_type\", equals = \"refinance\" } or { value = \"{dob | age}\", greater_than = 64 }";
            compiler.problems.add(node.line, what, "asks nothing", hint);
            None
        }
        (Some(only), true) => Some(only),
        (Some(last), false) => {
            parts.push(last);
            Some(When::All(parts))
        }
    }
}

fn list(node: &Node, what: &str, compiler: &mut Compiler<'_>) -> Option<Vec<When>> {
    let Kind::Array(items) = &node.kind else {
        let message = format!("{} where a list of conditions belongs", node.word());
        compiler.problems.add(node.line, what, message, "write it like [{ … }, { … }]");
        return None;
    };
    let items = items.iter().enumerate();
    let conditions: Vec<_> = items
        .map(|(at, item)| condition(item, &format!("{what}[{at}]"), compiler))
        .collect();
    conditions.into_iter().collect()
}

/// `field = "zip"` is short for `value = "{zip}"`.
fn value(key: &str, section: &Section<'_>, compiler: &mut Compiler<'_>) -> Option<When> {
    let text = section.text(key, compiler.problems)?;
    let line = section.get(key)?.line;
    let place = section.place(key);
    let template = match key {
        "field" => compiler.template(&format!("{{{text}}}"), line, &place),
        _ => compiler.template(text, line, &place),
    };
    if !section.entries().iter().any(|entry| TEST_KEYS.contains(&entry.key.as_str())) {
        let hint = format!("add one of: {}", TEST_KEYS.join(", "));
        compiler.problems.add(line, place, "is looked at, but nothing is asked of it", hint);
        return None;
    }
    let tests = tests(section, compiler.problems);
    Some(When::Value(template?, tests?))
}
