//! Settings: how this process runs. Commented defaults, then a file, then the environment, then flags; every
//! problem of all of them is reported at once.

use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The defaults, with a comment for each. `outcry settings` prints them.
pub(crate) const DEFAULTS: &str = include_str!("settings.toml");
const PREFIX: &str = "OUTCRY_";

/// How this process runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) listen: std::net::SocketAddr,
    pub(crate) data: PathBuf,
    pub(crate) spec: PathBuf,
    pub(crate) secrets: PathBuf,
    pub(crate) threads: usize,
    pub(crate) public_url: String,
    pub(crate) log: Log,
    pub(crate) limits: Limits,
    pub(crate) outbound: Outbound,
    pub(crate) deliveries: Deliveries,
    pub(crate) keys: Keys,
    pub(crate) retention: Retention,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Times and sizes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) answer_ms: u64,
    pub(crate) ping_listen_ms: u64,
    pub(crate) post_listen_ms: u64,
    pub(crate) selling_ms: u64,
    pub(crate) repeat_hours: u64,
    pub(crate) auctions_max: usize,
    pub(crate) disk_free_mb: u64,
    pub(crate) connections_max: usize,
    pub(crate) address_connections_max: usize,
    pub(crate) body_bytes_max: usize,
    pub(crate) answer_bytes_max: usize,
    pub(crate) drain_ms: u64,
}

/// How buyers are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outbound {
    pub(crate) connections_max: usize,
    pub(crate) idle_ms: u64,
    pub(crate) connect_timeout_ms: u64,
    pub(crate) allow: Vec<ipnet::IpNet>,
    pub(crate) plain_http: bool,
    pub(crate) extra_ca: PathBuf,
}

/// Where files may go, and how long what was taken is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deliveries {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) keep_days: u32,
}

/// Where secret keys are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) master: String,
}

/// How long what leads say is kept, where their campaign does not say it. 0 is for ever.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retention {
    pub(crate) sold_days: u32,
    pub(crate) unsold_days: u32,
}

/// Everything that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used:\n  {}", .0.join("\n  "))]
pub(crate) struct SettingsError(Vec<String>);

/// Where a value came from, for messages.
struct Layer {
    from: String,
    path: Vec<String>,
    value: Value,
}

impl Settings {
    /// Lays the file over the defaults, the environment over the file, and the flags over all.
    ///
    /// `flags` are dotted names with values as written: `("limits.answer_ms", "1500")`.
    ///
    /// # Errors
    /// Every unknown name and every unusable value, each with where it came from.
    pub(crate) fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, SettingsError> {
        let defaults: Table = DEFAULTS.parse().expect("the embedded defaults are valid TOML");
        let mut problems = Vec::new();
        let mut layers = Vec::new();
        if let Some(file) = file {
            from_file(file, &mut layers, &mut problems);
        }
        from_environment(&defaults, environment, &mut layers, &mut problems);
        layers.extend(flags.iter().map(|(name, value)| layer(flag(name), name, value, &defaults)));
        let mut merged = defaults.clone();
        for layer in layers {
            match usable(&defaults, &layer) {
                Ok(()) => lay_over(&mut merged, &layer).expect("it could be laid over the defaults"),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(SettingsError(problems));
        }
        merged
            .try_into::<Self>()
            .map_err(|fault| SettingsError(vec![fault.message().to_owned()]))?
            .bounded()
    }

    fn bounded(self) -> Result<Self, SettingsError> {
        let limits = &self.limits;
        let table = [
            ("threads", self.threads as u64, 1, 256),
            ("limits.answer_ms", limits.answer_ms, 50, 60_000),
            ("limits.post_listen_ms", limits.post_listen_ms, 0, 600_000),
            ("limits.repeat_hours", limits.repeat_hours, 1, 8_760),
            ("limits.auctions_max", limits.auctions_max as u64, 1, 1_000_000),
            ("limits.disk_free_mb", limits.disk_free_mb, 0, 1_000_000),
            ("limits.connections_max", limits.connections_max as u64, 1, 1_000_000),
            (
                "limits.address_connections_max",
                limits.address_connections_max as u64,
                1,
                1_000_000,
            ),
            ("limits.body_bytes_max", limits.body_bytes_max as u64, 1_024, 16 << 20),
            ("limits.answer_bytes_max", limits.answer_bytes_max as u64, 1_024, 16 << 20),
            ("retention.sold_days", self.retention.sold_days.into(), 0, 36_500),
            ("retention.unsold_days", self.retention.unsold_days.into(), 0, 36_500),
            ("deliveries.keep_days", self.deliveries.keep_days.into(), 0, 3_650),
            ("outbound.connections_max", self.outbound.connections_max as u64, 1, 65_535),
        ];
        let wrong = table.iter().filter(|(_, value, least, most)| value < least || most < value);
        let mut problems: Vec<String> = wrong
            .map(|(name, value, least, most)| format!("{name} is {value}, but must be from {least} to {most}"))
            .collect();
        if !self.public_url.is_empty() && !self.public_url.starts_with("https://") && !self.public_url.starts_with("http://") {
            problems.push("public_url must begin with https:// (or http:// on a test machine)".to_owned());
        }
        if problems.is_empty() {
            Ok(self)
        } else {
            Err(SettingsError(problems))
        }
    }
}

/// The process's environment. What is not UTF-8 is shown as far as it is; it is never a reason to fall over.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

/// How a setting is given on the command line: four have a flag of their own.
fn flag(name: &str) -> String {
    match name {
        "listen" | "data" | "spec" | "secrets" => format!("the flag --{name}"),
        other => format!("the flag --set {other}"),
    }
}

/// A layer that can be used over the defaults alone can be used; the parsers do not know whose value they refuse.
fn usable(defaults: &Table, layer: &Layer) -> Result<(), String> {
    let mut alone = defaults.clone();
    lay_over(&mut alone, layer)?;
    let settings: Result<Settings, _> = alone.try_into();
    settings.map(|_| ()).map_err(|fault| {
        let name = layer.path.join(".");
        let fault = fault.message();
        format!(
            "{}: {name} cannot be {}: {}",
            layer.from,
            layer.value,
            EXPECTED
                .iter()
                .find(|(setting, _)| *setting == name)
                .map_or(fault, |(_, expected)| expected)
        )
    })
}

/// What the settings look like that are more than a number or a text.
const EXPECTED: [(&str, &str); 3] = [
    ("listen", "it is an address and a port, such as 127.0.0.1:8080"),
    ("outbound.allow", "it is a list of networks, such as 127.0.0.0/8 or 10.1.0.0/16"),
    ("log.format", "it is text or json"),
];

fn from_file(file: &Path, layers: &mut Vec<Layer>, problems: &mut Vec<String>) {
    let shown = file.display();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(fault) => {
            return problems.push(format!(
                "the settings file {shown} cannot be read: {fault}; `outcry settings` prints one to start from"
            ));
        }
    };
    match text.parse::<Table>() {
        Ok(table) => flatten(&shown.to_string(), &table, &mut Vec::new(), layers),
        Err(fault) => {
            let line = fault.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            problems.push(format!("{shown}:{line}: {}", fault.message()));
        }
    }
}

fn flatten(from: &str, table: &Table, path: &mut Vec<String>, layers: &mut Vec<Layer>) {
    for (name, value) in table {
        path.push(name.clone());
        match value {
            Value::Table(inner) => flatten(from, inner, path, layers),
            value => layers.push(Layer {
                from: from.to_owned(),
                path: path.clone(),
                value: value.clone(),
            }),
        }
        path.pop();
    }
}

/// `OUTCRY_LIMITS_ANSWER_MS` is `limits.answer_ms`. Variables of secrets are somebody else's.
fn from_environment(
    defaults: &Table,
    environment: impl Iterator<Item = (String, String)>,
    layers: &mut Vec<Layer>,
    problems: &mut Vec<String>,
) {
    let known = names(defaults);
    for (variable, value) in environment {
        let Some(rest) = variable
            .strip_prefix(PREFIX)
            .filter(|rest| !rest.starts_with("SECRET_") && *rest != "SETTINGS")
        else {
            continue;
        };
        match known.iter().find(|name| name.replace('.', "_").to_uppercase() == rest) {
            Some(name) => layers.push(layer(format!("the variable {variable}"), name, &value, defaults)),
            None => problems.push(format!(
                "the variable {variable} names no setting; `outcry settings` lists them all"
            )),
        }
    }
}

/// Every setting as a dotted name.
fn names(defaults: &Table) -> Vec<String> {
    let mut layers = Vec::new();
    flatten("", defaults, &mut Vec::new(), &mut layers);
    layers.into_iter().map(|layer| layer.path.join(".")).collect()
}

/// A value given as text takes the type of its default.
fn layer(from: String, name: &str, text: &str, defaults: &Table) -> Layer {
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    let default = path.iter().try_fold(None, |at: Option<&Value>, part| {
        Some(Some(match at {
            None => defaults.get(part)?,
            Some(Value::Table(table)) => table.get(part)?,
            Some(_) => return None,
        }))
    });
    let value = match default.flatten() {
        Some(Value::Integer(_)) => text.parse().map_or_else(|_| Value::String(text.to_owned()), Value::Integer),
        Some(Value::Boolean(_)) => text.parse().map_or_else(|_| Value::String(text.to_owned()), Value::Boolean),
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(Value::from)
                .collect(),
        ),
        _ => Value::String(text.to_owned()),
    };
    Layer { from, path, value }
}

fn lay_over(settings: &mut Table, layer: &Layer) -> Result<(), String> {
    let name = layer.path.join(".");
    let (last, groups) = layer.path.split_last().expect("a layer has a name");
    let mut table = settings;
    for group in groups {
        table = match table.get_mut(group) {
            Some(Value::Table(inner)) => inner,
            _ => {
                return Err(format!(
                    "{}: there is no setting {name}; `outcry settings` lists them all",
                    layer.from
                ));
            }
        };
    }
    match table.get_mut(last) {
        Some(Value::Table(_)) | None => Err(format!(
            "{}: there is no setting {name}; `outcry settings` lists them all",
            layer.from
        )),
        Some(place) if place.same_type(&layer.value) => {
            *place = layer.value.clone();
            Ok(())
        }
        Some(place) => Err(format!(
            "{}: {name} must be {}, not {}; `outcry settings` shows how it is written",
            layer.from,
            a(place.type_str()),
            a(layer.value.type_str())
        )),
    }
}

fn a(kind: &str) -> &str {
    match kind {
        "integer" => "a whole number",
        "string" => "a text",
        "boolean" => "true or false",
        "array" => "a list",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn later_layers_win() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "listen = \"127.0.0.1:9000\"\n[limits]\nanswer_ms = 900\n").unwrap();
        let vars = environment(&[
            ("OUTCRY_LIMITS_ANSWER_MS", "800"),
            ("OUTCRY_OUTBOUND_ALLOW", "127.0.0.0/8, ::1/128"),
        ]);
        let settings = Settings::load(Some(file.path()), vars, &[("limits.answer_ms", "700".to_owned())]).unwrap();
        assert_eq!(
            (settings.limits.answer_ms, settings.listen.port(), settings.outbound.allow.len()),
            (700, 9000, 2)
        );
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "lisen = \"127.0.0.1:9000\"\nthreads = \"two\"\n").unwrap();
        let said = Settings::load(Some(file.path()), environment(&[("OUTCRY_LIMIT_ANSWER_MS", "800")]), &[])
            .unwrap_err()
            .to_string();
        for part in [
            "there is no setting lisen",
            "threads must be a whole number, not a text",
            "OUTCRY_LIMIT_ANSWER_MS names no setting",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn a_value_that_no_parser_takes_names_its_setting() {
        let flags = [
            ("listen", "here".to_owned()),
            ("outbound.allow", "home".to_owned()),
            ("log.format", "xml".to_owned()),
        ];
        let said = Settings::load(None, environment(&[]), &flags).unwrap_err().to_string();
        for part in [
            "the flag --listen: listen cannot be \"here\"",
            "--set outbound.allow: outbound.allow cannot be",
            "log.format cannot be \"xml\": it is text or json",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn bounds_are_named() {
        let said = Settings::load(None, environment(&[]), &[("threads", "0".to_owned())])
            .unwrap_err()
            .to_string();
        assert!(said.contains("threads is 0, but must be from 1 to 256"), "{said}");
    }
}
