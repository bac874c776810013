//! `outcry check`: for people, for machines, and on the examples.

use crate::harness::{Home, Ran, market, outcry, repository, tiny};
use serde_json::Value;
use std::path::Path;

fn check(folder: &Path, more: &[&str]) -> Ran {
    Ran::of(outcry().arg("check").arg(folder).args(more))
}

#[test]
fn the_examples_pass_when_they_have_their_secrets() {
    let home = Home::new();
    for example in ["tiny", "market"] {
        let folder = repository("examples").join(example);
        home.write(&format!("{example}.toml"), &secrets_of(&folder));
        let ran = check(&folder, &["--secrets", &home.arg(&format!("{example}.toml"))]);
        assert!(ran.ok, "{example}: {}{}", ran.out, ran.err);
        assert!(ran.out.ends_with("0 errors and 0 warnings\n"), "{example}: {}", ran.out);
    }
}

#[test]
fn a_campaign_that_says_nothing_of_who_is_covered_hears_of_it() {
    let home = tiny(&market());
    let silent = "campaign `home` does not say which buyers a consent covers";
    assert!(home.check(&[]).out.contains(silent), "{}", home.check(&[]).out);
    let said: Value = serde_json::from_str(&home.check(&["--json"]).out).unwrap();
    assert!(said["unsaid"][0].as_str().unwrap().contains("`home`"), "{said}");
    home.edit(
        "spec/exchange.toml",
        "payout = \"80%\"",
        "payout = \"80%\"\nconsent = { sellers = \"named\" }",
    );
    assert!(!home.check(&[]).out.contains(silent), "{}", home.check(&[]).out);
    home.edit("spec/exchange.toml", "\"named\"", "\"open\"");
    let aloud = home.check(&[]);
    assert!(!aloud.out.contains(silent) && aloud.out.contains("OC0962"), "{}", aloud.out);
}

/// A value for every `secret:name` in the files of a folder.
fn secrets_of(folder: &Path) -> String {
    let mut secrets = std::collections::BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let found = text.split("\"secret:").skip(1).filter_map(|rest| rest.split('"').next());
            secrets.extend(found.map(str::to_owned));
        }
    }
    let lines = secrets.iter().map(|name| format!("{name} = \"value-of-{name}\""));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn secrets_may_come_from_the_environment() {
    let folder = repository("examples/tiny");
    let names = ["NORTHWIND_HOME_KEY", "ACME_KEY", "BLUERIDGE_KEY"].map(|name| (format!("OUTCRY_SECRET_{name}"), "v"));
    let ran = Ran::of(outcry().arg("check").arg(&folder).envs(names));
    assert!(ran.ok, "{}", ran.out);
}

#[test]
fn every_problem_stands_in_one_json_object() {
    let home = tiny(&market());
    home.edit("spec/exchange.toml", "supplier = \"northwind\"", "supplier = \"nothwind\"");
    home.edit("spec/exchange.toml", "payout = \"80%\"", "payout = \"180%\"");
    let ran = home.check(&["--json"]);
    assert!(!ran.ok);
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(said["ok"], false);
    let list = said["diagnostics"].as_array().unwrap();
    let place = |code: &str| {
        list.iter()
            .find(|one| one["code"] == code)
            .unwrap_or_else(|| panic!("no {code} in {said}"))
    };
    let missing = place("OC0201");
    assert_eq!([&missing["severity"], &missing["file"]], ["error", "exchange.toml"]);
    assert!(
        missing["line"].as_u64().is_some_and(|line| 15 < line) && missing["column"].is_u64(),
        "{missing}"
    );
    assert!(
        missing["message"].as_str().unwrap().contains("nothwind") && missing["hint"].as_str().unwrap().contains("northwind"),
        "{missing}"
    );
    place("OC0302");

    home.edit("spec/exchange.toml", "nothwind", "northwind");
    home.edit("spec/exchange.toml", "180%", "80%");
    let ran = home.check(&["--json"]);
    assert!(
        ran.ok && ran.out.starts_with(r#"{"ok":true,"diagnostics":[],"unsaid":["#),
        "{}",
        ran.out
    );
}

#[test]
fn every_code_has_its_page() {
    for code in ["OC0101", "oc0404"] {
        let ran = Ran::of(outcry().args(["check", "--explain", code]));
        assert!(ran.ok && ran.out.starts_with(&format!("# {}: ", code.to_uppercase())), "{ran:?}");
        assert!(ran.out.contains("## Wrong") && ran.out.contains("## Right"), "{}", ran.out);
    }
    let ran = Ran::of(outcry().args(["check", "--explain", "OC9999"]));
    assert!(!ran.ok && ran.err.contains("there is no diagnostic code OC9999"), "{ran:?}");
}

#[test]
fn a_warning_is_shown_and_passes() {
    let home = tiny(&market());
    home.edit("spec/exchange.toml", "price = \"22.50\"", "price = \"2.50\"");
    let ran = home.check(&[]);
    assert!(ran.ok, "{}", ran.out);
    assert!(
        ran.out.contains("warning[OC0403]") && ran.out.contains("0 errors and 1 warning"),
        "{}",
        ran.out
    );
}

const CERTIFIED: &str = r#"
schema = "outcry.integration/1"
label = "Acme, behind a certificate"
[params]
base_url = { kind = "url", required = true }
key = { kind = "secret" }
own_cert = { kind = "secret", required = true }
own_key = { kind = "secret", required = true }
[post.request]
url = "{param.base_url}/post"
client_certificate = { certificate = "{param.own_cert}", key = "{param.own_key}" }
[post.answer]
format = "none"
rules = [{ outcome = "accepted", when = { status = 200 } }]
"#;

#[test]
fn a_client_certificate_and_its_key_must_belong_together() {
    let market = market();
    let home = tiny(&market);
    home.write("spec/integrations/certified.toml", CERTIFIED);
    home.write(
        "spec/certified.toml",
        "[contract.acme_certified]\nbuyer = \"acme\"\ncampaign = \"home\"\nintegration = \"certified\"\nprice = \"20.00\"\nparams = { base_url = \"https://buyer.example\", own_cert = \"secret:own_cert\", own_key = \"secret:own_key\" }\n",
    );
    let pem = |name: &str| std::fs::read_to_string(repository("crates/outcry/src/outbound/tests").join(name)).unwrap();
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    for (key, expected) in [
        ("ours.key.pem", "0 errors"),
        (
            "theirs.key.pem",
            "certified.toml:6:1: error[OC0603]: the client certificate cannot be used: the key is not the one of the certificate",
        ),
    ] {
        let (certificate, key) = (pem("ours.cert.pem"), pem(key));
        let own = format!("own_cert = '''{certificate}'''\nown_key = '''{key}'''\n");
        home.write("secrets.toml", &format!("{secrets}{own}"));
        let ran = home.check(&[]);
        assert!(ran.out.contains(expected), "{}", ran.out);
        let middle = |pem: &str| pem.lines().nth(1).unwrap().to_owned();
        assert!(
            !ran.out.contains(&middle(&key)) && !ran.out.contains(&middle(&certificate)),
            "{}",
            ran.out
        );
    }
}
