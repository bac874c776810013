//! Which file is what, and the TOML of those that are TOML.

use crate::codes;
use crate::compile::SpecFile;
use crate::desk::{Desk, Problem, Spot};
use toml::Spanned;
use toml::de::DeTable;

/// What `schema` says in an integration file, wherever it lies.
const INTEGRATION_SCHEMA: &str = "outcry.integration/1";

/// The files by what they are; each by its position on the desk.
#[derive(Default)]
pub(crate) struct Documents<'a> {
    /// Tables of suppliers, sources, buyers, campaigns, contracts and variables.
    pub(crate) specs: Vec<(usize, Spanned<DeTable<'a>>)>,
    /// How to speak with buyers; read by `outcry-integration`.
    pub(crate) integrations: Vec<usize>,
    /// Lead types, in JSON.
    pub(crate) lead_types: Vec<usize>,
    /// ZIP codes with their places.
    pub(crate) places: Vec<usize>,
}

impl<'a> Documents<'a> {
    /// Sorts the files and parses the spec files among them.
    pub(crate) fn read(desk: &Desk<'a>) -> Self {
        let mut documents = Self::default();
        for (file, SpecFile { path, text }) in desk.files().iter().enumerate() {
            match extension(path) {
                "csv" if is_places(path) => documents.places.push(file),
                "json" => documents.lead_types.push(file),
                // Words of approved texts, which tables name.
                "txt" if in_folder(path, "texts") => {}
                "toml" if in_folder(path, "integrations") => documents.integrations.push(file),
                "toml" => {
                    let (table, errors) = DeTable::parse_recoverable(text);
                    if says_integration(table.get_ref()) {
                        documents.integrations.push(file);
                    } else if errors.is_empty() {
                        documents.specs.push((file, table));
                    } else {
                        desk.set_incomplete();
                        tell_syntax(desk, file, &errors);
                    }
                }
                _ => {
                    let problem = Problem::warning(
                        codes::FILE_NOT_READ,
                        Spot { file, at: 0 },
                        "this file is neither .toml nor .json nor places.csv, and was not read",
                    );
                    desk.tell(problem.hint("keep notes outside the spec folder, or as comments in its files"));
                }
            }
        }
        documents
    }
}

/// One line for each place; one mistake makes the parser stumble more than once.
fn tell_syntax(desk: &Desk<'_>, file: usize, errors: &[toml::de::Error]) {
    let mut last_line = None;
    for error in errors {
        let spot = Spot {
            file,
            at: error.span().map_or(0, |span| span.start),
        };
        let line = Some(desk.show(spot));
        if line == last_line {
            continue;
        }
        last_line = line;
        let problem = Problem::error(codes::TOML_SYNTAX, spot, format!("this is not TOML: {}", error.message()));
        desk.tell(match error.message() {
            "duplicate key" => problem.hint("each table and each key stands once in a file"),
            _ => problem,
        });
    }
}

fn says_integration(table: &DeTable<'_>) -> bool {
    table.get("schema").and_then(|schema| schema.get_ref().as_str()) == Some(INTEGRATION_SCHEMA)
}

fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Is this the operator's own list of places?
pub(crate) fn is_places(path: &str) -> bool {
    path.rsplit('/').next() == Some("places.csv")
}

/// Is the folder of the file called so?
fn in_folder(path: &str, folder: &str) -> bool {
    path.rsplit('/').nth(1) == Some(folder)
}

/// The name of a file without its folder and its extension.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
