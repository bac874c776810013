//! A value that identifies a person directly, and cannot be shown by accident.

use std::fmt;

/// Holds what identifies a person: a name, a phone number, an e-mail address.
///
/// It has no `Display` and cannot be serialised, and its `Debug` prints a row of dots, so it cannot reach a
/// log, an error, a ping or a record. The one way to the value is [`Pii::reveal`], which is called where a
/// full lead is posted or stored, and nowhere else.
///
/// ```compile_fail
/// let name = outcry_core::pii::Pii::new("Avery".to_owned());
/// println!("{name}"); // no Display
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps a value on its way in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Callers answer for where it goes next.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}
