//! What an answer is read against: the values of the contract that asked, and the lead it asked about.

use crate::mask::Mask;
use crate::param::Params;
use outcry_core::view::{Datum, View};
use std::borrow::Cow;

/// What the reading of an answer may look at besides the answer.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The values of the contract, where one is known: a price may stand among them.
    pub params: Option<&'a Params>,
    /// What must not be recorded of the answer. If none is given, the secrets of the contract.
    pub mask: Option<&'a Mask>,
    /// The lead as it was shown to the buyer: a price may depend on one of its fields.
    pub lead: &'a dyn View,
}

impl<'a> Asked<'a> {
    /// Knows the contract and no lead.
    pub const fn by(params: &'a Params) -> Self {
        Self {
            params: Some(params),
            mask: None,
            lead: &Nobody,
        }
    }

    /// Knows neither: enough for everything but a price that stands outside of the answer.
    pub const fn of_nobody() -> Self {
        Self {
            params: None,
            mask: None,
            lead: &Nobody,
        }
    }

    /// The same, with more that must not be recorded than the secrets of the contract: a token, say.
    #[must_use]
    pub const fn hiding(self, mask: &'a Mask) -> Self {
        Self { mask: Some(mask), ..self }
    }

    /// A text of the answer as it may be shown and kept.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match (self.mask, self.params) {
            (Some(mask), _) => mask.hide_said(text),
            (None, Some(params)) => params.mask().hide_said(text),
            (None, None) => Cow::Borrowed(text),
        }
    }

    /// The same, about a lead.
    #[must_use]
    pub const fn about(self, lead: &'a dyn View) -> Self {
        Self { lead, ..self }
    }
}

/// A lead without a field.
struct Nobody;

impl View for Nobody {
    fn get(&self, _name: &str) -> Option<Datum<'_>> {
        None
    }

    fn each(&self, _visit: &mut dyn FnMut(&str, Datum<'_>)) {}
}
