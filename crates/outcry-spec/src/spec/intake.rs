//! `accept`, `compute` and `checks` of a campaign: what it does with a lead before any contract is asked, and the lead
//! type with the fields that this adds.

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::spec::check::{self, CheckDraft};
use crate::spec::{consent, filter};
use crate::table::{Item, Table};
use crate::text::Text;
use crate::world::World;
use outcry_core::field::{Bounds, Field, Group, Kind, PingRule, Privacy, Required, Transform};
use outcry_core::intake::{Case, Check, Computed, Intake, Recipe, Unaccepted};
use outcry_core::lead_type::{FieldSet, LeadType};
use outcry_core::moment::Moment;
use outcry_core::raw::Raw;
use outcry_core::validate::check_value;
use outcry_core::value::Value;
use std::sync::Arc;
use toml::de::DeValue;

/// Reads the intake of a campaign, and its lead type with what is made of leads there.
pub(crate) fn read(world: &World<'_>, table: &Table<'_>, base: &Arc<LeadType>) -> (Intake, Arc<LeadType>) {
    let checks: Vec<&CheckDraft<'_>> = table.texts("checks").iter().filter_map(|name| draft(world, name)).collect();
    let computed = table.table("compute");
    let mut fields = base.fields.fields.clone();
    let made: Vec<Draft<'_>> = computed.iter().flat_map(|table| drafts(table, base)).collect();
    for draft in &checks {
        add_results(draft, &mut fields);
    }
    for draft in &made {
        add(table, &mut fields, draft.name.spot, field(&draft.name.value, draft.kind.clone()));
    }
    let lead_type = if fields.len() == base.fields.fields.len() {
        base.clone()
    } else {
        Arc::new(with_fields(base, fields))
    };
    let computed = made.iter().filter_map(|draft| draft.finish(&lead_type)).collect();
    let checks = checks.into_iter().filter_map(|draft| finish_check(draft, &lead_type)).collect();
    let intake = Intake {
        computed,
        checks,
        accept: filter::read(table, "accept", Some(&lead_type)),
        unaccepted: consent::word(table, "unaccepted", &Unaccepted::WORDS).unwrap_or_default(),
    };
    (intake, lead_type)
}

fn draft<'w>(world: &'w World<'_>, name: &Text) -> Option<&'w CheckDraft<'w>> {
    let found = world.shared.checks.get(&name.value);
    if found.is_none() {
        world.refers("check", &world.specs.checks, name);
    }
    found
}

/// The same lead type with more fields.
fn with_fields(base: &LeadType, fields: Vec<Field>) -> LeadType {
    LeadType {
        name: base.name.clone(),
        label: base.label.clone(),
        version: base.version,
        as_of: base.as_of,
        compliance: base.compliance.clone(),
        dedupe_keys: base.dedupe_keys.clone(),
        routing_keys: base.routing_keys.clone(),
        fields: Arc::new(FieldSet::new(fields)),
    }
}

/// A field that is made here. It stays home unless a contract opens it.
fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.into(),
        label: name.into(),
        kind,
        group: Group::Derived,
        required: Required { ping: false, post: false },
        applies_if: None,
        privacy: Privacy::QuasiIdentifier,
        ping: PingRule::Deny { hard: false },
        bounds: Bounds::default(),
        example: None,
    }
}

/// Adds a field, unless there is one of that name, or a ping output.
fn add(table: &Table<'_>, fields: &mut Vec<Field>, spot: Spot, field: Field) -> bool {
    let taken = fields
        .iter()
        .any(|other| other.name == field.name || *other.ping_name() == field.name);
    if taken || !crate::name::is_name(&field.name) {
        let why = if taken { "is taken already" } else { "is no name for a field" };
        let problem = Problem::error(codes::COMPUTE_PROBLEM, spot, format!("`{}` {why}", field.name));
        table
            .desk
            .tell(problem.hint("small letters, digits and `_`, and no field of the lead type"));
        return false;
    }
    fields.push(field);
    true
}

fn add_results(draft: &CheckDraft<'_>, fields: &mut Vec<Field>) {
    for result in &draft.results {
        let kind = match result.kind {
            "int" => Kind::Int,
            "decimal" => Kind::Decimal,
            "bool" => Kind::Bool,
            "date" => Kind::Date,
            _ => Kind::String,
        };
        add(draft.table, fields, result.field.spot, field(&result.field.value, kind));
    }
}

fn finish_check(draft: &CheckDraft<'_>, lead_type: &Arc<LeadType>) -> Option<Check> {
    let position = |name: &Text| {
        let at = lead_type.fields.position(&name.value);
        if at.is_none() {
            let message = format!("the lead type `{}` has no field `{}` to send", lead_type.name, name.value);
            check::tell(draft, name.spot, message, "`sends` lists every field that the service may see");
        }
        at
    };
    let sends: Vec<usize> = draft.sends.iter().filter_map(position).collect();
    let results = draft.results.iter().filter_map(|result| {
        let at = lead_type.fields.position(&result.field.value)?;
        Some((Arc::<str>::from(result.kept.as_str()), at))
    });
    let name = draft.table.what.split('`').nth(1).unwrap_or_default();
    (sends.len() == draft.sends.len()).then(|| Check {
        name: name.into(),
        binding: draft.binding,
        sends,
        timeout_ms: draft.timeout_ms,
        calls_max: draft.calls_max,
        at_ping: draft.at_ping,
        when: filter::read(draft.table, "when", Some(lead_type)),
        on_fail: draft.on_fail,
        on_unknown: draft.on_unknown,
        results: results.collect(),
    })
}

/// A computed field: what it holds is known before the lead type is whole, and its conditions are read after.
struct Draft<'a> {
    name: Text,
    kind: Kind,
    table: Table<'a>,
    what: What,
}

enum What {
    Transform { from: String, transform: Transform },
    Map { from: String },
    Cases,
}

/// Kinds of computed values by their words.
const KINDS: [(&str, Kind); 4] = [
    ("text", Kind::String),
    ("int", Kind::Int),
    ("decimal", Kind::Decimal),
    ("bool", Kind::Bool),
];

fn drafts<'a>(compute: &Table<'a>, base: &LeadType) -> Vec<Draft<'a>> {
    let tables = compute.tables_by_name("computed field", "the campaign");
    let read = |(name, table): (String, Table<'a>)| {
        let name = Text::name(&name, table.spot);
        draft_of(name, table, base)
    };
    tables.into_iter().filter_map(read).collect()
}

fn draft_of<'a>(name: Text, table: Table<'a>, base: &LeadType) -> Option<Draft<'a>> {
    let declared = table.text("type");
    let declared = declared.and_then(|written| {
        let words = KINDS.iter().map(|(word, _)| (*word, *word)).collect::<Vec<_>>();
        let word = consent::one_of(&table, "type", &written, &words)?;
        KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| kind.clone())
    });
    let from = table.text("from");
    let source = match &from {
        Some(from) => Some(known(&table, base, from)?),
        None => None,
    };
    let what = match (from, table.has("map"), table.has("transform"), table.has("cases")) {
        (Some(from), false, true, false) => What::Transform {
            transform: transform(&table, source?)?,
            from: from.value,
        },
        (Some(from), true, false, false) => What::Map { from: from.value },
        (None, false, false, true) => What::Cases,
        _ => {
            let hint = "`from` with `transform`, `from` with `map`, or `cases`";
            tell(&table, table.spot, format!("{} does not say how it is made", table.what), hint);
            return None;
        }
    };
    let kind = match (&what, declared) {
        (What::Transform { transform, .. }, _) => made_kind(transform),
        (_, Some(kind)) => kind,
        (_, None) => Kind::String,
    };
    Some(Draft { name, kind, table, what })
}

fn tell(table: &Table<'_>, spot: Spot, message: String, hint: &str) {
    table.desk.tell(Problem::error(codes::COMPUTE_PROBLEM, spot, message).hint(hint));
}

/// A field that a value may be made of: none that is personal.
fn known<'f>(table: &Table<'_>, base: &'f LeadType, from: &Text) -> Option<&'f Field> {
    let field = base
        .fields
        .get(&from.value)
        .filter(|field| field.privacy != Privacy::DirectIdentifier);
    if field.is_none() {
        let message = format!("the lead type `{}` has no open field `{}`", base.name, from.value);
        tell(
            table,
            from.spot,
            message,
            "fields that identify the person directly are kept out of computed ones",
        );
    }
    field
}

/// Transforms that need nothing beside their name, and what they read.
const TRANSFORMS: [(&str, Transform); 9] = [
    ("year", Transform::Year),
    ("elapsed_bracket", Transform::ElapsedBracket),
    ("zip3", Transform::Zip3),
    ("url_host", Transform::UrlHost),
    ("present", Transform::Present),
    ("text_id", Transform::TextId),
    ("device_class", Transform::DeviceClass),
    ("ip_prefix", Transform::IpPrefix),
    ("count", Transform::Count),
];

fn transform(table: &Table<'_>, source: &Field) -> Option<Transform> {
    let written = table.text("transform")?;
    let age =
        matches!(source.kind, Kind::Date).then(|| ("age_bracket", Transform::AgeBracket(outcry_core::transform::AGE_BOUNDS.to_vec())));
    let found = TRANSFORMS.iter().cloned().chain(age).find(|(word, _)| *word == written.value);
    let fits = found.filter(|(_, transform)| reads(transform, &source.kind));
    if fits.is_none() {
        let message = format!("`{}` makes nothing of a field of type {}", written.value, source.kind.word());
        tell(
            table,
            written.spot,
            message,
            "age_bracket, year, elapsed_bracket, zip3, url_host, present, text_id, device_class, ip_prefix or count",
        );
    }
    fits.map(|(_, transform)| transform)
}

const fn reads(transform: &Transform, kind: &Kind) -> bool {
    match transform {
        Transform::AgeBracket(_) => matches!(kind, Kind::Date),
        Transform::Year => matches!(kind, Kind::Date | Kind::DateTime),
        Transform::ElapsedBracket => matches!(kind, Kind::DateTime),
        Transform::Zip3 => matches!(kind, Kind::Zip),
        Transform::UrlHost => matches!(kind, Kind::Url),
        Transform::TextId => matches!(kind, Kind::String | Kind::Url),
        Transform::DeviceClass => matches!(kind, Kind::String),
        Transform::IpPrefix => matches!(kind, Kind::Ip),
        Transform::Count => matches!(kind, Kind::List(_)),
        Transform::Present => true,
        _ => false,
    }
}

const fn made_kind(transform: &Transform) -> Kind {
    match transform {
        Transform::Year | Transform::Count => Kind::Int,
        Transform::Present => Kind::Bool,
        _ => Kind::String,
    }
}

impl Draft<'_> {
    /// Reads the values and the conditions, against the lead type with all fields.
    fn finish(&self, lead_type: &Arc<LeadType>) -> Option<Computed> {
        let table = &self.table;
        let at = lead_type.fields.position(&self.name.value)?;
        let own = &lead_type.fields.fields[at];
        let position = |name: &str| lead_type.fields.position(name);
        let recipe = match &self.what {
            What::Transform { from, transform } => Recipe::Transformed {
                from: position(from)?,
                transform: transform.clone(),
            },
            What::Map { from } => {
                let from = position(from)?;
                let map = table.table("map")?;
                let key = &lead_type.fields.fields[from];
                let pair = |item: Item<'_>| {
                    let key = valued(&map, key, item.spot, &Raw::Text(item.key.as_str().into()))?;
                    Some((key, literal(&map, own, &item)?))
                };
                Recipe::Mapped {
                    from,
                    pairs: map.items().filter_map(pair).collect(),
                    otherwise: self.otherwise(own),
                }
            }
            What::Cases => {
                let case = |table: Table<'_>| {
                    let when = filter::read(&table, "when", Some(lead_type));
                    if !table.has("when") {
                        table.tell_missing("when", "'state = \"CA\"'");
                    }
                    table.has("value");
                    let value = table
                        .items()
                        .find(|item| item.key == "value")
                        .and_then(|item| literal(&table, own, &item));
                    table.finish();
                    Some(Case { when, value: value? })
                };
                Recipe::Cases {
                    cases: table.tables("cases", "case").into_iter().filter_map(case).collect(),
                    otherwise: self.otherwise(own),
                }
            }
        };
        table.finish();
        Some(Computed { field: at, recipe })
    }

    fn otherwise(&self, own: &Field) -> Option<Value> {
        self.table.has("else");
        let item = self.table.items().find(|item| item.key == "else")?;
        literal(&self.table, own, &item)
    }
}

/// A value as it stands in the file.
fn literal(table: &Table<'_>, own: &Field, item: &Item<'_>) -> Option<Value> {
    let raw = match item.value.get_ref() {
        DeValue::String(text) => Raw::Text((&**text).into()),
        DeValue::Integer(number) => Raw::Number(number.as_str().into()),
        DeValue::Float(number) => Raw::Number(number.as_str().into()),
        DeValue::Boolean(yes) => Raw::Bool(*yes),
        _ => {
            table.tell_type(&item.key, item.value, "a text, a number, `true` or `false`");
            return None;
        }
    };
    valued(table, own, item.spot, &raw)
}

fn valued(table: &Table<'_>, field: &Field, spot: Spot, raw: &Raw) -> Option<Value> {
    match check_value(field, raw, Moment::from_unix_ms(0)) {
        Ok(value) => Some(value),
        Err(errors) => {
            let expected = errors.first().map_or_else(String::new, |error| error.expected.clone());
            tell(
                table,
                spot,
                format!("this is no value of `{}`", field.name),
                &format!("expected {expected}"),
            );
            None
        }
    }
}
