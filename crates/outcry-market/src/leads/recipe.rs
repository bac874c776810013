//! How to make up a value for a field: decided once from its declaration, then followed for every lead.

use super::amounts;
use super::days;
use super::form::Form;
use super::tendencies;
use super::words;
use crate::chance::Share;
use outcry_core::field::{Bounds, Field, Group, Kind, Privacy};
use outcry_core::lead_type::FieldSet;
use outcry_core::raw::Raw;
use outcry_core::value::Decimal;
use std::sync::Arc;

/// How one value is made.
pub(crate) enum Recipe {
    FirstName,
    LastName,
    Email,
    Phone,
    SecondPhone,
    Street,
    Unit,
    City,
    State,
    Zip,
    County,
    Gender,
    Ip,
    Certificate,
    PingCertificate,
    LeadId,
    Page(&'static str),
    ConsentText,
    Sellers,
    /// Seconds to minutes ago.
    JustNow,
    Make,
    Model,
    /// Row 0 is the person, the next their spouse; where there is no word for the person, all are children.
    Relationship(Vec<Arc<str>>),
    /// A birth date for an age between two.
    Birth {
        youngest: i64,
        oldest: i64,
    },
    Word {
        words: Vec<Arc<str>>,
        favourite: Option<(Arc<str>, Share)>,
    },
    Text(Vec<Box<str>>),
    Yes(Share),
    Int {
        low: i64,
        high: i64,
        step: i64,
    },
    /// In tenths.
    Tenths {
        low: i64,
        high: i64,
        step: i64,
    },
    /// In days from today.
    Day {
        from: i64,
        to: i64,
    },
    /// On a full hour, in days from today.
    Hour {
        from: i64,
        to: i64,
    },
    List {
        form: Form,
        fewest: i64,
        most: i64,
    },
}

impl Recipe {
    /// `None` where nothing should be sent: numbers that only a thief would collect, and texts in a pattern that
    /// nobody taught the maker and no example shows.
    pub(crate) fn of(field: &Field, set: &FieldSet, lead_type: &str) -> Option<Self> {
        let name = &*field.name;
        if let Some(recipe) = Self::by_name(field) {
            return Some(recipe);
        }
        let secret = field.privacy == Privacy::DirectIdentifier && field.group == Group::Vertical && !field.required.post;
        // What the exchange computes itself nobody sends.
        if secret || field.group == Group::Derived || matches!(name, "is_test" | "source_id") {
            return None;
        }
        match &field.kind {
            Kind::String | Kind::Url => text(field),
            Kind::Enum(words) => Some(word(name, words)),
            Kind::Int => Some(int(field)),
            Kind::Decimal => Some(tenths(field)),
            Kind::Bool => Some(Self::Yes(tendencies::yes(name))),
            Kind::Date => Some(date(field, set, lead_type)),
            Kind::DateTime => {
                let (from, to) = days::usual(name);
                Some(Self::Hour { from, to })
            }
            Kind::Phone => Some(Self::Phone),
            Kind::Email => Some(Self::Email),
            Kind::Zip => Some(Self::Zip),
            Kind::State => Some(Self::State),
            Kind::Ip => Some(Self::Ip),
            Kind::List(set) => Some(list(field, set, lead_type)),
        }
    }

    /// Fields whose name says more than their kind.
    fn by_name(field: &Field) -> Option<Self> {
        let recipe = match (&*field.name, &field.kind) {
            ("first_name", Kind::String) => Self::FirstName,
            ("last_name", Kind::String) => Self::LastName,
            ("phone_alt", Kind::Phone) => Self::SecondPhone,
            ("address_line1", Kind::String) => Self::Street,
            ("address_line2", Kind::String) => Self::Unit,
            ("city", Kind::String) => Self::City,
            ("county_fips", Kind::String) => Self::County,
            ("make", Kind::String) => Self::Make,
            ("model", Kind::String) => Self::Model,
            ("trustedform_cert_url", Kind::Url) => Self::Certificate,
            ("trustedform_ping_url", Kind::Url) => Self::PingCertificate,
            ("jornaya_leadid", Kind::String) => Self::LeadId,
            ("consent_page_url", Kind::Url) => Self::Page("https://quotes.example.com/start?step=9"),
            ("landing_page_url", Kind::Url) => Self::Page("https://quotes.example.com/landing?utm_source=market"),
            ("consent_text", Kind::String) => Self::ConsentText,
            ("consent_sellers", Kind::List(_)) => Self::Sellers,
            ("consent_at", Kind::DateTime) => Self::JustNow,
            ("gender", Kind::Enum(words)) if ["female", "male"].iter().all(|word| words.iter().any(|known| &**known == *word)) => {
                Self::Gender
            }
            ("relationship", Kind::Enum(words)) => Self::Relationship(words.clone()),
            _ => return None,
        };
        Some(recipe)
    }
}

fn word(name: &str, words: &[Arc<str>]) -> Recipe {
    let favourite =
        tendencies::favourite(name).and_then(|(word, share)| Some((words.iter().find(|known| &***known == word)?.clone(), share)));
    Recipe::Word {
        words: words.to_vec(),
        favourite,
    }
}

/// Texts of the right length and pattern: known ones, else the field's own example, else a plain word.
fn text(field: &Field) -> Option<Recipe> {
    let fits = |text: &str| {
        let length = text.chars().count();
        let Bounds {
            min_length,
            max_length,
            pattern,
            ..
        } = &field.bounds;
        min_length.is_none_or(|least| least <= length)
            && max_length.is_none_or(|most| length <= most)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    };
    let known = words::usual(&field.name).unwrap_or_default().iter().copied();
    let example = match &field.example {
        Some(Raw::Text(text)) => Some(&**text),
        _ => None,
    };
    let last_resort = match field.kind {
        Kind::Url => "https://quotes.example.com/",
        _ => "Example",
    };
    let known: Vec<Box<str>> = known.filter(|text| fits(text)).map(Into::into).collect();
    if !known.is_empty() {
        return Some(Recipe::Text(known));
    }
    let padded = last_resort.repeat(field.bounds.min_length.unwrap_or(0) / last_resort.len() + 1);
    let cut: String = last_resort.chars().take(field.bounds.max_length.unwrap_or(usize::MAX)).collect();
    let text = example.into_iter().chain([last_resort, &cut, &padded]).find(|text| fits(text))?;
    Some(Recipe::Text(vec![text.into()]))
}

fn int(field: &Field) -> Recipe {
    let (low, high, step) = range(field, 1);
    Recipe::Int { low, high, step }
}

fn tenths(field: &Field) -> Recipe {
    let (low, high, step) = range(field, 10);
    Recipe::Tenths { low, high, step }
}

/// The usual range, inside the bounds, in units of one or of a tenth. Of a field nobody knows here it lies around
/// its example, or at the lower bound.
fn range(field: &Field, unit: i64) -> (i64, i64, i64) {
    let whole = |bound: Option<Decimal>| bound.map(|bound| in_units(bound, unit));
    let (min, max) = (whole(field.bounds.min).unwrap_or(0), whole(field.bounds.max).unwrap_or(i64::MAX));
    let example = match &field.example {
        Some(Raw::Number(text)) => Decimal::parse(text).map(|example| in_units(example, unit)),
        _ => None,
    };
    let (low, high, step) = match (&*field.name, example) {
        ("year", _) => (2_004, 2_025, 1),
        // a position in the list of vehicles: the first is always there
        ("primary_vehicle", _) => (0, 0, 1),
        (name, example) => match (amounts::usual(name), example) {
            (Some(usual), _) => (usual.low, usual.high, usual.step),
            (None, Some(example)) => (example / 2, example.saturating_mul(3) / 2, 1),
            (None, None) => (min, min.saturating_add(10 * unit), 1),
        },
    };
    let low = low.clamp(min, max);
    (low, high.clamp(low, max), step)
}

fn in_units(number: Decimal, unit: i64) -> i64 {
    let scaled = i128::from(number.digits) * i128::from(unit) / 10_i128.pow(u32::from(number.scale));
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

fn date(field: &Field, set: &FieldSet, lead_type: &str) -> Recipe {
    if &*field.name != "dob" && field.bounds.min_age.is_none() {
        let (from, to) = days::usual(&field.name);
        return Recipe::Day { from, to };
    }
    let (youngest, oldest) = match lead_type {
        _ if is_of_children(set) => (1, 24),
        "medicare" => (64, 86),
        _ => (21, 74),
    };
    let least = field.bounds.min_age.unwrap_or(0).max(0);
    let most = field.bounds.max_age.unwrap_or(110).max(least);
    let youngest = youngest.clamp(least, most);
    Recipe::Birth {
        youngest,
        oldest: oldest.clamp(youngest, most),
    }
}

/// A list of relatives that has no word for the person is one of dependents.
fn is_of_children(set: &FieldSet) -> bool {
    let relatives = set.get("relationship").map(|field| &field.kind);
    matches!(relatives, Some(Kind::Enum(words)) if !words.iter().any(|word| &**word == "self"))
}

fn list(field: &Field, set: &FieldSet, lead_type: &str) -> Recipe {
    let bound = |count: Option<usize>, otherwise: i64| count.and_then(|count| i64::try_from(count).ok()).unwrap_or(otherwise);
    let least = bound(field.bounds.min_items, 0);
    let most = bound(field.bounds.max_items, 10);
    let fewest = least.max(1).min(most);
    Recipe::List {
        form: Form::of(set, lead_type),
        fewest,
        most: (fewest + 1).min(most),
    }
}
