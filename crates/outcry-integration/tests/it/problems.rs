//! What is wrong with a file is said at once, with a line, a place and a way out.

use crate::floor::{head, read};
use outcry_integration::{Integration, Params};
use std::collections::BTreeMap;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let problems = Integration::read(text).err().unwrap_or_default();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for (at, expected) in expected.iter().enumerate() {
        assert!(
            lines.get(at).is_some_and(|line| line.contains(expected)),
            "expected {expected} at {at}, got\n{}",
            lines.join("\n")
        );
    }
    assert_eq!(lines.len(), expected.len(), "\n{}", lines.join("\n"));
}

#[test]
fn everything_wrong_is_said_at_once() {
    check(
        r#"schema = "outcry.integration/1"
label = "Broken"
[params]
base_url = { kind = "adress" }
key = { kind = "secret", default = "abc" }
[ping.request]
metod = "POST"
url = "{param.base}/ping"
format = "jsn"
headers = { Host = "x", "bad name" = "y" }
[ping.answer]
format = "json"
rules = [{ outcome = "sold", when = { path = "status", equal = "yes" } }]
[post.request]
url = "https://buyer.example/{zip"
format = "json"
[post.request.body]
zip = "{zip | uper}"
born = "{dob | date}"
drivers = "{drivers.dob}"
when = 2026-01-01
echo = "{bid.echo.lot}"
wait = "{ping.wait_ms}"
row = "{row.x}"
[post.answer]
format = "xml"
rules = [{ outcome = "accepted", when = { path = "a b", equals = "x" } }]
"#,
        &[
            "line 4: params.base_url.kind: \"adress\" is not known (known here: text, secret, url, number, server)",
            "line 5: params.key.default: a secret has no place",
            "line 7: ping.request.metod: there is no such key (did you mean \"method\"?)",
            "line 8: ping.request.url: there is no parameter \"base\"",
            "line 10: ping.request.headers.Host: is written by the client itself",
            "line 10: ping.request.headers.bad name: is not a header name",
            "line 13: ping.answer.rules[0].when.equal: there is no such key (did you mean \"equals\"?)",
            "line 13: ping.answer.rules[0].when: looks at a value and asks nothing of it",
            "line 13: ping.answer.rules[0].outcome: \"sold\" is not known",
            "line 15: post.request.url: a { is never closed",
            "line 18: post.request.body.zip: in {zip | uper}: there is no pipe \"uper\" (did you mean \"upper\"?)",
            "line 19: post.request.body.born: in {dob | date}: \"\" is not a date form",
            "line 20: post.request.body.drivers: {drivers.dob}: a field has no fields (of a list, say which row: drivers[0].dob",
            "line 21: post.request.body.when: a bare date",
            "line 22: post.request: {bid.echo.lot} is not kept",
            "line 23: post.request.body.wait: {ping.wait_ms} does not exist in a post",
            "line 24: post.request.body.row: {row.x} outside of `each`",
            "line 27: post.answer.rules[0].when.path: \"a b\" is not a path",
        ],
    );
}

#[test]
fn a_file_must_be_toml_and_whole() {
    check("label = \"x\nurl = 3", &["line 1: file: not valid TOML"]);
    check("", &["schema: is missing", "label: is missing", "post: is missing"]);
    check(
        "schema = \"outcry.integration/9\"\nlabel = \"x\"\npost = 1",
        &[
            "schema: is not one this version reads",
            "line 3: post: a whole number where a table belongs",
        ],
    );
    let long = format!("# {}", "x".repeat(2_000_000));
    check(&long, &["larger than a megabyte"]);
}

#[test]
fn an_address_comes_from_the_file_or_from_a_url() {
    let with = |url: &str| {
        format!(
            "{}\n[post.request]\nurl = \"{url}\"\n[post.answer]\nformat = \"none\"\nrules = [{{ outcome = \"unknown\" }}]\n",
            head("")
        )
    };
    for url in [
        "https://{param.account}.example/",
        "{param.account}/x",
        "{zip}",
        "/ping",
        "ftp://x.example/",
        "https://u:p@x.example/",
        "https://x.example{zip}",
        "{param.url}{zip}",
        "{param.url}x",
        "{param.url | lower}/x",
        "https:///x",
        "https://x.example:99999/",
        "https://x.example/a b",
        "https://x.example/#a",
        "https://x.example:{zip}/",
        "{param.key}/x",
    ] {
        assert!(Integration::read(&with(url)).is_err(), "{url}");
    }
    for url in [
        "https://x.example",
        "https://x.example/a/{zip}?b={zip}",
        "{param.url}",
        "{param.url}/a",
        "{param.url}?a={zip}",
        "http://[::1]:80/x",
        "https://1.2.3.4:8443/",
    ] {
        assert!(Integration::read(&with(url)).is_ok(), "{url}");
    }
}

#[test]
fn the_fields_of_a_ping_are_told_with_their_lines() {
    let text = format!(
        r#"{}
[ping.request]
url = "https://buyer.example/{{zip}}"
format = "json"
headers = {{ x-state = "{{state}}" }}
[ping.request.body]
name = "{{first_name}} {{lead.last_name | upper}}"
"*" = "{{lead}}"
first = "{{drivers[0].dob | age}}"
rows = {{ each = "drivers", as = {{ g = "{{gender}}", z = "{{lead.zip}}", v = {{ each = "violations", as = "{{kind}}" }} }} }}
[ping.answer]
format = "json"
rules = [{{ outcome = "error" }}]
[post.request]
url = "https://buyer.example/{{phone}}"
[post.answer]
format = "json"
rules = [{{ outcome = "unknown" }}]
"#,
        head("")
    );
    let integration = read(&text);
    let fields: Vec<(&str, u32)> = integration.ping_fields().collect();
    let expected = [
        ("zip", 11),
        ("first_name", 15),
        ("last_name", 15),
        ("drivers[].dob", 17),
        ("drivers", 18),
        ("drivers[].gender", 18),
        ("zip", 18),
        ("drivers[].violations", 18),
        ("drivers[].violations[].kind", 18),
        ("state", 13),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn a_hole_may_be_content_with_a_lead_type_that_has_no_such_field() {
    let text = format!(
        "{}{}",
        head(""),
        r#"
[ping.request]
url = "https://buyer.example"
format = "json"
[ping.request.body]
Zip = "{?zip}"
Roof = "{? roof_type ?? roof | upper}"
State = "{state}"
[ping.answer]
format = "json"
rules = [{ outcome = "error" }]
[post.request]
url = "https://buyer.example"
[post.answer]
format = "json"
rules = [{ outcome = "unknown" }]
"#
    );
    let integration = read(&text);
    let names = |fields: Vec<(&str, u32)>| fields.into_iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(integration.ping_fields().collect()), ["state"]);
    assert_eq!(names(integration.optional_ping_fields().collect()), ["zip", "roof_type", "roof"]);
}

/// A ping that names fields wherever a field can be named.
const EVERYWHERE: &str = r#"
[tables.plan.x]
y = "1"
[ping.request]
url = "https://buyer.example/{zip ?? url_field}"
format = "xml"
query = { q = "{query_field}" }
headers = { x = "{missing | or header_field}" }
[ping.request.body.Root]
"@a" = "{attribute_field}"
b = { when = { field = "when_field", present = true }, then = "{then_field}", else = { "@c" = "{else_field}" } }
c = { when = { any = [{ not = { value = "{not_field | age}", less_than = 3 } }] }, then = 1 }
d = { document = "json", body = [{ document = "form", body = { x = "{deep_field}" } }], pipe = "hmac sha256 pipe_field" }
e = "{a | table plan table_field}"
f = "{a | plus plus_field | over over_field}"
g = "{a | age age_field | plus_days days_field}"
h = "{drivers[where_field=x].picked | next_pay pay_field}"
i = { each = "people[each_field=x]", as = { n = "{row_field ?? lead.beside_field}", w = { when = { field = "row_when", equals = 1 }, then = "{lead.in_row}" } } }
"* more" = { when = { field = "splice_when", absent = true }, then = { j = "{spliced}" } }
k = { each = "flat", names = "K{number}{name}", as = { L = "{flat_field}" } }
[ping.answer]
format = "json"
rules = [{ outcome = "error" }]
[post.request]
url = "https://buyer.example"
[post.answer]
format = "json"
rules = [{ outcome = "unknown" }]
"#;

#[test]
fn no_place_hides_a_field_of_a_ping() {
    let text = format!("{}{EVERYWHERE}", head(""));
    let integration = read(&text);
    let fields: Vec<(&str, u32)> = integration.ping_fields().collect();
    for expected in [
        ("zip", 13),
        ("url_field", 13),
        ("query_field", 15),
        ("header_field", 16),
        ("attribute_field", 18),
        ("when_field", 19),
        ("then_field", 19),
        ("else_field", 19),
        ("not_field", 20),
        ("deep_field", 21),
        ("pipe_field", 21),
        ("table_field", 22),
        ("plus_field", 23),
        ("over_field", 23),
        ("age_field", 24),
        ("days_field", 24),
        ("drivers[].where_field", 25),
        ("drivers[].picked", 25),
        ("pay_field", 25),
        ("people[]", 26),
        ("people[].each_field", 26),
        ("people[].row_field", 26),
        ("beside_field", 26),
        ("people[].row_when", 26),
        ("in_row", 26),
        ("splice_when", 27),
        ("spliced", 27),
        ("flat", 28),
        ("flat[].flat_field", 28),
    ] {
        assert!(fields.contains(&expected), "{expected:?} is not among {fields:?}");
    }
}

#[test]
fn a_contract_hears_of_every_bad_value_and_no_value_is_repeated() {
    let text = head("").replace("default = \"https://buyer.example/base/\"", "required = true");
    let integration = read(&format!(
        "{text}\n[post.request]\nurl = \"{{param.url}}/x\"\nheaders = {{ k = \"{{param.key}}\" }}\n[post.answer]\nformat = \"none\"\nrules = [{{ outcome = \"unknown\" }}]\n"
    ));
    let bind = |values: &[(&str, &str)]| {
        let values: BTreeMap<String, String> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Params::bind(&integration, &values)
            .map(|_| ())
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    let wrong = bind(&[("number", "zwölf"), ("acount", "1"), ("key", "")]).unwrap_err();
    for part in [
        "params.acount: the integration has no such parameter (did you mean \"account\"?)",
        "params.url: is required",
        "params.number: must be a plain decimal",
        "params.key: is empty",
    ] {
        assert!(wrong.contains(part), "{part}\n{wrong}");
    }
    for url in [
        "buyer.example",
        "https://a b",
        "https://u@x.example",
        "javascript:alert(1)",
        "https://x.example/../y",
        "https://x.example/#f",
        "https://x.example/?q=1",
    ] {
        let wrong = bind(&[("url", url)]).unwrap_err();
        assert!(!wrong.contains(url), "{wrong}");
    }
    let wrong = bind(&[("url", "https://x.example"), ("key", "line\nbreak")]).unwrap_err();
    assert!(wrong.contains("header") && !wrong.contains("break"), "{wrong}");
    assert_eq!(bind(&[("url", "https://x.example/api")]), Ok(()));
}
