//! Secrets that spec files name and never hold: from the environment, or from a file of `NAME = "value"` lines.

use crate::outbound;
use anyhow::{Context, Result};
use outcry_integration::request::ClientCertificate;
use outcry_spec::Secrets;
use std::collections::BTreeMap;
use std::path::Path;

/// Where the program finds secrets. Shows nothing of them.
#[derive(Default)]
pub(crate) struct Vaulted {
    named: BTreeMap<String, String>,
}

impl Vaulted {
    /// Reads the secrets file, if there is one, and every `OUTCRY_SECRET_NAME` of the environment over it.
    ///
    /// # Errors
    /// A sentence with the path and the line; never a value.
    pub(crate) fn load(file: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut named = BTreeMap::new();
        if !file.as_os_str().is_empty() {
            let text = std::fs::read_to_string(file).with_context(|| {
                format!(
                    "the secrets file {} cannot be read; name the right one with --secrets",
                    file.display()
                )
            })?;
            named = toml::from_str(&text).map_err(|fault: toml::de::Error| {
                let line = fault.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                anyhow::anyhow!(
                    "{}:{line}: this is no secret; a secrets file holds lines of the form NAME = \"value\"",
                    file.display()
                )
            })?;
        }
        for (variable, value) in environment {
            if let Some(name) = variable.strip_prefix("OUTCRY_SECRET_") {
                named.insert(name.to_lowercase(), value);
            }
        }
        Ok(Self { named })
    }

    /// These secrets and no others: the demo makes its own.
    pub(crate) fn of(named: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            named: named.into_iter().collect(),
        }
    }
}

impl Secrets for Vaulted {
    fn secret(&self, name: &str) -> Option<String> {
        self.named.get(name).or_else(|| self.named.get(&name.to_lowercase())).cloned()
    }

    fn wrong_with(&self, certificate: &ClientCertificate) -> Option<String> {
        outbound::wrong_with(certificate)
    }
}
