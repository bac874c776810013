//! What comes with Outcry: integrations and lead types, read once a process.

use crate::compile::SpecFile;
use crate::desk::Desk;
use crate::document::Documents;
use crate::lead_type;
use crate::spec::consent_rule::{self, RuleDraft};
use crate::specs::Specs;
use crate::table::Table;
use outcry_core::lead_type::LeadType;
use outcry_integration::Integration;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

macro_rules! integrations {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../integrations/", $name, ".toml")))),*]
    };
}

/// Name and text of each built-in integration, by name.
pub const INTEGRATIONS: &[(&str, &str)] = integrations![
    "adf_mail",
    "adf_xml",
    "boberdoo_form",
    "cake",
    "convoso",
    "databowl",
    "file_csv",
    "five9",
    "hubspot",
    "inbox_json",
    "juiced",
    "leadbyte",
    "leadconduit",
    "leadexec",
    "leadid",
    "leadprosper_json",
    "leadspedia",
    "mail_plain",
    "outcry_json",
    "phonexa",
    "pingtree",
    "px_solar",
    "px_windows",
    "retreaver",
    "ringba",
    "salesforce_web_to_lead",
    "sftp_csv",
    "simple_form",
    "trustedform",
    "vicidial",
    "webhook_signed"
];

static READ_INTEGRATIONS: LazyLock<Vec<(&str, Arc<Integration>)>> = LazyLock::new(|| {
    let read = |(name, text): &(&'static str, &str)| match Integration::read(text) {
        Ok(integration) => (*name, Arc::new(integration)),
        Err(problems) => panic!("the built-in integration {name} is broken: {problems:?}"),
    };
    INTEGRATIONS.iter().map(read).collect()
});

static READ_LEAD_TYPES: LazyLock<Vec<Arc<LeadType>>> = LazyLock::new(|| {
    let read = |(name, text): &(&str, &str)| match lead_type::read(text) {
        Ok(lead_type) => Arc::new(lead_type),
        Err(problems) => panic!("the built-in lead type {name} is broken: {problems:?}"),
    };
    lead_type::built_in().iter().map(read).collect()
});

macro_rules! consent_rules {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../consent-rules/", $name, ".toml")))),*]
    };
}

/// Name and text of each built-in pack of consent rules.
pub const CONSENT_RULES: &[(&str, &str)] = consent_rules!["us_federal", "us_states"];

static READ_CONSENT_RULES: LazyLock<Vec<(&str, Vec<RuleDraft>)>> =
    LazyLock::new(|| CONSENT_RULES.iter().map(|(name, text)| (*name, read_pack(name, text))).collect());

fn read_pack(name: &str, text: &str) -> Vec<RuleDraft> {
    let files = [SpecFile {
        path: format!("consent-rules/{name}.toml"),
        text: text.to_owned(),
    }];
    let secrets = BTreeMap::new();
    let desk = Desk::new(&files, &secrets);
    let rules = {
        let documents = Documents::read(&desk);
        let specs = Specs::gather(&desk, &documents);
        let read = |(rule, table): (&String, &Table<'_>)| consent_rule::read(name, rule, table);
        specs.consent_rules.iter().filter_map(read).collect()
    };
    let problems = desk.diagnostics();
    assert!(problems.is_empty(), "the built-in consent pack {name} is broken: {problems:?}");
    rules
}

/// The built-in packs of consent rules. Tests read every one of them.
pub(crate) fn consent_rules() -> &'static [(&'static str, Vec<RuleDraft>)] {
    &READ_CONSENT_RULES
}

/// The built-in integrations by name. Tests read every one of them, so a broken one does not leave the house.
pub fn integrations() -> &'static [(&'static str, Arc<Integration>)] {
    &READ_INTEGRATIONS
}

/// The built-in lead types.
pub fn lead_types() -> &'static [Arc<LeadType>] {
    &READ_LEAD_TYPES
}
