//! Checks a lead as it came in against its lead type, and puts every value into its normal form.
//!
//! All errors at once, one for each wrong field, and none of them repeats what was sent: it may be personal.
//! Form and XML bodies carry only text, so text is read as a number, a boolean or a list row where the field asks
//! for one.

mod near;
mod normal;
mod output;
#[cfg(test)]
mod tests;

use crate::field::{AppliesIf, Field, Group, Kind, PingRule, Transform};
use crate::lead::{Lead, Origin, Row, Slot};
use crate::lead_type::{FieldSet, LeadType};
use crate::moment::Moment;
use crate::raw::Raw;
use crate::value::Value;
pub use near::closest;
pub use normal::{STATES, is_state};
pub(crate) use normal::{domain, email, phone, zip};
use std::fmt;
use std::sync::Arc;

/// What the lead was sent for: it decides which fields are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// An inbound ping: partial data, and a transform's output may stand in for the field itself.
    Ping,
    /// An inbound post, or a lead sold in one call.
    Post,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// A stable word for programs: `missing`, `not_in_list`, `bad_phone`.
    pub code: &'static str,
    /// Where: `drivers[0].violations[1].date`. Empty for the lead itself.
    pub path: String,
    /// What was expected, for people. Never what was sent, only its kind.
    pub expected: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the lead" } else { &self.path };
        match self.code {
            "missing" => write!(f, "{path} is missing: expected {}", self.expected),
            "unknown_field" => write!(f, "{path} is not a field of this lead type: expected {}", self.expected),
            _ => write!(f, "{path} is wrong: expected {}", self.expected),
        }
    }
}

/// Enough to repair a lead with; a hostile body could name a million unknown fields.
const MOST_ERRORS: usize = 100;

/// Checks a lead at a stage and locks its personal values away.
///
/// Empty text and `null` count as not sent. A value sent for a field that does not apply is dropped without a
/// word: forms send all their columns. Where both a field and its ping output are sent, the field wins. An output is a
/// known name at both stages, and stands in for a required field at [`Stage::Ping`] only.
///
/// # Errors
/// Every wrong field once, in form order and unknown names first; at most a hundred.
pub fn validate(lead_type: &Arc<LeadType>, raw: &Raw, stage: Stage, now: Moment) -> Result<Lead, Vec<FieldError>> {
    let mut check = Check {
        stage,
        now,
        errors: Vec::new(),
    };
    let row = check.row(&lead_type.fields, raw, &Path::Root);
    if check.errors.is_empty() {
        Ok(Lead {
            lead_type: lead_type.clone(),
            row,
            origin: Origin::default(),
        })
    } else {
        Err(check.errors)
    }
}

/// Checks one value of one field, as if it were sent in a post: for defaults and examples in lead type files,
/// and for values that filters compare with.
///
/// # Errors
/// As [`validate`], with paths from this field on.
pub fn check_value(field: &Field, raw: &Raw, now: Moment) -> Result<Value, Vec<FieldError>> {
    let mut check = Check {
        stage: Stage::Post,
        now,
        errors: Vec::new(),
    };
    match check.value(field, raw, &Path::Field(&Path::Root, &field.name)) {
        Some(value) => Ok(value),
        None => Err(check.errors),
    }
}

/// A value that cannot be taken, before it is known where it stands.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    code: &'static str,
    expected: String,
}

impl Wrong {
    fn new(code: &'static str, expected: impl Into<String>) -> Self {
        Self {
            code,
            expected: expected.into(),
        }
    }

    /// The right thing was not even of the right kind.
    fn kind(expected: &str, raw: &Raw) -> Self {
        Self::new("wrong_type", format!("{expected}; {} was sent", raw.kind()))
    }
}

/// Where in the lead we are; written out only when something is wrong.
enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// What a source sent for one field.
#[derive(Clone, Copy, Default)]
struct Sent<'a> {
    field: Option<&'a Raw>,
    output: Option<&'a Raw>,
}

/// What became of it.
enum Read {
    Absent,
    Wrong,
    Value(Value),
    Output(Value),
}

/// Does the field belong to this lead?
enum Applies {
    Yes,
    No,
    /// The field it depends on is wrong: say nothing of what is missing until that is repaired.
    Unknown,
}

struct Check {
    stage: Stage,
    now: Moment,
    errors: Vec<FieldError>,
}

impl Check {
    fn error(&mut self, path: &Path<'_>, wrong: Wrong) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(FieldError {
                code: wrong.code,
                path: path.to_string(),
                expected: wrong.expected,
            });
        }
    }

    fn row(&mut self, set: &FieldSet, raw: &Raw, path: &Path<'_>) -> Row {
        let mut row = Row::empty(set);
        let Raw::Object(members) = raw else {
            self.error(path, Wrong::kind("named fields", raw));
            return row;
        };
        let inbound = self.sort(set, members, path);
        let mut reads: Vec<Option<Read>> = Vec::new();
        reads.resize_with(set.fields.len(), || None);
        for at in 0..set.fields.len() {
            self.settle(set, &inbound, &mut reads, at, path);
        }
        for (at, (field, read)) in set.fields.iter().zip(reads).enumerate() {
            match read {
                Some(Read::Value(value)) => row.set(at, Some(Slot::for_privacy(field.privacy, value))),
                Some(Read::Output(output)) => row.give(at, output),
                Some(Read::Absent | Read::Wrong) | None => {}
            }
        }
        row
    }

    /// Puts what was sent in the order of the fields.
    fn sort<'a>(&mut self, set: &FieldSet, members: &'a [(Box<str>, Raw)], path: &Path<'_>) -> Vec<Sent<'a>> {
        let mut inbound = vec![Sent::default(); set.fields.len()];
        for (name, raw) in members {
            let raw = Some(raw).filter(|raw| !is_blank(raw));
            if set.get(name).is_some_and(|field| field.group == Group::Derived) {
                self.unknown(set, name, path);
            } else if let Some(at) = set.position(name) {
                inbound[at].field = raw;
                if output_of(&set.fields[at]).is_some_and(|(output, _)| *output == **name) {
                    inbound[at].output = raw;
                }
            } else if let Some(at) = set.ping_position(name) {
                inbound[at].output = raw;
            } else {
                self.unknown(set, name, path);
            }
        }
        inbound
    }

    fn unknown(&mut self, set: &FieldSet, name: &str, path: &Path<'_>) {
        if self.errors.len() >= MOST_ERRORS {
            return; // looking for near names is the dearest thing here, and nobody will read the answer
        }
        // a source that mixes up names and values must not see the value in a log
        let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let few_digits = name.bytes().filter(u8::is_ascii_digit).count() < 5;
        let shown = if word && few_digits && name.len() <= 64 { name } else { "(a name)" };
        let asked_for = set.fields.iter().filter(|field| field.group != Group::Derived);
        let names = asked_for.flat_map(|field| [&*field.name, &**field.ping_name()]);
        let expected = match closest(name, names) {
            Some(near) => format!("a field of the lead type; did you mean {near}?"),
            None => "only fields of the lead type".to_owned(),
        };
        self.error(&Path::Field(path, shown), Wrong::new("unknown_field", expected));
    }

    /// Reads a field, and before it the one it depends on.
    fn settle(&mut self, set: &FieldSet, inbound: &[Sent<'_>], reads: &mut [Option<Read>], at: usize, path: &Path<'_>) {
        if reads[at].is_some() {
            return;
        }
        reads[at] = Some(Read::Absent); // where conditions run in a circle, it ends here
        let field = &set.fields[at];
        let applies = match &field.applies_if {
            None => Applies::Yes,
            Some(condition) => match set.position(&condition.field) {
                None => Applies::No,
                Some(other) => {
                    self.settle(set, inbound, reads, other, path);
                    applies(condition, reads[other].as_ref())
                }
            },
        };
        reads[at] = Some(match applies {
            Applies::No => Read::Absent,
            Applies::Yes => self.field(field, inbound[at], path, self.is_required(field)),
            Applies::Unknown => self.field(field, inbound[at], path, false),
        });
    }

    const fn is_required(&self, field: &Field) -> bool {
        match self.stage {
            Stage::Ping => field.required.ping,
            Stage::Post => field.required.post,
        }
    }

    fn field(&mut self, field: &Field, sent: Sent<'_>, parent: &Path<'_>, required: bool) -> Read {
        let path = Path::Field(parent, &field.name);
        let before = self.errors.len();
        if let Some(raw) = sent.field
            && let Some(value) = self.value(field, raw, &path)
        {
            return Read::Value(value);
        }
        let output = match (output_of(field), sent.output) {
            (Some((name, transform)), Some(raw)) => Some((name, output::read(transform, &field.kind, raw))),
            _ => None,
        };
        match output {
            Some((_, Ok(output))) if self.stage == Stage::Ping || !required => {
                self.errors.truncate(before);
                return Read::Output(output);
            }
            // the error of the field itself says more
            Some((_, Err(_))) if sent.field.is_some() => {}
            Some((name, Err(wrong))) => self.error(&Path::Field(parent, name), wrong),
            Some((_, Ok(_))) | None => {}
        }
        if self.errors.len() > before {
            return Read::Wrong;
        }
        if let Some(default) = &field.bounds.default {
            return Read::Value(default.clone());
        }
        if required {
            self.error(&path, Wrong::new("missing", normal::describe(field)));
            return Read::Wrong;
        }
        Read::Absent
    }

    fn value(&mut self, field: &Field, raw: &Raw, path: &Path<'_>) -> Option<Value> {
        if let Kind::List(set) = &field.kind {
            return self.list(field, set, raw, path);
        }
        match normal::value(field, raw, self.now) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.error(path, wrong);
                None
            }
        }
    }

    fn list(&mut self, field: &Field, set: &FieldSet, raw: &Raw, path: &Path<'_>) -> Option<Value> {
        let items = match raw {
            Raw::List(items) => items.as_slice(),
            // XML cannot tell one row from a list of one
            Raw::Object(_) => std::slice::from_ref(raw),
            Raw::Null | Raw::Bool(_) | Raw::Number(_) | Raw::Text(_) => {
                self.error(path, Wrong::kind("a list of rows", raw));
                return None;
            }
        };
        if let Err(wrong) = normal::item_count(&field.bounds, items.len()) {
            self.error(path, wrong);
            return None;
        }
        let before = self.errors.len();
        let rows = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.row(set, item, &Path::Item(path, index)))
            .collect();
        (self.errors.len() == before).then_some(Value::List(rows))
    }
}

fn is_blank(raw: &Raw) -> bool {
    match raw {
        Raw::Null => true,
        Raw::Text(text) => text.trim().is_empty(),
        Raw::Bool(_) | Raw::Number(_) | Raw::List(_) | Raw::Object(_) => false,
    }
}

/// The name and the making of what goes out in place of a field.
fn output_of(field: &Field) -> Option<(&str, &Transform)> {
    match &field.ping {
        PingRule::Transform { transform, name, .. } => Some((name, transform)),
        PingRule::Allow { .. } | PingRule::Deny { .. } => None,
    }
}

fn applies(condition: &AppliesIf, other: Option<&Read>) -> Applies {
    match other {
        Some(Read::Value(value)) if condition.any_of.contains(value) => Applies::Yes,
        Some(Read::Wrong) => Applies::Unknown,
        Some(Read::Value(_) | Read::Absent | Read::Output(_)) | None => Applies::No,
    }
}
