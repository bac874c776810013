//! What each table of the spec files says, one noun a file.

pub(crate) mod address;
pub(crate) mod approved_text;
pub(crate) mod buyer;
pub(crate) mod campaign;
pub(crate) mod cap;
pub(crate) mod check;
pub(crate) mod connection;
pub(crate) mod consent;
pub(crate) mod consent_rule;
pub(crate) mod contract;
pub(crate) mod distribution;
pub(crate) mod duplicates;
pub(crate) mod filter;
pub(crate) mod intake;
pub(crate) mod list;
pub(crate) mod pacing;
pub(crate) mod ping;
pub(crate) mod price;
pub(crate) mod route;
pub(crate) mod schedule;
pub(crate) mod source;
pub(crate) mod span;
pub(crate) mod supplier;
pub(crate) mod terms;
