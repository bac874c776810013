//! Lead type files: JSON of the format `outcry.lead-type/1` into a [`LeadType`], with every problem at once.
//!
//! The twelve built-in types and those an operator writes are read by the same code. What the format means is
//! told in `lead-types/README.md`.

mod bounds;
mod built_in;
mod example;
mod field;
mod json;
mod object;
mod ping;
mod read;
mod siblings;
#[cfg(test)]
mod tests;

pub use built_in::built_in;
pub use example::examples;
use outcry_core::lead_type::LeadType;
use std::fmt;

/// Something wrong in a lead type file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadTypeProblem {
    /// Line, counted from 1.
    pub line: u32,
    /// Where in the lead type: `drivers[].dob`, `compliance.consent`. Empty for the file itself.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// How to put it right; may be empty.
    pub hint: String,
}

impl fmt::Display for LeadTypeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)?;
        if self.hint.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.hint)
        }
    }
}

/// Reads and checks a lead type file.
///
/// # Errors
/// Every problem found, in the order of lines. A file that is not JSON gives one problem, since nothing behind it
/// can be trusted.
pub fn read(text: &str) -> Result<LeadType, Vec<LeadTypeProblem>> {
    read::lead_type(text)
}
