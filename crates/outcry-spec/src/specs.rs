//! Every `[supplier.…]`, `[source.…]`, `[buyer.…]`, `[campaign.…]`, `[contract.…]` and what they share, of all files,
//! by name.

use crate::codes;
use crate::desk::{Desk, Problem, Spot};
use crate::document::Documents;
use crate::name;
use crate::table::Table;
use std::collections::BTreeMap;
use toml::de::DeValue;

/// Tables by name, so that the same files in another order give the same catalog.
pub(crate) type Named<'a> = BTreeMap<String, Table<'a>>;

/// All tables, unread.
#[derive(Default)]
pub(crate) struct Specs<'a> {
    pub(crate) suppliers: Named<'a>,
    pub(crate) sources: Named<'a>,
    pub(crate) buyers: Named<'a>,
    pub(crate) campaigns: Named<'a>,
    pub(crate) contracts: Named<'a>,
    pub(crate) consent_rules: Named<'a>,
    pub(crate) texts: Named<'a>,
    pub(crate) checks: Named<'a>,
    pub(crate) lists: Named<'a>,
    /// `[exchange]`, wherever it stands, with the file of each.
    pub(crate) exchange: Vec<Table<'a>>,
}

impl<'a> Specs<'a> {
    /// Gathers the tables of all spec files.
    pub(crate) fn gather(desk: &'a Desk<'a>, documents: &'a Documents<'a>) -> Self {
        let mut specs = Self::default();
        for (file, document) in &documents.specs {
            let top = Table::new(desk, "a spec file".to_owned(), Spot { file: *file, at: 0 }, document.get_ref());
            gather(desk, &top, "supplier", &mut specs.suppliers);
            gather(desk, &top, "source", &mut specs.sources);
            gather(desk, &top, "buyer", &mut specs.buyers);
            gather(desk, &top, "campaign", &mut specs.campaigns);
            gather(desk, &top, "contract", &mut specs.contracts);
            gather(desk, &top, "consent_rule", &mut specs.consent_rules);
            gather(desk, &top, "text", &mut specs.texts);
            gather(desk, &top, "check", &mut specs.checks);
            gather(desk, &top, "list", &mut specs.lists);
            if let Some(table) = top.table("exchange") {
                if let Some(first) = specs.exchange.first() {
                    tell_duplicate(desk, "table", "exchange", table.spot, first.spot);
                } else {
                    specs.exchange.push(table);
                }
            }
            // Read by now; asking makes it a known key.
            top.has("variables");
            top.finish();
        }
        specs
    }
}

fn gather<'a>(desk: &'a Desk<'a>, top: &Table<'a>, kind: &'static str, named: &mut Named<'a>) {
    let Some(tables) = top.table(kind) else { return };
    for item in tables.items() {
        let DeValue::Table(entries) = item.value.get_ref() else {
            tables.tell_type(&item.key, item.value, &format!("a table of its own, `[{kind}.{}]`", item.key));
            continue;
        };
        if !name::is_name(&item.key) {
            tell_bad_name(desk, kind, &item.key, item.spot);
        }
        if let Some(first) = named.get(&item.key) {
            tell_duplicate(desk, kind, &item.key, item.spot, first.spot);
        } else {
            let table = Table::new(desk, format!("{kind} `{}`", item.key), item.spot, entries);
            named.insert(item.key, table);
        }
    }
}

/// Reports a name that is none.
pub(crate) fn tell_bad_name(desk: &Desk<'_>, kind: &str, found: &str, spot: Spot) {
    let message = format!("`{found}` is no name for a {kind}");
    let hint = match name::as_name(found) {
        Some(near) if near != found => format!("small letters, digits and `_`, at most 63, a letter first: `{near}`"),
        _ => "small letters, digits and `_`, at most 63, a letter first".to_owned(),
    };
    desk.tell(Problem::error(codes::BAD_NAME, spot, message).hint(hint));
}

/// Reports a name that was taken before, with both places.
pub(crate) fn tell_duplicate(desk: &Desk<'_>, kind: &str, name: &str, spot: Spot, first: Spot) {
    let message = format!("there are two {kind}s called `{name}`");
    desk.tell(Problem::error(codes::DUPLICATE_NAME, spot, message).hint(format!("the first is at {}", desk.show(first))));
}
