//! What an outside check may see of a lead: the fields that the spec lists for it, and nothing else.
//!
//! A check is asked before anybody buys, so no consent is proven for it; that is why it sees a list of fields and not the
//! lead, and why a list cannot be left out.

use crate::consent::certificate::{is_leadid, trustedform_id};
use crate::lead::{Lead, Slot};
use crate::value::Value;
use crate::view::{Datum, View};

/// The name under which the id of a `TrustedForm` certificate stands, taken out of its address.
pub const TRUSTEDFORM_ID: &str = "trustedform_id";
/// The name under which a `LeadiD` token stands, if it is one.
pub const LEADID_TOKEN: &str = "leadid_token";

/// The listed fields of a lead. Lists of rows stay home.
pub struct CheckView<'a> {
    entries: Vec<(&'a str, Datum<'a>)>,
}

impl<'a> CheckView<'a> {
    /// Of the fields at these positions. With the address of a certificate comes the id in it, if it is exactly one: an
    /// address is never called as it was sent.
    pub fn of(lead: &'a Lead, fields: &[usize]) -> Self {
        let mut entries = Vec::with_capacity(fields.len() + 1);
        for at in fields {
            let (field, Some(slot)) = (&lead.lead_type.fields.fields[*at], lead.row.slot(*at)) else {
                continue;
            };
            let Some(datum) = datum(slot) else { continue };
            let id = match (&*field.name, datum) {
                ("trustedform_cert_url", Datum::Text(url)) => trustedform_id(url).map(|id| (TRUSTEDFORM_ID, Datum::Text(id))),
                ("jornaya_leadid", Datum::Text(token)) if is_leadid(token) => Some((LEADID_TOKEN, datum)),
                _ => None,
            };
            entries.push((&*field.name, datum));
            entries.extend(id);
        }
        Self { entries }
    }
}

fn datum(slot: &Slot) -> Option<Datum<'_>> {
    let value = match slot {
        Slot::Open(value) => value,
        Slot::Personal(value) => value.reveal(),
    };
    Some(match value {
        Value::Bool(yes) => Datum::Bool(*yes),
        Value::Int(number) => Datum::Int(*number),
        Value::Decimal(number) => Datum::Decimal(*number),
        Value::Text(text) => Datum::Text(text),
        Value::Date(date) => Datum::Date(*date),
        Value::Stamp(stamp) => Datum::Stamp(*stamp),
        Value::List(_) => return None,
    })
}

impl View for CheckView<'_> {
    fn get(&self, name: &str) -> Option<Datum<'_>> {
        self.entries.iter().find(|(known, _)| *known == name).map(|(_, datum)| *datum)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, Datum<'_>)) {
        self.entries.iter().for_each(|(name, datum)| visit(name, *datum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::tests::{consent_fields, lead, lead_type, texts};
    use std::sync::Arc;

    #[test]
    fn a_check_sees_its_fields_and_the_id_of_an_exact_address_only() {
        let lead_type = Arc::new(lead_type(consent_fields()));
        let at = |name: &str| lead_type.fields.position(name).unwrap();
        let seen = |url: &str| {
            let lead = lead(
                &lead_type,
                texts(&[("trustedform_cert_url", url), ("state", "TX"), ("consent_text", "I agree.")]),
            );
            let mut seen = Vec::new();
            CheckView::of(&lead, &[at("trustedform_cert_url"), at("state"), at("opt_in_type")])
                .each(&mut |name, _| seen.push(name.to_owned()));
            seen.join(" ")
        };
        let id = "00000000000000000000000000000000000000a1";
        assert_eq!(
            seen(&format!("https://cert.trustedform.com/{id}")),
            "trustedform_cert_url trustedform_id state"
        );
        assert_eq!(
            seen(&format!("https://cert.trustedform.com.evil.net/{id}")),
            "trustedform_cert_url state"
        );
    }
}
