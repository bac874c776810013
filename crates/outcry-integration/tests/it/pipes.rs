//! What each pipe makes of a value, one line for each: the hole, and what stands in JSON. Nothing is a missing value.

use crate::floor::{body, head, text_value, view, with_ping};
use jiff::civil::date;
use outcry_core::moment::Stamp;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_core::value::Decimal;
use outcry_integration::Integration;

fn lead() -> PingView {
    let person = |name: &str, relation: &str, age: i64, car: &str| {
        view(vec![
            ("name", text_value(name)),
            ("relation", text_value(relation)),
            ("age", PingValue::Int(age)),
            ("car", text_value(car)),
        ])
    };
    let texts = [
        ("name", "mary-ann o'NEIL"),
        ("full_name", "Mary Ann O'Neil"),
        ("email", " Ada@Mail.Example.com "),
        ("accents", "Zoë Müller, Łódź 東京"),
        ("lines", "one\r\ntwo"),
        ("blank", " "),
        ("us", "+13125550188"),
        ("us_local", "(312) 555-0188"),
        ("uk", "+447911123456"),
        ("au", "+61412345678"),
        ("es", "+34612345678"),
        ("short", "12345"),
        ("bill", "$201-300"),
        ("income", "35000-49999"),
        ("score", "under 580"),
        ("debt", "100k+"),
        ("exact", "$1,250.50"),
        ("words", "plenty"),
        ("home", "Own"),
        ("often", "bi-weekly"),
        ("twice", "twice_monthly"),
        ("written", "07/04/1990"),
        ("yes", "Y"),
    ];
    let mut fields: Vec<(&str, PingValue)> = texts.iter().map(|(name, text)| (*name, text_value(text))).collect();
    fields.extend([
        ("insured", PingValue::Bool(true)),
        ("months", PingValue::Int(30)),
        ("feet", PingValue::Int(5)),
        ("inches", PingValue::Int(11)),
        ("minus", PingValue::Int(-7)),
        ("rate", PingValue::Decimal(Decimal::parse("6.125").unwrap())),
        ("large", PingValue::Int(1_234_567)),
        ("dob", PingValue::Date(date(1961, 3, 2))),
        ("moved", PingValue::Date(date(2023, 12, 31))),
        ("starts", PingValue::Date(date(2026, 4, 1))),
        ("friday", PingValue::Date(date(2026, 3, 6))),
        ("mid", PingValue::Date(date(2026, 3, 15))),
        ("last", PingValue::Date(date(2026, 4, 30))),
        ("sunday", PingValue::Date(date(2026, 3, 1))),
        ("asked_at", PingValue::Stamp(Stamp::parse("2026-02-28T23:30:00-05:00").unwrap())),
        (
            "people",
            PingValue::List(vec![
                person("Ann", "self", 40, "Land Rover"),
                person("Bob", "child", 9, "none"),
                person("Cid", "child", 12, "none"),
            ]),
        ),
    ]);
    view(fields)
}

const ON_TEXT: &[(&str, &str)] = &[
    ("{name | title}", r#""Mary-Ann O'Neil""#),
    ("{name | capital}", r#""Mary-ann o'NEIL""#),
    ("{name | letters}", r#""maryannoNEIL""#),
    ("{us_local | alphanumeric}", r#""3125550188""#),
    ("{accents | ascii}", r#""Zoe Mueller, Lodz ""#),
    ("{lines | one_line}", r#""one  two""#),
    ("{name | take 1 | upper}", r#""M""#),
    ("{short | take_last 2}", r#""45""#),
    ("{short | take_last 9}", r#""12345""#),
    ("{us | skip 1}", r#""13125550188""#),
    ("{minus | pad 4}", r#""00-7""#),
    ("{short | pad 7 ' '}", r#""  12345""#),
    ("{dob | month | pad 2}", r#""03""#),
    ("{full_name | before ' '}", r#""Mary""#),
    ("{full_name | after ' '}", r#""Ann O'Neil""#),
    ("{short | before ' '}", r#""12345""#),
    ("{short | after ' '}", ""),
    ("{full_name | split ' ' | item 1}", r#""Ann""#),
    ("{full_name | split ' ' | item 9}", ""),
    ("{often | replace '-' ''}", r#""biweekly""#),
    ("{email | email_domain}", r#""mail.example.com""#),
    ("{short | email_domain}", ""),
    ("{email | trim | lower | md5}", r#""a46a5b442a2d2de483e60e62ff383bd6""#),
    ("{us | phone us10 | sha1}", r#""3e42fb901a81edc68ac8e5253f148b70e7b051cf""#),
    ("{short | base64}", r#""MTIzNDU=""#),
    ("{accents | base64url | take 6}", r#""Wm_Dqy""#),
    ("{accents | url | take 6}", r#""Zo%C3%""#),
    ("{short | uuid}", r#""a82b9066-2032-5bba-8bf9-8e865b09025c""#),
    ("{short | sha512 | take 16}", r#""3627909a29c31381""#),
    ("{short | hmac md5 short}", r#""0503b91a5144785c30ed358224f666f0""#),
    ("{people[*].name | upper | join '+'}", r#""ANN+BOB+CID""#),
];

const ON_PHONES: &[(&str, &str)] = &[
    ("{us | phone us11}", r#""13125550188""#),
    ("{us_local | phone e164}", r#""+13125550188""#),
    ("{us | phone dots}", r#""312.555.0188""#),
    ("{us | phone '(NNN)NNN-NNNN'}", r#""(312)555-0188""#),
    ("{us_local | phone '+1-NNN-NNN-NNNN'}", r#""+1-312-555-0188""#),
    ("{us | phone area}-{us | phone exchange}-{us | phone line}", r#""312-555-0188""#),
    ("{us | phone national}", r#""3125550188""#),
    ("{us | phone country}", r#""1""#),
    ("{uk | phone national}", r#""07911123456""#),
    ("{uk | phone country}", r#""44""#),
    ("{uk | phone 'NNNNN NNNNNN'}", r#""07911 123456""#),
    ("{uk | phone e164}", r#""+447911123456""#),
    ("{uk | phone us10}", ""),
    ("{uk | phone dashes}", ""),
    ("{au | phone national}", r#""0412345678""#),
    ("{es | phone national}", r#""612345678""#),
    ("{short | phone us10}", ""),
    ("{short | phone 'NNNNNNN'}", ""),
];

const ON_NUMBERS: &[(&str, &str)] = &[
    ("{feet | times 12 | plus inches}", "71"),
    ("{months | divide 12 | whole}", "2"),
    ("{months | modulo 12}", "6"),
    ("{months | divide 7}", "4.285714286"),
    ("{months | divide 0}", ""),
    ("{months | minus rate}", "23.875"),
    ("{rate | times 100}", "612.5"),
    ("{exact | plus 0}", "1250.5"),
    ("{exact | times 100}", "125050"),
    ("{words | plus 1}", ""),
    ("{months | plus missing}", ""),
    ("{months | at_most 12}", "12"),
    ("{months | at_least 36}", "36"),
    ("{rate | round}", "6"),
    ("{large | round 500}", "1234500"),
    ("{minus | divide 2 | round}", "-4"),
    ("{rate | decimals 2}", r#""6.13""#),
    ("{feet | decimals 2}", r#""5.00""#),
    ("{minus | decimals 1}", r#""-7.0""#),
    ("{rate | decimals 0}", r#""6""#),
    ("{large | thousands}", r#""1,234,567""#),
    ("{exact | thousands}", r#""1,250.5""#),
    ("{minus | thousands}", r#""-7""#),
    ("{months | bands 24=two 12=one else=none}", r#""two""#),
    ("{feet | bands 24=two 12=one else=none}", r#""none""#),
    ("{feet | bands 12=one}", ""),
    ("{bill | range_low}", "201"),
    ("{bill | range_high}", "300"),
    ("{bill | range_middle}", "250.5"),
    ("{income | range_high}", "49999"),
    ("{score | range_low}", "0"),
    ("{score | range_high}", "580"),
    ("{debt | range_low}", "100000"),
    ("{debt | range_high}", ""),
    ("{debt | range_middle}", "100000"),
    ("{exact | range_low}", "1250.5"),
    ("{words | range_low}", ""),
    ("{people[*].age | sum}", "61"),
    ("{people[*].age | max}", "40"),
    ("{people[relation=child].age | min}", "9"),
    ("{people[relation=aunt].age | max}", ""),
    ("{insured | plus 1}", "2"),
];

const ON_DATES: &[(&str, &str)] = &[
    ("{dob | age}", "64"),
    ("{dob | age starts}", "65"),
    ("{dob | age 2026-03-02}", "65"),
    ("{dob | age missing}", ""),
    ("{moved | months_since}", "26"),
    ("{moved | days_since}", "791"),
    ("{starts | days_until}", "31"),
    ("{starts | days_since}", "-31"),
    ("{now | plus_days 30}", r#""2026-03-31""#),
    ("{now | minus_days 1 | date %m/%d/%Y}", r#""02/28/2026""#),
    ("{starts | plus_days feet}", r#""2026-04-06""#),
    ("{moved | plus_months 2}", r#""2024-02-29""#),
    ("{now | next friday}", r#""2026-03-06""#),
    ("{friday | next Friday}", r#""2026-03-13""#),
    ("{sunday | workday}", r#""2026-03-02""#),
    ("{sunday | workday before}", r#""2026-02-27""#),
    ("{friday | workday}", r#""2026-03-06""#),
    ("{friday | next_pay often}", r#""2026-03-20""#),
    ("{friday | next_pay twice}", r#""2026-03-20""#),
    ("{mid | next_pay twice}", r#""2026-03-31""#),
    ("{last | next_pay twice}", r#""2026-05-15""#),
    ("{friday | next_pay home}", ""),
    ("{written | read_date %m/%d/%Y}", r#""1990-07-04""#),
    ("{home | read_date %m/%d/%Y}", ""),
    (
        "{asked_at | zone America/Los_Angeles | date %Y-%m-%d %H:%M}",
        r#""2026-02-28 20:30""#,
    ),
    ("{asked_at | zone UTC | date %Y-%m-%dT%H:%M:%SZ}", r#""2026-03-01T04:30:00Z""#),
    ("{asked_at | unix}", "1772339400"),
    ("{dob | unix_ms}", "-278812800000"),
    ("{home | age}", ""),
];

const ON_WORDS: &[(&str, &str)] = &[
    ("{insured | is yes}", "true"),
    ("{home | is own buy | yes_no Y N}", r#""Y""#),
    ("{home | is rent}", "false"),
    ("{missing | is rent}", ""),
    ("{months | is 30}", "true"),
    ("{months | over 30}", "false"),
    ("{months | under 31}", "true"),
    ("{months | over feet | yes_no 1 2 | number}", "1"),
    ("{missing | exists}", "false"),
    ("{people[relation=aunt] | exists}", "false"),
    ("{people | exists}", "true"),
    ("{blank | exists | yes_no Y N}", r#""N""#),
    ("{home | exists}", "true"),
    ("{yes | bool}", "true"),
    ("{words | bool}", ""),
    ("{insured | not}", "false"),
    ("{home | drop own}", ""),
    ("{home | drop rent}", r#""Own""#),
    ("{home | drop own | default Owner}", r#""Owner""#),
    ("{missing ?? home}", r#""Own""#),
    ("{missing ?? blank ?? months}", "30"),
    ("{missing ?? param.number}", "7"),
    ("{uk | phone us10 | or us_local | digits}", r#""3125550188""#),
    ("{home ?? us | lower}", r#""own""#),
    ("{missing | default}", r#""""#),
    ("{people[relation=Child].name}", r#"["Bob","Cid"]"#),
    ("{people[relation=child][1].name}", r#""Cid""#),
    ("{people[car='land rover'].name | first}", r#""Ann""#),
    ("{people[relation=child] | count}", "2"),
    ("{people[relation=aunt] | count}", "0"),
    ("{people[age=12].name | join}", r#""Cid""#),
    ("{people[*].relation | unique}", r#"["self","child"]"#),
    (
        "{people[relation=self]}",
        r#"[{"name":"Ann","relation":"self","age":40,"car":"Land Rover"}]"#,
    ),
    (
        "{short | hmac sha256 param.number}",
        r#""aa96803e62bf53c74360c088b58cd4fac8c69553daadc9e30c998eca70c3c082""#,
    ),
];

#[test]
fn every_pipe_makes_what_its_line_says() {
    let all = [ON_TEXT, ON_PHONES, ON_NUMBERS, ON_DATES, ON_WORDS].concat();
    let mut wrong = Vec::new();
    for (leaf, expected) in &all {
        let integration = with_ping(&format!(
            "[ping.request]\nurl = \"https://buyer.example\"\nformat = \"json\"\n[ping.request.body]\nx = \"\"\"{leaf}\"\"\"\n"
        ));
        let expected = if expected.is_empty() {
            "{}".to_owned()
        } else {
            format!("{{\"x\":{expected}}}")
        };
        let got = body(&integration, &lead());
        if got != expected {
            wrong.push(format!("{leaf}: expected {expected}, got {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_pipe_that_is_used_wrongly_is_told_how_it_is_written() {
    let post = "[post.request]\nurl = \"https://buyer.example\"\n[post.answer]\nformat = \"none\"\nrules = [{ outcome = \"unknown\" }]\n";
    for (pipe, expected) in [
        ("uper", "there is no pipe \"uper\" (did you mean \"upper\"?)"),
        ("upper 3", "\"upper\" takes no arguments"),
        ("take", "write it like: take 3"),
        ("take many", "write it like: take 3"),
        ("take 99999999999", "write it like: take 3"),
        ("pad 2 xx", "write it like: pad 2"),
        ("phone us12", "is not a phone style"),
        ("phone NNN", "is not a phone style"),
        ("plus", "write it like: plus 1"),
        ("plus 1 2", "write it like: plus 1"),
        ("plus a-b", "\"a-b\" is not a path"),
        ("plus param.none", "there is no parameter \"none\""),
        ("decimals 12", "write it like: decimals 2"),
        ("bands", "write it like: bands 580=Fair"),
        ("bands 1=a 1=b", "write it like: bands 580=Fair"),
        ("bands x=a", "write it like: bands 580=Fair"),
        ("next someday", "write it like: next friday"),
        ("zone Mars/Olympus", "is not a time zone"),
        ("read_date %", "is not a date form"),
        ("hmac sha3 param.key", "write it like: hmac sha256 param.key"),
        ("table", "write it like: table credit"),
        ("words x", "write it like: words own=Own"),
        ("words a=b a=c", "stands twice"),
        ("or", "write it like: or work_phone"),
        ("or attempt.id", "{attempt.id} does not exist in a ping"),
        ("is", "write it like: is own rent"),
        ("split ''", "write it like: split '@'"),
        ("join 'x", "a { is never closed"),
        ("", "there is nothing between two bars"),
    ] {
        let text = format!(
            "{}\n[ping.request]\nurl = \"https://buyer.example\"\nformat = \"json\"\n[ping.request.body]\nx = \"{{zip | {pipe}}}\"\n[ping.answer]\nformat = \"none\"\nrules = [{{ outcome = \"error\" }}]\n{post}",
            head("")
        );
        let said: Vec<String> = Integration::read(&text)
            .err()
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(said.len() == 1 && said[0].contains(expected), "{pipe}: {said:?}");
    }
}
