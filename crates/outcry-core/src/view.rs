//! What an integration may look at while it writes a request: named values, nothing about where they live.

use crate::moment::Stamp;
use crate::value::Decimal;
use jiff::civil::Date;

/// Named values in a fixed order. A ping view and a post view are both one.
pub trait View {
    /// The value of a field, or `None` if the lead does not have it.
    fn get(&self, name: &str) -> Option<Datum<'_>>;

    /// Every field that has a value, in the order of the lead type.
    fn each(&self, visit: &mut dyn FnMut(&str, Datum<'_>));
}

/// Rows of a nested list.
pub trait Rows {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// True when there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One row, counted from zero.
    fn row(&self, index: usize) -> Option<&dyn View>;
}

/// One value as an integration sees it.
#[derive(Clone, Copy)]
pub enum Datum<'a> {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text in its normal form.
    Text(&'a str),
    /// A calendar date.
    Date(Date),
    /// A moment with its offset.
    Stamp(Stamp),
    /// Rows of a nested list.
    List(&'a dyn Rows),
}
