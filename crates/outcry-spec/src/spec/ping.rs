//! `ping = { open = ["city"], only = ["state", "zip"] }`: what a contract's pings carry, and whether its integration
//! asks them for more.

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::integrations::Entry;
use crate::name;
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::field::{PingRule, Privacy};
use outcry_core::lead_type::{FieldSet, LeadType};
use outcry_core::ping_view::{NotOpened, ViewSpec};

/// Reads what a contract opens and picks.
pub(crate) fn view(contract: &Table<'_>, lead_type: Option<&LeadType>) -> ViewSpec {
    let Some(table) = contract.table("ping") else {
        return ViewSpec::default();
    };
    let open = table.texts("open");
    let picked = table.has("only").then(|| table.texts("only"));
    table.finish();
    let Some(lead_type) = lead_type else { return ViewSpec::default() };
    for name in &open {
        if let Err(error) = ViewSpec::resolve(lead_type, &[&name.value], None) {
            tell_not_opened(&table, lead_type, name, &error.why);
        }
    }
    let names = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect::<Vec<_>>();
    let (open, only) = (names(&open), picked.as_deref().map(names));
    let open: Vec<&str> = open.iter().map(String::as_str).collect();
    let only: Option<Vec<&str>> = only.as_ref().map(|only| only.iter().map(String::as_str).collect());
    // What was opened in vain has been told; what is picked in vain is told against what was opened.
    let opened = ViewSpec::resolve(lead_type, &open, None).unwrap_or_default();
    for name in picked.iter().flatten() {
        table
            .desk
            .tell_if(problem(&name.value, name.spot, &Ping { view: &opened, lead_type }));
    }
    ViewSpec::resolve(lead_type, &open, only.as_deref())
        .map(ordered)
        .unwrap_or_default()
}

/// The same choice in one order, so that contracts which choose the same share a view.
fn ordered(mut view: ViewSpec) -> ViewSpec {
    view.opened.sort_unstable();
    if let Some(only) = &mut view.only {
        only.sort_unstable();
    }
    view.rows = view.rows.into_iter().map(|(at, rows)| (at, ordered(rows))).collect();
    view.rows.sort_unstable_by_key(|(at, _)| *at);
    view
}

fn tell_not_opened(table: &Table<'_>, lead_type: &LeadType, name: &Text, why: &NotOpened) {
    let written = &name.value;
    let problem = match why {
        NotOpened::Unknown { near } => {
            let message = format!("the lead type `{}` has no field `{written}`", lead_type.name);
            Problem::error(codes::PING_FIELD_UNKNOWN, name.spot, message)
                .hint_if(near.as_ref().map(|near| format!("did you mean `{near}`?")))
        }
        NotOpened::DirectIdentifier => Problem::error(codes::PING_IDENTIFIES, name.spot, identifies(written, lead_type))
            .hint("take it out; the buyer has it in the post"),
        NotOpened::HardDeny => Problem::error(codes::PING_IDENTIFIES, name.spot, hard_denied(written, lead_type))
            .hint("take it out; the buyer has it in the post"),
    };
    table.desk.tell(problem);
}

fn identifies(field: &str, lead_type: &LeadType) -> String {
    format!(
        "`{field}` identifies the person directly (lead type `{}`), so no ping can carry it",
        lead_type.name
    )
}

fn hard_denied(field: &str, lead_type: &LeadType) -> String {
    format!("the lead type `{}` keeps `{field}` out of every ping", lead_type.name)
}

/// One contract's ping: what it carries, and for whom.
pub(crate) struct Ping<'a> {
    pub(crate) view: &'a ViewSpec,
    pub(crate) lead_type: &'a LeadType,
}

/// What becomes of a field that a ping request names.
#[derive(Debug, PartialEq)]
enum Fate {
    Carried,
    /// There is no such field; perhaps one like it.
    Unknown(Option<String>),
    Identifies,
    HardDenied,
    /// The lead type keeps it home; the contract could open it. Perhaps something made of it goes out instead.
    KeptHome(Option<String>),
    /// The contract's own `only` leaves it out.
    LeftOut,
}

/// Reports every field of the integration's ping request that this contract's pings cannot carry: in the integration's
/// file, or at the contract's `integration` where the file is a built-in one.
pub(crate) fn check(world: &World<'_>, contract: &Table<'_>, integration: (&Text, &Entry), ping: &Ping<'_>) {
    let (named, entry) = integration;
    let Some(read) = &entry.integration else { return };
    let required = read.ping_fields().map(|(field, line)| (field, line, false));
    let optional = read.optional_ping_fields().map(|(field, line)| (field, line, true));
    for (field, line, optional) in required.chain(optional) {
        let spot = entry
            .file
            .map_or(named.spot, |file| world.desk.line(file, usize::try_from(line).unwrap_or(1)));
        // What may be absent may be absent; what identifies the person may be in no ping.
        let problem = problem(field, spot, ping).filter(|problem| !optional || problem.is(codes::PING_IDENTIFIES));
        // One integration serves many contracts, so the sentence names the one it fails for.
        let of = || format!("in pings of {} ({}), ", contract.what, world.desk.show(contract.spot));
        world.desk.tell_if(problem.map(|problem| problem.says(&of())));
    }
}

fn problem(field: &str, spot: Spot, ping: &Ping<'_>) -> Option<Problem> {
    let lead_type = ping.lead_type;
    let problem = match fate(ping.view, &lead_type.fields, field) {
        Fate::Carried => return None,
        Fate::Unknown(near) => {
            let message = format!("the lead type `{}` has no field `{field}`", lead_type.name);
            Problem::error(codes::PING_FIELD_UNKNOWN, spot, message).hint_if(near.map(|near| format!("did you mean `{near}`?")))
        }
        Fate::Identifies => Problem::error(codes::PING_IDENTIFIES, spot, identifies(field, lead_type)).hint("leave it to the post"),
        Fate::HardDenied => Problem::error(codes::PING_IDENTIFIES, spot, hard_denied(field, lead_type)).hint("leave it to the post"),
        Fate::KeptHome(instead) => {
            let message = format!("the lead type `{}` keeps `{field}` home unless a contract opens it", lead_type.name);
            let open = format!("`ping = {{ open = [\"{field}\"] }}` in the contract would open it");
            let hint = instead.map_or_else(|| open.clone(), |instead| format!("its ping has `{instead}`; or {open}"));
            Problem::error(codes::PING_KEPT_HOME, spot, message).hint(hint)
        }
        Fate::LeftOut => {
            let message = format!("the contract's own `only` leaves `{field}` out");
            Problem::error(codes::PING_KEPT_HOME, spot, message).hint("add it to `only`, or take it out of the integration's ping")
        }
    };
    Some(problem)
}

/// What becomes of `state`, `age_bracket`, `drivers[].dob` in pings made by these rules.
fn fate(view: &ViewSpec, set: &FieldSet, path: &str) -> Fate {
    let (name, rest) = split(path);
    let Some(at) = set.position(name).or_else(|| set.ping_position(name)) else {
        let known: Vec<&str> = set.fields.iter().flat_map(|field| [&*field.name, &**field.ping_name()]).collect();
        return Fate::Unknown(name::nearest(name, &known).map(str::to_owned));
    };
    let field = &set.fields[at];
    if field.privacy == Privacy::DirectIdentifier {
        return Fate::Identifies;
    }
    let goes = match &field.ping {
        PingRule::Allow { .. } => true,
        PingRule::Transform { name: output, .. } => **output == *name || view.opened.contains(&at),
        PingRule::Deny { hard: true } => return Fate::HardDenied,
        PingRule::Deny { hard: false } => view.opened.contains(&at),
    };
    if view.only.as_ref().is_some_and(|only| !only.contains(&at)) {
        return Fate::LeftOut;
    }
    match (goes, rest, field.rows()) {
        (false, ..) => Fate::KeptHome((*field.name != **field.ping_name()).then(|| field.ping_name().to_string())),
        (true, None, _) => Fate::Carried,
        (true, Some(rest), Some(rows)) => {
            let by_the_rules = ViewSpec::default();
            let view = view
                .rows
                .iter()
                .find(|(list, _)| *list == at)
                .map_or(&by_the_rules, |(_, view)| view);
            fate(view, rows, rest)
        }
        (true, Some(_), None) => Fate::Unknown(Some(name.to_owned())),
    }
}

/// `drivers[].dob` is the field `dob` in the rows of `drivers`.
fn split(path: &str) -> (&str, Option<&str>) {
    match path.split_once('.') {
        Some((list, rest)) => (list.strip_suffix("[]").unwrap_or(list), Some(rest)),
        None => (path.strip_suffix("[]").unwrap_or(path), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, opened: &[&str], only: Option<&[&str]>, expected: &Fate) {
        let lead_type = crate::builtin::lead_types()
            .iter()
            .find(|lead_type| lead_type.name.as_str() == "auto_insurance")
            .unwrap();
        let view = ViewSpec::resolve(lead_type, opened, only).unwrap();
        assert_eq!(fate(&view, &lead_type.fields, path), *expected, "{path}");
    }

    #[test]
    fn a_field_is_carried_kept_or_forbidden() {
        let kept = |instead: Option<&str>| Fate::KeptHome(instead.map(str::to_owned));
        check("zip", &[], None, &Fate::Carried);
        check("zip", &[], Some(&["state"]), &Fate::LeftOut);
        check("city", &[], None, &kept(None));
        check("city", &["city"], None, &Fate::Carried);
        check("phone", &[], None, &Fate::Identifies);
        check("consent_at", &[], None, &kept(Some("lead_age")));
        check("lead_age", &[], None, &Fate::Carried);
        check("zpi", &[], None, &Fate::Unknown(Some("zip".to_owned())));
    }

    #[test]
    fn the_rows_of_a_list_have_rules_of_their_own() {
        check("drivers", &[], None, &Fate::Carried);
        check("drivers[].age_bracket", &[], None, &Fate::Carried);
        check("drivers[].dob", &[], None, &Fate::KeptHome(Some("age_bracket".to_owned())));
        check("drivers[].dob", &["drivers[].dob"], None, &Fate::Carried);
        check("drivers[].first_name", &["drivers"], None, &Fate::Identifies);
        check("drivers[].gender", &[], Some(&["drivers[].dob"]), &Fate::LeftOut);
        check("drivers[].violations[].code", &[], Some(&["zip"]), &Fate::LeftOut);
        check("zip[].plus4", &[], None, &Fate::Unknown(Some("zip".to_owned())));
    }
}
