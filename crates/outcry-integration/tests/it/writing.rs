//! What the language writes: pipes, types, lists, missing values, addresses.

use crate::floor::{body, ping_with, text_value, texts, view, with_ping};
use jiff::civil::date;
use outcry_core::moment::Stamp;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_core::value::Decimal;

fn lead() -> PingView {
    let driver = |gender: &str, dob| view(vec![("gender", text_value(gender)), ("dob", PingValue::Date(dob))]);
    view(vec![
        ("zip", text_value("02139")),
        ("phone", text_value("+16175550143")),
        ("email", text_value(" Ada@Example.com ")),
        ("insured", PingValue::Bool(true)),
        ("smoker", PingValue::Bool(false)),
        ("months", PingValue::Int(18)),
        ("amount", PingValue::Decimal(Decimal::parse("1250.50").unwrap())),
        ("own", text_value("rent")),
        ("blank", text_value("")),
        ("dob", PingValue::Date(date(1988, 2, 29))),
        ("asked_at", PingValue::Stamp(Stamp::parse("2026-02-28T23:30:00-05:00").unwrap())),
        (
            "drivers",
            PingValue::List(vec![driver("female", date(1990, 7, 4)), driver("male", date(2001, 3, 1))]),
        ),
        ("cars", PingValue::List(Vec::new())),
    ])
}

/// A leaf, and what it becomes in JSON; nothing where it is left out.
const LEAVES: &[(&str, &str)] = &[
    ("{zip}", r#""02139""#),
    ("{zip | number}", "2139"),
    ("{zip | take 3}", r#""021""#),
    ("{insured}", "true"),
    ("{months}", "18"),
    ("{months | text}", r#""18""#),
    ("{amount}", "1250.5"),
    ("{param.number}", "7"),
    ("{param.number | text}", r#""7""#),
    ("{insured | yes_no}", r#""Yes""#),
    ("{smoker | yes_no Y N}", r#""N""#),
    ("{insured | words yes=1 no=2 | number}", "1"),
    ("{smoker | words true=T false=F}", r#""F""#),
    ("{own | words own=Owner rent='Rents it'}", r#""Rents it""#),
    ("{own | words own=Owner else=Other}", r#""Other""#),
    ("{own | words own=Owner keep}", r#""rent""#),
    ("{own | words own=Owner}", ""),
    ("{months | words 18='1.5 years'}", r#""1.5 years""#),
    ("{email | trim | lower}", r#""ada@example.com""#),
    ("{own | upper}", r#""RENT""#),
    ("{email | split '@' | last | lower}", r#""example.com""#),
    ("{email | split '@' | first}", r#""Ada""#),
    (
        "{own | sha256}",
        r#""0e9fd1596c4b1dfca8ddcd36c567f11da43cf17968a5b912f0e67c5198f643f1""#,
    ),
    ("{phone | phone us10}", r#""6175550143""#),
    ("{phone | phone dashes}", r#""617-555-0143""#),
    ("{phone | phone parens}", r#""(617) 555-0143""#),
    ("{phone | phone e164}", r#""+16175550143""#),
    ("{phone | digits}", r#""16175550143""#),
    ("{zip | phone us10}", ""),
    ("{dob}", r#""1988-02-29""#),
    ("{dob | date %m/%d/%Y}", r#""02/29/1988""#),
    ("{dob | date %Y%m%d}", r#""19880229""#),
    ("{dob | age}", "38"),
    ("{dob | year}", "1988"),
    ("{dob | month}", "2"),
    ("{dob | day | text}", r#""29""#),
    ("{asked_at}", r#""2026-02-28T23:30:00-05:00""#),
    ("{asked_at | date %Y-%m-%d %H:%M}", r#""2026-02-28 23:30""#),
    ("{now | date %Y-%m-%d}", r#""2026-03-01""#),
    ("{drivers[1].gender}", r#""male""#),
    ("{drivers[0].dob | age}", "35"),
    ("{drivers[7].gender}", ""),
    ("{drivers[*].gender}", r#"["female","male"]"#),
    ("{drivers[*].gender | join}", r#""female, male""#),
    ("{drivers[*].gender | upper | join '|'}", r#""FEMALE|MALE""#),
    ("{drivers[*].gender | last}", r#""male""#),
    ("{drivers | count}", "2"),
    ("{cars | count}", "0"),
    ("{boats | count}", "0"),
    ("{cars}", "[]"),
    ("{missing}", ""),
    ("{missing | null}", "null"),
    ("{missing | default ''}", r#""""#),
    ("{missing | default none at all}", r#""none at all""#),
    ("{missing | default 0 | number}", "0"),
    ("{blank}", r#""""#),
    ("{blank | default x}", r#""x""#),
    ("{missing}-{own}", r#""-rent""#),
    ("{missing}-{boats}", ""),
    ("{{zip}} {zip}", r#""{zip} 02139""#),
    ("{test}", "false"),
    ("{source}", r#""north""#),
    ("{ping.wait_ms}", "250"),
    ("{ping.id}", r#""ping_00000000000000000000000000000001""#),
];

#[test]
fn every_pipe_does_what_its_name_says() {
    for (leaf, expected) in LEAVES {
        let integration = with_ping(&format!(
            "[ping.request]\nurl = \"https://buyer.example\"\nformat = \"json\"\n[ping.request.body]\nx = \"\"\"{leaf}\"\"\"\n"
        ));
        let expected = if expected.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{\"x\":{expected}}}")
        };
        let got = body(&integration, &lead());
        assert_eq!(got, expected, "{leaf}");
    }
}

#[test]
fn trees_keep_the_order_of_the_file_and_leave_out_what_is_empty() {
    let integration = with_ping(
        r#"
[ping.request]
url = "https://buyer.example"
format = "json"
[ping.request.body]
z = 1
a = 1.50
flag = true
gone = { x = "{missing}", y = ["{missing}"] }
empty = {}
none = []
list = ["{zip}", "{missing}", { k = "{own}" }]
drivers = { each = "drivers", max = 1, as = { n = "{number}", i = "{index}", g = "{gender}", zip = "{lead.zip}", all = "{row}" } }
cars = { each = "cars", as = { make = "{make}" } }
boats = { each = "boats", as = { make = "{make}" } }
"dotted.key" = "{own}"
"#,
    );
    let expected = concat!(
        r#"{"z":1,"a":1.50,"flag":true,"empty":{},"none":[],"list":["02139",{"k":"rent"}],"#,
        r#""drivers":[{"n":1,"i":0,"g":"female","zip":"02139","all":{"gender":"female","dob":"1990-07-04"}}],"cars":[],"dotted.key":"rent"}"#
    );
    assert_eq!(body(&integration, &lead()), expected);
}

#[test]
fn all_fields_go_as_they_are_save_those_named_beside_them() {
    let integration = with_ping(
        "[ping.request]\nurl = \"https://buyer.example\"\nformat = \"json\"\n[ping.request.body]\nzip = \"x{zip}\"\n\"*\" = \"{lead}\"\nlast = 1\n",
    );
    let lead = texts(&[("state", "OH"), ("zip", "43004"), ("last", "?")]);
    assert_eq!(body(&integration, &lead), r#"{"zip":"x43004","state":"OH","last":1}"#);
}

#[test]
fn forms_and_queries_flatten_with_brackets_or_dots() {
    let drawn = |more: &str| {
        format!(
            "[ping.request]\nurl = \"https://buyer.example/p?v=1\"\n{more}\n[ping.request.body]\n\"Lead.Zip\" = \"{{zip}}\"\nok = true\nd = {{ each = \"drivers\", as = {{ g = \"{{gender}}\" }} }}\n"
        )
    };
    let write = |more: &str| {
        let request = ping_with(&with_ping(&drawn(more)), &[], &lead()).unwrap();
        (
            request.method.as_str(),
            request.url.to_string(),
            String::from_utf8(request.body).unwrap(),
        )
    };
    let (_, url, form) = write("format = \"form\"");
    assert_eq!(url, "https://buyer.example/p?v=1");
    assert_eq!(form, "Lead.Zip=02139&ok=true&d%5B0%5D%5Bg%5D=female&d%5B1%5D%5Bg%5D=male");
    let (_, _, form) = write("format = \"form\"\nnesting = \"dots\"");
    assert_eq!(form, "Lead.Zip=02139&ok=true&d.0.g=female&d.1.g=male");
    let (method, url, form) = write("method = \"GET\"\nformat = \"query\"\nnesting = \"dots\"");
    assert_eq!((method, form.as_str()), ("GET", ""));
    assert_eq!(url, "https://buyer.example/p?v=1&Lead.Zip=02139&ok=true&d.0.g=female&d.1.g=male");
}

#[test]
fn what_is_required_and_missing_is_named_without_a_value() {
    for leaf in [
        "{missing!}",
        "{missing | upper | required}",
        "{blank!}",
        "{own | words x=y | required}",
    ] {
        let integration = with_ping(&format!(
            "[ping.request]\nurl = \"https://buyer.example\"\nformat = \"json\"\n[ping.request.body]\nouter = {{ inner = \"{leaf}\" }}\n"
        ));
        let wrong = ping_with(&integration, &[], &lead()).err().unwrap();
        assert_eq!((wrong.what.as_str(), wrong.line), ("ping.request.body.outer.inner", 14), "{leaf}");
        assert!(wrong.message.contains(&leaf[..8]) && !wrong.to_string().contains("rent"), "{wrong}");
    }
}

#[test]
fn what_a_contract_settles_is_written_once_and_shared() {
    let integration = with_ping(
        "[ping.request]\nurl = \"{param.url}/a/{param.account}?k={param.key}\"\nheaders = { authorization = \"Bearer {param.key}\", x-none = \"{missing}\" }\n",
    );
    let params = std::collections::BTreeMap::from(
        [("key", "a/b c"), ("account", "acct 1")].map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let params = outcry_integration::Params::bind(&integration, &params).unwrap();
    let call = outcry_integration::PingCall {
        ping_id: outcry_core::id::PingId::from_bits(1),
        wait_ms: 1,
        test: false,
        source: "s",
        now: outcry_core::moment::Moment::from_unix_ms(0),
        kept: outcry_integration::Kept::NONE,
        ask: outcry_integration::Ask::default(),
    };
    let (first, second) = (
        integration.render_ping(&params, &lead(), &call).unwrap(),
        integration.render_ping(&params, &lead(), &call).unwrap(),
    );
    assert_eq!(&*first.url, "https://buyer.example/base/a/acct%201?k=a%2Fb%20c");
    assert!(std::sync::Arc::ptr_eq(&first.url, &second.url));
    assert_eq!(first.headers.len(), 1);
    assert_eq!(first.masked(&first.url), "https://buyer.example/base/a/acct%201?k=[secret]");
    assert_eq!(first.masked(&first.headers[0].1), "Bearer [secret]");
}
