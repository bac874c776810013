//! Values for the parameters of an integration, as a contract would give them; invented where nobody gave one.

use super::file::{self, Refused};
use crate::secrets::Vaulted;
use crate::settings::environment;
use anyhow::{Context, Result};
use clap::Args;
use outcry_integration::{Integration, ParamDef, ParamKind, Params};
use outcry_spec::Secrets;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the values come from.
#[derive(Debug, Args)]
pub(super) struct ParamArgs {
    /// Values for the file's parameters: a TOML file of lines NAME = "value"
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// One value; it goes before the file's. May be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = file::pair)]
    param: Vec<(String, String)>,
    /// File with the secrets that values name as secret:NAME
    #[arg(long, value_name = "FILE")]
    secrets: Option<PathBuf>,
}

impl ParamArgs {
    /// The values, checked. What is required and not given comes from the first example of `step`, or is invented:
    /// each with a note.
    pub(super) fn bind(&self, path: &Path, integration: &Integration, step: &str, notes: &mut Vec<String>) -> Result<Params> {
        let mut values = self.given()?;
        self.resolve(&mut values)?;
        let examples = integration.example_params(step);
        for def in integration.params() {
            if def.required && !values.contains_key(&*def.name) {
                let (value, note) = stand_in(def, &examples);
                notes.push(note);
                values.insert(def.name.to_string(), value);
            }
        }
        Params::bind(integration, &values).map_err(|problems| {
            let file = path.to_owned();
            Refused::Problems { file, problems }.into()
        })
    }

    fn given(&self) -> Result<BTreeMap<String, String>> {
        let mut values = BTreeMap::new();
        if let Some(path) = &self.params {
            let table: toml::Table = toml::from_str(&file::text(path)?)
                .with_context(|| format!("{} is not TOML; write lines NAME = \"value\"", path.display()))?;
            let inner = table.get("params").and_then(toml::Value::as_table);
            for (name, value) in inner.unwrap_or(&table) {
                let text = match value {
                    toml::Value::String(text) => text.clone(),
                    toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => value.to_string(),
                    _ => anyhow::bail!("{}: {name}: {} where one value belongs", path.display(), value.type_str()),
                };
                values.insert(name.clone(), text);
            }
        }
        values.extend(self.param.iter().cloned());
        Ok(values)
    }

    /// Puts secrets in the place of their names.
    fn resolve(&self, values: &mut BTreeMap<String, String>) -> Result<()> {
        let secrets = Vaulted::load(self.secrets.as_deref().unwrap_or_else(|| Path::new("")), environment())?;
        for value in values.values_mut() {
            if let Some(name) = value.strip_prefix("secret:") {
                *value = secrets.secret(name).with_context(|| {
                    format!(
                        "there is no secret {name}; add it to a file named with --secrets, or set OUTCRY_SECRET_{}",
                        name.to_uppercase()
                    )
                })?;
            }
        }
        Ok(())
    }
}

/// A value that nobody gave, and the note that says so.
fn stand_in(def: &ParamDef, examples: &BTreeMap<String, String>) -> (String, String) {
    let name = &def.name;
    if let Some(value) = examples.get(&**name) {
        return (
            value.clone(),
            format!("param {name} is not given: taken from the file's first example"),
        );
    }
    let value = match def.kind {
        ParamKind::Url => "https://buyer.example".to_owned(),
        ParamKind::Number => "0".to_owned(),
        ParamKind::Server => "smtps://mail.buyer.example".to_owned(),
        ParamKind::Text | ParamKind::Secret => format!("PARAM-{}", name.to_uppercase()),
    };
    let note = format!("param {name} is not given: {value} stands in its place; give one with --param {name}=…");
    (value, note)
}
