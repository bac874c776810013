//! Integrations and their parameters: what is named, what is given, what must not stand in a file.

use crate::world::{INTEGRATION, SPEC, compiled, said, secrets, with};
use outcry_spec::{compile, compile_with};
use std::collections::BTreeMap;

fn contract(params: &str) -> String {
    format!("[contract.acme_auto]\nbuyer = \"acme\"\ncampaign = \"auto\"\nintegration = \"acme\"\n{params}\n")
}

#[test]
fn every_wrong_parameter_is_told_where_it_stands() {
    let said = said(&[(
        SPEC,
        &contract(r#"params = { base_url = "leads.acme.example.com", market = 7, key = "k-123", more = ["a"] }"#),
    )]);
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("  hint")).collect();
    let expected = [
        "spec.toml:5:12: error[OC0603]: `params.base_url`: ",
        "spec.toml:5:49: error[OC0603]: `params.market`: the integration has no such parameter",
        "spec.toml:5:67: error[OC0502]: `key` is a secret and stands in the file itself",
        "spec.toml:5:83: error[OC0103]: `more` takes a text, a number, `true` or `false`, not a list",
    ];
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    assert!(!said.contains("k-123"), "{said}");
}

#[test]
fn secrets_are_resolved_and_never_repeated() {
    let tables = contract(r#"params = { key = "secret:acme_key" }"#);
    assert!(compiled(&tables).book.is_some());
    let missing = tables.replace("acme_key", "acne_key");
    assert!(said(&[(SPEC, &missing)]).starts_with("spec.toml:5:18: error[OC0501]: the secret `acne_key` has no value"));
    let wrong = contract(r#"params = { base_url = "secret:acme_key" }"#);
    let said = said(&[(SPEC, &wrong)]);
    assert!(
        said.starts_with("spec.toml:5:12: error[OC0603]") && !said.contains("the value of"),
        "{said}"
    );
}

#[test]
fn leads_travel_over_tls_or_stay_on_this_machine() {
    let said_of = |url: &str| said(&[(SPEC, &contract(&format!("params = {{ base_url = \"{url}\" }}")))]);
    assert_eq!(said_of("https://leads.acme.example.com"), "");
    assert_eq!(said_of("http://localhost:9100/acme"), "");
    assert_eq!(
        said_of("http://leads.acme.example.com"),
        "spec.toml:5:23: warning[OC0308]: `base_url` sends what it carries to leads.acme.example.com without TLS\n  hint: write https://"
    );
}

#[test]
fn test_leads_go_to_the_test_address_with_all_else_unchanged() {
    let tables = contract("params = { key = \"secret:acme_key\" }\ntest_params = { base_url = \"https://test.acme.example.com\" }");
    let book = compiled(&tables).book.unwrap();
    assert!(book.bindings[0].test_params.is_some());
    let wrong = tables.replace("base_url", "base_uri");
    let said = said(&[(SPEC, &wrong)]);
    assert!(said.starts_with("spec.toml:6:17: error[OC0603]"), "{said}");
}

#[test]
fn variables_place_the_buyers() {
    let tables = format!(
        "[variables]\nmarket = \"nowhere\"\n\n{}",
        contract("params = { base_url = \"${market}/acme\" }")
    );
    assert!(compiled(&tables).has_errors());
    let market = BTreeMap::from([("market".to_owned(), "http://127.0.0.1:9100".to_owned())]);
    let outcome = compile_with(&with(&[(SPEC, &tables)]), &secrets(), &market);
    assert_eq!(outcome.diagnostics, []);
}

#[test]
fn an_integration_is_known_by_its_folder_or_by_its_schema() {
    let named = |name: &str| contract("").replace("integration = \"acme\"", &format!("integration = \"{name}\""));
    assert_eq!(said(&[(SPEC, &named("contoso")), ("integrations/contoso.toml", INTEGRATION)]), "");
    assert_eq!(said(&[(SPEC, &named("contoso")), ("buyers/contoso.toml", INTEGRATION)]), "");
    let twice = said(&[("integrations/contoso.toml", INTEGRATION), ("buyers/contoso.toml", INTEGRATION)]);
    assert!(
        twice.contains("error[OC0106]: there are two integrations called `contoso`"),
        "{twice}"
    );
    let shouting = said(&[("integrations/Contoso-2.toml", INTEGRATION)]);
    assert!(shouting.starts_with("integrations/Contoso-2.toml:1:1: error[OC0105]"), "{shouting}");
}

#[test]
fn a_broken_integration_is_told_once_and_not_once_a_contract() {
    let broken = INTEGRATION.replace("outcome = \"bid\"", "outcome = \"bidd\"");
    let said = said(&[("integrations/acme.toml", &broken)]);
    assert_eq!(said.matches(": error[").count(), 1, "{said}");
    assert!(said.starts_with("integrations/acme.toml:") && said.contains("[OC0601]"), "{said}");
}

#[test]
fn an_operators_lead_type_stands_before_the_built_in_one() {
    let text = include_str!("../../../../lead-types/auto_insurance.json");
    let said_of = said(&[("lead-types/auto_insurance.json", text)]);
    assert!(
        said_of.starts_with("lead-types/auto_insurance.json:1:1: warning[OC0605]: this file replaces the built-in lead type"),
        "{said_of}"
    );
    let twice = said(&[("lead-types/a.json", text), ("lead-types/b.json", text)]);
    assert!(
        twice.contains("lead-types/b.json:1:1: error[OC0106]: there are two lead types called `auto_insurance`"),
        "{twice}"
    );
    let broken = said(&[
        ("lead-types/a.json", "{ \"schema\": \"outcry.lead-type/1\", "),
        (SPEC, "[campaign.auto]\nlead_type = \"a\"\npayout = \"80%\"\n"),
    ]);
    assert!(broken.contains("[OC0604]") && !broken.contains("[OC0201]"), "{broken}");
}

#[test]
fn each_built_in_integration_keeps_its_promises_and_can_be_named() {
    for (name, integration) in outcry_spec::builtin::integrations() {
        for outcome in integration.run_examples() {
            assert!(
                outcome.passed,
                "{name}: {}\nexpects {}\ngot {}",
                outcome.name, outcome.expected, outcome.got
            );
        }
        let tables = contract("").replace("integration = \"acme\"", &format!("integration = \"{name}\"\nprice = \"12.00\""));
        let outcome = compile(&with(&[(SPEC, &tables)]), &secrets());
        let unknown = outcome.diagnostics.iter().find(|diagnostic| diagnostic.code == "OC0201");
        assert_eq!(unknown, None, "{name}");
    }
}

#[test]
fn every_integration_file_of_the_repository_is_built_in() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations");
    let files = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    files.sort();
    let built_in: Vec<&str> = outcry_spec::builtin::integrations().iter().map(|(name, _)| *name).collect();
    assert_eq!(built_in, files, "the list stands in src/builtin.rs");
}

#[test]
fn the_house_integration_pings_for_every_lead_type() {
    for lead_type in outcry_spec::builtin::lead_types() {
        let campaign = format!("[campaign.auto]\nlead_type = \"{}\"\npayout = \"80%\"\n", lead_type.name);
        let params = "params = { base_url = \"https://leads.acme.example.com\", key = \"secret:acme_key\" }";
        let contract = contract(params).replace("integration = \"acme\"", "integration = \"outcry_json\"");
        assert_eq!(said(&[(SPEC, &format!("{campaign}\n{contract}"))]), "", "{}", lead_type.name);
    }
}
