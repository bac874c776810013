//! `[variables]`: what stands behind `${name}` in any text of the spec files.

use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::document::Documents;
use crate::specs::tell_duplicate;
use crate::table::Table;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// The variables of all files, with those of the caller above them.
pub(crate) fn read(desk: &Desk<'_>, documents: &Documents<'_>, above: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut seen: BTreeMap<String, (Spot, String)> = BTreeMap::new();
    for (file, document) in &documents.specs {
        let top = Table::new(desk, "a spec file".to_owned(), Spot { file: *file, at: 0 }, document.get_ref());
        let Some(table) = top.table("variables") else { continue };
        for item in table.items() {
            let DeValue::String(value) = item.value.get_ref() else {
                table.tell_type(&item.key, item.value, "a text in quotes");
                continue;
            };
            if let Some((first, _)) = seen.get(&item.key) {
                tell_duplicate(desk, "variable", &item.key, item.spot, *first);
            } else {
                tell_nested(desk, &item.key, value, item.spot);
                seen.insert(item.key, (item.spot, value.to_string()));
            }
        }
    }
    let own = seen.into_iter().map(|(name, (_, value))| (name, value));
    own.chain(above.iter().map(|(name, value)| (name.clone(), value.clone()))).collect()
}

fn tell_nested(desk: &Desk<'_>, name: &str, value: &str, spot: Spot) {
    if value.contains("${") {
        let message = format!("the variable `{name}` is made of another variable");
        desk.tell(Problem::error(codes::VARIABLE_UNDEFINED, spot, message).hint("variables are plain texts; write this one out"));
    }
}
