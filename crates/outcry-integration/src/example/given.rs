//! The lead of an example: fields as the file writes them.

use crate::file::{Entry, Kind, Node};
use crate::problem::Problems;
use jiff::civil::Date;
use outcry_core::moment::Stamp;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_core::value::Decimal;
use std::sync::Arc;

/// A view of these fields. A ping view serves for both steps here: it holds values, and an example has no person.
pub(super) fn view(entries: &[Entry], what: &str, problems: &mut Problems) -> PingView {
    let fields = entries.iter().filter_map(|entry| {
        let value = value(&entry.value, &format!("{what}.{}", entry.key), problems)?;
        Some((Arc::from(entry.key.as_str()), value))
    });
    PingView::from_entries(fields.collect())
}

/// Text is text, a date is a date: `1985-01-02` without quotes, a moment with an offset likewise.
fn value(node: &Node, what: &str, problems: &mut Problems) -> Option<PingValue> {
    let value = match &node.kind {
        Kind::Text(text) => Some(PingValue::Text(Arc::from(text.as_str()))),
        Kind::Int(number) => Some(PingValue::Int(*number)),
        Kind::Float(number) => Decimal::parse(number).map(PingValue::Decimal),
        Kind::Bool(yes) => Some(PingValue::Bool(*yes)),
        Kind::Date(text) => text
            .parse::<Date>()
            .ok()
            .filter(|_| text.len() == 10)
            .map(PingValue::Date)
            .or_else(|| Stamp::parse(text).map(PingValue::Stamp)),
        Kind::Array(rows) => {
            let rows = rows.iter().enumerate().map(|(at, row)| match &row.kind {
                Kind::Table(entries) => Some(view(entries, &format!("{what}[{at}]"), problems)),
                _ => None,
            });
            rows.collect::<Option<Vec<_>>>().map(PingValue::List)
        }
        Kind::Table(_) => None,
    };
    if value.is_none() {
        problems.add(
            node.line,
            what,
            format!("{} cannot be the value of a field", node.word()),
            "use text, a number, true or false, a date, or a list of tables",
        );
    }
    value
}
