//! What each format writes of the same tree, and what stands inside of what.

use crate::floor::{body, head, ping_with, read, text_value, view, with_ping};
use jiff::civil::date;
use outcry_core::ping_view::{PingValue, PingView};

fn lead() -> PingView {
    let person = |gender: &str, relation: &str| view(vec![("gender", text_value(gender)), ("relation", text_value(relation))]);
    view(vec![
        ("zip", text_value("02139")),
        ("name", text_value("Ann & <Bob> \"C\"")),
        ("lead_type", text_value("refinance")),
        ("homeowner", PingValue::Bool(true)),
        ("income", PingValue::Int(4200)),
        ("dob", PingValue::Date(date(1988, 2, 29))),
        ("blank", text_value(" ")),
        ("note", text_value("two\r\nlines | and, more; ]]> =")),
        ("people", PingValue::List(vec![person("female", "self"), person("male", "child")])),
        ("none", PingValue::List(Vec::new())),
    ])
}

/// A request of this format, with these lines behind it.
fn request(lines: &str) -> String {
    format!("[ping.request]\nurl = \"https://buyer.example\"\n{lines}")
}

/// What these lines make of the lead.
#[track_caller]
fn check(lines: &str, expected: &str) {
    assert_eq!(body(&with_ping(&request(lines)), &lead()), expected, "{lines}");
}

/// Lines that are refused, and a part of what is said.
#[track_caller]
fn refused(lines: &str, expected: &str) {
    let post = "[post.request]\nurl = \"https://buyer.example\"\n[post.answer]\nformat = \"none\"\nrules = [{ outcome = \"unknown\" }]\n";
    let answer = "[ping.answer]\nformat = \"none\"\nrules = [{ outcome = \"error\" }]\n";
    let text = format!("{}\n{}\n{answer}{post}", head(""), request(lines));
    let problems = outcry_integration::Integration::read(&text).err().unwrap_or_default();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|line| line.contains(expected)), "{lines}\n{said:?}");
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

#[test]
fn xml_has_elements_attributes_lists_and_one_root() {
    check(
        r##"format = "xml"
[ping.request.body.Request]
Zip = "{zip}"
"@version" = 2
Name = "{name}"
Owner = { "@type" = "{name}", "#text" = "{homeowner | yes_no}" }
Gone = { "@type" = "x", "#text" = "{missing}" }
Also = { A = "{missing}" }
Note = { "#cdata" = "{note}" }
Match = ["a", "{missing}", "b"]
People = { Person = { each = "people", as = { "@no" = "{number}", Gender = "{gender}" } } }
All = "{people[*].gender}"
Flat = { each = "people", names = "Child_{number}_{name}", as = { Sex = "{gender | take 1 | upper}" } }
"##,
        &format!(
            "{XML}<Request version=\"2\"><Zip>02139</Zip><Name>Ann &amp; &lt;Bob&gt; \"C\"</Name>\
             <Owner type=\"Ann &amp; &lt;Bob&gt; &quot;C&quot;\">Yes</Owner>\
             <Note><![CDATA[two]]>&#13;<![CDATA[\nlines | and, more; ]]]]><![CDATA[> =]]></Note>\
             <Match>a</Match><Match>b</Match>\
             <People><Person no=\"1\"><Gender>female</Gender></Person><Person no=\"2\"><Gender>male</Gender></Person></People>\
             <All>female</All><All>male</All><Child_1_Sex>F</Child_1_Sex><Child_2_Sex>M</Child_2_Sex></Request>"
        ),
    );
    check(
        "format = \"xml\"\ndeclaration = false\n[ping.request.body]\n\"ns:Lead\" = { \"@xmlns:ns\" = \"urn:x\", \"ns:Zip\" = \"{missing}\" }",
        "<ns:Lead xmlns:ns=\"urn:x\"></ns:Lead>",
    );
}

#[test]
fn xml_that_no_parser_would_take_is_refused_at_load() {
    for (body, expected) in [
        ("[ping.request.body]\nA = 1\nB = 2", "has one root"),
        ("[ping.request.body]\nA = [1, 2]", "has one root"),
        ("[ping.request.body]\n\"*\" = \"{lead}\"", "has one root"),
        ("[ping.request.body]\n\"A B\" = 1", "is not a name that the format can carry"),
        (
            "[ping.request.body]\nA = { \"1st\" = 1 }",
            "is not a name that the format can carry",
        ),
        ("[ping.request.body]\nA = { \"ns:B\" = 1 }", "the prefix \"ns\" is not declared"),
        ("[ping.request.body]\nA = { \"@a\" = { b = 1 } }", "take a single value"),
        (
            "[ping.request.body]\nA = { x = { each = \"people\", names = \"{number}{name}\", as = { b = 1 } } }",
            "does not make names",
        ),
        ("nesting = \"dots\"\n[ping.request.body]\nA = 1", "nesting: goes with form"),
        (
            "[ping.request.body]\nA = { x = { each = \"people\", names = \"{name}{number}\", as = { \"@b\" = 1 } } }",
            "holds attributes or text",
        ),
        (
            "[ping.request.body]\nA = { x = { each = \"people\", names = \"r{number}{name}\", as = { \"* a\" = { \"#text\" = 1 } } } }",
            "holds attributes or text",
        ),
        ("[ping.request.body]\nA = { \"* x\" = { \"@b\" = 1 } }", "`*` stands for members"),
    ] {
        refused(&format!("format = \"xml\"\n{body}"), expected);
    }
}

#[test]
fn soap_puts_an_envelope_around_and_says_its_action() {
    let soap = |version: &str| {
        request(&format!(
            r##"format = "{version}"
action = "urn:AddLead"
soap_header = {{ "a:Auth" = {{ "@xmlns:a" = "urn:a", Key = "{{param.key}}" }} }}
[ping.request.body.AddLead]
"@xmlns" = "urn:leads"
zip = {{ "@xsi:type" = "xsd:string", "#text" = "{{zip}}" }}
lead = {{ document = "xml", body = {{ L = {{ n = "{{name}}" }} }}, declaration = false }}
"##
        ))
    };
    let inside = |envelope: &str| {
        format!(
            "{XML}<soap:Envelope xmlns:soap=\"{envelope}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><soap:Header><a:Auth xmlns:a=\"urn:a\"><Key>k</Key></a:Auth></soap:Header>\
             <soap:Body><AddLead xmlns=\"urn:leads\"><zip xsi:type=\"xsd:string\">02139</zip>\
             <lead>&lt;L&gt;&lt;n&gt;Ann &amp;amp; &amp;lt;Bob&amp;gt; \"C\"&lt;/n&gt;&lt;/L&gt;</lead></AddLead></soap:Body></soap:Envelope>"
        )
    };
    for (version, envelope, headers) in [
        (
            "soap11",
            "http://schemas.xmlsoap.org/soap/envelope/",
            vec![("content-type", "text/xml; charset=utf-8"), ("soapaction", "\"urn:AddLead\"")],
        ),
        (
            "soap12",
            "http://www.w3.org/2003/05/soap-envelope",
            vec![("content-type", "application/soap+xml; charset=utf-8; action=\"urn:AddLead\"")],
        ),
    ] {
        let request = ping_with(&with_ping(&soap(version)), &[("key", "k")], &lead()).unwrap();
        assert_eq!(String::from_utf8(request.body).unwrap(), inside(envelope));
        let got: Vec<(&str, &str)> = request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(got, headers);
    }
    refused(
        "format = \"soap11\"\naction = \"a\\\"b\"\n[ping.request.body]\nA = 1",
        "is an address of plain letters",
    );
    refused("format = \"soap12\"\n[ping.request.body]\n\"@a\" = 1", "is a table of elements");
    refused(
        "format = \"json\"\naction = \"a\"\n[ping.request.body]\nA = 1",
        "action: goes with soap11",
    );
}

#[test]
fn text_is_one_text_or_lines_and_no_value_ends_a_line() {
    check(
        "format = \"text\"\nbody = \"LEAD {zip}\\n{note}\\n{missing}.\"",
        "LEAD 02139\ntwo  lines | and, more; ]]> =\n.",
    );
    check(
        "format = \"text\"\nseparator = \"|\"\npair = \": \"\n[ping.request.body]\nZip = \"{zip}\"\nNote = \"{note}\"\nGone = \"{missing}\"\nP = { each = \"people\", names = \"{name}_{number | pad 2}\", as = { G = \"{gender}\" } }",
        "Zip: 02139|Note: two  lines   and, more; ]]> =|G_01: female|G_02: male",
    );
    refused("format = \"text\"\nbody = [1]", "is one text, or a table");
}

#[test]
fn multipart_has_a_part_for_each_value() {
    let lines = "format = \"multipart\"\n[ping.request.body]\nzip = \"{zip}\"\n\"a \\\"b\" = \"{note}\"\nf = { document = \"json\", body = { z = \"{zip}\" }, file_name = \"lead.json\" }\np = \"{people}\"";
    let request = ping_with(&with_ping(&request(lines)), &[], &lead()).unwrap();
    let body = String::from_utf8(request.body).unwrap();
    let boundary = body[2..].split("\r\n").next().unwrap().to_owned();
    assert_eq!(&*request.headers[0].1, format!("multipart/form-data; boundary={boundary}"));
    let part = |head: &str, value: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name={head}\r\n\r\n{value}\r\n");
    let expected = [
        part("\"zip\"", "02139"),
        part("\"a %22b\"", "two\r\nlines | and, more; ]]> ="),
        part(
            "\"f\"; filename=\"lead.json\"\r\nContent-Type: application/json",
            r#"{"z":"02139"}"#,
        ),
        part("\"p[0][gender]\"", "female"),
        part("\"p[0][relation]\"", "self"),
        part("\"p[1][gender]\"", "male"),
        part("\"p[1][relation]\"", "child"),
        format!("--{boundary}--\r\n"),
    ];
    assert_eq!(body, expected.concat());
    refused(
        "format = \"multipart\"\nheaders = { content-type = \"multipart/form-data\" }\n[ping.request.body]\nA = 1",
        "is made with the boundary",
    );
}

#[test]
fn a_document_inside_of_a_value_is_escaped_for_its_place() {
    check(
        r#"format = "form"
[ping.request.body]
xml = { document = "xml", declaration = false, body = { L = { n = "{name}" } } }
json = { document = "json", body = [{ n = "{name}", deep = { document = "form", body = { a = "{name}" } } }] }
block = { document = "text", body = { ZIP = "{zip}", N = "{note}" } }
b = { document = "json", body = { z = "{zip}" }, pipe = "base64 | lower" }
"#,
        "xml=%3CL%3E%3Cn%3EAnn+%26amp%3B+%26lt%3BBob%26gt%3B+%22C%22%3C%2Fn%3E%3C%2FL%3E\
         &json=%5B%7B%22n%22%3A%22Ann+%26+%3CBob%3E+%5C%22C%5C%22%22%2C%22deep%22%3A%22a%3DAnn%2B%2526%2B%253CBob%253E%2B%2522C%2522%22%7D%5D\
         &block=ZIP%3D02139%0AN%3Dtwo++lines+%7C+and%2C+more%3B+%5D%5D%3E+%3D\
         &b=eyj6ijoimdixmzkifq%3D%3D",
    );
    check(
        "format = \"xml\"\n[ping.request.body.A]\n\"@j\" = { document = \"json\", body = { n = \"{name}\" } }\n\"#cdata\" = { document = \"xml\", body = { B = \"{zip}\" } }",
        &format!("{XML}<A j=\"{{&quot;n&quot;:&quot;Ann &amp; &lt;Bob&gt; \\&quot;C\\&quot;&quot;}}\"><![CDATA[{XML}<B>02139</B>]]></A>"),
    );
}

#[test]
fn a_body_may_be_a_list() {
    check("format = \"json\"\n[[ping.request.body]]\nzip = \"{zip}\"", r#"[{"zip":"02139"}]"#);
    check(
        "format = \"json\"\nbody = { each = \"people[relation=CHILD]\", as = { g = \"{gender}\", n = \"{number}\" } }",
        r#"[{"g":"male","n":1}]"#,
    );
    check("format = \"json\"\nbody = { each = \"boats\", as = { g = \"{gender}\" } }", "[]");
}

#[test]
fn members_come_and_go_by_conditions() {
    check(
        r#"format = "json"
[ping.request.body]
a = { when = { field = "lead_type", equals = "Refinance" }, then = "{income}", else = 0 }
b = { when = { field = "lead_type", in = ["purchase", "heloc"] }, then = 1 }
c = { when = { value = "{dob | age}", greater_than = 37, less_than = 40 }, then = { x = true } }
d = { when = { all = [{ field = "zip", matches = "^02" }, { not = { field = "boats", present = true } }] }, then = "{zip}" }
e = { when = { any = [{ field = "none", present = true }, { field = "homeowner", equals = "no" }] }, then = 1, else = { when = { field = "people", present = true }, then = "people" } }
f = { when = { field = "people[*].relation", equals = "child" }, then = "a child" }
"* refinance" = { when = { field = "lead_type", equals = "refinance" }, then = { balance = "{income}", fha = "no" }, else = { found_home = "yes" } }
"* always" = { z = 1 }
"#,
        r#"{"a":4200,"c":{"x":true},"d":"02139","e":"people","f":"a child","balance":4200,"fha":"no","z":1}"#,
    );
    for (when, expected) in [
        ("{ field = \"zip\" }", "nothing is asked of it"),
        ("{ }", "asks nothing"),
        ("{ path = \"zip\", equals = 1 }", "there is no such key"),
        ("{ all = { field = \"zip\", present = true } }", "a list of conditions"),
        ("{ field = \"a b\", present = true }", "is not a path"),
    ] {
        refused(
            &format!("format = \"json\"\n[ping.request.body]\na = {{ when = {when}, then = 1 }}"),
            expected,
        );
    }
}

#[test]
fn what_is_missing_is_left_out_or_empty_or_null() {
    let members =
        "[ping.request.body]\na = \"{missing}\"\nb = \"{zip}\"\nc = { d = \"{missing | upper}\", e = { each = \"boats\", as = 1 } }";
    for (missing, expected) in [
        ("leave_out", r#"{"b":"02139"}"#),
        ("empty", r#"{"a":"","b":"02139","c":{"d":"","e":[]}}"#),
        ("null", r#"{"a":null,"b":"02139","c":{"d":null,"e":null}}"#),
    ] {
        check(&format!("format = \"json\"\nmissing = \"{missing}\"\n{members}"), expected);
    }
    check(
        "format = \"json\"\n[ping.request.body]\na = \"{missing}\"\nb = { missing = \"null\", c = \"{missing}\", d = { missing = \"leave_out\", e = \"{missing}\" } }",
        r#"{"b":{"c":null}}"#,
    );
    check(
        "format = \"form\"\nmissing = \"empty\"\n[ping.request.body]\na = \"{missing}\"\nn = \"{missing | null}\"\np = { each = \"people\", min = 3, names = \"{name}_{number}\", as = { G = \"{gender}\" } }",
        "a=&n=&G_1=female&G_2=male&G_3=",
    );
    check(
        "format = \"xml\"\nmissing = \"empty\"\ndeclaration = false\n[ping.request.body.L]\na = \"{missing}\"\nb = { \"@c\" = \"{missing}\", \"#text\" = \"{missing}\" }",
        "<L><a></a><b c=\"\"></b></L>",
    );
}

#[test]
fn a_table_that_needs_a_value_is_not_there_without_it() {
    let fields = r#"fields = [{ name = "zip", value = "{zip?}" }, { name = "fax", value = "{fax?}" }, { name = "blank", value = "{blank? | trim}" }]"#;
    check(
        &format!("format = \"json\"\n[ping.request.body]\n{fields}\none = {{ a = 1, b = {{ c = \"{{fax ?? zip?}}\", d = 1 }} }}"),
        r#"{"fields":[{"name":"zip","value":"02139"}],"one":{"a":1,"b":{"c":"02139","d":1}}}"#,
    );
    check(
        &format!("format = \"form\"\nnesting = \"dots\"\n[ping.request.body]\n{fields}\n\"* some\" = {{ x = \"{{fax?}}\", y = 1 }}"),
        "fields.0.name=zip&fields.0.value=02139",
    );
    check(
        "format = \"xml\"\ndeclaration = false\ninstruction = 'adf version=\"1.0\"'\n[ping.request.body.adf]\nphone = [{ \"@type\" = \"fax\", \"#text\" = \"{fax}\" }, { \"@type\" = \"cell\", no = \"{fax?}\", at = \"day\" }]\nzip = { \"@for\" = \"{zip?}\" }",
        "<?adf version=\"1.0\"?><adf><zip for=\"02139\"></zip></adf>",
    );
    refused(
        "format = \"xml\"\ninstruction = \"xml version\"\n[ping.request.body]\nA = 1",
        "is not a processing instruction",
    );
}

#[test]
fn names_in_lists_are_repeated_as_the_buyer_reads_them() {
    let tree =
        "[ping.request.body]\ng = \"{people[*].gender}\"\nl = [\"x\", \"y\"]\np = { each = \"people\", as = { r = \"{relation}\" } }";
    for (nesting, expected) in [
        (
            "brackets",
            "g=female%2C+male&l%5B0%5D=x&l%5B1%5D=y&p%5B0%5D%5Br%5D=self&p%5B1%5D%5Br%5D=child",
        ),
        ("dots", "g=female%2C+male&l.0=x&l.1=y&p.0.r=self&p.1.r=child"),
        ("repeat", "g=female&g=male&l=x&l=y&p%5Br%5D=self&p%5Br%5D=child"),
        (
            "empty_brackets",
            "g%5B%5D=female&g%5B%5D=male&l%5B%5D=x&l%5B%5D=y&p%5B%5D%5Br%5D=self&p%5B%5D%5Br%5D=child",
        ),
    ] {
        check(&format!("format = \"form\"\nnesting = \"{nesting}\"\n{tree}"), expected);
    }
}

#[test]
fn a_query_may_stand_beside_a_body() {
    let lines = "method = \"PATCH\"\nformat = \"json\"\n[ping.request.query]\nkey = \"{param.key}\"\nz = \"{zip}\"\ngone = \"{missing}\"\n[ping.request.body]\nzip = \"{zip}\"";
    let request = ping_with(&with_ping(&request(lines)), &[("key", "a&b")], &lead()).unwrap();
    assert_eq!(
        (request.method.as_str(), &*request.url),
        ("PATCH", "https://buyer.example?key=a%26b&z=02139")
    );
    assert_eq!(request.body, br#"{"zip":"02139"}"#);
    refused(
        "format = \"query\"\n[ping.request.query]\na = 1\n[ping.request.body]\nb = 1",
        "stands beside a body that is the query itself",
    );
}

#[test]
fn tables_give_the_buyers_words_also_by_a_second_field() {
    let text = format!(
        "{}\n{}\n{}",
        head(
            r#"[tables.bill]
refinance = "R"
else = "X"
[tables.dui]
yes = -1
no = 0
[tables.loan.refinance]
"02139" = 1.25
else = 2
[tables.loan]
purchase = "P"
"#
        ),
        request(
            r#"format = "json"
[ping.request.body]
a = "{lead_type | table bill}"
b = "{missing | table bill}"
c = "{homeowner | table dui}"
d = "{lead_type | table loan zip}"
e = "{zip | table loan}"
f = "{people[*].relation | table bill}"
"#
        ),
        "[ping.answer]\nformat = \"none\"\nrules = [{ outcome = \"error\" }]\n[post.request]\nurl = \"https://buyer.example\"\n[post.answer]\nformat = \"none\"\nrules = [{ outcome = \"unknown\" }]\n"
    );
    assert_eq!(body(&read(&text), &lead()), r#"{"a":"R","b":"X","c":-1,"d":1.25,"f":["X","X"]}"#);
    refused(
        "format = \"json\"\n[ping.request.body]\na = \"{zip | table bil}\"",
        "there is no table \"bil\"",
    );
}
