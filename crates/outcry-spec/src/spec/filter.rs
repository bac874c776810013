//! `filter = 'state in ["CA", "TX"]'`, and `when` of prices: a problem is reported at its place inside the text.

use crate::codes;
use crate::desk::Problem;
use crate::table::Table;
use outcry_core::filter::{self, Filter};
use outcry_core::lead_type::LeadType;
use std::sync::Arc;

/// Reads a condition; it holds of every lead if there is none.
pub(crate) fn read(table: &Table<'_>, key: &'static str, lead_type: Option<&Arc<LeadType>>) -> Filter {
    let Some(text) = table.text(key) else {
        return Filter::everything();
    };
    let tell = |code, at, message| table.desk.tell(Problem::error(code, text.spot_at(table.desk, at), message));
    let expr = match filter::parse(&text.value) {
        Ok(expr) => expr,
        Err(error) => {
            tell(
                codes::FILTER_SYNTAX,
                error.at,
                format!("the filter cannot be read: expected {}, found {}", error.expected, error.found),
            );
            return Filter::everything();
        }
    };
    let compiled = lead_type.map(|lead_type| Filter::compile_with(&expr, lead_type, table.desk.known()));
    match compiled {
        Some(Ok(filter)) => filter,
        Some(Err(problems)) => {
            for problem in problems {
                tell(codes::FILTER_PROBLEM, problem.at, format!("in the filter, {problem}"));
            }
            Filter::everything()
        }
        None => Filter::everything(),
    }
}
