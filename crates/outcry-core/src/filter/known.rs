//! What filters may name beyond the fields of a lead: places, and who sends.

use super::problem::Trouble;
use super::spans::Spans;
use crate::places::{Metres, Places};
use crate::validate::closest;
use crate::value::Decimal;
use std::sync::Arc;

/// What is known when filters are compiled.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Where ZIP codes lie.
    pub places: Arc<Places>,
    /// The names of all sources; any name will do if there are none.
    pub sources: Vec<Arc<str>>,
    /// The names of all suppliers; any name will do if there are none.
    pub suppliers: Vec<Arc<str>>,
}

/// In what a radius is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Length {
    /// Statute miles.
    Miles,
    /// Kilometres.
    Kilometres,
}

impl Length {
    /// As written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Miles => "mi",
            Self::Kilometres => "km",
        }
    }

    /// So many of them.
    pub(super) fn metres(self, number: Decimal) -> Metres {
        #[expect(clippy::cast_precision_loss, reason = "no radius has more digits than a float")]
        let number = number.digits as f64 / 10_f64.powi(number.scale.into());
        Metres(match self {
            Self::Miles => number * 1_609.344,
            Self::Kilometres => number * 1_000.0,
        })
    }
}

impl Known {
    /// The ZIP codes around one.
    pub(super) fn around(&self, distance: Metres, zip: &str) -> Result<Spans, Trouble> {
        let number = super::eval::digits(zip, 5);
        match number.and_then(|number| self.places.within(distance, number)) {
            Some(near) => Ok(Spans::of(near.map(|zip| (zip.into(), zip.into())))),
            None => Err(Trouble::UnknownPlace {
                what: "ZIP code",
                name: zip.into(),
                near: None,
                empty: self.places.is_empty(),
            }),
        }
    }

    /// The ZIP codes of a county.
    pub(super) fn county(&self, name: &str) -> Result<Spans, Trouble> {
        let counties = self.places.counties();
        match counties.iter().position(|county| county.eq_ignore_ascii_case(name)) {
            Some(at) => Ok(Spans::of(self.places.in_county(at).map(|zip| (zip.into(), zip.into())))),
            None => Err(Trouble::UnknownPlace {
                what: "county",
                name: name.into(),
                near: closest(name, counties.iter().map(|county| &**county)).map(Arc::from),
                empty: self.places.is_empty(),
            }),
        }
    }

    /// The ZIP codes whose county is known: only these can be in a county or outside of it.
    pub(super) fn with_county(&self) -> Spans {
        Spans::of(self.places.with_county().map(|zip| (zip.into(), zip.into())))
    }
}
