//! Leads of people who do not exist, for any lead type.

mod amounts;
mod calendar;
mod days;
mod filler;
mod form;
mod json;
mod people;
mod person;
mod phone;
mod ping_part;
mod places;
mod recipe;
mod tendencies;
#[cfg(test)]
mod tests;
mod vehicles;
mod words;

use crate::chance::Chance;
use filler::Filler;
use form::Form;
pub use json::to_json;
use outcry_core::lead_type::{LeadType, SellerSpecific};
use outcry_core::moment::Moment;
use outcry_core::raw::Raw;
use person::Person;
pub use ping_part::ping_part;
use std::sync::Arc;

/// Makes up leads of one lead type: believable, valid, and the same for ever for the same seed and number.
///
/// Every lead is made from the field declarations, so an operator's own lead type works too; a text field with
/// a pattern that is not among those of the built-in types is filled with its example. Optional fields are there most
/// of the time; identity numbers and bank accounts never are.
///
/// People are numbered: lead `n` of two makers with one seed is the same person, whatever the lead type. Whoever
/// counts people over several lead types gives each maker numbers of its own.
pub struct LeadMaker {
    lead_type: Arc<LeadType>,
    seed: u64,
    form: Form,
    consent_text: String,
    sellers: Raw,
}

/// Most sellers that the built-in lead types take.
const SELLERS_MAX: usize = 50;

impl LeadMaker {
    /// A maker whose disclosure names two made-up sellers.
    pub fn new(lead_type: Arc<LeadType>, seed: u64) -> Self {
        let form = Form::of(&lead_type.fields, lead_type.name.as_str());
        let maker = Self {
            lead_type,
            seed,
            form,
            consent_text: String::new(),
            sellers: Raw::Null,
        };
        maker.with_sellers(vec!["Example Buyer One LLC".to_owned(), "Example Buyer Two LLC".to_owned()])
    }

    /// The same with these sellers named in the disclosure and, in `consent_sellers`, chosen: the labels or names of the
    /// buyers that should be able to buy. The first fifty are taken.
    #[must_use]
    pub fn with_sellers(mut self, mut sellers: Vec<String>) -> Self {
        sellers.truncate(SELLERS_MAX);
        self.consent_text = disclosure(&sellers, &self.lead_type.label);
        self.sellers = Raw::List(sellers.into_iter().map(chosen).collect());
        self
    }

    /// The lead type of its leads.
    pub fn lead_type(&self) -> &Arc<LeadType> {
        &self.lead_type
    }

    /// Lead `n`, filled in just before `now`.
    pub fn lead(&self, n: u64, now: Moment) -> Raw {
        let person = Person::number(self.seed, n);
        let sellers_needed = match &self.lead_type.compliance.seller_specific {
            SellerSpecific::No => false,
            SellerSpecific::Always => true,
            SellerSpecific::InStates(states) => states.iter().any(|state| &**state == person.place.state),
        };
        let chance = Chance::of(&[self.seed, n, 0x1E]);
        let filler = Filler {
            person,
            now,
            chance,
            consent_text: &self.consent_text,
            sellers: &self.sellers,
            sellers_needed,
        };
        filler.lead(&self.form)
    }
}

fn disclosure(sellers: &[String], label: &str) -> String {
    format!(
        "By pressing Get My Quotes I agree that {} may call, text or e-mail me at the number and address above about my request ({label}), \
         including with automated technology. Consent is not a condition of purchase, and I can take it back at any time.",
        sellers.join(", ")
    )
}

fn chosen(name: String) -> Raw {
    Raw::Object(vec![("name".into(), Raw::Text(name.into())), ("selected".into(), Raw::Bool(true))])
}
