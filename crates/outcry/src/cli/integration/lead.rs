//! A lead out of a JSON file, as an integration sees it: in the normal form of its lead type, or as it is.

use super::file;
use crate::http::json;
use anyhow::{Context, Result, bail};
use outcry_core::field::{Field, Kind, PingRule, Required};
use outcry_core::lead::{Lead, Row, Slot};
use outcry_core::lead_type::{FieldSet, LeadType};
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingValue, PingView, ViewSpec};
use outcry_core::raw::Raw;
use outcry_core::validate::{Stage, validate};
use outcry_core::value::{Decimal, Value};
use outcry_integration::Integration;
use outcry_spec::{builtin, lead_type};
use std::path::Path;
use std::sync::Arc;

/// Members of the file that are not fields.
const BESIDE: [&str; 2] = ["lead_type", "ping_token"];

/// What the integration sees of the lead at a step. Everything that the exchange would refuse is a note.
///
/// # Errors
/// If the file is not a JSON object, or there is no such lead type.
pub(super) fn view(
    path: &Path,
    named: Option<&str>,
    integration: &Integration,
    step: &str,
    now: Moment,
    notes: &mut Vec<String>,
) -> Result<PingView> {
    let raw = json::read(&file::bytes(path)?).map_err(|why| anyhow::anyhow!("{}: {why}", path.display()))?;
    let Raw::Object(mut members) = raw else {
        bail!("{}: a lead is a JSON object of fields", path.display());
    };
    let of_file = members.iter().find_map(|(name, value)| match value {
        Raw::Text(text) if &**name == "lead_type" => Some(text.to_string()),
        _ => None,
    });
    members.retain(|(name, _)| !BESIDE.contains(&&**name));
    match named.map(str::to_owned).or(of_file) {
        None => Ok(as_it_is(&members, "", notes)),
        Some(name) => {
            let lead_type = find(&name)?;
            let stage = if step == "ping" { Stage::Ping } else { Stage::Post };
            let lead = normal(&lead_type, Raw::Object(members), stage, now, notes)?;
            if stage == Stage::Post {
                return Ok(whole(&lead_type.fields, &lead.row));
            }
            let spec = opened(&lead_type, integration, notes);
            PingView::build(&lead, &spec, now).map_err(|leak| anyhow::anyhow!("nothing would be sent: {leak}"))
        }
    }
}

fn find(name: &str) -> Result<Arc<LeadType>> {
    let built_in = builtin::lead_types();
    if let Some(found) = built_in.iter().find(|one| one.name.as_str() == name) {
        return Ok(found.clone());
    }
    if !Path::new(name).is_file() {
        let known: Vec<&str> = built_in.iter().map(|one| one.name.as_str()).collect();
        bail!(
            "there is no lead type {name}; name the file of your own, or one of {}",
            known.join(", ")
        );
    }
    let read = lead_type::read(&file::text(Path::new(name))?).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|problem| format!("{name}: {problem}")).collect();
        anyhow::anyhow!(lines.join("\n"))
    });
    read.map(Arc::new)
}

/// The lead in normal form, without what the exchange would refuse.
fn normal(lead_type: &Arc<LeadType>, raw: Raw, stage: Stage, now: Moment, notes: &mut Vec<String>) -> Result<Lead> {
    let errors = match validate(lead_type, &raw, stage, now) {
        Ok(lead) => return Ok(lead),
        Err(errors) => errors,
    };
    let (missing, wrong): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.code == "missing");
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|error| error.path.as_str()).collect();
        notes.push(format!(
            "the exchange would refuse this lead, for these are missing: {}",
            names.join(", ")
        ));
    }
    let mut raw = raw;
    for error in wrong {
        let steps: Vec<&str> = error.path.split(['.', '[', ']']).filter(|step| !step.is_empty()).collect();
        leave_out(&mut raw, &steps);
        notes.push(format!("the exchange would refuse this lead: {error}; left out"));
    }
    let lenient = Arc::new(lenient(lead_type));
    validate(&lenient, &raw, stage, now)
        .map_err(|errors| anyhow::anyhow!(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))
        .context("the lead cannot be brought into normal form")
}

/// Takes out the value at `drivers`, `0`, `dob`.
fn leave_out(raw: &mut Raw, steps: &[&str]) {
    match (raw, steps) {
        (Raw::Object(members), [name]) => members.retain(|(key, _)| &**key != *name),
        (Raw::Object(members), [name, rest @ ..]) => {
            if let Some((_, value)) = members.iter_mut().find(|(key, _)| &**key == *name) {
                leave_out(value, rest);
            }
        }
        (Raw::List(items), [at, rest @ ..]) => {
            if let Some(item) = at.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                leave_out(item, rest);
            }
        }
        _ => {}
    }
}

/// The same lead type with nothing required.
fn lenient(lead_type: &LeadType) -> LeadType {
    LeadType {
        name: lead_type.name.clone(),
        label: lead_type.label.clone(),
        version: lead_type.version,
        as_of: lead_type.as_of,
        compliance: lead_type.compliance.clone(),
        dedupe_keys: lead_type.dedupe_keys.clone(),
        routing_keys: lead_type.routing_keys.clone(),
        fields: Arc::new(not_required(&lead_type.fields)),
    }
}

fn not_required(set: &FieldSet) -> FieldSet {
    let fields = set.fields.iter().map(|field| Field {
        required: Required { ping: false, post: false },
        kind: match &field.kind {
            Kind::List(rows) => Kind::List(Arc::new(not_required(rows))),
            other => other.clone(),
        },
        ..field.clone()
    });
    FieldSet::new(fields.collect())
}

/// What a contract would have to open for this ping: everything the file names that may be opened at all.
fn opened(lead_type: &LeadType, integration: &Integration, notes: &mut Vec<String>) -> ViewSpec {
    let mut open: Vec<&str> = Vec::new();
    for (name, _) in integration.ping_fields() {
        let own = name.split_once("[].").map_or((&*lead_type.fields, name), |(list, rest)| {
            let rows = lead_type.fields.get(list).and_then(Field::rows);
            (rows.map_or(&*lead_type.fields, |rows| &**rows), rest)
        });
        let stays_home = own.0.get(own.1).is_some_and(|field| match &field.ping {
            PingRule::Allow { .. } => false,
            PingRule::Transform { name: output, .. } => *output != field.name,
            PingRule::Deny { .. } => true,
        });
        if stays_home && !open.contains(&name) {
            match ViewSpec::resolve(lead_type, &[name], None) {
                Ok(_) => open.push(name),
                Err(error) => notes.push(format!("a ping cannot carry {name}: {error}")),
            }
        }
    }
    if !open.is_empty() {
        let list: Vec<String> = open.iter().map(|name| format!("\"{name}\"")).collect();
        notes.push(format!(
            "the ping names fields that a contract must open: ping = {{ open = [{}] }}",
            list.join(", ")
        ));
    }
    ViewSpec::resolve(lead_type, &open, None).unwrap_or_default()
}

/// The whole lead, personal values included: this is the operator's own file, and nobody is sold anything.
fn whole(set: &FieldSet, row: &Row) -> PingView {
    let entries = set.fields.iter().enumerate().filter_map(|(at, field)| {
        let value = match row.slot(at)? {
            Slot::Open(value) => value,
            Slot::Personal(value) => value.reveal(),
        };
        let value = match value {
            Value::Bool(yes) => PingValue::Bool(*yes),
            Value::Int(number) => PingValue::Int(*number),
            Value::Decimal(number) => PingValue::Decimal(*number),
            Value::Text(text) => PingValue::Text(Arc::from(&**text)),
            Value::Date(date) => PingValue::Date(*date),
            Value::Stamp(stamp) => PingValue::Stamp(*stamp),
            Value::List(rows) => PingValue::List(
                rows.iter()
                    .map(|row| field.rows().map(|set| whole(set, row)).unwrap_or_default())
                    .collect(),
            ),
        };
        Some((field.name.clone(), value))
    });
    PingView::from_entries(entries.collect())
}

/// Fields without a lead type: JSON's own types, nothing brought into another form.
fn as_it_is(members: &[(Box<str>, Raw)], place: &str, notes: &mut Vec<String>) -> PingView {
    let mut entries = Vec::new();
    for (name, raw) in members {
        let here = format!("{place}{name}");
        if let Some(value) = plain(raw, &here, notes) {
            entries.push((Arc::from(&**name), value));
        }
    }
    PingView::from_entries(entries)
}

fn plain(raw: &Raw, here: &str, notes: &mut Vec<String>) -> Option<PingValue> {
    Some(match raw {
        Raw::Null => return None,
        Raw::Bool(yes) => PingValue::Bool(*yes),
        Raw::Number(text) => match (text.parse(), Decimal::parse(text)) {
            (Ok(whole), _) => PingValue::Int(whole),
            (Err(_), Some(decimal)) => PingValue::Decimal(decimal),
            (Err(_), None) => PingValue::Text(Arc::from(&**text)),
        },
        Raw::Text(text) => PingValue::Text(Arc::from(&**text)),
        Raw::List(items) => {
            let rows = items.iter().enumerate().map(|(at, item)| match item {
                Raw::Object(members) => Some(as_it_is(members, &format!("{here}[{at}]."), notes)),
                _ => None,
            });
            let Some(rows) = rows.collect::<Option<Vec<_>>>() else {
                notes.push(format!("{here} is left out: a list of a lead holds rows, each an object"));
                return None;
            };
            PingValue::List(rows)
        }
        Raw::Object(_) => {
            notes.push(format!("{here} is left out: a field of a lead is one value, or a list of rows"));
            return None;
        }
    })
}
