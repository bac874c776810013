//! Reads the file as a whole: identity, compliance, keys, fields, and whether the example holds.

use super::LeadTypeProblem;
use super::example;
use super::field::{Around, fields};
use super::json::{Json, Node, parse};
use super::object::{Object, Problems, Shape, is_snake_case};
use super::ping::states;
use jiff::civil::Date;
use outcry_core::field::{Field, Kind, PingRule, Privacy};
use outcry_core::id::LeadTypeName;
use outcry_core::lead_type::{Compliance, FieldSet, LeadType, SellerSpecific};
use outcry_core::moment::{Moment, Stamp};
use outcry_core::validate::closest;
use std::sync::Arc;

const FORMAT: &str = "outcry.lead-type/1";

const FILE: Shape = Shape {
    required: &[
        "schema",
        "name",
        "label",
        "version",
        "as_of",
        "compliance",
        "dedupe_keys",
        "routing_keys",
        "notes",
        "sources",
        "fields",
        "examples",
    ],
    optional: &[],
    open: false,
};

pub(super) fn lead_type(text: &str) -> Result<LeadType, Vec<LeadTypeProblem>> {
    let node = parse(text).map_err(|problem| vec![problem])?;
    let mut problems = Problems::default();
    let read = whole(&node, &mut problems);
    let Problems(mut problems) = problems;
    problems.sort_by_key(|problem| problem.line);
    match read {
        Some(lead_type) if problems.is_empty() => Ok(lead_type),
        _ => Err(problems),
    }
}

fn whole(node: &Node, problems: &mut Problems) -> Option<LeadType> {
    let file = Object::read(node, "", &FILE, problems)?;
    if let Some(schema) = file.text("schema", "", problems).filter(|schema| *schema != FORMAT) {
        problems.add(
            file.line_of("schema"),
            "",
            format!("this reads `{FORMAT}`, and the file says `{schema}`"),
            "",
        );
    }
    let name = file.text("name", "", problems);
    if let Some(name) = name.filter(|name| !is_snake_case(name)) {
        problems.add(
            file.line_of("name"),
            "",
            format!("the name `{name}` is not snake_case"),
            "lower-case letters, digits and _, a letter first",
        );
    }
    let label = file.text("label", "", problems);
    let version = file.int("version", 1, "", problems).and_then(|version| u32::try_from(version).ok());
    let as_of = as_of(&file, problems);
    file.texts("notes", "", problems);
    let compliance = file.get("compliance").and_then(|node| compliance(node, problems));
    let mut around = Around {
        problems: std::mem::take(problems),
        source_ids: Vec::new(),
        now: example_moment(&file, as_of),
    };
    around.source_ids = source_ids(&file, &mut around.problems);
    let nodes = file.list("fields", "", &mut around.problems).unwrap_or_default();
    let fields = FieldSet::new(fields(nodes, "", &mut around));
    *problems = around.problems;
    let dedupe_keys = dedupe_keys(&file, &fields, problems);
    let routing_keys = routing_keys(&file, &fields, problems);
    asked_by_the_engine(&file, &fields, compliance.as_ref(), problems);
    let lead_type = Arc::new(LeadType {
        name: LeadTypeName::new(name?),
        label: label?.into(),
        version: version?,
        as_of: as_of?,
        compliance: compliance?,
        dedupe_keys,
        routing_keys,
        fields: Arc::new(fields),
    });
    // an example can only be judged by a type that stands
    if problems.0.is_empty()
        && let Some(node) = file.get("examples")
    {
        example::check(node, &lead_type, problems);
    }
    Arc::into_inner(lead_type)
}

fn as_of(file: &Object<'_>, problems: &mut Problems) -> Option<Date> {
    let text = file.text("as_of", "", problems)?;
    let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    if date.is_none() {
        problems.add(file.line_of("as_of"), "", "`as_of` is not a date", "as YYYY-MM-DD");
    }
    date
}

/// When examples are looked at: their own moment, or else the date of the file.
fn example_moment(file: &Object<'_>, as_of: Option<Date>) -> Moment {
    let own = file.get("examples").and_then(|node| match &node.json {
        Json::Object(members) => members.iter().find(|member| member.name == "as_of"),
        _ => None,
    });
    let stamp = own.and_then(|member| match &member.value.json {
        Json::Text(text) => Stamp::parse(text),
        _ => None,
    });
    let midnight = || as_of.and_then(|date| Stamp::parse(&format!("{date}T00:00:00Z")));
    stamp.or_else(midnight).map_or(Moment::from_unix_ms(0), |stamp| stamp.at)
}

fn source_ids<'a>(file: &Object<'a>, problems: &mut Problems) -> Vec<&'a str> {
    const SHAPE: Shape = Shape {
        required: &["id", "publisher", "title", "url", "kind", "seen"],
        optional: &[],
        open: false,
    };
    const KINDS: [&str; 5] = ["posting_spec", "observed_payload", "data_dictionary", "rule", "article"];
    let mut ids = Vec::new();
    for node in file.list("sources", "", problems).unwrap_or_default() {
        let Some(source) = Object::read(node, "sources", &SHAPE, problems) else {
            continue;
        };
        for key in ["publisher", "title", "url", "seen"] {
            source.text(key, "sources", problems);
        }
        if let Some(kind) = source.text("kind", "sources", problems).filter(|kind| !KINDS.contains(kind)) {
            problems.add(
                source.line_of("kind"),
                "sources",
                format!("`kind` cannot be `{kind}`"),
                format!("one of {}", KINDS.join(", ")),
            );
        }
        if let Some(id) = source.text("id", "sources", problems) {
            if ids.contains(&id) {
                problems.add(source.line_of("id"), "sources", format!("two sources are called `{id}`"), "");
            }
            ids.push(id);
        }
    }
    ids
}

fn compliance(node: &Node, problems: &mut Problems) -> Option<Compliance> {
    const SHAPE: Shape = Shape {
        required: &[
            "consent",
            "seller_specific_consent",
            "buyer_licence_filter",
            "health_data",
            "glba_finder",
            "retention_years",
        ],
        optional: &[
            "seller_specific_states",
            "opt_in_types_allowed",
            "retention_reason",
            "prohibited_use_fields",
        ],
        open: true,
    };
    const PATH: &str = "compliance";
    let object = Object::read(node, PATH, &SHAPE, problems)?;
    let consent = object.text("consent", PATH, problems);
    let licence = object.text("buyer_licence_filter", PATH, problems);
    let health_data = object.bool("health_data", PATH, problems);
    let glba_finder = object.bool("glba_finder", PATH, problems);
    let years = object
        .int("retention_years", 0, PATH, problems)
        .and_then(|years| u32::try_from(years).ok());
    let seller_specific = seller_specific(&object, problems);
    let shared = |texts: Vec<(u32, &str)>| texts.into_iter().map(|(_, text)| text.into()).collect();
    let opt_in_types_allowed = shared(object.texts("opt_in_types_allowed", PATH, problems));
    let prohibited_use_fields = shared(object.texts("prohibited_use_fields", PATH, problems));
    Some(Compliance {
        consent: consent?.into(),
        seller_specific: seller_specific?,
        opt_in_types_allowed,
        buyer_licence_filter: licence?.into(),
        health_data: health_data?,
        glba_finder: glba_finder?,
        retention_years: years?,
        prohibited_use_fields,
    })
}

fn seller_specific(object: &Object<'_>, problems: &mut Problems) -> Option<SellerSpecific> {
    const PATH: &str = "compliance";
    let node = object.get("seller_specific_consent")?;
    let named = object.texts("seller_specific_states", PATH, problems);
    match &node.json {
        Json::Bool(true) => Some(SellerSpecific::Always),
        Json::Bool(false) => Some(SellerSpecific::No),
        Json::Text(text) if text == "per_state" && named.iter().any(|(_, state)| *state == "*") => Some(SellerSpecific::Always),
        Json::Text(text) if text == "per_state" => {
            let states = states(object, "seller_specific_states", PATH, problems);
            if states.is_empty() {
                let message = "`per_state` without states asks for nothing";
                problems.add(
                    node.line,
                    PATH,
                    message,
                    "name them under `seller_specific_states`, or say true or false",
                );
            }
            Some(SellerSpecific::InStates(states))
        }
        _ => {
            problems.add(
                node.line,
                PATH,
                "`seller_specific_consent` must be true, false or \"per_state\"",
                "",
            );
            None
        }
    }
}

fn dedupe_keys(file: &Object<'_>, fields: &FieldSet, problems: &mut Problems) -> Vec<Vec<Arc<str>>> {
    let keys = file.texts("dedupe_keys", "", problems);
    for (line, key) in &keys {
        for name in key.split('+') {
            match fields.get(name) {
                None => {
                    let near = closest(name, fields.fields.iter().map(|field| &*field.name));
                    problems.add(
                        *line,
                        "dedupe_keys",
                        format!("`{name}` is not a field"),
                        near.map_or_else(String::new, |near| format!("did you mean `{near}`?")),
                    );
                }
                Some(field) if field.rows().is_some() => {
                    problems.add(
                        *line,
                        "dedupe_keys",
                        format!("`{name}` is a list, and lists do not identify a person"),
                        "",
                    );
                }
                Some(_) => {}
            }
        }
    }
    keys.into_iter().map(|(_, key)| key.split('+').map(Arc::from).collect()).collect()
}

fn routing_keys(file: &Object<'_>, fields: &FieldSet, problems: &mut Problems) -> Vec<Arc<str>> {
    let keys = file.texts("routing_keys", "", problems);
    for (line, key) in &keys {
        if let Err((message, hint)) = in_ping(fields, key) {
            problems.add(*line, "routing_keys", message, hint);
        }
    }
    keys.into_iter().map(|(_, key)| key.into()).collect()
}

/// Does a ping carry a value of this name? `drivers[].age_bracket` reaches into a list.
fn in_ping(fields: &FieldSet, key: &str) -> Result<(), (String, String)> {
    let (name, rest) = key.split_once("[].").map_or((key, None), |(name, rest)| (name, Some(rest)));
    let Some(field) = fields.ping_position(name).map(|at| &fields.fields[at]) else {
        let near = closest(name, fields.fields.iter().map(|field| &**field.ping_name()));
        return Err((
            format!("no ping carries `{name}`"),
            near.map_or_else(String::new, |near| format!("did you mean `{near}`?")),
        ));
    };
    if matches!(field.ping, PingRule::Deny { .. }) {
        return Err((
            format!("`{name}` stays home, so nobody can price by it"),
            "allow it, or give it a transform".to_owned(),
        ));
    }
    match (rest, field.rows()) {
        (None, _) => Ok(()),
        (Some(rest), Some(rows)) => in_ping(rows, rest),
        (Some(_), None) => Err((format!("`{name}` is not a list"), String::new())),
    }
}

/// Fields that the consent gate and the state rules read by name.
fn asked_by_the_engine(file: &Object<'_>, fields: &FieldSet, compliance: Option<&Compliance>, problems: &mut Problems) {
    const ASKED: [(&str, &str, &str); 5] = [
        ("state", "state", "state rules and licences go by it"),
        ("consent_given", "bool", "the consent gate reads it"),
        ("consent_at", "datetime", "the consent gate reads it"),
        ("consent_text", "string", "the consent gate reads it"),
        ("consent_page_url", "url", "the consent gate reads it"),
    ];
    let line = file.line_of("fields");
    let mut ask = |set: &FieldSet, path: &str, name: &str, kind: &str, why: &str| match set.get(name) {
        None => problems.add(line, path, format!("the field `{name}` of type {kind} is missing"), why),
        Some(Field { kind: is, .. }) if is.word() != kind => {
            problems.add(line, path, format!("`{name}` must be of type {kind}, not {}", is.word()), why);
        }
        Some(Field {
            privacy: Privacy::DirectIdentifier,
            ..
        }) => {
            problems.add(line, path, format!("`{name}` cannot be a direct identifier"), why);
        }
        Some(_) => {}
    };
    for (name, kind, why) in ASKED {
        ask(fields, "fields", name, kind, why);
    }
    let Some(compliance) = compliance else { return };
    if compliance.seller_specific != SellerSpecific::No {
        let why = "consent must name the buyer";
        ask(fields, "fields", "consent_sellers", "list", why);
        if let Some(rows) = fields.get("consent_sellers").and_then(Field::rows) {
            ask(rows, "consent_sellers", "name", "string", why);
            ask(rows, "consent_sellers", "selected", "bool", why);
        }
    }
    for way in &compliance.opt_in_types_allowed {
        let known = matches!(fields.get("opt_in_type").map(|field| &field.kind), Some(Kind::Enum(words)) if words.contains(way));
        if !known {
            problems.add(
                file.line_of("compliance"),
                "compliance",
                format!("`opt_in_types_allowed` names `{way}`, which `opt_in_type` never says"),
                "",
            );
        }
    }
}
