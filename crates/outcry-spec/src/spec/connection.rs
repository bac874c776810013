//! `integration = "…"`, `params = { … }` and `test_params = { … }`: how a contract's buyer is spoken with.

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::integrations::Entry;
use crate::spec::{address, source::resolve_secret};
use crate::table::{Item, Table};
use crate::text::Text;
use crate::world::World;
use outcry_integration::book::Binding;
use outcry_integration::{Integration, ParamKind, Params};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::DeValue;

/// The integration that a contract names.
pub(crate) fn integration<'w>(world: &'w World<'_>, table: &Table<'_>) -> Option<(Text, &'w Entry)> {
    let written = table.need_text("integration", "\"outcry_json\"")?;
    let found = world.integrations.get(&written.value);
    if found.is_none() {
        world.tell_missing(
            "integration",
            &written,
            world.integrations.names(),
            &format!("integrations/{}.toml", written.value),
        );
    }
    found.map(|entry| (written, entry))
}

/// The values of a contract, resolved and checked against the integration; `None` if something was reported.
pub(crate) fn bind(table: &Table<'_>, integration: Option<&Arc<Integration>>) -> Option<Binding> {
    let given = Given::read(table.table("params"), integration.map(AsRef::as_ref));
    let for_tests = table
        .table("test_params")
        .map(|own| Given::read(Some(own), integration.map(AsRef::as_ref)));
    let integration = integration?;
    let params = given.bind(integration, table)?;
    // What is not given anew for tests is as it always is.
    let test_params = match for_tests {
        Some(own) => Some(own.over(&given).bind(integration, table)?),
        None => None,
    };
    Some(Binding {
        integration: integration.clone(),
        params,
        test_params,
    })
}

/// The values under `params` or `test_params`.
struct Given<'a> {
    /// Where they stand, if anywhere.
    table: Option<Table<'a>>,
    /// Each as text, secrets resolved.
    values: BTreeMap<String, String>,
    /// Names whose values were reported; something stands in for them, so that the others are checked all the same.
    reported: Vec<String>,
}

impl<'a> Given<'a> {
    fn read(table: Option<Table<'a>>, integration: Option<&Integration>) -> Self {
        let (mut values, mut reported) = (BTreeMap::new(), Vec::new());
        for item in table.iter().flat_map(Table::items) {
            let Some(table) = &table else { break };
            let def = integration.and_then(|integration| integration.params().iter().find(|def| *def.name == *item.key));
            let value = value(table, &item, def.map(|def| def.kind));
            if value.is_none() {
                reported.push(item.key.clone());
            }
            values.insert(item.key, value.unwrap_or_else(|| "?".to_owned()));
        }
        Self { table, values, reported }
    }

    /// These, and the others where these say nothing.
    fn over(self, others: &Self) -> Self {
        let values = others
            .values
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .chain(self.values)
            .collect();
        let reported = others.reported.iter().cloned().chain(self.reported).collect();
        Self { values, reported, ..self }
    }

    fn bind(&self, integration: &Integration, contract: &Table<'_>) -> Option<Params> {
        let bound = Params::bind(integration, &self.values);
        for problem in bound.as_ref().err().into_iter().flatten() {
            let name = problem.what.rsplit('.').next().unwrap_or_default();
            if !self.reported.iter().any(|reported| reported == name) {
                let told = Problem::error(
                    codes::PARAMS_PROBLEM,
                    self.spot(name, contract),
                    format!("`{}`: {}", problem.what, problem.message),
                );
                contract
                    .desk
                    .tell(told.hint_if((!problem.hint.is_empty()).then(|| problem.hint.clone())));
            }
        }
        let bound = bound.ok().filter(|_| self.reported.is_empty())?;
        self.shows(&bound, contract).then_some(bound)
    }

    /// Can its client certificates be shown? What is wrong with one is reported.
    fn shows(&self, bound: &Params, contract: &Table<'_>) -> bool {
        let wrong = bound.certificates().find_map(|certificate| contract.desk.wrong_with(certificate));
        if let Some(why) = &wrong {
            let spot = self
                .table
                .as_ref()
                .map_or_else(|| contract.spot_of("integration"), |_| contract.spot_of("params"));
            let told = Problem::error(codes::PARAMS_PROBLEM, spot, format!("the client certificate cannot be used: {why}"));
            contract
                .desk
                .tell(told.hint("check the secrets that hold the certificate and its key"));
        }
        wrong.is_none()
    }

    /// Where a parameter stands, or where it should.
    fn spot(&self, name: &str, contract: &Table<'_>) -> Spot {
        self.table
            .as_ref()
            .map_or_else(|| contract.spot_of("integration"), |table| table.spot_of(name))
    }
}

/// One value as text; `None` if it was reported.
fn value(params: &Table<'_>, item: &Item<'_>, kind: Option<ParamKind>) -> Option<String> {
    match item.value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        _ => {
            let text = params.text_of(&item.key, item.value, "a text, a number, `true` or `false`")?;
            resolve(params, &item.key, kind, text)
        }
    }
}

fn resolve(params: &Table<'_>, key: &str, kind: Option<ParamKind>, text: Text) -> Option<String> {
    if let Some(name) = text.value.strip_prefix("secret:") {
        return resolve_secret(params, name, &text);
    }
    if kind == Some(ParamKind::Secret) {
        let message = format!("`{key}` is a secret and stands in the file itself");
        let hint = "write \"secret:name\" and give the value to the process under that name";
        params.desk.tell(Problem::error(codes::LITERAL_KEY, text.spot, message).hint(hint));
        return None;
    }
    address::warn_without_tls(params.desk, key, &text.value, text.spot);
    Some(text.value)
}
