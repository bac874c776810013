//! What a ping may never carry, and how that is said.

use crate::world::{INTEGRATION, SPEC, check, said};

fn contract(ping: &str) -> String {
    format!("[contract.acme_auto]\nbuyer = \"acme\"\ncampaign = \"auto\"\nintegration = \"acme\"\nping = {ping}\n")
}

#[test]
fn nothing_that_identifies_a_person_can_be_opened() {
    check(
        &contract(r#"{ open = ["city", "phone", "drivers[].first_name", "ctiy"], only = ["state", "email", "zpi"], shut = true }"#),
        r"
        spec.toml:5:26: error[OC0404]: `phone` identifies the person directly (lead type `auto_insurance`), so no ping can carry it
          hint: take it out; the buyer has it in the post
        spec.toml:5:35: error[OC0404]: `drivers[].first_name` identifies the person directly (lead type `auto_insurance`), so no ping can carry it
          hint: take it out; the buyer has it in the post
        spec.toml:5:59: error[OC0405]: the lead type `auto_insurance` has no field `ctiy`
          hint: did you mean `city`?
        spec.toml:5:85: error[OC0404]: `email` identifies the person directly (lead type `auto_insurance`), so no ping can carry it
          hint: leave it to the post
        spec.toml:5:94: error[OC0405]: the lead type `auto_insurance` has no field `zpi`
          hint: did you mean `zip`?
        spec.toml:5:102: error[OC0102]: `ping` of contract `acme_auto` has no key `shut`
          hint: there is `only`, `open`
        ",
    );
}

/// What is said of the exchange when its integration's ping carries these members, and its contract has this `ping`.
fn said_of(members: &str, ping: &str) -> String {
    let (head, rest) = INTEGRATION.split_once("\n\n").expect("a head of two lines");
    let integration = format!("{head}\n[ping.request.body]\n{members}\n{rest}");
    said(&[(SPEC, &contract(ping)), ("integrations/acme.toml", &integration)])
}

#[test]
fn an_integration_that_names_the_person_in_its_ping_is_refused_where_it_does() {
    let said = said_of(
        "zip = \"{zip}\"\nwho = \"{first_name} {last_name}\"\ndriver = \"{drivers[0].first_name}\"",
        "{}",
    );
    let expected = "\
integrations/acme.toml:5:1: error[OC0404]: in pings of contract `acme_auto` (spec.toml:1), `first_name` identifies the person directly \
(lead type `auto_insurance`), so no ping can carry it
  hint: leave it to the post
integrations/acme.toml:5:1: error[OC0404]: in pings of contract `acme_auto` (spec.toml:1), `last_name` identifies the person directly \
(lead type `auto_insurance`), so no ping can carry it
  hint: leave it to the post
integrations/acme.toml:6:1: error[OC0404]: in pings of contract `acme_auto` (spec.toml:1), `drivers[].first_name` identifies the person directly \
(lead type `auto_insurance`), so no ping can carry it
  hint: leave it to the post";
    assert_eq!(said, expected, "\n{said}");
}

#[test]
fn a_field_that_may_be_absent_is_no_fault_unless_it_identifies() {
    assert_eq!(
        said_of("a = \"{?roof_type}\"\nb = \"{?city}\"\nc = \"{?drivers[0].nickname}\"", "{}"),
        ""
    );
    let said = said_of("a = \"{?roof_type}\"\nb = \"{?phone}\"", "{}");
    assert!(
        said.contains("OC0404") && said.contains("`phone`") && !said.contains("roof_type"),
        "{said}"
    );
}

#[test]
fn what_a_ping_may_carry_depends_on_the_contract() {
    let table = [
        ("{zip}", "{}", ""),
        (
            "{zip}",
            "{ only = [\"state\"] }",
            "[OC0406]: in pings of contract `acme_auto` (spec.toml:1), the contract's own `only` leaves `zip` out",
        ),
        (
            "{city}",
            "{}",
            "[OC0406]: in pings of contract `acme_auto` (spec.toml:1), the lead type `auto_insurance` keeps `city` home",
        ),
        ("{city}", "{ open = [\"city\"] }", ""),
        (
            "{zpi}",
            "{}",
            "[OC0405]: in pings of contract `acme_auto` (spec.toml:1), the lead type `auto_insurance` has no field `zpi`",
        ),
        ("{lead_age}", "{}", ""),
        ("{consent_at}", "{}", "[OC0406]: "),
        ("{consent_at}", "{ open = [\"consent_at\"] }", ""),
        ("{drivers[*].age_bracket | join}", "{}", ""),
        ("{drivers[*].dob | join}", "{}", "[OC0406]: "),
        ("{drivers[*].dob | join}", "{ open = [\"drivers[].dob\"] }", ""),
        ("{drivers[0].license_number}", "{}", "[OC0404]: "),
        ("{drivers[0].lisense_state}", "{}", "[OC0405]: "),
    ];
    for (hole, ping, expected) in table {
        let said = said_of(&format!("x = \"{hole}\""), ping);
        let fits = said.is_empty() == expected.is_empty() && said.contains(expected);
        assert!(
            fits && (expected.is_empty() || said.starts_with("integrations/acme.toml:4:1: error")),
            "{hole} {ping}\n{said}"
        );
    }
}

#[test]
fn the_rows_of_a_list_are_watched_as_closely_as_the_lead() {
    let members = "drivers = { each = \"drivers\", as = { age = \"{age_bracket}\", name = \"{first_name}\" } }";
    let said = said_of(members, "{}");
    assert!(
        said.contains("error[OC0404]") && said.contains("`drivers[].first_name` identifies the person"),
        "{said}"
    );
    assert!(!said.contains("age_bracket"), "{said}");
}

#[test]
fn whoever_reads_all_the_ping_sees_only_what_a_ping_can_hold() {
    assert_eq!(said_of("\"*\" = \"{lead}\"", "{}"), "");
}
