//! Reads one field of a lead type.

use super::bounds::bounds;
use super::json::{Json, Node};
use super::object::{Object, Problems, Shape, is_snake_case, one_of, word};
use super::ping::ping_rule;
use super::siblings::{applies_if, no_circles, unique_names};
use outcry_core::field::{AppliesIf, Bounds, Field, Group, Kind, PingRule, Privacy, Required};
use outcry_core::lead_type::FieldSet;
use outcry_core::moment::Moment;
use outcry_core::validate::{check_value, closest};
use std::sync::Arc;

/// What reading a field needs to know of the file around it.
pub(super) struct Around<'a> {
    pub(super) problems: Problems,
    /// The ids under `sources` of the file.
    pub(super) source_ids: Vec<&'a str>,
    /// When examples are looked at: ages depend on it.
    pub(super) now: Moment,
}

/// How deep lists may stand in lists: drivers hold violations, and that is enough.
const DEPTH_MAX: usize = 4;

const TYPES: [&str; 14] = [
    "string", "enum", "int", "decimal", "bool", "date", "datetime", "phone", "email", "zip", "state", "ip", "url", "list",
];

const FIELD: Shape = Shape {
    required: &["name", "label", "type", "group", "required", "pii", "ping", "example"],
    optional: &["applies_if", "values", "constraints", "item_fields", "sources", "notes"],
    open: false,
};

/// The fields of a list, as far as they can be read.
pub(super) fn fields(nodes: &[Node], prefix: &str, around: &mut Around<'_>) -> Vec<Field> {
    let mut read: Vec<(Field, Object<'_>)> = Vec::with_capacity(nodes.len());
    for node in nodes {
        read.extend(field(node, prefix, around));
    }
    let conditions: Vec<Option<AppliesIf>> = read
        .iter()
        .map(|(field, object)| applies_if(field, object, &read, prefix, around))
        .collect();
    for ((field, _), condition) in read.iter_mut().zip(conditions) {
        field.applies_if = condition;
    }
    unique_names(&read, prefix, &mut around.problems);
    no_circles(&read, prefix, &mut around.problems);
    read.into_iter().map(|(field, _)| field).collect()
}

fn field<'a>(node: &'a Node, prefix: &str, around: &mut Around<'_>) -> Option<(Field, Object<'a>)> {
    let path = format!("{prefix}{}", name_of(node).unwrap_or("(no name)"));
    let object = Object::read(node, &path, &FIELD, &mut around.problems)?;
    let problems = &mut around.problems;
    let name = object.text("name", &path, problems);
    if let Some(name) = name.filter(|name| !is_snake_case(name)) {
        let hint = "lower-case letters, digits and _, a letter first";
        problems.add(object.line_of("name"), &path, format!("the name `{name}` is not snake_case"), hint);
    }
    // what cannot be read is stood in for, so that keys and conditions that name it are not reported too
    let mut field = Field {
        name: name.unwrap_or_default().into(),
        label: object.text("label", &path, problems).unwrap_or_default().into(),
        kind: Kind::String,
        group: word(&object, "group", &path, &GROUPS, problems).unwrap_or(Group::Vertical),
        required: required(&object, &path, problems).unwrap_or(Required { ping: false, post: false }),
        applies_if: None,
        privacy: word(&object, "pii", &path, &PRIVACY, problems).unwrap_or(Privacy::None),
        ping: PingRule::Allow { except_states: Vec::new() },
        bounds: Bounds::default(),
        example: object.get("example").map(Node::raw),
    };
    sources(&object, &path, around);
    if let Some(kind) = kind(&object, &path, around) {
        field.kind = kind;
        field.bounds = bounds(&object, &field.kind, &path, &mut around.problems);
        rule(&mut field, &object, &path, &mut around.problems);
        values_of_its_own(&mut field, &object, prefix, around);
    }
    name.is_some().then_some((field, object))
}

/// The name of a field, before anything else of it is looked at.
fn name_of(node: &Node) -> Option<&str> {
    let Json::Object(members) = &node.json else { return None };
    members.iter().find_map(|member| match (&*member.name, &member.value.json) {
        ("name", Json::Text(name)) => Some(name.as_str()),
        _ => None,
    })
}

/// Its ping rule, and whether that suits its privacy.
fn rule(field: &mut Field, object: &Object<'_>, path: &str, problems: &mut Problems) {
    let Some(ping) = ping_rule(object, &field.kind, path, problems) else {
        return;
    };
    if field.privacy == Privacy::DirectIdentifier && !matches!(ping, PingRule::Deny { hard: true }) {
        let message = "a direct identifier must be hard-denied to pings";
        problems.add(object.line_of("ping"), path, message, r#""ping": {"mode": "deny", "hard": true}"#);
    }
    field.ping = ping;
}

const GROUPS: [(&str, Group); 4] = [
    ("contact", Group::Contact),
    ("consent", Group::Consent),
    ("session", Group::Session),
    ("vertical", Group::Vertical),
];

const PRIVACY: [(&str, Privacy); 4] = [
    ("direct_identifier", Privacy::DirectIdentifier),
    ("quasi_identifier", Privacy::QuasiIdentifier),
    ("sensitive", Privacy::Sensitive),
    ("none", Privacy::None),
];

fn required(object: &Object<'_>, path: &str, problems: &mut Problems) -> Option<Required> {
    const SHAPE: Shape = Shape {
        required: &["ping", "post"],
        optional: &[],
        open: false,
    };
    let stages = Object::read(object.get("required")?, path, &SHAPE, problems)?;
    let (ping, post) = (stages.bool("ping", path, problems), stages.bool("post", path, problems));
    Some(Required { ping: ping?, post: post? })
}

fn kind(object: &Object<'_>, path: &str, around: &mut Around<'_>) -> Option<Kind> {
    let problems = &mut around.problems;
    let name = object.text("type", path, problems)?;
    for (key, owner) in [("values", "enum"), ("item_fields", "list")] {
        match (object.get(key), name == owner) {
            (Some(node), false) => problems.add(
                node.line,
                path,
                format!("`{key}` belongs to type {owner} only"),
                format!("this field is of type {name}"),
            ),
            (None, true) => problems.add(object.line, path, format!("a field of type {owner} needs `{key}`"), ""),
            (Some(_), true) | (None, false) => {}
        }
    }
    Some(match name {
        "string" => Kind::String,
        "enum" => Kind::Enum(words(object, path, problems)),
        "int" => Kind::Int,
        "decimal" => Kind::Decimal,
        "bool" => Kind::Bool,
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "phone" => Kind::Phone,
        "email" => Kind::Email,
        "zip" => Kind::Zip,
        "state" => Kind::State,
        "ip" => Kind::Ip,
        "url" => Kind::Url,
        "list" => Kind::List(Arc::new(FieldSet::new(rows(object, path, around)))),
        _ => {
            problems.add(
                object.line_of("type"),
                path,
                format!("there is no type `{name}`"),
                one_of(TYPES.into_iter(), name),
            );
            return None;
        }
    })
}

fn words(object: &Object<'_>, path: &str, problems: &mut Problems) -> Vec<Arc<str>> {
    let words = object.texts("values", path, problems);
    if words.is_empty() && object.get("values").is_some() {
        problems.add(object.line_of("values"), path, "`values` holds no word", "name at least one");
    }
    for (at, (line, word)) in words.iter().enumerate() {
        // sources' words are matched without regard to case, so two that differ in case only would be one
        if words[..at].iter().any(|(_, earlier)| earlier.eq_ignore_ascii_case(word)) {
            problems.add(*line, path, format!("the value `{word}` stands here twice"), "keep one of them");
        }
        if word.trim() != *word {
            problems.add(*line, path, format!("the value `{word}` begins or ends with white space"), "");
        }
    }
    words.into_iter().map(|(_, word)| word.into()).collect()
}

fn rows(object: &Object<'_>, path: &str, around: &mut Around<'_>) -> Vec<Field> {
    let nodes = object.list("item_fields", path, &mut around.problems).unwrap_or_default();
    if nodes.is_empty() && object.get("item_fields").is_some() {
        around.problems.add(
            object.line_of("item_fields"),
            path,
            "`item_fields` holds no field",
            "name at least one",
        );
    }
    if path.matches("[]").count() + 1 >= DEPTH_MAX {
        around.problems.add(
            object.line,
            path,
            "lists stand too deep in lists",
            format!("at most {} levels", DEPTH_MAX - 1),
        );
        return Vec::new();
    }
    fields(nodes, &format!("{path}[]."), around)
}

/// Default and example must pass the field's own checks.
fn values_of_its_own(field: &mut Field, object: &Object<'_>, prefix: &str, around: &mut Around<'_>) {
    let default = match object.get("constraints").map(|node| &node.json) {
        Some(Json::Object(members)) => members.iter().find(|member| member.name == "default").map(|member| &member.value),
        _ => None,
    };
    for (what, node) in [("example", object.get("example")), ("default", default)] {
        let Some(node) = node else { continue };
        match check_value(field, &node.raw(), around.now) {
            Ok(value) if what == "default" => field.bounds.default = Some(value),
            Ok(_) => {}
            Err(errors) => {
                for error in errors {
                    around.problems.add(
                        node.line,
                        &format!("{prefix}{}", error.path),
                        format!("the {what} is refused by the field itself"),
                        format!("expected {}", error.expected),
                    );
                }
            }
        }
    }
}

fn sources(object: &Object<'_>, path: &str, around: &mut Around<'_>) {
    const SHAPE: Shape = Shape {
        required: &["id", "ping", "post"],
        optional: &[],
        open: false,
    };
    let problems = &mut around.problems;
    for node in object.list("sources", path, problems).unwrap_or_default() {
        let Some(source) = Object::read(node, path, &SHAPE, problems) else {
            continue;
        };
        for stage in ["ping", "post"] {
            if let Some(node) = source.get(stage)
                && !matches!(node.json, Json::Bool(_) | Json::Null)
            {
                problems.add(node.line, path, format!("`{stage}` of a source must be true, false or null"), "");
            }
        }
        if let Some(id) = source.text("id", path, problems).filter(|id| !around.source_ids.contains(id)) {
            let hint = closest(id, around.source_ids.iter().copied()).map_or_else(String::new, |near| format!("did you mean `{near}`?"));
            problems.add(
                source.line_of("id"),
                path,
                format!("`{id}` is not among the `sources` of the file"),
                hint,
            );
        }
    }
}
