//! What a source asks for with one lead, as members of the body beside the lead's fields: `exclude_buyers`, `max_sales`,
//! `min_payout`, `deadline_ms` and `sub1` to `sub5`. A lead type that has a field of such a name keeps it as a field.

use super::Gate;
use super::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use outcry_core::lead::SubIds;
use outcry_core::lead_type::FieldSet;
use outcry_core::leak;
use outcry_core::money::Money;
use outcry_core::raw::Raw;
use outcry_engine::asked::Asked;
use outcry_engine::loops;
use std::sync::Arc;

/// Most buyers that one lead can rule out, and most bytes of a name.
const BUYERS_MAX: usize = 500;
const NAME_LEN_MAX: usize = 200;
/// Most bytes of a sub-id.
const SUB_ID_LEN_MAX: usize = 100;

/// Takes the members out of the body.
pub(super) fn take(gate: &Gate, source: usize, headers: &HeaderMap, lead: &mut Raw) -> Result<Asked, Problem> {
    let campaign = gate.engine.source(source).campaign;
    let asked = take_of(&gate.engine.book().catalog.campaigns[campaign].lead_type.fields, lead)?;
    Ok(Asked {
        chain: chain(headers),
        ..asked
    })
}

/// The same, for a lead of these fields.
pub(crate) fn take_of(fields: &FieldSet, lead: &mut Raw) -> Result<Asked, Problem> {
    let Raw::Object(members) = lead else {
        return Ok(Asked::default());
    };
    let mut member = |name: &str| {
        let at = members.iter().position(|(found, _)| &**found == name);
        at.filter(|_| fields.position(name).is_none()).map(|at| members.remove(at).1)
    };
    Ok(Asked {
        exclude_buyers: member("exclude_buyers").map_or_else(|| Ok(Vec::new()), buyers)?,
        sales_max: member("max_sales").map(|raw| whole("max_sales", &raw, 1)).transpose()?,
        payout_min: member("min_payout").map(|raw| money(&raw)).transpose()?,
        deadline_ms: member("deadline_ms").map(|raw| whole("deadline_ms", &raw, 100)).transpose()?,
        sub_ids: sub_ids(member)?,
        chain: Vec::new(),
    })
}

/// Where the lead has been. A header that cannot be read is none: it is for recognising, and nobody is let in by it.
fn chain(headers: &HeaderMap) -> Vec<Arc<str>> {
    let header = headers.get(loops::HEADER).and_then(|value| value.to_str().ok());
    header.map(loops::read).unwrap_or_default()
}

/// A list of names, or one text with commas between them, as forms write it.
fn buyers(raw: Raw) -> Result<Vec<Arc<str>>, Problem> {
    let names: Option<Vec<Arc<str>>> = match raw {
        Raw::List(items) => items.iter().map(|item| text(item).map(Into::into)).collect(),
        Raw::Text(text) => Some(
            text.split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(Into::into)
                .collect(),
        ),
        Raw::Null => Some(Vec::new()),
        Raw::Bool(_) | Raw::Number(_) | Raw::Object(_) => None,
    };
    let fits = |names: &Vec<Arc<str>>| names.len() <= BUYERS_MAX && names.iter().all(|name| name.len() <= NAME_LEN_MAX);
    names.filter(fits).ok_or_else(|| {
        let detail = format!("exclude_buyers is a list of at most {BUYERS_MAX} names of buyers, each a text");
        bad(detail)
    })
}

/// `sub1` to `sub5`; `sub_id` is another word for the first.
fn sub_ids(mut member: impl FnMut(&str) -> Option<Raw>) -> Result<SubIds, Problem> {
    let mut sub_ids = SubIds::default();
    for (at, sub_id) in sub_ids.iter_mut().enumerate() {
        let name = format!("sub{}", at + 1);
        let given = member(&name).or_else(|| (at == 0).then(|| member("sub_id")).flatten());
        *sub_id = given.map(|raw| mark(&name, &raw)).transpose()?.flatten();
    }
    Ok(sub_ids)
}

/// One of them. It is kept in the clear for as long as the record, so it must not say who the person is.
fn mark(name: &str, raw: &Raw) -> Result<Option<Arc<str>>, Problem> {
    let written = match raw {
        Raw::Null => return Ok(None),
        raw => text(raw).map(str::trim).filter(|written| written.len() <= SUB_ID_LEN_MAX),
    };
    let Some(written) = written else {
        return Err(bad(format!("{name} is a text of at most {SUB_ID_LEN_MAX} bytes")));
    };
    match leak::scan(written) {
        Some(looks) => Err(bad(format!("{name} looks like {looks}, and a sub-id says nothing of the person"))),
        None => Ok((!written.is_empty()).then(|| written.into())),
    }
}

fn whole(name: &str, raw: &Raw, least: u32) -> Result<u32, Problem> {
    let read = text(raw).and_then(|text| text.trim().parse::<u32>().ok());
    read.filter(|number| least <= *number)
        .ok_or_else(|| bad(format!("{name} is a whole number from {least} on")))
}

fn money(raw: &Raw) -> Result<Money, Problem> {
    let read = text(raw).and_then(|text| Money::parse(text.trim()).ok());
    read.filter(|amount| *amount >= Money::ZERO)
        .ok_or_else(|| bad("min_payout is a plain amount, such as \"8.50\"".to_owned()))
}

/// The digits of a number, or a text.
fn text(raw: &Raw) -> Option<&str> {
    match raw {
        Raw::Text(text) | Raw::Number(text) => Some(text),
        Raw::Null | Raw::Bool(_) | Raw::List(_) | Raw::Object(_) => None,
    }
}

fn bad(detail: String) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "bad_wish",
        "What was asked for with the lead cannot be read",
        detail,
    )
}
