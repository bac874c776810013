//! The example of a lead type: one fictional lead, and the ping its rules make of it.

use super::json::{Json, Node, parse};
use super::object::{Object, Problems, Shape};
use outcry_core::lead::Lead;
use outcry_core::lead_type::LeadType;
use outcry_core::moment::{Moment, Stamp};
use outcry_core::ping_view::{PingValue, PingView, ViewSpec};
use outcry_core::raw::Raw;
use outcry_core::validate::{Stage, validate};
use outcry_core::value::Decimal;
use std::sync::Arc;

const SHAPE: Shape = Shape {
    required: &["as_of", "lead", "ping"],
    optional: &[],
    open: false,
};

/// The moment, the lead and the ping under `examples`; `None` if the text is no lead type file with examples.
pub fn examples(text: &str) -> Option<(Moment, Raw, Raw)> {
    let file = parse(text).ok()?;
    let examples = member(&file, "examples")?;
    let Json::Text(as_of) = &member(examples, "as_of")?.json else {
        return None;
    };
    Some((
        Stamp::parse(as_of)?.at,
        member(examples, "lead")?.raw(),
        member(examples, "ping")?.raw(),
    ))
}

fn member<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.json {
        Json::Object(members) => members.iter().find(|member| member.name == name).map(|member| &member.value),
        _ => None,
    }
}

/// The lead must pass at both stages, and its ping must come out as written.
pub(super) fn check(node: &Node, lead_type: &Arc<LeadType>, problems: &mut Problems) {
    let Some(examples) = Object::read(node, "examples", &SHAPE, problems) else {
        return;
    };
    let Some(as_of) = examples.text("as_of", "examples", problems) else {
        return;
    };
    let Some(as_of) = Stamp::parse(as_of) else {
        problems.add(
            examples.line_of("as_of"),
            "examples.as_of",
            "not a moment",
            "RFC 3339 with an offset",
        );
        return;
    };
    let (Some(lead), Some(ping)) = (examples.get("lead"), examples.get("ping")) else {
        return;
    };
    let line = |path: &str| line_of(lead, path);
    let raw = lead.raw();
    let at = |stage| validate(lead_type, &raw, stage, as_of.at);
    let checked = match (at(Stage::Ping), at(Stage::Post)) {
        (Ok(_), Ok(lead)) => lead,
        (_, Err(errors)) | (Err(errors), Ok(_)) => {
            for error in errors {
                let (place, what) = (line(&error.path), format!("the example lead is refused: {error}"));
                problems.add(place, &format!("examples.lead.{}", error.path), what, "");
            }
            return;
        }
    };
    compare(&checked, ping, as_of.at, problems);
}

/// The line of a member that an error's path begins with.
fn line_of(lead: &Node, path: &str) -> u32 {
    let name = path.split(['.', '[']).next().unwrap_or(path);
    member(lead, name).map_or(lead.line, |node| node.line)
}

fn compare(lead: &Lead, written: &Node, now: Moment, problems: &mut Problems) {
    match PingView::build(lead, &ViewSpec::default(), now) {
        Ok(view) => compare_members(&raw_view(&view), written, "examples.ping", problems),
        Err(stopped) => problems.add(
            written.line,
            "examples.ping",
            format!("the example would never leave: {stopped}"),
            "",
        ),
    }
}

fn compare_members(made: &Raw, written: &Node, path: &str, problems: &mut Problems) {
    let (Raw::Object(made), Json::Object(members)) = (made, &written.json) else {
        problems.add(written.line, path, "the example ping is not an object", "");
        return;
    };
    for (name, value) in made {
        match members.iter().find(|member| *member.name == **name) {
            None => problems.add(
                written.line,
                &format!("{path}.{name}"),
                "the rules put this into the ping, the example does not",
                format!("expected {}", Shown(value)),
            ),
            Some(member) if !same(value, &member.value.raw()) => {
                problems.add(
                    member.line,
                    &format!("{path}.{name}"),
                    "the rules make something else of the example lead",
                    format!("expected {}", Shown(value)),
                );
            }
            Some(_) => {}
        }
    }
    for member in members {
        if !made.iter().any(|(name, _)| **name == *member.name) {
            problems.add(
                member.line,
                &format!("{path}.{}", member.name),
                "the rules keep this home, the example has it",
                "take it out",
            );
        }
    }
}

/// Equal in meaning: numbers by value, members in any order.
fn same(a: &Raw, b: &Raw) -> bool {
    match (a, b) {
        (Raw::Number(a), Raw::Number(b)) => match (Decimal::parse(a), Decimal::parse(b)) {
            (Some(a), Some(b)) => a.compare(b).is_eq(),
            _ => a == b,
        },
        (Raw::List(a), Raw::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Raw::Object(a), Raw::Object(members)) => {
            a.len() == members.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}

fn raw_view(view: &PingView) -> Raw {
    Raw::Object(
        view.entries()
            .iter()
            .map(|(name, value)| ((**name).into(), raw_value(value)))
            .collect(),
    )
}

fn raw_value(value: &PingValue) -> Raw {
    match value {
        PingValue::Bool(yes) => Raw::Bool(*yes),
        PingValue::Int(number) => Raw::Number(number.to_string().into()),
        PingValue::Decimal(number) => Raw::Number(number.to_string().into()),
        PingValue::Text(text) => Raw::Text((**text).into()),
        PingValue::Date(date) => Raw::Text(date.to_string().into()),
        PingValue::Stamp(stamp) => Raw::Text(stamp.to_string().into()),
        PingValue::List(rows) => Raw::List(rows.iter().map(raw_view).collect()),
    }
}

/// Shows a value of an example ping; it is made up and may be seen.
struct Shown<'a>(&'a Raw);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Raw::Null => f.write_str("null"),
            Raw::Bool(yes) => write!(f, "{yes}"),
            Raw::Number(text) => f.write_str(text),
            Raw::Text(text) => write!(f, "{text:?}"),
            Raw::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { ", " }, Shown(item))?;
                }
                f.write_str("]")
            }
            Raw::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{name:?}: {}", if at == 0 { "" } else { ", " }, Shown(value))?;
                }
                f.write_str("}")
            }
        }
    }
}
