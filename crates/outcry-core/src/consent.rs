//! Consent: no full lead leaves without a record that covers the buyer.
//!
//! The rule here is the base that holds for every lead type: the person agreed, the words, the moment and the
//! page are known, and where the type asks for it, the buyer is named and chosen.

use crate::lead::Lead;
use crate::lead_type::SellerSpecific;
use crate::moment::Moment;
use crate::value::Value;
use std::fmt;

/// Proof that [`covers`] said yes. A post view cannot be built without one.
#[derive(Clone, Copy, Debug)]
pub struct Covered(());

/// Why a consent record does not cover a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncovered {
    /// `consent_given` is missing or false.
    NotGiven,
    /// The words, the moment or the page is missing.
    Incomplete(&'static str),
    /// The consent lies in the future.
    InFuture,
    /// The lead type accepts only other ways of opting in.
    OptIn,
    /// The buyer is not named and chosen, and the lead type or the state asks for it.
    SellerNotSelected,
}

impl fmt::Display for Uncovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven => f.write_str("the person did not consent"),
            Self::Incomplete(what) => write!(f, "the consent record lacks {what}"),
            Self::InFuture => f.write_str("the consent is dated in the future"),
            Self::OptIn => f.write_str("this way of opting in is not allowed for the lead type"),
            Self::SellerNotSelected => f.write_str("the buyer is not among the sellers the person chose"),
        }
    }
}

/// How far a source's clock may run ahead of ours.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;

/// Does the lead's consent record cover a post to this buyer now?
///
/// `buyer_refs` are the names a source may know the buyer by: its own name and its legal name, compared
/// without regard to case.
///
/// # Errors
/// The first [`Uncovered`] that applies, in the order of the variants.
pub fn covers(lead: &Lead, buyer_refs: &[&str], now: Moment) -> Result<Covered, Uncovered> {
    if lead.open("consent_given") != Some(&Value::Bool(true)) {
        return Err(Uncovered::NotGiven);
    }
    if lead.open("consent_text").is_none() {
        return Err(Uncovered::Incomplete("its text"));
    }
    let Some(Value::Stamp(given)) = lead.open("consent_at") else {
        return Err(Uncovered::Incomplete("its moment"));
    };
    if lead.open("consent_page_url").is_none() {
        return Err(Uncovered::Incomplete("its page"));
    }
    if now.plus_ms(CLOCK_SKEW_MS) < given.at {
        return Err(Uncovered::InFuture);
    }
    let compliance = &lead.lead_type.compliance;
    let allowed = &compliance.opt_in_types_allowed;
    let opt_in_ok = allowed.is_empty()
        || lead
            .open_text("opt_in_type")
            .is_some_and(|way| allowed.iter().any(|one| &**one == way));
    if !opt_in_ok {
        return Err(Uncovered::OptIn);
    }
    let must_name = match &compliance.seller_specific {
        SellerSpecific::No => false,
        SellerSpecific::Always => true,
        SellerSpecific::InStates(states) => lead.state().is_some_and(|state| states.iter().any(|one| &**one == state)),
    };
    if must_name && !selected(lead, buyer_refs) {
        return Err(Uncovered::SellerNotSelected);
    }
    Ok(Covered(()))
}

/// Is one of the buyer's names in `consent_sellers` with `selected: true`?
fn selected(lead: &Lead, buyer_refs: &[&str]) -> bool {
    let set = &lead.lead_type.fields;
    let Some((at, rows)) = set.position("consent_sellers").and_then(|at| Some((at, set.fields[at].rows()?))) else {
        return false;
    };
    let Some(Value::List(sellers)) = lead.row.open(at) else {
        return false;
    };
    let is = |seller: &crate::lead::Row, field: &str| match rows.position(field).and_then(|at| seller.open(at)) {
        Some(Value::Text(text)) => buyer_refs.iter().any(|name| name.eq_ignore_ascii_case(text)),
        _ => false,
    };
    sellers.iter().any(|seller| {
        let chosen = rows.position("selected").and_then(|at| seller.open(at)) == Some(&Value::Bool(true));
        chosen && (is(seller, "name") || is(seller, "buyer_ref"))
    })
}

#[cfg(test)]
pub(crate) mod tests;
