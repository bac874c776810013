//! The full lead as the winner gets it. Exists only with proof of a covering consent.

use crate::consent::Covered;
use crate::lead::{Lead, Row, Slot};
use crate::lead_type::FieldSet;
use crate::value::Value;
use crate::view::{Datum, Rows, View};

/// Everything of a lead, personal values included, for the one buyer the consent covers.
pub struct PostView<'a> {
    row: RowView<'a>,
}

impl<'a> PostView<'a> {
    /// Opens the whole lead to an integration. `_covered` proves that consent was checked for this buyer.
    pub fn new(lead: &'a Lead, _covered: Covered) -> Self {
        Self {
            row: RowView::new(&lead.lead_type.fields, &lead.row),
        }
    }
}

impl View for PostView<'_> {
    fn get(&self, name: &str) -> Option<Datum<'_>> {
        self.row.get(name)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, Datum<'_>)) {
        self.row.each(visit);
    }
}

/// A row and, for its lists, the views of their rows: made once, so that a template can borrow them.
struct RowView<'a> {
    set: &'a FieldSet,
    row: &'a Row,
    lists: Vec<(usize, RowsView<'a>)>,
}

struct RowsView<'a>(Vec<RowView<'a>>);

impl<'a> RowView<'a> {
    fn new(set: &'a FieldSet, row: &'a Row) -> Self {
        let lists = set.fields.iter().enumerate().filter_map(|(at, field)| {
            let (rows, Value::List(items)) = (field.rows()?, reveal(row.slot(at)?)) else {
                return None;
            };
            Some((at, RowsView(items.iter().map(|item| Self::new(rows, item)).collect())))
        });
        Self {
            set,
            row,
            lists: lists.collect(),
        }
    }

    fn datum(&self, at: usize) -> Option<Datum<'_>> {
        Some(match reveal(self.row.slot(at)?) {
            Value::Bool(yes) => Datum::Bool(*yes),
            Value::Int(number) => Datum::Int(*number),
            Value::Decimal(number) => Datum::Decimal(*number),
            Value::Text(text) => Datum::Text(text),
            Value::Date(date) => Datum::Date(*date),
            Value::Stamp(stamp) => Datum::Stamp(*stamp),
            Value::List(_) => Datum::List(&self.lists.iter().find(|(list, _)| *list == at)?.1),
        })
    }
}

fn reveal(slot: &Slot) -> &Value {
    match slot {
        Slot::Open(value) => value,
        Slot::Personal(value) => value.reveal(),
    }
}

impl View for RowView<'_> {
    fn get(&self, name: &str) -> Option<Datum<'_>> {
        self.datum(self.set.position(name)?)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, Datum<'_>)) {
        for (at, field) in self.set.fields.iter().enumerate() {
            if let Some(datum) = self.datum(at) {
                visit(&field.name, datum);
            }
        }
    }
}

impl Rows for RowsView<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn row(&self, index: usize) -> Option<&dyn View> {
        self.0.get(index).map(|row| row as &dyn View)
    }
}
