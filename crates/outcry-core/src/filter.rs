//! Filters: what a contract buys, as the buyer says it, as the file keeps it, and as the engine asks it.
//!
//! ```text
//! state in ["CA", "TX"] and any(drivers, age(dob) < 25) and not currently_insured
//! ```
//!
//! **Conditions.** `or` binds loosest, then `and`, then `not`; parentheses group. A test compares a field:
//! `= != < <= > >=`, `in [..]`, `not in [..]`, `between a and b` (both included), `starts_with ".."`; a field that is
//! true or false may stand alone. `any(list, condition)` holds when a row of the list meets the condition,
//! `all(list, condition)` when no row fails it, as in a list without rows; names inside are fields of the row.
//! `count(list)`, `age(date)` (whole years at the moment of the ping, in UTC) and `zip3(zip)` are compared like
//! fields. A ping output goes by its own name: `age_bracket = "35-44"`, made from the field or as the source gave it.
//!
//! `days_since(consent_at)`, `hours_since`, `minutes_since` and `days_until` count whole units between a date or moment
//! and now, days as days of the calendar in UTC. `hour("America/New_York")`, `weekday(..)` and `date(..)` are what the
//! clocks of a zone show. `source`, `supplier` and `sub1` to `sub5` say who sent the lead, unless the lead type has a
//! field of that name. `zip within 25 mi of "90210"` and `county(zip) in [..]` become sets of ZIP codes when the filter
//! is compiled.
//!
//! **Values.** Texts stand in double quotes, with `\"` and `\\`; so do words of a list, states, ZIP codes, dates
//! (`"2026-01-31"`) and moments (`"2026-01-31T09:00:00-05:00"`). Numbers are exact decimals. Free texts compare without
//! regard to the case of ASCII letters, since people type them; words of a closed list exactly.
//!
//! **What is missing never matches.** A test on a value that the lead lacks is false, whatever the test: `!=` and
//! `not in` too. `any` and `all` of a list that the lead lacks are false. `not` turns that into true, so
//! `not state = "CA"` admits a lead without state and `state != "CA"` does not; `present(field)` and `absent(field)`
//! ask outright.
//!
//! A filter reads no personal value: a field that is a direct identifier cannot be named in one.

mod around;
mod axis;
mod bits;
mod compile;
mod eval;
mod expr;
mod found;
mod index;
mod known;
mod names;
mod parse;
mod problem;
mod proof;
#[cfg(test)]
mod reference;
mod spans;
mod state_set;
#[cfg(test)]
mod tests;
mod texts;
mod token;
mod truth;

pub use self::bits::Bits;
pub use self::expr::{Count, Expr, Is, Literal, Node, Op, Reading, Subject};
pub use self::index::Index;
pub use self::known::{Known, Length};
pub use self::parse::{Place, SyntaxError, parse};
pub use self::problem::{FilterProblem, Trouble};
pub use self::proof::proves;
pub use self::state_set::StateSet;

use self::around::Around;
use self::eval::Check;
use self::found::{Watch, found};
use crate::lead::Lead;
use crate::lead_type::LeadType;
use crate::moment::Moment;
use std::fmt;
use std::sync::Arc;

/// What a contract buys, ready to be asked of leads of one lead type.
#[derive(Clone)]
pub struct Filter {
    /// All must hold. None: everything is bought.
    clauses: Box<[Clause]>,
    states: Option<StateSet>,
}

/// One condition that can refuse a lead by itself.
#[derive(Clone)]
struct Clause {
    check: Check,
    /// As a refusal shows it.
    part: Arc<str>,
    /// With nothing left out, where the check is no single test: two such clauses with the same text say the same.
    whole: Arc<str>,
    watched: Box<[Watch]>,
}

/// The part of a filter that said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The part in canonical text, the middle of long lists left out: `state in ["CA", "TX"]`.
    pub part: Arc<str>,
    /// What the lead has there, in at most 160 bytes: `"NY"`, `nothing`, `row 2: age(dob) 17`; names stand before the
    /// values where the part looks at several. Never a personal value.
    pub found: Arc<str>,
}

impl Filter {
    /// Buys every lead.
    pub fn everything() -> Self {
        Self {
            clauses: Box::default(),
            states: None,
        }
    }

    /// Fits a filter to a lead type.
    ///
    /// # Errors
    /// All that stands in the way, at once: unknown, personal or prohibited fields, tests that the field's type does
    /// not have, values that it cannot have, and conditions that hold never, always or twice.
    pub fn compile(expr: &Expr, lead_type: &Arc<LeadType>) -> Result<Self, Vec<FilterProblem>> {
        Self::compile_with(expr, lead_type, &Known::default())
    }

    /// The same, where places and senders are known. Radii and counties become sets of ZIP codes here.
    ///
    /// # Errors
    /// As [`Filter::compile`], and places and senders that nobody knows.
    pub fn compile_with(expr: &Expr, lead_type: &Arc<LeadType>, known: &Known) -> Result<Self, Vec<FilterProblem>> {
        compile::compile(expr, lead_type, known)
    }

    /// Does the contract buy such a lead at this moment? The lead must be of the lead type the filter was compiled for.
    ///
    /// # Errors
    /// The first part that says no. A `not`, `or`, `any` or `all` is named as a whole.
    pub fn admits(&self, lead: &Lead, now: Moment) -> Result<(), Refusal> {
        let around = Around::of(lead, now);
        match self.clauses.iter().find(|clause| !clause.check.holds(&lead.row, &around)) {
            None => Ok(()),
            Some(clause) => Err(clause.refusal(lead, &around)),
        }
    }

    /// The states outside of which every lead is refused, or `None` if the filter does not say so. A lead without
    /// state is outside. From this an index over many contracts can be built; it is a hint and not the whole filter.
    pub const fn required_states(&self) -> Option<StateSet> {
        self.states
    }
}

impl Clause {
    fn refusal(&self, lead: &Lead, now: &Around<'_>) -> Refusal {
        Refusal {
            part: self.part.clone(),
            found: found(&self.watched, &self.check, &lead.row, now),
        }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::everything()
    }
}

impl fmt::Debug for Filter {
    /// The parts as refusals show them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter ")?;
        f.debug_list().entries(self.clauses.iter().map(|clause| &clause.part)).finish()
    }
}
