//! The lead types that come with Outcry.

macro_rules! lead_types {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../lead-types/", $name, ".json")))),*]
    };
}

const BUILT_IN: [(&str, &str); 12] = lead_types![
    "auto_insurance",
    "debt_relief",
    "health_insurance",
    "home_insurance",
    "home_services",
    "legal_mass_tort",
    "legal_mva",
    "life_insurance",
    "medicare",
    "mortgage",
    "personal_loan",
    "solar",
];

/// Name and text of each built-in lead type, by name.
pub fn built_in() -> &'static [(&'static str, &'static str)] {
    &BUILT_IN
}
